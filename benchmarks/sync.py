"""What reading a CRM takes by its size, beside dlt reading the same CRM into files.

    python -m benchmarks.sync [--small] [--sizes 1000,10000,100000]

Each size is measured in a process of its own: a first load, a run in which nothing changed, a run
that reads everything again, and dlt; three times up to 10,000 records, of which the one with the
median time counts. Writes benchmarks/sync.json; with --small: one small size, nothing is written.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from benchmarks.crm import crm_with
from benchmarks.memory.meter import Meter
from benchmarks.size_phases import Peak
from benchmarks.sync_reference import Reference, read_by_dlt
from benchmarks.synced import Synced, synced_with
from stageline.domain.sync import Mode
from tools.build import ROOT

RESULTS = Path(__file__).with_name("sync.json")
SIZES, SMALL_SIZES = (1_000, 10_000, 100_000), (100,)
RUNS: Mapping[str, Mode] = {"first": "changes", "unchanged": "changes", "read_again": "full"}
_OFTEN_UP_TO, _TIMES = 10_000, 3

type Measured = dict[str, dict[str, Any]]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sync", description=__doc__)
    parser.add_argument("--small", action="store_true", help="one small size, nothing is written")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="numbers of records")
    parser.add_argument("--one", type=int, help="measure this size once, here, and print JSON")
    chosen = parser.parse_args(arguments)
    if chosen.one:
        print(json.dumps(measured(chosen.one)))
        return 0
    sizes = SMALL_SIZES if chosen.small else tuple(sorted(map(int, chosen.sizes.split(","))))
    by_size: dict[str, Measured] = {}
    for size in sizes:
        times = _TIMES if not chosen.small and size <= _OFTEN_UP_TO else 1
        found = sorted((_run(size) for _ in range(times)), key=lambda one: one["first"]["seconds"])
        by_size[str(size)] = found[len(found) // 2]
        for name, one in by_size[str(size)].items():
            print(_line(size, name, one), flush=True)
    if not chosen.small:
        before = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        RESULTS.write_text(json.dumps(before | by_size, indent=2, sort_keys=True) + "\n")
    return 0


def measured(records: int) -> Measured:
    found: Measured = {}
    with crm_with(records) as url:
        read = read_by_dlt(url)
        with synced_with(url) as synced:
            for name, mode in RUNS.items():
                found[name] = _of_run(synced, mode)
            assert synced.ids() == read.ids
        found["dlt"] = _of_dlt(read)
    return found


def _of_run(synced: Synced, mode: Mode) -> dict[str, Any]:
    """Work a run off, and say of each kind of step what it took. Peak: beyond what is stored."""
    meter = synced.deployed.client.meter
    steps: dict[str, dict[str, float]] = {}
    peak, peaks = Peak(), [0.0]
    begun = before = _Look(meter)

    def worked(step: str) -> None:
        nonlocal before
        took = before.took(meter)
        so_far = steps.setdefault(step, dict.fromkeys(took, 0))
        steps[step] = {name: round(so_far[name] + value, 3) for name, value in took.items()}
        peaks.append(peak.beyond_stored())
        peak.begin()
        before = _Look(meter)

    synced.run(mode, worked)
    used = meter.since(begun.meter)
    return begun.took(meter) | {"peak_mb": max(peaks)} | asdict(used) | {"steps": steps}


class _Look:
    """What the clocks and the meter say at a moment."""

    def __init__(self, meter: Meter) -> None:
        self.seconds, self.cpu_seconds, self.meter = perf_counter(), process_time(), meter.copy()

    def took(self, meter: Meter) -> dict[str, Any]:
        used = meter.since(self.meter)
        return {
            "seconds": round(perf_counter() - self.seconds, 5),
            "cpu_seconds": round(process_time() - self.cpu_seconds, 5),
            "read_units": used.read_units,
            "write_units": used.write_units,
        }


def _of_dlt(read: Reference) -> dict[str, Any]:
    return {
        "seconds": round(read.seconds, 3),
        "cpu_seconds": round(read.cpu_seconds, 3),
        "peak_mb": round(read.peak_mb, 1),
    }


def _run(size: int) -> Measured:
    command = [sys.executable, "-m", "benchmarks.sync", "--one", str(size)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"size {size} failed:\n{done.stderr}")
    found: Measured = json.loads(done.stdout)
    return found


def _line(size: int, name: str, found: Mapping[str, Any]) -> str:
    told = (
        f"{size:>9,} {name:<12}{size / found['seconds']:>9,.0f} records/s"
        f"{size / found['cpu_seconds']:>9,.0f} records/s of CPU{found['peak_mb']:>8.1f} MB"
    )
    if "write_units" not in found:
        return told
    reads, writes = found["read_units"], found["write_units"]
    return f"{told}{reads / size:>9.3f} reads{writes / size:>9.3f} writes a record ({writes:,})"


if __name__ == "__main__":
    sys.exit(main())
