"""CPU of the stream's function on a batch of 100 records, against record by record with models.

The batch is what a busy time brings: of each of 20 groups with 19 deals three changed deals, and
what the change before wrote, a ledger and a value. The reference is what one writes first: models
of both images of each record, then of all that the group is made of, and an evaluation for each
record. Both ask the same table in memory through a client of botocore, the reference as it comes,
ours as `bootstrap` makes it. Its CPU counts, that of the table does not; the stages are the same.
"""

import gc
import json
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, cast
from unittest.mock import patch

from boto3.dynamodb.types import TypeDeserializer
from pydantic import BaseModel

from benchmarks.company import TODAY
from benchmarks.deployment import WORKSPACE, Context, Deployment, deployment, passes_filter
from benchmarks.frame import Measurement, median_ratio, pairs
from benchmarks.memory.wire import Wire
from evaluate_stage import stream
from stageline import bootstrap
from stageline.adapters.dynamodb.keys import DEAL_PREFIX, account_key, account_partition
from stageline.domain.account import Profile
from stageline.domain.deal import Terms, new_deal
from stageline.domain.ledger import DealFacts, build_ledger
from stageline.domain.spells import Observation, PresenceObservation
from stageline.domain.stamp import Source, Stamp
from stageline.use_cases.accounts import create_account
from stageline.use_cases.deals import close_deal
from stageline.use_cases.pipeline import refresh_rows

GOAL = 10.0
GROUPS, DEALS, RECORDS = 20, 19, 100
_SCHEME = "crm_stage"


def measure(small: bool) -> Measurement:
    with batch() as made:
        ours = made.outcome(made.handled)
        reference = made.outcome(made.one_by_one, ours=False)
        assert ours == reference
        assert ours != made.outcome(lambda: None), "the batch changes nothing"
        measured = median_ratio(
            lambda: made.cpu_seconds(made.one_by_one, ours=False),
            lambda: made.cpu_seconds(made.handled),
            pairs=pairs(small),
        )
    return {"value": round(measured, 2), "unit": "times", "goal": GOAL, "better": "higher"}


class DealModel(BaseModel):
    id: str
    account_id: str
    external_id: str | None = None
    name: str
    opened_on: date | None = None
    expected_close_on: date | None = None
    amount: Decimal | None = None
    currency: str | None = None
    probability: Decimal | None = None
    owner_email: str | None = None
    observations: list[tuple[str, date, date | None]]
    first_seen_on: date
    created_at: datetime
    at: datetime
    by: str
    request: str
    rev: int


class AccountModel(BaseModel):
    id: str
    external_id: str | None = None
    name: str
    owner_email: str | None = None
    created_on: date | None = None
    presence: list[tuple[bool, date]]
    memberships: list[tuple[str, date | None, datetime]]
    rev: int


class LedgerModel(BaseModel):
    account_id: str
    ledger: str
    live: bool
    rev: int


class ValueModel(BaseModel):
    root_id: str
    scheme: str
    timeline: str
    on: date
    stage: str
    since: date | None = None
    holds: list[str]
    recorded_at: datetime
    evaluated_at: datetime
    rev: int


_MODELS: Mapping[str, type[DealModel | LedgerModel | ValueModel]] = {
    "DEAL": DealModel,
    "L": LedgerModel,
    "A": ValueModel,
}
_deserialize = TypeDeserializer().deserialize


class Batch:
    """An event as text, and the table as it is before; each run begins with that."""

    def __init__(self, deployed: Deployment) -> None:
        self._deployed = deployed
        self._wires = {ours: Wire(deployed.client, ours=ours) for ours in (True, False)}
        self._stores = bootstrap.pipeline(WORKSPACE)
        chance = random.Random(1)
        for number in range(GROUPS):
            self._add_account(chance, number)
        deployed.follow_stream()
        self._close(0, "lost")
        # What the change before wrote is on its way when the next deals change.
        caused = self._caused()
        deals = [record for place in (1, 2, 3) for record in self._close(place, "won")]
        records = [*deals, *caused]
        assert len(records) == RECORDS, len(records)
        self._event = json.dumps({"Records": records})
        self._kept = deployed.client.items.copy()

    def handled(self) -> None:
        answer = stream.handler(json.loads(self._event), cast(Any, Context()))
        assert answer == {"batchItemFailures": []}

    def one_by_one(self) -> None:
        for record in json.loads(self._event)["Records"]:
            change = record["dynamodb"]
            kind = change["Keys"]["SK"]["S"].partition("#")[0]
            model = _MODELS[kind]
            before = model.model_validate(_plain(change["OldImage"]))
            after = model.model_validate(_plain(change["NewImage"]))
            if before != after:
                self._evaluate(after.root_id if isinstance(after, ValueModel) else after.account_id)

    def outcome(self, run: Callable[[], None], *, ours: bool = True) -> Any:
        self._begin()
        with self._through(self._wires[ours]):
            run()
        rows = self._stores.rows.rows(map(_account_id, range(GROUPS)), _SCHEME)
        return {row.account_id: (row.stage, row.since, row.holds) for row in rows.values()}

    def cpu_seconds(self, run: Callable[[], None], *, ours: bool = True) -> float:
        wire = self._wires[ours]
        self._begin()
        with self._through(wire), wire.cpu_outside_table() as taken:
            run()
        return taken[0]

    @contextmanager
    def _through(self, wire: Wire) -> Iterator[None]:
        with patch.object(bootstrap.table(), "client", wire.client):
            yield

    def _begin(self) -> None:
        self._deployed.client.items = self._kept.copy()
        self._deployed.forget_stream()
        gc.collect()

    def _evaluate(self, account_id: str) -> None:
        """Read all of an account as models, and store its stage if it is another one."""
        table, now = bootstrap.table(), self._deployed.clock.now()
        stored = table.client.get_item(
            TableName=table.name,
            Key={k: {"S": v} for k, v in account_key(WORKSPACE, account_id).items()},
            ConsistentRead=True,
        )
        account = AccountModel.model_validate(_plain(stored["Item"]))
        found = table.client.query(
            TableName=table.name,
            ConsistentRead=True,
            KeyConditionExpression="PK = :pk AND begins_with(SK, :prefix)",
            ExpressionAttributeValues={
                ":pk": {"S": account_partition(WORKSPACE, account_id)},
                ":prefix": {"S": DEAL_PREFIX},
            },
        )
        deals = [DealModel.model_validate(_plain(item)) for item in found["Items"]]
        ledger = build_ledger(
            account.id,
            presence=[PresenceObservation(*seen) for seen in account.presence],
            created_on=account.created_on,
            deals=[
                DealFacts(
                    deal.id,
                    deal.opened_on,
                    [Observation(*cast(Any, seen)) for seen in deal.observations],
                )
                for deal in deals
            ],
        )
        for evaluator in self._stores.evaluators:
            before = self._stores.groups.value(account_id, evaluator.scheme.key)
            evaluated = evaluator.evaluate(
                account_id, before, [ledger], today=self._deployed.clock.day, now=now
            )
            if evaluated is not None:
                self._stores.groups.save_value(*evaluated)
        refresh_rows(self._stores, [account_id], now=now)

    def _caused(self) -> list[dict[str, Any]]:
        """Let the pipeline run, and return the last records of each group's ledger and value."""
        last: dict[str, dict[str, Any]] = {}
        while records := [one for one in self._deployed.client.stream if passes_filter(one)]:
            self._deployed.forget_stream()
            stream.handler({"Records": records}, cast(Any, Context()))
            for record in records:
                keys = record["dynamodb"]["Keys"]
                if keys["SK"]["S"].startswith(("L#", "A#VALUE#")):
                    last[keys["PK"]["S"] + keys["SK"]["S"]] = record
        return [_from_aws(record) for record in last.values()]

    def _close(self, place: int, status: Literal["won", "lost"]) -> list[dict[str, Any]]:
        """Close a deal of each group, a day later, and return the records of that."""
        clock = self._deployed.clock
        clock.day += timedelta(days=1)
        for number in range(GROUPS):
            close_deal(
                self._stores.deals,
                _deal_id(number, place),
                status,
                clock.day,
                expected=None,
                today=clock.day,
                stamp=_stamp(clock.now()),
            )
        return [_from_aws(record) for record in self._deployed.client.stream[-GROUPS:]]

    def _add_account(self, chance: random.Random, number: int) -> None:
        day, stamp = self._deployed.clock.day, _stamp(self._deployed.clock.now())
        account_id = _account_id(number)
        create_account(
            self._stores.accounts,
            account_id,
            Profile(name=f"Benchmarked Instruments {number} Ltd", owner_email="ada@example.com"),
            in_crm=True,
            parent_id=None,
            customs=bootstrap.customs(WORKSPACE),
            source=Source("api", account_id, "1"),
            today=day,
            stamp=stamp,
        )
        self._stores.deals.add(
            [
                new_deal(
                    _deal_id(number, place),
                    Terms(
                        name="Measuring instruments for the second plant",
                        opened_on=TODAY - timedelta(days=chance.randint(100, 700)),
                        expected_close_on=TODAY + timedelta(days=60),
                        amount=Decimal("12300.50"),
                        currency="EUR",
                        probability=Decimal("0.5"),
                        owner_email="ada@example.com",
                    ),
                    "open" if place < 8 else "lost",
                    None if place < 8 else TODAY - timedelta(days=chance.randint(1, 99)),
                    account_id=account_id,
                    today=day,
                    stamp=stamp,
                )
                for place in range(DEALS)
            ]
        )


@contextmanager
def batch() -> Iterator[Batch]:
    with deployment(keep_stream=True) as deployed:
        yield Batch(deployed)


def _plain(image: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _deserialize(value) for name, value in image.items()}


def _from_aws(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with all that the event source hands over."""
    return {
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/stageline/stream/1",
        **record,
        "dynamodb": {
            "ApproximateCreationDateTime": 1772452800,
            "SizeBytes": 1_200,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            **record["dynamodb"],
        },
    }


def _stamp(now: datetime) -> Stamp:
    return Stamp("somebody", "a-request", now)


def _account_id(number: int) -> str:
    return f"a{number:031x}"


def _deal_id(number: int, place: int) -> str:
    return f"d{number:015x}{place:016x}"
