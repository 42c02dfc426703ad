"""Which items of the table are audited, and what a record of its stream says of a write of one.

A new kind is a row of `AUDITED`, a name in `domain.audit.Kind`, and, if its sort key begins with
something new, a prefix in the filter of AuditFunction. Every attribute is a field of its own name,
unless it stands in `_NOT_SHOWN` or `shown` says otherwise.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from stageline.adapters.dynamodb.account_items import stamp_from
from stageline.adapters.dynamodb.codec import Item, from_item
from stageline.adapters.dynamodb.keys import (
    DEAL_PREFIX,
    FIELD_PREFIX,
    INTEGRATION_PREFIX,
    LOCATOR_SORT,
    NONE,
    PROFILE_PREFIX,
    memberships_partition,
    read_partition,
)
from stageline.adapters.dynamodb.record_keys import (
    ACTIVITY_PREFIX,
    CONTACT_SORT,
    GONE_PREFIX,
    TASK_PREFIX,
)
from stageline.domain.audit import Kind, State, Written, differing
from stageline.domain.stamp import Stamp
from stageline.domain.workspace import Workspace

# What a record that has come from another key says of the fields that changed on the way.
MOVED = "moved"
_MEMBERSHIPS = memberships_partition("")
_NOT_SHOWN = frozenset(
    {"PK", "SK", "id", "key", "rev", "by", "request", "at", "in_job", "source", "deleted", "erased"}
    | {"created_at", "changed_at", "first_seen_on", "expires_at", MOVED}
    | {f"GSI{number}{part}" for number in (1, 2, 3) for part in ("PK", "SK")}
)


@dataclass(frozen=True, slots=True)
class Audited:
    """Items of one kind, by the kind of their partition and their sort key.

    One that ends with "#" is the beginning of sort keys that go on with an id. `shown` turns an
    attribute into fields, by name; `is_gone` knows an item that is kept of what was deleted.
    `moves`: its items are removed when the record gets another key, and the locator tells when it
    is deleted.
    """

    kind: Kind
    partition: str
    sort: str
    shown: Mapping[str, Callable[[Any], Mapping[str, Any]]] = field(default_factory=dict)
    is_gone: Callable[[Item], bool] = lambda item: False
    moves: bool = False

    def has(self, partition: str, sort: str) -> bool:
        begins = self.sort.endswith("#") and sort.startswith(self.sort)
        return partition == self.partition and (begins or sort == self.sort)

    def fields(self, item: Item) -> dict[str, Any]:
        return dict(self._fields(item))

    def _fields(self, item: Item) -> Iterator[tuple[str, Any]]:
        for name, value in item.items():
            if name in self.shown:
                yield from self.shown[name](value).items()
            elif name not in _NOT_SHOWN:
                yield name, value


def _custom(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {f"custom.{key}": value for key, value in values.items()}


_ACCOUNT: Mapping[str, Callable[[Any], Mapping[str, Any]]] = {
    "custom": _custom,
    "links": lambda links: {"linked": [account_id for account_id, *_ in links]},
    "own_in_crm": lambda said: {},
    "memberships": lambda log: {"root_id": log[-1][0]},
    "presence": lambda seen: {"in_crm": seen[-1][0]},
}
_DESCRIBED: Mapping[str, Callable[[Any], Mapping[str, Any]]] = {"custom": _custom}
_DEAL: Mapping[str, Callable[[Any], Mapping[str, Any]]] = {
    "custom": _custom,
    "currency": lambda code: {"amount.currency": code},
    "observations": lambda seen: {"status": seen[-1][0], "closed_on": seen[-1][2]},
}


def _is_gone(item: Item) -> bool:
    return bool(item["observations"][-1][0] == "gone")


def _is_deleted(item: Item) -> bool:
    return bool(item.get("deleted"))


# Records that lie with what they are about.
_LYING: tuple[tuple[Kind, str, str], ...] = (
    ("activity", ACTIVITY_PREFIX, "AKR"),
    ("task", TASK_PREFIX, "ADKR"),
)
_MEMBER: Mapping[str, Callable[[Any], Mapping[str, Any]]] = {
    "date_format": lambda value: {"preferences.date_format": value},
    "expires_on": lambda value: {"expires_at": value},
    "locale": lambda value: {"preferences.locale": value},
    "subject": lambda value: {},
    "zone": lambda value: {"preferences.zone": value},
}
_MEMBERSHIP = Audited("membership", "~", _MEMBERSHIPS, _MEMBER, _is_deleted)
AUDITED = (
    Audited("account", "A", "META", _ACCOUNT, _is_deleted),
    Audited("contact", "K", CONTACT_SORT, _DESCRIBED, _is_deleted),
    *(
        Audited(kind, partition, f"{gone}{prefix}", _DESCRIBED, _is_deleted, moves=True)
        for kind, prefix, partitions in _LYING
        for partition in partitions
        for gone in ("", GONE_PREFIX)
    ),
    Audited("deal", "A", DEAL_PREFIX, _DEAL, _is_gone, moves=True),
    Audited("deal", "U", DEAL_PREFIX, _DEAL, _is_gone, moves=True),
    Audited("integration", "C", INTEGRATION_PREFIX, is_gone=_is_deleted),
    Audited("overlay", "C", "OVERLAY", {"entries": lambda log: {"no_stage": log[-1][0]}}),
    Audited("settings", "C", "SETTINGS"),
    Audited("custom_field", "C", FIELD_PREFIX),
    Audited("profile", "C", PROFILE_PREFIX, is_gone=_is_deleted),
    _MEMBERSHIP,
)


def moved_fields(kind: Kind, before: Item, after: Item) -> list[str]:
    """Return what to store as `MOVED`: names of fields that differ between two items of a kind."""
    one = next(form for form in AUDITED if form.kind == kind)
    return list(differing(one.fields(before), one.fields(after)))


def written_from(record: Mapping[str, Any]) -> tuple[Workspace, Written] | None:
    """Return what a record of the stream says of a write; None when it is nothing to audit.

    Raises KeyError, TypeError, ValueError and the like for what cannot be read.
    """
    change = record["dynamodb"]
    before, after = (_image(change, name) for name in ("OldImage", "NewImage"))
    partition, sort = change["Keys"]["PK"]["S"], change["Keys"]["SK"]["S"]
    placed = _placed(partition, sort) if after else _removed(partition, sort, before or {})
    if placed is None:
        return None
    workspace, one, record_id = placed
    if after and one.moves and "rev" not in after:
        # What points to a record has keys like it.
        return None
    moved = after.get(MOVED) if after and before is None else None
    return workspace, Written(
        kind=one.kind,
        record_id=record_id,
        before=_state(one, before) if before and after else None,
        after=_state(one, after) if after else None,
        moved=None if moved is None else tuple(moved),
        seen_at=datetime.fromtimestamp(float(change["ApproximateCreationDateTime"]), UTC),
        event_id=str(record["eventID"]),
    )


def _placed(partition: str, sort: str) -> tuple[Workspace, Audited, str] | None:
    """Return what has such keys: its workspace, kind and id."""
    if partition.startswith(_MEMBERSHIPS):
        return Workspace(sort), _MEMBERSHIP, partition.removeprefix(_MEMBERSHIPS)
    if partition.startswith("~"):
        return None
    workspace, kind, partition_id = read_partition(partition)
    one = next((form for form in AUDITED if form.has(kind, sort)), None)
    if one is None:
        return None
    record_id = sort.removeprefix(one.sort).rpartition("#")[2]
    return workspace, one, record_id or partition_id or NONE


def _removed(partition: str, sort: str, before: Item) -> tuple[Workspace, Audited, str] | None:
    """Return what was removed for good: of a record that moves only its locator tells."""
    placed = _placed(partition, sort)
    if placed is not None or sort != LOCATOR_SORT:
        return None if placed and placed[1].moves else placed
    workspace, _, record_id = read_partition(partition)
    located = (form for form in AUDITED if form.moves and form.kind == before["kind"])
    return next(((workspace, form, record_id) for form in located), None)


def _state(one: Audited, item: Item) -> State:
    return State(one.fields(item), _stamp(item), item.get("rev"), one.is_gone(item))


def _stamp(item: Item) -> Stamp | None:
    try:
        return stamp_from(item)
    except (KeyError, TypeError, ValueError):
        return None


def _image(change: Mapping[str, Any], name: str) -> Item | None:
    return from_item(change[name]) if name in change else None
