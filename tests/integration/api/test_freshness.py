"""As of when stages are known to be right, and what that rests on (S0.18)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from stageline import bootstrap
from stageline.use_cases.last_imports import note_import
from stageline.use_cases.tick import tick as run_tick


@pytest.fixture
def ticked(deployed):
    """Tick now, and return when."""

    def tick_now():
        configuration = bootstrap.configuration(deployed.workspace)
        run_tick(
            bootstrap.pipeline(deployed.workspace),
            bootstrap.lists(deployed.workspace),
            configuration,
            today=deployed.clock.today("UTC"),
            now=deployed.clock.now(),
            failed=lambda root_id, error: None,
        )
        at = configuration.last_tick()
        assert at is not None
        return at.isoformat().replace("+00:00", "Z")

    return tick_now


def test_before_the_first_tick_stages_are_stale(deployed, client):
    account = client.post("/v1/accounts", {"name": "Acme"})
    deployed.settle(account["id"])

    answer = client.get("/v1/freshness")

    fresh = {"current_as_of": None, "stale": True}
    nothing = dict.fromkeys(("accounts", "deals", "contacts", "activities"))
    assert answer == {
        **fresh,
        "stale_after": "PT24H",
        "tick": {"completed_at": None, "through": None},
        "integrations": [{"key": "file", "active": True, **fresh, "last_import": nothing}],
    }
    assert client.get(f"/v1/accounts/{account['id']}/stages/crm_stage").items() >= fresh.items()
    assert client.get("/v1/accounts").items() >= fresh.items()


def test_a_tick_proves_that_nothing_changed_and_a_day_later_it_does_not(deployed, client, ticked):
    account = client.post("/v1/accounts", {"name": "Acme"})
    deployed.settle(account["id"])
    at = ticked()
    stage = f"/v1/accounts/{account['id']}/stages/crm_stage"

    def seen():
        whole = client.get(f"/v1/accounts/{account['id']}")
        report = client.get("/v1/freshness")
        answers = [
            client.get(stage),
            whole["stages"]["crm_stage"],
            client.get("/v1/accounts"),
            report,
            report["integrations"][0],
        ]
        return {(answer["current_as_of"], answer["stale"]) for answer in answers}

    assert seen() == {(at, False)}
    evaluated_at = client.get(stage)["evaluated_at"]
    deployed.clock.pass_by(timedelta(hours=25))
    assert seen() == {(at, True)}
    later = ticked()
    assert seen() == {(later, False)}
    # Nothing is rewritten only to look fresh.
    assert client.get(stage)["evaluated_at"] == evaluated_at
    assert client.get("/v1/freshness")["tick"] == {"completed_at": later, "through": "2026-03-03"}


def test_a_day_that_was_set_makes_nothing_stale(deployed, client, ticked):
    ticked()

    deployed.clock.set_day(date(2030, 1, 1))

    assert client.get("/v1/freshness")["stale"] is False


def test_the_last_import_of_each_kind_is_shown_apart(deployed, client):
    configuration = bootstrap.configuration(deployed.workspace)
    jobs = bootstrap.jobs(deployed.workspace)
    made = {kind: client.post("/v1/imports", {"records": kind}) for kind in ("accounts", "deals")}
    accounts, deals = (jobs.get(made[kind]["id"]) for kind in ("accounts", "deals"))
    now = deployed.clock.now()

    note_import(configuration, accounts, "completed_with_errors", now)
    note_import(configuration, deals, "completed", now)
    # What ended earlier comes late; a dry run and a refused file brought nothing.
    note_import(configuration, replace(deals, job_id="e"), "completed", now - timedelta(hours=1))
    later = now + timedelta(hours=1)
    note_import(configuration, replace(deals, job_id="d", dry_run=True), "completed", later)
    note_import(configuration, replace(deals, job_id="r"), "refused", later)

    (integration,) = client.get("/v1/freshness")["integrations"]
    at = now.isoformat().replace("+00:00", "Z")
    assert integration["last_import"] == {
        "accounts": {
            "job_id": accounts.job_id,
            "status": "completed_with_errors",
            "completed_at": at,
        },
        "deals": {"job_id": deals.job_id, "status": "completed", "completed_at": at},
        "contacts": None,
        "activities": None,
    }
    assert integration["stale"] is True


def test_every_role_may_ask_and_sees_its_own_workspace_only(deployed, other, ticked):
    ticked()

    assert deployed.caller("viewer").get("/v1/freshness")["stale"] is False
    assert other.caller("viewer").get("/v1/freshness")["stale"] is True
