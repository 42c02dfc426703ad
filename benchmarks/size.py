"""How import, tick and everything else that runs over a whole workspace grow with its size.

    python -m benchmarks.size [--small] [--sizes 1000,10000,100000] [--phases NAME,...]

Runs each size in a process of its own, writes benchmarks/size.json and prints what was measured,
how it grows, and what that means for a million accounts on AWS. With --small: two small sizes, to
see that it works, and nothing is written.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from math import log
from pathlib import Path
from typing import Any

from benchmarks.memory.meter import DOLLARS_A_MILLION_READS, DOLLARS_A_MILLION_WRITES

RESULTS = Path(__file__).with_name("size.json")
SIZES, SMALL_SIZES = (1_000, 10_000, 100_000), (80, 240)
GROWING = ("cpu_seconds", "peak_mb", "requests", "read_units", "write_units", "bytes_read")
MILLION = 1_000_000

# What AWS is taken to be: the concurrency that template.yaml sets, a request's way there and back
# from a function (waited for, one after the other), and what a new table on demand can take.
WORKERS = dict.fromkeys(
    (
        "import_accounts",
        "import_deals",
        "verification",
        "import_contacts",
        "erasure_preview",
        "erasure",
    ),
    10,
)
REQUEST_SECONDS = 0.005
WRITE_UNITS_A_SECOND = 4_000
ASSUMED = {
    "workers": WORKERS | {"any other phase": 1},
    "seconds_a_request": REQUEST_SECONDS,
    "write_units_a_second": WRITE_UNITS_A_SECOND,
    "dollars_a_million_read_units": DOLLARS_A_MILLION_READS,
    "dollars_a_million_write_units": DOLLARS_A_MILLION_WRITES,
}

type Measured = Mapping[str, Mapping[str, Any]]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.size", description=__doc__)
    parser.add_argument("--small", action="store_true", help="two small sizes, nothing is written")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="numbers of accounts")
    parser.add_argument("--phases", default="", help="some of them, in their order; else all")
    chosen = parser.parse_args(arguments)
    phases = [name for name in chosen.phases.split(",") if name]
    sizes = SMALL_SIZES if chosen.small else tuple(sorted(map(int, chosen.sizes.split(","))))
    by_size: dict[int, Measured] = {}
    for size in sizes:
        by_size[size] = _run(size, phases)
        for phase, found in by_size[size].items():
            print(_line(size, phase, found), flush=True)
    report = {"sizes": by_size, "assumed": ASSUMED, **_grown(by_size)}
    if phases and not chosen.small:
        report = _with_the_others(report)
    for phase, grown in report["a_million"].items():
        print(_million_line(phase, report["slopes"][phase], grown))
    if not chosen.small:
        RESULTS.write_text(json.dumps(report, indent=2, sort_keys=True) + "\n")
    return 0


def _run(size: int, phases: Sequence[str]) -> Measured:
    command = [sys.executable, "-m", "benchmarks.size_phases", str(size), *phases]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"size {size} failed:\n{done.stderr}")
    found: Measured = json.loads(done.stdout)
    return found


def _with_the_others(report: dict[str, Any]) -> dict[str, Any]:
    """Return the report with the phases that were measured before, and not now."""
    if not RESULTS.exists():
        return report
    before: dict[str, Any] = json.loads(RESULTS.read_text())
    now: dict[str, Any] = json.loads(json.dumps(report))
    for name in ("sizes", "slopes", "a_million"):
        for key, found in now[name].items():
            before[name][key] = before[name].get(key, {}) | found if name == "sizes" else found
    return {**before, "assumed": now["assumed"]}


def _grown(by_size: Mapping[int, Measured]) -> dict[str, Any]:
    """Return the slopes between the two largest sizes, and what they lead to at a million."""
    *_, smaller, larger = (min(by_size), *sorted(by_size))
    slopes: dict[str, dict[str, float]] = {}
    a_million: dict[str, dict[str, float]] = {}
    for phase, found in by_size[larger].items():
        before = by_size[smaller][phase]
        slopes[phase] = {
            name: slope((smaller, before[name]), (larger, found[name])) for name in GROWING
        }
        grown = {name: found[name] * (MILLION / larger) ** slopes[phase][name] for name in GROWING}
        a_million[phase] = extrapolated(phase, grown)
    return {"slopes": slopes, "a_million": a_million}


def slope(smaller: tuple[int, float], larger: tuple[int, float]) -> float:
    """Return the exponent with which a value grows with the size: 0 stays, 1 is in proportion."""
    if not smaller[1] or not larger[1] or smaller[0] == larger[0]:
        return 0.0
    return round(log(larger[1] / smaller[1]) / log(larger[0] / smaller[0]), 3)


def extrapolated(phase: str, grown: Mapping[str, float]) -> dict[str, float]:
    """Return dollars and hours on AWS: its workers wait for one request after the other."""
    working = grown["cpu_seconds"] + grown["requests"] * REQUEST_SECONDS
    seconds = max(working / WORKERS.get(phase, 1), grown["write_units"] / WRITE_UNITS_A_SECOND)
    reads = grown["read_units"] * DOLLARS_A_MILLION_READS
    dollars = (reads + grown["write_units"] * DOLLARS_A_MILLION_WRITES) / MILLION
    return {
        "hours": round(seconds / 3_600, 3),
        "dollars": round(dollars, 3),
        "peak_mb": round(grown["peak_mb"], 1),
        "read_units": round(grown["read_units"]),
        "write_units": round(grown["write_units"]),
        "requests": round(grown["requests"]),
    }


def _line(size: int, phase: str, found: Mapping[str, Any]) -> str:
    return (
        f"{size:>9,} {phase:<16}{found['seconds']:>9.2f} s{found['cpu_seconds']:>9.2f} s CPU"
        f"{found['peak_mb']:>8.1f} MB{found['requests']:>12,} requests"
        f"{found['read_units']:>14,.0f} reads{found['write_units']:>13,} writes"
        f"{found['bytes_read'] / MILLION:>10,.1f} MB read"
    )


def _million_line(phase: str, slopes: Mapping[str, float], grown: Mapping[str, float]) -> str:
    told = ", ".join(f"{name} {slopes[name]:.2f}" for name in GROWING)
    return (
        f"a million {phase:<16}{grown['hours']:>8.2f} hours, ${grown['dollars']:.2f}"
        f" at list price (slopes: {told})"
    )


if __name__ == "__main__":
    sys.exit(main())
