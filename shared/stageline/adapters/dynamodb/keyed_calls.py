"""Calls with an Idempotency-Key, in DynamoDB."""

from datetime import datetime

from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.keys import keyed_call_key
from stageline.adapters.dynamodb.table import Table, Write, over
from stageline.domain.keyed_call import KEPT, KeyedCall
from stageline.domain.workspace import Workspace


class DynamoDbKeyedCalls:
    """The port `KeyedCalls`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def find(self, call_id: str) -> KeyedCall | None:
        item = self._table.get(keyed_call_key(self._workspace, call_id))
        return None if item is None else _from_item(item)

    def save(self, call: KeyedCall) -> None:
        self._table.save([over(self._item(call))], "call")

    def forget(self, call: KeyedCall) -> None:
        key = keyed_call_key(self._workspace, call.call_id)
        self._table.save([Write("Delete", key, "rev = :read", values={":read": call.rev})], "call")

    def _item(self, call: KeyedCall) -> Item:
        item: Item = keyed_call_key(self._workspace, call.call_id) | {
            "call": call.call_id,
            "sent": call.sent,
            "begun_at": call.begun_at.isoformat(),
            "held_until": call.held_until.isoformat(),
            "status": call.status,
            "made": call.made,
            "rev": call.rev,
            "expires_at": int((call.begun_at + KEPT).timestamp()),
        }
        return {name: value for name, value in item.items() if value is not None}


def _from_item(item: Item) -> KeyedCall:
    return KeyedCall(
        call_id=item["call"],
        sent=item["sent"],
        begun_at=datetime.fromisoformat(item["begun_at"]),
        held_until=datetime.fromisoformat(item["held_until"]),
        status=item.get("status"),
        made=item.get("made"),
        rev=item["rev"],
    )
