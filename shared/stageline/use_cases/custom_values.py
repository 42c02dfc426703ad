"""What callers say of the custom fields and tags of a record, whatever its module is.

A record is described by what has `custom` and `tags` (`Described`): the profile of an account, the
terms of a deal. Its unique values, and the items under which its tags find it, are written in the
transaction of the record (`Beside`), so they are neither lost nor left behind.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from stageline.custom_ports import Fields
from stageline.domain.beside import Beside
from stageline.domain.custom_field import Module, checked
from stageline.domain.custom_value import Values, unique_text
from stageline.domain.errors import AlreadyExists, Stale, ValueNotUnique
from stageline.domain.ids import Identities
from stageline.domain.pins import CUSTOM_PREFIX, refuse_pinned
from stageline.domain.stamp import Source
from stageline.domain.tags import folded, read_tags
from stageline.use_cases.again import again

# Only the lists of these can be asked for a tag.
_FOUND_BY_TAG: frozenset[Module] = frozenset({"account"})


class Described(Protocol):
    """A frozen dataclass; whatever else it says is passed over here."""

    @property
    def custom(self) -> Values: ...

    @property
    def tags(self) -> tuple[str, ...]: ...


class Created(Protocol):
    """A stored record that says by what it was made."""

    @property
    def source(self) -> Source | None: ...


@dataclass(frozen=True, slots=True)
class Customs:
    """The custom fields of a workspace, and its keyed hashes."""

    fields: Fields
    identities: Identities

    def new(
        self, module: Module, custom: Mapping[str, Any] | None, tags: Iterable[str]
    ) -> dict[str, Any]:
        """Return `custom` and `tags` of a new record, with defaults. Raises Invalid."""
        custom = custom or {}
        found = checked(self.fields.of(module, custom), custom)
        return {"custom": found, "tags": read_tags(tags)}

    def changed(
        self,
        module: Module,
        before: Described,
        changes: Mapping[str, Any],
        pinned: Collection[str] = (),
    ) -> dict[str, Any]:
        """Return the changes of a record with `custom` (merged by key) and `tags` (all of them)
        as they are stored; those that were not sent are left out. Raises Invalid, Pinned.
        """
        refuse_pinned(pinned, changes)
        found = dict(changes)
        if "custom" in changes:
            # Nobody can say what is pinned, so nobody is asked for it.
            sent = {k: v for k, v in changes["custom"].items() if CUSTOM_PREFIX + k not in pinned}
            fields = self.fields.of(module, {*before.custom, *sent})
            asked = {k: one for k, one in fields.items() if CUSTOM_PREFIX + k not in pinned}
            found["custom"] = checked(asked, sent, before.custom)
        if "tags" in changes:
            found["tags"] = read_tags(changes["tags"] or ())
        return found

    def beside(
        self, module: Module, record_id: str, before: Described | None, after: Described | None
    ) -> Beside:
        """Return what changes beside a record (None: there is none, before or after)."""
        had, has = self._unique(module, before), self._unique(module, after)
        was, is_ = self._tags(module, before), self._tags(module, after)
        return Beside(
            record_id,
            claimed={value: key for value, key in has.items() if value not in had},
            freed=frozenset(had.keys() - has.keys()),
            tagged=is_ - was,
            untagged=was - is_,
        )

    def add[R: Created](
        self,
        what: str,
        new: R,
        beside: Beside,
        write: Callable[[], None],
        made: Callable[[], R | None],
    ) -> R:
        """Return a new record once `write` has stored it, with what is beside it.

        `made` returns what is stored under its id: if the same source made it, it stays as it is
        and is returned. Raises AlreadyExists, ValueNotUnique, what `made` raises.
        """

        def attempt() -> R:
            try:
                write()
            except AlreadyExists as error:
                found = made()
                if found is None:
                    self.refuse_taken(beside)
                    raise Stale(what) from error
                if found.source is None or new.source is None:
                    raise
                if found.source.hash != new.source.hash:
                    raise
                return found
            return new

        return again(attempt)

    def keep(self, beside: Beside, write: Callable[[], None]) -> None:
        """Do the write of a record and of what is beside it.

        Raises ValueNotUnique when another record has one of the values, else what `write` raises.
        """
        if not beside.claimed:
            write()
            return

        def attempt() -> None:
            try:
                write()
            except Stale:
                self.refuse_taken(beside)
                raise

        # Two that claim a value in the same instant may both be refused: one more try decides.
        again(attempt)

    def refuse_taken(self, beside: Beside) -> None:
        """Raise ValueNotUnique when another record has one of the values that are claimed."""
        if not beside.claimed:
            return
        for value, holder in self.fields.holders(beside.claimed).items():
            if holder != beside.record_id:
                raise ValueNotUnique(f"custom.{beside.claimed[value]}", holder)

    def _unique(self, module: Module, described: Described | None) -> dict[str, str]:
        """Return the keys of the record's unique fields by the hash of what it says there."""
        if described is None or not described.custom:
            return {}
        fields = self.fields.of(module, described.custom)
        return {
            self.identities.unique_value(module, key, unique_text(value)): key
            for key, value in described.custom.items()
            if key in fields and fields[key].unique
        }

    def _tags(self, module: Module, described: Described | None) -> frozenset[str]:
        if described is None or module not in _FOUND_BY_TAG:
            return frozenset()
        return frozenset(self.identities.tag(module, folded(tag)) for tag in described.tags)


def bare[D: Any](described: D) -> D:
    """Return what describes a record that was deleted: without custom values and tags."""
    described_bare: D = replace(described, custom={}, tags=())
    return described_bare
