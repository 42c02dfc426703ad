"""What is asked of a CRM and what it answers, and in which words each vendor does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

type Media = Literal["json", "csv"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmRequest:
    """One request. `media` is what a good answer holds (None: nothing that matters).

    `once`: it is not sent again when the CRM may have done it already. `turns`: as how many it
    counts, where the vendor has a lower limit for its kind.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    url: str = field(repr=False)
    query: Mapping[str, str | Sequence[str]] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Any = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    content: bytes | None = field(default=None, repr=False)
    media: Media = "json"
    once: bool = False
    turns: int = 1


@dataclass(frozen=True, slots=True)
class CrmReply:
    """A good answer: decoded JSON with numbers as int and Decimal, or text; names in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    data: Any = field(repr=False)


def bearer(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a vendor says what all of them say.

    `hosts` are patterns (domain/crm_address.py). `code` finds the vendor's code in the decoded
    body of a refusal; the sets say which codes mean more than their status does. `left` reads from
    the headers how many requests may follow at once, `quota_left` how many on this day.
    """

    hosts: tuple[str, ...]
    authorize: Callable[[str], Mapping[str, str]] = bearer
    code: Callable[[Any], str | None] = lambda _body: None
    quota_spent: frozenset[str] = frozenset()
    throttled: frozenset[str] = frozenset()
    token_expired: frozenset[str] = frozenset()
    left: Callable[[Mapping[str, str]], int | None] = lambda _headers: None
    quota_left: Callable[[Mapping[str, str]], int | None] = lambda _headers: None
