"""Write units a record of a run in which nothing has changed in the CRM.

What the run itself writes (its turns, its pace, where it stands) is the same for any number of
records, so it is what twice the records take more. A run that reads everything again writes more
turns, and counts what it read; it must leave every item of records as it is.
"""

from benchmarks.crm import crm_with
from benchmarks.frame import Measurement
from benchmarks.synced import Synced, synced_with

GOAL = 0
RECORDS, SMALL = 1_000, 100


def measure(small: bool) -> Measurement:
    records = SMALL if small else RECORDS
    more = _idle(records * 2) - _idle(records)
    return {"value": more / records, "unit": "units", "goal": GOAL, "better": "lower"}


def _idle(records: int) -> int:
    with crm_with(records) as url, synced_with(url) as synced:
        synced.run("changes")
        before = synced.deployed.client.meter.copy()
        run = synced.run("changes")
        assert not any(part.counts for part in run.parts)
        used = synced.deployed.client.meter.since(before)
        _read_all_again(synced, records)
    return used.write_units


def _read_all_again(synced: Synced, records: int) -> None:
    before = synced.items_of_records()
    run = synced.run("full")
    counted = [dict(part.counts) for part in run.parts]
    assert sum(counts["unchanged"] for counts in counted) == records, counted
    assert synced.items_of_records() == before, "records were written that did not change"
