"""First and last touches of accounts in DynamoDB."""

from datetime import datetime

from stageline.adapters.dynamodb.account_items import text
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.keys import account_partition
from stageline.adapters.dynamodb.record_keys import instant_from, last_touch_key, touch_prefix
from stageline.adapters.dynamodb.table import Table, over
from stageline.domain.touch import Ends, StoredTouch, Touch
from stageline.domain.workspace import Workspace


class DynamoDbTouches:
    """The port `Touches`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def stored(self, account_id: str) -> StoredTouch | None:
        item = self._table.get(last_touch_key(account_partition(self._workspace, account_id)))
        return stored_touch_from_item(item) if item else None

    def ends(self, account_id: str, *, two_way: bool) -> Ends:
        return Ends(
            self._end(account_id, two_way=two_way, last=False),
            self._end(account_id, two_way=two_way, last=True),
        )

    def save(self, touch: StoredTouch) -> None:
        partition = account_partition(self._workspace, touch.account_id)
        item: Item = last_touch_key(partition) | {
            "id": touch.account_id,
            "first_at": text(touch.touch.first_at),
            "last_at": text(touch.touch.last_at),
            "last_two_way_at": text(touch.touch.last_two_way_at),
            "rev": touch.rev,
        }
        kept = {name: value for name, value in item.items() if value is not None}
        self._table.save([over(kept)], "touch")

    def _end(self, account_id: str, *, two_way: bool, last: bool) -> datetime | None:
        prefix = touch_prefix(two_way=two_way)
        items = self._table.query(
            account_partition(self._workspace, account_id),
            prefix=prefix,
            forward=not last,
            page_size=1,
            consistent=True,
        )
        item = next(items, None)
        if item is None:
            return None
        return instant_from(str(item["SK"]).removeprefix(prefix).partition("#")[0])


def stored_touch_from_item(item: Item) -> StoredTouch:
    first, last, last_two_way = (
        instant_from(item[name]) if name in item else None
        for name in ("first_at", "last_at", "last_two_way_at")
    )
    return StoredTouch(item["id"], Touch(first, last, last_two_way), item["rev"])
