"""The stage of an account in a field of the CRM's account.

The field is ours: what somebody writes there is written over, and told as a conflict. What was
written last is the base; while that is the stage, the CRM is not asked. What we write moves the
CRM's cursor, is read again, and is equal by content.
"""

from typing import NamedTuple

from stageline.domain.account import Account
from stageline.domain.crm_records import CrmField
from stageline.domain.integration import Integration
from stageline.domain.overlay import overlay_on
from stageline.domain.scheme import Scheme
from stageline.domain.write_back import WriteBack
from stageline.use_cases.crm_writing import NotWritten, Writing, find_write, integration_of, save
from stageline.write_ports import WritesAccounts

_BY = "stage"


class _Target(NamedTuple):
    """Where the stage of an account goes, and what it is."""

    integration: Integration
    external_id: str
    field: str
    stage: str


def changed_stage(writing: Writing, account_id: str, *, is_sure: bool = True) -> WriteBack | None:
    """Return what is to be written of an account's stage; None: nothing.

    `is_sure` False: the CRM may have another one than was written last.
    """
    account = writing.accounts.find(account_id)
    source = account.source if account else None
    integration = source and writing.configuration.read().integration(source.integration)
    if not integration:
        return None
    target = _target(writing, integration, account_id)
    written = writing.writes.written(account_id, integration.key)
    if target is None or (is_sure and written.stage == target.stage):
        return None
    # The same until it is done: whoever comes at the same time finds it.
    said = f"stage {integration.key} {account_id} {written.rev}"
    write_id, now = writing.identities.sign(said), writing.now()
    write = find_write(writing.writes, write_id)
    if write is None:
        write = WriteBack(
            write_id=write_id,
            integration=integration.key,
            what="stage",
            record_id=account_id,
            value=target.stage,
            requested_by=_BY,
            requested_at=now,
            moved_at=now,
        )
        writing.writes.save(write)
    elif write.is_finished:
        write = write.again(now)
        writing.writes.save(write)
    return write


def write_stage(writing: Writing, write: WriteBack) -> WriteBack:
    """Write the stage that the account has by now. Raises NotWritten, CrmError, Stale."""
    integration = integration_of(writing, write)
    target = _target(writing, integration, write.record_id)
    if target is None:
        raise NotWritten("no_stage")
    connector = writing.connector(integration)
    if not isinstance(connector, WritesAccounts):
        raise NotWritten("not_supported")
    field = writing.described(integration, target.field)
    if field is None or not field.is_writable:
        raise NotWritten("unknown_field" if field is None else "not_writable")
    value = stage_value(writing.scheme, target.stage, field)
    if value is None:
        raise NotWritten("unknown_choice")
    found = connector.fetch("accounts", [target.external_id], [target.field])
    theirs = next((one for one in found if one.external_id == target.external_id), None)
    if theirs is None or theirs.is_gone:
        raise NotWritten("not_in_the_crm")
    written = writing.writes.written(write.record_id, write.integration)
    is_conflict = False
    if (seen := theirs.values.get(target.field)) != value:
        base = written.stage and stage_value(writing.scheme, written.stage, field)
        is_conflict = base is not None and seen != base
        write = save(
            writing, write, status="sending", attempts=write.attempts + 1, value=target.stage
        )
        connector.update_account(target.external_id, {target.field: value})
    after = write.moved(
        writing.now(),
        status="done",
        value=target.stage,
        is_conflict=is_conflict or write.is_conflict,
        vendor_status=None,
        code=None,
    )
    writing.writes.save(after, written.changed(stage=target.stage))
    return after


def stage_value(scheme: Scheme, stage: str, field: CrmField) -> str | None:
    """Return how a field holds a stage: its key, or the choice that is its key or its name.

    None: it has no such choice.
    """
    if not field.options:
        return stage
    wanted = {stage.casefold(), scheme.display(stage).casefold()}
    return next((one for one in field.options if one.casefold() in wanted), None)


def _target(writing: Writing, integration: Integration, account_id: str) -> _Target | None:
    """Return where the stage goes; None while none is shown, and of what the CRM does not have."""
    configured = writing.configuration.read()
    account = writing.accounts.find(account_id)
    if account is None or not _is_there(account, integration) or not integration.active:
        return None
    field = writing.stage_field(integration)
    if field is None or overlay_on(configured.overlay.entries, writing.today()) is not None:
        return None
    row = writing.rows.row(account_id, writing.scheme.key)
    if row is None or row.stage is None:
        return None
    assert account.external_id is not None
    return _Target(integration, account.external_id, field, row.stage)


def _is_there(account: Account, integration: Integration) -> bool:
    source = account.source
    is_theirs = source is not None and source.integration == integration.key
    return is_theirs and account.in_crm and not account.deleted and account.external_id is not None
