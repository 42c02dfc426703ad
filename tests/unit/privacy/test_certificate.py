"""How far an erasure is, and that a certificate is one text and no other."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stageline.domain.certificate import (
    Certificate,
    CrmAnswer,
    NotACertificate,
    StoreResult,
    canonical,
    certificate_of,
    document,
    fingerprint,
    signed_text,
    state_of,
)
from tests.unit.privacy.certificates import BACKUP, CLEAN, NOW, certificate

REMAINING = StoreResult(store="a", method="m", expected=2, removed=1, remaining=1, read_at=NOW)
NOT_READ = StoreResult(store="b", method="m", expected=1, removed=1)
UNREACHABLE = StoreResult(
    store="c", method="m", expected=0, removed=0, remaining=0, unreachable_since=NOW
)


@pytest.mark.parametrize(
    ("stores", "today", "state"),
    [
        pytest.param([CLEAN], BACKUP.until, "live_erased", id="the last day of the longest copy"),
        pytest.param([CLEAN], BACKUP.until + timedelta(days=1), "final", id="the day after"),
        pytest.param([CLEAN, REMAINING], date.max, "partial", id="something remains"),
        pytest.param([CLEAN, NOT_READ], date.max, "partial", id="not read back"),
        pytest.param([UNREACHABLE], date.max, "partial", id="a store does not answer"),
    ],
)
def test_an_erasure_is_final_only_when_nothing_is_anywhere(stores, today, state):
    assert state_of(stores, [BACKUP], today) == state


@given(
    st.builds(
        certificate,
        issued_at=st.datetimes(timezones=st.just(UTC)),
        subjects=st.integers(min_value=0),
        ground=st.text(),
        stores=st.lists(
            st.builds(
                StoreResult,
                store=st.text(),
                method=st.text(),
                expected=st.integers(min_value=0),
                removed=st.integers(min_value=0),
                remaining=st.none() | st.integers(min_value=0),
                read_at=st.none() | st.datetimes(timezones=st.just(UTC)),
                unreachable_since=st.none() | st.datetimes(timezones=st.just(UTC)),
            )
        ).map(tuple),
    )
)
def test_a_certificate_comes_back_as_it_was_written(one: Certificate):
    assert certificate_of(json.loads(canonical(document(one)))) == one


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"version": 2}, id="another version"),
        pytest.param({"state": "done"}, id="another state"),
        pytest.param({"way": "forget"}, id="another way"),
        pytest.param({"subjects": "1"}, id="a count as text"),
        pytest.param({"subjects": -1}, id="a count below zero"),
        pytest.param({"names": []}, id="something more"),
        pytest.param({"stores": [{}]}, id="a store without results"),
        pytest.param({"due_on": "20260401"}, id="a day in another form"),
        pytest.param({"issued_at": "2026-03-02T12:00:00"}, id="an instant without a zone"),
    ],
)
def test_a_document_of_another_form_is_no_certificate(changes):
    with pytest.raises(NotACertificate):
        certificate_of(document(certificate()) | changes)


def test_crms_are_mentioned_only_where_there_are_some():
    answer = CrmAnswer(
        integration="hub", asked=2, done=1, refused=1, pending=0, not_asked=0, codes=("NO",)
    )
    one = certificate(crms=(answer,))

    assert certificate_of(json.loads(json.dumps(document(one)))) == one
    assert "crms" not in document(certificate())
    with pytest.raises(NotACertificate):
        certificate_of(document(certificate()) | {"crms": []})


def test_what_a_crm_has_not_answered_is_not_erased():
    pending = CrmAnswer(integration="hub", asked=1, done=0, refused=0, pending=1, not_asked=0)

    assert state_of((), (), date(2030, 1, 1), (pending,)) == "partial"


@pytest.mark.parametrize("found", [None, [], "text", 7, {}])
def test_what_is_no_document_is_no_certificate(found):
    with pytest.raises(NotACertificate):
        certificate_of(found)


def test_what_is_signed_is_short_and_says_what_it_is():
    """KMS signs at most 4,096 bytes, however many stores there are."""
    signed = signed_text(document(certificate(stores=(CLEAN,) * 200)))

    assert signed.startswith(b"stageline certificate sha256:")
    assert len(signed) < 100


def test_the_same_content_is_signed_the_same_in_any_order():
    content = document(certificate())

    assert signed_text(dict(reversed(content.items()))) == signed_text(content)


def test_instants_are_written_in_utc():
    assert document(certificate(issued_at=datetime(2026, 3, 2, 12, tzinfo=UTC)))["issued_at"] == (
        "2026-03-02T12:00:00Z"
    )


@pytest.mark.parametrize("text", ["", "key", "-----BEGIN PUBLIC KEY-----\n"])
def test_what_is_no_public_key_has_no_fingerprint(text):
    with pytest.raises(ValueError):
        fingerprint(text)
