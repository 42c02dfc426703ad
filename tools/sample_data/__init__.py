"""Sample data: the CRM export of a made-up maker of measuring instruments.

A few hundred accounts with groups and all six stages, people and what was done with them, and the
dents that real exports have.
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
from tools.sample_data import activities as sample_activities
from tools.sample_data import contacts as sample_contacts
from tools.sample_data import deals as sample_deals
from tools.sample_data.dents import (
    dent_accounts,
    dent_activities,
    dent_contacts,
    dent_deals,
    name_in_deals,
)

SEED = "stageline sample 1"
# Another one, so that accounts and deals are the same whatever is done about people.
SEED_OF_PEOPLE = "stageline people 1"


class SamplePaths(NamedTuple):
    """The files in the order of import, in the columns that need no mapping."""

    accounts: Path
    deals: Path
    contacts: Path
    activities: Path


class SampleRecords(NamedTuple):
    """The rows of the files, in order, the refused ones too."""

    accounts: list[dict[str, str]]
    deals: list[dict[str, str]]
    contacts: list[dict[str, str]]
    activities: list[dict[str, str]]


def records(today: date) -> SampleRecords:
    """Return the rows of all files, the same for the same day."""
    chance = random.Random(SEED)
    groups = list(sample_accounts.groups(chance, today))
    deals = list(sample_deals.deals(chance, groups, today))
    accounts = [account for group in groups for account in group.accounts]
    of_people = random.Random(SEED_OF_PEOPLE)
    contacts = list(sample_contacts.contacts(of_people, groups))
    activities = list(sample_activities.activities(of_people, contacts, deals, today))
    return SampleRecords(
        dent_accounts(accounts),
        dent_deals(chance, name_in_deals(deals, contacts), today),
        dent_contacts(contacts),
        dent_activities(activities),
    )


def write(directory: Path, today: date) -> SamplePaths:
    """Write the files, like accounts.csv, into the directory, and return where they are."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = SamplePaths(*(directory / f"{name}.csv" for name in SamplePaths._fields))
    rows = records(today)
    _write_csv(paths.accounts, sample_accounts.COLUMNS, rows.accounts)
    _write_csv(paths.deals, sample_deals.COLUMNS, rows.deals)
    _write_csv(paths.contacts, sample_contacts.COLUMNS, rows.contacts)
    _write_csv(paths.activities, sample_activities.COLUMNS, rows.activities)
    return paths


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
