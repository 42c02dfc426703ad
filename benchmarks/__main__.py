"""Run benchmarks: `python -m benchmarks [--small] [name...]`.

Writes benchmarks/results.json. With --small each runs once, to see that it works, and nothing is
written.
"""

import argparse
import importlib
import json
import sys
from pathlib import Path

from benchmarks.frame import Measurement, reaches_goal

NAMES = (
    "cold_get",
    "cold_get_vs_fastapi",
    "packaged_import",
    "warm_list_50",
    "stream_batch_100",
    "timeline_group",
    "write_units_idle",
    "refresh_reads_growth",
    "day_cost",
    "sync_records",
    "sync_idle_write_units",
)
RESULTS = Path(__file__).with_name("results.json")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--small", action="store_true", help="once each, to see that they work")
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(NAMES))
    chosen = parser.parse_args(arguments)
    unknown = sorted(set(chosen.names) - set(NAMES))
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}")
    # Where the functions find each other's modules, as in their deployment package.
    sys.path.insert(0, str(Path(__file__).parents[1] / "functions"))
    results = _results_so_far()
    for name in chosen.names or NAMES:
        measured: Measurement = importlib.import_module(f"benchmarks.{name}").measure(chosen.small)
        results[name] = measured
        print(_line(name, measured), flush=True)
    if not chosen.small:
        RESULTS.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n")
    return 0


def _results_so_far() -> dict[str, Measurement]:
    """Return what was measured before: a run of one benchmark keeps the others' results."""
    try:
        found: dict[str, Measurement] = json.loads(RESULTS.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return {name: found[name] for name in NAMES if name in found}


def _line(name: str, measured: Measurement) -> str:
    sign = "<=" if measured["better"] == "lower" else ">="
    verdict = "ok" if reaches_goal(measured) else "misses its goal"
    value = f"{measured['value']:>8.3f} {measured['unit']}"
    return f"{name:<22}{value}  (goal {sign} {measured['goal']})  {verdict}"


if __name__ == "__main__":
    sys.exit(main())
