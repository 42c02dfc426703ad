"""What takes longer than a batch of the stream: asked for by the stream, worked on by a queue."""

import json
from typing import Any

import pytest

from evaluate_stage import stream, work
from evaluate_stage.records import tasks_of
from stageline.adapters.work_queue import NotQueued, SqsWorkQueue
from tests.fakes.world import WORKSPACE


@pytest.fixture
def deliver(world, context):
    """Return what lets a worker do what the queue was asked for."""

    def run() -> None:
        asked, world.work.rows = world.work.rows, []
        batch = {"Records": [message(workspace=WORKSPACE.id, work="rows", accounts=asked)]}
        assert work.handler(batch, context) == {"batchItemFailures": []}

    return run


@pytest.fixture
def large(world, flow, deliver):
    """A group of one more than a batch writes rows for."""
    world.add_account("a0")
    for number in range(stream.MOST_MEMBERS_AT_ONCE):
        world.add_account(f"b{number:02d}", parent_id="a0")
    flow()
    deliver()
    return world


def message(**body):
    return {"messageId": "1", "eventSource": "aws:sqs", "body": json.dumps(body)}


def stages(world):
    return {row.stage for row in world.memory.items.values() if type(row).__name__ == "Row"}


def test_the_rows_of_a_large_group_are_written_by_the_queue(large, flow, deliver):
    large.add_deal("d1", "b03")
    flow()

    assert stages(large) == {"in_crm"}
    assert len(large.work.rows) == stream.MOST_MEMBERS_AT_ONCE + 1
    deliver()
    assert stages(large) == {"pipeline"}


def test_the_same_work_again_writes_nothing(large, flow, deliver):
    large.add_deal("d1", "b03")
    flow()
    asked = list(large.work.rows)
    deliver()
    flow()
    before = large.memory.writes

    large.work.rows = asked
    deliver()

    assert large.memory.writes == before


def test_work_that_cannot_be_sent_is_tried_again(large, flow):
    """The batch is reported: nothing is set aside, nothing is lost."""

    def refused(account_ids):
        raise ConnectionError

    large.work.send_rows = refused
    large.add_deal("d1", "b03")
    again = []
    while records := large.memory.taken():
        outcomes = stream.Batch().outcomes(tasks_of(records))
        again += [task.step for task, outcome in outcomes.items() if outcome == "again"]

    assert again == ["members"]
    assert large.aside.sent == []


@pytest.mark.parametrize(
    "body",
    [{}, {"workspace": "acme", "work": "rows"}, {"workspace": "acme", "work": "nothing known"}],
)
def test_a_message_of_another_form_fails_alone(world, context, body):
    batch = {"Records": [message(**body), message(workspace="acme", work="rows", accounts=[])]}
    batch["Records"][1]["messageId"] = "2"

    answer = work.handler(batch, context)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}


class Queue:
    def __init__(self, failed: Any = ()) -> None:
        self.entries: list[Any] = []
        self.failed = list(failed)

    def send_message_batch(self, QueueUrl, Entries):
        self.entries.append(Entries)
        return {"Failed": self.failed}


def test_rows_are_asked_for_in_messages_of_ids_that_end_in_time():
    queue: Any = Queue()
    SqsWorkQueue(queue, "url", WORKSPACE).send_rows([f"a{number}" for number in range(620)])

    bodies = [json.loads(entry["MessageBody"]) for batch in queue.entries for entry in batch]
    assert [len(batch) for batch in queue.entries] == [10, 3]
    assert sum(len(body["accounts"]) for body in bodies) == 620
    assert {(body["workspace"], body["work"]) for body in bodies} == {("acme", "rows")}


def test_a_queue_that_takes_not_every_message_is_told_of():
    queue: Any = Queue(failed=[{"Id": "0"}])

    with pytest.raises(NotQueued):
        SqsWorkQueue(queue, "url", WORKSPACE).send_job("move", "j1")
