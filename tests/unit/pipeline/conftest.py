import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evaluate_stage import stream
from tests.fakes.world import World

EVENTS = Path(__file__).parents[3] / "events" / "evaluate_stage"


@pytest.fixture
def world():
    world = World()
    with world.behind_bootstrap():
        yield world


@pytest.fixture
def context():
    return SimpleNamespace(
        function_name="a-function",
        memory_limit_in_mb=128,
        invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:a-function",
        aws_request_id="a-request",
    )


@pytest.fixture
def sample():
    return lambda name: json.loads((EVENTS / f"{name}.json").read_text("utf-8"))


@pytest.fixture
def flow(world, context):
    """Return what carries everything to its end: batch after batch, until the stream is dry."""

    def run() -> None:
        while records := world.memory.taken():
            answer: dict[str, Any] = stream.handler({"Records": records}, context)
            assert answer == {"batchItemFailures": []}

    return run
