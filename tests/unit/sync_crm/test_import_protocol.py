"""Whatever happens on the way, an import ends as if one thing had been done after the other."""

import os
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from tests.fakes.world import DAY
from tests.unit.pipeline.ending import problems
from tests.unit.sync_crm.simulation import Importer, random_accounts, random_deals

RUNS = int(os.environ.get("IMPORT_RUNS", "60"))


def unsettled(importer: Any) -> list[str]:
    """Return what is wrong with ledgers, values and rows; publishing is left to the stream."""
    found = problems(importer.world, DAY)
    return [problem for problem in found if "was not published" not in problem]


@pytest.mark.parametrize("seed", range(RUNS))
def test_interleaved_crashing_duplicated_workers_end_like_one_careful_one(seed):
    # S3.34
    files: list[Sequence[Any]] = [
        random_accounts(Random(seed)),
        random_deals(Random(seed)),
        random_accounts(Random(seed + 1_000_000)),
        random_deals(Random(seed + 1_000_000)),
    ]
    careful, troubled = Importer(seed, trouble=False), Importer(seed, trouble=True)

    for file in files:
        (expected,) = careful.run(careful.ask(file))
        (found,) = troubled.run(troubled.ask(file))

        assert (found.status, found.counts, found.problems) == (
            expected.status,
            expected.counts,
            expected.problems,
        )
        assert troubled.jobs.problems(found.job_id, 1000) == careful.jobs.problems(
            expected.job_id, 1000
        )
        assert troubled.records() == careful.records()
        assert not unsettled(careful)
        assert not unsettled(troubled)
    assert not careful.files.pages


@pytest.mark.parametrize("seed", range(RUNS // 2))
def test_accounts_and_deals_imported_at_once_end_as_one_after_the_other(seed):
    accounts, deals = random_accounts(Random(seed)), random_deals(Random(seed))
    careful, troubled = Importer(seed, trouble=False), Importer(seed, trouble=True)

    careful.run(careful.ask(accounts))
    careful.run(careful.ask(deals))
    jobs = troubled.run(troubled.ask(accounts), troubled.ask(deals))

    assert all(job.is_finished for job in jobs)
    assert troubled.records() == careful.records()
    assert not unsettled(troubled)


@pytest.mark.parametrize("seed", range(RUNS // 2))
def test_of_two_imports_at_once_the_one_asked_for_later_wins(seed):
    older = [replace(row, parent_external_id=None) for row in random_accounts(Random(seed))]
    newer = [
        replace(row, parent_external_id=None, name=f"{row.name} newer")
        for row in random_accounts(Random(seed + 1_000_000))
    ]
    importer = Importer(seed, trouble=True)

    asked = importer.ask(older), importer.ask(newer)
    importer.run(*asked)

    expected = {row.external_id: row.name for row in (*older, *newer)}
    stored = importer.records()
    assert {name: account[0].name for name, account in stored.items()} == expected


@pytest.mark.parametrize("seed", range(RUNS // 4))
def test_the_same_file_again_writes_no_record_however_it_is_worked_off(seed):
    accounts, deals = random_accounts(Random(seed)), random_deals(Random(seed))
    importer = Importer(seed, trouble=True)
    importer.run(importer.ask(accounts))
    importer.run(importer.ask(deals))
    stored = dict(importer.world.memory.items)

    importer.run(importer.ask(accounts))
    importer.run(importer.ask(deals))

    now = importer.world.memory.items
    jobs = {pair for pair in now if "#J#" in pair[0]}
    assert {pair: item for pair, item in now.items() if pair not in jobs} == {
        pair: item for pair, item in stored.items() if pair not in jobs
    }


@pytest.mark.parametrize("seed", range(RUNS // 4))
def test_a_dry_run_says_what_the_import_then_does(seed):
    importer = Importer(seed, trouble=False)
    for file in (random_accounts(Random(seed)), random_accounts(Random(seed + 1_000_000))):
        before = {k: v for k, v in importer.world.memory.items.items() if "#J#" not in k[0]}
        (dry,) = importer.run(importer.ask(file, dry_run=True))
        after = {k: v for k, v in importer.world.memory.items.items() if "#J#" not in k[0]}
        assert after == before

        (done,) = importer.run(importer.ask(file))

        counts = {name: count for name, count in done.counts.items() if name != "linked"}
        assert dict(dry.counts) == counts
        codes = [
            [(p.line or 0, p.code) for p in importer.jobs.problems(job.job_id, 100)[0]]
            for job in (dry, done)
        ]
        assert sorted(codes[0]) == sorted(codes[1])
