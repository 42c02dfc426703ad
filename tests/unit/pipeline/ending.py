"""What must be true of a workspace when nothing is left to do, told from its records alone."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

from stageline.adapters.dynamodb.keys import (
    LEDGER_PREFIX,
    children_count_key,
    group_partition,
    home_key,
    ledger_key,
    row_key,
    value_key,
    version_prefix,
)
from stageline.adapters.dynamodb.row_items import word_items
from stageline.domain.account import Account
from stageline.domain.calendar import add_months
from stageline.domain.deal import Deal
from stageline.domain.evidence import stage_from_evidence
from stageline.domain.group import Home, Row, StageChanged, StoredLedger, Value, Version
from stageline.domain.ledger import DealFacts, build_ledger
from stageline.domain.move import Hold
from stageline.domain.timeline import timeline
from stageline.domain.work import Work
from tests.fakes.groups import ledgers_of
from tests.fakes.memory import Memory
from tests.fakes.world import SCHEME, WORKSPACE, World, owner_of


def problems(world: World, today: date) -> Iterator[str]:
    """Yield what is not as the records demand; nothing when all is well."""
    memory = world.memory
    accounts = {
        item.account_id: item for item in memory.items.values() if isinstance(item, Account)
    }
    yield from _problems_of_tree(memory, accounts)
    deals = [item for item in memory.items.values() if isinstance(item, Deal)]
    for account in accounts.values():
        own = [deal for deal in deals if deal.account_id == account.account_id]
        yield from _problems_of_ledgers(memory, account, own)
        yield from _problems_of_row(memory, account)
        yield from _problems_of_events(world, account)
        for deal in own:
            if deal.waiting and not account.deleted:
                yield f"{deal.deal_id} waits for an account that is there"
    for root_id in accounts:
        members = [
            account
            for account in accounts.values()
            if account.root_id == root_id and not account.deleted
        ]
        yield from _problems_of_group(memory, root_id, members, deals, today)
    yield from _problems_of_words(memory)


def _problems_of_tree(memory: Memory, accounts: Mapping[str, Account]) -> Iterator[str]:
    for account_id, account in accounts.items():
        above = [account_id]
        while (parent_id := accounts[above[-1]].parent_id) and parent_id not in above:
            above.append(parent_id)
        if parent_id:
            yield f"{account_id} is in or below a circle"
        elif account.root_id != (None if account.deleted else above[-1]):
            yield f"{account_id} is in the group of {account.root_id}, not of {above[-1]}"
        children = sum(one.parent_id == account_id for one in accounts.values())
        tally = memory.peek(children_count_key(WORKSPACE, account_id)) or (0, 0)
        if tally[0] != children:
            yield f"{account_id} has {children} children, not {tally[0]}"
    for item in memory.items.values():
        if isinstance(item, Hold):
            yield f"{item.root_id} is still held"
        if isinstance(item, Work) and not item.is_finished:
            yield f"{item.job_id} has not ended"


def _problems_of_ledgers(memory: Memory, account: Account, deals: list[Deal]) -> Iterator[str]:
    home: Home | None = memory.peek(home_key(WORKSPACE, account.account_id))
    if home is None or home.memberships != account.memberships:
        yield f"{account.account_id} is not at home"
        return
    days = {entry.from_day.toordinal() for entry in account.memberships if entry.from_day}
    days |= {day - 1 for day in days} | {1, 10**6}
    for root_id in {entry.root_id for entry in account.memberships if entry.root_id}:
        ledger = _ledger(memory, root_id, account.account_id)
        intervals = ledger.ledger.memberships if ledger else ()
        for day in days:
            belongs = any(first <= day and (end is None or day < end) for first, end in intervals)
            if belongs != (_root_on(account, day) == root_id):
                yield f"{account.account_id} in {root_id}: wrong on day {day}"
        if ledger is None:
            continue
        if ledger.live != (account.root_id == root_id):
            yield f"{account.account_id} in {root_id}: live is {ledger.live}"
        rebuilt = build_ledger(
            account.account_id,
            memberships=ledger.ledger.memberships,
            presence=account.presence,
            created_on=account.profile.created_on,
            deals=[DealFacts(d.deal_id, d.terms.opened_on, d.observations) for d in deals],
        )
        if ledger.live and ledger.ledger != rebuilt:
            yield f"{account.account_id} in {root_id}: ledger is behind"


def _ledger(memory: Memory, root_id: str, account_id: str) -> StoredLedger | None:
    """Return the ledger that the stored items make up."""
    place = ledger_key(WORKSPACE, root_id, account_id)
    items = [
        memory.items[pair]
        for pair in sorted(memory.items)
        if pair[0] == place["PK"] and pair[1].startswith(place["SK"])
    ]
    return next(ledgers_of(items), None)


def _root_on(account: Account, day: int) -> str | None:
    roots = [
        entry.root_id
        for entry in account.memberships
        if entry.from_day is None or entry.from_day.toordinal() <= day
    ]
    return roots[-1]


def _problems_of_group(
    memory: Memory, root_id: str, members: list[Account], deals: list[Deal], today: date
) -> Iterator[str]:
    value: Value | None = memory.peek(value_key(WORKSPACE, root_id, SCHEME.key))
    partition = group_partition(WORKSPACE, root_id)
    stored = ledgers_of(list(memory.query(partition, LEDGER_PREFIX)))
    ledgers = [one.ledger for one in stored]
    if value is None:
        if any(ledger.memberships for ledger in ledgers):
            yield f"{root_id} has no value"
        return
    whole = timeline(SCHEME, ledgers)
    if value.timeline != whole:
        yield f"{root_id}: timeline is behind"
    expected = _stage_today(members, deals, today)
    if value.stage != expected:
        yield f"{root_id}: stage is {value.stage}, not {expected}"
    segment = whole.at(today.toordinal())
    if value.since != (date.fromordinal(segment.from_day) if segment.from_day else None):
        yield f"{root_id}: since is {value.since}"
    if value.due_on is not None and value.due_on <= today:
        yield f"{root_id}: was due on {value.due_on}"
    yield from _problems_of_versions(memory, value)


def _problems_of_versions(memory: Memory, value: Value) -> Iterator[str]:
    partition = group_partition(WORKSPACE, value.root_id)
    versions: list[Version] = list(memory.query(partition, version_prefix(value.scheme)))
    if not versions:
        yield f"{value.root_id}: no version"
        return
    for earlier, later in pairwise(versions):
        if earlier.recorded_at >= later.recorded_at or earlier.rev >= later.rev:
            yield f"{value.root_id}: versions are not in order"
    if versions[-1].recorded_at != value.recorded_at:
        yield f"{value.root_id}: the value names another version"
    believed = versions[0].tail
    for version in versions[1:]:
        day = version.changed_from.toordinal() if version.changed_from else 0
        after = believed.spliced(day, version.tail) if day else version.tail
        if after == believed:
            yield f"{value.root_id}: a version changes nothing"
        believed = after
        proven = stage_from_evidence(SCHEME, version.evidence)
        if proven != believed.at(version.on.toordinal()).stage:
            yield f"{value.root_id}: a version's evidence says {proven}"
    if believed != value.timeline:
        yield f"{value.root_id}: the versions end elsewhere"


def _stage_today(members: list[Account], deals: list[Deal], today: date) -> str:
    """Return the stage as S0.2 to S0.13 are written."""
    ids = {account.account_id for account in members}
    pooled = [deal for deal in deals if deal.account_id in ids]
    is_open = any(
        deal.status == "open" and (deal.terms.opened_on or today) <= today for deal in pooled
    )
    is_won = any(deal.status == "won" for deal in pooled)
    is_lost = any(
        deal.status == "lost" and deal.closed_on and today <= add_months(_closes_on(deal), 6)
        for deal in pooled
    )
    if is_won:
        return "client_pipeline" if is_open else "client"
    if is_lost:
        return "recently_lost"
    if is_open:
        return "pipeline"
    return "in_crm" if any(account.in_crm for account in members) else "new_prospect"


def _closes_on(deal: Deal) -> date:
    seen_on = deal.observations[-1].seen_on
    return min(deal.closed_on or seen_on, seen_on)


def _problems_of_row(memory: Memory, account: Account) -> Iterator[str]:
    row: Row | None = memory.peek(row_key(WORKSPACE, account.account_id, SCHEME.key))
    if row is None:
        yield f"{account.account_id} has no row"
        return
    home: Home = memory.peek(home_key(WORKSPACE, account.account_id))
    if account.deleted:
        if (row.stage, row.name) != (None, ""):
            yield f"{account.account_id} is deleted and still has a row"
        return
    value: Value = memory.peek(value_key(WORKSPACE, account.root_id or "", SCHEME.key))
    joined = max(day for day in _joined_days(account))
    since = max(joined, value.since.toordinal() if value.since else 0)
    found = (
        row.stage,
        row.since.toordinal() if row.since else 0,
        row.rank,
        row.holds,
        row.next_on,
        row.name,
        row.owner,
        row.in_crm,
        row.parent_id,
        row.root_id,
    )
    expected = (
        value.stage,
        since,
        SCHEME.rank(value.stage),
        value.holds,
        value.next_on,
        account.profile.name,
        owner_of(account.profile.owner_email),
        account.in_crm,
        account.parent_id,
        account.root_id,
    )
    if found != expected:
        yield f"{account.account_id}: row says {found}, not {expected}"
    if (row.account_rev, row.home_rev) != (account.rev, home.rev):
        yield f"{account.account_id}: row is of other revisions"


def _joined_days(account: Account) -> Iterator[int]:
    """Yield the days on which the account comes into the group where it is at last."""
    days = sorted({e.from_day.toordinal() if e.from_day else 0 for e in account.memberships})
    for day in days:
        before = _root_on(account, day - 1) if day else None
        if _root_on(account, day) == account.root_id != before:
            yield day


def _problems_of_events(world: World, account: Account) -> Iterator[str]:
    memory = world.memory
    row: Row | None = memory.peek(row_key(WORKSPACE, account.account_id, SCHEME.key))
    events = sorted(
        (
            item
            for item in memory.items.values()
            if isinstance(item, StageChanged) and item.account_id == account.account_id
        ),
        key=lambda event: event.seq,
    )
    if row is None or [event.seq for event in events] != list(range(1, row.event_seq + 1)):
        yield f"{account.account_id}: the events are not numbered one by one"
    stage = None
    for event in events:
        if event.from_stage != stage or event.to_stage == stage:
            yield f"{account.account_id}: event {event.seq} does not follow"
        stage = event.to_stage
    if row is not None and row.stage != stage:
        yield f"{account.account_id}: the events end elsewhere"
    if not {(WORKSPACE, event) for event in events} <= set(world.events.published):
        yield f"{account.account_id}: an event was not published"


def _problems_of_words(memory: Memory) -> Iterator[str]:
    stored = {sort for partition, sort in memory.items if "#W#" in partition}
    rows = [item for item in memory.items.values() if isinstance(item, Row)]
    if stored != {sort for row in rows for sort in word_items(WORKSPACE, row)}:
        yield "the search words are not those of the rows"
