"""A text that was erased in a record that lives on stays blank until it is released."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stageline.domain.account import Profile, new_account
from stageline.domain.activity import About, Happening, new_activity
from stageline.domain.deal import Terms, new_deal
from stageline.domain.errors import Pinned
from stageline.domain.jobs import ImportJob
from stageline.domain.person_records import ActivityRecord
from stageline.domain.pins import blanked, refuse_pinned
from stageline.domain.records import AccountRecord, DealRecord
from stageline.domain.stamp import Source, Stamp
from stageline.domain.task import ToDo, new_task
from stageline.use_cases.import_decisions import Import
from stageline.use_cases.import_person_decisions import decide_activity

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = NOW.date()
STAMP = Stamp("officer", "a-request", NOW)
SOURCE = Source("file", "a-hash", "2026-03-01")
SAID: Any = {"custom": {"region": "Doe's", "size": "large"}, "tags": ("Doe",)}

ACCOUNT = new_account(
    "a", Profile(name="Jane Doe Ltd", domain="doe.example", **SAID), in_crm=True, today=TODAY,
    source=SOURCE, stamp=STAMP,
)  # fmt: skip
DEAL = new_deal(
    "d", Terms(name="Jane Doe renewal", **SAID), "open", None, account_id="a", today=TODAY,
    source=SOURCE, stamp=STAMP,
)  # fmt: skip
ACTIVITY = new_activity(
    "x", Happening(kind="call", occurred_at=NOW, subject="Jane", text="Jane Doe called", **SAID),
    About("a", None, ("c", "other")), external_id="1", source=SOURCE, stamp=STAMP,
)  # fmt: skip
TASK = new_task(
    "t", ToDo(title="Call Jane Doe", due_on=TODAY, **SAID), About("a"), source=SOURCE, stamp=STAMP
)

RECORDS = [
    (ACCOUNT, "profile", ("name", "domain")),
    (DEAL, "terms", ("name",)),
    (ACTIVITY, "happening", ("subject", "text")),
    (TASK, "to_do", ("title",)),
]
EVERYWHERE = ("custom.region", "tags")


@pytest.mark.parametrize(("record", "described", "texts"), RECORDS)
def test_a_pinned_text_is_blank_and_the_others_stay(record: Any, described, texts):
    pinned = record.pin([texts[0], *EVERYWHERE], STAMP)

    said = getattr(pinned, described)
    assert pinned.pinned == tuple(sorted((texts[0], *EVERYWHERE)))
    assert not getattr(said, texts[0])
    assert (said.custom, said.tags) == ({"size": "large"}, ())
    assert [getattr(said, one) for one in texts[1:]] == [
        getattr(getattr(record, described), one) for one in texts[1:]
    ]
    assert (pinned.rev, pinned.pin([texts[0]], STAMP)) == (2, pinned)
    with pytest.raises(ValueError, match="no text"):
        record.pin(["nothing"], STAMP)


def changed(record: Any, described: str, said: Any) -> Any:
    """Return the record as whoever changes one makes it."""
    match described:
        case "profile":
            more: Any = {"in_crm": False, "today": TODAY, "source": None}
            return record.changed_to(said, stamp=STAMP, **more)
        case "terms":
            more = {"account_id": "b", "today": TODAY, "source": None}
            return record.changed_to(said, "won", TODAY, stamp=STAMP, **more)
        case "happening":
            return record.changed_to(said, About("b"), source=None, stamp=STAMP)
        case _:
            return record.changed_to(said, About("b"), is_done=True, stamp=STAMP)


@pytest.mark.parametrize(("record", "described", "texts"), RECORDS)
def test_whoever_changes_the_record_leaves_it_blank(record: Any, described, texts):
    pinned = record.pin([*texts, *EVERYWHERE], STAMP)

    after = changed(pinned, described, getattr(record, described))

    assert getattr(after, described) == getattr(pinned, described)
    assert (after.pinned, after.rev) == (pinned.pinned, 3)
    released = after.release(texts, STAMP)
    assert released.pinned == EVERYWHERE
    assert getattr(released, described) == getattr(after, described)
    said = getattr(changed(released, described, getattr(record, described)), described)
    assert [getattr(said, one) for one in texts] == [
        getattr(getattr(record, described), one) for one in texts
    ]
    assert said.tags == ()
    assert released.release(texts, STAMP) is released


def test_what_is_released_comes_back_with_an_import_that_says_the_same_as_before():
    assert ACCOUNT.pin(["name"], STAMP).source == SOURCE
    released = ACCOUNT.pin(["name"], STAMP).release(["name"], STAMP)
    assert released.source == replace(SOURCE, hash="")


@given(
    st.sets(st.sampled_from(["name", "domain", "tags", "custom.region", "custom.none", "text"])),
    st.sets(st.sampled_from(["name", "domain", "tags", "custom.size"])),
)
def test_blanking_is_done_once_in_any_order(ones, others):
    profile = ACCOUNT.profile

    both = blanked(profile, ones | others)

    assert blanked(blanked(profile, ones), others) == both
    assert blanked(both, ones) is both


def deciding() -> Import:
    job = ImportJob(
        job_id="j",
        records="accounts",
        dry_run=False,
        mapping=None,
        requested_by="somebody",
        requested_at=NOW,
        upload_until=NOW,
        today=TODAY,
    )
    return Import(job, STAMP, TODAY)


def test_an_import_stores_the_row_without_what_is_pinned():
    account, deal = ACCOUNT.pin(["name"], STAMP), DEAL.pin(["name"], STAMP)
    activity = ACTIVITY.pin(["text"], STAMP)
    one: Any = {"line": 2, "external_id": "1"}
    row = AccountRecord(name="Jane Doe Ltd", industry="Glass", **one)
    deal_row = DealRecord(name="Jane Doe renewal", status="won", closed_on=TODAY, **one)
    said: Any = {"kind": "call", "occurred_at": NOW, "text": "Jane Doe called", "subject": "Bob"}

    account_after = deciding().account(row, "a", None, account, "new").after
    deal_after = deciding().deal(deal_row, "d", "a", {"a"}, deal, "new").after
    named = About("a", None, ("c",))
    activity_row = ActivityRecord(**one, **said)
    activity_after = decide_activity(deciding(), activity_row, "x", named, activity, "new").after

    assert account_after and deal_after and activity_after
    assert (account_after.profile.name, account_after.profile.industry) == ("", "Glass")
    assert (deal_after.terms.name, deal_after.status) == ("", "won")
    happening = activity_after.happening
    assert (happening.text, happening.subject) == (None, "Bob")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"name": "Jane"}, "name"),
        ({"tags": ["Jane"]}, "tags"),
        ({"custom": {"region": "Doe's"}}, "custom.region"),
    ],
)
def test_who_says_what_is_pinned_is_told_so(sent, field):
    with pytest.raises(Pinned) as refusal:
        refuse_pinned((field,), sent)
    assert refusal.value.extra == {"field": field}

    others = {"domain": "doe.example", "custom": {"size": "large", "region": None}, "tags": []}
    refuse_pinned((field,), others)
