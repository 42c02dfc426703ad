"""Sample data: the CRM export of a made-up maker of measuring instruments.

A few hundred accounts with groups and all six stages, and the dents that real exports have.
Generated relative to a day, so that the stages are spread whenever it is loaded, and the same for
the same day.
"""

import csv
import random
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from tools.sample_data import accounts as sample_accounts
from tools.sample_data import deals as sample_deals
from tools.sample_data.dents import dent_accounts, dent_deals

SEED = "stageline sample 1"


class SamplePaths(NamedTuple):
    """The two files, in the columns that an import knows without a mapping."""

    accounts: Path
    deals: Path


class SampleRecords(NamedTuple):
    """The rows of the two files, in order, the refused ones too."""

    accounts: list[dict[str, str]]
    deals: list[dict[str, str]]


def records(today: date) -> SampleRecords:
    """Return the rows of both files, the same for the same day."""
    chance = random.Random(SEED)
    groups = list(sample_accounts.groups(chance, today))
    deals = list(sample_deals.deals(chance, groups, today))
    accounts = [account for group in groups for account in group.accounts]
    return SampleRecords(dent_accounts(accounts), dent_deals(chance, deals, today))


def write(directory: Path, today: date) -> SamplePaths:
    """Write accounts.csv and deals.csv into the directory, and return where they are."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = SamplePaths(directory / "accounts.csv", directory / "deals.csv")
    rows = records(today)
    _write_csv(paths.accounts, sample_accounts.COLUMNS, rows.accounts)
    _write_csv(paths.deals, sample_deals.COLUMNS, rows.deals)
    return paths


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
