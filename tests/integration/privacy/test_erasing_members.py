"""A removed member is erased: their address leaves everything that they owned, for good."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stageline.domain.account import Profile, new_account
from stageline.domain.erasure_errors import MemberActive, PreviewChanged, RequestOpen
from stageline.domain.errors import Invalid, Suppressed
from stageline.domain.ids import Identities
from stageline.domain.jobs import ImportJob
from stageline.domain.person_records import ActivityRecord
from stageline.use_cases import erasing_members
from stageline.use_cases.erasing import carry_out, remaining
from stageline.use_cases.erasure_requests import approve, cancel, execute
from stageline.use_cases.import_activities import store_activity_rows
from stageline.use_cases.import_decisions import Import
from stageline.use_cases.import_pages import Records
from stageline.use_cases.members import add_member
from stageline.use_cases.owners import Owners
from tests.fakes.aliases import InMemoryAliases
from tests.fakes.memory import Memory
from tests.fakes.privacy import NOBODY_ERASED
from tests.fakes.refused import InMemoryRefusedRecords
from tests.fakes.stepping import Stepped
from tests.integration.privacy.company import BEN, JANE, OTHER, Company
from tests.integration.records.stores import NOW, STAMP, TODAY, WORKSPACE

# What Jane owns, by store; the deals' other spelling is hers, too.
HERS = {"account": 2, "activity": 4, "contact": 2, "deal": 3, "list row": 1, "task": 4}


@pytest.fixture
def company():
    return Company()


def certificate(company, request):
    text = company.certificates.read(WORKSPACE, request.request_id, request.certificates)
    return json.loads(text)["certificate"]


@pytest.mark.parametrize("size", [1, 250])
def test_nothing_names_the_member_any_more_and_the_colleague_is_whole(company, monkeypatch, size):
    monkeypatch.setattr(erasing_members, "PLACES_OF_A_PART", size)
    bens = company.owned_by(BEN)

    request = company.erase()

    assert (request.parts > 1) == (size == 1)
    assert company.owned_by(JANE) == {}
    assert company.owned_by(BEN) == bens
    assert company.pool.users.keys() == {"admin", "ben"}
    assert request.certificate_state == "live_erased"
    said = certificate(company, request)
    assert (said["subjects"], said["suppressed"]) == (1, 1)
    assert (request.preview.subjects, request.preview.identifiers) == (1, 1)
    found = {one["store"]: (one["method"], one["expected"]) for one in said["stores"]}
    assert {store: number for store, (_, number) in found.items() if store in HERS} == HERS
    assert found["UserPool"] == ("user_deleted", 1)
    assert found["membership"] == ("address_removed", 1)
    assert found["member, among all of a workspace"] == ("removed", 0)
    assert all(one["remaining"] == 0 for one in said["stores"])
    assert "member_id" in said["residue"]
    assert "member_of_another_workspace" not in said["residue"]


def test_stages_and_counts_are_the_same_before_and_after(company):
    def of_stages(sort):
        return sort.startswith(("L#", "V#", "A#VALUE", "HOME"))

    before = company.items(of_stages)

    company.erase()

    assert before
    assert company.items(of_stages) == before


def test_what_was_changed_says_who_approved_it_and_by_which_request(company):
    company.erase()

    changed = company.stores.accounts.get("ja").changed
    assert (changed.by, changed.request) == ("officer", "r")


def test_only_a_member_who_was_removed_can_be_erased_and_once(company):
    with pytest.raises(MemberActive):
        company.ask()
    company.erase()
    with pytest.raises(Invalid) as again:
        company.ask("another")

    assert again.value.reason == "address_unknown"


def test_nobody_is_erased_who_never_was_a_member(company):
    with pytest.raises(Invalid) as unknown:
        company.ask(member_id="nobody")

    assert (unknown.value.field, unknown.value.reason) == ("member_id", "unknown")


def test_a_second_request_waits_for_the_first_or_for_its_end(company):
    company.remove()
    company.ask()

    with pytest.raises(RequestOpen):
        company.ask("another")
    cancel(company.privacy, "r")

    assert company.ask("another").status == "previewed"


def test_more_of_the_same_is_included_without_another_approval(company):
    company.remove()
    preview = company.ask().preview
    company.approve()
    profile = Profile(name="Late", owner_email=JANE)
    late = new_account("jlate", profile, in_crm=True, today=TODAY, stamp=STAMP)
    company.stores.accounts.add([late])
    company.settle_also("jlate")

    request = company.execute()

    assert request.preview.hash == preview.hash
    assert request.certificate_state == "live_erased"
    assert company.stores.accounts.get("jlate").profile.owner_email is None


def test_a_member_who_came_back_is_not_erased_by_an_old_approval(company):
    company.remove()
    company.ask()
    company.approve()
    add_member(company.directory, WORKSPACE, "jane", "seller", email=JANE)

    with pytest.raises(PreviewChanged):
        company.execute()

    request = company.request()
    assert request.status == "previewed"
    assert (request.preview.subjects, request.preview.skipped) == (0, 1)
    with pytest.raises(Invalid):
        approve(company.privacy, "r", request.preview.hash, None, by="officer")
    assert company.stores.accounts.get("ja").profile.owner_email == JANE


def test_an_address_that_another_member_has_now_stays_theirs(company):
    company.remove()
    add_member(company.directory, WORKSPACE, "jane-2", "seller", email=JANE.lower())
    company.ask()
    company.approve()

    request = company.execute()

    assert request.preview.shared == 1
    assert company.stores.accounts.get("ja").profile.owner_email == JANE
    assert "shared_identifiers" in certificate(company, request)["residue"]
    assert "jane" not in company.pool.users


def test_who_is_a_member_of_another_workspace_stays_a_user(company):
    add_member(company.directory, OTHER, "jane", "seller", email=JANE)

    request = company.erase()

    assert "jane" in company.pool.users
    assert request.certificate_state == "live_erased"
    assert "member_of_another_workspace" in certificate(company, request)["residue"]
    assert [place for place, _ in company.owned_by(JANE)] == ["~#M#jane", "globex#M"]


def test_a_user_pool_that_does_not_answer_is_asked_again(company):
    company.pool.is_down = True

    request = company.erase()

    assert request.certificate_state == "partial"
    assert request.unreachable.keys() == {"UserPool"}
    company.pool.is_down = False
    company.tick(timedelta(hours=2))
    assert company.request().certificate_state == "live_erased"
    assert company.request().unreachable == {}
    assert "jane" not in company.pool.users


def test_after_the_longest_copy_is_gone_everything_is_read_again(company):
    company.erase()
    left = company.stores.accounts.get("ja")
    again = replace(left.profile, owner_email=JANE)
    company.stores.accounts.save(replace(left, profile=again, rev=left.rev + 1))

    company.tick(timedelta(days=37))
    # What was there until now is in the copies of today.
    assert company.request().certificate_state == "live_erased"
    assert company.owned_by(JANE) == {}

    for later in (timedelta(hours=1), timedelta(days=37)):
        company.tick(later)

    assert company.request().certificate_state == "final"


@pytest.mark.parametrize("calls", range(1, 260, 13))
def test_cut_off_anywhere_and_done_again_the_end_is_the_same(company, calls):
    def items():
        found = company.stores.items().items()
        return {
            key: {name: v for name, v in one.items() if name != "at" and "rev" not in name}
            for key, one in found
            if "#PR" not in key[0]
        }

    whole = Company()
    whole.erase()
    company.remove()
    company.ask()
    company.approve()
    execute(company.privacy, "r")
    running = Stepped(company.work_off)
    for _ in range(calls):
        if not running.finished:
            running.step()
    if not running.finished:
        running.step(dies=True)

    company.work_off()

    assert company.request().certificate_state == "live_erased"
    assert company.owned_by(JANE) == {}
    left = items()
    company = whole
    assert left == items()


@pytest.mark.parametrize("was_restored", ["active", "removed", "unknown"])
def test_after_a_restore_the_journal_erases_the_member_again(company, was_restored):
    company.erase()
    (entry,) = company.journal.entries()
    restored = Company()
    if was_restored == "active":
        add_member(restored.directory, WORKSPACE, "admin", "admin", manager_id="jane")
    else:
        restored.remove()
    if was_restored == "unknown":
        removed = restored.directory.removed(WORKSPACE, "jane")
        assert removed is not None
        restored.directory.forget(WORKSPACE, removed, STAMP)
    bens = restored.owned_by(BEN)
    left = remaining(restored.erasing, entry, ())
    assert left["account"] and left["deal"] and left["suppressed identifier"]

    for _ in range(2):
        carry_out(restored.erasing, entry, {})
        restored.settle()

    assert not any(remaining(restored.erasing, entry, ()).values())
    assert restored.owned_by(JANE) == {}
    assert restored.owned_by(BEN) == bens
    assert restored.directory.roster(WORKSPACE).find("jane") is None
    assert "jane" not in restored.pool.users


def test_the_journal_has_one_entry_of_a_member_with_hashes_only(company):
    company.erase()

    (entry,) = company.journal.entries()

    assert (entry.part, entry.member_ids, entry.contact_ids) == (1, ("jane",), ())
    assert [one.split(".")[1] for one in entry.identifiers] == ["owner"]
    assert "example.com" not in entry.to_json()


def test_the_doors_keep_the_address_out(company):
    company.erase()

    with pytest.raises(Suppressed) as refusal:
        company.owners.refuse(" JANE.DOE@example.com")
    company.owners.refuse(BEN)
    company.owners.refuse(None)

    assert refusal.value.fields == ("owner_email",)
    assert "jane" not in str(refusal.value).casefold()


def test_for_records_without_owners_nothing_is_read():
    def suppressed(hashes):
        raise AssertionError("was asked")

    owners = Owners(suppressed, NOBODY_ERASED.hashing)

    assert owners.kept_out([None, ""]) == frozenset()


@given(st.lists(st.booleans(), max_size=60), st.booleans())
@settings(max_examples=25, deadline=None)
def test_an_import_in_the_same_instant_leaves_no_owner(order, is_cut_off):
    company = Company()
    company.remove()
    company.ask()
    company.approve()
    execute(company.privacy, "r")
    stores = company.stores
    store = Records(
        stores.accounts,
        stores.deals,
        stores.contacts,
        stores.activities,
        Identities(WORKSPACE, b"a key of tests"),
        company.owners,
        stores.customs,
        InMemoryAliases(Memory(), WORKSPACE),
        lambda key: InMemoryRefusedRecords(Memory(), WORKSPACE, key),
    )
    job = ImportJob(
        job_id="j",
        records="activities",
        dry_run=False,
        mapping=None,
        requested_by="admin",
        requested_at=NOW,
        upload_until=NOW,
        started_at=NOW,
        today=TODAY,
    )
    rows = [
        ActivityRecord(
            line=line,
            external_id=f"{line}",
            kind="call",
            occurred_at=NOW,
            owner_email=owner,
            contact_external_id=None,
            account_external_id="x",
        )
        for line, owner in ((2, JANE), (3, BEN))
    ]
    profile = Profile(name="X")
    account = new_account(store.account_id("x"), profile, in_crm=True, today=TODAY, stamp=STAMP)
    stores.accounts.add([account])
    company.settle_also(account.account_id)

    def page():
        store_activity_rows(store, Import(job, STAMP, TODAY), rows)

    both = [Stepped(page), Stepped(company.work_off)]
    for first in order:
        if not both[first].finished:
            both[first].step()
    if is_cut_off and not both[0].finished:
        both[0].step(dies=True)
        # The queue brings it again.
        both[0] = Stepped(page)
    for one in both:
        while not one.finished:
            one.step()

    found = stores.activities.find_many(store.activity_id(one.external_id) for one in rows)
    assert {one.happening.owner_email for one in found.values()} == {None, BEN}
    assert company.owned_by(JANE) == {}
