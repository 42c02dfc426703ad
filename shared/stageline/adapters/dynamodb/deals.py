"""Deals in DynamoDB: in their account's partition, found by a locator."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import islice

from stageline.adapters.dynamodb.accounts import as_read
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.custom_items import beside_writes
from stageline.adapters.dynamodb.deal_items import deal_from_item, deal_item
from stageline.adapters.dynamodb.keys import (
    DEAL_PREFIX,
    SHARDS,
    account_partition,
    deal_key,
    locator_key,
    unassigned_partition,
)
from stageline.adapters.dynamodb.table import ConditionFailed, Table, Write, over
from stageline.domain.account import Account
from stageline.domain.beside import NOTHING_BESIDE, Beside
from stageline.domain.deal import Deal
from stageline.domain.errors import AlreadyExists, NotFound
from stageline.domain.workspace import Workspace


class DynamoDbDeals:
    """The port `Deals`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def get(self, deal_id: str) -> Deal:
        deal = self.find_many([deal_id]).get(deal_id)
        if deal is None or deal.status == "gone":
            raise NotFound("deal")
        return deal

    def find_many(self, deal_ids: Iterable[str]) -> Mapping[str, Deal]:
        locators = self._table.batch_get(locator_key(self._workspace, id_) for id_ in deal_ids)
        found = self._table.batch_get(
            deal_key(self._workspace, locator.get("account_id"), locator["id"])
            for locator in locators
            if locator["kind"] == "deal"
        )
        return {deal.deal_id: deal for deal in map(deal_from_item, found)}

    def of_account(self, account_id: str, part: str = "") -> Iterator[Deal]:
        partition = account_partition(self._workspace, account_id)
        prefix = f"{DEAL_PREFIX}{part}"
        return map(deal_from_item, self._table.query(partition, prefix=prefix, consistent=True))

    def unassigned(self, limit: int, after: str | None) -> Sequence[Deal]:
        shards = (
            self._table.query(
                unassigned_partition(self._workspace, shard),
                index=1,
                between=(f"{after}\0" if after else "\0", "\U0010ffff"),
                page_size=limit,
            )
            for shard in SHARDS
        )
        items = merge(*shards, key=lambda item: str(item["id"]))
        return [deal_from_item(item) for item in islice(items, limit)]

    def add(self, deals: Sequence[Deal], beside: Beside = NOTHING_BESIDE) -> None:
        writes = [
            write
            for deal in deals
            for write in (
                Write("Put", deal_item(self._workspace, deal), "attribute_not_exists(PK)"),
                Write("Put", self._locator(deal), "attribute_not_exists(PK)"),
            )
        ]
        try:
            self._table.transact([*writes, *beside_writes(self._workspace, beside)])
        except ConditionFailed as error:
            raise AlreadyExists("a deal with this identity exists") from error

    def save(self, deals: Sequence[Deal], beside: Beside = NOTHING_BESIDE) -> None:
        writes = [over(deal_item(self._workspace, deal)) for deal in deals]
        self._table.save([*writes, *beside_writes(self._workspace, beside)], "deal")

    def move(
        self,
        deal: Deal,
        before: Deal,
        beside: Beside = NOTHING_BESIDE,
        during: Account | None = None,
    ) -> None:
        from stageline.adapters.dynamodb.audited_items import MOVED, moved_fields

        left, item = deal_item(self._workspace, before), deal_item(self._workspace, deal)
        # Its records in the stream have one image each: neither tells the audit what has changed.
        item[MOVED] = moved_fields("deal", left, item)
        writes = [
            Write("Delete", left, "rev = :read", values={":read": deal.rev - 1}),
            Write("Put", item, "attribute_not_exists(PK)"),
            Write("Put", self._locator(deal)),
            *beside_writes(self._workspace, beside),
            *((as_read(self._workspace, during),) if during else ()),
        ]
        self._table.save(writes, "deal")

    def _locator(self, deal: Deal) -> Item:
        item: Item = locator_key(self._workspace, deal.deal_id) | {
            "id": deal.deal_id,
            "kind": "deal",
        }
        return item if deal.account_id is None else item | {"account_id": deal.account_id}
