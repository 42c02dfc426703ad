"""Custom values of a CRM's rows (S3.30): what is no good is left out and told."""

from typing import Any

import pytest

from stageline.domain.account import Account
from stageline.domain.custom_field import new_field
from stageline.domain.deal import Deal
from stageline.domain.records import DealRecord
from stageline.use_cases.fields import add_field
from tests.unit.sync_crm.simulation import Importer
from tests.unit.sync_crm.test_crm_rows import account, counts, gone, run, stored


@pytest.fixture
def importer():
    made = Importer(1, trouble=False)
    stamp = made.world.stamp()
    kinds: Any = {
        "region": {"type_": "text"},
        "size": {"type_": "number", "default": 1},
        "number": {"type_": "text", "unique": True},
        "needed": {"type_": "text", "required": True},
    }
    for key, said in kinds.items():
        field = new_field("account", key, key, **said, stamp=stamp)
        add_field(made.world.customs.fields, field)
    add_field(
        made.world.customs.fields, new_field("deal", "product", "Product", "text", stamp=stamp)
    )
    return made


def customs(importer):
    return {one.external_id: dict(one.profile.custom) for one in stored(importer, Account)}


def problems(importer, job):
    found, _ = importer.jobs.problems(job.job_id, 50)
    return [(one.column, one.code) for one in found]


def test_values_are_merged_by_key_and_null_removes_one(importer):
    run(importer, [account(custom={"region": "North", "size": 7})])

    run(importer, [account(custom={"region": None, "needed": "x"})])

    assert customs(importer) == {"a1": {"size": 7, "needed": "x"}}


def test_a_new_record_has_the_defaults(importer):
    run(importer, [account(custom={"region": "North"})])

    assert customs(importer) == {"a1": {"region": "North", "size": 1}}


def test_what_is_no_good_is_left_out_and_told_at_every_run(importer):
    row = account(custom={"region": "North", "size": "many", "colour": "red"})

    first, again = run(importer, [row]), run(importer, [row])

    assert customs(importer) == {"a1": {"region": "North", "size": 1}}
    assert (counts(first, "created", "refused"), counts(again, "unchanged")) == ((1, 0), (1,))
    told = [("custom.size", "custom_no_number"), ("custom.colour", "custom_unknown_field")]
    assert problems(importer, first) == problems(importer, again) == told


def test_a_unique_value_stays_with_who_had_it_first(importer):
    run(importer, [account("a1", custom={"number": "1"})])

    rows = [account("a2", custom={"number": " 1 "}), account("a3", custom={"number": "2"})]
    job = run(importer, [*rows, account("a4", custom={"number": "2"})])

    assert customs(importer) == {
        "a1": {"number": "1", "size": 1},
        "a2": {"size": 1},
        "a3": {"number": "2", "size": 1},
        "a4": {"size": 1},
    }
    assert problems(importer, job) == [("custom.number", "custom_not_unique")] * 2


def test_a_unique_value_may_change_and_who_left_it_frees_it(importer):
    run(importer, [account("a1", custom={"number": "1"})])
    run(importer, [account("a1", custom={"number": "2"})])

    job = run(importer, [account("a2", custom={"number": "1"})])

    assert job.problems == 0
    assert customs(importer)["a2"]["number"] == "1"


def test_pinned_values_stay_blank(importer):
    run(importer, [account(custom={"region": "North"})])
    (found,) = stored(importer, Account)
    importer.world.stores.accounts.save(found.pin(["custom.region"], importer.world.stamp()))

    run(importer, [account(custom={"region": "Jane's"})])

    assert customs(importer) == {"a1": {"size": 1}}


def test_deals_have_custom_values_until_they_are_gone(importer):
    row = DealRecord(line=1, external_id="d1", name="D", status="open", custom={"product": "Glass"})
    run(importer, [row], "deals")
    before = stored(importer, Deal)[0].terms.custom

    run(importer, [gone("d1")], "deals")

    assert (before, stored(importer, Deal)[0].terms.custom) == ({"product": "Glass"}, {})


@pytest.mark.parametrize("seed", range(20))
def test_crashing_workers_store_and_tell_the_same(seed):
    importers = Importer(seed, trouble=False), Importer(seed, trouble=True)
    # A page has three rows; of the same number in two pages either may be first.
    numbers = ("0", "0", "1", "2", "3", "2")
    rows = [
        account(f"a{n}", custom={"number": number, "size": n, "colour": "red"})
        for n, number in enumerate(numbers)
    ]
    found = []
    for importer in importers:
        fields = importer.world.customs.fields
        stamp = importer.world.stamp()
        add_field(fields, new_field("account", "number", "N", "text", unique=True, stamp=stamp))
        add_field(fields, new_field("account", "size", "S", "number", stamp=stamp))
        job = run(importer, rows)
        found.append((customs(importer), problems(importer, job), job.counts))

    assert found[0] == found[1]
