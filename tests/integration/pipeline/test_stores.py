"""The ports of the pipeline: what the stores in memory promise, the DynamoDB ones keep."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

import pytest

from stageline.domain import chunks
from stageline.domain.account import Membership
from stageline.domain.chunks import in_parts
from stageline.domain.errors import Stale
from stageline.domain.evaluation import Evaluator
from stageline.domain.group import Home, Row, StageChanged, StoredLedger
from stageline.domain.ledger import DealFacts, build_ledger
from stageline.domain.membership import stored_ledger
from stageline.domain.spells import Observation
from stageline.schemes import shipped
from tests.fakes.world import World
from tests.integration.pipeline.dynamodb_world import DynamoDbWorld, MemoryTableWorld

NOW = datetime(2026, 3, 2, 12, 0, 0, 5, tzinfo=UTC)
DAY = date(2026, 3, 2)
EVALUATOR = Evaluator.of(shipped())
SCHEME = EVALUATOR.scheme.key


@pytest.fixture(
    params=[World, DynamoDbWorld, MemoryTableWorld],
    ids=["in memory", "in DynamoDB", "in the benchmarks' table"],
)
def world(request):
    return request.param()


@pytest.fixture
def groups(world):
    return world.stores.groups


@pytest.fixture
def rows(world):
    return world.stores.rows


def home(rev=1, root_id: str | None = "r1"):
    entries = (Membership("a1", None, NOW), Membership(root_id, DAY, NOW))
    return Home("a1", entries, rev)


def ledger(account_id="a1", rev=1, live=True, deals=1, root_id="r1"):
    facts = [
        DealFacts(f"d{number:05d}", DAY, [Observation("lost", DAY, DAY)]) for number in range(deals)
    ]
    return StoredLedger(root_id, build_ledger(account_id, deals=facts), live, rev)


def value(ledgers, before=None, now=NOW, today=DAY):
    return EVALUATOR.evaluate("r1", before, ledgers, today=today, now=now)


def row(**changes):
    return replace(
        Row(
            account_id="a1",
            scheme=SCHEME,
            stage="client",
            rank=4,
            since=DAY,
            next_on=None,
            holds=("client",),
            name="Ärzte & Co",
            domain="aerzte.example.com",
            owner_email="x@example.com",
            owner="0f",
            in_crm=True,
            parent_id="r1",
            root_id="r1",
            home_rev=1,
            value_rev=1,
            account_rev=1,
            event_seq=0,
        ),
        **changes,
    )


def test_a_move_stores_home_and_ledgers_together(groups):
    groups.move(home(), [ledger(), ledger("a1", live=False, root_id="a1")])

    assert groups.home("a1") == home()
    assert groups.homes(["a1", "a2"]) == {"a1": home()}
    assert groups.ledger("r1", "a1") == ledger()
    assert not groups.ledger("a1", "a1").live


def test_a_home_may_be_in_no_group(groups):
    groups.move(home(root_id=None), [])

    assert groups.home("a1").root_id is None


@pytest.mark.parametrize(
    ("moved", "ledgers"),
    [
        pytest.param(home(rev=1), [ledger(rev=2)], id="the home was moved"),
        pytest.param(home(rev=3), [ledger(rev=2)], id="a move was missed"),
        pytest.param(home(rev=2), [ledger(rev=1)], id="a ledger was opened"),
        pytest.param(home(rev=2), [ledger(rev=3)], id="a ledger was changed"),
    ],
)
def test_a_move_over_anything_else_than_what_was_read_stores_nothing(groups, moved, ledgers):
    groups.move(home(), [ledger()])

    with pytest.raises(Stale):
        groups.move(moved, ledgers)

    assert (groups.home("a1"), groups.ledger("r1", "a1")) == (home(), ledger())


def test_a_ledger_is_stored_over_its_live_revision_only(groups):
    groups.move(home(), [ledger()])
    groups.save_ledger(ledger(rev=2, deals=2))
    with pytest.raises(Stale):
        groups.save_ledger(ledger(rev=2, deals=3))
    groups.move(home(rev=2), [ledger(rev=3, live=False)])

    with pytest.raises(Stale):
        groups.save_ledger(ledger(rev=4))


def test_ledgers_come_by_account_closed_ones_too(groups):
    groups.move(Home("a2", home().memberships, 1), [ledger("a2", live=False)])
    groups.move(home(), [ledger(), ledger(root_id="r10")])

    assert list(groups.ledgers("r1")) == [ledger("a1"), ledger("a2", live=False)]
    assert list(groups.ledgers("r2")) == []


def in_many(deals=10, rev=1, live=True, root_id="r1", digits=0):
    """A ledger of so many deals in parts of some, by the beginnings of their ids."""
    facts = [DealFacts(f"{number}d", DAY, [Observation("open", DAY)]) for number in range(deals)]
    with patch.object(chunks, "MOST_ENTRIES", 6):
        parts = in_parts(lambda some: build_ledger("a1", deals=some), facts, digits)
    return stored_ledger(root_id, parts, ((0, None),), live=live, rev=rev)


def test_a_ledger_of_many_deals_is_stored_in_parts(groups):
    groups.move(home(), [in_many()])
    assert in_many().digits == 1
    assert groups.ledger("r1", "a1") == in_many()
    assert list(groups.ledgers("r1")) == [in_many()]

    for rev, digits in enumerate((2, 3), 2):
        grown = in_many(deals=11, rev=rev, digits=digits)
        groups.save_ledger(grown)

        assert groups.ledger("r1", "a1") == grown
        assert groups.head("r1", "a1").ledger.deal_ids == ()


def test_a_part_is_stored_over_its_revision_while_the_ledger_is_live(groups):
    ledger = in_many()
    groups.move(home(), [ledger])
    before = groups.part("r1", "a1", "3")
    changed = replace(before, ledger=build_ledger("a1"), rev=2)

    groups.save_part(ledger, changed)
    assert groups.part("r1", "a1", "3") == changed
    assert "3d" not in groups.ledger("r1", "a1").ledger.deal_ids
    with pytest.raises(Stale):
        groups.save_part(ledger, changed)

    groups.move(home(rev=2), [in_many(rev=2, live=False)])
    with pytest.raises(Stale):
        groups.save_part(ledger, replace(changed, rev=groups.part("r1", "a1", "3").rev + 1))


def test_parts_without_the_ledger_that_needs_them_are_not_read(groups):
    """They are written first; a crash leaves them behind."""
    groups.move(home(), [ledger("a1")])
    with pytest.raises(Stale):
        groups.move(home(rev=1), [in_many(root_id="r2")])

    assert list(groups.ledgers("r2")) == []
    assert groups.ledger("r2", "a1") is None
    assert groups.head("r2", "a1") is None
    groups.move(home(rev=2), [in_many(root_id="r2"), ledger(rev=2, live=False)])
    assert list(groups.ledgers("r2")) == [in_many(root_id="r2")]


def test_a_value_is_stored_over_its_revision_with_its_version(groups):
    first, version = value([ledger().ledger])
    groups.save_value(first, version)
    with pytest.raises(Stale):
        groups.save_value(first, version)

    second, later = value([ledger(deals=0).ledger], first, now=NOW)
    groups.save_value(second, later)

    assert groups.value("r1", SCHEME) == second
    assert list(groups.versions("r1", SCHEME)) == [version, later]
    assert later.recorded_at == NOW + timedelta(microseconds=1)


def test_versions_are_those_recorded_until_an_instant_inclusive(groups):
    first, version = value([ledger().ledger])
    groups.save_value(first, version)
    second, later = value([], first, now=NOW + timedelta(hours=1))
    groups.save_value(second, later)

    def until(instant):
        return [found.rev for found in groups.versions("r1", SCHEME, instant)]

    before = NOW - timedelta(microseconds=1)
    assert [until(at) for at in (before, NOW, later.recorded_at)] == [[], [1], [1, 2]]


def test_due_is_what_changes_by_the_day_and_no_longer_once_moved_on(groups):
    first, version = value([ledger().ledger])
    groups.save_value(first, version)
    window_ends = date(2026, 9, 3)
    assert first.due_on == window_ends

    assert list(groups.due(date(2026, 9, 2))) == []
    assert list(groups.due(window_ends)) == [("r1", SCHEME)]
    assert list(groups.due(date(2030, 1, 1))) == [("r1", SCHEME)]

    groups.save_value(*value([ledger().ledger], first, today=window_ends))
    assert list(groups.due(date(2030, 1, 1))) == []


def test_a_row_is_stored_while_the_stored_one_is_as_it_was_read(rows):
    rows.save(row(), None, None)
    with pytest.raises(Stale):
        rows.save(row(value_rev=2), None, None)
    newer = row(value_rev=2, name="Acme", domain=None, owner_email=None, since=None)
    rows.save(newer, row(), None)
    with pytest.raises(Stale):
        rows.save(row(value_rev=3), row(), None)

    assert rows.row("a1", SCHEME) == newer
    assert rows.rows(["a1", "a2"], SCHEME) == {"a1": newer}


def test_search_words_follow_the_row(world, rows):
    rows.save(row(), None, None)
    assert world.lists.matching("arz", 5) == ["a1"]
    assert world.lists.matching("aerzte.ex", 5) == ["a1"]

    rows.save(row(name="Brandt", domain=None, value_rev=2), row(), None)
    assert world.lists.matching("arz", 5) == []
    assert world.lists.matching("bra", 5) == ["a1"]

    gone = row(stage=None, name="", account_rev=2)
    rows.save(gone, row(name="Brandt", domain=None, value_rev=2), None)
    assert world.lists.matching("bra", 5) == []
    assert rows.row("a1", SCHEME) == gone


def test_a_deleted_row_stands_in_no_list(world, rows):
    rows.save(row(), None, None)
    rows.save(row(stage=None, rank=9, account_rev=2), row(), None)

    assert list(world.lists.listed(SCHEME, [4, 9], sort="name", page=10)) == []


def test_an_event_is_stored_with_its_row_or_not_at_all(world, rows):
    event = StageChanged(
        account_id="a1",
        seq=1,
        scheme=SCHEME,
        scheme_version=1,
        from_stage=None,
        to_stage="client",
        since=DAY,
        root_id="r1",
        at=NOW,
    )
    rows.save(row(event_seq=1), None, event)
    with pytest.raises(Stale):
        rows.save(row(event_seq=1), None, replace(event, seq=2))

    (record,) = [r for r in world.memory.taken() if "#O#" in r["dynamodb"]["Keys"]["PK"]["S"]]
    image = record["dynamodb"]["NewImage"]
    assert image["seq"] == {"N": "1"}
    expires_at = datetime.fromtimestamp(int(image["expires_at"]["N"]), UTC)
    assert (expires_at.date() - DAY).days == 90
