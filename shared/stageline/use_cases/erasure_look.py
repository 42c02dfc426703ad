"""What would be erased of some people: their records, what identifies them, texts that name them.

Reads only, apart from claiming the contacts for the request; looked at again before anything is
erased, so that nothing is erased that nobody has seen.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from stageline.domain.contact import Contact
from stageline.domain.erasure import Candidate, ErasureRequest, Part
from stageline.domain.identifiers import Hashing, Identifier
from stageline.domain.same_person import is_same
from stageline.erasure_ports import Erasures
from stageline.record_ports import Contacts
from stageline.use_cases.custom_values import Customs
from stageline.use_cases.erasure_mentions import Around, candidates_of


@dataclass(frozen=True, slots=True)
class PeoplesRecords:
    """Where people are found in one workspace. `hashing` is built when it is needed."""

    erasures: Erasures
    contacts: Contacts
    around: Around
    customs: Customs
    hashing: Callable[[], Hashing]


@dataclass(frozen=True, slots=True)
class _Found:
    """People's records by id, their identifiers, and which of these others have, too."""

    people: Mapping[str, Contact]
    own: Mapping[str, int]
    shared: frozenset[str]


def look(records: PeoplesRecords, request: ErasureRequest, part: Part) -> Part:
    """Return the part with what is found now, to be stored over it; itself when nothing differs.

    Somebody who is claimed by another request, or by another part of this one, is left to that.
    """
    stored = records.contacts.find_many(part.asked)
    asked = {id_: one for id_ in part.asked if (one := _there(stored.get(id_))) is not None}
    others = records.erasures.claim(request.request_id, asked, part.number)
    ours = {id_: one for id_, one in asked.items() if id_ not in others}
    skipped = tuple(
        id_
        for id_ in part.asked
        if id_ not in asked or others.get(id_) not in (None, request.request_id)
    )
    if request.way == "mask_selected":
        found, candidates = _Found(ours, {}, frozenset()), frozenset[Candidate]()
    else:
        found = _everything_of(records, request, part, ours)
        candidates = frozenset(candidates_of(records.around, found.people.values()))
    seen = replace(
        part,
        contact_ids=tuple(sorted(found.people)),
        links=tuple(_links(found.people.values())),
        identifiers=tuple(sorted(found.own)),
        shared=tuple(sorted(found.shared)),
        candidates=tuple(sorted(candidates, key=lambda one: one.candidate_id)),
        skipped=skipped,
        counts=_counts(records, request, found),
    )
    seen = replace(seen, hash=seen.hashed())
    return part if seen == part else replace(seen, rev=part.rev + 1)


def _there(contact: Contact | None) -> Contact | None:
    gone = contact is None or contact.deleted or contact.is_anonymous
    return None if gone else contact


def _everything_of(
    records: PeoplesRecords, request: ErasureRequest, part: Part, asked: Mapping[str, Contact]
) -> _Found:
    """Return the same people under whatever other ids they are stored."""
    hashing = records.hashing()
    people, frontier = dict(asked), dict(asked)
    own: dict[str, int] = {}
    shared: set[str] = set()
    looked_at: set[Identifier] = set()
    while frontier:
        of_whom: dict[Identifier, Contact] = {}
        hashes: dict[Identifier, tuple[str, ...]] = {}
        for contact in frontier.values():
            for identifier, theirs in hashing.of(contact.person).items():
                if identifier not in looked_at:
                    of_whom.setdefault(identifier, contact)
                    hashes[identifier] = theirs
        looked_at.update(hashes)
        holders = records.contacts.holders(one for theirs in hashes.values() for one in theirs)
        known = records.contacts.find_many({id_ for ids in holders.values() for id_ in ids})
        frontier = {}
        for identifier, theirs in hashes.items():
            ids = {id_ for one in theirs for id_ in holders[one]}
            having = [one for id_ in ids if (one := _there(known.get(id_))) is not None]
            person = of_whom[identifier].person
            if identifier.is_nobodys_own or not all(is_same(person, one.person) for one in having):
                shared.add(theirs[0])
                continue
            # Under every key: a door that does not know the newest yet keeps them out, too.
            own |= dict.fromkeys(theirs, len(having))
            frontier |= {one.contact_id: one for one in having if one.contact_id not in people}
        claimed_by_others = records.erasures.claim(request.request_id, frontier, part.number)
        frontier = {id_: one for id_, one in frontier.items() if id_ not in claimed_by_others}
        people |= frontier
    return _Found(people, own, frozenset(shared))


def _links(people: Iterable[Contact]) -> Iterator[tuple[str, str, str]]:
    for one in people:
        yield from ((one.contact_id, "account", link.record_id) for link in one.accounts)
        yield from ((one.contact_id, "deal", link.record_id) for link in one.deals)


def _counts(records: PeoplesRecords, request: ErasureRequest, found: _Found) -> Mapping[str, int]:
    """Return how many items there are to erase, by store (stores.yaml)."""
    counts: Counter[str] = Counter({"contact": len(found.people)})
    if request.way == "mask_selected":
        return dict(counts)
    for contact_id, contact in found.people.items():
        counts.update(records.contacts.remains(contact_id))
        counts["contact"] -= 1
        counts["link of a contact to an account or a deal"] += len(contact.accounts) + len(
            contact.deals
        )
        counts["identifier of a contact"] += len(records.hashing().of(contact.person))
        beside = records.customs.beside("contact", contact_id, contact.person, None)
        counts["value of a unique field"] += len(beside.freed)
    return {store: count for store, count in counts.items() if count > 0}
