"""Integrations with a CRM as an admin sets them up, starts them, looks after and deletes them."""

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from os import environ

import boto3
import pytest

from stageline import bootstrap
from stageline.domain.errors import NotFound, SyncRunning
from stageline.domain.stamp import Stamp
from stageline.domain.sync import Attention, Part, Progress, Refused
from stageline.domain.sync_check import result_text
from stageline.use_cases.crm_integrations import remove_integration
from tests.api_client import ApiClient

HUB, FORCE = "/v1/integrations/hub", "/v1/integrations/force"
SWITCHES = {"active": True, "opportunity_pull": True, "sync": True}
HUBSPOT = {"vendor": "hubspot", **SWITCHES}
SALESFORCE = {"vendor": "salesforce", "base_url": "https://acme.my.salesforce.com", **SWITCHES}
TOKEN = {"access_token": "pat-eu1-very-secret"}
MAPPING = {"accounts": {"fields": {"industry": "branch"}}}
ANY = {"If-Match": "*"}


@pytest.fixture
def hub(client):
    """An integration with HubSpot that has its credentials."""
    client.put(HUB, HUBSPOT)
    client.put(f"{HUB}/credentials", TOKEN)


@pytest.fixture
def syncs(deployed):
    return bootstrap.syncs(deployed.workspace)


@pytest.fixture
def messages(deployed):
    """Return what takes the messages about this workspace."""

    def take():
        sqs, url = boto3.client("sqs"), environ["SYNC_QUEUE_URL"]
        taken = []
        while got := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for one in got:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
                taken.append(json.loads(one["Body"]))
        ours = [one for one in taken if one.pop("workspace") == deployed.workspace.id]
        return ours

    take()
    return take


def noted(syncs, **changes):
    """Have a run note something about where the integration stands."""
    before = syncs.state("hub")
    syncs.save(before, replace(before, **changes, rev=before.rev + 1), None)


def ended(syncs, status="completed"):
    state = syncs.state("hub")
    run = syncs.run(state.running)
    syncs.save(
        state,
        replace(state, running=None, rev=state.rev + 1),
        run.moved(run.moved_at, status=status, finished_at=run.moved_at, left=()),
    )


def save_refused(deployed, many):
    bootstrap.refused_records(deployed.workspace, "hub").save(
        [
            Refused(
                record_id=str(number),
                records="deals",
                external_id=f"006-{number}",
                field="amount",
                code="no_number",
                message="is no number",
                seen_at=deployed.clock.now(),
            )
            for number in range(many)
        ]
    )


def credentials_of(deployed, key):
    return list(bootstrap.integration_secrets(deployed.workspace).versions(key))


class TestSettingUp:
    def test_what_is_not_said_is_the_vendors_own(self, client):
        made = client.send("PUT", HUB, HUBSPOT)
        shown = client.get(HUB)

        assert made.status == 200
        assert made.body == shown
        assert (shown["vendor"], shown["base_url"]) == ("hubspot", "https://api.hubapi.com")
        assert shown["records"] == ["accounts", "deals", "contacts", "activities"]
        assert shown["schedule"] == {
            "times": ["02:00"],
            "zone": "Europe/Vienna",  # the workspace's
            "full_every_days": 7,
        }
        assert (shown["health"], shown["mapping"], shown["sign_in"]) == ("never_ran", None, None)
        assert shown["next_run_at"] is None

    def test_all_of_it_may_be_said(self, client):
        wanted = SALESFORCE | {
            "base_url": "https://acme.my.salesforce.com/",
            "schedule": {"times": ["18:30", "06:00"], "zone": "Asia/Tokyo", "full_every_days": 3},
            "records": ["deals", "accounts"],
            "mapping": MAPPING,
        }

        shown = client.put(FORCE, wanted)

        assert shown["base_url"] == "https://acme.my.salesforce.com"
        assert shown["schedule"]["times"] == ["06:00", "18:30"]
        assert (shown["records"], shown["mapping"]) == (["accounts", "deals"], MAPPING)
        listed = {one["key"]: one for one in client.get("/v1/integrations")["items"]}
        assert listed["force"] == shown
        assert "vendor" not in listed["file"]

    def test_the_same_again_is_no_new_revision(self, client):
        first, again = client.put(HUB, HUBSPOT), client.put(HUB, HUBSPOT)

        assert (first["rev"], again["rev"]) == (1, 1)

    def test_only_what_is_sent_changes(self, client):
        made = client.send("PUT", HUB, HUBSPOT | {"mapping": MAPPING})
        patch = {"schedule": {"times": ["05:00"]}, "mapping": {"deals": {"fields": {"name": "n"}}}}

        changed = client.patch(HUB, patch, made.headers["ETag"])
        stale = client.send("PATCH", HUB, {"active": False}, headers={"If-Match": '"1"'})
        without = client.patch(HUB, {"mapping": None, "active": False})
        missing = client.send("PATCH", HUB, {"active": False})

        assert changed["schedule"] == made.body["schedule"] | {"times": ["05:00"]}
        assert changed["mapping"] == {**MAPPING, "deals": {"fields": {"name": "n"}}}
        assert (without["mapping"], without["active"]) == (None, False)
        assert (stale.status, missing.status) == (412, 428)

    @pytest.mark.parametrize(
        ("url", "reason"),
        [
            ("http://acme.my.salesforce.com", "scheme"),
            ("https://127.0.0.1", "host"),
            ("https://[::1]", "host"),
            ("https://10.1.2.3", "host"),
            ("https://192.168.0.10", "host"),
            ("https://169.254.169.254", "host"),
            ("https://localhost", "host"),
            ("https://acme.my.salesforce.com.example.com", "vendor"),
            ("https://user@acme.my.salesforce.com", "user_info"),
            ("https://acme.my.salesforce.com:8443", "port"),
            ("https://acme.my.salesforce.com/redirect", "path"),
        ],
    )
    def test_a_base_url_that_is_not_the_vendors_is_not_allowed(self, client, url, reason):
        refused = client.send("PUT", FORCE, SALESFORCE | {"base_url": url})

        assert (refused.status, refused.body["code"]) == (422, "url_not_allowed")
        assert (refused.body["field"], refused.body["errors"][0]["code"]) == ("base_url", reason)
        assert client.send("GET", FORCE).status == 404

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            (SALESFORCE | {"base_url": None}, "base_url"),
            (HUBSPOT | {"vendor": "unheard-of"}, "vendor"),
            (HUBSPOT | {"schedule": {"times": ["2:00"]}}, "schedule.times.0"),
            (HUBSPOT | {"schedule": {"times": []}}, "schedule.times"),
            (HUBSPOT | {"schedule": {"zone": "Vienna"}}, "schedule.zone"),
            (HUBSPOT | {"schedule": {"full_every_days": 0}}, "schedule.full_every_days"),
            (HUBSPOT | {"records": []}, "records"),
            (HUBSPOT | {"records": ["people"]}, "records.0"),
            (HUBSPOT | {"records": ["accounts"]}, "opportunity_pull"),
            (HUBSPOT | {"mapping": {"accounts": {"fields": {"shoe": "x"}}}}, "mapping.accounts"),
            (HUBSPOT | {"access_token": "x"}, "access_token"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_a_setting_at_fault_is_named(self, client, body, field):
        refused = client.send("PUT", HUB, body)

        assert refused.status == 422
        assert refused.body["field"].startswith(field)

    @pytest.mark.parametrize("key", ["Hub", "1hub", "h" * 32, "api", "a_b"])
    def test_a_key_is_a_slug_that_nothing_else_uses(self, client, key):
        refused = client.send("PUT", f"/v1/integrations/{key}", HUBSPOT)

        assert refused.status == 422
        assert client.send("GET", f"/v1/integrations/{key}").status == 404

    def test_the_vendor_stays(self, client, hub):
        put = client.send("PUT", HUB, SALESFORCE)
        patch = client.send(
            "PATCH", HUB, {"vendor": "salesforce", "base_url": SALESFORCE["base_url"]}, headers=ANY
        )

        assert {(one.status, one.body["code"]) for one in (put, patch)} == {(409, "vendor_fixed")}

    def test_files_are_no_crm(self, client):
        runs = client.send("POST", "/v1/integrations/file/runs", {})
        gone = client.send("DELETE", "/v1/integrations/file", query={"records": "keep"})

        assert (runs.status, gone.status) == (404, 404)
        assert client.get("/v1/integrations/file")["active"]

    def test_only_an_admin_does_any_of_it(self, deployed, hub):
        for role in ("viewer", "seller", "manager", "privacy_officer"):
            somebody = deployed.caller(role)
            asked = [
                somebody.send("PUT", HUB, HUBSPOT),
                somebody.send("PATCH", HUB, {}, headers=ANY),
                somebody.send("PUT", f"{HUB}/credentials", TOKEN),
                somebody.send("POST", f"{HUB}/runs", {}),
                somebody.send("POST", f"{HUB}/errors/retry"),
                somebody.send("DELETE", HUB, query={"records": "keep"}),
            ]
            assert {one.status for one in asked} == {403}
            assert somebody.get(HUB)["vendor"] == "hubspot"

    def test_another_workspace_has_none_of_it(self, other, hub):
        stranger = other.caller()

        assert stranger.send("GET", HUB).status == 404
        assert stranger.send("PUT", f"{HUB}/credentials", TOKEN).status == 404
        assert stranger.send("POST", f"{HUB}/runs", {}).status == 404
        assert stranger.get("/v1/integrations")["items"] == []


class TestCredentials:
    def test_nothing_shows_them(self, deployed, client, caplog):
        client.put(HUB, HUBSPOT)

        given = client.send("PUT", f"{HUB}/credentials", TOKEN)
        shown = client.send("GET", HUB)
        refused = client.send(
            "PUT", f"{HUB}/credentials", {"access_token": TOKEN["access_token"]} | {"x": "y"}
        )

        assert (given.status, given.body or "") == (204, "")
        assert shown.body["sign_in"] == "private_app"
        assert shown.body["next_run_at"] is not None
        for text in (
            shown.raw,
            client.send("GET", "/v1/integrations").raw,
            refused.raw,
            caplog.text,
        ):
            assert TOKEN["access_token"] not in text
        assert credentials_of(deployed, "hub") == [TOKEN]

    def test_with_another_address_they_have_to_be_given_again(self, deployed, client):
        force = f"{HUB}-force"
        body = HUBSPOT | {"vendor": "salesforce", "base_url": "https://acme.my.salesforce.com"}
        client.put(force, body)
        first, second = ({"client_id": name, "client_secret": "s"} for name in ("one", "two"))
        client.put(f"{force}/credentials", first)

        client.put(force, body | {"base_url": "https://other.my.salesforce.com"})

        assert client.get(force)["sign_in"] is None
        started = client.send("POST", f"{force}/runs", {"mode": "changes"})
        assert (started.status, started.body["code"]) == (409, "sync_not_possible")
        client.put(f"{force}/credentials", second)
        # Those for the other address are no fallback.
        assert {"client_id": "one", "client_secret": "s"} not in credentials_of(
            deployed, force.rsplit("/", 1)[1]
        )

    def test_new_ones_leave_those_before_as_a_fallback(self, deployed, client, hub):
        new = {"client_id": "a", "client_secret": "b", "refresh_token": "c"}

        client.put(f"{HUB}/credentials", new)

        assert client.get(HUB)["sign_in"] == "oauth"
        assert credentials_of(deployed, "hub") == [new, TOKEN]

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({}, "credentials"),
            ({"client_id": "a"}, "credentials"),
            (TOKEN | {"client_id": "a"}, "credentials"),
            ({"access_token": 5}, "access_token"),
            ({"access_token": ""}, "access_token"),
        ],
        ids=["none", "some", "too many", "no text", "empty"],
    )
    def test_those_that_the_vendor_does_not_take_are_refused(self, client, given, field):
        client.put(HUB, HUBSPOT)

        refused = client.send("PUT", f"{HUB}/credentials", given)

        assert (refused.status, refused.body["field"]) == (422, field)
        assert client.get(HUB)["sign_in"] is None

    def test_they_stay_when_settings_change(self, client, hub):
        assert client.put(HUB, HUBSPOT | {"active": False})["sign_in"] == "private_app"


class TestRuns:
    def test_a_run_is_started_and_followed(self, client, hub, messages, syncs):
        started = client.send("POST", f"{HUB}/runs", {"mode": "full"})
        run_id = started.body["id"]

        assert started.status == 202
        assert started.headers["Location"] == f"{HUB}/runs/{run_id}"
        assert (started.body["status"], started.body["mode"]) == ("running", "full")
        assert messages() == [{"run": run_id, "turn": 1, "attempts": 0}]
        assert client.get(started.headers["Location"]) == started.body
        assert client.get(HUB)["running"] == run_id

    def test_a_second_one_is_refused_and_the_first_named(self, client, hub, messages, syncs):
        first = client.post(f"{HUB}/runs", {})
        messages()

        second = client.send("POST", f"{HUB}/runs", {})
        retry = client.send("POST", f"{HUB}/errors/retry")
        gone = client.send("DELETE", HUB, query={"records": "keep"})

        for refused in (second, retry, gone):
            assert (refused.status, refused.body["code"]) == (409, "sync_running")
            assert refused.body["run_id"] == first["id"]
        assert messages() == []
        ended(syncs)
        assert client.post(f"{HUB}/errors/retry")["mode"] == "retry"

    def test_a_call_that_comes_again_starts_nothing(self, client, hub):
        first, again = (
            client.send("POST", f"{HUB}/runs", {}, headers={"Idempotency-Key": "k"})
            for _ in range(2)
        )

        assert (first.status, again.status) == (202, 202)
        assert again.body["id"] == first.body["id"]

    def test_without_credentials_or_inactive_none_starts(self, client):
        client.put(HUB, HUBSPOT)
        without = client.send("POST", f"{HUB}/runs", {})
        client.put(f"{HUB}/credentials", TOKEN)
        client.put(HUB, HUBSPOT | {"active": False})
        inactive = client.send("POST", f"{HUB}/runs", {})
        client.put(HUB, HUBSPOT | {"sync": False})
        by_hand = client.send("POST", f"{HUB}/runs", {})

        assert {(one.status, one.body["code"]) for one in (without, inactive)} == {
            (409, "sync_not_possible")
        }
        assert by_hand.status == 202

    def test_runs_come_in_pages_the_latest_first(self, deployed, client, hub, syncs):
        made = []
        for _ in range(3):
            made.append(client.post(f"{HUB}/runs", {})["id"])
            ended(syncs)
            deployed.clock.pass_by(timedelta(minutes=1))

        first = client.get(f"{HUB}/runs", limit=2)
        rest = client.get(f"{HUB}/runs", limit=2, cursor=first["next_cursor"])

        assert [run["id"] for run in first["items"] + rest["items"]] == made[::-1]
        assert rest["next_cursor"] is None

    def test_a_run_is_one_of_its_integration(self, client, hub):
        client.put(FORCE, SALESFORCE)
        run_id = client.post(f"{HUB}/runs", {})["id"]

        assert client.send("GET", f"{FORCE}/runs/{run_id}").status == 404
        assert client.get(f"{FORCE}/runs")["items"] == []

    def test_what_was_read_and_what_is_left_is_shown(self, client, hub, syncs):
        run_id = client.post(f"{HUB}/runs", {})["id"]
        part = Part("accounts", "job-1", {"read": 7, "created": 6, "refused": 1}, "quota")
        run = syncs.run(run_id)
        syncs.save(None, None, run.moved(run.moved_at, left=("contacts",), parts=(part,)))

        shown = client.get(f"{HUB}/runs/{run_id}")

        assert shown["left"] == ["contacts"]
        assert shown["parts"] == [
            {
                "records": "accounts",
                "job_id": "job-1",
                "counts": {"read": 7, "created": 6, "refused": 1},
                "stopped": "quota",
            }
        ]

    @pytest.mark.parametrize("mode", ["leave", "all", None])
    def test_a_mode_that_there_is_not_is_refused(self, client, hub, mode):
        refused = client.send("POST", f"{HUB}/runs", {"mode": mode})

        assert (refused.status, refused.body["field"]) == (422, "mode")


class TestChecking:
    @pytest.fixture
    def checked(self, deployed):
        """Return what has the check end with rows of accounts and contacts."""

        def end():
            checks = bootstrap.checks(deployed.workspace)
            preview = {"refused": [], "warnings": [], "filled": {"name": 1}}
            result = {
                "fits": False,
                "problems": [
                    {"path": "accounts.fields.industry", "code": "unknown_field"}
                    | {"message": "the CRM has none of this name", "near": ["industry"]}
                ],
                "hints": [],
                "previews": [
                    preview | {"records": "accounts", "rows": [{"name": "Acme"}]},
                    preview | {"records": "contacts", "rows": [{"last_name": "Brandt"}]},
                ],
            }
            now, asked = deployed.clock.now(), checks.last("hub")
            text = result_text(result)
            checks.end(replace(asked, status="completed", result=text, finished_at=now))
            return asked.mapping

        return end

    def test_a_mapping_is_checked_before_it_is_switched_on(self, client, hub, messages, checked):
        client.patch(HUB, {"active": False})
        asked = client.send("POST", f"{HUB}/check", {"mapping": MAPPING})

        assert asked.status == 202
        assert asked.headers["Location"] == f"{HUB}/check"
        assert client.get(f"{HUB}/check") == asked.body
        assert (asked.body["status"], asked.body["result"]) == ("running", None)
        assert messages() == [{"check": "hub"}]
        assert json.loads(checked()) == MAPPING

        found = client.get(f"{HUB}/check")

        assert (found["status"], found["result"]["fits"]) == ("completed", False)
        assert found["result"]["problems"][0]["near"] == ["industry"]
        assert found["result"]["previews"][1]["rows"] == [{"last_name": "Brandt"}]

    def test_without_a_mapping_that_of_the_integration_is_checked(self, client, hub, checked):
        client.post(f"{HUB}/check", {})

        assert checked() is None

    def test_a_program_sees_records_that_its_scopes_open(self, deployed, client, hub, checked):
        client.post(f"{HUB}/check", {})
        checked()
        robot = {"name": "Robot", "role": "admin", "expires_at": "2099-01-01T00:00:00Z"}
        made = client.post("/v1/clients", robot | {"scopes": ["settings:write", "accounts:read"]})

        previews = ApiClient(made["id"]).get(f"{HUB}/check")["result"]["previews"]

        assert [one["records"] for one in previews] == ["accounts"]

    def test_what_cannot_be_checked_is_refused(self, deployed, client):
        client.put(HUB, HUBSPOT)
        without = client.send("POST", f"{HUB}/check", {})
        client.put(f"{HUB}/credentials", TOKEN)
        fault = client.send("POST", f"{HUB}/check", {"mapping": {"accounts": {"shoe": 1}}})

        assert (without.status, without.body["code"]) == (409, "sync_not_possible")
        assert (fault.status, fault.body["field"]) == (422, "mapping.accounts.shoe")
        assert client.send("GET", f"{HUB}/check").status == 404
        assert deployed.caller("viewer").send("GET", f"{HUB}/check").status == 403


class TestLookingAfter:
    def test_what_runs_have_noted_is_shown(self, deployed, client, hub, syncs):
        now = deployed.clock.now()
        counted = Progress(held=90, refused=2, counted=100, counted_at=now, read_until=now)
        noted(
            syncs,
            as_of=now - timedelta(hours=1, minutes=30),
            last_completed_at=now,
            quota_left=900,
            progress={"deals": counted},
        )

        shown = client.get(HUB)

        assert (shown["health"], shown["lag"], shown["quota_left"]) == ("ok", "PT1H30M", 900)
        deals = shown["kinds"]["deals"]
        assert (deals["held"], deals["refused"], deals["counted"], deals["drift"]) == (
            90,
            2,
            100,
            8,
        )
        assert shown["kinds"]["contacts"]["drift"] is None

    def test_refused_records_come_in_pages_with_their_reasons(self, deployed, client, hub):
        save_refused(deployed, 5)

        found, cursor = [], None
        while True:
            query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = client.get(f"{HUB}/errors", **query)
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break

        assert [one["external_id"] for one in found] == [
            "006-0",
            "006-1",
            "006-2",
            "006-3",
            "006-4",
        ]
        assert found[0] | {"seen_at": None} == {
            "records": "deals",
            "external_id": "006-0",
            "field": "amount",
            "code": "no_number",
            "message": "is no number",
            "seen_at": None,
        }
        assert deployed.caller("viewer").send("GET", f"{HUB}/errors").status == 403
        assert client.send("GET", "/v1/integrations/other/errors").status == 404

    def test_addresses_of_members_and_what_was_written_are_for_administrators(
        self, deployed, client, hub
    ):
        # S2.11
        mapping = {"owners": {"17": "ann@acme.example"}}
        client.patch(HUB, {"mapping": mapping})
        assert client.get(HUB)["mapping"] == mapping

        for role in ("viewer", "seller", "manager", "privacy_officer"):
            somebody = deployed.caller(role)
            for path in (HUB, "/v1/integrations"):
                assert "ann@acme.example" not in somebody.send("GET", path).raw
            assert somebody.send("GET", f"{HUB}/writes").status == 403

    def test_a_crm_that_is_behind_makes_the_stages_stale(self, deployed, client, hub, syncs):
        now = deployed.clock.now()
        bootstrap.configuration(deployed.workspace).save_tick(now, now.date())

        def freshness():
            return {one["key"]: one["stale"] for one in client.get("/v1/freshness")["integrations"]}

        assert freshness() == {"file": False, "hub": True}
        noted(syncs, as_of=now)
        assert freshness() == {"file": False, "hub": False}
        assert client.get("/v1/freshness")["stale"] is False

    def test_a_crm_whose_deals_cannot_be_read_shows_no_stage(self, deployed, client, hub, syncs):
        client.put("/v1/integrations/file", {"active": False, "opportunity_pull": False})
        attention = Attention(
            "permission_missing", "Let the user read deals.", 403, "MISSING_SCOPES", "deals"
        )
        noted(syncs, attention=attention)
        configuration = bootstrap.configuration(deployed.workspace)
        configured = configuration.read()
        before = configured.integration("hub")
        assert before is not None
        after = before.changed_to(before.changed, attention="permission_missing")
        others = tuple(one for one in configured.integrations if one != before)
        now = deployed.clock.now()
        overlay = configured.overlay.following((*others, after), today=now.date(), now=now)
        configuration.save_integration(after, overlay, configured.overlay)

        listed = client.get("/v1/integrations")

        assert listed["no_stage"]["reason"] == "NEEDS_ATTENTION"
        shown = client.get(HUB)
        assert shown["health"] == "needs_attention"
        assert shown["attention"] == {
            "code": "permission_missing",
            "message": "Let the user read deals.",
            "vendor_status": 403,
            "vendor_code": "MISSING_SCOPES",
            "records": "deals",
            "at": None,
        }

        client.put(f"{HUB}/credentials", {"access_token": "another"})

        assert client.get("/v1/integrations")["no_stage"] is None
        assert (client.get(HUB)["health"], client.get(HUB)["attention"]) == ("never_ran", None)


class TestDeleting:
    def test_it_asks_what_becomes_of_the_records(self, client, hub):
        for query in ({}, {"records": "delete"}):
            refused = client.send("DELETE", HUB, query=query)

            assert (refused.status, refused.body["field"]) == (422, "records")
            assert "keep" in refused.body["detail"] and "end_presence" in refused.body["detail"]
        assert client.get(HUB)["sign_in"] == "private_app"

    def test_kept_records_outlive_integration_credentials_and_state(
        self, deployed, client, hub, syncs
    ):
        noted(syncs, as_of=deployed.clock.now())
        save_refused(deployed, 2)

        gone = client.send("DELETE", HUB, query={"records": "keep"})

        assert (gone.status, gone.body) == (200, {"run": None})
        assert client.send("GET", HUB).status == 404
        assert [one["key"] for one in client.get("/v1/integrations")["items"]] == ["file"]
        assert syncs.state("hub").rev == 0
        assert not list(bootstrap.refused_records(deployed.workspace, "hub").ids("deals"))
        with pytest.raises(NotFound):
            credentials_of(deployed, "hub")
        assert client.send("DELETE", HUB, query={"records": "keep"}).status == 404

    def test_one_of_the_same_name_begins_anew(self, client, hub):
        client.send("DELETE", HUB, query={"records": "keep"})

        made = client.put(HUB, SALESFORCE)

        assert (made["rev"], made["vendor"], made["sign_in"]) == (1, "salesforce", None)

    def test_without_it_stages_are_shown_as_the_others_say(self, client, hub):
        client.put("/v1/integrations/file", {"active": False, "opportunity_pull": True})
        assert client.get("/v1/integrations")["no_stage"] is None

        client.send("DELETE", HUB, query={"records": "keep"})

        assert client.get("/v1/integrations")["no_stage"]["reason"] == "INTEGRATION_INACTIVE"

    def test_presence_ends_by_a_run_after_which_it_is_gone(
        self, deployed, client, hub, messages, syncs
    ):
        client.put(HUB, HUBSPOT | {"active": False})
        leaving = client.send("DELETE", HUB, query={"records": "end_presence"})
        run = leaving.body["run"]

        assert leaving.status == 200
        assert (run["mode"], run["status"]) == ("leave", "running")
        assert messages() == [{"run": run["id"], "turn": 1, "attempts": 0}]
        assert client.get(HUB)["running"] == run["id"]

        end = partial(
            remove_integration,
            bootstrap.configuration(deployed.workspace),
            bootstrap.integration_secrets(deployed.workspace),
            bootstrap.refused_records(deployed.workspace, "hub"),
            "hub",
            today=deployed.clock.now().date(),
            stamp=Stamp("admin", run["id"], deployed.clock.now()),
        )
        with pytest.raises(SyncRunning):
            end(run_id="another")
        end(run_id=run["id"])
        with pytest.raises(NotFound):
            # The message may come twice.
            end(run_id=run["id"])
        assert client.send("GET", HUB).status == 404

    def test_the_audit_says_who_deleted_it(self, client, deployed, audited):
        client.put(HUB, HUBSPOT)
        client.send("DELETE", HUB, query={"records": "keep"})
        audited()

        entries = client.get("/v1/audit", kind="integration", id="hub")["items"]

        assert {(one["happened"], one["by"]) for one in entries} == {
            ("created", f"admin-of-{deployed.workspace.id}"),
            ("deleted", f"admin-of-{deployed.workspace.id}"),
        }
