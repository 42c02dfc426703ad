"""A list of a seller's accounts reads those, however many others there are."""

from datetime import date
from typing import Any

import pytest

from benchmarks.memory.client import MemoryClient
from stageline.adapters.dynamodb.lists import DynamoDbLists
from stageline.adapters.dynamodb.rows import DynamoDbRows
from stageline.adapters.dynamodb.table import Table
from stageline.domain.group import Row
from stageline.domain.workspace import Workspace
from stageline.schemes import shipped
from stageline.use_cases.listing import Criteria, list_accounts

ACME, SCHEME, MINE = Workspace("acme"), shipped(), 60
STAGES = tuple(SCHEME.stages)


def row(number, owner):
    stage = STAGES[number % len(STAGES)]
    return Row(
        account_id=f"{number:032x}",
        scheme=SCHEME.key,
        stage=stage,
        rank=SCHEME.rank(stage),
        since=date(2026, 1, 1),
        next_on=None,
        holds=(stage,),
        name=f"Glass {number}",
        domain=None,
        owner_email=None,
        owner=owner,
        in_crm=True,
        parent_id=None,
        root_id=None,
        home_rev=1,
        value_rev=1,
        account_rev=1,
        event_seq=0,
    )


def items_read(others, criteria):
    """Return how many items all pages of a list read, with so many accounts of others."""
    client: Any = MemoryClient()
    table = Table(client, "table")
    rows = DynamoDbRows(table, ACME)
    for number in range(MINE):
        rows.save(row(number, "me"), None, None)
    for number in range(others):
        rows.save(row(MINE + number, f"other-{number % 7}"), None, None)
    found, place, before = 0, None, client.meter.copy()
    while True:
        page = list_accounts(DynamoDbLists(table, ACME), rows, SCHEME, criteria, place)
        found, place = found + len(page.rows), page.following
        if place is None:
            assert found == MINE
            return client.meter.since(before).items_read


@pytest.mark.parametrize("asked", [{}, {"sort": "name"}, {"sort": "since"}, {"query": "gla"}])
def test_accounts_of_others_are_not_read(asked):  # S2.11
    criteria = Criteria(owners=("me",), limit=20, **asked)

    assert items_read(2_000, criteria) == items_read(0, criteria)
