"""The sample company's activities: what was done with some contacts, and notes that name them.

Each account with contacts has a note about the account alone that names them all. It stays when
one of them is erased, so the preview of an erasure has a text to decide about.
"""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter

from tools.sample_data.contacts import name_of
from tools.sample_data.words import HAPPENINGS

COLUMNS = (
    "external_id",
    "kind",
    "occurred_at",
    "two_way",
    "subject",
    "text",
    "owner_email",
    "account_external_id",
    "contact_external_id",
    "deal_external_id",
)

# Of the contacts; and how many days ago something was done with them.
WITH_ACTIVITY = 0.34
DAYS_AGO = (1, 700)

type Record = dict[str, str]


def activities(
    chance: random.Random, contacts: list[Record], deals: list[Record], today: date
) -> Iterator[Record]:
    """Yield what was done, account by account, the same for the same seed and day."""
    number = 300
    deal_of = {deal["account_external_id"]: deal["external_id"] for deal in deals}
    for account, found in groupby(contacts, itemgetter("account_external_id")):
        people = list(found)
        number += 1
        named = " and ".join(map(name_of, people))
        note = ("note", "", "Who is who", f"Ask for {named}.")
        yield _activity(chance, number, note, people[0] | {"external_id": ""}, "", today)
        for contact in people:
            if chance.random() < WITH_ACTIVITY:
                number += 1
                happening = chance.choice(HAPPENINGS)
                deal = deal_of.get(account, "")
                yield _activity(chance, number, happening, contact, deal, today)


def _activity(
    chance: random.Random,
    number: int,
    happening: tuple[str, str, str, str],
    contact: Record,
    deal: str,
    today: date,
) -> Record:
    kind, two_way, subject, text = happening
    day = today - timedelta(days=chance.randint(*DAYS_AGO))
    at = time(chance.randint(7, 17), chance.randrange(0, 60, 5))
    return {
        "external_id": f"A-{number}",
        "kind": kind,
        "occurred_at": datetime.combine(day, at).isoformat(),
        "two_way": two_way,
        "subject": subject,
        "text": text,
        "owner_email": contact["owner_email"],
        "account_external_id": contact["account_external_id"],
        "contact_external_id": contact["external_id"],
        "deal_external_id": deal,
    }
