"""How fresh stages are (S0.18)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from stageline.domain.freshness import Freshness, freshness, freshness_of
from stageline.domain.integration import Configured, Integration
from stageline.domain.stamp import Stamp

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FILE = Integration(
    key="file",
    active=True,
    opportunity_pull=True,
    created_at=NOW,
    changed=Stamp("user-1", "request-1", NOW),
)


@pytest.mark.parametrize(
    ("age", "stale"),
    [
        pytest.param(timedelta(0), False, id="just now"),
        pytest.param(timedelta(hours=24), False, id="exactly a day"),
        pytest.param(timedelta(hours=24, microseconds=1), True, id="more than a day"),
        pytest.param(None, True, id="no tick yet"),
    ],
)
def test_stages_are_stale_after_a_day_without_a_tick(age, stale):
    last_tick = None if age is None else NOW - age
    configured = Configured(integrations=(FILE,), last_tick=last_tick)

    assert freshness(configured, NOW) == Freshness(last_tick, stale)
    assert freshness_of(FILE, configured, NOW) == Freshness(last_tick, stale)


def test_a_source_that_is_fetched_and_never_was_makes_stages_stale():
    # No such integration exists yet: what is not a file has to be fetched to its end once.
    crm = replace(FILE, key="hubspot")
    configured = Configured(integrations=(FILE, crm), last_tick=NOW)

    assert freshness(configured, NOW).stale
    assert freshness_of(crm, configured, NOW).stale
    assert not freshness_of(FILE, configured, NOW).stale


def test_what_is_switched_off_is_not_waited_for():
    crm = replace(FILE, key="hubspot", active=False)
    configured = Configured(integrations=(FILE, crm), last_tick=NOW)

    assert not freshness(configured, NOW).stale
