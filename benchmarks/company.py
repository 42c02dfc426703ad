"""A company of any size, as the files that a CRM exports: five deals for each account, one contact.

Every fourth account is the child of the one before, so a fourth of the groups have two. The same
for the same size.
"""

import csv
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from tools.sample_data.accounts import COLUMNS as ACCOUNT_COLUMNS
from tools.sample_data.deals import COLUMNS as DEAL_COLUMNS
from tools.sample_data.words import (
    COUNTRIES,
    FIRST_WORDS,
    INDUSTRIES,
    LEGAL_FORMS,
    PRODUCTS,
    SECOND_WORDS,
)

TODAY: Final = date(2026, 3, 2)
TOMORROW: Final = TODAY + timedelta(days=1)
DEALS_OF_AN_ACCOUNT: Final = 5
# Six months later is tomorrow.
_RUNS_OUT_TOMORROW: Final = date(2025, 9, 2)
# Days ago, such that no other window ends tomorrow.
_RECENTLY, _LONG_AGO = (30, 140), (220, 700)


CONTACT_COLUMNS: Final = (
    "external_id",
    "first_name",
    "last_name",
    "email",
    "phone",
    "account_external_id",
)


class Exported(NamedTuple):
    accounts: Path
    deals: Path
    contacts: Path


def write_company(directory: Path, accounts: int, due: int) -> Exported:
    """Write the files, for so many accounts, of which `due` have a stage that ends tomorrow."""
    files = Exported(*(directory / f"{records}.csv" for records in Exported._fields))
    _write(files.accounts, ACCOUNT_COLUMNS, map(_account, range(accounts)))
    rows = (row for number in range(accounts) for row in _deals(number, number < due * 4))
    _write(files.deals, DEAL_COLUMNS, rows)
    _write(files.contacts, CONTACT_COLUMNS, map(_contact, range(accounts)))
    return files


def _account(number: int) -> dict[str, str]:
    chance = random.Random(number)
    first, second = chance.choice(FIRST_WORDS), chance.choice(SECOND_WORDS)
    return {
        "external_id": f"A{number}",
        "name": f"{first} {second} {chance.choice(LEGAL_FORMS)}",
        "parent_external_id": f"A{number - 1}" if number % 4 == 3 else "",
        "domain": f"{first}{number}.example.com".lower(),
        "industry": str(chance.choice(INDUSTRIES)),
        "country": str(chance.choice(COUNTRIES)),
        "owner_email": f"seller{number % 50}@example.com",
        "created_on": (TODAY - timedelta(days=800 + number % 300)).isoformat(),
        "in_crm": "yes",
    }


def _deals(number: int, among_due: bool) -> Iterator[dict[str, str]]:
    chance = random.Random(-1 - number)
    for place in range(DEALS_OF_AN_ACCOUNT):
        status = chance.choice(("open", "lost", "lost", "won") if number % 2 else ("open", "lost"))
        closed_on = TODAY - timedelta(days=chance.randint(*chance.choice((_RECENTLY, _LONG_AGO))))
        if among_due and number % 4 == 0:
            # One loss that runs out tomorrow, and before it nothing but older ones.
            status = "lost"
            closed_on = TODAY - timedelta(days=chance.randint(*_LONG_AGO))
            closed_on = _RUNS_OUT_TOMORROW if place == 0 else closed_on
        opened_on = closed_on - timedelta(days=chance.randint(5, 90))
        yield {
            "external_id": f"D{number}-{place}",
            "account_external_id": f"A{number}",
            "name": f"{chance.choice(PRODUCTS)} {place}",
            "status": status,
            "opened_on": opened_on.isoformat(),
            "closed_on": "" if status == "open" else closed_on.isoformat(),
            "expected_close_on": (TODAY + timedelta(days=60)).isoformat(),
            "amount": f"{chance.randint(1, 900)}00.00",
            "currency": "EUR",
            "probability": "0.5",
            "owner_email": f"seller{number % 50}@example.com",
        }


def _contact(number: int) -> dict[str, str]:
    return {
        "external_id": f"C{number}",
        "first_name": f"First{number}",
        "last_name": f"Last{number}",
        "email": f"person{number}@example.com",
        "phone": f"+1202{number:07d}",
        "account_external_id": f"A{number}",
    }


def _write(path: Path, columns: tuple[str, ...], rows: Iterator[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
