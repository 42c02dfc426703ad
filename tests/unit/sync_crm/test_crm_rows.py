"""What becomes of a CRM's rows: as of files, in an integration of their own."""

from datetime import timedelta

from stageline.domain.account import Account
from stageline.domain.records import AccountRecord
from stageline.use_cases.import_pages import import_of
from tests.unit.sync_crm.simulation import CRM, Importer


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
