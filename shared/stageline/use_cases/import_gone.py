"""What it means that a CRM has a record no more: it is gone from today on. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from stageline.domain.account import Account
from stageline.domain.activity import Activity
from stageline.domain.contact import Contact
from stageline.domain.deal import Deal
from stageline.domain.jobs import ImportJob
from stageline.use_cases.custom_values import bare
from stageline.use_cases.import_decisions import Decision, Import


def decide_gone[Stored: (Account, Deal, Contact, Activity)](
    deciding: Import, before: Stored | None, hash_: str
) -> Decision[Stored]:
    """Return what becomes of a record; of one that is not here, or was erased, nothing."""
    if before is None or before.source is None:
        return Decision("unchanged", before)
    source = before.source
    if source.version == deciding.job.version:
        return Decision("changed" if source.state == "went" else "unchanged", before)
    if source.is_gone:
        return Decision("unchanged", before, deciding.renewed(before, "unchanged"))
    if source.version > deciding.job.version:
        return Decision("superseded", before)
    gone = replace(deciding.source(hash_), state="went")
    after = before if is_deleted(before) else _without(deciding, before)
    return Decision(
        "changed",
        before,
        replace(after, source=gone, changed=deciding.stamp, rev=before.rev + 1),
    )


def is_deleted(record: Account | Deal | Contact | Activity) -> bool:
    """Tell whether somebody has deleted it here, or it is gone."""
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
    job: ImportJob, decisions: Mapping[str, Decision[Stored]]
) -> Counter[str]:
    """Count the records that came (new, or back) and those that went; the same at every try."""
    counts: Counter[str] = Counter()
    if job.run_id is None:
        return counts
    for decision in decisions.values():
        record = decision.after or decision.before
        if not decision.is_counted or record is None or record.source is None:
            continue
        state = record.source.state if record.source.version == job.version else None
        counts["came"] += decision.outcome == "created" or state == "back"
        counts["went"] += state == "went"
    return counts
