"""`stageline sync`: what it asks, follows, prints and ends with."""

import json

import pytest

RUN, HUB = "a" * 32, "/v1/integrations/hub"
KIND = {
    "held": 90,
    "refused": 2,
    "counted": 100,
    "counted_at": None,
    "drift": 8,
    "read_until": "2026-03-02T12:00:00Z",
    "full_at": None,
}
KINDS = ("accounts", "deals", "contacts", "activities")
ATTENTION = {
    "code": "permission_missing",
    "message": "Let the user read deals.",
    "vendor_status": 403,
    "vendor_code": "MISSING_SCOPES",
    "records": "deals",
    "at": None,
}


def integration(**changes):
    return {
        "key": "hub",
        "vendor": "hubspot",
        "base_url": "https://api.hubapi.com",
        "schedule": {"times": ["02:00"], "zone": "Europe/Vienna", "full_every_days": 7},
        "records": ["accounts", "deals"],
        "mapping": None,
        "active": True,
        "opportunity_pull": True,
        "sync": True,
        "sign_in": "private_app",
        "health": "ok",
        "attention": None,
        "running": None,
        "as_of": "2026-03-02T12:00:00Z",
        "next_run_at": "2026-03-03T01:00:00Z",
        "lag": "PT1H30M",
        "failures": 0,
        "quota_left": 900,
        "kinds": dict.fromkeys(KINDS, KIND),
        **changes,
    }


def a_run(status="completed", **changes):
    return {
        "id": RUN,
        "integration": "hub",
        "mode": "changes",
        "status": status,
        "requested_at": "2026-03-02T12:00:00Z",
        "finished_at": None,
        "left": [],
        "reading": None,
        "parts": [],
        "attention": None,
        **changes,
    }


def part(records="accounts", stopped=None, **counts):
    return {"records": records, "job_id": "job", "counts": counts, "stopped": stopped}


@pytest.fixture
def shown(fake, stack):
    """Let the fake show the integration."""

    def show(**changes):
        one = integration(**changes)
        items = [{"key": "file", "active": True}, one]
        fake.routes["GET /v1/integrations"] = lambda asked: (200, {"items": items})
        fake.routes[f"GET {HUB}"] = lambda asked: (200, one)
        return one

    return show


@pytest.fixture
def followed(fake, stack):
    """Let the fake start a run, and show it running at the first look."""

    def answer(ended, begun=None):
        reading = {"records": "deals", "pages": 3, "rows": 250, "is_through": False, "status": None}
        looks = [a_run("running", reading=reading, left=["contacts"]), ended]
        fake.routes[f"POST {HUB}/runs"] = lambda asked: begun or (202, a_run("running"))
        fake.routes[f"GET {HUB}/runs/{RUN}"] = lambda asked: (200, looks.pop(0))

    return answer


class TestStatus:
    def test_all_integrations_but_that_of_files(self, stageline, shown):
        shown()

        ran, as_json = stageline("sync", "status"), stageline("sync", "status", "--json")

        assert ran.code == 0
        assert "hubspot" in ran.out and "PT1H30M" in ran.out
        assert [one["key"] for one in as_json.json] == ["hub"]

    def test_one_with_what_is_here_of_each_kind(self, stageline, shown):
        shown()

        ran = stageline("sync", "status", "hub")

        assert "hub (hubspot, https://api.hubapi.com): ok" in ran.out
        assert "02:00 Europe/Vienna" in ran.out
        assert "requests left for the day: 900" in ran.out
        assert "deals" in ran.out and "contacts" not in ran.out

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"health": "ok"}, 0),
            ({"health": "never_ran"}, 0),
            ({"health": "stale"}, 1),
            ({"health": "failing", "failures": 3}, 1),
            ({"health": "stale", "active": False}, 0),
            ({"health": "needs_attention", "attention": ATTENTION}, 1),
        ],
        ids=str,
    )
    def test_the_exit_code_tells_whether_all_are_well(self, stageline, shown, changes, code):
        shown(**changes)

        assert stageline("sync", "status").code == code

    def test_what_the_crm_asks_for_is_said(self, stageline, shown):
        shown(health="needs_attention", attention=ATTENTION)

        said = stageline("sync", "status", "hub").out

        assert "needs attention for deals: Let the user read deals." in said
        assert "(permission_missing, CRM: 403 MISSING_SCOPES)" in said


class TestRuns:
    @pytest.mark.parametrize(
        ("status", "code"),
        [("completed", 0), ("completed_with_errors", 3), ("partial", 1), ("failed", 1)],
    )
    def test_a_run_is_followed_to_its_end(self, stageline, fake, followed, status, code):
        followed(a_run(status, parts=[part(read=250, refused=2, stopped="quota")]))

        ran = stageline("sync", "run", "hub", "--mode", "full")

        assert (ran.code, fake.asked[0].json) == (code, {"mode": "full"})
        assert f"hub: {status.replace('_', ' ')}" in ran.out
        assert "accounts: 250 read, 2 refused; goes on later (quota)" in ran.out

    def test_one_that_is_under_way_is_followed(self, stageline, followed):
        followed(a_run(), (409, {"code": "sync_running", "run_id": RUN}))

        ran = stageline("sync", "run", "hub")

        assert ran.code == 0
        assert "under way" in ran.err

    def test_it_need_not_be_followed(self, stageline, fake, followed):
        followed(a_run())

        ran = stageline("sync", "run", "hub", "--no-wait")

        assert (ran.code, len(fake.asked)) == (0, 1)
        assert RUN in ran.out

    def test_what_is_refused_is_said(self, stageline, followed):
        problem = {"code": "sync_not_possible", "detail": "the integration is not active"}
        followed(a_run(), (409, problem))

        ran = stageline("sync", "run", "hub")

        assert (ran.code, ran.out) == (1, "")
        assert "not active (409 sync_not_possible)" in ran.err

    def test_refused_records_are_tried_again(self, stageline, fake, followed):
        followed(a_run(mode="retry"))

        assert stageline("sync", "retry", "hub").code == 0
        assert fake.asked[0].json == {"mode": "retry"}

    def test_runs_are_listed(self, stageline, fake, stack):
        page = {"items": [a_run(parts=[part(read=7), part(read=5)])], "next_cursor": None}
        fake.routes[f"GET {HUB}/runs"] = lambda asked: (200, page)

        assert " 12 " in stageline("sync", "runs", "hub").out

    def test_refused_records_are_listed_with_their_reasons(self, stageline, fake, stack):
        refused = {
            "external_id": "006-1",
            "records": "deals",
            "field": "amount",
            "code": "no_number",
            "message": "is no number",
            "seen_at": "2026-03-02T12:00:00Z",
        }
        page = {"items": [refused], "next_cursor": "more"}
        fake.routes[f"GET {HUB}/errors"] = lambda asked: (200, page)

        said = stageline("sync", "errors", "hub", "--limit", 1).out

        assert "006-1" in said and "is no number" in said and "and more" in said


class TestSettingUp:
    def test_a_new_one_is_made_with_all_switches_on(self, stageline, fake, stack, tmp_path):
        mapping = tmp_path / "mapping.yaml"
        mapping.write_text("accounts: {fields: {industry: branch}}\n")
        fake.routes[f"PUT {HUB}"] = lambda asked: (200, integration(sign_in=None))

        ran = stageline(
            *("sync", "connect", "hub", "--vendor", "salesforce"),
            *("--url", "https://acme.my.salesforce.com", "--mapping", mapping),
            *("--at", "06:00", "--at", "18:00", "--no-active"),
        )

        assert ran.code == 0
        assert fake.asked[-1].json == {
            "vendor": "salesforce",
            "base_url": "https://acme.my.salesforce.com",
            "mapping": {"accounts": {"fields": {"industry": "branch"}}},
            "schedule": {"times": ["06:00", "18:00"]},
            "active": False,
            "opportunity_pull": True,
            "sync": True,
        }
        assert "stageline sync credentials hub" in ran.out

    def test_of_one_that_there_is_only_what_is_given_changes(self, stageline, fake, stack):
        one = integration(mapping={"deals": {}})
        fake.routes[f"GET {HUB}"] = lambda asked: (200, one, {"ETag": '"4"'})
        fake.routes[f"PUT {HUB}"] = lambda asked: (200, one)

        assert stageline("sync", "connect", "hub", "--zone", "UTC", "--no-deals").code == 0

        sent = fake.asked[-1]
        assert sent.headers["if-match"] == '"4"'
        assert sent.json["schedule"] == one["schedule"] | {"zone": "UTC"}
        assert (sent.json["mapping"], sent.json["opportunity_pull"]) == ({"deals": {}}, False)
        assert sent.json["vendor"] == "hubspot"

    def test_a_new_one_needs_a_vendor(self, stageline, fake, stack):
        ran = stageline("sync", "connect", "hub")

        assert (ran.code, len(fake.asked)) == (1, 1)
        assert "--vendor" in ran.err

    def test_credentials_come_from_a_file(self, stageline, fake, shown, tmp_path):
        shown()
        file = tmp_path / "secret.json"
        file.write_text(json.dumps({"access_token": "pat-secret"}))
        fake.routes[f"PUT {HUB}/credentials"] = lambda asked: (204, b"")

        ran = stageline("sync", "credentials", "hub", "--file", file)

        assert ran.code == 0
        assert fake.asked[-1].json == {"access_token": "pat-secret"}
        assert "pat-secret" not in ran.out + ran.err

    def test_or_they_are_asked_for(self, stageline, fake, shown, monkeypatch):
        shown()
        asked_for = []

        def prompt(text, *, default="pat-secret", hide_input=False, err):
            asked_for.append((text, hide_input, err))
            return default

        monkeypatch.setattr("typer.prompt", prompt)
        fake.routes[f"PUT {HUB}/credentials"] = lambda asked: (204, b"")

        ran = stageline("sync", "credentials", "hub")

        assert fake.asked[-1].json == {"access_token": "pat-secret"}
        assert asked_for[1:] == [("access_token", True, True)]
        assert "pat-secret" not in ran.out + ran.err

    def test_they_are_no_arguments(self, stageline, stack):
        assert stageline("sync", "credentials", "hub", "pat-secret").code == 2


class TestChecking:
    @pytest.fixture
    def checked(self, fake, stack):
        def answer(**ended):
            running = {"status": "running", "result": None, "attention": None}
            looks = [running, running | ended]
            fake.routes[f"POST {HUB}/check"] = lambda asked: (202, running)
            fake.routes[f"GET {HUB}/check"] = lambda asked: (200, looks.pop(0))

        return answer

    def test_a_mapping_that_does_not_fit(self, stageline, fake, checked, tmp_path):
        problem = {
            "path": "accounts.fields.industry",
            "code": "unknown_field",
            "message": "the CRM has none of this name",
            "near": ["industry"],
        }
        preview = {
            "records": "accounts",
            "rows": [{"name": "Acme"}],
            "refused": [],
            "warnings": [],
            "filled": {"name": 1},
        }
        result = {"fits": False, "problems": [problem], "hints": [], "previews": [preview]}
        checked(status="completed", result=result)
        mapping = tmp_path / "mapping.json"
        mapping.write_text('{"accounts": {}}')

        ran = stageline("sync", "check", "hub", "--mapping", mapping)

        assert (ran.code, fake.asked[0].json) == (1, {"mapping": {"accounts": {}}})
        assert "the mapping does not fit" in ran.out
        assert "accounts.fields.industry: the CRM has none of this name" in ran.out
        assert '{"name": "Acme"}' in ran.out

    def test_one_that_fits(self, stageline, fake, checked):
        checked(
            status="completed",
            result={"fits": True, "problems": [], "hints": [], "previews": []},
        )

        ran = stageline("sync", "check", "hub")

        assert (ran.code, fake.asked[0].json) == (0, {})

    def test_a_crm_that_was_not_to_be_asked(self, stageline, checked):
        checked(status="failed", attention=ATTENTION)

        ran = stageline("sync", "check", "hub")

        assert ran.code == 1
        assert "Let the user read deals." in ran.out


def test_what_was_written_to_the_crm_is_listed(stageline, fake, stack):
    write = {
        "requested_at": "2026-03-02T12:00:00Z",
        "what": "create_account",
        "record_id": "a" * 32,
        "status": "refused",
        "attempts": 1,
        "vendor_status": 400,
        "code": "DUPLICATES_DETECTED",
        "value": None,
        "conflict": False,
    }
    fake.routes[f"GET {HUB}/writes"] = lambda asked: (200, {"items": [write], "next_cursor": None})

    ran = stageline("sync", "writes", "hub", "--json")

    assert (ran.code, ran.json["items"]) == (0, [write])
    assert "create account" in stageline("sync", "writes", "hub").out
