"""Creating accounts in a CRM that no CRM has (S0.23): once, whatever happens on the way.

A request whose answer is lost may have been done. Before it, the write is noted as `sending`;
whoever finds it so looks in the CRM for what was made before it sends anything again, and not while
the worker that noted it may still be at it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from stageline.domain.account import Account
from stageline.domain.alias import Alias
from stageline.domain.errors import AlreadyInCrm
from stageline.domain.integration import Integration
from stageline.domain.job_states import FILE_INTEGRATION
from stageline.domain.stamp import Source, Stamp
from stageline.domain.write_back import WriteBack, is_known_to_a_crm
from stageline.use_cases.again import again
from stageline.use_cases.crm_writing import (
    LOOKED_FOR_AFTER,
    Later,
    NotWritten,
    Writing,
    find_write,
    integration_of,
    save,
)
from stageline.use_cases.sync_start import refuse_impossible
from stageline.write_ports import Writes, WritesAccounts

# Of the CRM's clock from ours.
_CLOCKS_DIFFER = timedelta(minutes=10)


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
            before = find_write(writes, known)
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


def create_account(writing: Writing, write: WriteBack) -> WriteBack:
    """Create the account, once, and have it known. Raises NotWritten, Later, CrmError."""
    account, integration = _read(writing, write)
    if write.external_id is None:
        write = _created(writing, write, integration, account)
    _know(writing, write, account)
    answer = {"vendor_status": None, "code": _twin(writing, write)}
    return save(writing, write, status="done", sent_at=None, **answer)


def _read(writing: Writing, write: WriteBack) -> tuple[Account, Integration]:
    integration = integration_of(writing, write)
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
        wait = write.moved_at + LOOKED_FOR_AFTER - writing.now()
        if write.status == "sending" and wait > timedelta():
            raise Later(wait)
        # Whoever else looks is behind this revision, and sends nothing.
        write = save(writing, write, status="queued", attempts=write.attempts + 1)
        found = connector.find_created(values, write.write_id, since)
    if found is None:
        now = writing.now()
        sent_at, attempts = write.sent_at or now, write.attempts + 1
        write = write.moved(now, status="sending", sent_at=sent_at, attempts=attempts)
        writing.writes.save(write)
        found = connector.create_account(values, write.write_id)
    return save(writing, write, external_id=found)


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
