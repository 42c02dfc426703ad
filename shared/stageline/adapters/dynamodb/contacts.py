"""Contacts in DynamoDB: each in a partition of its own, its links where accounts and deals lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import batched
from typing import TYPE_CHECKING

from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.custom_items import beside_writes
from stageline.adapters.dynamodb.keys import SHARDS, account_partition
from stageline.adapters.dynamodb.record_keys import (
    ACTIVITY_PREFIX,
    CONTACT_SORT,
    HOLDER_PREFIX,
    LEAD,
    LINK_PREFIX,
    TASK_PREFIX,
    WITH_ACCOUNT,
    contact_key,
    contact_partition,
    contacts_by_age_partition,
    contacts_of_owner_partition,
    contacts_partition,
    deal_partition,
    home_of,
    identifier_partition,
    link_key,
    open_erasure_key,
    suppressed_key,
    time_text,
)
from stageline.adapters.dynamodb.spread import added, merged, merged_between, ranged, replaced
from stageline.adapters.dynamodb.table import ConditionFailed, Table, Write
from stageline.domain.beside import NOTHING_BESIDE, Beside
from stageline.domain.errors import AlreadyExists, Erased, NotFound
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from datetime import datetime

    from stageline.domain.contact import Contact
    from stageline.domain.identifiers import Hashing


class DynamoDbContacts:
    """The port `Contacts`. `owner_of` turns an owner's address into its keyed hash.

    `hashing` makes those of identifiers; whoever only reads contacts needs none.
    """

    def __init__(
        self,
        table: Table,
        workspace: Workspace,
        owner_of: Callable[[str | None], str],
        hashing: Callable[[], Hashing],
    ) -> None:
        self._table = table
        self._workspace = workspace
        self._owner_of = owner_of
        self._hashing = hashing

    def get(self, contact_id: str) -> Contact:
        item = self._table.get(contact_key(self._workspace, contact_id))
        contact = _contact_from(item) if item else None
        if contact is not None and contact.erased_by is not None:
            raise Erased("contact", contact.erased_by)
        if contact is None or contact.deleted:
            raise NotFound("contact")
        return contact

    def find_many(self, contact_ids: Iterable[str]) -> Mapping[str, Contact]:
        keys = (contact_key(self._workspace, contact_id) for contact_id in contact_ids)
        found = map(_contact_from, self._table.batch_get(keys))
        return {contact.contact_id: contact for contact in found}

    def refused(
        self, changes: Iterable[tuple[Contact | None, Contact]]
    ) -> Mapping[str, Sequence[str]]:
        new: dict[str, list[tuple[str, str]]] = {}
        for before, after in changes:
            if not has_identifiers(after):
                continue
            hashing = self._hashing()
            had = {} if before is None else hashing.of(before.person)
            for identifier, hashes in hashing.of(after.person).items():
                if identifier not in had:
                    for hash_ in hashes:
                        new.setdefault(hash_, []).append((after.contact_id, identifier.kind))
        refused: dict[str, list[str]] = {}
        for hash_ in self.suppressed(new):
            for contact_id, field in new[hash_]:
                refused.setdefault(contact_id, []).append(field)
        return {contact_id: sorted(set(names)) for contact_id, names in refused.items()}

    def add(self, contacts: Sequence[Contact], beside: Beside = NOTHING_BESIDE) -> None:
        writes = [write for one in contacts for write in added(self._items(one))]
        writes += self._identifiers([(None, one) for one in contacts])
        try:
            self._table.transact([*writes, *beside_writes(self._workspace, beside)])
        except ConditionFailed as error:
            raise AlreadyExists("a contact with this identity exists") from error

    def save(self, before: Contact, after: Contact, beside: Beside = NOTHING_BESIDE) -> None:
        writes = replaced("contact", self._items(before), self._items(after))
        writes += self._identifiers([(before, after)])
        self._table.save([*writes, *beside_writes(self._workspace, beside)], "contact")

    def touch(self, changes: Sequence[tuple[Contact, Contact]]) -> Sequence[int]:
        return self._table.transact_many(
            [
                [
                    *replaced("contact", self._items(before), self._items(after)),
                    Write(
                        "ConditionCheck",
                        open_erasure_key(self._workspace, after.contact_id),
                        "attribute_not_exists(PK)",
                    ),
                ]
                for before, after in changes
            ]
        )

    def open_erasures(self, contact_ids: Iterable[str]) -> Mapping[str, str]:
        keys = (open_erasure_key(self._workspace, contact_id) for contact_id in contact_ids)
        return {item["id"]: item["request"] for item in self._table.batch_get(keys)}

    def suppress(self, hashes: Iterable[str], request_id: str) -> None:
        for hash_ in hashes:
            with suppress(ConditionFailed):
                item = self._suppression(hash_, request_id)
                self._table.put(item, "attribute_not_exists(PK)")

    def suppressed(self, hashes: Iterable[str]) -> frozenset[str]:
        keys = [suppressed_key(self._workspace, hash_) for hash_ in hashes]
        return frozenset(item["hash"] for item in self._table.batch_get(keys))

    def holders(self, hashes: Iterable[str]) -> Mapping[str, Sequence[str]]:
        return {
            hash_: [
                item["id"]
                for item in self._table.query(
                    identifier_partition(self._workspace, hash_),
                    prefix=HOLDER_PREFIX,
                    consistent=True,
                )
            ]
            for hash_ in hashes
        }

    def by_age(
        self,
        *,
        through: datetime | None = None,
        since: datetime | None = None,
        youngest_first: bool = False,
        after: str | None = None,
        page: int,
    ) -> Iterator[tuple[str, Contact]]:
        partitions = [contacts_by_age_partition(self._workspace, shard) for shard in SHARDS]
        low = None if since is None else time_text(since)
        high = None if through is None else time_text(through)
        found = merged_between(
            self._table, 2, partitions, low, high, after, page, backwards=youngest_first
        )
        return ((place, _contact_from(item)) for place, item in found)

    def remains(self, contact_id: str) -> Mapping[str, int]:
        counts: Counter[str] = Counter()
        partition = contact_partition(self._workspace, contact_id)
        for item in self._table.query(partition, consistent=True):
            if item["SK"] == CONTACT_SORT and "erased_by" not in item:
                counts["contact"] += 1
            for prefix, what in ((ACTIVITY_PREFIX, "activity"), (TASK_PREFIX, "task")):
                if item["SK"].startswith(prefix):
                    lies_here = home_of(item) is None
                    counts[what if lies_here else f"{what} of a contact that lies elsewhere"] += 1
        return counts

    def links_left(self, links: Iterable[tuple[str, str, str]]) -> int:
        of = {"account": account_partition, "deal": deal_partition}
        keys = [link_key(of[kind](self._workspace, id_), contact) for contact, kind, id_ in links]
        return len(self._table.batch_get(keys))

    def indexed(self, contact: Contact) -> bool:
        """Tell whether an index still shows the contact as it was there."""
        item = self._items(contact)[0]
        for number in (1, 2, 3):
            if f"GSI{number}PK" not in item:
                continue
            partition, sort = item[f"GSI{number}PK"], item[f"GSI{number}SK"]
            found = self._table.query(partition, index=number, between=(sort, sort), only=("rev",))
            # What was masked stays in the index by age, in a later revision.
            if any(one["rev"] <= contact.rev for one in found):
                return True
        return False

    def listed(
        self,
        owners: Sequence[str] | None,
        *,
        is_lead: bool | None = None,
        after: str | None,
        page: int,
    ) -> Iterator[tuple[str, Contact]]:
        kinds = {None: (LEAD, WITH_ACCOUNT), True: (LEAD,), False: (WITH_ACCOUNT,)}[is_lead]
        index, partitions = 1, [contacts_partition(self._workspace, shard) for shard in SHARDS]
        if owners is not None:
            index = 3
            partitions = [contacts_of_owner_partition(self._workspace, one) for one in owners]
        starts = [f"{kind}#" for kind in kinds]
        found = merged(self._table, index, partitions, after, page, starts=starts)
        return ((place, _contact_from(item)) for place, item in found)

    def of_account(
        self, account_id: str, after: str | None, page: int
    ) -> Iterator[tuple[str, Contact]]:
        return self._linked(account_partition(self._workspace, account_id), after, page)

    def of_deal(self, deal_id: str, after: str | None, page: int) -> Iterator[tuple[str, Contact]]:
        return self._linked(deal_partition(self._workspace, deal_id), after, page)

    def count_of_account(self, account_id: str) -> int:
        partition = account_partition(self._workspace, account_id)
        links = self._table.query(partition, prefix=LINK_PREFIX, consistent=True, only=("id",))
        return sum(1 for _ in links)

    def _linked(
        self, partition: str, after: str | None, page: int
    ) -> Iterator[tuple[str, Contact]]:
        links = ranged(self._table, partition, LINK_PREFIX, after, page, newest_first=False)
        for some in batched(links, page, strict=False):
            found = self.find_many(item["id"] for _, item in some)
            for contact_id, _ in some:
                contact = found.get(contact_id)
                # Deleted in between, its link was still there.
                if contact is not None and not contact.deleted:
                    yield contact_id, contact

    def _suppression(self, hash_: str, request_id: str) -> Item:
        return suppressed_key(self._workspace, hash_) | {"hash": hash_, "request": request_id}

    def _identifiers(self, changes: Sequence[tuple[Contact | None, Contact]]) -> list[Write]:
        from stageline.adapters.dynamodb.contact_items import identifier_writes

        # Where none comes or goes nothing is hashed: not every function may read the keys.
        changes = [change for change in changes if _identified_by(*change)]
        if not changes:
            return []
        return identifier_writes(self._workspace, changes, self._hashing())

    def _items(self, contact: Contact) -> list[Item]:
        from stageline.adapters.dynamodb.contact_items import contact_items

        return contact_items(self._workspace, contact, self._owner_of(contact.person.owner_email))


def _identified_by(before: Contact | None, after: Contact) -> bool:
    """Tell whether what identifies a contact may have changed."""
    if before is None or not has_identifiers(before):
        return has_identifiers(after)
    was, is_ = before.person, after.person
    return (was.email, was.phone) != (is_.email, is_.phone)


def has_identifiers(contact: Contact | None) -> bool:
    return contact is not None and bool(contact.person.email or contact.person.phone)


# What makes and reads items of these is imported by those who have some: the first answer of a cold
# function looks for them in accounts that may have none.
def _contact_from(item: Item) -> Contact:
    from stageline.adapters.dynamodb.contact_items import contact_from_item

    return contact_from_item(item)
