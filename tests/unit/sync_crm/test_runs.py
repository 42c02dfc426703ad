"""Runs of an integration: whatever happens on the way, what the CRM has is here in the end."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from stageline.crm_ports import SourcePage
from stageline.domain.account import Account
from stageline.domain.crm_errors import CrmQuotaSpent, CrmRefused, CrmUnavailable, SignInRefused
from stageline.domain.crm_records import Ask, CrmRecord, PlaceLost
from stageline.domain.deal import Deal
from stageline.domain.records import AccountRecord, DealRecord, GoneRecord
from stageline.use_cases.sync_runs import work_run
from tests.fakes.connector import MemoryConnector
from tests.fakes.syncing import CRM, Synced
from tests.fakes.world import DAY
from tests.unit.pipeline.ending import problems

RUNS = int(os.environ.get("SYNC_RUNS", "40"))
HOUR = timedelta(hours=1)


class Crm(MemoryConnector):
    """One whose methods may be replaced."""


class PlainSource:
    """A CRM in memory whose records need no translation."""

    def __init__(self, crm: MemoryConnector) -> None:
        self.crm = crm

    def page(self, records, window, place, line):
        ask = Ask(
            records=records,
            fields=("Name", "Outcome"),
            since=window.since,
            until=window.until,
            place=place,
        )
        found = self.crm.page(ask)
        rows = [row_of(records, one, at) for at, one in enumerate(found.records, line)]
        return SourcePage(rows, found.place, found.wait)

    def fetch(self, records, ids: Sequence[str], line):
        found = {one.external_id: one for one in self.crm.fetch(records, ids, ("Name", "Outcome"))}
        unknown = CrmRecord
        return [
            row_of(records, found.get(id_) or unknown(external_id=id_, is_gone=True), at)
            for at, id_ in enumerate(ids, line)
        ]

    def count(self, records):
        return self.crm.count(records)

    def quota_left(self):
        return 100


def row_of(records, record, line):
    if record.is_gone:
        return GoneRecord(line=line, external_id=record.external_id, merged_into=record.merged_into)
    if records == "accounts":
        return AccountRecord(
            line=line, external_id=record.external_id, name=record.values["Name"], in_crm=True
        )
    (account,) = record.links.get("account") or (None,)
    return DealRecord(
        line=line,
        external_id=record.external_id,
        name=record.values["Name"],
        status=record.values["Outcome"],
        closed_on=None if record.values["Outcome"] == "open" else DAY,
        account_external_id=account,
        cleared=() if account else ("account_external_id",),
    )


@pytest.fixture
def crm():
    return Crm(page_size=3)


def synced(crm, **options):
    return Synced(PlainSource(crm), **options)


def stored(synced):
    """Return what is here and in the CRM, by the CRM's ids."""
    accounts, deals = {}, {}
    for item in synced.world.memory.items.values():
        if isinstance(item, Account) and item.in_crm:
            accounts[item.external_id] = item.profile.name
        if isinstance(item, Deal) and item.status != "gone":
            deals[item.external_id] = (item.terms.name, item.status, item.account_id)
    return accounts, deals


def there(synced, crm):
    kept, account_id = crm._kept, synced.store.account_id
    accounts = {
        id_: one.record.values["Name"]
        for id_, one in kept["accounts"].items()
        if not one.record.is_gone
    }
    deals = {
        id_: (
            one.record.values["Name"],
            one.record.values["Outcome"],
            next(map(account_id, one.record.links["account"]), None),
        )
        for id_, one in kept["deals"].items()
        if not one.record.is_gone
    }
    return accounts, deals


def test_all_there_is_then_what_changed_and_what_went(crm):
    workspace = synced(crm)
    at = workspace.now
    for number in range(8):
        crm.put("accounts", f"a{number}", {"Name": f"Account {number}"}, at=at)
        deal = {"Name": f"Deal {number}", "Outcome": "open"}
        crm.put("deals", f"d{number}", deal, links={"account": [f"a{number}"]}, at=at)

    run = workspace.run()

    assert run.status == "completed"
    assert stored(workspace) == there(workspace, crm)
    state = workspace.syncs.state(CRM)
    assert (state.of("accounts").held, state.of("accounts").drift) == (8, 0)
    assert state.as_of == run.requested_at

    crm.put("accounts", "a1", {"Name": "Renamed"}, at=workspace.now + HOUR / 2)
    crm.delete("deals", "d2", at=workspace.now + HOUR / 2)
    workspace.run()

    assert stored(workspace) == there(workspace, crm)
    assert workspace.syncs.state(CRM).of("deals").held == 7


def test_a_second_run_writes_no_record(crm):
    workspace = synced(crm)
    for number in range(8):
        crm.put("accounts", f"a{number}", {"Name": "Acme"}, at=workspace.now)
    workspace.run()
    before = records_of(workspace)

    for mode in ("changes", "full"):
        run = workspace.run(mode)
        assert run.status == "completed"
        assert records_of(workspace) == before


def records_of(workspace):
    return {
        pair: item
        for pair, item in workspace.world.memory.items.items()
        if "#J#" not in pair[0] and not pair[1].startswith("SYNC#")
    }


def test_what_went_without_a_word_is_found_when_all_is_read(crm):
    workspace = synced(crm)
    for number in range(8):
        crm.put("accounts", f"a{number}", {"Name": "Acme"}, at=workspace.now)
    workspace.run()
    crm.delete("accounts", "a3", at=workspace.now, silently=True)

    workspace.run("changes")
    assert "a3" in stored(workspace)[0]
    workspace.run("full")

    assert stored(workspace) == there(workspace, crm)
    assert crm.fetched == [("accounts", ("a3",))]
    assert len({epoch for _, epoch, _ in workspace.seen.kept}) == 1


def test_an_empty_answer_is_not_that_all_is_deleted(crm):
    workspace = synced(crm)
    crm.put("accounts", "a1", {"Name": "Acme"}, at=workspace.now)
    workspace.run()
    crm.delete("accounts", "a1", at=workspace.now, silently=True)

    run = workspace.run("full")

    assert run.status == "failed"
    assert run.attention.code == "nothing_listed"
    assert "a1" in stored(workspace)[0]


def test_a_spent_quota_ends_the_run_as_partial_and_the_next_goes_on(crm):
    workspace = synced(crm)
    for number in range(8):
        crm.put("accounts", f"a{number}", {"Name": "Acme"}, at=workspace.now)
    crm.errors = [CrmQuotaSpent("spent")]
    asked = workspace.run()
    assert (asked.status, stored(workspace)[0]) == ("partial", {})

    page, crm.page = crm.page, second_fails(crm, CrmQuotaSpent("spent"))
    asked = workspace.run()
    assert asked.status == "partial"
    assert len(stored(workspace)[0]) == 3
    assert workspace.syncs.state(CRM).as_of is None

    crm.page = page
    crm.asked.clear()
    run = workspace.run()

    assert run.status == "completed"
    assert crm.asked[0].place is not None
    assert stored(workspace) == there(workspace, crm)
    # What changed since the first of them began was read, too.
    assert workspace.syncs.state(CRM).as_of == run.requested_at


def second_fails(crm, error):
    page = crm.page
    calls = iter(range(100))

    def failing(ask):
        if next(calls) == 1:
            raise error
        return page(ask)

    return failing


def test_a_crm_that_does_not_answer_is_asked_again_later_and_later(crm):
    workspace = synced(crm)
    crm.put("accounts", "a1", {"Name": "Acme"}, at=workspace.now)
    crm.errors = [CrmUnavailable("down")] * 3

    assert workspace.run().status == "completed"
    waits = [delay for delay in workspace.turns.delays if delay]
    assert waits == [timedelta(seconds=15 * 2**n) for n in range(3)]

    crm.errors = [CrmUnavailable("down")] * 7
    assert workspace.run().status == "partial"
    assert workspace.syncs.state(CRM).failures == 1
    assert not workspace.syncs.state(CRM).running


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SignInRefused("no", 401, "INVALID"), "credentials_refused"),
        (CrmRefused("no", 403, "MISSING_SCOPES"), "accounts_not_readable"),
    ],
)
def test_what_an_admin_has_to_do_is_said_and_nothing_is_deleted(crm, error, code):
    workspace = synced(crm)
    crm.put("accounts", "a1", {"Name": "Acme"}, at=workspace.now)
    workspace.run()
    crm.errors = [error]

    run = workspace.run()

    state = workspace.syncs.state(CRM)
    assert (run.status, state.attention.code) == ("failed", code)
    assert (state.attention.vendor_status, state.attention.vendor_code) == (
        error.status,
        error.code,
    )
    assert "a1" in stored(workspace)[0]

    assert workspace.run().status == "completed"
    assert workspace.syncs.state(CRM).attention is None


def test_without_deals_there_is_no_stage_and_the_reason_is_shown(crm):
    workspace = synced(crm, records=("deals",))
    crm.errors = [CrmRefused("no", 403)]

    workspace.run()

    assert workspace.world.configuration.read().integration(CRM).attention == "deals_not_readable"
    workspace.run()
    assert workspace.world.configuration.read().integration(CRM).attention is None


def test_a_place_that_the_crm_forgot_is_looked_for_from_the_beginning_once(crm):
    workspace = synced(crm)
    for number in range(8):
        crm.put("accounts", f"a{number}", {"Name": "Acme"}, at=workspace.now)
    page, crm.page = crm.page, second_fails(crm, PlaceLost())

    assert workspace.run().status == "completed"
    assert stored(workspace) == there(workspace, crm)
    crm.page = page


def test_when_an_integration_is_left_presence_and_deals_end_today(crm):
    workspace = synced(crm)
    crm.put("accounts", "a1", {"Name": "Acme"}, at=workspace.now)
    deal = {"Name": "Deal", "Outcome": "open"}
    crm.put("deals", "d1", deal, links={"account": ["a1"]}, at=workspace.now)
    workspace.run()

    run = workspace.run("leave")

    assert run.status == "completed"
    assert stored(workspace) == ({}, {})
    assert workspace.removed == [CRM]


def test_a_run_by_which_an_integration_was_left_is_completed_though_it_was_cut_off(crm):
    workspace = synced(crm)
    configured = workspace.world.configuration.read()
    workspace.syncing = replace(
        workspace.syncing,
        remove=lambda key, run_id: (
            workspace.world.configuration.delete_integration(
                workspace.integration,
                configured.overlay.following((), today=DAY, now=workspace.now),
                configured.overlay,
                workspace.syncs.state(key),
                workspace.integration.changed,
            )
            or die()
        ),
    )

    with pytest.raises(Died):
        workspace.run("leave")
    run_id = f"{1:032x}"
    work_run(workspace.syncing, run_id, workspace.syncs.run(run_id).rev)

    assert workspace.syncs.run(run_id).status == "completed"


class Died(Exception):
    pass


def die():
    raise Died


@pytest.mark.parametrize("seed", range(RUNS))
def test_interleaved_crashing_duplicated_workers_end_with_what_the_crm_has(seed):
    random = Random(seed)
    crm = Crm(page_size=3)
    workspace = synced(crm, seed=seed, trouble=True)
    at = workspace.now

    for turn in range(4):
        for _ in range(random.randint(0, 12)):
            change(crm, random, at + timedelta(minutes=random.randint(0, 3)))
        run = workspace.run("full" if turn == 3 else random.choice(("changes", "changes", "full")))
        at = workspace.now

        assert run.status in ("completed", "completed_with_errors")
        if turn != 3 and run.mode == "changes":
            continue
        assert stored(workspace) == there(workspace, crm)
        state = workspace.syncs.state(CRM)
        assert [state.of(kind).drift for kind in ("accounts", "deals")] == [0, 0]
    found = problems(workspace.world, DAY)
    assert not [problem for problem in found if "was not published" not in problem]
    assert not workspace.imports.files.pages


def change(crm, random, at):
    kind = random.choice(("accounts", "deals"))
    name = f"{kind[0]}{random.randrange(9)}"
    there = {id_ for id_, one in crm._kept[kind].items() if not one.record.is_gone}
    what = random.random()
    # An empty CRM is no deletion: one of each stays.
    if name in there and len(there) > 1 and what < 0.3:
        crm.delete(kind, name, at=at, silently=random.random() < 0.5)
    elif kind == "accounts":
        crm.put(kind, name, {"Name": f"Account {random.randrange(3)}"}, at=at)
    else:
        accounts = [id_ for id_, one in crm._kept["accounts"].items() if not one.record.is_gone]
        values = {"Name": "Deal", "Outcome": random.choice(("open", "won", "lost"))}
        links = [random.choice(accounts)] if accounts else []
        crm.put(kind, name, values, links={"account": links}, at=at)
