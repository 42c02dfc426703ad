"""What a day's tick reads with ten times the accounts and as many due, against the tick before.

Bytes and items, counted at the client; the worse of the two ratios.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.company import TOMORROW, write_company
from benchmarks.deployment import deployment
from benchmarks.frame import Measurement, ratio
from benchmarks.memory.meter import Meter

GOAL = 1.05
ACCOUNTS, TIMES, DUE = 400, 10, 50


def measure(small: bool) -> Measurement:
    accounts, due = (20, 5) if small else (ACCOUNTS, DUE)
    reference, ours = _tick(accounts, due), _tick(accounts * TIMES, due)
    bytes_, items = ours.bytes_read / reference.bytes_read, ours.items_read / reference.items_read
    return ratio(max(bytes_, items), GOAL)


def _tick(accounts: int, due: int) -> Meter:
    """Return what the tick of the day after an import asked of the table."""
    with TemporaryDirectory() as directory, deployment() as deployed:
        files = write_company(Path(directory), accounts, due)
        deployed.import_file("accounts", files.accounts)
        deployed.import_file("deals", files.deals)
        deployed.clock.day = TOMORROW
        before = deployed.client.meter.copy()
        assert deployed.tick() == due
        return deployed.client.meter.since(before)
