"""What DynamoDB charges for a day of a million accounts, at list prices, against scanning them all.

Of a hundred accounts one changes: of five such changes three say nothing about stages (an amount),
one closes a deal and one brings a deal. For four that change one is due. Ours: the stream's
function follows the changes, and the tick runs each hour. The reference has a table of records and
list rows only, reads all of it once and writes the rows that differ, with their events; it keeps no
history. Writing the changed records themselves is not counted, on either side.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from benchmarks.company import TOMORROW, write_company
from benchmarks.deployment import WORKSPACE, Deployment, deployment
from benchmarks.frame import Measurement, ratio
from benchmarks.memory.client import MemoryClient
from benchmarks.memory.meter import Meter
from stageline import bootstrap
from stageline.adapters.dynamodb.account_items import account_from_item
from stageline.adapters.dynamodb.codec import from_item
from stageline.adapters.dynamodb.deal_items import deal_from_item
from stageline.adapters.dynamodb.row_items import event_item, row_from_item, row_item
from stageline.adapters.dynamodb.table import Table
from stageline.domain.account import Account
from stageline.domain.deal import Deal, Terms, new_deal
from stageline.domain.event_drift import EVENTS_KEPT
from stageline.domain.group import Row
from stageline.domain.ledger import DealFacts, build_ledger
from stageline.domain.row import following
from stageline.domain.stamp import Stamp
from stageline.use_cases.deals import change_deal, close_deal

GOAL = 0.5
ACCOUNTS, MILLION = 4_000, 1_000_000
TICKS_A_DAY = 24
_SCHEME = "crm_stage"

type Shown = Mapping[str, tuple[Any, ...]]


def measure(small: bool) -> Measurement:
    accounts = 500 if small else ACCOUNTS
    with TemporaryDirectory() as directory, deployment(keep_stream=True) as deployed:
        changed = accounts // 100
        files = write_company(Path(directory), accounts, due=changed // 4)
        deployed.import_file("accounts", files.accounts)
        deployed.import_file("deals", files.deals)
        deployed.follow_stream()
        deployed.clock.day = TOMORROW
        _change(deployed, changed)
        plain = _plain_table(deployed)
        ours, idle = _day(deployed), _day(deployed)
        reference = _refreshed(deployed, plain)
        assert _shown(deployed.client) == _shown(plain)
    # What a day costs in which nothing happens does not grow with the accounts.
    grown = MILLION / accounts
    of_a_million = (ours.dollars - idle.dollars) * grown + idle.dollars
    return ratio(of_a_million / (reference.dollars * grown), GOAL)


def _day(deployed: Deployment) -> Meter:
    """Follow what has changed, tick each hour, and return what that took."""
    before = deployed.client.meter.copy()
    deployed.follow_stream()
    for _ in range(TICKS_A_DAY):
        deployed.tick()
        deployed.follow_stream()
    return deployed.client.meter.since(before)


def _change(deployed: Deployment, accounts: int) -> None:
    """Change what deals of so many accounts say, their outcome, or that there is another."""
    stores, clock = bootstrap.pipeline(WORKSPACE), deployed.clock
    stamp = Stamp("somebody", "a-request", clock.now())
    same: dict[str, Any] = {"expected": None, "today": clock.day, "stamp": stamp}
    chosen = _some_deals(deployed, accounts)
    for number, deal in enumerate(chosen):
        match number % 5:
            case 0 | 1 | 2:
                changes = {"amount": Decimal(number), "currency": "EUR"}
                change_deal(
                    stores.deals,
                    stores.accounts,
                    deal.deal_id,
                    changes,
                    customs=bootstrap.customs(WORKSPACE),
                    **same,
                )
            case 3:
                close_deal(stores.deals, deal.deal_id, "lost", clock.day, **same)
            case _:
                opened_on = clock.day - timedelta(days=1)
                terms = Terms(name="One more", opened_on=opened_on)
                new_id = f"{number:032x}"
                stores.deals.add(
                    [
                        new_deal(
                            new_id,
                            terms,
                            "open",
                            None,
                            account_id=deal.account_id,
                            today=clock.day,
                            stamp=stamp,
                        )
                    ]
                )


def _some_deals(deployed: Deployment, accounts: int) -> list[Deal]:
    """Return an open deal of so many accounts each, of accounts spread over all."""
    found: dict[str, Deal] = {}
    for pair in deployed.client.items.all():
        item = deployed.client.items.get(pair)
        if item is None or not pair[1].startswith("DEAL#"):
            continue
        deal = deal_from_item(from_item(item))
        if deal.status == "open" and deal.account_id is not None:
            found.setdefault(deal.account_id, deal)
    step = max(1, len(found) // accounts)
    return [found[account_id] for account_id in sorted(found)[::step]][:accounts]


def _plain_table(deployed: Deployment) -> MemoryClient:
    """Return a table with the same records and rows, and nothing else."""
    plain = MemoryClient()
    for pair in deployed.client.items.all():
        item = deployed.client.items.get(pair)
        if item is not None and pair[1].startswith(("META", "DEAL#", "ROW#")):
            plain.items.put(pair, None, item, deployed.client.items.size(pair))
    return plain


def _refreshed(deployed: Deployment, plain: MemoryClient) -> Meter:
    """Read everything, write the rows that differ, and return what that took."""
    before = plain.meter.copy()
    table = Table(cast(Any, plain), "plain")
    accounts: dict[str, Account] = {}
    deals: dict[str | None, list[Deal]] = defaultdict(list)
    rows: dict[str, Row] = {}
    for page in plain.get_paginator("scan").paginate(TableName="plain"):
        for item in map(from_item, page["Items"]):
            if item["SK"] == "META":
                accounts[item["id"]] = account_from_item(item)
            elif item["SK"].startswith("DEAL#"):
                deals[item["account_id"]].append(deal_from_item(item))
            else:
                rows[item["id"]] = row_from_item(item)
    for before_row, row in _rows(deployed, accounts, deals, rows):
        scheme = bootstrap.pipeline(WORKSPACE).evaluators[0].scheme
        row, event = following(row, before_row, scheme, deployed.clock.now())
        table.put(row_item(WORKSPACE, row))
        if event is not None:
            table.put(event_item(WORKSPACE, event, EVENTS_KEPT))
    return plain.meter.since(before)


def _rows(
    deployed: Deployment,
    accounts: Mapping[str, Account],
    deals: Mapping[str | None, list[Deal]],
    rows: Mapping[str, Row],
) -> Iterator[tuple[Row, Row]]:
    """Yield each row that differs from what the records say, as it is and as it must be."""
    (evaluator,) = bootstrap.pipeline(WORKSPACE).evaluators
    groups: dict[str, list[Account]] = defaultdict(list)
    for account in accounts.values():
        groups[account.root_id or account.account_id].append(account)
    for root_id, members in groups.items():
        ledgers = [
            build_ledger(
                member.account_id,
                presence=member.presence,
                created_on=member.profile.created_on,
                deals=[
                    DealFacts(deal.deal_id, deal.terms.opened_on, deal.observations)
                    for deal in deals[member.account_id]
                ],
            )
            for member in members
        ]
        today, now = deployed.clock.day, deployed.clock.now()
        evaluated = evaluator.evaluate(root_id, None, ledgers, today=today, now=now)
        assert evaluated is not None
        value = evaluated[0]
        for member in members:
            before = rows[member.account_id]
            row = replace(
                before,
                stage=value.stage,
                rank=evaluator.scheme.rank(value.stage),
                since=value.since,
                next_on=value.next_on,
                holds=value.holds,
            )
            if row != before:
                yield before, row


def _shown(client: MemoryClient) -> Shown:
    """Return what the rows of a table show."""
    found = {}
    for pair in client.items.all():
        item = client.items.get(pair)
        if item is not None and pair[1].startswith("ROW#"):
            row = row_from_item(from_item(item))
            found[row.account_id] = (row.stage, row.since, row.holds, row.next_on)
    return found
