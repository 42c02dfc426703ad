"""Records that a CRM has merged: which of ours stands for an external id.

Of two that are here the loser says which other one it was merged into. Where the CRM made a new
record out of them, the first that is here goes on as that one, with its history, and the others are
merged into it. All of it is told before any row is stored, so the order of rows does not matter.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from stageline.crm_ports import Aliases
from stageline.domain.account import Account
from stageline.domain.alias import Alias
from stageline.domain.contact import Contact
from stageline.domain.job_states import FILE_INTEGRATION
from stageline.domain.records import GoneRecord


@dataclass(frozen=True, slots=True)
class Own[Stored]:
    """What is stored of rows, by their ids; of those in `others` it stands for another record.

    `merged` are those for which another one stands.
    """

    found: Mapping[str, Stored]
    others: frozenset[str]
    merged: frozenset[str]

    def of(self, record_id: str) -> Stored | None:
        return None if record_id in self.others else self.found.get(record_id)


@dataclass(frozen=True, slots=True)
class Standing[Stored]:
    """Who stands for each of some ids now; and `known`, all that was found on the way."""

    ids: Mapping[str, str]
    known: Mapping[str, Stored]

    def redirected(self, record_ids: Iterable[str]) -> list[str]:
        """Return who stands for those of the ids that are not who they were."""
        return [self.ids[one] for one in record_ids if self.ids[one] != one]


@dataclass(frozen=True, slots=True)
class Merging[Stored: (Account, Contact)]:
    """The accounts or contacts of one integration. `id_of` turns an external id into ours."""

    aliases: Aliases
    integration: str
    find_many: Callable[[Iterable[str]], Mapping[str, Stored]]
    id_of: Callable[[str], str]

    def own(self, external_ids: Iterable[str]) -> Own[Stored]:
        """Return what is stored of these external records."""
        names = {self.id_of(external_id): external_id for external_id in external_ids}
        found = dict(self.find_many(names))
        aliases = self._aliases(names.keys() - found)
        merged = {id_ for id_, one in found.items() if one.merged_into is not None}
        merged |= {id_ for id_, one in aliases.items() if one.is_merged}
        adopted = {id_: one.record_id for id_, one in aliases.items() if not one.is_merged}
        if adopted:
            known = self.find_many(set(adopted.values()))
            found |= {id_: known[place] for id_, place in adopted.items() if place in known}
        others = (
            id_ for id_, one in found.items() if not self._is(one, names[id_], aliases.get(id_))
        )
        return Own(found, frozenset(others), frozenset(merged))

    def here(self, record_ids: Iterable[str]) -> Mapping[str, Stored]:
        """Return what is stored under ids made of external ids, of those that are still these."""
        wanted = list(record_ids)
        places = self._followed(wanted, through=lambda one: None)
        found = {id_: places.known.get(places.ids[id_]) for id_ in wanted}
        return {
            id_: one
            for id_, one in found.items()
            if one is not None and one.external_id and self.id_of(one.external_id) == id_
        }

    def standing(self, record_ids: Iterable[str]) -> Standing[Stored]:
        """Return who stands for these now: what they were merged into, or linked to, and so on."""
        return self._followed(record_ids, through=_goes_on_as)

    def place_of(self, external_id: str) -> tuple[str, Stored | None]:
        """Return where this external record is stored, or will be, and what is there."""
        record_id = self.id_of(external_id)
        found = self._followed([record_id], through=lambda one: None)
        place = found.ids[record_id]
        return place, found.known.get(place)

    def winner(self, row: GoneRecord, loser_id: str) -> str | None:
        """Return into which record one that is gone was merged; None: into none.

        Into none that was itself merged into the loser, either.
        """
        if row.merged_into is None:
            return None
        place, _ = self.place_of(row.merged_into)
        is_circle = place != loser_id and self.standing([place]).ids[place] == loser_id
        return None if is_circle else place

    def note(self, rows: Iterable[GoneRecord]) -> None:
        """Note what stands for those that are not here yet, before any row is stored.

        Safe to repeat: what was noted first stays.
        """
        for row in rows:
            if row.merged_into is None or row.merged_into == row.external_id:
                continue
            loser_id = self.id_of(row.external_id)
            found = self.own([row.external_id])
            place, winner = self.place_of(row.merged_into)
            if loser_id in found.others or place == loser_id:
                continue
            loser = found.of(loser_id)
            if loser is None and loser_id not in found.merged:
                self.aliases.add(loser_id, Alias(place, is_merged=True))
            elif loser is not None and winner is None and loser.merged_into is None:
                depth = self._depth(loser_id) + 1
                self.aliases.add(place, Alias(_id_of(loser), is_merged=False, depth=depth))

    def _followed(
        self, record_ids: Iterable[str], through: Callable[[Stored], str | None]
    ) -> Standing[Stored]:
        paths = {id_: [id_] for id_ in record_ids}
        known: dict[str, Stored] = {}
        aliases: dict[str, Alias] = {}
        circles: dict[str, str] = {}
        unread = set(paths)
        while unread:
            found = self.find_many(unread)
            known |= found
            aliases |= self._aliases(unread - found.keys())
            unread = set()
            for record_id, path in paths.items():
                place = path[-1]
                if place in known:
                    further = through(known[place])
                else:
                    further = aliases[place].record_id if place in aliases else None
                if further in path:
                    # Told of by nobody but a broken CRM: all of them agree on one.
                    circles[record_id] = min(path[path.index(further) :])
                elif further is not None:
                    path.append(further)
                    unread.add(further)
        return Standing({id_: path[-1] for id_, path in paths.items()} | circles, known)

    def _is(self, record: Stored, external_id: str, alias: Alias | None) -> bool:
        """Tell whether a record is what this external id says, and not another by now."""
        if record.external_id is None or record.external_id == external_id:
            return True
        if alias is None:
            return False
        return alias.depth > self._depth(self.id_of(record.external_id))

    def _depth(self, record_id: str) -> int:
        alias = self._aliases([record_id]).get(record_id)
        return 0 if alias is None else alias.depth

    def _aliases(self, record_ids: Iterable[str]) -> Mapping[str, Alias]:
        """Return the aliases of these; only CRMs merge."""
        wanted = [] if self.integration == FILE_INTEGRATION else list(record_ids)
        return self.aliases.find_many(wanted) if wanted else {}


def _goes_on_as(record: Account | Contact) -> str | None:
    return record.goes_on_as if isinstance(record, Account) else record.merged_into


def _id_of(record: Account | Contact) -> str:
    return record.account_id if isinstance(record, Account) else record.contact_id
