"""The shipped schemes: their examples, and every combination of what decides them."""

import subprocess
import sys
from datetime import date
from itertools import product

import pytest

from stageline.domain.calendar import to_date
from stageline.domain.evidence import evidence, stage_from_evidence
from stageline.domain.ledger import DealFacts, build_ledger
from stageline.domain.overlay import overlay_reason
from stageline.domain.scheme import Scheme
from stageline.domain.spells import Observation, PresenceObservation
from stageline.domain.timeline import timeline
from stageline.schemes import compiled, shipped
from tests.unit.engine.oracle import PROGRESSION, stage, stages_that_hold
from tests.unit.engine.schemes import SHIPPED
from tools.compile_schemes import COMPILED, compiled_text

TODAY = date(2025, 2, 1)
EXAMPLES = [
    pytest.param(name, example, id=f"{name}: {example['name']}")
    for name, document in SHIPPED.items()
    for example in document["examples"]
]


def ledgers_of(example):
    for number, account in enumerate(example["given"]["accounts"]):
        yield build_ledger(
            f"account-{number}",
            presence=[PresenceObservation(account.get("in_crm", True), account["seen_on"])],
            created_on=account.get("created_on"),
            deals=[
                DealFacts(
                    f"deal-{number}-{index}",
                    deal.get("opened_on"),
                    tuple(Observation(*seen) for seen in deal["seen"]),
                )
                for index, deal in enumerate(account.get("deals", []))
            ],
        )


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_example_of_a_shipped_scheme(name, example):
    scheme, ledgers, then = shipped(name), list(ledgers_of(example)), example["then"]
    day = example["when"].toordinal()

    whole = timeline(scheme, ledgers)
    proof = evidence(scheme, ledgers, day)

    segment, following = whole.at(day), whole.next_after(day)
    assert segment.stage == then["stage"]
    assert proof["holds"] == then["holds"]
    if "since" in then:
        assert to_date(segment.from_day or 0) == then["since"]
    if "next" in then:
        assert following and (to_date(following[0]), following[1]) == (
            then["next_on"],
            then["next"],
        )


@pytest.mark.parametrize("name", ["crm_stage", "crm_stage_open_wins"])
@pytest.mark.parametrize(
    ("in_crm", "is_open", "is_won", "is_lost", "answers"), list(product([False, True], repeat=5))
)
def test_every_combination_has_exactly_one_stage_or_dash(  # S0.1, S0.11, S0.17
    name, in_crm, is_open, is_won, is_lost, answers
):
    deals = []
    if is_open:
        deals.append(DealFacts("open", date(2025, 1, 2), (Observation("open", TODAY),)))
    if is_won:
        deals.append(DealFacts("won", None, (Observation("won", TODAY, date(2025, 1, 3)),)))
    if is_lost:
        deals.append(DealFacts("lost", None, (Observation("lost", TODAY, date(2025, 1, 4)),)))
    presence = [PresenceObservation(in_crm, date(2025, 1, 1))]
    ledger = build_ledger("account", presence=presence, deals=deals)
    counts = {"in_crm": in_crm, "open": is_open, "won": is_won, 6: is_lost}
    held = stages_that_hold(counts, 6)

    reason = overlay_reason([(True, True, answers)])
    proof = evidence(shipped(name), [ledger], TODAY.toordinal())
    found = None if reason else timeline(shipped(name), [ledger]).at(TODAY.toordinal()).stage

    expected = stage(held, open_wins=name == "crm_stage_open_wins") if answers else None
    assert found == expected
    assert set(proof["holds"]) == held
    assert expected is None or stage_from_evidence(shipped(name), proof) == expected
    assert shipped(name).rank(found) == (PROGRESSION.index(expected) + 1 if expected else 9)


def test_both_schemes_have_the_same_stages_in_the_documented_order():  # S0.10
    standard, variant = shipped(), shipped("crm_stage_open_wins")

    by_rank = sorted(standard.stages.values(), key=lambda one: one.rank)

    assert [one.key for one in by_rank] == PROGRESSION
    assert list(standard.precedence) == PROGRESSION[::-1]
    assert (standard.key, standard.stages) == (variant.key, variant.stages)
    assert standard.conditions == variant.conditions
    assert standard.precedence != variant.precedence


def test_dash_is_displayed_and_sorts_last():  # S0.22
    assert (shipped().display(None), shipped().rank(None)) == ("-", 9)
    assert (shipped().display("client"), shipped().rank("client")) == ("Client", 4)


def test_before_its_first_fact_a_group_is_a_new_prospect():  # S0.2
    assert shipped().initial_stage == "new_prospect"
    assert timeline(shipped(), []).segments == ((0, "new_prospect"),)


def test_compiled_schemes_are_up_to_date():
    assert COMPILED.read_text("utf-8") == compiled_text()
    assert set(compiled()) == set(SHIPPED)


def test_large_groups_are_counted_exactly():
    opened, lost = date(2024, 1, 1), date(2024, 2, 1)
    outcomes = (Observation("open", opened), Observation("lost", lost, lost))
    deals = [DealFacts(f"{n:04}", opened, outcomes) for n in range(256)]
    ledger = build_ledger("account", presence=[PresenceObservation(True, lost)], deals=deals)

    found = timeline(shipped(), [ledger])

    assert [stage for _, stage in found.segments] == [
        "new_prospect",
        "pipeline",
        "recently_lost",
        "in_crm",
    ]
    facts = evidence(shipped(), [ledger], lost.toordinal())["facts"]
    counted = next(fact for fact in facts if fact["fact"] == "lost_deals")
    assert counted["count"] == 256
    assert counted["deal_ids"] == [f"{n:04}" for n in range(20)]
    assert list(ledger.spells) == sorted(ledger.spells)


def test_evaluation_imports_neither_yaml_nor_document_models():
    script = (
        "import sys; from stageline.schemes import shipped; from stageline.domain import evidence;"
        "from stageline.domain import explanation, overlay, timeline;"
        "timeline.timeline(shipped(), []);"
        "print(sorted({'yaml', 'pydantic', 'boto3', 'aws_lambda_powertools'} & set(sys.modules)))"
    )

    path = {"PYTHONPATH": ":".join(sys.path)}
    command = [sys.executable, "-c", script]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=path)

    assert ran.stdout.strip() == "[]"


def test_a_scheme_is_read_back_from_plain_data():
    assert Scheme.from_compiled(compiled()["crm_stage"]) == shipped()
