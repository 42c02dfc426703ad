"""The list row of an account: a pure function of the account, its home and its group's value."""

from dataclasses import replace
from datetime import datetime

from stageline.domain.account import Account
from stageline.domain.calendar import to_date, to_ordinal
from stageline.domain.group import Home, Origin, Row, StageChanged, Value
from stageline.domain.membership import joined_on
from stageline.domain.scheme import DASH_RANK, Scheme

NO_OWNER = "-"


def row_of(account: Account, home: Home, value: Value, scheme: Scheme, owner: str) -> Row:
    """Return the row of an account whose home has the group of `value`; `owner` is its keyed hash.

    The account has its stage since it joined the group, or since the group has it, if that is
    later.
    """
    since = max(joined_on(home), to_ordinal(value.since))
    return Row(
        account_id=account.account_id,
        scheme=scheme.key,
        stage=value.stage,
        rank=scheme.rank(value.stage),
        since=to_date(since),
        next_on=value.next_on,
        holds=value.holds,
        name=account.profile.name,
        domain=account.profile.domain,
        owner_email=account.profile.owner_email,
        owner=owner,
        in_crm=account.in_crm,
        parent_id=account.parent_id,
        root_id=home.root_id,
        home_rev=home.rev,
        value_rev=value.rev,
        account_rev=account.rev,
        event_seq=0,
        tags=account.profile.tags,
    )


def row_of_deleted(account: Account, home: Home | None, scheme: Scheme) -> Row:
    """Return the row without content that a deleted account leaves: a fence for late writers."""
    return Row(
        account_id=account.account_id,
        scheme=scheme.key,
        stage=None,
        rank=DASH_RANK,
        since=None,
        next_on=None,
        holds=(),
        name="",
        domain=None,
        owner_email=None,
        owner=NO_OWNER,
        in_crm=False,
        parent_id=None,
        root_id=None,
        home_rev=home.rev if home else 0,
        value_rev=0,
        account_rev=account.rev,
        event_seq=0,
    )


def supersedes(row: Row, before: Row | None) -> bool:
    """Tell whether the fence lets `row` follow `before` (DESIGN §3, rule 5).

    Home and account go forwards only; the value's revision counts within one home.
    """
    if before is None:
        return True
    if row.account_rev < before.account_rev or row.home_rev < before.home_rev:
        return False
    if row.home_rev > before.home_rev:
        return True
    mine, stored = (row.value_rev, row.account_rev), (before.value_rev, before.account_rev)
    # A deleted account has no value any more.
    forwards = row.value_rev >= before.value_rev or row.account_rev > before.account_rev
    return mine != stored and forwards


def following(
    row: Row, before: Row | None, scheme: Scheme, now: datetime, origin: Origin = "change"
) -> tuple[Row, StageChanged | None]:
    """Return `row` numbered after `before`, and the event when the stage became another one."""
    seq = before.event_seq if before else 0
    from_stage = before.stage if before else None
    if row.stage == from_stage:
        return replace(row, event_seq=seq, event_at=before.event_at if before else None), None
    return replace(row, event_seq=seq + 1, event_at=now), StageChanged(
        account_id=row.account_id,
        seq=seq + 1,
        scheme=scheme.key,
        scheme_version=scheme.version,
        from_stage=from_stage,
        to_stage=row.stage,
        since=row.since,
        root_id=row.root_id,
        at=now,
        origin=origin,
    )
