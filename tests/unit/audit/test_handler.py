"""The audit's reader of the stream, from sample events: what is kept, tried again and set aside."""

import json
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from logging import StreamHandler

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from evaluate_stage import audit
from stageline.domain.workspace import Workspace
from tests.fakes.audit import handle

ACME = Workspace("acme")
MEMBER = "11111111-1111-1111-1111-111111111111"
PEOPLE = ("Erika", "Muster", "erika@example.com")


def raising(error):
    def call(*arguments, **named):
        raise error

    return call


def test_a_sample_is_kept_with_names_and_no_values(world, sample):
    assert handle(sample("audited")["Records"]) == {"batchItemFailures": []}

    account, member = world.log(ACME).kept.values()
    assert (account.kind, account.record_id, account.happened) == ("account", "a1", "changed")
    assert (account.fields, account.rev) == (("name", "owner_email"), 2)
    assert (account.by, account.request) == ("somebody-else", "request-2")
    assert account.at.isoformat() == "2026-03-02T11:59:59.120000+00:00"
    assert (member.kind, member.happened, member.fields) == ("membership", "changed", ("role",))
    # Nothing on the item says who it was.
    assert (member.by, member.request) == ("unknown", None)
    assert member.at.isoformat() == "2026-03-02T12:00:01+00:00"


def test_what_cannot_be_read_is_set_aside_and_the_others_go_on(world, sample):
    records = sample("unreadable")["Records"] + sample("audited")["Records"]
    del records[-2]["dynamodb"]["NewImage"]["presence"]["L"][0]

    assert handle(records) == {"batchItemFailures": []}

    assert world.aside.sent == [
        (None, "audit", "00000000000000000000000000000001"),
        ("acme", "audit", "A#a1#META"),
    ]
    kept = [entry.record_id for entry in world.log(ACME).kept.values()]
    assert kept == ["a1", MEMBER]


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException"])
def test_what_may_pass_is_reported_for_another_try(world, sample, code):
    world.log(ACME).add = raising(ClientError({"Error": {"Code": code}}, "PutItem"))

    answer = handle(sample("audited")["Records"])

    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == ["101", "102"]
    assert world.aside.sent == []


def test_a_member_is_set_aside_by_the_record_not_by_the_subject(world, sample):
    world.log(ACME).add = raising(ClientError({"Error": {"Code": "ValidationException"}}, "Put"))

    handle(sample("audited")["Records"])

    assert world.aside.sent[1] == (None, "audit", "000000000000000000000000000000a2")


def test_what_cannot_even_be_set_aside_is_tried_again(world, sample):
    world.aside.send = raising(EndpointConnectionError(endpoint_url="x"))

    answer = handle(sample("unreadable")["Records"])

    assert len(answer["batchItemFailures"]) == 1


def test_logs_and_what_is_set_aside_name_nobody(world, sample):
    lines = StringIO()
    (handler,) = audit.logger.handlers
    assert isinstance(handler, StreamHandler)
    before = handler.setStream(lines)
    with redirect_stdout(lines), redirect_stderr(lines):
        handle(sample("audited")["Records"])
        world.log(ACME).add = raising(ValueError(f"cannot keep {PEOPLE}"))
        handle(sample("audited")["Records"])
    handler.setStream(before)

    everything = lines.getvalue() + json.dumps(world.aside.sent)
    assert "batch kept" in everything and "set aside" in everything
    assert not [name for name in PEOPLE if name in everything]
