"""What all writing to CRMs has in common."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from stageline.crm_ports import Aliases, Connector
from stageline.domain.crm_records import CrmField
from stageline.domain.errors import NotFound
from stageline.domain.ids import Identities
from stageline.domain.integration import Integration
from stageline.domain.scheme import Scheme
from stageline.domain.write_back import WriteBack
from stageline.ports import Accounts, Configuration, Rows
from stageline.write_ports import WriteQueue, Writes

# An invocation takes 5 minutes at most, and what was just made may not be found at once.
LOOKED_FOR_AFTER = timedelta(minutes=6)


@dataclass(frozen=True, slots=True)
class Writing:
    """What writes of one workspace need.

    `connector` opens an integration's CRM, `stage_field` says into which field of its accounts the
    stage goes (None: into none), `described` what the CRM says of that field.
    """

    writes: Writes
    queue: WriteQueue
    accounts: Accounts
    rows: Rows
    aliases: Aliases
    identities: Identities
    configuration: Configuration
    scheme: Scheme
    connector: Callable[[Integration], Connector]
    stage_field: Callable[[Integration], str | None]
    described: Callable[[Integration, str], CrmField | None]
    today: Callable[[], date]
    now: Callable[[], datetime]


class NotWritten(Exception):
    """It is not to be written, or the CRM cannot take it; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Later(Exception):
    """It is to be looked at again, not before."""

    def __init__(self, delay: timedelta) -> None:
        super().__init__()
        self.delay = delay


def find_write(writes: Writes, write_id: str | None) -> WriteBack | None:
    if write_id is None:
        return None
    try:
        return writes.get(write_id)
    except NotFound:
        return None


def integration_of(writing: Writing, write: WriteBack) -> Integration:
    """Return the integration that is to be written to. Raises NotWritten."""
    integration = writing.configuration.read().integration(write.integration)
    if integration is None or integration.connection is None:
        raise NotWritten("no_such_integration")
    return integration


def save(writing: Writing, write: WriteBack, **changes: object) -> WriteBack:
    """Store the write with these changes and return it. Raises Stale."""
    after = write.moved(writing.now(), **changes)
    writing.writes.save(after)
    return after
