"""Segments, reasons of changes, and what a person reads."""

from datetime import date

import pytest

from stageline.domain.evidence import evidence, next_change, stage_from_evidence
from stageline.domain.explanation import explain
from stageline.domain.ledger import DealFacts, Ledger, build_ledger
from stageline.domain.spells import Observation, PresenceObservation
from stageline.domain.steps import ALWAYS
from stageline.domain.timeline import Segment, Timeline, timeline
from stageline.schemes import shipped

MARCH, APRIL, MAY = date(2024, 3, 1), date(2024, 4, 1), date(2024, 5, 1)
OPEN = Observation("open", MARCH)
SHORT = Timeline(((0, "a"), (10, "b"), (20, "a")))


def account(*deals: DealFacts, account_id="account", in_crm=True, memberships=ALWAYS) -> Ledger:
    presence = [PresenceObservation(in_crm, date(2024, 1, 1))]
    return build_ledger(account_id, presence=presence, deals=deals, memberships=memberships)


def deal(*observations: Observation, deal_id="deal", opened_on=MARCH) -> DealFacts:
    return DealFacts(deal_id, opened_on, observations)


@pytest.mark.parametrize(
    ("ledgers", "after", "reason", "ids"),
    [
        pytest.param(
            [account(deal(OPEN))], MARCH.replace(month=2), "DEAL_OPENS", "deal", id="opens"
        ),
        pytest.param(
            [account(deal(OPEN, Observation("won", APRIL)))], MARCH, "DEAL_WON", "deal", id="won"
        ),
        pytest.param(
            [account(deal(OPEN, Observation("lost", APRIL)))], MARCH, "DEAL_LOST", "deal", id="lost"
        ),
        pytest.param(
            [account(deal(OPEN, Observation("gone", APRIL)))],
            MARCH,
            "DEAL_DELETED",
            "deal",
            id="deleted",
        ),
        pytest.param(
            [account(deal(OPEN, Observation("lost", APRIL), Observation("open", MAY)))],
            APRIL,
            "DEAL_REOPENED",
            "deal",
            id="reopened",
        ),
        pytest.param(
            [account(deal(OPEN, Observation("lost", APRIL)))],
            APRIL,
            "WINDOW_ENDS",
            "deal",
            id="S0.9",
        ),
        pytest.param(
            [account()], date(2023, 1, 1), "ACCOUNT_ENTERS_CRM", "account", id="enters the CRM"
        ),
        pytest.param(
            [account(deal(OPEN), memberships=((APRIL.toordinal(), None),))],
            MARCH,
            "ACCOUNT_JOINS",
            "account",
            id="joins",
        ),
        pytest.param(
            [account(deal(OPEN), memberships=((0, APRIL.toordinal()),))],
            MARCH,
            "ACCOUNT_LEAVES",
            "account",
            id="leaves",
        ),
    ],
)
def test_reason_of_the_next_change(ledgers, after, reason, ids):
    change = next_change(shipped(), ledgers, timeline(shipped(), ledgers), after.toordinal())

    assert change is not None
    assert (change.reason, change.ids) == (reason, (ids,))
    assert change.text


def test_the_reason_is_what_explains_the_change_when_several_things_happen_on_a_day():
    lost = deal(OPEN, Observation("lost", APRIL), deal_id="lost")
    opening = deal(Observation("open", APRIL), deal_id="opening", opened_on=APRIL)
    group = [account(lost, opening)]

    change = next_change(shipped(), group, timeline(shipped(), group), MARCH.toordinal())

    assert change is not None
    assert (change.to, change.reason, change.ids) == ("recently_lost", "DEAL_LOST", ("lost",))


def test_nothing_known_to_come_has_no_next_change():
    group = [account(deal(OPEN))]

    assert next_change(shipped(), group, timeline(shipped(), group), MAY.toordinal()) is None


def test_days_of_a_segment_are_inclusive():
    assert SHORT.at(5) == Segment("a", None, 9)
    assert SHORT.at(10) == SHORT.at(19) == Segment("b", 10, 19)
    assert SHORT.at(20) == Segment("a", 20, None)
    assert [SHORT.next_after(n) for n in (0, 9, 10, 20)] == [(10, "b"), (10, "b"), (20, "a"), None]


def test_a_tail_begins_on_its_day_and_knows_nothing_before():
    tail = SHORT.tail(15)

    assert tail.segments == ((15, "b"), (20, "a"))
    with pytest.raises(ValueError):
        tail.at(14)


@pytest.mark.parametrize(
    ("other", "day"),
    [
        pytest.param(SHORT, None, id="equal"),
        pytest.param(Timeline(((0, "c"), (10, "b"), (20, "a"))), 0, id="from the beginning"),
        pytest.param(Timeline(((0, "a"), (12, "b"), (20, "a"))), 10, id="a moved day"),
        pytest.param(Timeline(((0, "a"), (10, "b"))), 20, id="goes on longer"),
        pytest.param(Timeline(((0, "a"), (10, "c"), (20, "a"))), 10, id="another stage"),
    ],
)
def test_first_day_on_which_two_timelines_differ(other, day):
    assert SHORT.changed_from(other) == other.changed_from(SHORT) == day


def test_splicing_joins_equal_neighbours():
    assert SHORT.spliced(25, Timeline(((25, "a"), (30, "b")))).segments == (
        (0, "a"),
        (10, "b"),
        (20, "a"),
        (30, "b"),
    )


def test_evidence_names_at_most_20_ids_and_the_whole_count():
    open_deals = [deal(OPEN, deal_id=f"{n:02}") for n in range(25)]
    proof = evidence(shipped(), [account(*open_deals)], MARCH.toordinal())

    (fact,) = (fact for fact in proof["facts"] if fact["fact"] == "open_deals")

    assert (fact["count"], fact["deal_ids"]) == (25, [f"{n:02}" for n in range(20)])
    assert proof["on"] == "2024-03-01"
    assert proof["decided_by"] == "ONLY_ONE_HELD"


def test_evidence_without_a_fact_proves_nothing():
    proof = evidence(shipped(), [account()], MARCH.toordinal())

    with pytest.raises(ValueError):
        stage_from_evidence(shipped(), {**proof, "facts": proof["facts"][1:]})


@pytest.mark.parametrize(
    ("ledgers", "text"),
    [
        pytest.param([], "New prospect: not in the CRM and no won deals.", id="new prospect"),
        pytest.param(
            [account(deal(OPEN))], "Pipeline: no won deals and 1 open deal.", id="pipeline"
        ),
        pytest.param(
            [
                account(
                    deal(OPEN),
                    deal(OPEN, Observation("lost", APRIL), deal_id="lost"),
                )
            ],
            "Recently lost: no won deals and 1 deal lost within 6 months. "
            "Pipeline holds as well; Recently lost takes precedence.",
            id="two hold",
        ),
    ],
)
def test_explanation_for_a_tooltip(ledgers, text):  # S0.15
    explanation = explain(shipped(), evidence(shipped(), ledgers, APRIL.toordinal()))

    assert explanation.text == text
    assert explanation.definition == shipped().stages[_stage_of(text)].definition


def _stage_of(text: str) -> str:
    name = text.partition(":")[0]
    return next(key for key, stage in shipped().stages.items() if stage.name == name)


def test_explanations_hold_no_ids():
    proof = evidence(shipped(), [account(deal(OPEN, deal_id="secret"))], MARCH.toordinal())

    assert "secret" not in str(explain(shipped(), proof))
