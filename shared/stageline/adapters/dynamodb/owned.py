"""Who owns what, in DynamoDB: by indexes where there are some, else by looking wherever it may lie.

Deals, activities and done tasks stand in no index of owners, so every account, contact and deal
without account is visited in the order of an index, and what lies with it is read.
"""

from collections.abc import Iterator
from itertools import batched

from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.keys import (
    DEAL_PREFIX,
    SHARDS,
    account_partition,
    deals_without_account_partition,
    homes_partition,
    rows_of_owner_partition,
    unassigned_partition,
)
from stageline.adapters.dynamodb.record_keys import (
    CONTACT_SORT,
    TASK_PREFIX,
    contact_partition,
    contacts_by_age_partition,
    contacts_of_owner_partition,
    deal_partition,
    deleted_contacts_partition,
    open_tasks_of_owner_partition,
)
from stageline.adapters.dynamodb.table import Table
from stageline.domain.owned import Owned, OwnedStore, Places, Stretch
from stageline.domain.workspace import Workspace

_END = "\U0010ffff"
_OF_AN_ITEM = ("PK", "SK", "id", "owner_email")
_STORES: tuple[tuple[str, OwnedStore], ...] = (
    ("META", "account"),
    (DEAL_PREFIX, "deal"),
    (CONTACT_SORT, "contact"),
    ("ACT#", "activity"),
    ("GONE#ACT#", "activity"),
    (TASK_PREFIX, "task"),
    ("GONE#TASK#", "task"),
    ("ROW#", "list row"),
)


class DynamoDbOwned:
    """The port `OwnedRecords`. `schemes` are those that accounts have list rows of."""

    def __init__(self, table: Table, workspace: Workspace, schemes: tuple[str, ...]) -> None:
        self._table = table
        self._workspace = workspace
        self._schemes = schemes

    def stretches(self, size: int) -> Iterator[tuple[Stretch, int]]:
        for shard in SHARDS:
            yield from self._cut("accounts", shard, size)
            yield from self._cut("contacts", shard, size)
            yield from self._cut("deleted", shard, size)
            yield Stretch("unassigned", shard), 0

    def lying(self, stretch: Stretch) -> Iterator[Owned]:
        match stretch.places:
            case "accounts":
                for account_id in self._ids(stretch):
                    yield from self._with(account_partition(self._workspace, account_id))
            case "contacts" | "deleted":
                for contact_id in self._ids(stretch):
                    yield from self._with(contact_partition(self._workspace, contact_id))
            case "unassigned":
                yield from self._with(
                    deals_without_account_partition(self._workspace, stretch.shard)
                )
                # Such a deal may wait for an account that is not stored: it lies where that will.
                partition = unassigned_partition(self._workspace, stretch.shard)
                waiting = self._table.query(partition, index=1, only=("account_id",))
                for account_id in {item["account_id"] for item in waiting if "account_id" in item}:
                    yield from self._with(account_partition(self._workspace, account_id))

    def indexed(self, owner: str) -> Iterator[Owned]:
        partitions = (
            contacts_of_owner_partition(self._workspace, owner),
            open_tasks_of_owner_partition(self._workspace, owner),
            *(rows_of_owner_partition(self._workspace, owner, one) for one in self._schemes),
        )
        for partition in partitions:
            for item in self._table.query(partition, index=3, only=_OF_AN_ITEM):
                if (found := _owned(item)) is not None:
                    yield found

    def _cut(self, places: Places, shard: int, size: int) -> Iterator[tuple[Stretch, int]]:
        number, partition = self._index(places, shard)
        sort = f"GSI{number}SK"
        found = self._table.query(partition, index=number, only=(sort,))
        after, last, count = "", "", 0
        for some in batched((str(item[sort]) for item in found), size, strict=False):
            if count:
                yield Stretch(places, shard, after, last), count
                after = last
            last, count = some[-1], len(some)
        yield Stretch(places, shard, after), count

    def _ids(self, stretch: Stretch) -> Iterator[str]:
        number, partition = self._index(stretch.places, stretch.shard)
        between = (f"{stretch.after}\0", stretch.through or _END)
        items = self._table.query(partition, index=number, between=between, only=("id",))
        return (str(item["id"]) for item in items)

    def _index(self, places: Places, shard: int) -> tuple[int, str]:
        if places == "accounts":
            return 1, homes_partition(self._workspace, shard)
        if places == "deleted":
            return 1, deleted_contacts_partition(self._workspace, shard)
        return 2, contacts_by_age_partition(self._workspace, shard)

    def _with(self, partition: str) -> Iterator[Owned]:
        """Yield what lies in a partition and names an owner, and what lies with its deals."""
        for item in self._table.query(partition, consistent=True, only=_OF_AN_ITEM):
            if (found := _owned(item)) is not None:
                yield found
            if item["SK"].startswith(DEAL_PREFIX):
                with_deal = deal_partition(self._workspace, item["id"])
                tasks = self._table.query(with_deal, consistent=True, only=_OF_AN_ITEM)
                yield from filter(None, map(_owned, tasks))


def _owned(item: Item) -> Owned | None:
    if "owner_email" not in item:
        return None
    store = next(store for prefix, store in _STORES if item["SK"].startswith(prefix))
    return Owned(store, item["id"], item["owner_email"])
