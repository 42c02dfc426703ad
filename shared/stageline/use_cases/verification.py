"""Verification: all that is stored of accounts and groups, against what their records demand.

It looks both ways: from each record to everything derived from it, and from each derived item to a
record that accounts for it. On a live system the pipeline is always about to write something: what
differs is looked at again after a pause, and only what differs in the same way each time is drift.

Repairs go past the fences of the pipeline, which refuse what is not newer: a row of equal revisions
with other content, a ledger that is gone. So each is conditional on every attribute of what was
read, and what belongs together is written together. The rules:

1. Records are believed. An account or deal that its locator names is never removed; one that cannot
   be read is reported, for a person. Without its account, what was derived from it is removed and
   its deals wait again: the state that an import of the account mends.
2. A ledger is written anew from account and deals. One of a group that the account has left keeps
   the facts it has; if it is gone, those of today take their place, on its days.
3. A value is computed from the ledgers. What its versions said is not rewritten: a difference
   becomes a version recorded now. A version that nobody can have written (its evidence says another
   stage, or it changes nothing) is removed.
4. A row is written over whatever lies there, numbered on from the last event. An event that is lost
   is told from its neighbours and published again.
5. After a repair the groups and rows that follow from it are repaired, too, and it is looked at
   once more: what is still not right counts as drift that was not repaired.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched

from stageline.domain.drift import (
    MOST_EXAMPLES,
    Drift,
    Found,
    KeptEvent,
    Kind,
    Stored,
)
from stageline.domain.errors import Stale
from stageline.domain.group import StageChanged
from stageline.use_cases.pipeline import live_members
from stageline.use_cases.verification_looks import NOT_YET_SOUND, Look, Subject, Verifier

LOOKS = 3
PAUSE_SECONDS = 2.0
_ROUNDS = 6
# So many items share the pauses.
_MET_AT_ONCE = 2_000


def verify_part(verifier: Verifier, part: int, of: int, *, repair: bool) -> Found:
    """Verify everything that lies in one of the table's segments."""
    found = Found()
    done: set[Subject] = set()
    for some in batched(verifier.inspection.met(part, of), _MET_AT_ONCE, strict=False):
        subjects = [one for one in dict.fromkeys(_subjects(some)) if one not in done]
        done |= set(subjects)
        kinds = Counter(subject.what for subject in subjects)
        counted = Found(accounts=kinds["account"], groups=kinds["group"], items=len(some))
        found = found + _verified(verifier, subjects, repair) + counted
    return found


def _subjects(met: Iterable[Stored]) -> Iterator[Subject]:
    for item in met:
        match item.kind:
            case "account" | "children" | "home" | "row":
                yield Subject("account", item.owner)
            case "deal" if item.owner:
                yield Subject("account", item.owner)
            case "deal":
                yield Subject("deal", item.name, item)
            case "event":
                yield Subject("events", item.owner)
            case "value" | "ledger" | "version":
                yield Subject("group", item.owner)
            case "locator":
                yield Subject("locator", f"{item.owner}#{item.name}", item)
            case "word":
                yield Subject("word", item.name, item)


def _verified(verifier: Verifier, subjects: Sequence[Subject], repair: bool) -> Found:
    found = Found()
    look = Look(verifier)
    # Asked before and after: an import that ends in between has settled what was seen before.
    was_loading = verifier.is_loading()
    doubtful = look.doubtful(subjects)
    drifted = {subject: drift for subject in doubtful if (drift := look.at(subject))}
    for _ in range(LOOKS - 1):
        if not drifted:
            break
        verifier.sleep(PAUSE_SECONDS)
        again = {subject: look.at(subject) for subject in drifted}
        drifted = {
            subject: same
            for subject, drift in drifted.items()
            if (same := [one for one in drift if one in again[subject]])
        }
    if drifted and (was_loading or verifier.is_loading()):
        return Found(unsettled=len(drifted))
    for subject, drift in drifted.items():
        found += _repaired(verifier, look, subject, drift) if repair else _told(drift)
    return found


def _told(drift: Iterable[Drift], repaired: bool = False) -> Found:
    drift = list(drift)
    counts: Mapping[Kind, int] = Counter(one.kind for one in drift)
    examples: dict[Kind, list[str]] = {}
    for one in drift:
        examples.setdefault(one.kind, []).append(one.of)
    return Found(
        drift=counts,
        repaired=counts if repaired else {},
        examples={kind: ids[:MOST_EXAMPLES] for kind, ids in examples.items()},
    )


def _repaired(verifier: Verifier, look: Look, subject: Subject, drift: Sequence[Drift]) -> Found:
    """Repair until nothing is left to repair, and tell what was found and what is left."""
    left = list(drift)
    for _ in range(_ROUNDS):
        for one in left:
            _mend(verifier, one)
        _carry_on(verifier, look, subject, left)
        left = look.at(subject)
        if not any(one.changes or one.kind == "unsent_event" for one in left):
            break
    return _told([one for one in drift if one not in left], repaired=True) + _told(left)


def _mend(verifier: Verifier, drift: Drift) -> None:
    if drift.kind == "unsent_event":
        _publish(verifier, [drift.seen])
    if not drift.changes:
        return
    try:
        verifier.inspection.write(drift.changes)
    except Stale:
        # Somebody wrote since, or a repair of the same subject: the next look tells.
        return
    written = [one for one in drift.changes if one.before and isinstance(one.after, KeptEvent)]
    # The stream publishes what is new; this was written over something.
    _publish(verifier, [one.after.event for one in written if one.after.unsent])


def _publish(verifier: Verifier, events: Sequence[StageChanged]) -> None:
    if events and not verifier.publish(events):
        verifier.outbox.mark_sent(events)


def _carry_on(verifier: Verifier, look: Look, subject: Subject, drift: Sequence[Drift]) -> None:
    """Let values and rows follow what was repaired, as the stream would."""
    kinds = {one.kind for one in drift}
    if subject.what not in ("account", "group") or kinds <= {"word", "event", "locator"}:
        return
    if "account" in kinds and (parent_id := look.parent_of(subject)):
        # Its children were counted by an index in which one was missing.
        _mend_account(verifier, look, parent_id)
    for root_id in look.roots_of(subject):
        group = Subject("group", root_id)
        behind = look.at(group)
        for one in behind:
            _mend(verifier, one)
        if behind or subject == group:
            _mend_members(verifier, look, root_id)


def _mend_members(verifier: Verifier, look: Look, root_id: str) -> None:
    try:
        members = live_members(verifier.stores, root_id)
    except NOT_YET_SOUND:
        # Something is wrong with a ledger; it is a subject of its own.
        return
    for account_id in members:
        _mend_account(verifier, look, account_id)


def _mend_account(verifier: Verifier, look: Look, account_id: str) -> None:
    for _ in range(_ROUNDS):
        behind = look.at(Subject("account", account_id))
        for one in behind:
            _mend(verifier, one)
        if not behind:
            return
