"""What the size report measures, phase by phase, in one process (`benchmarks.size` starts it).

    python -m benchmarks.size_phases ACCOUNTS [PHASE...]

Prints JSON: for each phase its seconds, CPU, peak memory and what was asked of the table.
"""

import json
import resource
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

from benchmarks.company import TOMORROW, Exported, write_company
from benchmarks.deployment import WORKSPACE, Deployment, deployment
from benchmarks.erasures import erasures_of
from stageline import bootstrap
from stageline.domain.drift import Found
from stageline.use_cases.counts import ask_for_counts, count
from stageline.use_cases.verification import verify_part
from stageline.use_cases.verifications import parts_of

# As many at every size: the tick's cost must grow with what is due, not with what there is.
DUE = 200
_KB_IN_A_MB = 1_024

type Phase = Callable[[Deployment, Exported], Mapping[str, Any]]


def import_accounts(deployed: Deployment, files: Exported) -> Mapping[str, Any]:
    return _imported(deployed, files, "accounts")


def import_deals(deployed: Deployment, files: Exported) -> Mapping[str, Any]:
    return _imported(deployed, files, "deals")


def counts(deployed: Deployment, files: Exported) -> Mapping[str, Any]:
    """What an import asks for at its end: every account and group of every day."""
    counting = replace(bootstrap.counting(WORKSPACE), pause=lambda seconds: None)
    job = ask_for_counts(counting, deployed.clock.day, requested_by="benchmark")
    ended = count(counting, job.job_id)
    assert ended.status == "completed", ended.status
    return dict(ended.result)


def verification(deployed: Deployment, files: Exported) -> Mapping[str, Any]:
    verifier, parts = bootstrap.verifier(WORKSPACE), parts_of(len(deployed.client.items))
    # What nobody has published would be drift.
    found = sum(
        (verify_part(verifier, part, parts, repair=False) for part in range(parts)), Found()
    )
    drift = {kind: number for kind, number in found.drift.items() if kind != "unsent_event"}
    assert not drift, drift
    return {"accounts": found.accounts, "items": found.items, "parts": parts}


def tick(deployed: Deployment, files: Exported) -> Mapping[str, Any]:
    deployed.clock.day = TOMORROW
    return {"groups": deployed.tick()}


def import_contacts(deployed: Deployment, files: Exported) -> Mapping[str, Any]:
    return _imported(deployed, files, "contacts")


def erasure_preview(deployed: Deployment, files: Exported) -> Mapping[str, Any]:
    """Every contact that there is, in one request: looked at, with all that lies around them."""
    erasures = erasures_of(deployed)
    request = erasures.asked()
    assert request.preview is not None
    return {"contacts": request.preview.subjects, "parts": request.parts}


def erasure(deployed: Deployment, files: Exported) -> Mapping[str, Any]:
    """The same request: looked at again, erased, read back and certified."""
    erasures = erasures_of(deployed)
    request = erasures.carried_out()
    assert request.certificate_state == "live_erased", request.certificate_state
    return {"contacts": request.preview.subjects if request.preview else 0}


# In this order, over one deployment. Whatever else runs over a whole workspace is added here.
PHASES: Mapping[str, Phase] = {
    "import_accounts": import_accounts,
    "import_deals": import_deals,
    "counts": counts,
    "verification": verification,
    "tick": tick,
    "import_contacts": import_contacts,
    "erasure_preview": erasure_preview,
    "erasure": erasure,
}


def measured(accounts: int, names: Sequence[str] = tuple(PHASES)) -> dict[str, Any]:
    """Run phases at a size. Peak memory is what a phase needed beyond what is stored."""
    found: dict[str, Any] = {}
    with TemporaryDirectory(prefix="stageline-size-") as directory, deployment() as deployed:
        files = write_company(Path(directory), accounts, min(DUE, accounts // 4))
        for name in names:
            phase = PHASES[name]
            before = deployed.client.meter.copy()
            peak = Peak()
            started, cpu_started = perf_counter(), process_time()
            told = phase(deployed, files)
            found[name] = {
                "seconds": round(perf_counter() - started, 3),
                "cpu_seconds": round(process_time() - cpu_started, 3),
                "peak_mb": peak.beyond_stored(),
                **asdict(deployed.client.meter.since(before)),
                **told,
            }
    return found


def _imported(deployed: Deployment, files: Exported, records: Any) -> Mapping[str, Any]:
    steps: dict[str, float] = {}
    peaks: list[float] = []
    peak = Peak()

    def told(step: str, seconds: float) -> None:
        steps[step] = round(steps.get(step, 0) + seconds, 3)
        # What a step needs of all pages it needs at its end: the next one would hide it.
        peaks.append(peak.beyond_stored())
        peak.begin()

    job = deployed.import_file(records, getattr(files, records), told)
    assert (job.status, job.problems) == ("completed", 0), job.status
    return {"steps": steps, "rows": job.counts["read"], "peak_mb": max(peaks)}


def _memory_kb(name: str = "VmRSS") -> int:
    with suppress(FileNotFoundError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class Peak:
    """The most memory that the process took since it began, beyond what the table keeps of it."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # Linux counts its peak from now on
        self._before_kb = _memory_kb()

    def beyond_stored(self) -> float:
        """Return it in MB."""
        kept_kb = max(self._before_kb, _memory_kb())
        return round(max(0, _memory_kb("VmHWM") - kept_kb) / _KB_IN_A_MB, 1)


if __name__ == "__main__":
    # The tick's metrics go to standard output.
    answer, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps(measured(int(sys.argv[1]), sys.argv[2:] or tuple(PHASES))), file=answer)
