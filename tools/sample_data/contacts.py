"""The sample company's contacts: one or two people at most accounts."""

import random
from collections.abc import Iterator
from itertools import count

from tools.sample_data.accounts import Group
from tools.sample_data.words import FIRST_NAMES, JOBS, LAST_NAMES

COLUMNS = (
    "external_id",
    "first_name",
    "last_name",
    "email",
    "phone",
    "job_title",
    "account_external_id",
    "roles",
    "owner_email",
)

# How many people an account has, and how often.
PEOPLE = {0: 45, 1: 35, 2: 20}

# +1 202 555 0100 to 0199 are nobody's. Each is one person's: shared numbers recognise nobody.
NUMBERS = 100
NEXT_WITH_PHONE = 4


def contacts(chance: random.Random, groups: list[Group]) -> Iterator[dict[str, str]]:
    """Yield the contacts of all groups' accounts, the same for the same seed."""
    names = [(first, last) for first in FIRST_NAMES for last in LAST_NAMES]
    chance.shuffle(names)
    people = zip(count(), names, strict=False)
    for group in groups:
        for account in group.accounts:
            how_many = chance.choices(list(PEOPLE), list(PEOPLE.values()))[0]
            for job in chance.sample(list(JOBS), how_many):
                number, (first, last) = next(people)
                yield _contact(number, first, last, job, account)


def name_of(contact: dict[str, str]) -> str:
    return f"{contact['first_name']} {contact['last_name']}"


def _contact(
    number: int, first: str, last: str, job: str, account: dict[str, str]
) -> dict[str, str]:
    has_phone = number % NEXT_WITH_PHONE == 0 and number < NUMBERS * NEXT_WITH_PHONE
    return {
        "external_id": f"C-{5000 + number}",
        "first_name": first,
        "last_name": last,
        "email": f"{_slug(first)}.{_slug(last)}@{account['domain']}",
        "phone": f"+1 202 555 {100 + number // NEXT_WITH_PHONE:04}" if has_phone else "",
        "job_title": job,
        "account_external_id": account["external_id"],
        "roles": JOBS[job],
        "owner_email": account["owner_email"],
    }


def _slug(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isascii() and letter.isalnum())
