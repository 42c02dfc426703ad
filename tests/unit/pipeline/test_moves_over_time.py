"""Where every account pools on every day, after any sequence of moves: as a plain model has it."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from stageline.domain.errors import GroupCycle
from stageline.domain.stay import stay_on, stays
from stageline.use_cases.loading import settle
from tests.fakes.world import DAY, World
from tests.unit.pipeline.ending import problems

NAMES = ("a", "b", "c", "d", "e", "f")
LAST = 40  # days after the first one
# Account, its new parent, whether a file said so before, and how many days after the move before.
MOVES = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from((*NAMES, None)),
        st.booleans(),
        st.sampled_from((0, 0, 1, 3)),
    ),
    max_size=12,
)


class Model:
    """The group of each account on each day, written out; day 0 stands for all days before."""

    def __init__(self) -> None:
        self.parents: dict[str, str | None] = dict.fromkeys(NAMES)
        self.groups = {name: [name] * (LAST + 1) for name in NAMES}
        self.had_parent: set[str] = set()

    def above(self, name: str | None) -> list[str]:
        chain = []
        while name is not None:
            chain.append(name)
            name = self.parents[name]
        return chain

    def move(self, name: str, parent: str | None, day: int, *, awaited: bool) -> bool:
        """Return whether it may be."""
        if name in self.above(parent):
            return False
        before = self.above(name)[-1]
        moving = [one for one in NAMES if name in self.above(one)]
        after = self.above(parent)[-1] if parent else name
        self.parents[name] = parent
        if before == after:
            return True
        is_first = name not in self.had_parent and (moving == [name] or awaited)
        for one in moving:
            since = 0 if is_first else day
            if is_first and one != name:
                since = LAST
                while since and self.groups[one][since - 1] == before:
                    since -= 1
            self.groups[one][since:] = [after] * (LAST + 1 - since)
        self.had_parent |= {one for one in moving if after != one}
        return True


def moved(world: World, name: str, parent: str | None, *, awaited: bool) -> bool:
    accounts = world.stores.accounts
    if awaited and parent not in (None, accounts.get(name).parent_id):
        account = accounts.get(name)
        accounts.save(replace(account, awaited_parent_id=parent, rev=account.rev + 1))
    try:
        world.set_parent(name, parent)
    except GroupCycle:
        account = accounts.get(name)
        accounts.save(replace(account, awaited_parent_id=None, rev=account.rev + 1))
        return False
    world.work_off()
    return True


@given(MOVES)
def test_every_account_is_on_every_day_where_the_model_has_it(moves):
    world, model, day = World(), Model(), 1
    for name in NAMES:
        world.add_account(name)
    for name, parent, awaited, days in moves:
        day += days
        world.clock.set_day(DAY + timedelta(days=day))
        if parent == model.parents[name]:
            continue
        may = model.move(name, parent, day, awaited=awaited)
        assert moved(world, name, parent, awaited=awaited) == may
    settle(world.stores, NAMES, today=world.today, now=world.clock.now())

    days = [(DAY + timedelta(days=number)).toordinal() for number in range(LAST + 1)]
    for name in NAMES:
        account = world.stores.accounts.get(name)
        found = [stay_on(stays(account.memberships), one) for one in (0, *days)]
        assert account.parent_id == model.parents[name]
        assert [one and one.root_id for one in found] == [
            model.groups[name][0],
            *model.groups[name],
        ]
        pooled = list(world.stores.groups.ledgers(name))
        for number, one in enumerate(days):
            assert {
                stored.ledger.account_id
                for stored in pooled
                if any(
                    first <= one and (end is None or one < end)
                    for first, end in stored.ledger.memberships
                )
            } == {other for other in NAMES if model.groups[other][number] == name}
    assert not [problem for problem in problems(world, world.today) if "published" not in problem]
