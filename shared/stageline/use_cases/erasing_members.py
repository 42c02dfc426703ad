"""Erasing a member who was removed: their address leaves all that they owned, and the user pool.

Their id is random and stays. What they owned has no index of its own everywhere, so all of the
workspace is looked through, part by part; and all parts look for the same member.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stageline.domain.certificate import StoreResult
from stageline.domain.erasure import ErasureRequest, Part, sha256
from stageline.domain.erasure_errors import MemberActive, StoreUnreachable
from stageline.domain.erasure_stores import METHODS_OF_MEMBERS, USERS
from stageline.domain.errors import Invalid
from stageline.domain.identifiers import normal_email, owner_identifier
from stageline.domain.journal import JournalEntry
from stageline.domain.owned import Owned, Search, Stretch
from stageline.domain.principal import Removed
from stageline.domain.stamp import Stamp
from stageline.domain.workspace import Workspace
from stageline.erasure_ports import OwnedRecords
from stageline.ports import Directory, SignIn
from stageline.use_cases.again import again
from stageline.use_cases.owners import take_owner

if TYPE_CHECKING:
    from stageline.use_cases.erasing import Erasing

PLACES_OF_A_PART = 250
# As long as a call of the API may take that was let in before the address was kept out.
_CALLS_TAKE_SECONDS = 30
# List rows follow their accounts by the stream, and indexes their items.
_POLLS = 10
_PAUSE_SECONDS = 1
_ROSTER = "member, among all of a workspace"


@dataclass(frozen=True, slots=True)
class Members:
    """Where the members of one workspace are, and what they own.

    `owner_of` makes what stands for an address in the keys of indexes.
    """

    workspace: Workspace
    directory: Directory
    owned: OwnedRecords
    sign_in: Callable[[], SignIn]
    owner_of: Callable[[str | None], str]


def refuse_active(members: Members, member_id: str) -> None:
    """Raise MemberActive; Invalid for who is not known, or whose address is not."""
    if members.directory.roster(members.workspace).find(member_id) is not None:
        raise MemberActive
    removed = members.directory.removed(members.workspace, member_id)
    if removed is None:
        raise Invalid("member_id", "unknown", "there was no member with this id")
    if removed.email is None:
        raise Invalid(
            "member_id", "address_unknown", "is erased already, or no person; invite them again"
        )


def select_parts(members: Members, member_id: str) -> Iterator[Part]:
    """Cut all places of the workspace into parts."""
    owner = members.owner_of(_address(members.directory.removed(members.workspace, member_id)))
    stretches: list[Stretch] = []
    count, number = 0, 1
    for stretch, places in members.owned.stretches(PLACES_OF_A_PART):
        if stretches and count + places > PLACES_OF_A_PART:
            yield Part(number=number, asked=Search(member_id, owner, tuple(stretches)).to_texts())
            stretches, count, number = [], 0, number + 1
        stretches.append(stretch)
        count += places
    yield Part(number=number, asked=Search(member_id, owner, tuple(stretches)).to_texts())


def look_for_member(erasing: "Erasing", request: ErasureRequest, part: Part) -> Part:
    """Return the part with what the member owns there now; itself when nothing differs.

    Its hash is of the member's address alone: it stays when there is more of the same.
    """
    members, records = _members(erasing), erasing.records
    search = Search.from_texts(part.asked)
    # All parts claim as one.
    others = records.erasures.claim(request.request_id, [search.member_id], 1)
    roster = members.directory.roster(members.workspace)
    address = _address(members.directory.removed(members.workspace, search.member_id))
    identifiers: tuple[str, ...] = ()
    shared: tuple[tuple[str, str], ...] = ()
    if address is not None and not others:
        hashes = records.hashing().hashes(owner_identifier(address))
        taken = {normal_email(one.email) for one in roster.members if one.email}
        if normal_email(address) in taken:
            # Somebody else has it now, with what it owns.
            shared = ((search.member_id, "owner"),)
        else:
            identifiers = tuple(sorted(hashes))
    counts = Counter(one.store for one in _theirs(erasing, identifiers, search.stretches))
    found: dict[str, int] = {store: counts[store] for store in sorted(counts)}
    is_there = address is not None and not others
    if part.number == 1 and is_there:
        found |= {"membership": 1, _ROSTER: 0}
    seen = replace(
        part,
        asked=replace(search, owner=members.owner_of(address)).to_texts(),
        identifiers=identifiers,
        shared=shared,
        skipped=() if is_there else (search.member_id,),
        counts=found,
    )
    seen = replace(seen, hash=sha256([search.member_id, identifiers, shared, seen.skipped]))
    return part if seen == part else replace(seen, rev=part.rev + 1)


def erase_member_part(erasing: "Erasing", entry: JournalEntry, part: Part) -> int:
    """Take the member's address from what lies in the places of a part.

    Returns of how many records. Again does nothing.
    """
    search = Search.from_texts(part.asked)
    _keep_out(erasing, entry)
    erasing.sleep(_CALLS_TAKE_SECONDS)
    owners = [search.owner] if part.number == 1 else []
    return _take(erasing, entry, search.stretches, owners)


def remaining_of_member(erasing: "Erasing", entry: JournalEntry, part: Part) -> Mapping[str, int]:
    """Read back what is left in the places of a part, by store. Waits for list rows, a while."""
    return _left_in(erasing, entry, Search.from_texts(part.asked).stretches)


def remaining_everywhere(erasing: "Erasing", entry: JournalEntry) -> Mapping[str, int]:
    """Read back what is left of an entry's members in all of the workspace: after a restore."""
    members = _members(erasing)
    stretches = [stretch for stretch, _ in members.owned.stretches(PLACES_OF_A_PART)]
    left = _left_in(erasing, entry, stretches)
    roster = members.directory.roster(members.workspace)
    for member_id in entry.member_ids:
        removed = members.directory.removed(members.workspace, member_id)
        left["membership"] += _address(removed) is not None
        left[_ROSTER] += roster.find(member_id) is not None
    return left


def _left_in(erasing: "Erasing", entry: JournalEntry, stretches: Sequence[Stretch]) -> Counter[str]:
    left: Counter[str] = Counter()
    for _ in range(_POLLS):
        left = Counter(one.store for one in _theirs(erasing, entry.identifiers, stretches))
        if left.keys() != {"list row"}:
            break
        erasing.sleep(_PAUSE_SECONDS)
    kept_out = erasing.records.contacts.suppressed(entry.identifiers)
    left["suppressed identifier"] += len(set(entry.identifiers) - kept_out)
    return left


def carry_out_member(erasing: "Erasing", entry: JournalEntry) -> int:
    """Do all that an entry says of a member, in all of the workspace: after a restore.

    Of a restored table the member may be active: they are removed first. Their records are known
    by the hash of the owner's address, also when nothing else of the member was restored. Raises
    StoreUnreachable.
    """
    members = _members(erasing)
    _keep_out(erasing, entry)
    stretches = (stretch for stretch, _ in members.owned.stretches(PLACES_OF_A_PART))
    addresses = (
        _address(members.directory.removed(members.workspace, one)) for one in entry.member_ids
    )
    owners = [members.owner_of(one) for one in addresses if one is not None]
    taken = _take(erasing, entry, stretches, owners)
    for member_id in entry.member_ids:
        forget_member(erasing, member_id, _stamp(erasing, entry))
    return taken


def forget_member(erasing: "Erasing", member_id: str, stamp: Stamp) -> bool:
    """Forget the address of a member; tell whether the user was deleted, too.

    They stay a user while they are a member of another workspace. Raises StoreUnreachable, Stale.
    """
    members = _members(erasing)
    directory = members.directory
    is_gone = not directory.memberships(member_id)
    removed = directory.removed(members.workspace, member_id)
    if is_gone:
        members.sign_in().delete(member_id, _address(removed))

    def attempt() -> None:
        removed = directory.removed(members.workspace, member_id)
        if removed is not None:
            directory.forget(members.workspace, removed, stamp)

    again(attempt)
    return is_gone


def end_of_member(
    erasing: "Erasing", request: ErasureRequest, parts: Iterable[Part]
) -> tuple[StoreResult, Mapping[str, int], bool]:
    """End the erasure of a member all of whose parts are done, and read that back.

    Returns what became of the user, what is left by store, and whether the user stays for another
    workspace.
    """
    members = _members(erasing)
    assert request.member_id is not None and request.approval is not None
    first = next(iter(parts))
    stays, since = False, None
    stamp = Stamp(request.approval.by, request.request_id, erasing.now())
    try:
        stays = not forget_member(erasing, request.member_id, stamp)
    except StoreUnreachable:
        since = request.unreachable.get(USERS, erasing.now())
    expected = int(not stays)
    user = StoreResult(
        store=USERS,
        method=METHODS_OF_MEMBERS[USERS],
        expected=expected,
        removed=expected if since is None else 0,
        remaining=0 if since is None else None,
        read_at=erasing.now() if since is None else None,
        unreachable_since=since,
    )
    address = _address(members.directory.removed(members.workspace, request.member_id))
    roster = members.directory.roster(members.workspace)
    left: Counter[str] = Counter(one.store for one in _still_indexed(erasing, first))
    left["membership"] = int(address is not None)
    left[_ROSTER] = int(roster.find(request.member_id) is not None)
    return user, left, stays


def _still_indexed(erasing: "Erasing", part: Part) -> list[Owned]:
    """Return what indexes still show as the member's, once they had time to follow."""
    owner = Search.from_texts(part.asked).owner
    found: list[Owned] = []
    for _ in range(_POLLS):
        found = [
            one
            for one in _members(erasing).owned.indexed(owner)
            if _is_theirs(erasing, part.identifiers)(one.owner_email)
        ]
        if not found:
            break
        erasing.sleep(_PAUSE_SECONDS)
    return found


def _keep_out(erasing: "Erasing", entry: JournalEntry) -> None:
    """Let nobody be what the member was from now on."""
    erasing.records.contacts.suppress(entry.identifiers, entry.request_id)
    for member_id in entry.member_ids:
        _remove(_members(erasing), member_id, _stamp(erasing, entry))


def _remove(members: Members, member_id: str, stamp: Stamp) -> None:
    """Remove a member whatever it leaves: no admin, or others who report to nobody then."""
    directory = members.directory

    def attempt() -> None:
        roster = directory.roster(members.workspace)
        member = roster.find(member_id)
        if member is None:
            return
        for one in roster.members:
            if one.manager_id == member_id:
                freed = replace(one, manager_id=None, changed=stamp, rev=one.rev + 1)
                roster = roster.with_member(freed)
                directory.save_member(freed, roster)
        directory.remove_member(member, roster.erased(member_id), stamp)

    again(attempt)


def _take(
    erasing: "Erasing", entry: JournalEntry, stretches: Iterable[Stretch], owners: Iterable[str]
) -> int:
    taken = 0
    is_theirs = _is_theirs(erasing, entry.identifiers)
    stamp = _stamp(erasing, entry)
    for one in _theirs(erasing, entry.identifiers, stretches):
        _take_one(erasing, one, is_theirs, stamp)
        taken += 1
    for owner in owners:
        for one in list(_members(erasing).owned.indexed(owner)):
            _take_one(erasing, one, is_theirs, stamp)
            taken += 1
    return taken


def _take_one(
    erasing: "Erasing", one: Owned, is_theirs: Callable[[str], bool], stamp: Stamp
) -> None:
    around, contacts = erasing.records.around, erasing.records.contacts
    accounts, deals = around.accounts, around.deals
    id_ = one.record_id
    match one.store:
        case "account" | "list row":
            take_owner(
                id_, accounts.find_many, lambda _, after: accounts.save(after), is_theirs, stamp
            )
        case "deal":
            take_owner(id_, deals.find_many, lambda _, after: deals.save([after]), is_theirs, stamp)
        case "contact":
            take_owner(id_, contacts.find_many, contacts.save, is_theirs, stamp)
        case "activity":
            activities = around.activities
            take_owner(id_, activities.find_many, activities.save, is_theirs, stamp)
        case "task":
            take_owner(id_, around.tasks.find_many, around.tasks.save, is_theirs, stamp)


def _theirs(
    erasing: "Erasing", identifiers: Iterable[str], stretches: Iterable[Stretch]
) -> Iterator[Owned]:
    """Yield what lies there and names one of these as its owner."""
    is_theirs = _is_theirs(erasing, identifiers)
    owned = _members(erasing).owned
    for stretch in stretches:
        yield from (one for one in owned.lying(stretch) if is_theirs(one.owner_email))


def _is_theirs(erasing: "Erasing", identifiers: Iterable[str]) -> Callable[[str], bool]:
    """Return what knows an owner's address by its hashes, however it is written."""
    wanted, known = frozenset(identifiers), dict[str, bool]()

    def is_theirs(address: str) -> bool:
        if address not in known:
            hashes = erasing.records.hashing().hashes(owner_identifier(address))
            known[address] = not wanted.isdisjoint(hashes)
        return known[address]

    return is_theirs


def _stamp(erasing: "Erasing", entry: JournalEntry) -> Stamp:
    return Stamp(entry.approved_by, entry.request_id, erasing.now())


def _address(removed: Removed | None) -> str | None:
    return None if removed is None else removed.email


def _members(erasing: "Erasing") -> Members:
    assert erasing.members is not None
    return erasing.members
