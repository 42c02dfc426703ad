"""What the end-to-end tests do over and over: callers, imports, waiting, looking into the table."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tools.client import Client, import_file
from tools.local.aws import Aws

type Json = dict[str, Any]


def caller(stack: Json, role: str = "admin", workspace: str = "main") -> Client:
    token = stack["tokens"][workspace][role]
    return Client(stack["api_url"], token, stack["workspaces"][workspace])


def imported(client: Client, records: str, path: Path, **options: Any) -> Json:
    """Import a file and return its finished job, with its problems as "problem_list"."""
    job = import_file(client, records, path, patience_seconds=60, **options)
    return job | {"problem_list": list(pages(client, f"/v1/imports/{job['id']}/problems"))}


def pages(client: Client, path: str, **query: Any) -> Iterator[Any]:
    """Yield the items of every page."""
    cursor = None
    while True:
        page = client.get(path, cursor=cursor, **query)
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def stage_of(client: Client, account_id: str, **query: Any) -> Json:
    answer: Json = client.get(f"/v1/accounts/{account_id}/stages/crm_stage", **query)
    return answer


def row_of(client: Client, account_id: str, name: str) -> Json | None:
    """Return the account as the list shows it: what the stream has carried there."""
    word = max(name.split(), key=len)
    found = (row for row in pages(client, "/v1/accounts", q=word) if row["id"] == account_id)
    return next(found, None)


def eventually[T](ask: Callable[[], T], fits: Callable[[T], bool], within_seconds: float) -> T:
    """Return the first answer that fits; fails with the last one when none does in time."""
    deadline = time.monotonic() + within_seconds
    while True:
        answer = ask()
        if fits(answer):
            return answer
        assert time.monotonic() < deadline, f"not within {within_seconds} s; last: {answer}"
        time.sleep(0.02)


def events_of(stack: Json, account_id: str, workspace: str = "main") -> list[Json]:
    """Return the account's events as they lie in the table, by sequence number."""
    reply = (
        Aws(stack["endpoint_url"])
        .dynamodb()
        .query(
            TableName=stack["table_name"],
            KeyConditionExpression="PK = :pk",
            ExpressionAttributeValues={
                ":pk": {"S": f"{stack['workspaces'][workspace]}#O#{account_id}"}
            },
            ConsistentRead=True,
        )
    )
    return list(reply["Items"])


def whole_table(stack: Json) -> dict[tuple[str, str], Json]:
    """Return every item of the table by its key."""
    scan = Aws(stack["endpoint_url"]).dynamodb().get_paginator("scan")
    return {
        (item["PK"]["S"], item["SK"]["S"]): item
        for page in scan.paginate(TableName=stack["table_name"], ConsistentRead=True)
        for item in page["Items"]
    }
