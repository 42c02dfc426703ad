"""What the connector reads of HubSpot: nothing twice in a window, nothing left out."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from stageline.domain.crm_errors import (
    CrmQuotaSpent,
    CrmRefused,
    CrmThrottled,
    CrmUnavailable,
    SignInRefused,
)
from stageline.domain.crm_records import Ask, PlaceLost
from sync_crm.connectors.hubspot_access import daily_left
from sync_crm.connectors.hubspot_facts import Facts
from sync_crm.connectors.hubspot_fields import value
from tests.crm.hubspot import Stage
from tests.crm.hubspot.answers import Answer
from tests.unit.crm.hubspot_connector import OAUTH, START, gone, joined, live

HOUR = timedelta(hours=1)
CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
NO_ANSWER = "73a0d17f-1163-4015-bdd5-ec830791da20"
OF_OUR_OWN = "c0ffee00-0000-4000-8000-000000000001"


# Pages of changes.


def test_more_changes_at_one_instant_than_a_search_gives_are_all_read():
    with joined(search_window=200) as hub:
        added = [hub.fake.add("companies", {"name": str(n)}, at=START) for n in range(501)]

        pages = list(hub.pages("accounts", ["name"], since=START, until=START + HOUR))

        assert [len(page) for page in pages] == [200, 200, 101, 0]
        assert sorted(one.external_id for page in pages for one in page) == sorted(added)
        assert all("after" not in request.body for request in hub.asked("/search"))


def test_a_window_ends_before_its_end():
    with joined() as hub:
        hub.fake.add("deals", {}, at=START - HOUR)
        first = hub.fake.add("deals", {}, at=START)
        hub.fake.add("deals", {}, at=START + HOUR)

        assert live(hub.read("deals", since=START, until=START + HOUR)) == [first]


def test_contacts_have_another_date_of_change():
    with joined() as hub:
        contact = hub.fake.add("contacts", {"email": "ada@example.com"}, at=START)

        (found,) = hub.read("contacts", since=START, until=START + HOUR)

        assert (found.external_id, found.values["email"]) == (contact, "ada@example.com")


def test_what_changes_while_it_is_read_comes_with_the_next_window():
    with joined() as hub:
        added = [hub.fake.add("companies", {}, at=START) for _ in range(250)]
        until = START + HOUR
        pages = hub.pages("accounts", ["name"], since=START, until=until)

        read = live(next(pages))
        hub.fake.update("companies", added[-1], {"name": "New"}, at=until)
        read += [each for page in pages for each in live(page)]

        assert read == added[:-1]
        assert live(hub.read("accounts", since=until, until=until + HOUR)) == added[-1:]


def test_a_reading_goes_on_from_a_place_that_was_kept():
    with joined() as hub:
        added = [hub.fake.add("calls", {}, at=START) for _ in range(201)]
        note = hub.fake.add("notes", {}, at=START)
        window = {"since": START, "until": START + HOUR}
        ask = Ask(records="activities", fields=(), **window)

        kept = json.loads(json.dumps(hub.crm.page(ask).place))
        rest = hub.read("activities", **window, place=kept)

        assert live(rest) == [f"calls:{added[200]}", f"notes:{note}"]


def test_a_search_that_is_not_sorted_is_not_believed(monkeypatch):
    with joined() as hub:
        for _ in range(3):
            hub.fake.add("companies", {}, at=START)
        monkeypatch.setattr(hub.fake._search, "_sort", lambda *_: ("hs_lastmodifieddate", False))

        with pytest.raises(CrmRefused, match="NOT_SORTED"):
            hub.read("accounts", since=START, until=START + HOUR)


# All there is.


def test_all_there_is_comes_from_the_list():
    with joined() as hub:
        added = [hub.fake.add("companies", {"name": str(n)}) for n in range(101)]
        hub.fake.archive("companies", added.pop())

        pages = list(hub.pages("accounts", ["name"]))

        assert [one.values["name"] for one in pages[0]] == [str(n) for n in range(100)]
        assert live([one for page in pages for one in page]) == added
        assert not hub.asked("/search")


@pytest.mark.parametrize("since", [None, START], ids=["all there is", "changes"])
def test_many_fields_are_asked_for_in_a_body(since):
    names = [f"field_{n:03}" for n in range(1000)]
    with joined() as hub:
        for name in names:
            hub.fake.add_property("companies", name)
        added = [hub.fake.add("companies", {n: n for n in names}, at=START) for _ in range(3)]

        found = hub.read("accounts", names, since=since, until=START + HOUR)

        assert live(found) == added
        assert all(dict(one.values) == {n: n for n in names} for one in found)
        assert all(request.status in (200, 207) for request in hub.fake.requests)


@pytest.mark.parametrize("fields", [["name"], [f"field_{n:03}" for n in range(1000)]])
def test_a_record_without_an_id_does_not_hold_up_its_page(fields):
    with joined() as hub:
        company = hub.fake.add("companies", {})
        page = {"results": [{"properties": {"name": "?"}}, {"id": company, "properties": {}}]}
        hub.fake.faults._answer(Answer(200, page), 1, "/objects/companies", 0)

        assert live(hub.read("accounts", fields))[-1] == company


def test_a_place_in_a_list_may_be_lost():
    with joined() as hub, pytest.raises(PlaceLost):
        hub.read("accounts", place=["companies", "all", "no such place"])


# What is gone.


def test_what_was_archived_since_is_gone():
    with joined() as hub:
        before, now, kept = (hub.fake.add("deals", {}, at=START - HOUR) for _ in range(3))
        hub.fake.archive("deals", before)
        hub.fake.clock.advance(HOUR)
        since = hub.fake.clock.instant()
        hub.fake.archive("deals", now)

        found = hub.read("deals", since=since)

        assert (live(found), gone(found)) == ([], [now])
        assert kept not in gone(found)


@pytest.mark.parametrize("archived", [False, True], ids=["dropped", "archived by the merge"])
def test_a_merged_record_is_named_by_what_stands_for_it(archived):
    with joined(merged_in_archived=archived) as hub:
        a, b, c = (hub.fake.add("companies", {}, at=START - HOUR) for _ in range(3))
        first = hub.fake.merge("companies", a, b)
        last = hub.fake.merge("companies", c, first)
        hub.fake.clock.advance(HOUR)

        found = hub.read("accounts", since=START)

        assert set(live(found)) == {last}
        assert all(set(one.merged) == {a, b, c, first} for one in found if not one.is_gone)
        assert {one.merged_into for one in found if one.is_gone} <= {last}


def test_a_record_that_kept_its_id_is_not_merged_into_itself():
    with joined(merge_creates_record=False) as hub:
        a, b = (hub.fake.add("contacts", {"email": f"{n}@example.com"}) for n in "ab")
        hub.fake.merge("contacts", a, b)
        hub.fake.account.records["contacts"].versions[int(a)].properties["hs_merged_object_ids"] = (
            f"{a};{b}"
        )

        (found,) = hub.read("contacts", ["email"])

        assert (found.external_id, found.merged) == (a, (b,))


def test_what_was_merged_and_then_archived_is_gone_with_all_its_ids():
    with joined() as hub:
        a, b = (hub.fake.add("deals", {}, at=START - HOUR) for _ in range(2))
        winner = hub.fake.merge("deals", a, b)
        hub.fake.archive("deals", winner)

        found = hub.read("deals", since=START)

        assert sorted(gone(found)) == sorted([a, b, winner])
        assert {one.merged_into for one in found} == {None}


def test_records_are_fetched_by_their_ids():
    with joined() as hub:
        kept, archived, purged, a, b = (
            hub.fake.add("companies", {"name": n}) for n in ("kept", "archived", "purged", "a", "b")
        )
        winner = hub.fake.merge("companies", a, b)
        hub.fake.archive("companies", archived)
        hub.fake.purge("companies", purged)

        found = hub.crm.fetch("accounts", [kept, archived, purged, a, b, "404"], ["name"])

        by_id = {one.external_id: one for one in found}
        assert len(found) == len(by_id) == 5
        assert by_id[kept].values == {"name": "kept"}
        assert by_id[winner].values == {"name": "a"}
        assert set(by_id[winner].merged) == {a, b}
        assert (by_id[a].is_gone, by_id[a].merged_into) == (True, winner)
        assert (by_id[archived].is_gone, by_id[archived].merged_into) == (True, None)


def test_an_old_id_of_what_is_archived_is_gone():
    with joined() as hub:
        a, b = hub.fake.add("deals", {}), hub.fake.add("deals", {})
        hub.fake.archive("deals", hub.fake.merge("deals", a, b))

        (found,) = hub.crm.fetch("deals", [a], ["dealname"])

        assert (found.external_id, found.is_gone, found.merged_into) == (a, True, None)


def test_activities_are_fetched_from_the_objects_that_their_ids_name():
    with joined() as hub:
        call = hub.fake.add("calls", {}, id=77)
        note = hub.fake.add("notes", {}, id=77)

        found = hub.crm.fetch("activities", [f"calls:{call}", f"notes:{note}"], ["stageline:kind"])

        kinds = {one.external_id: one.values["stageline:kind"] for one in found}
        assert kinds == {"calls:77": "call", "notes:77": "note"}


def test_two_hundred_are_fetched_in_batches():
    with joined() as hub:
        added = [hub.fake.add("deals", {}) for _ in range(200)]

        assert live(hub.crm.fetch("deals", added, ["dealname"])) == added


# Links.


def test_the_parent_of_a_company_is_the_one_that_is_said_to_be():
    with joined(association_page=2) as hub:
        parent, child, other = (hub.fake.add("companies", {}) for _ in range(3))
        for each in (parent, other):
            hub.fake.associate("companies", child, "companies", each)
        hub.fake.associate("companies", child, "companies", parent, type_id=14)

        links = {one.external_id: one.links for one in hub.read("accounts")}

        assert links == {
            parent: {"parent": ()},
            child: {"parent": (parent,)},
            other: {"parent": ()},
        }


@pytest.mark.parametrize("numeric", [False, True], ids=["as text", "as numbers"])
def test_the_primary_company_comes_first(numeric):
    with joined(association_page=2, numeric_association_ids=numeric) as hub:
        companies = [hub.fake.add("companies", {}) for _ in range(5)]
        deal, contact = hub.fake.add("deals", {}), hub.fake.add("contacts", {})
        for each in companies:
            hub.fake.associate("deals", deal, "companies", each)
            hub.fake.associate("contacts", contact, "companies", each)
        hub.fake.associate("deals", deal, "companies", companies[3], type_id=5)
        hub.fake.associate("contacts", contact, "companies", companies[4], type_id=1)
        first = lambda n: (companies[n], *(each for each in companies if each != companies[n]))  # noqa: E731

        assert hub.read("deals")[0].links == {"account": first(3)}
        assert hub.read("contacts")[0].links == {"accounts": first(4)}


def test_activities_lead_to_account_deal_and_contacts():
    with joined() as hub:
        company, deal = hub.fake.add("companies", {}), hub.fake.add("deals", {})
        people = tuple(hub.fake.add("contacts", {}) for _ in range(2))
        meeting, note = hub.fake.add("meetings", {}), hub.fake.add("notes", {})
        hub.fake.associate("meetings", meeting, "companies", company)
        hub.fake.associate("meetings", meeting, "deals", deal)
        for each in people:
            hub.fake.associate("meetings", meeting, "contacts", each)

        links = {one.external_id: one.links for one in hub.read("activities")}

        assert links == {
            f"meetings:{meeting}": {"account": (company,), "deal": (deal,), "contacts": people},
            f"notes:{note}": {"account": (), "deal": (), "contacts": ()},
        }


# Values.


def test_an_account():
    with joined() as hub:
        owner = hub.fake.add_owner("ann@example.com")
        hub.fake.add(
            "companies",
            {"name": "Acme", "domain": "acme.example", "hubspot_owner_id": owner, "country": ""},
            at=START,
        )

        (found,) = hub.read("accounts")

        assert hub.ours("accounts", found) == {
            "name": "Acme",
            "domain": "acme.example",
            "industry": None,
            "country": None,
            "owner_email": "ann@example.com",
            "created_on": "2026-03-02T12:00:00.000Z",
        }


def test_owners_are_read_once_with_all_their_pages_and_archived_ones():
    with joined(owners_page=500) as hub:
        owners = [hub.fake.add_owner(f"{n}@example.com") for n in range(502)]
        hub.fake.archive_owner(owners[1])
        for each in (owners[0], owners[1], owners[501], "1"):
            hub.fake.add("companies", {"hubspot_owner_id": each})

        found = hub.read("accounts") + hub.read("accounts")

        emails = [one.values["stageline:owner_email"] for one in found]
        assert emails == ["0@example.com", "1@example.com", "501@example.com", None] * 2
        assert len(hub.asked("/owners")) == 3


@pytest.mark.parametrize(
    ("stage", "status", "probability"),
    [
        pytest.param("contractsent", "open", Decimal("0.9"), id="open"),
        pytest.param("closedwon", "won", Decimal(1), id="won"),
        pytest.param("closedlost", "lost", Decimal(0), id="lost"),
        pytest.param("retired", None, None, id="a stage that is gone"),
    ],
)
def test_a_deal(stage, status, probability):
    with joined(currency="CHF") as hub:
        owner = hub.fake.add_owner("ann@example.com")
        deal = {"dealname": "Big", "dealstage": stage, "amount": "12.50", "hubspot_owner_id": owner}
        hub.fake.add("deals", deal | {"closedate": "2026-04-01T00:00:00.000Z"}, at=START)

        (found,) = hub.read("deals")

        assert hub.ours("deals", found) == {
            "name": "Big",
            "status": status,
            "stage": stage,
            "opened_on": "2026-03-02T12:00:00.000Z",
            "closed_on": "2026-04-01T00:00:00.000Z",
            "amount": Decimal("12.50"),
            "currency": "CHF",
            "probability": probability,
            "owner_email": "ann@example.com",
        }


def test_the_currency_of_a_deal_goes_before_that_of_the_account():
    with joined(currency="CHF") as hub:
        hub.fake.add("deals", {"deal_currency_code": "USD"})

        (found,) = hub.read("deals")

        assert found.values["stageline:currency"] == "USD"
        assert not hub.asked("/account-info")


@pytest.mark.parametrize(
    ("stage", "status", "probability"),
    [
        pytest.param("talks", "open", Decimal("0.35"), id="open"),
        pytest.param("signed", "won", Decimal(1), id="won"),
        pytest.param("declined", "lost", Decimal(0), id="lost"),
    ],
)
def test_a_pipeline_says_what_a_deal_does_not(stage, status, probability):
    with joined() as hub:
        hub.fake.add_pipeline(
            "partners",
            "Partners",
            [
                Stage("talks", "Talks", 0.35),
                Stage("signed", "Signed", 1.0, closed=True),
                Stage("declined", "Declined", 0.0, closed=True),
            ],
        )
        facts = Facts(hub.send)
        deal = {"pipeline": "partners", "dealstage": stage, "hs_is_closed": None}

        assert value("stageline:status", "deals", deal, facts) == status
        assert value("stageline:probability", "deals", deal, facts) == probability
        assert len(hub.asked("/pipelines")) == 1


@pytest.mark.parametrize(
    ("kind", "given", "two_way"),
    [
        pytest.param("calls", {"hs_call_disposition": CONNECTED}, True, id="call, connected"),
        pytest.param("calls", {"hs_call_status": "COMPLETED"}, True, id="call, completed"),
        pytest.param(
            "calls",
            {"hs_call_disposition": NO_ANSWER, "hs_call_status": "COMPLETED"},
            False,
            id="call, completed without an answer",
        ),
        pytest.param(
            "calls",
            {"hs_call_disposition": OF_OUR_OWN, "hs_call_status": "COMPLETED"},
            True,
            id="call, completed with an outcome of the account's own",
        ),
        pytest.param("calls", {"hs_call_status": "NO_ANSWER"}, False, id="call, no answer"),
        pytest.param("calls", {}, False, id="call, nothing known"),
        pytest.param("emails", {"hs_email_direction": "INCOMING_EMAIL"}, True, id="reply"),
        pytest.param("emails", {"hs_email_direction": "EMAIL"}, False, id="e-mail sent"),
        pytest.param("meetings", {"hs_meeting_outcome": "COMPLETED"}, True, id="meeting"),
        pytest.param("meetings", {}, True, id="meeting without an outcome"),
        pytest.param("meetings", {"hs_meeting_outcome": "NO_SHOW"}, False, id="no-show"),
        pytest.param("notes", {}, False, id="note"),
    ],
)
def test_whether_both_sides_took_part(kind, given, two_way):
    with joined() as hub:
        hub.fake.add(kind, given)

        (found,) = hub.read("activities")

        assert found.values["stageline:two_way"] is two_way


@pytest.mark.parametrize("outcome", ["CANCELED", "RESCHEDULED"])
def test_a_meeting_that_is_called_off_is_no_activity(outcome):
    with joined() as hub:
        kept = hub.fake.add("meetings", {}, at=START)
        off = hub.fake.add("meetings", {"hs_meeting_outcome": "SCHEDULED"}, at=START)
        assert live(hub.read("activities")) == [f"meetings:{kept}", f"meetings:{off}"]

        hub.fake.update("meetings", off, {"hs_meeting_outcome": outcome}, at=START + HOUR)

        found = hub.read("activities", since=START, until=START + 2 * HOUR)
        assert (live(found), gone(found)) == ([f"meetings:{kept}"], [f"meetings:{off}"])
        assert hub.crm.count("activities") == 1


def test_texts_are_read_only_if_they_are_asked_for():
    with joined() as hub:
        hub.fake.add(
            "emails",
            {
                "hs_email_subject": "Hello",
                "hs_email_text": "Dear Ada",
                "hs_timestamp": "2026-03-01T09:00:00.000Z",
            },
        )
        fields = [n for n in hub.crm.fields["activities"].values() if n != "stageline:text"]

        (without,) = hub.read("activities", fields)
        asked = [request.query["properties"] for request in hub.asked("/objects/")]
        (whole,) = hub.read("activities")

        assert without.values["stageline:subject"] == "Hello"
        assert without.values["hs_timestamp"] == "2026-03-01T09:00:00.000Z"
        assert not any(word in names for names in asked for word in ("text", "body"))
        assert whole.values["stageline:text"] == "Dear Ada"


# What the account says of itself.


def test_records_are_counted():
    with joined() as hub:
        for kind in ("companies", "calls", "calls", "notes"):
            hub.fake.add(kind, {})

        assert (hub.crm.count("accounts"), hub.crm.count("activities")) == (1, 3)


def test_a_count_that_may_be_cut_off_is_none(monkeypatch):
    monkeypatch.setattr("sync_crm.connectors.hubspot.CAP", 5)
    with joined(total_capped=True, search_window=5) as hub:
        for _ in range(6):
            hub.fake.add("deals", {})

        assert hub.crm.count("deals") is None


def test_fields_are_described():
    with joined() as hub:
        hub.fake.add_property("deals", "tier", "enumeration", options=("a", "b"))

        fields = {field.name: field for field in hub.crm.describe("deals")}

        assert (fields["tier"].kind, fields["tier"].options) == ("choice", ("a", "b"))
        assert (fields["amount"].kind, fields["amount"].is_writable) == ("number", True)
        assert (fields["closedate"].kind, fields["dealname"].kind) == ("instant", "text")
        assert fields["hubspot_owner_id"].kind == "reference"
        assert not fields["hs_is_closed"].is_writable
        assert "closedwon" in fields["dealstage"].options
        assert fields["pipeline"].options == ("default",)
        assert fields["stageline:status"].options == ("open", "won", "lost")


def test_every_field_that_is_read_is_described():
    with joined() as hub:
        for records, names in hub.crm.fields.items():
            described = {field.name for field in hub.crm.describe(records)}
            assert set(names.values()) <= described


# Signing in, limits and failures.


def test_a_token_that_ends_in_mid_read_is_renewed():
    with joined(OAUTH) as hub:
        added = [hub.fake.add("companies", {}, at=START) for _ in range(250)]
        hub.fake.faults.expire_tokens(on="/search", skip=1)

        assert live(hub.read("accounts", since=START, until=START + HOUR)) == added
        assert len(hub.asked("/oauth/v3/token")) == 2


def test_tokens_are_renewed_before_they_end():
    with joined(OAUTH) as hub:
        hub.read("accounts")
        hub.fake.clock.advance(timedelta(minutes=25))
        hub.read("accounts")

        assert len(hub.asked("/oauth/v3/token")) == 2
        assert all(request.status in (200, 207) for request in hub.fake.requests)


def test_credentials_that_are_refused_say_why():
    refused = OAUTH | {"refresh_token": "of another app"}
    with joined(refused) as hub, pytest.raises(SignInRefused, match="BAD_REFRESH_TOKEN"):
        hub.read("accounts")
    with joined({"access_token": "revoked"}) as hub, pytest.raises(SignInRefused, match="401"):
        hub.read("accounts")


def test_a_scope_that_is_missing_is_named():
    scopes = {"crm.objects.companies.read"}
    with joined(scopes=scopes) as hub, pytest.raises(CrmRefused, match="MISSING_SCOPES"):
        hub.read("deals")


def test_the_daily_quota_ends_a_reading_and_other_limits_do_not():
    with joined() as hub:
        company = hub.fake.add("companies", {})
        hub.fake.faults.throttle(times=2)
        assert live(hub.read("accounts")) == [company]

        hub.fake.faults.throttle(retry_after=90)
        with pytest.raises(CrmThrottled):
            hub.read("accounts")

        hub.fake.spend_daily_quota()
        with pytest.raises(CrmQuotaSpent):
            hub.read("accounts")


def test_headers_say_what_is_left_for_the_day():
    assert daily_left({"x-hubspot-ratelimit-daily-remaining": "41"}) == 41
    assert daily_left({}) is None


@pytest.mark.parametrize("spoil", ["truncate", "html", "reset"])
def test_a_spoilt_answer_is_asked_for_again(spoil):
    with joined() as hub:
        added = [hub.fake.add("companies", {}, at=START) for _ in range(201)]
        for path in ("/search", "/associations"):
            getattr(hub.fake.faults, spoil)(on=path, skip=1)

        assert live(hub.read("accounts", since=START, until=START + HOUR)) == added


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({}, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param({"results": None}, id="no results"),
        pytest.param(
            {"results": [], "errors": [{"category": "INTERNAL_ERROR"}]}, id="some not read"
        ),
    ],
)
def test_an_answer_of_another_form_does_not_make_records_unknown(answer):
    with joined() as hub:
        company = hub.fake.add("companies", {})
        hub.fake.faults._answer(Answer(207, answer), 1, "/batch/read", 0)

        with pytest.raises(CrmUnavailable):
            hub.crm.fetch("accounts", [company], ["name"])


def test_links_that_could_not_be_read_are_left_unsaid():
    with joined() as hub:
        first, _ = hub.fake.add("deals", {}), hub.fake.add("deals", {})
        failed = {"category": "INTERNAL_ERROR", "context": {"fromObjectId": [first]}}
        hub.fake.faults._answer(
            Answer(207, {"results": [], "errors": [failed]}), 1, "/associations", 0
        )

        assert [one.links for one in hub.read("deals")] == [{}, {"account": ()}]
