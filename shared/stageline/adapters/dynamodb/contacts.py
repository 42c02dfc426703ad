"""Contacts in DynamoDB: each in a partition of its own, its links where accounts and deals lie."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING

from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.custom_items import beside_writes
from stageline.adapters.dynamodb.keys import SHARDS, account_partition
from stageline.adapters.dynamodb.record_keys import (
    LEAD,
    LINK_PREFIX,
    WITH_ACCOUNT,
    contact_key,
    contacts_of_owner_partition,
    contacts_partition,
    deal_partition,
)
from stageline.adapters.dynamodb.spread import added, merged, ranged, replaced
from stageline.adapters.dynamodb.table import ConditionFailed, Table
from stageline.domain.beside import NOTHING_BESIDE, Beside
from stageline.domain.errors import AlreadyExists, NotFound
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from stageline.domain.contact import Contact


class DynamoDbContacts:
    """The port `Contacts`. `owner_of` turns an owner's address into its keyed hash."""

    def __init__(
        self, table: Table, workspace: Workspace, owner_of: Callable[[str | None], str]
    ) -> None:
        self._table = table
        self._workspace = workspace
        self._owner_of = owner_of

    def get(self, contact_id: str) -> Contact:
        item = self._table.get(contact_key(self._workspace, contact_id))
        contact = _contact_from(item) if item else None
        if contact is None or contact.deleted:
            raise NotFound("contact")
        return contact

    def find_many(self, contact_ids: Iterable[str]) -> Mapping[str, Contact]:
        keys = (contact_key(self._workspace, contact_id) for contact_id in contact_ids)
        found = map(_contact_from, self._table.batch_get(keys))
        return {contact.contact_id: contact for contact in found}

    def add(self, contacts: Sequence[Contact], beside: Beside = NOTHING_BESIDE) -> None:
        writes = [write for one in contacts for write in added(self._items(one))]
        try:
            self._table.transact([*writes, *beside_writes(self._workspace, beside)])
        except ConditionFailed as error:
            raise AlreadyExists("a contact with this identity exists") from error

    def save(self, before: Contact, after: Contact, beside: Beside = NOTHING_BESIDE) -> None:
        writes = replaced("contact", self._items(before), self._items(after))
        self._table.save([*writes, *beside_writes(self._workspace, beside)], "contact")

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

    def _items(self, contact: Contact) -> list[Item]:
        from stageline.adapters.dynamodb.contact_items import contact_items

        return contact_items(self._workspace, contact, self._owner_of(contact.person.owner_email))


# What makes and reads items of these is imported by those who have some: the first answer of a cold
# function looks for them in accounts that may have none.
def _contact_from(item: Item) -> Contact:
    from stageline.adapters.dynamodb.contact_items import contact_from_item

    return contact_from_item(item)
