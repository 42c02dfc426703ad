"""Texts that were erased in a record that lives on: blank until the privacy officer releases them.

Whatever somebody says of such a field meanwhile, an import too, the record does not take it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Literal, Self

from stageline.domain.errors import Pinned
from stageline.domain.personal import Plain
from stageline.domain.stamp import Source, Stamp

type PinnedKind = Literal["account", "deal", "activity", "task", "contact"]

CUSTOM_PREFIX = "custom."
# Texts without which there is no such record.
_NEEDED = frozenset({"name", "title"})


@dataclass(frozen=True, slots=True)
class Pin:
    """One text of one record: `field` is like "name", "tags" or "custom.region"."""

    kind: PinnedKind
    record_id: Plain
    field: Plain


class Pinnable:
    """The base of stored records that can be pinned. `DESCRIBED` names what holds their texts."""

    __slots__ = ()

    DESCRIBED: ClassVar[str]
    pinned: tuple[Plain, ...]
    source: Source | None
    rev: int

    def pin(self, names: Iterable[str], stamp: Stamp) -> Self:
        """Return the record with these texts blank from now on; itself when they are.

        Raises ValueError for what is no text of such a record.
        """
        names = frozenset(names)
        described = blanked(getattr(self, self.DESCRIBED), names, strict=True)
        pinned = tuple(sorted(names.union(self.pinned)))
        if pinned == self.pinned and described == getattr(self, self.DESCRIBED):
            return self
        return self._after(stamp, pinned=pinned, **{self.DESCRIBED: described})

    def release(self, names: Iterable[str], stamp: Stamp) -> Self:
        """Return the record without these pins; the texts stay blank until somebody says some."""
        pinned = tuple(sorted(set(self.pinned) - set(names)))
        if pinned == self.pinned:
            return self
        return self._after(stamp, pinned=pinned, source=decided_afresh(self.source))

    def _after(self, stamp: Stamp, **changes: Any) -> Self:
        record: Any = self
        after: Self = replace(record, **changes, changed=stamp, rev=self.rev + 1)
        return after


def blanked[D](described: D, names: Iterable[str], *, strict: bool = False) -> D:
    """Return what describes a record without these texts; itself when all of them are blank.

    Names of other fields are passed over; `strict`: ValueError.
    """
    names = tuple(names)
    if not names:
        return described
    record: Any = described
    texts = {
        one.name: _blank(one.name)
        for one in fields(record)
        if one.name in _NEEDED or one.name == "tags" or one.default is None
    }
    changes = {name: texts[name] for name in names if name in texts}
    custom = {name.removeprefix(CUSTOM_PREFIX) for name in names if name.startswith(CUSTOM_PREFIX)}
    if strict and len(changes) + len(custom) < len(set(names)):
        raise ValueError("this is no text of such a record")
    if not custom.isdisjoint(record.custom):
        changes["custom"] = {k: v for k, v in record.custom.items() if k not in custom}
    if all(getattr(record, name) == value for name, value in changes.items()):
        return described
    after: D = replace(record, **changes)
    return after


def refuse_pinned(pinned: Collection[str], sent: Mapping[str, Any]) -> None:
    """Raise Pinned when one of these fields is to get a value; `custom` is by key."""
    for name in pinned:
        key = name.removeprefix(CUSTOM_PREFIX)
        among = sent if key == name else sent.get("custom") or {}
        if among.get(key) not in (None, "", (), []):
            raise Pinned(name)


def decided_afresh(source: Source | None) -> Source | None:
    """Return the source of a record that the next import decides about, unchanged row or not."""
    return None if source is None else replace(source, hash="")


def _blank(name: str) -> Any:
    if name in _NEEDED:
        return ""
    return () if name == "tags" else None
