"""What a row means for what is stored. Pure: reads nothing, writes nothing."""

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from stageline.domain.account import Account, Profile, new_account
from stageline.domain.activity import Activity
from stageline.domain.contact import Contact
from stageline.domain.deal import Deal, Terms, faults, new_deal
from stageline.domain.errors import Invalid
from stageline.domain.jobs import ImportJob
from stageline.domain.records import AccountRecord, DealRecord
from stageline.domain.stamp import Source, Stamp

type Imported = Account | Deal | Contact | Activity
type Outcome = Literal["created", "changed", "unchanged", "superseded", "refused"]

_PROFILE = ("name", "domain", "industry", "country", "owner_email", "created_on")
_TERMS = (
    "name",
    "opened_on",
    "expected_close_on",
    "amount",
    "currency",
    "probability",
    "owner_email",
)

# Why a row is refused that would bring back what was erased; nothing of it is repeated.
SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Decision[Stored]:
    """`after` is what to write over `before`; None: nothing.

    `notes` are faults of what was left out of a row that is stored otherwise. `is_counted`: the row
    was stored, now or by an earlier try of the same job.
    """

    outcome: Outcome
    before: Stored | None
    after: Stored | None = None
    faults: tuple[Invalid, ...] = ()
    notes: tuple[Invalid, ...] = ()

    @property
    def is_counted(self) -> bool:
        return self.outcome in ("created", "changed")


@dataclass(frozen=True, slots=True)
class Import:
    """What one job says of each of its rows. `contested` is the version of the oldest import
    asked for earlier and not finished yet: what it must not overwrite has to carry a newer one.
    """

    job: ImportJob
    stamp: Stamp
    today: date
    contested: str | None = None

    def account(
        self,
        record: AccountRecord,
        account_id: str,
        parent_id: str | None,
        before: Account | None,
        hash_: str,
    ) -> Decision[Account]:
        source = self.source(hash_)
        if before is None:
            after = new_account(
                account_id,
                Profile(**record.said(*_PROFILE)),
                in_crm=record.in_crm is not False,
                external_id=record.external_id,
                awaited_parent_id=parent_id,
                source=source,
                today=self.today,
                stamp=self.stamp,
            )
            return Decision("created", None, after)
        # Another record of the CRM goes on as this one: it has never been stored.
        is_other = before.external_id != record.external_id
        # One that counts for another account has no place of its own, and is not there again.
        is_gone = before.deleted and before.linked_to is None
        outcome = None if is_other else self.settled(before, hash_, is_gone)
        if outcome is not None:
            return Decision(outcome, before, self.renewed(before, outcome))
        base = before
        if is_gone:
            base = before.moved_to(None, account_id, today=self.today, stamp=self.stamp)
        in_crm = before.said_in_crm if record.in_crm is None else record.in_crm
        if self.job.run_id is not None:
            # What a CRM tells of is there, unless it says otherwise.
            in_crm = record.in_crm is not False
        changed = base.changed_to(
            replace(before.profile, **record.said(*_PROFILE)),
            in_crm=in_crm,
            today=self.today,
            stamp=self.stamp,
            source=self.source(hash_, before.source),
        )
        awaited = changed.awaited_parent_id
        if parent_id is not None:
            awaited = parent_id if parent_id != changed.parent_id else None
        elif "parent_external_id" in record.cleared:
            awaited = None
        after = replace(
            changed,
            external_id=record.external_id,
            deleted=before.deleted and not is_gone,
            merged_into=None,
            awaited_parent_id=awaited,
            rev=before.rev + 1,
        )
        return Decision("changed", before, after)

    def deal(
        self,
        record: DealRecord,
        deal_id: str,
        account_id: str | None,
        known_accounts: Container[str],
        before: Deal | None,
        hash_: str,
    ) -> Decision[Deal]:
        """`account_id` is the account that the row names, None for none."""
        source = self.source(hash_)
        waiting = account_id is not None and account_id not in known_accounts
        if before is None:
            new = new_deal(
                deal_id,
                Terms(**record.said(*_TERMS)),
                record.status,
                record.closed_on,
                account_id=account_id,
                external_id=record.external_id,
                waiting=waiting,
                source=source,
                today=self.today,
                stamp=self.stamp,
            )
            return Decision("created", None, new)
        if (outcome := self.settled(before, hash_, before.status == "gone")) is not None:
            return Decision(outcome, before, self.renewed(before, outcome))
        terms = replace(before.terms, **record.said(*_TERMS))
        closed_on = record.closed_on
        is_cleared = record.cleared.__contains__
        if closed_on is None and record.status == before.status and not is_cleared("closed_on"):
            closed_on = before.closed_on
        if account_id is None and not is_cleared("account_external_id"):
            account_id, waiting = before.account_id, before.waiting
        # A row may be sound by itself and yet not fit what was said before.
        found = tuple(faults(terms, record.status, closed_on, undated_close=True))
        if found:
            return Decision("refused", before, faults=found)
        after = before.changed_to(
            terms,
            record.status,
            closed_on,
            account_id=account_id,
            today=self.today,
            stamp=self.stamp,
            source=self.source(hash_, before.source),
            waiting=waiting,
        )
        return Decision("changed", before, after)

    def settled(self, before: Imported, hash_: str, is_gone: bool) -> Outcome | None:
        """Return what there is to say when nothing of the row is to be written."""
        if before.source is None:
            return None
        if before.source.version == self.job.version:
            # An earlier try of this job stored it.
            started = self.job.started_at
            return "created" if started and before.created_at >= started else "changed"
        if before.source.hash == hash_ and not is_gone:
            return "unchanged"
        return "superseded" if before.source.version > self.job.version else None

    def renewed[Stored: (Account, Deal, Contact, Activity)](
        self, before: Stored, outcome: Outcome
    ) -> Stored | None:
        """Return the same with a newer source version when an older import may still come."""
        source = before.source
        if outcome != "unchanged" or source is None or self.contested is None:
            return None
        if not source.version < self.contested < self.job.version:
            return None
        renewed = source.seen_again(self.job.version)
        return replace(before, source=renewed, changed=self.stamp, rev=before.rev + 1)

    def source(self, hash_: str, before: Source | None = None) -> Source:
        """Return where a record comes from whose row has this hash; `before`: so far."""
        is_back = before is not None and before.is_gone
        return Source(self.job.integration, hash_, self.job.version, "back" if is_back else None)
