"""Erasures by invoking the function itself: the sample events, whose actor has to be allowed."""

import json
from datetime import timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from gdpr import work
from stageline import bootstrap
from tools.certificates import verify

EVENTS = Path(__file__).parents[3] / "events/gdpr"
NOBODY = "0" * 32
_numbers = count(1)


@pytest.fixture
def invoke(deployed):
    """Return what invokes the function with a sample event, on behalf of some role."""

    def call(sample, role=None, **changes):
        event = json.loads((EVENTS / f"privacy_{sample}.json").read_text())
        if role is not None:
            actor = f"{role}-of-{deployed.workspace.id}"
            event |= {"workspace": deployed.workspace.id, "actor": actor}
        event |= changes
        given = {name: value for name, value in event.items() if value is not None}
        return work.handler(given, context(f"invocation-{next(_numbers)}"))

    return call


def context(invocation):
    made = SimpleNamespace(
        function_name="privacy",
        memory_limit_in_mb=128,
        invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:privacy",
        aws_request_id=invocation,
    )
    return cast(LambdaContext, made)


@pytest.fixture
def jane(client):
    person = {"first_name": "Jane", "last_name": "Doe", "email": "jane@glass.example"}
    return client.post("/v1/contacts", person)["id"]


def test_a_person_is_erased_by_the_sample_events(deployed, client, invoke, jane, capsys):
    asked: Any = invoke("request", "admin", contact_ids=[jane])
    ours = {"request": asked["id"]}
    deployed.work_off_erasures()
    shown = invoke("status", "admin", **ours)
    invoke("approve", "privacy_officer", **ours, preview=shown["preview"]["hash"])
    begun = invoke("execute", "admin", **ours)
    for message in work_messages(deployed):
        assert work.handler(message, context("a-message")) == {"batchItemFailures": []}
    ended = invoke("status", "privacy_officer", **ours)
    file = invoke("certificate", "privacy_officer", **ours)["file"]

    assert (asked["status"], shown["status"]) == ("previewing", "previewed")
    assert (begun["status"], ended["status"]) == ("erasing", "done")
    assert verify(file.encode(), bootstrap.signer().public_key().encode())
    assert client.send("GET", f"/v1/contacts/{jane}").status == 404
    logged = capsys.readouterr().out
    assert "Jane" not in logged and "letter" not in logged


def work_messages(deployed):
    """Yield what the queue has as the events that the function gets."""
    sample = json.loads((EVENTS / "privacy_queue.json").read_text())
    for body in deployed.erasure_messages():
        (record,) = sample["Records"]
        yield sample | {"Records": [record | {"body": body}]}


def test_a_selection_by_age_is_asked_for(deployed, invoke, jane):
    deployed.clock.pass_by(timedelta(days=4 * 366))

    asked = invoke("request_selection", "admin")
    deployed.work_off_erasures()

    assert invoke("status", "admin", request=asked["id"])["preview"]["subjects"] == 1


def test_a_request_is_looked_at_again_extended_and_cancelled(deployed, invoke, jane):
    asked = invoke("request", "admin", contact_ids=[jane])
    ours = {"request": asked["id"]}
    deployed.work_off_erasures()

    again = invoke("preview", "admin", **ours)
    deployed.work_off_erasures()
    extended = invoke("extend", "admin", **ours)
    cancelled = invoke("cancel", "admin", **ours)

    assert (again["status"], cancelled["status"]) == ("previewing", "cancelled")
    assert (extended["status"], extended["extended"]) == ("previewed", True)
    assert extended["due_on"] > asked["due_on"]


def test_a_member_who_was_removed_is_asked_for(deployed, client, invoke):
    gone = f"seller-of-{deployed.workspace.id}"
    active = invoke("request_member", "admin", member_id=gone)
    assert client.send("DELETE", f"/v1/members/{gone}").status == 204

    asked = invoke("request_member", "admin", member_id=gone)

    assert active["refused"]["code"] == "member_active"
    assert (asked["member_id"], asked["status"]) == (gone, "previewing")


def test_the_same_invocation_again_asks_once(deployed, jane):
    event = json.loads((EVENTS / "privacy_request.json").read_text())
    actor = f"admin-of-{deployed.workspace.id}"
    event |= {"workspace": deployed.workspace.id, "actor": actor, "contact_ids": [jane]}

    first, again = (work.handler(event, context("one")) for _ in range(2))
    other = work.handler(event, context("another"))

    assert first["id"] == again["id"]
    assert other["refused"]["code"] == "request_open"


def test_the_tick_takes_up_what_was_lost(deployed, client, invoke, jane):
    asked = invoke("request", "admin", contact_ids=[jane])
    list(deployed.erasure_messages())
    deployed.clock.pass_by(timedelta(hours=1, minutes=1))

    ticked = invoke("tick")
    deployed.work_off_erasures()

    assert ticked == {"taken": 1, "partial": 0}
    assert invoke("status", "admin", request=asked["id"])["status"] == "previewed"


def test_the_rules_of_roles_hold(deployed, client, invoke, jane):
    asked = invoke("request", "admin", contact_ids=[jane])
    deployed.work_off_erasures()
    ours = {"request": asked["id"]}
    preview = invoke("status", "admin", **ours)["preview"]["hash"]

    def code(*arguments, **changes):
        return invoke(*arguments, **changes)["refused"]["code"]

    for role in ("viewer", "seller", "manager"):
        assert code("request", role, contact_ids=[jane]) == "actor_may_not"
        assert code("status", role, **ours) == "actor_may_not"
    assert code("approve", "admin", **ours, preview=preview) == "actor_may_not"
    assert code("execute", "admin", **ours) == "not_approved"
    assert code("status", "admin", **ours, actor="somebody") == "actor_may_not"
    assert code("status", "admin", **ours, workspace="other-one") == "actor_may_not"
    officer = f"privacy_officer-of-{deployed.workspace.id}"
    client.patch(f"/v1/members/{officer}", {"suspended": True})
    assert code("approve", "privacy_officer", **ours, preview=preview) == "actor_may_not"


def test_an_api_client_approves_nothing_and_needs_its_scope(deployed, client, invoke, jane):
    asked = invoke("request", "admin", contact_ids=[jane])
    deployed.work_off_erasures()
    robot = {"role": "privacy_officer", "expires_at": "2099-01-01T00:00:00Z"}
    made = [
        client.post("/v1/clients", robot | {"name": scope, "scopes": [scope]})["id"]
        for scope in ("privacy:write", "contacts:write")
    ]
    ours = {"request": asked["id"]}

    approved = invoke("approve", "admin", **ours, actor=made[0])
    looked_at = [invoke("status", "admin", **ours, actor=actor) for actor in made]
    deployed.clock.pass_by(timedelta(days=365 * 80))
    expired = invoke("status", "admin", **ours, actor=made[0])

    assert approved["refused"]["code"] == "person_needed"
    assert looked_at[0]["id"] == asked["id"]
    assert looked_at[1]["refused"]["code"] == expired["refused"]["code"] == "actor_may_not"


WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "no workspace": ("request", {"workspace": None}, "workspace"),
    "no form of a workspace": ("request", {"workspace": "Jane#"}, "workspace"),
    "no actor": ("request", {"actor": None}, "actor"),
    "no ground": ("request", {"ground": None}, "ground"),
    "another ground": ("request", {"ground": "Jane"}, "ground"),
    "another way": ("request", {"way": "Jane"}, "way"),
    "no reason": ("request", {"reason": None}, "reason"),
    "a blank reason": ("request", {"reason": " "}, "reason"),
    "a long reason": ("request", {"reason": "Jane" * 300}, "reason"),
    "a number as reason": ("request", {"reason": 7}, "reason"),
    "half a character": ("request", {"reason": "Jane \ud800"}, "event"),
    "one id for a list": ("request", {"contact_ids": "Jane"}, "contact_ids"),
    "numbers for ids": ("request", {"contact_ids": [7]}, "contact_ids"),
    "nobody's id": ("request", {"contact_ids": ["Jane"]}, "contact_ids"),
    "a word that is no field": ("request", {"contacts": ["Jane"]}, "contacts"),
    "no day": ("request", {"due_on": "Jane"}, "due_on"),
    "due in the past": ("request", {"due_on": "2026-03-01"}, "due_on"),
    "a text for a selection": ("request_selection", {"selection": "Jane"}, "selection"),
    "no selection": ("request_selection", {"selection": {}}, "selection"),
    "no duration": (
        "request_selection",
        {"selection": {"older_than": "Jane"}},
        "selection.older_than",
    ),
    "no instant": ("request_selection", {"selection": {"through": "2026-03-01"}}, "through"),
    "no request": ("status", {"request": None}, "request"),
    "no number": ("certificate", {"number": "Jane"}, "number"),
}


def test_what_is_wrong_is_named_and_nothing_quoted(client, invoke, jane, subtests):
    for what, (sample, changes, field) in WRONG.items():
        with subtests.test(what):
            contacts = {"contact_ids": [jane]} if sample == "request" else {}

            refused = invoke(sample, "admin", **contacts | changes)["refused"]

            assert refused["field"] == field
            assert "Jane" not in json.dumps(refused)
    assert client.get("/v1/privacy/requests")["items"] == []


@pytest.mark.parametrize("candidates", [None, "some", 7, ["deal"]])
def test_who_approves_says_what_of_the_candidates(deployed, invoke, jane, candidates):
    asked = invoke("request", "admin", contact_ids=[jane])
    deployed.work_off_erasures()
    preview = invoke("status", "admin", request=asked["id"])["preview"]["hash"]

    approval = {"request": asked["id"], "preview": preview, "candidates": candidates}

    assert invoke("approve", "privacy_officer", **approval)["refused"]["field"] == "candidates"


def test_a_request_that_is_not_there_is_refused(invoke):
    assert invoke("status", "admin", request=NOBODY)["refused"]["code"] == "not_found"
