"""Build the real dependencies, once per Lambda environment and only when first asked for."""

from functools import cache
from typing import TYPE_CHECKING

from stageline.config import Settings
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from stageline.adapters.dynamodb.table import Table
    from stageline.domain.ids import Identities
    from stageline.ports import Accounts, Clock, Configuration, Deals, Directory, Lists, Views


@cache
def accounts(workspace: Workspace) -> "Accounts":
    from stageline.adapters.dynamodb.accounts import DynamoDbAccounts

    return DynamoDbAccounts(table(), workspace)


@cache
def clock() -> "Clock":
    from stageline.adapters.clock import SettableClock, SystemClock

    return SettableClock(table()) if settings().has_settable_clock else SystemClock()


@cache
def configuration(workspace: Workspace) -> "Configuration":
    from stageline.adapters.dynamodb.configuration import DynamoDbConfiguration

    return DynamoDbConfiguration(table(), workspace)


@cache
def deals(workspace: Workspace) -> "Deals":
    from stageline.adapters.dynamodb.deals import DynamoDbDeals

    return DynamoDbDeals(table(), workspace)


@cache
def directory() -> "Directory":
    from stageline.adapters.dynamodb.directory import DynamoDbDirectory

    return DynamoDbDirectory(table())


@cache
def identities(workspace: Workspace) -> "Identities":
    from stageline.domain.ids import Identities

    return Identities(workspace, _id_key())


@cache
def lists(workspace: Workspace) -> "Lists":
    from stageline.adapters.dynamodb.lists import DynamoDbLists

    return DynamoDbLists(table(), workspace)


@cache
def settings() -> Settings:
    return Settings.from_env()


@cache
def table() -> "Table":
    import boto3

    from stageline.adapters.dynamodb.table import Table

    return Table(boto3.client("dynamodb"), settings().table_name)


@cache
def views(workspace: Workspace) -> "Views":
    from stageline.adapters.dynamodb.views import DynamoDbViews

    return DynamoDbViews(table(), workspace)


@cache
def _id_key() -> bytes:
    import boto3

    from stageline.adapters.secrets import secret_bytes

    return secret_bytes(boto3.client("secretsmanager"), settings().id_key_secret_name)
