"""A deal: what the sources call opportunity, business process or order."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Literal, Self

from stageline.domain.currency import CURRENCIES
from stageline.domain.custom_value import Values
from stageline.domain.errors import Invalid
from stageline.domain.personal import Personal, Plain
from stageline.domain.pins import Pinnable, blanked
from stageline.domain.spells import Observation, observe
from stageline.domain.stamp import Source, Stamp

type Outcome = Literal["open", "won", "lost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a caller or a source may say about a deal, besides its outcome.

    `amount` in units of `currency` (ISO 4217); `probability` from 0 to 1.
    """

    name: Personal
    opened_on: date | None = None
    expected_close_on: date | None = None
    amount: Decimal | None = None
    currency: Plain | None = None
    probability: Decimal | None = None
    owner_email: Personal | None = None
    custom: Values = field(default_factory=dict)
    tags: tuple[Personal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal(Pinnable):
    """A stored deal. `rev` counts its writes; it is the ETag and the fence of every write.

    `observations` are the outcomes seen so far, oldest first. `waiting`: it names an account that
    is not stored yet, lies in that account's partition and counts as unassigned until then.
    `linked`: subjects of members who read the deal without owning it (S2.31).
    `pinned` are fields that take nothing: `domain.pins`.
    """

    DESCRIBED: ClassVar[str] = "terms"

    deal_id: Plain
    external_id: Personal | None
    account_id: Plain | None
    terms: Terms
    observations: tuple[Observation, ...]
    first_seen_on: date
    waiting: bool = False
    linked: tuple[Plain, ...] = ()
    pinned: tuple[Plain, ...] = ()
    source: Source | None = None
    created_at: datetime
    changed: Stamp
    rev: int = 1

    @property
    def status(self) -> Literal["open", "won", "lost", "gone"]:
        return self.observations[-1].status

    @property
    def closed_on(self) -> date | None:
        """The close date the source gave for the current outcome."""
        return self.observations[-1].closed_on

    def changed_to(
        self,
        terms: Terms,
        status: Literal["open", "won", "lost", "gone"],
        closed_on: date | None,
        *,
        account_id: str | None,
        today: date,
        stamp: Stamp,
        source: Source | None,
        waiting: bool = False,
    ) -> Self:
        """Return the deal after a change seen `today`; itself when nothing differs.

        A changed outcome is appended to what was observed, a corrected date edits it.
        """
        terms = blanked(terms, self.pinned)
        observations = observe(self.observations, status, today, closed_on)
        after = (terms, observations, account_id, source, waiting)
        if after == (self.terms, self.observations, self.account_id, self.source, self.waiting):
            return self
        return replace(
            self,
            terms=terms,
            observations=observations,
            account_id=account_id,
            source=source,
            waiting=waiting,
            changed=stamp,
            rev=self.rev + 1,
        )


def new_deal(
    deal_id: str,
    terms: Terms,
    status: Outcome,
    closed_on: date | None,
    *,
    account_id: str | None,
    external_id: str | None = None,
    waiting: bool = False,
    source: Source | None = None,
    today: date,
    stamp: Stamp,
) -> Deal:
    """Return a deal first seen `today`."""
    return Deal(
        deal_id=deal_id,
        external_id=external_id,
        account_id=account_id,
        terms=terms,
        observations=observe((), status, today, closed_on),
        first_seen_on=today,
        waiting=waiting,
        source=source,
        created_at=stamp.at,
        changed=stamp,
    )


def faults(
    terms: Terms, status: Outcome, closed_on: date | None, *, undated_close: bool
) -> Iterator[Invalid]:
    """Yield every fault of a deal as one says it; `undated_close` lets a close date be missing."""
    if status == "open" and closed_on is not None:
        yield Invalid("closed_on", "not_closed", "an open deal has no close date")
    if status != "open" and closed_on is None and not undated_close:
        yield Invalid("closed_on", "missing", f"a {status} deal needs the day it was closed")
    if closed_on and terms.opened_on and closed_on < terms.opened_on:
        yield Invalid("closed_on", "before_opened", "a deal closes on or after the day it opened")
    if terms.amount is not None and terms.amount < 0:
        yield Invalid("amount", "negative", "an amount is 0 or more")
    if terms.amount is not None and terms.currency is None:
        yield Invalid("currency", "missing", "an amount needs its currency (ISO 4217)")
    if terms.currency is not None and terms.currency not in CURRENCIES:
        yield Invalid("currency", "unknown", "a currency is an ISO 4217 code, like EUR")
    if terms.probability is not None and not 0 <= terms.probability <= 1:
        yield Invalid("probability", "out_of_range", "a probability is from 0 to 1")
