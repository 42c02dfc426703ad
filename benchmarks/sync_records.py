"""Records a second of a first load from a CRM, against dlt writing the same records into files.

Ours stores accounts, deals and contacts, settles every stage and checks it; dlt keeps what it read.
The CRM answers both, from a process of its own. Wall time: of both much is waiting for it.
"""

from time import perf_counter

from benchmarks.crm import crm_with
from benchmarks.frame import Measurement, median_ratio
from benchmarks.sync_reference import read_by_dlt
from benchmarks.synced import synced_with

GOAL = 0.15
RECORDS, SMALL = 10_000, 100
_PAIRS = 3


def measure(small: bool) -> Measurement:
    records = SMALL if small else RECORDS
    with crm_with(records) as url:
        read = read_by_dlt(url).ids
        assert sum(number for number, _ in read.values()) == records

        def ours() -> float:
            with synced_with(url) as synced:
                started = perf_counter()
                synced.run("changes")
                seconds = perf_counter() - started
                assert synced.ids() == read
            return seconds

        def reference() -> float:
            found = read_by_dlt(url)
            assert found.ids == read
            return found.seconds

        # Seconds of dlt to ours: records a second of ours to dlt's.
        value = median_ratio(reference, ours, pairs=1 if small else _PAIRS)
    return {"value": round(value, 3), "unit": "ratio", "goal": GOAL, "better": "higher"}
