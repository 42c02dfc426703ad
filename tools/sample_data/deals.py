"""The sample company's deals: what brings each group to the stage it is meant to have."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from tools.sample_data.accounts import Group
from tools.sample_data.words import PRODUCTS, SELLERS

COLUMNS = (
    "external_id",
    "account_external_id",
    "name",
    "status",
    "opened_on",
    "closed_on",
    "expected_close_on",
    "amount",
    "currency",
    "probability",
    "owner_email",
)

# Six months are 181 to 184 days: inside they always are, outside never.
LAST_MONTHS_DAYS = (3, 150)
RUNS_OUT_SOON_DAYS = (165, 178)
LONG_AGO_DAYS = (200, 1100)

_ALL = (LAST_MONTHS_DAYS[0], LONG_AGO_DAYS[1])

# Outcomes of the deals a group gets: (status, days ago of the close), one line each.
_OUTCOMES = {
    "new_prospect": [],
    "in_crm": [("lost", LONG_AGO_DAYS)],
    "pipeline": [("open", _ALL), ("lost", LONG_AGO_DAYS), ("open", _ALL)],
    "client": [("won", _ALL), ("won", _ALL), ("lost", _ALL)],
    "client_pipeline": [("won", _ALL), ("open", _ALL), ("lost", _ALL), ("won", _ALL)],
    "recently_lost": [("lost", LAST_MONTHS_DAYS), ("lost", LONG_AGO_DAYS), ("open", _ALL)],
}

# How many of those lines the stage cannot do without.
_NEEDED = {"pipeline": 1, "client": 1, "client_pipeline": 2, "recently_lost": 1}


def deals(chance: random.Random, groups: list[Group], today: date) -> Iterator[dict[str, str]]:
    """Yield the deals of all groups, the same for the same seed and day."""
    number = 70000
    for group in groups:
        outcomes = _OUTCOMES[group.stage]
        needed = _NEEDED.get(group.stage, 0)
        wanted = outcomes[: chance.randint(needed, len(outcomes))]
        for status, days_ago in wanted:
            if status == "lost" and days_ago == LAST_MONTHS_DAYS and chance.random() < 0.4:
                days_ago = RUNS_OUT_SOON_DAYS
            number += chance.randint(1, 9)
            account = chance.choice(group.accounts)
            yield _deal(chance, number, account["external_id"], status, days_ago, today)


def _deal(
    chance: random.Random,
    number: int,
    account: str,
    status: str,
    days_ago: tuple[int, int],
    today: date,
) -> dict[str, str]:
    closed_on = today - timedelta(days=chance.randint(*days_ago))
    opened_on = closed_on - timedelta(days=chance.randint(0, 160))
    product = chance.choice(PRODUCTS)
    is_open = status == "open"
    return {
        "external_id": f"D-{number}",
        "account_external_id": account,
        "name": f"{product} {chance.randint(2, 40)} units",
        "status": status,
        "opened_on": opened_on.isoformat(),
        "closed_on": "" if is_open else closed_on.isoformat(),
        "expected_close_on": (today + timedelta(days=chance.randint(5, 200))).isoformat()
        if is_open
        else "",
        "amount": f"{chance.randint(8, 4000) * 25}.{chance.choice(('00', '50'))}",
        "currency": chance.choice(("EUR", "EUR", "GBP", "SEK")),
        "probability": f"{chance.randint(1, 9) / 10}" if is_open else "",
        "owner_email": chance.choice((*SELLERS, "")),
    }
