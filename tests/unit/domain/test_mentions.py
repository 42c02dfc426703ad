"""Likely mentions of a person in texts: whole words and numbers, however they are written."""

import unicodedata
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stageline.domain.account import Profile, new_account
from stageline.domain.activity import About, Happening, new_activity
from stageline.domain.deal import Terms, new_deal
from stageline.domain.mentions import Traits, mentioning, mentions_of
from stageline.domain.stamp import Source, Stamp
from stageline.domain.task import ToDo, new_task

JANE = Traits(
    first_names=("Jane Q.",),
    last_names=("Doe",),
    emails=("Jane.Doe@Example.com",),
    phones=("+43 (0)664 123 45 67", "123"),
)
MUELLER = Traits(("Jürgen",), ("von der Müller-Groß",))
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
STAMP = Stamp("somebody", "a-request", NOW)


@pytest.mark.parametrize(
    "text",
    [
        "Jane Doe renewal",
        "DOE, JANE",
        "Doe (formerly Smith) asked; jane's colleague",
        "\uff2aane Doe",
        "mail jane.doe@EXAMPLE.com.",
        "<jane.doe@example.com>",
        "mailto:jane.doe@example.com?subject=x",
        "call 0664/1234567 tomorrow",
        "call 0664 123-45-67 2026-04-01",
        "0043 664 1234567",
        "+43 664 1234567",
        "tel. \u0660\u0666\u0666\u0664 1234567",
    ],
)
def test_a_person_is_found(text):
    assert mentions_of(JANE)(text)


@pytest.mark.parametrize(
    "text",
    [
        "Doe Ltd",
        "Jane",
        "Q. Doe",
        "Janet Doe",
        "Jane Doering",
        "Jane_Doe2",
        "0664 1234568",
        "X06641234567",
        "66412345671",
        "123",
        "",
    ],
)
def test_somebody_else_is_not(text):
    assert not mentions_of(JANE)(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("\u201cinfo.jd@example.com\u201d!", True),
        ("(INFO.JD@example.com),", True),
        ("info.jd@example.com.au", False),
        ("info.jd@example.community", False),
        ("no-info.jd@example.com", False),
    ],
)
def test_an_address_is_found_as_a_whole(text, found):
    assert mentions_of(Traits(emails=("Info.JD@example.com ", "example.com")))(text) == found


def test_of_a_last_name_all_words_are_needed():
    mentions = mentions_of(MUELLER)

    assert mentions("JU\u0308RGEN VON DER MU\u0308LLER-GROSS")
    assert not mentions("Jürgen Müller")


def test_names_that_say_too_little_find_nobody():
    for traits in (
        Traits(("J",), ("Doe",)),
        Traits(("Jane",), ("D",)),
        Traits(("Jane",)),
        Traits(),
    ):
        assert not mentions_of(traits)("J Jane Doe D @ jane@ 1")


# Signs that NFKC writes as a space and something else are in no name.
LETTER = st.characters(categories=("Lu", "Ll", "Lt", "Lo")).filter(
    lambda one: " " not in unicodedata.normalize("NFKC", one)
)
NAMES = st.text(LETTER, min_size=2, max_size=12)
BESIDE = st.sampled_from(["", " ", ", ", " - ", "\n", "(", "/ ", ". ", " x ", "_"])
FORMS: tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...] = ("NFC", "NFD", "NFKC", "NFKD")
WRITTEN = st.tuples(
    st.sampled_from([str, str.upper, str.lower, str.title, str.casefold]), st.sampled_from(FORMS)
)


@given(NAMES, NAMES, st.booleans(), WRITTEN, BESIDE, BESIDE, BESIDE.filter(bool))
def test_a_full_name_is_found_however_it_is_written(
    first, last, last_first, written, before, after, between
):
    case, form = written
    names = (last, first) if last_first else (first, last)
    first_word, second_word = (unicodedata.normalize(form, case(name)) for name in names)

    text = f"{before}{first_word}{between}{second_word}{after}"

    assert mentions_of(Traits((first,), (last,)))(text)


LETTERS = st.text("abcdeföüß", min_size=2, max_size=8)


@given(LETTERS, LETTERS, LETTERS, st.sampled_from(["before", "after"]))
def test_a_name_inside_another_word_is_not_found(first, last, more, where):
    longer = f"{more}{last}" if where == "before" else f"{last}{more}"
    assume(last not in (first, longer))

    assert not mentions_of(Traits((first,), (last,)))(f"{first} {longer}")


@given(
    number=st.integers(10**8, 10**12 - 1).map(str),
    cuts=st.sets(st.integers(1, 11)),
    gap=st.sampled_from([" ", "-", "/", ".", "\u00a0", " / "]),
    prefix=st.sampled_from(["", "0", "+43 ", "0043 ", "+43 (0)"]),
)
def test_a_phone_number_is_found_however_it_is_grouped(number, cuts, gap, prefix):
    grouped = "".join(gap * (place in cuts) + digit for place, digit in enumerate(number))

    assert mentions_of(Traits(phones=(number,)))(f"call {prefix}{grouped}!")
    assert not mentions_of(Traits(phones=(number,)))(f"call {prefix}{number}5")


def test_fields_are_named_as_they_are_pinned():
    said: Any = {"custom": {"region": "Jane Doe", "size": "L", "who": ("x", "Doe, Jane")}}
    tagged: Any = said | {"tags": ("key", "jane.doe@example.com")}
    source = Source("api", "a-hash", "1")
    account = new_account(
        "a", Profile(name="Jane Doe", **tagged), in_crm=True, today=NOW.date(), stamp=STAMP
    )
    deal = new_deal(
        "d", Terms(name="Renewal", **said), "open", None, account_id="a", today=NOW.date(),
        stamp=STAMP,
    )  # fmt: skip
    happening = Happening(kind="call", occurred_at=NOW, subject="Call", text="0664 1234567")
    activity = new_activity("x", happening, About("a"), stamp=STAMP)
    task = new_task(
        "t", ToDo(title="Call Jane Doe", due_on=NOW.date()), About("a"), source=source, stamp=STAMP
    )

    found = [mentioning(one, mentions_of(JANE)) for one in (account, deal, activity, task)]

    assert found == [
        ("name", "custom.region", "custom.who", "tags"),
        ("custom.region", "custom.who"),
        ("text",),
        ("title",),
    ]
    names = found[0]
    assert mentioning(account.pin(names, STAMP), mentions_of(JANE)) == ()
