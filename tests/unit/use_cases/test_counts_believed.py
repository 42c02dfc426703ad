"""What is counted for an earlier day later is what was counted then, whatever happened since."""

from collections import Counter
from contextlib import suppress
from datetime import date, timedelta
from random import Random

import pytest

from stageline.domain.account import Account
from stageline.domain.errors import CountsPending, StagelineError
from stageline.domain.group import Value
from stageline.use_cases.counts import count
from stageline.use_cases.counts_read import read_counts
from tests.fakes.world import DAY, World
from tests.unit.use_cases.counting import flow, pass_by, switch

ACCOUNTS = [f"a{number}" for number in range(7)]
FIRST, LAST = DAY - timedelta(days=400), DAY + timedelta(days=300)
DAYS = [FIRST + timedelta(days=number) for number in range(0, 700, 9)]


@pytest.mark.parametrize("seed", range(30))
def test_the_end_of_a_day_is_counted_later_as_it_was(seed):
    random, world = Random(seed), World()
    switch(world, active=True)
    with world.behind_bootstrap():
        believed = {}
        for number in range(8):
            for _ in range(random.randrange(6)):
                with suppress(StagelineError):
                    operate(world, random, f"d{seed}-{number}")
                flow(world)
            believed[world.clock.now()] = one_by_one(world)
            if random.random() < 0.3:
                assert counted(world) == one_by_one(world)
            pass_by(world, days=random.choice((1, 1, 2, 40)))
        # The day has passed: nothing of what follows was known.
        for known_at in random.sample(list(believed), 8):
            assert counted(world, known_at) == believed[known_at], known_at
        pass_by(world, minutes=1)
        assert counted(world) == one_by_one(world)
        remaining = {sort.split("#")[1] for _, sort in world.memory.items if "MONTH#" in sort}
        assert remaining == {
            item.set_id for (_, sort), item in world.memory.items.items() if sort[:4] == "RUN#"
        }


def operate(world, random, deal_id):
    account_id, day = random.choice(ACCOUNTS), world.today
    match random.randrange(7):
        case 0 | 1:
            world.add_account(account_id, in_crm=random.random() < 0.7)
        case 2 | 3:
            world.set_parent(account_id, random.choice((None, *ACCOUNTS)))
        case 4:
            world.delete_account(account_id)
        case _:
            closed_on = day - timedelta(days=random.randrange(200))
            opened_on = closed_on - timedelta(days=random.randrange(60))
            status = random.choice(("open", "won", "lost"))
            closed = None if status == "open" else closed_on
            world.add_deal(deal_id, account_id, status, opened_on=opened_on, closed_on=closed)


def one_by_one(world):
    """Count every account and every group of today's belief, each day for itself."""
    items = list(world.memory.items.values())
    timelines = {item.root_id: item.timeline for item in items if isinstance(item, Value)}
    accounts = [item for item in items if isinstance(item, Account)]
    found = {}
    for day in DAYS:
        roots = [root for root in (root_on(account, day) for account in accounts) if root]
        stages = {root: stage_on(timelines[root], day) for root in set(roots)}
        found[day] = Counter(stages[root] for root in roots), Counter(stages.values())
    return found


def root_on(account: Account, day: date) -> str | None:
    found = None
    for entry in account.memberships:
        if entry.from_day is None or entry.from_day <= day:
            found = entry.root_id
    return found


def stage_on(timeline, day):
    (*_, stage) = (stage for first, stage in timeline.segments if first <= day.toordinal())
    return stage


def counted(world, known_at=None):
    try:
        answer = ask(world, known_at)
    except CountsPending as pending:
        count(world.counting, pending.job_id)
        answer = ask(world, known_at)
    by_day = {day.day: day for day in answer.days}
    return {day: (+Counter(by_day[day].accounts), +Counter(by_day[day].groups)) for day in DAYS}


def ask(world, known_at):
    return read_counts(world.counting, FIRST, LAST, known_at=known_at, requested_by="someone")
