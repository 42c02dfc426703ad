"""The fake's tokens, scopes, limits and faults read against HubSpot's usage guidelines."""

from datetime import UTC, datetime, timedelta
from http.client import IncompleteRead, RemoteDisconnected
from json import JSONDecodeError
from time import monotonic

import pytest

from tests.crm.hubspot.signin import ALL_SCOPES

COMPANIES = "/crm/v3/objects/companies"
STANDING = timedelta(0)


def _refresh(crm, client, **changed):
    form = {
        "grant_type": "refresh_token",
        "client_id": crm.client_id,
        "client_secret": crm.client_secret,
        "refresh_token": crm.sign_in.refresh_token,
    }
    return client.sign_in(**{**form, **changed})


def test_a_refreshed_token_lasts_thirty_minutes(hubspot):
    crm, client = hubspot(request_time=STANDING)

    grant = _refresh(crm, client).body
    client.token = grant["access_token"]

    assert (grant["token_type"], grant["expires_in"]) == ("bearer", 1800)
    assert grant["refresh_token"] == crm.sign_in.refresh_token
    crm.clock.advance(timedelta(minutes=29, seconds=59))
    assert client.get(COMPANIES).status == 200
    crm.clock.advance(timedelta(seconds=1))
    refused = client.get(COMPANIES)
    assert (refused.status, refused.body["category"]) == (401, "EXPIRED_AUTHENTICATION")
    assert refused.body["context"]["expire time"] == ["2026-03-02T12:30:00.000Z"]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        pytest.param({"refresh_token": "no"}, "BAD_REFRESH_TOKEN", id="revoked token"),
        pytest.param({"client_id": "no"}, "BAD_CLIENT_ID", id="another app"),
        pytest.param({"client_secret": "no"}, "BAD_CLIENT_SECRET", id="wrong secret"),
    ],
)
def test_wrong_credentials_get_no_token(hubspot, changed, status):
    crm, client = hubspot()

    refused = _refresh(crm, client, **changed)

    assert (refused.status, refused.body["status"]) == (400, status)


def test_client_credentials_open_no_crm_object(hubspot):
    crm, client = hubspot()

    client.token = _refresh(crm, client, grant_type="client_credentials").body["access_token"]

    assert client.get(COMPANIES).body["category"] == "MISSING_SCOPES"


def test_an_unknown_token_is_refused(hubspot):
    _, client = hubspot()
    client.token = "no"

    refused = client.get(COMPANIES)

    assert (refused.status, refused.body["category"]) == (401, "INVALID_AUTHENTICATION")


def test_a_missing_scope_is_named(hubspot):
    _, client = hubspot(scopes=ALL_SCOPES - {"crm.objects.deals.read"})

    refused = client.get("/crm/v3/objects/deals")

    assert (refused.status, refused.body["category"]) == (403, "MISSING_SCOPES")
    (error,) = refused.body["errors"]
    assert error["context"]["requiredGranularScopes"] == ["crm.objects.deals.read"]
    assert client.get(COMPANIES).status == 200


def test_requests_of_ten_seconds_are_limited_for_each_app(hubspot):
    crm, client = hubspot(request_time=STANDING, requests_per_ten_seconds=3)

    left = [client.get(COMPANIES).headers["X-HubSpot-RateLimit-Remaining"] for _ in range(3)]
    refused = client.get(COMPANIES)
    search = client.search("companies")
    crm.clock.advance(timedelta(seconds=10))

    assert left == ["2", "1", "0"]
    assert refused.status == 429
    assert refused.body["policyName"] == "TEN_SECONDLY_ROLLING"
    assert refused.body["message"] == "You have reached your ten_secondly_rolling limit."
    assert refused.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    assert search.status == 200
    assert client.get(COMPANIES).status == 200


def test_five_searches_a_second(hubspot):
    crm, client = hubspot(request_time=STANDING)

    replies = [client.search("companies") for _ in range(6)]
    crm.clock.advance(timedelta(seconds=1))

    assert [each.status for each in replies] == [200] * 5 + [429]
    assert replies[-1].body["message"] == "You have reached your secondly limit."
    assert not any("ratelimit" in name.lower() for each in replies for name in each.headers)
    assert client.search("companies").status == 200


def test_a_spent_day_ends_at_midnight_in_the_accounts_zone(hubspot):
    start = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    crm, client = hubspot(start=start, time_zone="Europe/London", request_time=STANDING)
    crm.spend_daily_quota()

    refused = client.get(COMPANIES)
    crm.clock.advance(timedelta(minutes=30))
    admitted = client.get(COMPANIES)

    assert (refused.status, refused.body["policyName"]) == (429, "DAILY")
    assert refused.body["message"] == "You have reached your daily limit."
    assert refused.headers["X-HubSpot-RateLimit-Daily-Remaining"] == "0"
    assert admitted.headers["X-HubSpot-RateLimit-Daily-Remaining"] == "649999"


def test_an_oauth_app_has_no_daily_limit(hubspot):
    crm, client = hubspot()
    crm.spend_daily_quota()
    client.token = _refresh(crm, client).body["access_token"]

    admitted = client.get(COMPANIES)

    assert admitted.status == 200
    assert admitted.headers["X-HubSpot-RateLimit-Max"] == "110"
    assert "X-HubSpot-RateLimit-Daily" not in admitted.headers


def test_ordered_statuses_come_where_and_as_often_as_ordered(hubspot):
    crm, client = hubspot()
    crm.faults.status(503, times=2, on="/companies", skip=1)

    statuses = [client.get(COMPANIES).status for _ in range(4)]
    other = client.get("/crm/v3/objects/deals").status

    assert (statuses, other) == ([200, 503, 503, 200], 200)
    assert [each.status for each in crm.requests] == [*statuses, other]


def test_throttling_with_and_without_retry_after(hubspot):
    crm, client = hubspot()
    crm.faults.throttle()
    crm.faults.throttle(retry_after=7)

    without, with_ = client.get(COMPANIES), client.get(COMPANIES)

    assert (without.status, without.headers.get("Retry-After")) == (429, None)
    assert (with_.status, with_.headers.get("Retry-After")) == (429, "7")


def test_answers_that_are_no_json(hubspot):
    crm, client = hubspot()
    crm.faults.html()
    assert client.get(COMPANIES).body.startswith("<html>")

    crm.faults.truncate()
    with pytest.raises(JSONDecodeError):
        client.get(COMPANIES)

    crm.faults.truncate(declared_whole=True)
    with pytest.raises(IncompleteRead):
        client.get(COMPANIES)


@pytest.mark.parametrize("done", [False, True], ids=["before the write", "after the write"])
def test_a_reset_connection(hubspot, done):
    crm, client = hubspot()
    crm.faults.reset(done=done)

    with pytest.raises((ConnectionResetError, RemoteDisconnected)):
        client.post(COMPANIES, {"properties": {"name": "New"}})

    assert len(crm.records("companies")) == done
    assert crm.requests[0].status == 0
    assert client.get(COMPANIES).status == 200


def test_tokens_that_end_in_the_middle_of_a_list(hubspot):
    crm, client = hubspot()
    client.token = _refresh(crm, client).body["access_token"]
    crm.faults.expire_tokens(on=COMPANIES, skip=1)

    statuses = [client.get(COMPANIES).status for _ in range(3)]

    assert statuses == [200, 401, 401]


def test_a_slow_answer(hubspot):
    crm, client = hubspot()
    crm.faults.delay(0.05)

    begun = monotonic()
    client.get(COMPANIES)

    assert monotonic() - begun >= 0.05


def test_the_clock_may_be_the_machines_own(hubspot):
    crm, client = hubspot(real_time=True)
    before = datetime.now(UTC)

    made = client.post(COMPANIES, {"properties": {}}).body

    assert abs(datetime.fromisoformat(made["createdAt"]) - before) < timedelta(seconds=5)
    crm.clock.advance(timedelta(days=1))
    assert crm.clock.instant() - before > timedelta(days=1)


def test_an_unknown_address_or_object(hubspot):
    _, client = hubspot()

    assert client.get("/crm/v3/nothing").status == 404
    assert client.get("/crm/v3/objects/planets").body["message"].startswith("Unable to infer")
    assert client.put(COMPANIES).status == 405
