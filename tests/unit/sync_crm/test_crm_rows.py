"""What becomes of a CRM's rows: as of files, in an integration of their own."""

from dataclasses import replace
from datetime import timedelta

from stageline.domain.account import Account
from stageline.domain.deal import Deal
from stageline.domain.records import AccountRecord, DealRecord, Fault, GoneRecord, RefusedRecord
from stageline.use_cases.import_pages import import_of
from tests.fakes.world import DAY
from tests.unit.sync_crm.simulation import CRM, Importer
from tests.unit.sync_crm.test_import_protocol import unsettled


def account(external_id="a1", **said):
    return AccountRecord(line=1, external_id=external_id, **{"name": "A"} | said)


def stored(importer, kind=Account):
    return [one for one in importer.world.memory.items.values() if isinstance(one, kind)]


def test_a_crm_and_a_file_may_use_the_same_id_for_two_accounts():
    importer = Importer(1, trouble=False)

    importer.run(importer.ask([account(name="of the file")]))
    (job,) = importer.run(importer.ask_crm([account(name="of the CRM")]))

    assert (job.counts["created"], job.is_first) == (1, True)
    assert {one.source.integration: one.profile.name for one in stored(importer)} == {
        "file": "of the file",
        CRM: "of the CRM",
    }


def test_what_a_run_reads_of_a_crm_is_no_last_import():
    importer = Importer(1, trouble=False)

    importer.run(importer.ask_crm([account()]))

    assert importer.world.configuration.read().last_imports == ()


def test_only_an_earlier_job_of_the_same_integration_is_waited_for():
    importer = Importer(1, trouble=False)
    of_file, _ = importer.ask([account()])
    of_crm, _ = importer.ask_crm([account()])
    importer.world.clock.pass_by(timedelta(minutes=1))
    later, _ = importer.ask_crm([account()])
    now = importer.world.clock.now()
    begun = importer.jobs.begin(later.job_id, "run", now.date(), now)

    assert of_file.integration != of_crm.integration
    assert import_of(importer.jobs, begun, now).contested == of_crm.version


def run(importer, rows, records="accounts", today=DAY):
    (job,) = importer.run(importer.ask_crm(rows, records), today=today)
    importer.world.clock.pass_by(timedelta(seconds=1))
    return job


def test_what_a_crm_says_is_empty_is_empty_and_what_it_does_not_say_stays():
    importer = Importer(1, trouble=False)
    run(importer, [account(domain="example.com", country="AT")])

    run(importer, [account(cleared=("domain",))])

    (found,) = stored(importer)
    assert (found.profile.domain, found.profile.country) == (None, "AT")


def test_an_account_without_parent_leaves_its_group_with_those_below_it():
    # S0.14
    importer = Importer(1, trouble=False)
    top, middle, low = "a1", "a2", "a3"
    run(
        importer,
        [
            account(top),
            account(middle, parent_external_id=top),
            account(low, parent_external_id=middle),
        ],
    )

    job = run(importer, [account(middle, cleared=("parent_external_id",))])

    roots = {name: record[3] for name, record in importer.records().items()}
    assert roots == {top: top, middle: middle, low: middle}
    assert job.counts["linked"] == 1
    assert not unsettled(importer)
    again = run(importer, [account(middle, cleared=("parent_external_id",))])
    assert (again.counts["unchanged"], again.counts.get("linked")) == (1, None)


def test_two_accounts_change_places():
    importer = Importer(1, trouble=False)
    run(importer, [account("a1"), account("a2", parent_external_id="a1")])

    job = run(
        importer,
        [account("a1", parent_external_id="a2"), account("a2", cleared=("parent_external_id",))],
    )

    assert (job.counts["linked"], job.problems) == (2, 0)
    assert {name: record[1] for name, record in importer.records().items()} == {
        "a1": "a2",
        "a2": None,
    }


def test_a_deal_without_account_counts_for_none_any_more():
    importer = Importer(1, trouble=False)
    deal = DealRecord(line=1, external_id="d1", name="D", status="won", closed_on=DAY)
    run(importer, [account()])
    run(importer, [replace(deal, account_external_id="a1")], "deals")

    job = run(importer, [replace(deal, cleared=("account_external_id",))], "deals")

    assert job.counts["unassigned"] == 1
    assert stored(importer, Deal)[0].account_id is None
    assert not unsettled(importer)


def test_the_heading_of_a_problem_is_our_own_name():
    importer = Importer(1, trouble=False)

    job = run(importer, [account(parent_external_id="nobody")])

    (problem,), _ = importer.jobs.problems(job.job_id, 10)
    assert (problem.column, problem.code) == ("parent_external_id", "parent_unknown")


def gone(external_id, **said):
    return GoneRecord(line=1, external_id=external_id, **said)


def counts(job, *names):
    return tuple(job.counts.get(name, 0) for name in names)


def test_an_account_that_the_crm_has_no_more_ends_its_presence_that_day_and_keeps_its_profile():
    # S0.16
    importer = Importer(1, trouble=False)
    later = DAY + timedelta(days=7)
    run(importer, [account(domain="example.com")])

    job = run(importer, [gone("a1")], today=later)

    (found,) = stored(importer)
    assert counts(job, "changed", "went", "came", "refused") == (1, 1, 0, 0)
    assert [(seen.in_crm, seen.seen_on) for seen in found.presence] == [(True, DAY), (False, later)]
    assert (found.profile.domain, found.deleted) == ("example.com", False)


def test_what_is_gone_and_gone_again_is_written_once_and_the_row_as_it_was_brings_it_back():
    importer = Importer(1, trouble=False)
    row = account()
    run(importer, [row])
    run(importer, [gone("a1")])
    (before,) = stored(importer)

    again = run(importer, [gone("a1"), gone("a2")])
    assert counts(again, "unchanged", "went") == (2, 0)
    assert stored(importer) == [before]

    back = run(importer, [row])
    assert counts(back, "changed", "came") == (1, 1)
    assert stored(importer)[0].in_crm
    changed = run(importer, [replace(row, name="New")])
    assert counts(changed, "changed", "came") == (1, 0)


def test_a_deal_that_the_crm_has_no_more_is_gone_from_that_day():
    importer = Importer(1, trouble=False)
    deal = DealRecord(line=1, external_id="d1", name="D", status="open", account_external_id="a1")
    run(importer, [account()])
    run(importer, [deal], "deals")

    job = run(importer, [gone("d1")], "deals")

    (found,) = stored(importer, Deal)
    assert counts(job, "changed", "went") == (1, 1)
    assert [seen.status for seen in found.observations] == ["open", "gone"]
    assert not unsettled(importer)
    assert counts(run(importer, [deal], "deals"), "came") == (1,)
    assert stored(importer, Deal)[0].status == "open"


def test_what_was_deleted_here_is_no_record_that_came_when_the_crm_brings_it_back():
    importer = Importer(1, trouble=False)
    run(importer, [account()])
    importer.world.delete_account(stored(importer)[0].account_id)

    job = run(importer, [account()])

    assert counts(job, "changed", "came") == (1, 0)
    assert not stored(importer)[0].deleted


def test_refused_records_among_the_others_are_told_and_counted():
    importer = Importer(1, trouble=False)
    fault = Fault("name", "missing_value", "is missing")

    job = run(importer, [RefusedRecord(line=1, external_id="a2", faults=(fault,)), account()])

    assert counts(job, "created", "refused") == (1, 1)
    (problem,), _ = importer.jobs.problems(job.job_id, 10)
    assert (problem.line, problem.column, problem.code) == (1, "name", "missing_value")
