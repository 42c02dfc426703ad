"""Writing to CRMs: asked for by somebody or something, worked off by messages of a queue.

A request whose answer is lost may have been done. Before it, the write is noted as `sending`;
whoever finds it so looks in the CRM for what was made before it sends anything again, and not while
the worker that noted it may still be at it.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from stageline.crm_ports import Aliases, Connector
from stageline.domain.account import Account
from stageline.domain.alias import Alias
from stageline.domain.crm_errors import CrmError, CrmQuotaSpent, CrmUnavailable
from stageline.domain.errors import AlreadyInCrm, NotFound, Stale, UrlNotAllowed
from stageline.domain.ids import Identities
from stageline.domain.integration import Integration
from stageline.domain.job_states import FILE_INTEGRATION
from stageline.domain.stamp import Source, Stamp
from stageline.domain.write_back import WriteBack, is_known_to_a_crm
from stageline.ports import Accounts, Configuration
from stageline.use_cases.again import again
from stageline.use_cases.sync_start import refuse_impossible
from stageline.write_ports import WriteQueue, Writes, WritesAccounts

# An invocation takes 5 minutes at most, and what was just made may not be found at once.
_LOOKED_FOR_AFTER = timedelta(minutes=6)
# Of the CRM's clock from ours.
_CLOCKS_DIFFER = timedelta(minutes=10)
_FIRST_DELAY = timedelta(seconds=15)
_LONGEST_DELAY = timedelta(minutes=15)
_TRIES = 10


@dataclass(frozen=True, slots=True)
class Writing:
    """What writes of one workspace need. `connector` opens an integration's CRM."""

    writes: Writes
    queue: WriteQueue
    accounts: Accounts
    aliases: Aliases
    identities: Identities
    configuration: Configuration
    connector: Callable[[Integration], Connector]
    today: Callable[[], date]
    now: Callable[[], datetime]


class NotWritten(Exception):
    """It is not to be written, or the CRM cannot take it; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Later(Exception):
    def __init__(self, delay: timedelta) -> None:
        super().__init__()
        self.delay = delay


def request_creation(
    writes: Writes,
    integration: Integration,
    account: Account,
    write_id: str,
    requested_by: str,
    now: datetime,
) -> WriteBack:
    """Return the write, which the caller has to queue unless it is finished.

    Of one that is under way it is that one; what has failed is tried again.
    Raises AlreadyInCrm, SyncNotPossible.
    """

    def attempt() -> WriteBack:
        written = writes.written(account.account_id, integration.key)
        for known in (write_id, written.creating):
            before = _found(writes, known)
            if before is not None and before.status == "failed":
                after = before.again(now)
                writes.save(after)
                return after
            if before is not None and (not before.is_finished or known == write_id):
                return before
        if is_known_to_a_crm(account):
            raise AlreadyInCrm
        refuse_impossible(integration)
        write = WriteBack(
            write_id=write_id,
            integration=integration.key,
            what="create_account",
            record_id=account.account_id,
            requested_by=requested_by,
            requested_at=now,
            moved_at=now,
        )
        writes.save(write, written.changed(creating=write_id))
        return write

    return again(attempt)


def work_write(writing: Writing, write_id: str) -> WriteBack:
    """Write what is to be written, once; return how it stands. Raises NotFound.

    Somebody who is at it at the same time goes first. Where the CRM does not answer, a message asks
    for it again.
    """
    write = writing.writes.get(write_id)
    if write.is_finished:
        return write
    try:
        return _create_account(writing, write)
    except _Later as error:
        writing.queue.send_write(write_id, delay=error.delay)
    except Stale:
        pass
    except NotWritten as error:
        _answered(writing, write_id, status="refused", code=error.code)
    except CrmUnavailable as error:
        _try_again(writing, write_id, error)
    except CrmQuotaSpent as error:
        _answered(writing, write_id, status="failed", **_answer(error))
    except CrmError as error:
        _answered(writing, write_id, status="refused", **_answer(error))
    except (UrlNotAllowed, NotFound) as error:
        _answered(writing, write_id, status="refused", code=error.code)
    return writing.writes.get(write_id)


def _found(writes: Writes, write_id: str | None) -> WriteBack | None:
    if write_id is None:
        return None
    try:
        return writes.get(write_id)
    except NotFound:
        return None


def _create_account(writing: Writing, write: WriteBack) -> WriteBack:
    account, integration = _read(writing, write)
    if write.external_id is None:
        write = _created(writing, write, integration, account)
    _know(writing, write, account)
    answer = {"vendor_status": None, "code": _twin(writing, write)}
    return _save(writing, write, status="done", sent_at=None, **answer)


def _read(writing: Writing, write: WriteBack) -> tuple[Account, Integration]:
    integration = writing.configuration.read().integration(write.integration)
    if integration is None or integration.connection is None:
        raise NotWritten("no_such_integration")
    account = writing.accounts.find(write.record_id)
    if account is None or account.deleted:
        raise NotWritten("no_such_account")
    is_begun = write.external_id is not None or write.sent_at is not None
    if not is_begun and is_known_to_a_crm(account):
        raise NotWritten(AlreadyInCrm.code)
    return account, integration


def _created(
    writing: Writing, write: WriteBack, integration: Integration, account: Account
) -> WriteBack:
    """Return the write with the CRM's id of the account, which is there now, once."""
    connector = _connector(writing, integration)
    values, found = _values(account), None
    if write.sent_at is not None:
        since = write.sent_at - _CLOCKS_DIFFER
        wait = write.moved_at + _LOOKED_FOR_AFTER - writing.now()
        if write.status == "sending" and wait > timedelta():
            raise _Later(wait)
        # Whoever else looks is behind this revision, and sends nothing.
        write = _save(writing, write, status="queued", attempts=write.attempts + 1)
        found = connector.find_created(values, write.write_id, since)
    if found is None:
        now = writing.now()
        sent_at, attempts = write.sent_at or now, write.attempts + 1
        write = write.moved(now, status="sending", sent_at=sent_at, attempts=attempts)
        writing.writes.save(write)
        found = connector.create_account(values, write.write_id)
    return _save(writing, write, external_id=found)


def _connector(writing: Writing, integration: Integration) -> WritesAccounts:
    connector = writing.connector(integration)
    if not isinstance(connector, WritesAccounts):
        raise NotWritten("not_supported")
    return connector


def _values(account: Account) -> Mapping[str, str]:
    """Return what is told of an account, by our names."""
    profile = account.profile
    told = {
        "name": profile.name,
        "domain": profile.domain,
        "industry": profile.industry,
        "country": profile.country,
    }
    return {name: value for name, value in told.items() if value is not None}


def _try_again(writing: Writing, write_id: str, error: CrmUnavailable) -> None:
    write = writing.writes.get(write_id)
    changes = _answer(error)
    if write.status == "sending" and not error.may_be_done:
        # An earlier request than this one may have been done all the same.
        is_first = write.sent_at == write.moved_at
        changes |= {"status": "queued", "sent_at": None if is_first else write.sent_at}
    if write.attempts >= _TRIES:
        changes |= {"status": "failed"}
    after = _answered(writing, write_id, **changes)
    if after is None or after.is_finished:
        return
    delay = error.retry_after or _FIRST_DELAY * 2**after.attempts
    if after.status == "sending":
        delay = _LOOKED_FOR_AFTER
    writing.queue.send_write(write_id, delay=min(delay, _LONGEST_DELAY))


def _answer(error: CrmError) -> dict[str, Any]:
    return {"vendor_status": error.status, "code": error.code}


def _answered(writing: Writing, write_id: str, **changes: object) -> WriteBack | None:
    """Note what came of a try; None: somebody else has gone on with it."""
    with suppress(Stale):
        return _save(writing, writing.writes.get(write_id), **changes)
    return None


def _save(writing: Writing, write: WriteBack, **changes: object) -> WriteBack:
    after = write.moved(writing.now(), **changes)
    writing.writes.save(after)
    return after


def _know(writing: Writing, write: WriteBack, account: Account) -> None:
    """Have the account known by the CRM's id from now on; safe to repeat."""
    assert write.external_id is not None
    record_id = writing.identities.record(write.integration, "account", write.external_id)
    if writing.accounts.find(record_id) is not None:
        return
    depth = 0
    if account.external_id is not None:
        before = writing.identities.record(write.integration, "account", account.external_id)
        known = writing.aliases.find_many([before]).get(before)
        depth = known.depth if known else 0
    alias = Alias(account.account_id, is_merged=False, depth=depth + 1)
    writing.aliases.add(record_id, alias)

    def attempt() -> None:
        before = writing.accounts.get(account.account_id)
        source, external_id = before.source, before.external_id
        if source is None or source.integration != FILE_INTEGRATION:
            # The next run compares by content, and finds any version newer than none.
            source, external_id = Source(write.integration, "", ""), write.external_id
        stamp = Stamp(by=write.requested_by, request=write.write_id, at=writing.now())
        after = before.changed_to(
            before.profile, in_crm=True, today=writing.today(), stamp=stamp, source=source
        )
        if after is not before:
            writing.accounts.save(replace(after, external_id=external_id))

    again(attempt)


def _twin(writing: Writing, write: WriteBack) -> str | None:
    """Tell of an account that a run has made of the CRM's before it was known to be ours."""
    assert write.external_id is not None
    record_id = writing.identities.record(write.integration, "account", write.external_id)
    is_apart = record_id != write.record_id and writing.accounts.find(record_id) is not None
    return "read_meanwhile" if is_apart else None
