"""The connector and a fake account, joined by the real client over a socket of loopback."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from stageline.adapters.crm_http import CrmHttp, Patience
from stageline.adapters.crm_network import CheckedNetwork
from stageline.adapters.crm_tokens import MemoryTokens
from stageline.domain.crm_records import Ask, CrmRecord, Place
from stageline.domain.job_states import Records
from stageline.domain.local_hosts import LocalHost
from sync_crm.connectors.hubspot import DIALECT, HubSpot, sign_in
from sync_crm.connectors.hubspot_answers import sender
from tests.crm.hubspot import HubSpot as FakeHubSpot

HOST = "api.hubapi.com"
URL = f"https://{HOST}"
QUICK = Patience(
    attempts=4,
    first_wait=timedelta(milliseconds=1),
    longest_wait=timedelta(milliseconds=5),
    jitter=timedelta(milliseconds=1),
)
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
PRIVATE = {"access_token": FakeHubSpot.token}
OAUTH = {
    "client_id": FakeHubSpot.client_id,
    "client_secret": FakeHubSpot.client_secret,
    "refresh_token": "na1-refresh-0",
}


def minute() -> timedelta:
    return timedelta(minutes=1)


class Joined:
    """A fake account (`fake`), the connector to it (`crm`), and what a run does with it."""

    def __init__(self, fake: FakeHubSpot, credentials: dict[str, str]) -> None:
        self.fake = fake
        self.network = CheckedNetwork(
            DIALECT.hosts, {HOST: LocalHost("127.0.0.1", urlsplit(fake.url).port or 0)}
        )
        self._door = CrmHttp(DIALECT, self.network, minute, patience=QUICK)
        self.tokens = MemoryTokens(
            lambda: sign_in(self._door, URL, credentials, fake.clock.instant()),
            fake.clock.instant,
        )
        self._client = CrmHttp(DIALECT, self.network, minute, tokens=self.tokens, patience=QUICK)
        self.crm = HubSpot(self._client, URL)
        self.send = sender(self._client, URL)

    def close(self) -> None:
        self._door.close()
        self._client.close()

    def pages(
        self,
        records: Records,
        fields: Sequence[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        place: Place = None,
    ) -> Iterator[Sequence[CrmRecord]]:
        until = until or self.fake.clock.instant()
        wanted = tuple(self.crm.fields[records].values() if fields is None else fields)
        while True:
            page = self.crm.page(
                Ask(records=records, fields=wanted, since=since, until=until, place=place)
            )
            yield page.records
            place = page.place
            if place is None:
                return

    def read(self, records: Records, fields: Any = None, **window: Any) -> list[CrmRecord]:
        return [one for page in self.pages(records, fields, **window) for one in page]

    def ours(self, records: Records, record: CrmRecord) -> dict[str, Any]:
        """The values of a record by our names."""
        names = self.crm.fields[records].items()
        return {ours: record.values[theirs] for ours, theirs in names if theirs in record.values}

    def asked(self, part: str) -> list[Any]:
        """The requests whose path holds this."""
        return [each for each in self.fake.requests if part in each.path]


@contextmanager
def joined(credentials: dict[str, str] = PRIVATE, **options: Any) -> Iterator[Joined]:
    usual: dict[str, Any] = {"start": START, "request_time": timedelta(seconds=1)}
    with FakeHubSpot(**usual | options) as fake:
        both = Joined(fake, credentials)
        try:
            yield both
        finally:
            both.close()


def live(records: Sequence[CrmRecord]) -> list[str]:
    return [each.external_id for each in records if not each.is_gone]


def gone(records: Sequence[CrmRecord]) -> list[str]:
    return [each.external_id for each in records if each.is_gone]
