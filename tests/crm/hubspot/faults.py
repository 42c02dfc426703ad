"""What a test may order to go wrong: `crm.faults.status(503, times=3, on="/search", skip=2)`.

`on` is a part of "METHOD /path?query"; the first `skip` requests that match go well.
"""

from dataclasses import dataclass
from typing import Literal

from tests.crm.hubspot.answers import Answer, refusal
from tests.crm.hubspot.limits import BURST, too_many

type Kind = Literal["answer", "delay", "reset", "truncate", "expire"]

HTML = b"<html>\n<head><title>502 Bad Gateway</title></head>\n<body></body>\n</html>\n"


@dataclass(slots=True)
class Fault:
    kind: Kind
    times: int
    on: str
    skip: int
    answer: Answer | None = None
    seconds: float = 0
    done: bool = False
    """The request is carried out before the connection breaks."""
    declared_whole: bool = False


class Faults:
    def __init__(self) -> None:
        self._ordered: list[Fault] = []

    def status(self, status: int, times: int = 1, on: str = "", skip: int = 0) -> None:
        refused = refusal(status, "INTERNAL_ERROR", "internal error")
        self._answer(Answer(status, refused.body), times, on, skip)

    def html(self, status: int = 200, times: int = 1, on: str = "", skip: int = 0) -> None:
        """A page of a proxy in place of JSON."""
        answer = Answer(status, HTML, content_type="text/html")
        self._answer(answer, times, on, skip)

    def throttle(
        self,
        retry_after: int | None = None,
        policy: str = BURST,
        times: int = 1,
        on: str = "",
        skip: int = 0,
    ) -> None:
        refused = too_many(policy, retry_after)
        self._answer(Answer(429, refused.body, refused.headers), times, on, skip)

    def delay(self, seconds: float, times: int = 1, on: str = "", skip: int = 0) -> None:
        self._ordered.append(Fault("delay", times, on, skip, seconds=seconds))

    def reset(self, times: int = 1, on: str = "", skip: int = 0, done: bool = False) -> None:
        """The connection is reset; with `done` HubSpot has carried out the request before."""
        self._ordered.append(Fault("reset", times, on, skip, done=done))

    def truncate(
        self, times: int = 1, on: str = "", skip: int = 0, declared_whole: bool = False
    ) -> None:
        """Half an answer; its declared length is that of the half, or of the whole."""
        self._ordered.append(Fault("truncate", times, on, skip, declared_whole=declared_whole))

    def expire_tokens(self, on: str = "", skip: int = 0) -> None:
        """Every OAuth token ends with this request, which is refused."""
        self._ordered.append(Fault("expire", 1, on, skip))

    def clear(self) -> None:
        self._ordered.clear()

    def next(self, request: str) -> Fault | None:
        """The first order that concerns this request, used up once more."""
        for fault in self._ordered:
            if fault.on in request:
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if not fault.times:
                    self._ordered.remove(fault)
                return fault
        return None

    def _answer(self, answer: Answer, times: int, on: str, skip: int) -> None:
        self._ordered.append(Fault("answer", times, on, skip, answer))
