"""Whatever happens on the way, what a run read of a CRM ends as if one thing had followed another.

Each pass is what one run brings; the next one finds what the passes before have left.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from stageline.domain.account import Account
from stageline.domain.deal import Deal
from tests.fakes.world import DAY
from tests.unit.sync_crm.crm_rows import RandomCrm, numbered
from tests.unit.sync_crm.simulation import CRM, Importer
from tests.unit.sync_crm.test_import_protocol import unsettled

RUNS = int(os.environ.get("IMPORT_RUNS", "25"))


def passes(seed: int) -> tuple[RandomCrm, list[tuple[str, Sequence[Any]]]]:
    crm = RandomCrm(Random(seed))
    found: list[tuple[str, Sequence[Any]]] = []
    for _ in range(4):
        found += [("accounts", numbered(crm.accounts())), ("deals", numbered(crm.deals()))]
    return crm, found


@pytest.mark.parametrize("seed", range(RUNS))
def test_interleaved_crashing_duplicated_workers_end_like_one_careful_one(seed):
    # S0.16
    careful, troubled = Importer(seed, trouble=False), Importer(seed, trouble=True)
    held = 0
    crm, runs = passes(seed)

    for records, rows in runs:
        (expected,) = careful.run(careful.ask_crm(rows, records))
        (found,) = troubled.run(troubled.ask_crm(rows, records))

        assert (found.status, found.counts, found.problems) == (
            expected.status,
            expected.counts,
            expected.problems,
        )
        assert troubled.records() == careful.records()
        # Two workers on one page may see different children: a move may be begun and not needed.
        troubled.tick()
        held += found.counts.get("came", 0) - found.counts.get("went", 0)
        assert held == len(held_of(troubled))
        assert not unsettled(careful)
        assert not unsettled(troubled)
        for importer in (careful, troubled):
            importer.world.clock.pass_by(timedelta(seconds=1))
        assert not deals_left_behind(troubled)
    for name in {*crm.into} & crm.told:
        if crm.winner(name) in crm.told:
            assert standing_for(troubled, name) == crm.winner(name)


@pytest.mark.parametrize("seed", range(RUNS // 4))
def test_the_same_rows_again_write_no_record_however_they_are_worked_off(seed):
    importer = Importer(seed, trouble=True)
    for _ in range(2):
        for records, rows in passes(seed)[1][-2:]:
            importer.run(importer.ask_crm(rows, records), today=DAY)
        importer.world.clock.pass_by(timedelta(seconds=1))
    stored = records_of(importer)

    for records, rows in passes(seed)[1][-2:]:
        importer.run(importer.ask_crm(rows, records))

    assert records_of(importer) == stored


def deals_left_behind(importer: Importer) -> list[Deal]:
    """Return deals that lie with an account for which another one stands."""
    items = importer.world.memory.items.values()
    merged = {one.account_id for one in items if isinstance(one, Account) and one.merged_into}
    deals = [one for one in items if isinstance(one, Deal) and one.status != "gone"]
    return [deal for deal in deals if deal.account_id in merged]


def standing_for(importer: Importer, name: str) -> str | None:
    """Return the external id of the account that stands for another."""
    merged = replace(importer.imports.records, integration=CRM).merged_accounts
    record_id = merged.id_of(name)
    found = merged.standing([record_id])
    return found.known[found.ids[record_id]].external_id


def held_of(importer: Importer) -> list[Any]:
    """Return the records that the CRM has."""
    items = importer.world.memory.items.values()
    return [item for item in items if isinstance(item, Account | Deal) and is_held(item)]


def is_held(record: Account | Deal) -> bool:
    return record.source is not None and not record.source.is_gone


def records_of(importer: Importer) -> dict[Any, Any]:
    items = importer.world.memory.items
    return {pair: item for pair, item in items.items() if "#J#" not in pair[0]}
