"""Accounts that no CRM has are created in one: once, whatever happens on the way (S0.23)."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from stageline.domain.alias import Alias
from stageline.domain.crm_errors import (
    CrmQuotaSpent,
    CrmRefused,
    CrmThrottled,
    CrmUnavailable,
)
from stageline.domain.errors import AlreadyInCrm, SyncNotPossible
from stageline.use_cases.crm_writes import work_write
from tests.fakes.connector import MemoryConnector
from tests.fakes.syncing import CRM
from tests.fakes.world import DAY
from tests.unit.sync_crm.company import MINUTE, Company, Crash


@pytest.fixture
def company():
    return Company()


def test_an_account_is_created_and_known_by_the_crms_id(company):
    account = company.account()
    company.ask(account)

    write = company.work()

    assert (write.status, write.attempts, write.code) == ("done", 1, None)
    after = company.accounts.get(account.account_id)
    assert (after.in_crm, after.external_id, after.source.integration) == (True, "a001", CRM)
    assert [(one.in_crm, one.seen_on) for one in after.presence] == [(False, DAY), (True, DAY)]
    crm = {id_: kept.record.values for id_, kept in company.crm._kept["accounts"].items()}
    assert crm == {"a001": {"Name": "Acme", "Website": "acme.example"}}


@pytest.mark.parametrize("source", ["api", "file"])
def test_the_next_run_reads_it_as_this_account_and_nothing_twice(company, source):
    account = company.account(source, external_id="F1" if source == "file" else None)
    company.ask(account)
    company.work()
    before = company.accounts.get(account.account_id)
    assert before.source.integration == ("file" if source == "file" else CRM)

    company.crm.touch("accounts", "a001", at=company.synced.now)
    run = company.synced.run()
    company.memory.pause = lambda: None

    assert run.status == "completed"
    (only,) = [one for one in company.memory.items.values() if hasattr(one, "presence")]
    assert (only.account_id, only.external_id) == (account.account_id, "a001")
    assert only.presence == before.presence

    again = company.accounts.get(account.account_id).rev
    company.synced.run("full")
    company.memory.pause = lambda: None
    assert company.accounts.get(account.account_id).rev == again


def test_that_it_is_deleted_there_without_a_word_is_found_by_the_sweep(company):
    account = company.account()
    company.crm.put("accounts", "other", {"Name": "Other"}, at=company.synced.now)
    company.ask(account)
    company.work()
    company.synced.run("full")

    company.crm.delete("accounts", "a002", at=company.synced.now, silently=True)
    company.synced.run("full")
    company.memory.pause = lambda: None

    assert not company.accounts.get(account.account_id).in_crm


def test_asking_twice_is_asking_once(company):
    account = company.account()

    first, second = company.ask(account), company.ask(account)
    company.work()

    assert first.write_id == second.write_id
    assert company.made() == ["a001"]
    with pytest.raises(AlreadyInCrm):
        company.ask(account)
    assert company.ask(account, first.write_id).status == "done", "the same call again"


@pytest.mark.parametrize(("source", "in_crm"), [(CRM, True), ("file", True)])
def test_an_account_that_a_crm_has_is_not_created(company, source, in_crm):
    with pytest.raises(AlreadyInCrm):
        company.ask(company.account(source, in_crm=in_crm))


def test_that_somebody_says_it_is_in_the_crm_is_no_reason_not_to(company):
    company.ask(company.account(in_crm=True))

    assert company.work().status == "done"


def test_an_account_that_went_from_the_crm_may_be_created_again(company):
    account = company.account(CRM, in_crm=False, external_id="old")
    company.synced.store.aliases.add(
        company.synced.store.account_id("old"), Alias(account.account_id, is_merged=False, depth=2)
    )
    company.ask(account)

    assert company.work().status == "done"
    own = company.synced.store.merged_accounts.own(["a001"])
    assert own.of(company.synced.store.account_id("a001")).account_id == account.account_id


def test_a_crm_that_may_not_be_asked_is_not(company):
    company.integration = replace(company.integration, active=False)

    with pytest.raises(SyncNotPossible):
        company.ask(company.account())


# Whatever happens on the way.


@pytest.mark.parametrize("step", range(1, 25))
@pytest.mark.parametrize("lost", [0, 1])
def test_it_is_made_once_whichever_step_the_worker_dies_at(company, step, lost):
    account = company.account()
    write_id = company.ask(account).write_id
    company.crm.lost = lost
    steps = count(1)

    def die():
        if next(steps) == step:
            raise Crash

    company.memory.pause = die
    with suppress(Crash):
        company.work()
    company.memory.pause = lambda: None
    # The message comes again, somewhat later, and so does one too many.
    for _ in range(2):
        company.synced.now += 16 * MINUTE
        company.queue.send_write(write_id)
        write = company.work()

    assert write.status == "done"
    assert company.made() == ["a001"]
    assert company.accounts.get(account.account_id).external_id == "a001"


def test_nobody_sends_it_while_somebody_else_may_be_at_it(company):
    write = company.ask(company.account())
    writes = company.writing.writes
    sending = write.moved(company.synced.now, status="sending", sent_at=company.synced.now)
    writes.save(sending)

    work_write(company.writing, write.write_id)

    assert company.made() == []
    assert company.queue.messages[-1] == (write.write_id, 6 * MINUTE)


def test_a_lost_answer_is_looked_for_before_it_is_sent_again(company):
    company.ask(company.account())
    company.crm.lost = 1

    write = company.work()

    assert (write.status, write.attempts) == ("done", 2)
    assert company.made() == ["a001"]


@pytest.mark.parametrize(
    "error",
    [CrmThrottled("wait", 429, retry_after=3 * MINUTE), CrmUnavailable("off", may_be_done=False)],
)
def test_what_was_surely_not_done_is_sent_again_without_looking(company, error):
    company.ask(company.account())
    company.crm.errors.append(error)

    write = company.work()

    assert (write.status, write.attempts, write.vendor_status) == ("done", 2, None)


def test_what_the_crm_says_no_to_is_told_and_may_be_asked_for_again(company):
    account = company.account()
    company.ask(account)
    company.crm.errors.append(CrmRefused("no", 400, "DUPLICATES_DETECTED"))

    write = company.work()

    refused = ("refused", "DUPLICATES_DETECTED", 400)
    assert (write.status, write.code, write.vendor_status) == refused
    assert not company.accounts.get(account.account_id).in_crm
    company.ask(account)
    assert company.work().status == "done"


def test_a_spent_quota_is_waited_for_until_the_next_day(company):
    company.ask(company.account())
    began = company.synced.now
    spent = CrmQuotaSpent("no more", 403, "REQUEST_LIMIT_EXCEEDED")
    company.crm.errors += [spent] * 4 * 20

    write = company.work()

    assert (write.status, company.made()) == ("done", ["a001"])
    assert company.synced.now - began == timedelta(hours=20)


def test_a_crm_that_never_answers_is_given_up_and_may_have_done_it_all_the_same(company):
    account = company.account()
    first = company.ask(account)
    company.crm.errors += [CrmUnavailable("down", 503) for _ in range(20)]

    failed = company.work()
    company.crm.errors.clear()
    company.crm.put("accounts", "late", {"Name": "Acme"}, at=company.synced.now)
    again = company.ask(account)
    done = company.work()

    assert (failed.status, failed.vendor_status) == ("failed", 503)
    assert again.write_id == first.write_id
    assert (done.status, done.external_id, company.made()) == ("done", "late", ["late"])


def test_a_connector_that_only_reads_cannot(company):
    company.ask(company.account())
    company.crm = MemoryConnector()

    write = company.work()

    assert (write.status, write.code) == ("refused", "not_supported")


def test_what_a_run_has_read_meanwhile_is_told(company):
    account = company.account()
    write = company.ask(account)
    company.crm.lost = 1
    work_write(company.writing, write.write_id)
    company.synced.run()
    company.memory.pause = lambda: None

    company.queue.send_write(write.write_id)
    done = company.work()

    assert (done.status, done.code) == ("done", "read_meanwhile")
    assert not company.accounts.get(account.account_id).in_crm
