"""A company's records at random, aimed at the edges of the rules; the same for the same seed."""

import csv
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

type Record = dict[str, str]

ACCOUNT_COLUMNS = ("external_id", "name", "parent_external_id", "created_on", "in_crm")
DEAL_COLUMNS = ("external_id", "account_external_id", "name", "status", "opened_on", "closed_on")


def company(seed: int, today: date, size: int = 60) -> tuple[list[Record], list[Record]]:
    """Return accounts (children before parents, too) and deals; `size` accounts."""
    chance = random.Random(seed)
    accounts: list[Record] = []
    for number in range(size):
        parent = chance.choice(accounts)["external_id"] if number and chance.random() < 0.4 else ""
        accounts.append(
            {
                "external_id": f"R{seed}-{number}",
                "name": f"Randomly{seed}x{number} Works",
                "parent_external_id": parent,
                "created_on": _maybe(chance, 0.6, _day(chance, today, -1500, 0)),
                "in_crm": chance.choice(("true", "true", "false", "")),
            }
        )
    deals = [
        _deal(chance, f"RD{seed}-{number}", chance.choice(accounts)["external_id"], today)
        for number in range(size * 2)
    ]
    chance.shuffle(accounts)
    chance.shuffle(deals)
    return accounts, deals


def _deal(chance: random.Random, external_id: str, account: str, today: date) -> Record:
    status = chance.choice(("open", "won", "lost", "lost", "lost"))
    closed_on = ""
    latest = today + timedelta(days=60)
    if status != "open":
        # A close date ahead of the day it is seen happens; a missing one, too.
        closed_on = _maybe(chance, 0.85, _day(chance, today, -700, 40))
        latest = date.fromisoformat(closed_on) if closed_on else today
    opened_on = _maybe(chance, 0.8, _day(chance, latest, -400, 0))
    return {
        "external_id": external_id,
        "account_external_id": account,
        "name": f"Deal {external_id}",
        "status": status,
        "opened_on": opened_on,
        "closed_on": closed_on,
    }


def _day(chance: random.Random, today: date, earliest: int, latest: int) -> str:
    day = today + timedelta(days=chance.randint(earliest, latest))
    # Ends of months are where windows differ; the day itself is where spells begin and end.
    if chance.random() < 0.3:
        end_of_month = (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        day = min(end_of_month, today + timedelta(days=latest))
    return day.isoformat()


def _maybe(chance: random.Random, likelihood: float, text: str) -> str:
    return text if chance.random() < likelihood else ""


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Path:
    """Write the rows as CSV in UTF-8, and return the path."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path
