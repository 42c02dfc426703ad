"""What would be erased of some people: their records, what identifies them, texts that name them.

Reads only, apart from claiming the contacts for the request. Looked at again before anything is
erased, so that nothing is erased that nobody has seen.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from stageline.domain.contact import Contact
from stageline.domain.erasure import Candidate, ErasureRequest, Part
from stageline.domain.identifiers import Hashing
from stageline.domain.same_person import NO_NAME, name_of
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


@dataclass(slots=True)
class _Found:
    """People's records by id, which of their identifiers are theirs alone, and which are not."""

    people: dict[str, Contact]
    own: set[str] = field(default_factory=set)
    shared: set[tuple[str, str]] = field(default_factory=set)


def look(records: PeoplesRecords, request: ErasureRequest, part: Part) -> Part:
    """Return the part with what is found now, to be stored over it; itself when nothing differs.

    Somebody whom another request has, or another part of this one, is left to that; of another
    request the part says so. Raises Stale when the request went on meanwhile.
    """
    stored = records.contacts.find_many(part.asked)
    asked = {id_: one for id_ in part.asked if (one := _there(stored.get(id_))) is not None}
    if request.way == "mask_selected":
        found = _Found({id_: one for id_, one in asked.items() if not one.deleted})
    else:
        found = _everything_of(records, asked)
    more = found.people.keys() - {*part.asked, *part.claimed}
    if more:
        # Noted before they are claimed: whoever ends the request lets go of all of them.
        part = replace(part, claimed=tuple(sorted({*part.claimed, *more})), rev=part.rev + 1)
        records.erasures.save_look(request, part)
    skipped = {id_ for id_ in part.asked if id_ not in found.people}
    others = records.erasures.claim(request.request_id, found.people, part.number)
    for contact_id, request_id in others.items():
        del found.people[contact_id]
        if request_id != request.request_id:
            skipped.add(contact_id)
    people = list(found.people.values())
    candidates = frozenset[Candidate]()
    if request.way != "mask_selected":
        candidates = frozenset(candidates_of(records.around, people))
    hashing = records.hashing()
    seen = replace(
        part,
        contact_ids=tuple(sorted(found.people)),
        links=tuple(_links(people)),
        names=tuple(sorted({hash_ for one in people for hash_ in hashing.names(one.person)})),
        unique=tuple(sorted(_unique(records, people))),
        identifiers=tuple(sorted(found.own)),
        shared=tuple(sorted(found.shared)),
        candidates=tuple(sorted(candidates, key=lambda one: one.candidate_id)),
        skipped=tuple(sorted(skipped)),
        counts=_counts(records, request, found.people),
    )
    seen = replace(seen, hash=seen.hashed())
    return part if seen == part else replace(seen, rev=part.rev + 1)


def _there(contact: Contact | None) -> Contact | None:
    """Return who can still be erased; of a deleted one activities and tasks are left."""
    gone = contact is None or contact.erased_by is not None or contact.is_anonymous
    return None if gone else contact


def _everything_of(records: PeoplesRecords, asked: Mapping[str, Contact]) -> _Found:
    """Return the same people under whatever other ids they are stored.

    Whoever has an identifier in common with somebody is the same person unless they have another
    name. Who has no name takes that of those they are found with, if these have only one.
    """
    hashing, contacts = records.hashing(), records.contacts
    found, waiting = _Found(dict(asked)), [(one, NO_NAME) for one in asked.values()]
    hashes = {
        hash_ for one in asked.values() for of in hashing.of(one.person).values() for hash_ in of
    }
    holders = dict(contacts.holders(hashes))
    known = dict(contacts.find_many({id_ for ids in holders.values() for id_ in ids}))
    while waiting:
        contact, carried = waiting.pop()
        theirs = hashing.of(contact.person)
        new = [hash_ for of in theirs.values() for hash_ in of if hash_ not in holders]
        if new:
            holders |= contacts.holders(new)
            unknown = {id_ for hash_ in new for id_ in holders[hash_]} - known.keys()
            known |= contacts.find_many(unknown)
        having = {
            identifier: [
                one
                for id_ in {id_ for hash_ in of for id_ in holders[hash_]}
                if (one := _there(known.get(id_))) is not None
            ]
            for identifier, of in theirs.items()
        }
        name = name_of(contact.person) or carried
        others = {name_of(one.person) for some in having.values() for one in some} - {NO_NAME}
        if not name and len(others) == 1:
            (name,) = others
        for identifier, some in having.items():
            names = {name_of(one.person) for one in some} | {name}
            if identifier.is_nobodys_own or len(names - {NO_NAME}) > 1 or (others and not name):
                found.shared.add((contact.contact_id, identifier.kind))
                continue
            # Under every key: a door that does not know the newest yet keeps them out, too.
            found.own.update(theirs[identifier])
            for one in some:
                if one.contact_id not in found.people:
                    found.people[one.contact_id] = one
                    waiting.append((one, name))
    return found


def _links(people: Iterable[Contact]) -> Iterator[tuple[str, str, str]]:
    for one in people:
        yield from ((one.contact_id, "account", link.record_id) for link in one.accounts)
        yield from ((one.contact_id, "deal", link.record_id) for link in one.deals)


def _unique(records: PeoplesRecords, people: Iterable[Contact]) -> Iterator[str]:
    for one in people:
        yield from records.customs.beside("contact", one.contact_id, one.person, None).freed


def _counts(
    records: PeoplesRecords, request: ErasureRequest, people: Mapping[str, Contact]
) -> Mapping[str, int]:
    """Return how many items there are to erase, by store (stores.yaml)."""
    counts: Counter[str] = Counter({"contact": len(people)})
    if request.way == "mask_selected":
        return dict(counts)
    for contact_id, contact in people.items():
        counts.update(records.contacts.remains(contact_id))
        counts["contact"] -= 1
        links = len(contact.accounts) + len(contact.deals)
        counts["link of a contact to an account or a deal"] += links
        counts["identifier of a contact"] += len(records.hashing().of(contact.person))
    counts["value of a unique field"] = len(set(_unique(records, people.values())))
    return {store: count for store, count in counts.items() if count > 0}
