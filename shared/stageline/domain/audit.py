"""What the audit says of one write: who, when, in which request, and which fields; never a value.

Told from the states before and after, not by whoever writes, so that nobody can forget it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from stageline.domain.personal import Plain
from stageline.domain.stamp import UNKNOWN, Stamp

type Kind = Literal[
    "account",
    "activity",
    "contact",
    "custom_field",
    "deal",
    "integration",
    "membership",
    "overlay",
    "profile",
    "settings",
    "task",
]
type Happened = Literal["created", "changed", "moved", "deleted", "restored"]

KINDS: tuple[Kind, ...] = get_args(Kind.__value__)
# Where a record is. A write that changes one of these has moved it.
PLACES = frozenset({"account_id", "parent_id", "root_id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One write of one record, right or setting.

    `fields` are names as in the API; `by` is the subject of a token, "unknown" for a write past the
    API, of which `at` is then when the stream saw it. `event_id` tells writes of one instant apart.
    """

    kind: Kind
    record_id: Plain
    happened: Happened
    fields: tuple[Plain, ...]
    by: Plain
    request: Plain | None
    at: datetime
    rev: int | None
    event_id: Plain


@dataclass(frozen=True, slots=True)
class State:
    """A record as a write left it: what readers see, by name of field, and who wrote it.

    `rev` and `stamp` None: it does not say. The stamp may be that of an earlier write.
    """

    fields: Mapping[str, Any] = field(repr=False)
    stamp: Stamp | None = None
    rev: int | None = None
    is_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One write, as the stream tells it. None as `before` or `after`: there was, or is, nothing.

    `moved`: the record came from another key, where its state before was, with changes of these
    fields.
    """

    kind: Kind
    record_id: str
    before: State | None
    after: State | None
    moved: tuple[str, ...] | None = None
    seen_at: datetime
    event_id: str


@dataclass(frozen=True, slots=True)
class Span:
    """Which entries are asked for: of one record or (None) of all, from `since` until `before`."""

    record: tuple[Kind, str] | None = None
    since: datetime | None = None
    before: datetime | None = None


def entry_of(written: Written) -> AuditEntry | None:
    """Return what the audit says of a write; None for one that changes nothing readers see."""
    what = _what(written)
    if what is None:
        return None
    happened, fields = what
    stamp, after = _stamp(written), written.after
    return AuditEntry(
        kind=written.kind,
        record_id=written.record_id,
        happened=happened,
        fields=fields,
        by=stamp.by if stamp else UNKNOWN,
        request=stamp.request if stamp else None,
        at=stamp.at if stamp else written.seen_at,
        rev=after.rev if after else None,
        event_id=written.event_id,
    )


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names under which different things stand, in order."""
    names = before.keys() | after.keys()
    return tuple(sorted(name for name in names if before.get(name) != after.get(name)))


def _what(written: Written) -> tuple[Happened, tuple[str, ...]] | None:
    before, after = written.before, written.after
    if after is None:
        return "deleted", ()
    if written.moved is not None:
        if after.is_gone:
            return "deleted", ()
        return ("moved" if PLACES.intersection(written.moved) else "changed"), written.moved
    if before is None:
        return "restored" if _is_put_back(written) else "created", differing({}, after.fields)
    fields = differing(before.fields, after.fields)
    if after.is_gone and not before.is_gone:
        return "deleted", ()
    if before.is_gone and not after.is_gone:
        return "restored", fields
    if not fields:
        return None
    return "moved" if PLACES.intersection(fields) else "changed", fields


def _stamp(written: Written) -> Stamp | None:
    """Return the stamp of this write; None where what stands there is that of an earlier one."""
    before, after = written.before, written.after
    if after is None or _is_put_back(written):
        return None
    if before is not None and (before.stamp, before.rev) == (after.stamp, after.rev):
        return None
    return after.stamp


def _is_put_back(written: Written) -> bool:
    """Tell whether somebody put a record in place that had been written before, elsewhere."""
    after = written.after
    is_new = written.before is None and written.moved is None
    return is_new and after is not None and (after.rev or 1) > 1
