"""The fake as a test holds it: an org, and the server that answers for it."""

from collections.abc import Callable, Mapping
from typing import Any, Self

from tests.crm.clock import Clock
from tests.crm.faults import Faults
from tests.crm.salesforce.api import Api
from tests.crm.salesforce.fields import Row
from tests.crm.salesforce.login import App, Sessions
from tests.crm.salesforce.options import Options
from tests.crm.salesforce.org import Org
from tests.crm.salesforce.quota import Quota
from tests.crm.server import FakeServer, Request


class Salesforce:
    """`with Salesforce() as crm:` serves an empty org with one user at `crm.url`.

    `domain` is the org's My Domain URL, if a test reaches the fake under another name than its own.
    """

    def __init__(
        self,
        options: Options | None = None,
        *,
        app: App | None = None,
        domain: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        options = options or Options()
        self.clock = clock or Clock()
        self.app = app or App()
        self.org = Org(
            self.clock,
            multi_currency=options.multi_currency,
            deletion_moves_modstamp=options.deletion_moves_modstamp,
            reparenting_moves_modstamp=options.reparenting_moves_modstamp,
        )
        self.quota = Quota(self.clock, options.quota)
        self.sessions = Sessions(
            self.clock,
            self.app,
            options.session_timeout,
            self.org.user,
            lambda: domain or self.url,
        )
        self._api = Api(self.org, self.sessions, self.quota, options)
        self._server = FakeServer(self._api.answer)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.__exit__(*error)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def faults(self) -> Faults:
        return self._server.faults

    @property
    def requests(self) -> list[Request]:
        return self._server.requests

    def add(self, name: str, values: Mapping[str, Any]) -> str:
        return self.org.add(name, values)

    def update(self, record_id: str, values: Mapping[str, Any]) -> None:
        self.org.update(record_id, values)

    def touch(self, record_id: str) -> None:
        self.org.touch(record_id)

    def delete(self, record_id: str) -> None:
        self.org.delete(record_id)

    def undelete(self, record_id: str) -> None:
        self.org.undelete(record_id)

    def purge(self, record_id: str) -> None:
        self.org.purge(record_id)

    def merge(self, winner: str, *losers: str, values: Mapping[str, Any] | None = None) -> None:
        self.org.merge(winner, *losers, values=values)

    def row(self, record_id: str) -> Row | None:
        """What is stored, deleted or not; None if there is nothing."""
        return self.org.store.find(record_id)

    def add_field(
        self,
        name: str,
        field: str,
        type: str = "string",
        *,
        external_id: bool = False,
        unique: bool = False,
        formula: Callable[[Row], Any] | None = None,
        refers: str | None = None,
    ) -> None:
        self.org.add_field(
            name,
            field,
            type,
            external_id=external_id,
            unique=unique,
            formula=formula,
            refers=refers,
        )

    def hide(self, name: str, field: str | None = None) -> None:
        """The caller may no longer read the field, or the object."""
        kind = self.org.types[name]
        if field is None:
            kind.readable = False
        else:
            kind.hidden.add(field)

    def show(self, name: str, field: str | None = None) -> None:
        kind = self.org.types[name]
        if field is None:
            kind.readable = True
        else:
            kind.hidden.discard(field)

    def expire_sessions(self) -> None:
        self.sessions.expire()

    def spend_quota(self) -> None:
        self.quota.spend()

    def fail_bulk_jobs(self, message: str | None) -> None:
        self._api.bulk.failure = message
