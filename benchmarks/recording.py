"""One account in a table, and what DynamoDB answers when the API reads it, to be played back.

Played back over TLS on loopback: the child process pays for a connection, not for an emulator.
"""

import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import boto3
from moto import mock_aws

from api import app
from benchmarks.playback import Answers, request_key
from stageline import bootstrap
from stageline.adapters.dynamodb.codec import to_item
from stageline.adapters.dynamodb.keys import account_key
from stageline.domain.stamp import Stamp
from stageline.domain.workspace import Workspace
from stageline.use_cases.loading import settle
from stageline.use_cases.members import add_member
from stageline.use_cases.workspaces import create_workspace
from tests.api_client import ApiClient
from tests.table import table_properties

WORKSPACE = Workspace("benchmark")
SUBJECT = "11111111-1111-1111-1111-111111111111"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "TABLE_NAME": "stageline",
    "TABLE_ID": "the only table",
    "BUCKET_NAME": "stageline-uploads",
    "ID_KEY_SECRET_NAME": "stageline-id-key",
    "PRIVACY_KEY_SECRET_NAME": "stageline-privacy-key",
    "POWERTOOLS_SERVICE_NAME": "stageline-api",
    "POWERTOOLS_METRICS_NAMESPACE": "Stageline",
}


@dataclass(frozen=True, slots=True)
class Recording:
    """`event` asks for the account; `answers` are DynamoDB's; `body` is what the API said."""

    event: dict[str, Any]
    key: dict[str, Any]
    body: dict[str, Any]
    answers: Answers = field(repr=False)


def record_get_account() -> Recording:
    """Return what it takes to answer GET of an account with three deals."""
    with _deployed():
        caller = ApiClient(SUBJECT)
        caller.put("/v1/integrations/file", {"active": True, "opportunity_pull": True})
        account = caller.post("/v1/accounts", {"name": "Recorded Ltd"})
        for status, closed_on in (("won", "2025-03-01"), ("lost", "2025-05-05"), ("open", None)):
            deal = {"account_id": account["id"], "name": "Deal", "status": status}
            caller.post("/v1/deals", deal | ({"closed_on": closed_on} if closed_on else {}))
        clock = bootstrap.clock()
        later = clock.now() + timedelta(milliseconds=1)
        stores = bootstrap.pipeline(WORKSPACE)
        settle(stores, [account["id"]], today=clock.today("UTC"), now=later)
        answers = _listen()
        path = f"/v1/accounts/{account['id']}"
        body = caller.get(path)
        key = to_item(account_key(WORKSPACE, account["id"]))
        bootstrap.table().client.get_item(TableName=ENVIRONMENT["TABLE_NAME"], Key=key)
        return Recording(caller.event("GET", path), key, body, answers)


@contextmanager
def _deployed() -> Iterator[None]:
    with patch.dict(os.environ, ENVIRONMENT), mock_aws(), logging_nowhere():
        _forget()
        boto3.client("dynamodb").create_table(**table_properties(ENVIRONMENT["TABLE_NAME"]))
        boto3.client("secretsmanager").create_secret(
            Name=ENVIRONMENT["ID_KEY_SECRET_NAME"], SecretString="a key of benchmarks"
        )
        boto3.client("secretsmanager").create_secret(
            Name=ENVIRONMENT["PRIVACY_KEY_SECRET_NAME"],
            SecretString='{"1": "a key of tests that is long enough, surely"}',
        )
        bootstrap.fences().open(ENVIRONMENT["TABLE_ID"], None)
        directory = bootstrap.directory()
        stamp = Stamp("operator", "benchmarks", bootstrap.clock().now())
        create_workspace(directory, bootstrap.configuration(WORKSPACE), WORKSPACE, "UTC", stamp)
        add_member(directory, WORKSPACE, SUBJECT, "admin")
        yield
    _forget()


@contextmanager
def logging_nowhere() -> Iterator[None]:
    """Let the API write its line about each request, but not onto our output."""
    handler = app.logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    with open(os.devnull, "w") as nowhere:
        before = handler.setStream(nowhere)
        try:
            yield
        finally:
            handler.setStream(before or sys.stdout)


def _listen() -> Answers:
    """Keep from now on what is asked of DynamoDB, and what it answers."""
    app.known_callers.cache_clear()
    bootstrap.fence.cache_clear()
    answers: Answers = {}
    asked: list[str] = []

    def ask(params: Mapping[str, Any], **_: Any) -> None:
        asked.append(request_key(params["headers"]["X-Amz-Target"], params["body"]))

    def answer(response_dict: Mapping[str, Any], **_: Any) -> None:
        answers[asked.pop()] = bytes(response_dict["body"])

    events = bootstrap.table().client.meta.events
    events.register("before-call.dynamodb", ask)
    events.register("response-received.dynamodb", answer)
    return answers


def _forget() -> None:
    """Let the next caller build everything anew."""
    for built in [*vars(bootstrap).values(), app.known_callers]:
        if hasattr(built, "cache_clear"):
            built.cache_clear()
