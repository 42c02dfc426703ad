"""What the tests of counting do to a world: switch, let the stream run, let time pass."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from evaluate_stage import stream
from stageline.domain.integration import Integration

CONTEXT: Any = SimpleNamespace(
    function_name="a-function",
    memory_limit_in_mb=128,
    invoked_function_arn="a-function",
    aws_request_id="a-request",
)


def switch(world, *, active):
    """Switch the file integration on or off."""
    configuration, now = world.configuration, world.clock.now()
    before = configuration.read()
    found = before.integration("file")
    made = Integration(
        key="file",
        active=active,
        opportunity_pull=True,
        created_at=now,
        changed=world.stamp(),
        rev=found.rev + 1 if found else 1,
    )
    overlay = before.overlay.following((made,), today=world.today, now=now)
    configuration.save_integration(made, overlay, before.overlay)


def flow(world):
    while records := world.memory.taken():
        assert stream.handler({"Records": records}, CONTEXT) == {"batchItemFailures": []}


def pass_by(world, **time):
    world.clock._now += timedelta(**time)
