"""The table's stream, from sample events: what is done, tried again and set aside."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from evaluate_stage import stream
from evaluate_stage.records import tasks_of
from stageline.domain.errors import Stale
from tests.fakes.world import WORKSPACE


def names(records):
    return [(task.step, task.item_id) for task in tasks_of(records)]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param("account_added", [("ledger", "a1"), ("row", "a1")], id="an account"),
        pytest.param("deal_changed", [("ledger", "a1")], id="two deals of one account, once"),
        pytest.param(
            "ledgers_moved",
            [
                ("ledger", "a2"),
                ("ledger", "a3"),
                ("value", "a1"),
                ("value", "a3"),
                ("row", "a2"),
            ],
            id="a member left one group for another",
        ),
        pytest.param("value_changed", [("value", "a1"), ("members", "a1")], id="a value"),
        pytest.param("stage_changed", [("event", "a1#E#crm_stage#000000000001")], id="an event"),
    ],
)
def test_each_kind_of_record_asks_for_its_steps(sample, event, expected):
    assert names(sample(event)["Records"]) == expected


def test_a_ledger_is_asked_for_by_what_has_changed(sample):
    """Of a large account only the parts of changed deals are looked at."""
    deals = sample("deal_changed")["Records"]
    account = sample("account_added")["Records"]

    def parts(records):
        return [task.parts for task in tasks_of(records) if task.step == "ledger"]

    changed = frozenset(r["dynamodb"]["Keys"]["SK"]["S"].removeprefix("DEAL#") for r in deals)
    assert parts(deals) == parts(deals + account) == [changed]
    assert parts(account) == [frozenset()]
    head = sample("ledgers_moved")["Records"]
    assert parts(head) == [None, None]


def test_what_a_job_wrote_is_left_to_the_job_which_settles_it(sample):
    records = sample("deal_changed")["Records"]
    for record in records:
        record["dynamodb"]["NewImage"]["in_job"] = {"BOOL": True}

    assert names(records) == []


def test_a_deal_that_a_job_moved_away_is_still_asked_after(sample):
    record = sample("deal_changed")["Records"][0]
    old = record["dynamodb"].pop("NewImage") | {"in_job": {"BOOL": True}}
    record["dynamodb"]["OldImage"] = old

    assert names([record | {"eventName": "REMOVE"}]) == [("ledger", "a1")]


def test_a_change_of_a_deal_reaches_row_and_event(world, flow):
    world.add_account("a1")
    flow()

    world.add_deal("d1", "a1")
    flow()

    row = world.stores.rows.row("a1", "crm_stage")
    assert (row.stage, row.since) == ("pipeline", world.today)
    assert [(e.seq, e.from_stage, e.to_stage) for _, e in world.events.published] == [
        (1, None, "in_crm"),
        (2, "in_crm", "pipeline"),
    ]


def test_the_same_records_again_write_nothing(world, context):
    world.add_account("a1")
    delivered = list(world.memory.taken())
    stream.handler({"Records": delivered}, context)
    while more := world.memory.taken():
        stream.handler({"Records": more}, context)
        delivered += more
    before = world.memory.writes

    stream.handler({"Records": delivered[::-1]}, context)

    assert world.memory.writes == before


def test_a_deal_that_waited_is_taken_up_when_its_account_arrives(world, flow):
    world.add_deal("d1", "a1", "won", closed_on=world.today, waiting=True)
    flow()
    world.add_account("a1")
    flow()

    assert not world.stores.deals.get("d1").waiting
    assert world.stores.rows.row("a1", "crm_stage").stage == "client"


def test_a_record_that_cannot_be_read_is_set_aside_and_the_others_go_on(world, context, sample):
    world.add_account("a1")

    answer = stream.handler(sample("unreadable"), context)

    assert answer == {"batchItemFailures": []}
    assert world.aside.sent == [(None, "record", "00000000000000000000000000000001")]
    assert world.stores.groups.home("a1") is not None


def test_an_account_that_cannot_be_processed_is_set_aside_by_name(world, context, sample):
    world.stores.groups.home = raising(ValueError("Erika Mustermann"))

    answer = stream.handler(sample("deal_changed"), context)

    assert answer == {"batchItemFailures": []}
    assert world.aside.sent == [("acme", "account", "a1")]


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(Stale("home"), id="others were first"),
        pytest.param(EndpointConnectionError(endpoint_url="x"), id="no connection"),
        pytest.param(
            ClientError({"Error": {"Code": "ThrottlingException"}}, "GetItem"), id="throttled"
        ),
        pytest.param(
            ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetItem"),
            id="a permission is missing",
        ),
    ],
)
def test_what_may_pass_is_reported_for_another_try(world, context, sample, monkeypatch, error):
    monkeypatch.setattr(stream, "sleep", lambda seconds: None)
    world.stores.groups.home = raising(error)

    answer = stream.handler(sample("deal_changed"), context)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "101"}, {"itemIdentifier": "102"}]}
    assert world.aside.sent == []


def test_a_request_that_aws_refuses_is_set_aside(world, context, sample):
    refused = ClientError({"Error": {"Code": "ValidationException"}}, "PutItem")
    world.stores.groups.home = raising(refused)

    stream.handler(sample("deal_changed"), context)

    assert world.aside.sent == [("acme", "account", "a1")]


def test_what_cannot_even_be_set_aside_is_tried_again(world, context, sample):
    world.stores.groups.home = raising(ValueError())
    world.aside.send = raising(EndpointConnectionError(endpoint_url="x"))

    answer = stream.handler(sample("deal_changed"), context)

    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ["101", "102"]


def test_an_event_that_was_not_taken_is_tried_again(world, context, sample):
    world.events.refuse = 1

    first = stream.handler(sample("stage_changed"), context)
    second = stream.handler(sample("stage_changed"), context)

    assert first == {"batchItemFailures": [{"itemIdentifier": "101"}]}
    assert second == {"batchItemFailures": []}
    ((workspace, event),) = world.events.published
    assert (workspace, event.account_id, event.to_stage) == (WORKSPACE, "a1", "pipeline")


def test_an_expired_event_is_not_published_again(world, context, sample):
    expired = sample("stage_changed")
    change = expired["Records"][0]
    change["eventName"] = "REMOVE"
    change["dynamodb"]["OldImage"] = change["dynamodb"].pop("NewImage")

    stream.handler(expired, context)

    assert world.events.published == []


def raising(error):
    def call(*arguments, **named):
        raise error

    return call
