"""CPU of a list of 50 accounts, from the gateway's event to its answer, against FastAPI + Mangum.

Both read the same rows from memory, by the same use case: what is compared is the door. Ours also
writes its log line.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from time import process_time
from typing import Any
from unittest.mock import patch

from aws_lambda_powertools.utilities.typing import LambdaContext

from api import app
from api.identity import KnownCallers
from benchmarks import fastapi_app
from benchmarks.frame import Measurement, median_ratio, pairs, ratio
from benchmarks.recording import SUBJECT, WORKSPACE, logging_nowhere
from stageline import bootstrap
from stageline.adapters.clock import SystemClock
from stageline.domain.dated_log import LogEntry
from stageline.domain.group import Row
from stageline.domain.integration import Configured, OverlayLog
from stageline.domain.principal import Member
from stageline.domain.search import sort_name
from stageline.domain.workspace import Workspace
from stageline.use_cases.fence import Fence
from tests.api_client import ApiClient

GOAL = 1.0
ACCOUNTS = 50


def measure(small: bool) -> Measurement:
    rounds = 2 if small else 200
    event = ApiClient(SUBJECT).event("GET", "/v1/accounts", query={"limit": ACCOUNTS})
    with _in_memory(), logging_nowhere():
        ours, reference = _answer(app.handler, event), _answer(fastapi_app.handler, event)
        assert ours == reference
        assert len(ours["items"]) == ACCOUNTS
        measured = median_ratio(
            lambda: _cpu_seconds(app.handler, event, rounds),
            lambda: _cpu_seconds(fastapi_app.handler, event, rounds),
            pairs=pairs(small),
        )
    return ratio(measured, GOAL)


class _Memory:
    """Everything a list asks for: who is calling, what is configured, the rows."""

    def applied_to(self) -> str:
        return "this table"

    def memberships(self, _subject: str) -> Sequence[Member]:
        return [Member(SUBJECT, WORKSPACE, "admin")]

    def addresses(self, _workspace: Workspace) -> Mapping[str, str]:
        return {"a@example.com": SUBJECT}

    def read(self) -> Configured:
        shown = LogEntry(None, None, datetime(2026, 1, 1, tzinfo=UTC))
        return Configured(zone="UTC", overlay=OverlayLog((shown,), 1))

    def listed(self, _scheme: str, ranks: Sequence[int], **_: Any) -> Iterator[tuple[str, Row]]:
        for row in _ROWS:
            if row.rank in ranks:
                yield f"{sort_name(row.name)}#{row.account_id}", row


@contextmanager
def _in_memory() -> Iterator[None]:
    memory = _Memory()
    fence = Fence("this table", memory, lambda: memory)  # type: ignore[arg-type,return-value]
    callers = KnownCallers(memory, bootstrap.rights, lambda *_: "-")  # type: ignore[arg-type]
    with (
        patch.object(bootstrap, "configuration", lambda _workspace: memory),
        patch.object(bootstrap, "directory", lambda: memory),
        patch.object(bootstrap, "fence", lambda: fence),
        patch.object(bootstrap, "lists", lambda _workspace: memory),
        patch.object(bootstrap, "rows", lambda _workspace: memory),
        patch.object(bootstrap, "clock", SystemClock),
        patch.object(app, "known_callers", lambda: callers),
        patch.object(fastapi_app, "known_callers", lambda: callers),
    ):
        yield


def _answer(handler: Callable[..., dict[str, Any]], event: dict[str, Any]) -> Any:
    answer = handler(event, LambdaContext())
    assert answer["statusCode"] == 200, answer
    return json.loads(answer["body"])


def _cpu_seconds(
    handler: Callable[..., dict[str, Any]], event: dict[str, Any], rounds: int
) -> float:
    context = LambdaContext()
    started = process_time()
    for _ in range(rounds):
        handler(event, context)
    return process_time() - started


def _row(number: int) -> Row:
    return Row(
        account_id=f"{number:032x}",
        scheme="crm_stage",
        stage="pipeline",
        rank=3,
        since=date(2026, 1, 1 + number % 28),
        next_on=date(2026, 7, 1) if number % 3 else None,
        holds=("pipeline", "in_crm"),
        name=f"Benchmarked Company {number:02} Ltd",
        domain=f"company{number}.example.com",
        owner_email="ada.brandt@example.com",
        owner="0" * 32,
        in_crm=True,
        parent_id=None,
        root_id=f"{number:032x}",
        home_rev=1,
        value_rev=1,
        account_rev=1,
        event_seq=1,
    )


_ROWS = [_row(number) for number in range(ACCOUNTS)]
