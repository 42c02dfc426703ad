"""The door for owners: a member who was erased does not become the owner of anything again.

Callers of the API are refused. Of a row of a file only the owner is left out, silently: the row is
about somebody else. No transaction checks owners, as it does of contacts, since whole imports would
meet at the item of their owner: instead a page looks again once it is stored, and an erasure waits
for the calls of the API that were let in before.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from stageline.domain.errors import Suppressed
from stageline.domain.identifiers import Hashing, owner_identifier
from stageline.domain.owned import Ownable, owner_of, without_owner
from stageline.domain.stamp import Stamp
from stageline.use_cases.again import again
from stageline.use_cases.import_decisions import Decision


@dataclass(frozen=True, slots=True)
class Owners:
    """`suppressed` returns those of some hashes that are kept out; `hashing` is built if needed."""

    suppressed: Callable[[Iterable[str]], frozenset[str]]
    hashing: Callable[[], Hashing]

    def kept_out(self, addresses: Iterable[str | None]) -> frozenset[str]:
        """Return those of the addresses whose member was erased; of none nothing is read."""
        distinct = {address for address in addresses if address}
        if not distinct:
            return frozenset()
        hashing = self.hashing()
        hashes = {one: hashing.hashes(owner_identifier(one)) for one in distinct}
        kept_out = self.suppressed(hash_ for theirs in hashes.values() for hash_ in theirs)
        return frozenset(one for one in distinct if not kept_out.isdisjoint(hashes[one]))

    def refuse(self, address: str | None, field: str = "owner_email") -> None:
        """Raise Suppressed when the address is that of a member who was erased."""
        if self.kept_out([address]):
            raise Suppressed([field])

    def decided[Stored: Ownable](
        self, decisions: Iterable[tuple[str, Decision[Stored]]]
    ) -> Iterator[tuple[str, Decision[Stored]]]:
        """Yield what was decided about rows of a file, without owners who are kept out."""
        found = list(decisions)
        kept_out = self.kept_out(owner_of(one.after) for _, one in found if one.after is not None)
        for record_id, decision in found:
            after = decision.after
            if after is not None and owner_of(after) in kept_out:
                decision = replace(decision, after=without_owner(after))
            yield record_id, decision

    def look_again[Stored: Ownable](
        self,
        decisions: Mapping[str, Decision[Stored]],
        read: Callable[[Iterable[str]], Mapping[str, Stored]],
        save: Callable[[Stored, Stored], None],
        stamp: Stamp,
    ) -> None:
        """Take from stored records the owner who was erased while they were being stored.

        Also of those that an earlier try stored, which may have been cut off before this.
        """
        stored = {
            record_id: owner
            for record_id, one in decisions.items()
            if one.is_counted
            and (record := one.after or one.before) is not None
            and (owner := owner_of(record)) is not None
        }
        kept_out = self.kept_out(stored.values())
        for record_id, owner in stored.items():
            if owner in kept_out:
                take_owner(record_id, read, save, kept_out.__contains__, stamp)


def take_owner[Stored: Ownable](
    record_id: str,
    read: Callable[[Iterable[str]], Mapping[str, Stored]],
    save: Callable[[Stored, Stored], None],
    is_theirs: Callable[[str], bool],
    stamp: Stamp,
) -> None:
    """Make a record nobody's while its owner is one of those. Again does nothing."""

    def attempt() -> None:
        before = read([record_id]).get(record_id)
        owner = None if before is None else owner_of(before)
        if before is not None and owner is not None and is_theirs(owner):
            after = replace(without_owner(before), changed=stamp, rev=before.rev + 1)
            save(before, after)

    again(attempt)
