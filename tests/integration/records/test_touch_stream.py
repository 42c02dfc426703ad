"""The stream keeps first and last touches (S3.9)."""

from unittest.mock import patch

import pytest

from evaluate_stage import stream
from evaluate_stage.records import tasks_of
from stageline import bootstrap
from stageline.domain.activity import About, Happening, new_activity
from stageline.domain.errors import Stale
from stageline.domain.touch import Touch
from tests.fakes.world import World
from tests.integration.records.stores import STAMP, Stores, hours


@pytest.fixture
def stores():
    stores = Stores()
    for number in range(3):
        happening = Happening(kind="call", occurred_at=hours(number), two_way=number == 1)
        stores.activities.add([new_activity(f"x{number}", happening, About("a1"), stamp=STAMP)])
    return stores


def handled(world, stores):
    records, stores.client.stream = stores.client.stream, []
    with (
        world.behind_bootstrap(),
        patch.object(bootstrap, "touches", lambda workspace: stores.touches),
    ):
        return list(stream.Batch().outcomes(tasks_of(records)).values())


def test_a_batch_of_activities_is_one_task_for_each_account(stores):
    asked = tasks_of(stores.client.stream)

    assert [(task.step, task.item_id) for task in asked] == [("touch", "a1")]


def test_what_the_step_writes_runs_it_again_and_then_it_rests(stores):
    world = World()

    handled(world, stores)
    touch = stores.touches.stored("a1")
    written = len(stores.client.stream)
    handled(world, stores)

    assert touch is not None
    assert (touch.touch, touch.rev) == (Touch(hours(2), hours(0), hours(1)), 1)
    assert (written, len(stores.client.stream)) == (1, 0)


def test_a_step_that_others_overtake_is_tried_again_by_the_stream(stores):
    def overtaken(touch):
        raise Stale("touch")

    with (
        patch.object(stores.touches, "save", overtaken),
        patch.object(stream, "PAUSES_SECONDS", ()),
    ):
        outcomes = handled(World(), stores)

    assert outcomes == ["again"]
