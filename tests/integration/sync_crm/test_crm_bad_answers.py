"""CRMs that answer badly, refuse, or let nobody in: nothing is lost, nothing is deleted."""

from datetime import timedelta
from decimal import Decimal

import pytest

from stageline import bootstrap
from stageline.domain.errors import SyncRunning
from stageline.domain.overlay import overlay_on
from tests.crm import faults
from tests.crm.hubspot.answers import Answer
from tests.crm.hubspot.signin import ALL_SCOPES
from tests.integration.sync_crm.crm_checks import check, read
from tests.integration.sync_crm.crm_copy import copy_of
from tests.integration.sync_crm.crm_lives import life_of
from tests.integration.sync_crm.crm_machine import reading

VENDORS = ("hubspot", "salesforce")
LONG = 10_000
# What is wrong with answers, by the ways of both fakes to have it.
WRONG = {
    "429": (lambda hub, on, **n: hub.throttle(on=on, **n), faults.status(429)),
    "429 and when": (lambda hub, on, **n: hub.throttle(7, on=on, **n), faults.status(429, 7)),
    "500": (lambda hub, on, **n: hub.status(500, on=on, **n), faults.status(500)),
    "reset": (lambda hub, on, **n: hub.reset(on=on, **n), faults.reset()),
    "html": (lambda hub, on, **n: hub.html(on=on, **n), faults.html()),
    "cut": (lambda hub, on, **n: hub.truncate(on=on, **n), faults.half_a_document()),
    "cut off": (
        lambda hub, on, **n: hub.truncate(on=on, declared_whole=True, **n),
        faults.cut_off(),
    ),
}


def go_wrong(life, wrong, times, on="", skip=0):
    hub, fault = WRONG[wrong]
    if life.fake.vendor == "hubspot":
        hub(life.crm.faults, on, times=times, skip=skip)
    else:
        life.crm.faults.order(fault, times=times, after=skip, path=on)


@pytest.fixture(params=VENDORS)
def life(request):
    with life_of(request.param, 1) as one:
        populate(one)
        yield one


def populate(life, times=4):
    for _ in range(times):
        for name in ("add_account", "add_deal", "add_contact", "add_activity"):
            getattr(life, name)()


@pytest.fixture
def machine(life):
    with reading(life.fake) as one:
        yield one


@pytest.mark.parametrize("wrong", WRONG)
def test_bad_answers_are_asked_for_again(life, machine, wrong):
    machine.connect()
    go_wrong(life, wrong, times=2, skip=4)
    go_wrong(life, wrong, times=1, skip=9)

    assert machine.run("full").status == "completed"

    assert copy_of(machine) == life.has()


@pytest.mark.parametrize("wrong", ["429", "429 and when", "500", "reset", "html", "cut"])
def test_after_the_limit_a_run_is_partial_and_the_next_goes_on(life, machine, wrong):
    machine.connect()
    machine.run("full")
    life.go_on(10)
    before = copy_of(machine)
    go_wrong(life, wrong, times=LONG)

    run = machine.run("full")

    assert (run.status, [part.stopped for part in run.parts]) == ("partial", ["unavailable"])
    assert copy_of(machine) == before
    assert machine.state().failures == 1
    life.crm.faults.clear()
    assert machine.run("full").status.startswith("completed")
    assert copy_of(machine) == life.has()
    assert machine.state().failures == 0


def test_a_kind_that_does_not_answer_keeps_what_was_read_before_it(life, machine):
    machine.connect()
    deals = "deals" if life.fake.vendor == "hubspot" else "Opportunity"
    go_wrong(life, "500", times=LONG, on=deals)

    assert machine.run("full").status == "partial"

    there = life.has()
    here = copy_of(machine)
    assert (here.accounts, here.deals) == (there.accounts, {})
    life.crm.faults.clear()
    assert machine.run("changes").status == "completed"
    assert copy_of(machine) == there


def no_stage(machine):
    configured = bootstrap.configuration(machine.workspace).read()
    return overlay_on(configured.overlay.entries, machine.today())


def test_wrong_credentials_need_attention_and_delete_nothing(life, machine):
    wrong = {
        "hubspot": {"access_token": "pat-wrong"},
        "salesforce": {"client_id": "wrong", "client_secret": "wrong"},
    }
    machine.connect()
    machine.run("full")
    before = copy_of(machine)
    for _ in range(2):  # those before are a fallback
        machine.give(wrong[life.fake.vendor])

    run = machine.run("full")

    attention = machine.state().attention
    assert (run.status, attention.code) == ("failed", "credentials_refused")
    assert attention.vendor_status in (400, 401)
    assert no_stage(machine) == "NEEDS_ATTENTION"
    assert copy_of(machine) == before
    machine.give(life.fake.credentials)
    assert machine.run("full").status == "completed"
    assert no_stage(machine) is None


def test_deals_that_may_not_be_read_hide_stages_and_nothing_else(life, machine):
    # S0.17
    machine.connect()
    machine.run("full")
    before = copy_of(machine)
    life.add_account()
    life.add_contact()
    if life.fake.vendor == "hubspot":
        life.crm.sign_in.set_scopes(ALL_SCOPES - {"crm.objects.deals.read"})
    else:
        life.crm.hide("Opportunity")

    run = machine.run("full")

    attention = machine.state().attention
    assert (run.status, attention.code) == ("failed", "deals_not_readable")
    assert attention.records == "deals"
    assert attention.vendor_code
    assert no_stage(machine) == "NEEDS_ATTENTION"
    here, there = copy_of(machine), life.has()
    assert (here.accounts, here.contacts) == (there.accounts, there.contacts)
    assert here.deals == before.deals
    assert here.activities == before.activities
    if life.fake.vendor == "hubspot":
        life.crm.sign_in.set_scopes(ALL_SCOPES)
    else:
        life.crm.show("Opportunity")
    assert machine.run("full").status == "completed"
    assert no_stage(machine) is None
    assert copy_of(machine) == life.has()


def test_nothing_listed_is_not_that_all_was_deleted(life, machine):
    machine.connect()
    machine.run("full")
    before = copy_of(machine)
    names = ("companies", "deals", "contacts", "calls", "emails", "meetings", "notes")
    if life.fake.vendor == "hubspot":
        for name in names:
            for one in life.ids(name):
                life.crm.purge(name, one)
    else:
        for name in ("Account", "Opportunity", "Contact", "Task", "Event"):
            for one in list(life.rows(name)):
                life.crm.purge(one)

    run = machine.run("full")

    assert (run.status, machine.state().attention.code) == ("failed", "nothing_listed")
    assert copy_of(machine) == before


def test_a_second_run_by_hand_is_told_the_running_one(life, machine):
    machine.connect()
    run = machine.start("full")
    machine.pump(3)

    with pytest.raises(SyncRunning) as refused:
        machine.start("changes")

    assert run.run_id in str(vars(refused.value))
    assert machine.finish(run).status == "completed"


def test_tokens_that_end_in_mid_run_are_renewed():
    with life_of("hubspot", 1) as life, reading(life.fake) as machine:
        populate(life, 30)
        oauth = {
            "client_id": life.crm.client_id,
            "client_secret": life.crm.client_secret,
            "refresh_token": life.crm.sign_in.refresh_token,
        }
        machine.connect(credentials=oauth)
        life.crm.faults.expire_tokens(on="/companies", skip=1)
        life.crm.faults.expire_tokens(on="/contacts", skip=2)
        machine.before_message = lambda one: one.fake.advance(timedelta(minutes=3))

        read(machine, "full")

        check(machine, life)


def test_sessions_that_end_in_mid_run_are_begun_anew():
    with life_of("salesforce", 1) as life, reading(life.fake) as machine:
        populate(life, 30)
        machine.connect()
        for after in (3, 7, 12):
            life.crm.faults.order(faults.first(life.crm.expire_sessions), after=after)
        machine.before_message = lambda one: one.fake.advance(timedelta(minutes=20))

        read(machine, "full")

        check(machine, life)
        assert life.crm.sessions.issued > 3


def test_records_that_are_no_good_stop_nobody():
    with life_of("hubspot", 1) as life, reading(life.fake) as machine:
        company = life.crm.add("companies", {"name": "Glassworks"})
        deals = {
            name: life.crm.add("deals", {"dealname": name, "pipeline": "default", **values})
            for name, values in {
                "broken date": {"dealstage": "closedwon", "closedate": "soon"},
                "unknown stage": {"dealstage": "no_such_stage"},
                "ambiguous amount": {"dealstage": "closedwon", "amount": "1.234,50"},
                "sound": {"dealstage": "closedwon", "amount": "1234.50"},
            }.items()
        }
        for deal in deals.values():
            life.crm.associate("deals", deal, "companies", company)
        without_id = {"properties": {"name": "Nobody"}, "archived": False}
        answer = Answer(200, {"results": [life.crm.record("companies", company), without_id]})
        life.crm.faults._answer(answer, 1, "/crm/v3/objects/companies?", 0)
        machine.connect()

        run = machine.run("full")

        assert run.status == "completed_with_errors"
        assert set(machine.problems(run)) == {
            ("accounts", "missing_value"),
            ("deals", "invalid_date"),
        }
        here = copy_of(machine)
        assert here.accounts == {company: ("Glassworks", None)}
        assert {name: here.deals.get(deals[name], (None,))[:2] for name in deals} == {
            "broken date": (None,),
            "unknown stage": ("open", None),
            "ambiguous amount": ("won", None),
            "sound": ("won", Decimal("1234.50")),
        }
        assert (machine.of("deals").refused, machine.of("deals").drift) == (1, 0)

        life.crm.update("deals", deals["broken date"], {"closedate": "2026-02-01T00:00:00Z"})
        assert machine.run("retry").status == "completed"
        assert copy_of(machine).deals[deals["broken date"]][0] == "won"
        assert (machine.of("deals").refused, machine.of("deals").drift) == (0, 0)


def test_a_stored_record_that_is_no_good_any_more_is_not_counted_twice():
    with life_of("hubspot", 1) as life, reading(life.fake) as machine:
        deal = life.crm.add("deals", {"dealname": "A", "dealstage": "closedwon"})
        machine.connect()
        machine.run("full")
        life.crm.update("deals", deal, {"closedate": "soon"})

        assert machine.run("changes").status == "completed_with_errors"

        assert machine.of("deals").drift == 0
        life.crm.purge("deals", deal)
        life.crm.add("deals", {"dealname": "B", "dealstage": "closedwon"})
        machine.run("full")
        deals = machine.of("deals")
        assert (deals.held, deals.refused, deals.drift) == (1, 0, 0)


def test_a_parent_that_comes_later_is_linked_then():
    with life_of("salesforce", 1) as life, reading(life.fake) as machine:
        later = "001" + "5g00000" + "0ZZZZZ" + "AA"
        child = life.crm.add("Account", {"Name": "Child", "ParentId": later})
        machine.connect()
        first = machine.run("full")
        assert machine.problems(first) == [("accounts", "parent_unknown")]
        assert copy_of(machine).accounts == {child: ("Child", None)}

        life.crm.add("Account", {"Id": later, "Name": "Parent"})
        assert machine.run("changes").status == "completed"

        assert copy_of(machine).accounts == {child: ("Child", later), later: ("Parent", None)}
