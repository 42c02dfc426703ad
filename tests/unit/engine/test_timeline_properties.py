"""The engine against a day-by-day oracle over random groups (issue part 3, S0.2 to S0.13)."""

import json
from itertools import pairwise
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from stageline.domain import chunks
from stageline.domain.calendar import to_ordinal
from stageline.domain.chunks import in_parts, is_too_large, whole
from stageline.domain.evidence import evidence, next_change, stage_from_evidence
from stageline.domain.ledger import Ledger
from stageline.domain.scheme import HELD_SEPARATOR, Scheme
from stageline.domain.scheme_document import SchemeInvalid, compile_scheme
from stageline.domain.timeline import Timeline, timeline
from tests.unit.engine.oracle import DealStory, GroupOracle, stage, stages_that_hold
from tests.unit.engine.schemes import conditions, crm_stage, is_true, scheme_document
from tests.unit.engine.worlds import END, ZONES, every_day, facts_of, groups, ledger_of

zones = st.sampled_from(ZONES)
window_months = st.integers(0, 7)


def joined(stages: list[str]) -> tuple[tuple[int, str], ...]:
    """Stages of consecutive days as the segments of a timeline."""
    first = to_ordinal(every_day()[0])
    changes = [
        (first + n, new) for n, (old, new) in enumerate(pairwise(stages), start=1) if old != new
    ]
    return ((0, stages[0]), *changes)


@given(groups(), zones, window_months, st.booleans())
def test_timeline_equals_the_oracle_on_every_day(accounts, zone, months, open_wins):
    oracle = GroupOracle(accounts, zone)
    expected = [
        stage(stages_that_hold(oracle.counts(day, {months}), months), open_wins=open_wins)
        for day in every_day()
    ]

    found = timeline(
        crm_stage(months, open_wins=open_wins), [ledger_of(account, zone) for account in accounts]
    )

    assert found.segments == joined(expected)


# Each counts every fact on every day in eight windows.
@settings(max_examples=settings().max_examples // 3)
@given(groups(), st.lists(conditions, min_size=1, max_size=3))
def test_any_scheme_equals_its_conditions_read_day_by_day(accounts, written):
    document = scheme_document(*written, {"any": [{"in_crm": True}, {"in_crm": False}]})
    oracle = GroupOracle(accounts, "UTC")
    windows = set(range(8))
    expected = []
    for day in every_day():
        counts = oracle.counts(day, windows)
        held = [i for i, condition in enumerate(written) if is_true(condition, counts)]
        expected.append(f"s{held[0] if held else len(written)}")

    scheme = Scheme.from_compiled(json.loads(json.dumps(compile_scheme(document))))
    found = timeline(scheme, [ledger_of(account, "UTC") for account in accounts])

    assert found.segments == joined(expected)


@given(st.lists(conditions, min_size=1, max_size=2), groups())
def test_a_published_scheme_has_a_stage_for_every_group(written, accounts):
    try:
        scheme = Scheme.from_compiled(compile_scheme(scheme_document(*written)))
    except SchemeInvalid as refused:
        assert [problem.path for problem in refused.problems] == ["stages"]
        return

    assert timeline(scheme, [ledger_of(account, "UTC") for account in accounts]).segments


@given(groups(), zones, window_months, st.booleans(), st.data())
def test_evidence_alone_gives_the_stage_of_the_day(accounts, zone, months, open_wins, data):
    scheme = crm_stage(months, open_wins=open_wins)
    ledgers = [ledger_of(account, zone) for account in accounts]
    whole, oracle = timeline(scheme, ledgers), GroupOracle(accounts, zone)
    changes = [first for first, _ in whole.segments[1:]]
    nearby = [day + n for day in changes for n in (-1, 0, 1)]
    chosen = [*nearby, data.draw(st.sampled_from(every_day())).toordinal()]

    for number in chosen:
        day = next(day for day in every_day() if day.toordinal() == number)
        counts = oracle.counts(day, {months})
        proof = json.loads(json.dumps(evidence(scheme, ledgers, number)))

        assert proof["stage"] == whole.at(number).stage == stage_from_evidence(scheme, proof)
        assert set(proof["holds"]) == stages_that_hold(counts, months)
        assert proof["holds"][0] == proof["stage"]
        by_fact = {fact["fact"]: fact["count"] for fact in proof["facts"]}
        assert by_fact == {
            "in_crm": counts["in_crm"],
            "open_deals": counts["open"],
            "won_deals": counts["won"],
            "lost_deals": counts[months],
        }


@given(groups(), zones, window_months)
def test_next_change_is_the_first_later_day_with_another_stage(accounts, zone, months):
    scheme = crm_stage(months)
    ledgers = [ledger_of(account, zone) for account in accounts]
    whole = timeline(scheme, ledgers)

    for (first, _), (following, to) in pairwise(whole.segments):
        change = next_change(scheme, ledgers, whole, first)

        assert change is not None
        assert (change.on, change.to) == (following, to)
        assert change.ids and change.text
    assert next_change(scheme, ledgers, whole, END.toordinal()) is None


@given(groups(), zones, window_months, st.randoms(use_true_random=False))
def test_ledgers_may_come_in_chunks_and_in_any_order(accounts, zone, months, random):
    scheme = crm_stage(months)
    chunks = []
    for account in accounts:
        of_chunk: list[list[DealStory]] = [[] for _ in range(random.randint(1, 3))]
        for deal in account.deals:
            random.choice(of_chunk).append(deal)
        chunks += [ledger_of(account, zone, tuple(deals)) for deals in of_chunk]
    random.shuffle(chunks)

    whole = [ledger_of(account, zone) for account in accounts]

    assert timeline(scheme, chunks) == timeline(scheme, whole)
    for first, _ in timeline(scheme, whole).segments:
        assert evidence(scheme, chunks, first) == evidence(scheme, whole, first)


@given(groups(), zones, window_months)
def test_all_that_holds_is_a_step_function_too(accounts, zone, months):  # S0.11
    oracle, scheme = GroupOracle(accounts, zone), crm_stage(months)
    ledgers = [ledger_of(account, zone) for account in accounts]

    held = timeline(scheme.telling_all_held(), ledgers)

    for day in every_day():
        found = held.at(day.toordinal()).stage.split(HELD_SEPARATOR)
        assert set(found) == stages_that_hold(oracle.counts(day, {months}), months)
        assert found == sorted(found, key=scheme.precedence.index)


@given(groups(), zones, st.integers(1, 12))
def test_a_ledger_says_the_same_in_parts_of_its_deals(accounts, zone, most_entries):
    for account in accounts:
        stories = {deal.deal_id: deal for deal in account.deals}

        def build(deals, account=account, stories=stories):
            return ledger_of(account, zone, tuple(stories[deal.deal_id] for deal in deals))

        ledger = ledger_of(account, zone)
        facts = [facts_of(deal, zone) for deal in account.deals]
        with patch.object(chunks, "MOST_ENTRIES", most_entries):
            parts = in_parts(build, facts)
            large = [one for one in parts.ledgers.values() if is_too_large(one)]

        assert whole(parts, ledger.memberships) == ledger
        assert all(len(one.deal_ids) == 1 for one in large)
        for part, one in parts.ledgers.items():
            assert all(deal_id[: parts.digits] == part for deal_id in one.deal_ids)
            assert one == build([deal for deal in facts if deal.deal_id[: parts.digits] == part])


@given(groups(), zones)
def test_ledgers_and_timelines_survive_storing(accounts, zone):
    ledgers = [ledger_of(account, zone) for account in accounts]
    texts = [json.dumps(ledger.to_data()) for ledger in ledgers]

    read = [Ledger.from_data(json.loads(text)) for text in texts]
    whole = timeline(crm_stage(), read)

    assert read == ledgers
    assert [json.dumps(ledger.to_data()) for ledger in read] == texts
    assert Timeline.from_data(json.loads(json.dumps(whole.to_data()))) == whole


@given(groups(), groups(), st.sampled_from(every_day()))
def test_a_changed_tail_spliced_into_the_old_timeline_gives_the_new_one(before, after, day):
    scheme = crm_stage()
    old = timeline(scheme, [ledger_of(account, "UTC") for account in before])
    new = timeline(scheme, [ledger_of(account, "UTC") for account in after])
    number = day.toordinal()

    changed = new.changed_from(old)

    if changed is None:
        assert new == old
    else:
        assert old.spliced(changed, new.tail(changed)) == new
        assert old.at(changed).stage != new.at(changed).stage
        assert changed == 0 or all(
            old.at(n).stage == new.at(n).stage for n in (changed - 1, changed // 2)
        )
    assert new.spliced(number, new.tail(number)) == new
    assert changed == old.changed_from(new)
