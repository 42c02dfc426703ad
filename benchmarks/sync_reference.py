"""What `sync_records` is held against: dlt reads the same lists into files, and keeps no more."""

import gzip
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.synced import READ, Ids, digest_of
from stageline.domain.job_states import Records
from sync_crm.connectors.hubspot_fields import FIELDS, OBJECTS, properties
from tests.crm.hubspot import HubSpot
from tools.build import ROOT

_PYTHON = ROOT / ".venv-dlt" / "bin" / "python"
_CHILD = ROOT / "benchmarks" / "dlt_child.py"


class Reference(NamedTuple):
    """Imports are not counted; `peak_mb` is of the whole process."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    ids: Ids


def read_by_dlt(url: str) -> Reference:
    wanted = {_object(records): _query(records) for records in READ}
    with TemporaryDirectory(prefix="stageline-dlt-") as folder:
        done = subprocess.run(
            [_PYTHON, _CHILD, url, HubSpot.token, folder],
            input=json.dumps(wanted),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"dlt failed (`make install` installs it):\n{done.stderr}")
        told = json.loads(done.stdout)
        ids = {records: _ids(Path(told["folder"]) / _object(records)) for records in READ}
    return Reference(told["seconds"], told["cpu_seconds"], told["peak_mb"], ids)


def _object(records: Records) -> str:
    (kind,) = OBJECTS[records]
    return kind


def _query(records: Records) -> Mapping[str, str]:
    """Return what our connector asks of a list, and the links that it asks for beside it."""
    names = properties(_object(records), tuple(FIELDS[records].values()))
    return {"properties": ",".join(names), "associations": "companies"}


def _ids(folder: Path) -> tuple[int, str]:
    ids: list[str] = []
    for path in folder.glob("*.jsonl*"):
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
            ids += [json.loads(line)["id"] for line in lines]
    return len(ids), digest_of(ids)
