"""What a row says, as it travels from the reader to the workers."""

from decimal import Decimal

from stageline.domain.records import DealRecord


def make_deal(amount):
    return DealRecord(
        line=2, external_id="d", name="Roof", status="open", amount=Decimal(amount), currency="EUR"
    )


def test_an_amount_keeps_the_places_that_the_file_gave_it():
    sent = make_deal("1234.50")

    received = DealRecord.from_json(sent.to_json())

    assert str(received.amount) == "1234.50"


def test_the_same_amount_with_other_places_is_no_other_content():
    assert make_deal("10").content() == make_deal("10.00").content()
    assert make_deal("10").content() != make_deal("100").content()
