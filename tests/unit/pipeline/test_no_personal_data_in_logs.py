"""People in the data are not in logs, set-aside messages and events of the pipeline."""

import contextlib
import json
from io import StringIO
from logging import StreamHandler
from typing import Any

import pytest

from evaluate_stage import stream, tick
from stageline.adapters.events import EventBridgeEvents
from stageline.adapters.set_aside import SqsSetAside

MARKED = ("Mustermann", "erika@example.com", "mustermann.example.com")


class Client:
    """Any client of AWS: keeps what it is sent."""

    def __init__(self):
        self.sent = []

    def put_events(self, Entries):
        self.sent += Entries
        return {"Entries": [{} for _ in Entries]}

    def send_message(self, **message):
        self.sent.append(message)


@pytest.fixture
def client(world):
    client: Any = Client()
    world.events = EventBridgeEvents(client, "a-bus")
    world.aside = SqsSetAside(client, "a-queue")
    return client


@pytest.fixture
def person(world):
    world.add_account(
        "a1",
        name="Erika Mustermann e. K.",
        owner_email="erika@example.com",
        domain="mustermann.example.com",
    )
    world.add_deal("d1", "a1", name="Order of Mustermann")


@pytest.fixture
def told():
    """Return what reads everything logged or printed as a metric so far."""
    lines = StringIO()
    with contextlib.ExitStack() as stack:
        for logger in (stream.logger, tick.logger):
            for handler in logger.handlers:
                assert isinstance(handler, StreamHandler)
                stack.callback(handler.setStream, handler.setStream(lines))
        with contextlib.redirect_stdout(lines), contextlib.redirect_stderr(lines):
            yield lines.getvalue


def test_a_run_without_trouble_names_nobody(world, client, person, flow, context, told):
    flow()
    tick.handler({}, context)

    everything = told() + json.dumps(client.sent, default=str)
    assert "batch worked off" in everything
    assert client.sent
    assert not [mark for mark in MARKED if mark in everything]


def test_a_run_in_which_everything_fails_names_nobody(world, client, person, context, told):
    records = world.memory.taken()

    def broken(*arguments, **named):
        raise ValueError(f"cannot work with {MARKED}")

    for store in (world.stores.groups, world.stores.rows, world.stores.accounts):
        for name in ("home", "value", "ledgers", "rows", "row", "due"):
            if hasattr(store, name):
                setattr(store, name, broken)
    stream.handler({"Records": records}, context)
    tick.handler({}, context)

    everything = told() + json.dumps(client.sent, default=str)
    assert "set aside" in everything
    assert client.sent
    assert not [mark for mark in MARKED if mark in everything]


def test_what_is_set_aside_says_workspace_item_and_id_only(client, world, person, context, sample):
    stream.handler(sample("unreadable"), context)

    (message,) = client.sent
    assert json.loads(message["MessageBody"]) == {
        "workspace": None,
        "item": "record",
        "id": "00000000000000000000000000000001",
    }
