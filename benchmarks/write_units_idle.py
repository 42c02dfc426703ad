"""Write units of evaluating everything again when nothing has changed.

Every record of the stream is delivered once more, and every account settled once more: both read
everything, and find that it is right.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.company import write_company
from benchmarks.deployment import WORKSPACE, deployment
from benchmarks.frame import Measurement
from stageline import bootstrap
from stageline.use_cases.loading import settle

GOAL = 0
ACCOUNTS = 400


def measure(small: bool) -> Measurement:
    accounts = 20 if small else ACCOUNTS
    with TemporaryDirectory() as directory, deployment(keep_stream=True) as deployed:
        files = write_company(Path(directory), accounts, due=0)
        deployed.import_file("accounts", files.accounts)
        deployed.import_file("deals", files.deals)
        delivered = list(deployed.client.stream)
        deployed.follow_stream()
        ids = [pair[0].split("#")[2] for pair in deployed.client.items.all() if pair[1] == "META"]
        assert len(ids) == accounts
        before = deployed.client.meter.copy()
        deployed.client.stream += delivered
        deployed.follow_stream()
        stores, clock = bootstrap.pipeline(WORKSPACE), deployed.clock
        settle(stores, ids, today=clock.day, now=clock.now())
        used = deployed.client.meter.since(before)
    assert used.items_read > accounts * 5, "nothing was evaluated"
    return {"value": used.write_units, "unit": "units", "goal": GOAL, "better": "lower"}
