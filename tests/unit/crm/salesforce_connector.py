"""The connector, signed in at a fake org over a real socket, and its pages read to the end."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from stageline.adapters.crm_http import CrmHttp
from stageline.adapters.crm_network import CheckedNetwork
from stageline.adapters.crm_tokens import MemoryTokens
from stageline.domain.crm_records import Ask, CrmPage, CrmRecord, Place
from stageline.domain.job_states import Records
from stageline.domain.local_hosts import LocalHost
from sync_crm.connectors.salesforce import DIALECT, Salesforce, sign_in
from tests.crm.salesforce import App, Options
from tests.crm.salesforce import Salesforce as Fake
from tests.unit.sync_crm.crm import QUICK, minute

HOST = "acme.my.salesforce.com"
URL = f"https://{HOST}"
PATIENCE = replace(QUICK, most_bytes=32_000_000)


@contextmanager
def http(crm: Fake, **options: Any) -> Iterator[CrmHttp]:
    port = urlsplit(crm.url).port
    assert port
    network = CheckedNetwork(DIALECT.hosts, {HOST: LocalHost("127.0.0.1", port)})
    client = CrmHttp(DIALECT, network, minute, patience=PATIENCE, **options)
    try:
        yield client
    finally:
        client.close()


@dataclass(slots=True)
class Reader:
    """Reads what changed window after window; each ends when it is asked for."""

    crm: Fake
    connector: Salesforce
    read_until: datetime

    def changes(self, records: Records = "accounts", *fields: str) -> list[CrmRecord]:
        since, self.read_until = self.read_until, self.crm.clock.now()
        return self.records(self.ask(records, fields, since))

    def everything(self, records: Records = "accounts", *fields: str) -> list[CrmRecord]:
        return self.records(self.ask(records, fields, None))

    def records(self, ask: Callable[[Place], Ask]) -> list[CrmRecord]:
        return [record for page in self.pages(ask) for record in page.records]

    def pages(self, ask: Callable[[Place], Ask], place: Place = None) -> Iterator[CrmPage]:
        while True:
            page = self.connector.page(ask(place))
            yield page
            if page.place is None:
                return
            # A place is kept as JSON, and may be gone on from by another process.
            place = json.loads(json.dumps(page.place))

    def ask(
        self, records: Records, fields: tuple[str, ...], since: datetime | None
    ) -> Callable[[Place], Ask]:
        until = self.crm.clock.now()
        return lambda place: Ask(
            records=records, fields=fields, since=since, until=until, place=place
        )


@contextmanager
def reading(options: Options | None = None) -> Iterator[Reader]:
    with Fake(options, app=App(), domain=URL) as crm, http(crm) as unsigned:
        credentials = {
            "client_id": crm.app.consumer_key,
            "client_secret": crm.app.consumer_secret,
        }
        signed = partial(sign_in, unsigned, URL, credentials)
        tokens = MemoryTokens(lambda: signed(crm.clock.now()), crm.clock.now)
        with http(crm, tokens=tokens) as client:
            yield Reader(crm, Salesforce(client, URL), crm.clock.now() - timedelta(days=1))


def ids(records: Iterable[CrmRecord]) -> list[str]:
    return [record.external_id for record in records]


def gone(records: Iterable[CrmRecord]) -> dict[str, str | None]:
    """Those that are gone, and what stands for them."""
    return {record.external_id: record.merged_into for record in records if record.is_gone}


def accounts(crm: Fake, number: int) -> list[str]:
    return sorted(crm.add("Account", {"Name": f"Acme {one}"}) for one in range(number))
