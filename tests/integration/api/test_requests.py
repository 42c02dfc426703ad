"""What every address has in common: callers, bodies, unknown addresses, logs."""

import gc
import json
from io import StringIO
from unittest.mock import patch

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from api import app
from stageline import bootstrap
from stageline.domain.principal import ROLES
from stageline.use_cases.members import add_member
from tests.api_client import ApiClient

ACCOUNTS = "/v1/accounts"
JSON = "application/json"
MIB = 1024 * 1024


@pytest.fixture
def logged(monkeypatch):
    stream = StringIO()
    monkeypatch.setattr(app.logger.registered_handler, "stream", stream)
    return stream


@pytest.mark.parametrize("role", ROLES)
def test_every_role_reads_and_three_write(deployed, role):
    caller = deployed.caller(role)

    read = caller.send("GET", ACCOUNTS)
    written = caller.send("POST", ACCOUNTS, {"name": "x"})

    assert read.status == 200
    if role in {"viewer", "privacy_officer"}:
        assert (written.status, written.body["code"]) == (403, "role_may_not")
    else:
        assert written.status == 201


def test_id_token_and_stranger_stay_outside(deployed):
    known = deployed.caller().subject

    id_token = ApiClient(known, token_use="id").send("GET", ACCOUNTS)
    stranger = ApiClient("stranger").send("GET", ACCOUNTS)

    assert (id_token.status, id_token.body["code"]) == (401, "no_access_token")
    assert (stranger.status, stranger.body["code"]) == (401, "no_membership")


def test_member_of_two_workspaces_names_one(deployed, other):
    for deployment in (deployed, other):
        add_member(bootstrap.directory(), deployment.workspace, "both", "seller")
    mine, theirs = deployed.workspace.id, other.workspace.id
    made = ApiClient("both", mine).post(ACCOUNTS, {"name": "Mine"})

    unnamed = ApiClient("both").send("GET", ACCOUNTS)
    unknown = ApiClient("both", "elsewhere").send("GET", ACCOUNTS)
    there = ApiClient("both", theirs).send("GET", f"{ACCOUNTS}/{made['id']}")

    assert (unnamed.status, unnamed.body["workspaces"]) == (422, sorted([mine, theirs]))
    assert (unknown.status, there.status) == (404, 404)


def test_suspended_member_stays_outside(deployed):
    workspace = deployed.workspace
    add_member(bootstrap.directory(), workspace, "suspended", "admin", suspended=True)

    reply = ApiClient("suspended").send("GET", ACCOUNTS)

    assert (reply.status, reply.body["code"]) == (401, "membership_suspended")


def body_of(size):
    return '{"name": "x"%s}' % (" " * (size - len('{"name": "x"}')))


@pytest.mark.parametrize(
    ("raw", "content_type", "status", "code"),
    [
        ('{"name": ', "application/json", 400, "body_unreadable"),
        ("", "application/json", 400, "body_unreadable"),
        (b"\xff\xfe", "application/json", 400, "body_unreadable"),
        ("[" * 20_000, "application/json", 400, "body_unreadable"),
        ('{"name": "\\ud800"}', "application/json", 400, "body_unreadable"),
        ("[]", "application/json", 422, "invalid_field"),
        ("name=x", "application/x-www-form-urlencoded", 415, "content_type_unsupported"),
        ('{"name": "x"}', "", 415, "content_type_unsupported"),
        ('{"name": "x"}', "application/json-seq", 415, "content_type_unsupported"),
        ('{"name": "x" * 9}', "application/json", 400, "body_unreadable"),
        ('{"name": "x"} {}', "application/json", 400, "body_unreadable"),
        ('{"name": "a\x00b"}', "application/json", 400, "body_unreadable"),
        ('{"name": "a\\u0000b"}', "application/json", 422, "invalid_field"),
        ('{"name": "x", "domain": "a\\u0000.com"}', "application/json", 422, "invalid_field"),
        ('{"name": "x", "owner_email": "a\\u0000@b"}', "application/json", 422, "invalid_field"),
        ('{"name": "x", "colour": 1}', "application/json", 422, "invalid_field"),
        ('{"name": %s}' % ("9" * 5_000), "application/json", 400, "body_unreadable"),
        ('{"name": 1e999}', "application/json", 422, "invalid_field"),
        ('{"name": NaN}', "application/json", 422, "invalid_field"),
        ('{"name": "a", "name": "b"}', "application/json", 201, None),
        (b'\xef\xbb\xbf{"name": "x"}', "application/json", 400, "body_unreadable"),
        ('{"name": "x"}'.encode("utf-16"), "application/json", 400, "body_unreadable"),
        (body_of(MIB), "application/json", 201, None),
        (body_of(MIB).encode(), "application/json", 201, None),
        (body_of(MIB + 1), "application/json", 413, "body_too_large"),
        (body_of(MIB + 1).encode(), "application/json", 413, "body_too_large"),
        (b'{"name": "x"}', "Application/JSON; charset=utf-8", 201, None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_body_that_cannot_be_read(client, raw, content_type, status, code):
    headers = {"Content-Type": content_type} if content_type else {}

    reply = client.send("POST", ACCOUNTS, raw=raw, headers=headers)

    assert (reply.status, reply.body.get("code")) == (status, code)


def test_body_that_is_no_base64_is_unreadable(client):
    event = client.event("POST", ACCOUNTS, raw=b"", headers={"Content-Type": "application/json"})

    for body in ("e30", "ü", "\ud800"):
        reply = app.handler(event | {"body": body}, LambdaContext())
        assert reply["statusCode"] == 400


def test_more_faults_than_an_answer_holds(client):
    reply = client.send("POST", ACCOUNTS, {f"field-{number}": 0 for number in range(50_000)})

    assert (reply.status, len(reply.body["errors"])) == (422, 100)


@pytest.mark.parametrize("mapping", ["[" * 10 + "]" * 10, '{"a": NaN}', '{"a": 1e999}', '"a"'])
def test_mapping_is_an_object_of_numbers_that_are_some(client, mapping):
    raw = '{"records": "deals", "mapping": ' + mapping + "}"

    reply = client.send("POST", "/v1/imports", raw=raw, headers={"Content-Type": JSON})

    assert (reply.status, reply.body["field"]) == (422, "mapping")


@pytest.mark.parametrize("depth", [150, 100_000])
def test_mapping_may_be_deep_but_not_too_deep(client, depth):
    raw = '{"records": "deals", "mapping": {"a": %s}}' % ("[" * depth + "]" * depth)

    reply = client.send("POST", "/v1/imports", raw=raw, headers={"Content-Type": JSON})

    assert reply.status == (201 if depth == 150 else 400)


def test_unknown_address_and_method(client):
    nowhere = client.send("GET", "/v1/nothing")
    wrong_method = client.send("PUT", ACCOUNTS, {})

    assert (nowhere.status, nowhere.body["code"]) == (404, "no_such_route")
    assert (wrong_method.status, wrong_method.headers["Allow"]) == (405, "GET, POST")
    for reply in (nowhere, wrong_method):
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert reply.body["request_id"].startswith("request-")


@pytest.mark.parametrize("tag", ['"x"', "2", '"' + "9" * 30 + '"', '"²"', "", '"1", "2"', "\ud800"])
def test_tag_that_was_never_ours_changes_nothing(client, tag):
    account = client.post(ACCOUNTS, {"name": "x"})["id"]

    reply = client.send("PATCH", f"{ACCOUNTS}/{account}", {"name": "y"}, headers={"If-Match": tag})

    assert reply.status == 412


def test_id_that_is_none_is_not_found(client):
    for address in ("/v1/accounts/META", "/v1/deals/%23", f"/v1/jobs/{'A' * 32}", "/v1/deals/\x04"):
        assert client.send("GET", address).status == 404


def test_busy_table_asks_to_come_again(client):
    error = ClientError({"Error": {"Code": "ThrottlingException"}}, "Query")
    with patch.object(bootstrap, "configuration", side_effect=error):
        reply = client.send("GET", ACCOUNTS)

    assert (reply.status, reply.headers["Retry-After"]) == (503, "1")


def test_what_was_not_foreseen_is_told_without_data(client, logged):
    with patch.object(bootstrap, "configuration", side_effect=ValueError("secret-text")):
        reply = client.send("GET", ACCOUNTS)

    assert (reply.status, reply.body["code"]) == (500, "internal")
    assert "secret-text" not in json.dumps(reply.body) + logged.getvalue()
    assert "ValueError" in logged.getvalue()


def test_one_log_line_a_request_with_nothing_that_was_sent(client, logged):
    account = client.post(ACCOUNTS, {"name": "Marked-Name", "owner_email": "m@marked.example"})
    client.send("GET", ACCOUNTS, query={"q": "marked", "owner": "m@marked.example"})
    client.send("GET", f"{ACCOUNTS}/{account['id']}")
    client.send("POST", "/v1/deals", {"name": "Marked-Name", "probability": 5})
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]

    assert [line["status"] for line in lines[-4:]] == [201, 200, 200, 422]
    assert lines[-1]["code"] == "invalid_field"
    assert {line["workspace"] for line in lines[-4:]} == {client.subject.removeprefix("admin-of-")}
    assert "arked" not in json.dumps(lines)


def test_garbage_is_collected_again_after_the_first_answer(client):
    gc.disable()
    client.get(ACCOUNTS)

    assert gc.isenabled()
