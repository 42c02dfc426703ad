"""Moves of accounts with children: the job, its holds, and what comes in between (S0.14)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from evaluate_stage import tick, work
from stageline.domain.account import Account
from stageline.domain.errors import GroupBusy, GroupCycle, ParentNotFound, Stale
from stageline.domain.stamp import Stamp
from stageline.domain.work import Work
from stageline.use_cases import following
from stageline.use_cases.moves import begin_move
from tests.fakes.world import DAY
from tests.unit.pipeline.ending import problems

LATER = DAY + timedelta(days=40)


class PowerCut(BaseException):
    """The process ended here."""


def cut_off(*arguments):
    raise PowerCut


@pytest.fixture
def tree(world):
    """`top` over `mid` over `leaf`, `other` alone, and a won deal of `leaf`."""
    for account_id, parent_id in (("top", None), ("mid", "top"), ("leaf", "mid"), ("other", None)):
        world.add_account(account_id, parent_id=parent_id)
    world.add_deal("d1", "leaf", "won", closed_on=DAY)
    world.clock.set_day(LATER)
    return world


@pytest.fixture(autouse=True)
def slept(monkeypatch):
    """How long the workers have slept, in seconds."""
    found: list[float] = []
    monkeypatch.setattr(following, "sleep", found.append)
    return found


def roots(world):
    accounts = world.stores.accounts
    return {one: accounts.get(one).root_id for one in ("top", "mid", "leaf", "other")}


def stage(world, account_id):
    return world.stores.rows.row(account_id, "crm_stage").stage


def meanwhile(world, name, happens):
    """Let something happen once, before a call of the store of accounts is answered."""
    accounts = world.stores.accounts
    call, waiting = getattr(accounts, name), [happens]

    def answered(*arguments):
        if waiting:
            waiting.pop()()
        return call(*arguments)

    setattr(accounts, name, answered)


def test_all_below_follow_into_the_other_group(tree, flow, context, sample):
    flow()
    job = tree.set_parent("mid", "other", job_id=f"{1:032x}")

    assert isinstance(job, Work)
    assert roots(tree) == {"top": "top", "mid": "other", "leaf": "top", "other": "other"}
    assert tree.work.jobs == [("move", job.job_id)]
    assert work.handler(sample("move"), context) == {"batchItemFailures": []}
    flow()

    ended = tree.moving.works.get(job.job_id)
    assert (ended.status, ended.result) == ("completed", {"moved": 2})
    assert roots(tree) == {"top": "top", "mid": "other", "leaf": "other", "other": "other"}
    assert (stage(tree, "other"), stage(tree, "leaf"), stage(tree, "top")) == (
        "client",
        "client",
        "in_crm",
    )
    assert list(problems(tree, LATER)) == []


def test_history_before_a_move_stays_with_the_group_that_had_it(tree):
    tree.set_parent("mid", "other")
    tree.work_off()

    for account_id in ("mid", "leaf"):
        *_, before, after = tree.stores.accounts.get(account_id).memberships
        assert (before.root_id, after.root_id, after.from_day) == ("top", "other", LATER)


def test_two_groups_join_and_split_again(tree):
    tree.set_parent("top", "other")
    tree.work_off()
    joined = roots(tree)
    tree.set_parent("mid", None)
    tree.work_off()

    assert set(joined.values()) == {"other"}
    assert roots(tree) == {"top": "other", "mid": "mid", "leaf": "mid", "other": "other"}
    top = tree.stores.accounts.get("top")
    assert [entry.from_day for entry in top.memberships] == [None, LATER]


def test_within_one_group_nobody_has_to_follow(tree):
    tree.add_account("aside", parent_id="top")
    job = tree.set_parent("mid", "aside")
    leaf = tree.stores.accounts.get("leaf")
    tree.work_off()

    assert tree.moving.works.get(job.job_id).result == {"moved": 1}
    assert tree.stores.accounts.get("leaf") == leaf


def test_a_move_that_an_import_left_behind_is_settled_by_the_queue(tree, flow, context, sample):
    """Its stamp keeps the stream away, and within one group no ledger tells of it."""
    tree.add_account("aside", parent_id="top")
    flow()
    stamp = Stamp("someone", "import", tree.clock.now(), in_job=True)
    begin_move(
        tree.moving,
        "mid",
        "aside",
        job_id=f"{1:032x}",
        expected=None,
        today=tree.today,
        stamp=stamp,
    )
    assert work.handler(sample("move"), context) == {"batchItemFailures": []}
    flow()

    assert tree.stores.accounts.get("mid").parent_id == "aside"
    assert list(problems(tree, LATER)) == []


def test_moving_to_where_it_is_writes_nothing(tree):
    before = tree.memory.writes

    assert tree.set_parent("mid", "top") == tree.stores.accounts.get("mid")
    assert (tree.memory.writes, tree.work.jobs) == (before, [])


def test_a_held_group_is_busy_and_its_job_is_reminded_of_after_a_minute(tree):
    tree.add_account("aside", parent_id="top")
    job = tree.set_parent("mid", "other")
    tree.work.jobs.clear()  # the message is lost

    with pytest.raises(GroupBusy) as soon:
        tree.set_parent("top", "other")
    assert (soon.value.job_id, tree.work.jobs) == (job.job_id, [])

    now = tree.clock.now() + timedelta(minutes=2)
    tree.moving = replace(tree.moving, now=lambda: now)
    with pytest.raises(GroupBusy):
        tree.set_parent("top", "other")
    assert tree.work.jobs == [("move", job.job_id)]


def moves_sent(world):
    return [job_id for kind, job_id in world.work.jobs if kind == "move"]


def test_the_tick_sends_again_what_was_lost(tree, context):
    job = tree.set_parent("mid", "other")
    tree.work.jobs.clear()
    tick.handler({}, context)
    assert moves_sent(tree) == []

    later = tree.clock.now() + timedelta(minutes=6)
    tree.clock.now = lambda: later
    tick.handler({}, context)
    assert moves_sent(tree) == [job.job_id]
    tree.work.jobs = [("move", job.job_id)]
    tree.work_off()
    tick.handler({}, context)
    assert moves_sent(tree) == []


def test_accounts_without_children_come_and_go_while_a_group_is_held(tree):
    tree.set_parent("mid", "other")
    tree.add_account("new", parent_id="leaf")  # not followed yet: the old group
    tree.set_parent("new", None)
    tree.set_parent("new", "mid")
    tree.add_account("newer", parent_id="leaf")
    tree.work_off()

    assert roots(tree)["leaf"] == "other"
    accounts = tree.stores.accounts
    assert [accounts.get(one).root_id for one in ("new", "newer")] == ["other", "other"]


def test_a_circle_that_came_about_meanwhile_is_refused_and_nothing_is_held(tree):
    """`mid` is to go under `other`, which goes under `leaf` after the first look upwards."""
    begin = tree.moving.moves.begin

    def beginning(job):
        tree.moving.moves.begin = begin
        tree.set_parent("other", "leaf")
        begin(job)

    tree.moving.moves.begin = beginning

    with pytest.raises(GroupCycle):
        tree.set_parent("mid", "other")

    tree.work_off()
    assert set(roots(tree).values()) == {"top"}
    assert tree.moving.works.latest("move", 9) == []
    assert [tree.moving.moves.hold(one) for one in ("top", "mid", "other")] == [None] * 3


def test_a_child_that_the_index_does_not_know_yet_is_waited_for(tree, slept):
    hidden = [True] * 9
    tree.set_parent("mid", "other")
    tree.stores.accounts.is_late = lambda: bool(hidden) and hidden.pop()
    tree.work_off()

    assert roots(tree)["leaf"] == "other"
    assert slept


def test_a_child_that_comes_does_not_hide_one_that_the_index_does_not_know_yet(tree, slept):
    """As many children are found as there were, but not the same ones."""
    tree.add_account("second", parent_id="mid")
    tree.set_parent("mid", "other")
    accounts = tree.stores.accounts
    children, late = accounts.children, ["leaf"]

    def listed(account_id):
        found = [one for one in children(account_id) if one not in late]
        if account_id == "mid" and late:
            late.clear()
            tree.add_account("third", parent_id="mid")
            found.append("third")
        return iter(found)

    accounts.children = listed
    tree.work_off()

    assert roots(tree)["leaf"] == "other"
    assert slept


def test_a_child_that_leaves_does_not_hide_one_that_the_index_does_not_know_yet(tree, slept):
    tree.add_account("second", parent_id="mid")
    tree.set_parent("mid", "other")
    accounts = tree.stores.accounts
    children, find_many, late = accounts.children, accounts.find_many, ["leaf"]

    def found(account_ids):
        read = find_many(account_ids)
        if "second" in read and late:
            late.clear()
            tree.set_parent("second", None)
        return read

    accounts.children = lambda account_id: (one for one in children(account_id) if one not in late)
    accounts.find_many = found
    tree.work_off()

    assert roots(tree)["leaf"] == "other"
    assert slept


def test_nobody_follows_a_parent_that_has_left(tree):
    """`leaf` comes under `mid`, which has moved on since the worker looked at it."""
    tree.set_parent("leaf", None)
    tree.set_parent("top", "other")

    def leaves():
        tree.set_parent("mid", None)
        tree.set_parent("leaf", "mid")

    find = tree.stores.accounts.find
    seen: list[Account] = []

    def found(account_id):
        account = find(account_id)
        if account_id == "mid" and account.root_id == "other" and not seen:
            seen.append(account)
            leaves()
        return account

    tree.stores.accounts.find = found
    tree.work_off()

    assert seen
    assert roots(tree) == {"top": "other", "mid": "mid", "leaf": "mid", "other": "other"}


def test_whose_name_is_changed_meanwhile_keeps_name_and_follows(tree):
    tree.set_parent("mid", "other")
    meanwhile(tree, "children_tally", lambda: tree.change_account("leaf", name="Renamed"))
    tree.work_off()

    leaf = tree.stores.accounts.get("leaf")
    assert (leaf.root_id, leaf.profile.name) == ("other", "Renamed")


def test_a_long_move_goes_on_with_another_message(tree):
    job = tree.set_parent("mid", "other")
    tree.work.jobs.clear()

    assert tree.follow(job.job_id, seconds=-1).status == "running"
    assert tree.work.jobs == [("move", job.job_id)]
    tree.work_off()
    assert roots(tree)["leaf"] == "other"


def test_a_job_that_was_cut_off_before_it_began_is_gone_through(tree):
    """Its requester died between the holds and the account itself."""
    put_under = tree.moving.moves.put_under
    tree.moving.moves.put_under = cut_off
    with pytest.raises(PowerCut):
        tree.set_parent("mid", "other", job_id="j1")
    tree.moving.moves.put_under = put_under

    assert tree.follow("j1").result == {"moved": 2}
    assert roots(tree)["leaf"] == "other"


def test_a_job_that_can_no_longer_be_done_is_withdrawn(tree):
    put_under = tree.moving.moves.put_under
    tree.moving.moves.put_under = cut_off
    with pytest.raises(PowerCut):
        tree.set_parent("mid", "other", job_id="j1")
    tree.moving.moves.put_under = put_under
    tree.delete_account("other")

    assert tree.follow("j1") is None
    assert tree.follow("j1") is None
    assert [tree.moving.moves.hold(one) for one in ("top", "other")] == [None, None]


def test_a_job_begun_again_holds_the_groups_of_now(tree):
    """Its first try died; without its children, its account then left the group held for it."""
    put_under = tree.moving.moves.put_under
    tree.moving.moves.put_under = cut_off
    with pytest.raises(PowerCut):
        tree.set_parent("mid", "other", job_id="j1")
    tree.moving.moves.put_under = put_under
    tree.set_parent("leaf", None)
    tree.set_parent("mid", None)
    tree.set_parent("leaf", "mid")

    tree.set_parent("mid", "other", job_id="j1")
    tree.work_off()

    assert roots(tree) == {"top": "top", "mid": "other", "leaf": "other", "other": "other"}
    assert [tree.moving.moves.hold(one) for one in ("top", "mid", "other")] == [None] * 3


def test_a_revision_that_was_read_before_is_told_of(tree):
    with pytest.raises(Stale):
        begin_move(
            tree.moving,
            "mid",
            "other",
            job_id="j1",
            expected=7,
            today=LATER,
            stamp=tree.stamp(),
        )
    assert tree.moving.moves.hold("top") is None


def test_a_parent_that_is_not_there_is_not_found(tree):
    with pytest.raises(ParentNotFound):
        tree.set_parent("mid", "nobody")
