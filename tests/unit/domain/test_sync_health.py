"""How an integration is doing, in one word."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from stageline.domain.integration import Integration
from stageline.domain.stamp import Stamp
from stageline.domain.sync import Attention, SyncState
from stageline.domain.sync_health import health, lag

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
INTEGRATION = Integration(
    key="crm", active=True, opportunity_pull=True, created_at=NOW, changed=Stamp("a", "r", NOW)
)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param({}, "never_ran", id="never"),
        pytest.param({"failures": 1}, "failing", id="the first run failed"),
        pytest.param({"as_of": NOW - DAY}, "ok", id="a day old"),
        pytest.param({"as_of": NOW - DAY - timedelta(seconds=1)}, "stale", id="older"),
        pytest.param({"as_of": NOW, "failures": 1}, "ok", id="one failed"),
        pytest.param({"as_of": NOW, "failures": 2}, "failing", id="two failed"),
        pytest.param(
            {"as_of": NOW, "failures": 2, "attention": Attention("refused", "…")},
            "needs_attention",
            id="for somebody to do",
        ),
    ],
)
def test_health(state, expected):
    assert health(INTEGRATION, SyncState(integration="crm", **state), NOW) == expected


def test_deals_that_cannot_be_read_need_attention():
    one = replace(INTEGRATION, attention="deals_not_readable")

    assert health(one, SyncState(integration="crm", as_of=NOW), NOW) == "needs_attention"


def test_lag():
    assert lag(SyncState(integration="crm"), NOW) is None
    assert lag(SyncState(integration="crm", as_of=NOW - DAY), NOW) == DAY
