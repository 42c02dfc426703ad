"""Every tenth record is poison: nine tenths are right, the rest comes right when redriven."""

import json
from typing import Any

import pytest

from evaluate_stage import stream, work
from stageline.adapters.dynamodb.keys import account_key
from tests.fakes.memory import UNREADABLE
from tests.fakes.world import WORKSPACE
from tools.redrive import redrive

ACCOUNTS = [f"a{number:02d}" for number in range(30)]
POISON = ACCOUNTS[::10]


class Queues:
    """SQS, as far as moving messages goes; what was received is not given out again at once."""

    def __init__(self, **queues: list[str]) -> None:
        self.queues = queues
        self.received: list[tuple[str, str]] = []

    def receive_message(self, QueueUrl: str, **_: Any) -> dict[str, Any]:
        waiting = [body for body in self.queues[QueueUrl] if (QueueUrl, body) not in self.received][
            :10
        ]
        self.received += [(QueueUrl, body) for body in waiting]
        return {"Messages": [{"Body": body, "ReceiptHandle": body} for body in waiting]}

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:
        self.queues[QueueUrl].append(MessageBody)

    def delete_message(self, QueueUrl: str, ReceiptHandle: str) -> None:
        self.queues[QueueUrl].remove(ReceiptHandle)


URLS = {
    "SetAsideQueueUrl": "aside",
    "WorkQueueUrl": "work",
    "WorkDeadLetterQueueUrl": "work_dead",
    "PagesQueueUrl": "pages",
    "PagesDeadLetterQueueUrl": "pages_dead",
    "PrivacyQueueUrl": "privacy",
    "PrivacyDeadLetterQueueUrl": "privacy_dead",
}


def row_stages(world):
    rows = {name: world.stores.rows.row(name, "crm_stage") for name in ACCOUNTS}
    return {name: row and row.stage for name, row in rows.items()}


def test_nine_tenths_are_right_and_the_rest_is_when_redriven(world, context):
    for account_id in ACCOUNTS:
        world.add_account(account_id)
        world.add_deal(f"d-{account_id}", account_id)
    sound = {name: world.memory.peek(account_key(WORKSPACE, name)) for name in POISON}
    for name in POISON:
        poison(world, name, UNREADABLE)

    while records := world.memory.taken():
        assert stream.handler({"Records": records}, context) == {"batchItemFailures": []}

    good = {name: "pipeline" for name in ACCOUNTS if name not in POISON}
    assert row_stages(world) == good | dict.fromkeys(POISON)
    assert {item_id for _, _, item_id in world.aside.sent} == set(POISON)

    for name, record in sound.items():
        poison(world, name, record)
    sent = [
        json.dumps({"workspace": workspace, "item": item, "id": item_id})
        for workspace, item, item_id in dict.fromkeys(world.aside.sent)
    ]
    queues = Queues(aside=sent, work=[])
    assert redrive(queues, "set-aside", URLS, drop=False)["redriven"] == len(POISON)
    batch = [
        {"messageId": str(number), "eventSource": "aws:sqs", "body": body}
        for number, body in enumerate(queues.queues["work"])
    ]
    assert work.handler({"Records": batch}, context) == {"batchItemFailures": []}

    assert row_stages(world) == dict.fromkeys(ACCOUNTS, "pipeline")
    assert queues.queues["aside"] == []


def poison(world, account_id, record):
    key = account_key(WORKSPACE, account_id)
    world.memory.items[key["PK"], key["SK"]] = record


def test_what_names_no_record_is_left_until_it_is_dropped():
    bodies = ['{"workspace": null, "item": "record", "id": "7"}', "{}", "no json"]

    assert redrive(Queues(aside=[*bodies], work=[]), "set-aside", URLS, drop=False)["left"] == 3
    assert redrive(Queues(aside=[*bodies], work=[]), "set-aside", URLS, drop=True)["dropped"] == 3


@pytest.mark.parametrize(
    ("which", "dead", "queue"),
    [("work", "work_dead", "work"), ("privacy", "privacy_dead", "privacy")],
)
def test_dead_letters_go_back_to_their_queue_as_they_are(which, dead, queue):
    queues = Queues(**{dead: ["one", "two"], queue: []})

    assert redrive(queues, which, URLS, drop=False)["redriven"] == 2
    assert queues.queues == {dead: [], queue: ["one", "two"]}


@pytest.mark.parametrize(
    ("item", "item_id"), [("group", "a00"), ("event", "a00#E#crm_stage#000000000001")]
)
def test_a_group_and_an_event_are_done_once_more(world, flow, context, item, item_id):
    world.add_account("a00")
    flow()
    world.events.published.clear()
    body = {"workspace": "acme", "work": "redrive", "item": item, "id": item_id}
    record = {"messageId": "1", "eventSource": "aws:sqs", "body": json.dumps(body)}

    assert work.handler({"Records": [record]}, context) == {"batchItemFailures": []}
    assert len(world.events.published) == (item == "event")


def test_events_are_marked_when_they_were_published_only(world, context):
    world.add_account("a00")
    world.events.refuse = 1
    refused = []
    while records := world.memory.taken():
        answer = stream.handler({"Records": records}, context)
        refused += answer["batchItemFailures"]

    assert refused
    assert [place for place in world.memory.items if place[0].startswith("unsent#")]


def test_a_mark_that_fails_never_fails_the_batch(world, flow):
    def failing(events):
        raise ConnectionError

    world.outbox.mark_sent = failing
    world.add_account("a00")
    flow()

    assert len(world.events.published) == 1
