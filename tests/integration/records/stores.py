"""Contacts, activities and tasks over the real adapters, on a table in memory."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from benchmarks.memory.client import MemoryClient
from stageline.adapters.dynamodb.accounts import DynamoDbAccounts
from stageline.adapters.dynamodb.activities import DynamoDbActivities
from stageline.adapters.dynamodb.audited_items import MOVED
from stageline.adapters.dynamodb.codec import Item, from_item
from stageline.adapters.dynamodb.contacts import DynamoDbContacts
from stageline.adapters.dynamodb.deals import DynamoDbDeals
from stageline.adapters.dynamodb.fields import DynamoDbFields
from stageline.adapters.dynamodb.table import Table
from stageline.adapters.dynamodb.tasks import DynamoDbTasks
from stageline.adapters.dynamodb.touches import DynamoDbTouches
from stageline.domain.identifiers import Hashing
from stageline.domain.ids import Identities
from stageline.domain.stamp import Source, Stamp
from stageline.domain.workspace import Workspace
from stageline.use_cases.custom_values import Customs
from stageline.use_cases.related import Related
from tests.fakes.stepping import pause
from tests.fakes.world import owner_of

WORKSPACE = Workspace("acme")
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = NOW.date()
STAMP = Stamp("somebody", "a-request", NOW)
SOURCE = Source("api", "a-hash", "1")


class PausingTable(Table):
    """Each call is a step, for functions that run step by step."""

    def get(self, *arguments: Any, **named: Any) -> Item | None:
        pause()
        return super().get(*arguments, **named)

    def batch_get(self, *arguments: Any, **named: Any) -> list[Item]:
        pause()
        return super().batch_get(*arguments, **named)

    def query(self, *arguments: Any, **named: Any) -> Iterator[Item]:
        pause()
        return super().query(*arguments, **named)

    def write(self, *arguments: Any) -> None:
        pause()
        super().write(*arguments)

    def transact(self, *arguments: Any) -> None:
        pause()
        super().transact(*arguments)


class Stores:
    def __init__(self) -> None:
        self.keys = {1: b"a key of tests"}
        self.client = MemoryClient(keep_stream=True)
        self.table = PausingTable(cast(Any, self.client), "in-memory")
        self.accounts = DynamoDbAccounts(self.table, WORKSPACE)
        self.deals = DynamoDbDeals(self.table, WORKSPACE)
        self.contacts = DynamoDbContacts(
            self.table, WORKSPACE, owner_of, lambda: Hashing(WORKSPACE, self.keys)
        )
        self.activities = DynamoDbActivities(self.table, WORKSPACE)
        self.tasks = DynamoDbTasks(self.table, WORKSPACE, owner_of)
        self.touches = DynamoDbTouches(self.table, WORKSPACE)
        self.related = Related(self.accounts, self.deals, self.contacts)
        self.customs = Customs(
            DynamoDbFields(self.table, WORKSPACE), Identities(WORKSPACE, b"a key of tests")
        )

    def items(self) -> dict[tuple[str, str], Item]:
        """Return all that is stored, by its keys, without what is there for the audit."""
        pairs = self.client.items.all()
        items = [from_item(item) for pair in pairs if (item := self.client.items.get(pair))]
        return {
            (item["PK"], item["SK"]): {name: v for name, v in item.items() if name != MOVED}
            for item in items
        }


def hours(number: int) -> datetime:
    """Return an instant some hours before now."""
    return NOW - timedelta(hours=number)
