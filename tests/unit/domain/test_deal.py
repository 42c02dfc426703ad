"""What a deal may say, and what its outcomes leave behind."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from stageline.domain.deal import Terms, faults, new_deal
from stageline.domain.stamp import Stamp

TODAY = date(2026, 5, 4)
STAMP = Stamp("user-1", "request-1", datetime(2026, 5, 4, 12, tzinfo=UTC))


def said(status="open", closed_on=None, *, undated_close=False, **terms):
    found = faults(Terms(name="Roof", **terms), status, closed_on, undated_close=undated_close)
    return [(fault.field, fault.reason) for fault in found]


@pytest.mark.parametrize(
    ("deal", "expected"),
    [
        pytest.param({}, [], id="an open deal without anything"),
        pytest.param(
            {"status": "won", "opened_on": TODAY, "closed_on": TODAY}, [], id="won the same day"
        ),
        pytest.param(
            {"status": "lost", "opened_on": TODAY, "closed_on": date(2026, 5, 3)},
            [("closed_on", "before_opened")],
            id="closed before it was opened",
        ),
        pytest.param({"status": "won"}, [("closed_on", "missing")], id="won without a close date"),
        pytest.param({"status": "won", "undated_close": True}, [], id="an export may leave it out"),
        pytest.param({"closed_on": TODAY}, [("closed_on", "not_closed")], id="open, yet closed"),
        pytest.param(
            {"amount": Decimal(-1), "currency": "EUR"}, [("amount", "negative")], id="negative"
        ),
        pytest.param({"amount": Decimal(1)}, [("currency", "missing")], id="no currency"),
        pytest.param({"currency": "EURO"}, [("currency", "unknown")], id="unknown currency"),
        pytest.param(
            {"probability": Decimal("1.2")}, [("probability", "out_of_range")], id="over 1"
        ),
        pytest.param({"probability": Decimal(1)}, [], id="certain"),
    ],
)
def test_faults_name_the_field(deal, expected):
    assert said(**deal) == expected


def test_the_same_again_changes_nothing():
    deal = new_deal("d", Terms(name="Roof"), "open", None, account_id="a", today=TODAY, stamp=STAMP)

    same = deal.changed_to(
        Terms(name="Roof"),
        "open",
        None,
        account_id="a",
        today=date(2026, 6, 1),
        stamp=STAMP,
        source=None,
    )

    assert same is deal


def test_a_changed_outcome_is_appended_and_a_corrected_date_edits_it():
    deal = new_deal("d", Terms(name="Roof"), "open", None, account_id="a", today=TODAY, stamp=STAMP)
    lost_on, corrected_on = date(2026, 6, 1), date(2026, 5, 30)

    for closed_on in (lost_on, corrected_on):
        deal = deal.changed_to(
            deal.terms,
            "lost",
            closed_on,
            account_id="a",
            today=date(2026, 6, 2),
            stamp=STAMP,
            source=None,
        )

    assert [seen.status for seen in deal.observations] == ["open", "lost"]
    assert (deal.closed_on, deal.rev) == (corrected_on, 3)
