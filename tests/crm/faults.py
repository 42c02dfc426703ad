"""What a test can order to go wrong with the next requests."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong. Without `status` the request is answered as usual, then spoiled."""

    status: int | None = None
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    # The connection is reset: instead of the work, or after it, so that only the answer is lost.
    reset: bool = False
    lost: bool = False
    # Half of the body is sent; `cut_honest` has a length that fits the half.
    cut: bool = False
    cut_honest: bool = False
    do: Callable[[], object] | None = None


def latency(seconds: float) -> Fault:
    return Fault(delay_seconds=seconds)


def status(code: int, retry_after: int | str | None = None, body: bytes = b"") -> Fault:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Fault(status=code, headers=headers, body=body)


def html(code: int = 200) -> Fault:
    page = b"<!DOCTYPE html><html><body><h1>We are down for maintenance.</h1></body></html>"
    return Fault(status=code, headers={"Content-Type": "text/html;charset=UTF-8"}, body=page)


def reset() -> Fault:
    return Fault(reset=True)


def answer_lost() -> Fault:
    return Fault(lost=True)


def cut_off() -> Fault:
    return Fault(cut=True)


def half_a_document() -> Fault:
    return Fault(cut=True, cut_honest=True)


def first(do: Callable[[], object]) -> Fault:
    """Something happens just before the request is answered."""
    return Fault(do=do)


@dataclass(slots=True)
class _Order:
    fault: Fault
    times: int
    after: int
    path: str


class Faults:
    def __init__(self) -> None:
        self._orders: list[_Order] = []

    def order(self, fault: Fault, *, times: int = 1, after: int = 0, path: str = "") -> None:
        """The next `times` requests whose path contains `path` fail, once `after` have passed."""
        self._orders.append(_Order(fault, times, after, path))

    def clear(self) -> None:
        self._orders.clear()

    def take(self, path: str) -> Fault | None:
        for order in self._orders:
            if order.path not in path:
                continue
            if order.after:
                order.after -= 1
                continue
            order.times -= 1
            if not order.times:
                self._orders.remove(order)
            return order.fault
        return None
