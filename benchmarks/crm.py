"""A CRM with so many records, in a process of its own: its CPU and memory are not ours.

    python -m benchmarks.crm RECORDS

Prints its URL and serves until its input ends. Two of five records are contacts, two deals, one is
a company; the same for the same number.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from typing import Any

from benchmarks.company import TODAY
from tests.crm.hubspot import HubSpot
from tools.build import ROOT
from tools.sample_data.words import COUNTRIES, FIRST_WORDS, INDUSTRIES, SECOND_WORDS

NOON = datetime.combine(TODAY, time(12), UTC)
_OF_A_COMPANY = 2
_OWNERS = 20
_STAGES = ("closedwon", "closedlost", "qualifiedtobuy", "contractsent", "closedwon")
_NO_LIMIT = 1_000_000_000


def companies_of(records: int) -> int:
    return records // (1 + 2 * _OF_A_COMPANY)


@contextmanager
def crm_with(records: int) -> Iterator[str]:
    """Yield the URL of a CRM with so many records."""
    command = [sys.executable, "-m", "benchmarks.crm", str(records)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as served:
        assert served.stdin is not None and served.stdout is not None
        try:
            yield served.stdout.readline().strip()
        finally:
            served.stdin.close()


@contextmanager
def filled(records: int) -> Iterator[HubSpot]:
    """The same, in this process."""
    limits: dict[str, Any] = {
        "requests_per_ten_seconds": _NO_LIMIT,
        "search_per_second": _NO_LIMIT,
        "daily_requests": _NO_LIMIT,
    }
    with HubSpot(start=NOON, request_time=timedelta(0), **limits) as crm:
        owners = [crm.add_owner(f"seller{number}@example.com") for number in range(_OWNERS)]
        for number in range(companies_of(records)):
            _add_company(crm, number, owners[number % _OWNERS])
        yield crm


def main(records: int) -> None:
    with filled(records) as crm:
        print(crm.url, flush=True)
        sys.stdin.read()


def _add_company(crm: HubSpot, number: int, owner: str) -> None:
    created = NOON - timedelta(days=400 + number % 300, seconds=number)
    company = crm.add(
        "companies",
        {
            "name": f"{_word(FIRST_WORDS, number)} {_word(SECOND_WORDS, number)} {number}",
            "domain": f"company{number}.example",
            "industry": _word(INDUSTRIES, number),
            "country": _word(COUNTRIES, number),
            "hubspot_owner_id": owner,
        },
        created,
    )
    for each in range(_OF_A_COMPANY):
        one = number * _OF_A_COMPANY + each
        opened = created + timedelta(days=30 * (each + 1))
        deal = crm.add(
            "deals",
            {
                "dealname": f"Deal {one}",
                "dealstage": _word(_STAGES, one),
                "amount": str(1_000 + one % 9_000),
                "closedate": f"{opened + timedelta(days=60):%Y-%m-%dT%H:%M:%S}Z",
                "hubspot_owner_id": owner,
            },
            opened,
        )
        crm.associate("deals", deal, "companies", company, type_id=5)
        contact = crm.add(
            "contacts",
            {
                "firstname": f"First{one}",
                "lastname": f"Last{one}",
                "email": f"person{one}@company{number}.example",
                "phone": f"+1202{one % 10_000_000:07d}",
                "jobtitle": "Buyer",
                "hubspot_owner_id": owner,
            },
            created,
        )
        crm.associate("contacts", contact, "companies", company, type_id=1)


def _word(words: Sequence[str], number: int) -> str:
    return words[number % len(words)]


if __name__ == "__main__":
    main(int(sys.argv[1]))
