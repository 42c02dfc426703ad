"""What it means that a CRM has a record no more: it is gone from today on. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from stageline.domain.account import Account
from stageline.domain.activity import Activity
from stageline.domain.contact import Contact
from stageline.domain.deal import Deal
from stageline.domain.errors import Invalid
from stageline.domain.jobs import ImportJob
from stageline.domain.records import GoneRecord
from stageline.domain.said import Row
from stageline.use_cases.custom_values import bare
from stageline.use_cases.import_decisions import Decision, Import


def decide_gone[Stored: (Account, Deal, Contact, Activity)](
    deciding: Import, before: Stored | None, hash_: str, winner_id: str | None = None
) -> Decision[Stored]:
    """Return what becomes of a record; of one that is not here, or was erased, nothing.

    `winner_id`: the account or contact that it was merged into. Itself: it goes on as another one.
    """
    if before is None or before.source is None:
        return Decision("unchanged", before)
    source, is_own = before.source, before.source.version == deciding.job.version
    is_merge = False
    if winner_id is not None and isinstance(before, Account | Contact):
        if winner_id == (before.account_id if isinstance(before, Account) else before.contact_id):
            return Decision("unchanged", before)
        is_merge = before.merged_into != winner_id
    if source.is_gone and not is_merge:
        if is_own:
            return Decision("changed", before)
        return Decision("unchanged", before, deciding.renewed(before, "unchanged"))
    if source.version > deciding.job.version:
        return Decision("superseded", before)
    went: Literal["went", "gone"] = "went"
    if source.is_gone and not (is_own and source.state == "went"):
        went = "gone"
    after = before if source.is_gone or is_deleted(before) else _without(deciding, before)
    if isinstance(after, Account | Contact):
        after = replace(after, merged_into=winner_id)
    gone = replace(deciding.source(hash_), state=went)
    after = replace(after, source=gone, changed=deciding.stamp, rev=before.rev + 1)
    return Decision("changed", before, after)


def taken_over[Stored: (Account, Contact)]() -> Decision[Stored]:
    """Return what becomes of a row of a record whose history another one has taken over."""
    fault = Invalid("external_id", "merged", "another record goes on with what was here of this")
    return Decision("refused", None, faults=(fault,))


def is_deleted(record: Account | Deal | Contact | Activity) -> bool:
    """Tell whether somebody has deleted it here, or it is gone."""
    if isinstance(record, Account):
        return record.deleted and record.linked_to is None
    return record.status == "gone" if isinstance(record, Deal) else record.deleted


def _without[Stored: (Account, Deal, Contact, Activity)](
    deciding: Import, before: Stored
) -> Stored:
    stamp, today = deciding.stamp, deciding.today
    if isinstance(before, Account):
        return before.changed_to(
            before.profile, in_crm=False, today=today, stamp=stamp, source=before.source
        )
    if isinstance(before, Deal):
        return before.changed_to(
            bare(before.terms),
            "gone",
            None,
            account_id=before.account_id,
            today=today,
            stamp=stamp,
            source=before.source,
            waiting=before.waiting,
        )
    return before.gone(stamp)


def moved[Stored: (Account, Deal, Contact, Activity)](
    job: ImportJob,
    rows: Mapping[str, Row],
    decisions: Mapping[str, Decision[Stored]],
) -> Counter[str]:
    """Count the records that came (new, or back) and those that went; the same at every try."""
    counts: Counter[str] = Counter()
    if job.run_id is None:
        return counts
    for record_id, decision in decisions.items():
        record = decision.after or decision.before
        if not decision.is_counted or record is None or record.source is None:
            continue
        state = record.source.state if record.source.version == job.version else None
        if isinstance(rows[record_id], GoneRecord):
            counts["went"] += state == "went"
        else:
            counts["came"] += decision.outcome == "created" or state == "back"
    return counts
