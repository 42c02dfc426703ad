"""Lists against an oracle: any filters, any order, any pages (S0.22)."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stageline.adapters.dynamodb.keys import row_key, tag_key, word_key
from stageline.domain.errors import Invalid
from stageline.domain.group import Row
from stageline.domain.search import sort_name, words
from stageline.domain.workspace import Workspace
from stageline.schemes import shipped
from stageline.use_cases import listing
from stageline.use_cases.listing import Criteria, list_accounts
from tests.fakes.memory import Memory, Put
from tests.fakes.rows import InMemoryLists, InMemoryRows

SCHEME = shipped()
STAGES = tuple(SCHEME.stages)
WORKSPACE = Workspace("acme")
TAGS = ("Key", "New")
OWNERS = ("-", "hash-1", "hash-2")

PARTS = st.sampled_from(["Acme", "acme", "Ácme!", "Beta", "Co", "Zürich", "AG #1", "東京", "Be"])


@st.composite
def rows(draw):
    stage = draw(st.sampled_from(STAGES))
    also = draw(st.sets(st.sampled_from(STAGES), max_size=2))
    since = draw(st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 9)))
    return {
        "stage": stage,
        "rank": SCHEME.rank(stage),
        "since": since,
        "holds": (stage, *sorted(also - {stage})),
        "name": " ".join(draw(st.lists(PARTS, min_size=1, max_size=3))),
        "owner": draw(st.sampled_from(OWNERS)),
        "in_crm": draw(st.booleans()),
        "tags": tuple(sorted(draw(st.sets(st.sampled_from(TAGS), max_size=2)))),
    }


@st.composite
def criteria(draw):
    return Criteria(
        stages=draw(st.none() | st.frozensets(st.sampled_from((*STAGES, None)), min_size=1)),
        holds=draw(st.frozensets(st.sampled_from(STAGES), max_size=2)),
        sort=draw(st.sampled_from(("stage", "name", "since"))),
        descending=draw(st.booleans()),
        query=draw(st.sampled_from((None, None, "acm", "Beta", "zur", "acme beta"))),
        owners=draw(st.sampled_from((None, None, OWNERS, *((one,) for one in OWNERS)))),
        in_crm=draw(st.sampled_from((None, None, True, False))),
        tags=draw(
            st.sampled_from(({}, {}, {"key": "hash-key"}, {"key": "hash-key", "new": "hash-new"}))
        ),
        limit=draw(st.integers(1, 7)),
        dash=draw(st.sampled_from((False, False, False, True))),
    )


def stored(found):
    memory = Memory()
    for number, values in enumerate(found):
        row = Row(
            account_id=f"{number:032x}",
            scheme=SCHEME.key,
            next_on=None,
            domain=None,
            owner_email=None,
            parent_id=None,
            root_id=None,
            home_rev=1,
            value_rev=1,
            account_rev=1,
            event_seq=1,
            **values,
        )
        memory.write("row", Put(row_key(WORKSPACE, row.account_id, row.scheme), row))
        for word in words(row.name, None):
            key = word_key(WORKSPACE, word, sort_name(row.name), row.account_id)
            memory.write("row", Put(key, row.account_id))
        for tag in row.tags:
            key = tag_key(WORKSPACE, f"hash-{tag.lower()}", row.account_id)
            memory.write("row", Put(key, row.account_id))
    everything = [row for row in memory.items.values() if isinstance(row, Row)]
    return InMemoryLists(memory, WORKSPACE), InMemoryRows(memory, WORKSPACE), everything


def oracle(everything, wanted):
    """Straight from the statement: what fits, sorted, "-" last whichever way."""

    def fits(row):
        stage = None if wanted.dash else row.stage
        return (
            (wanted.stages is None or stage in wanted.stages)
            and (not wanted.holds or (not wanted.dash and wanted.holds & set(row.holds)))
            and (wanted.owners is None or row.owner in wanted.owners)
            and (wanted.in_crm is None or row.in_crm == wanted.in_crm)
            and wanted.tags.keys() <= {tag.lower() for tag in row.tags}
            and (wanted.query is None or begins(row, wanted.query))
        )

    def begins(row, query):
        found = words(row.name, None)
        return all(any(word.startswith(q.casefold()) for word in found) for q in query.split())

    def name(row):
        return f"{sort_name(row.name)}#{row.account_id}"

    fitting = sorted((row for row in everything if fits(row)), key=name)
    if wanted.sort == "name" and wanted.descending:
        fitting.reverse()
    if wanted.dash or wanted.sort == "name":
        return fitting
    if wanted.sort == "stage":
        return sorted(fitting, key=lambda row: -row.rank if wanted.descending else row.rank)
    return sorted(
        fitting,
        key=lambda row: (row.since or date.min, row.account_id),
        reverse=wanted.descending,
    )


@given(
    found=st.lists(rows(), max_size=25),
    wanted=criteria(),
    most=st.sampled_from((2, listing.MOST_MATCHES)),
)
@settings(deadline=None)
def test_pages_together_are_what_the_statement_says(found, wanted, most):
    lists, stored_rows, everything = stored(found)
    # A tag that many have is no index, and lists the same.
    of_tags = listing.MOST_TAGGED
    listing.MOST_TAGGED = most
    try:
        compare(lists, stored_rows, everything, wanted)
    finally:
        listing.MOST_TAGGED = of_tags


def compare(lists, stored_rows, everything, wanted):
    listed: list[Row] = []
    after = None
    while True:
        page = list_accounts(lists, stored_rows, SCHEME, wanted, after)
        assert len(page.rows) <= wanted.limit
        listed += page.rows
        after = page.following
        if after is None:
            break

    assert [row.account_id for row in listed] == [
        row.account_id for row in oracle(everything, wanted)
    ]


def test_page_examines_so_many_rows_and_hands_on(monkeypatch):
    monkeypatch.setattr(listing, "MOST_EXAMINED", 3)
    same = {"stage": "client", "rank": 4, "since": None, "holds": ("client",), "owner": "-"}
    found = [same | {"name": f"N{n}", "in_crm": n == 9} for n in range(10)]
    lists, stored_rows, _ = stored(found)
    wanted = Criteria(in_crm=True)

    pages: list[list[str]] = []
    after = None
    while not pages or after is not None:
        page = list_accounts(lists, stored_rows, SCHEME, wanted, after)
        pages.append([row.name for row in page.rows])
        after = page.following

    assert pages == [[], [], [], ["N9"]]


def test_query_that_too_many_match_names_the_fix(monkeypatch):
    monkeypatch.setattr(listing, "MOST_MATCHES", 2)
    same = {"stage": "client", "rank": 4, "since": None, "holds": ("client",), "owner": "-"}
    lists, stored_rows, _ = stored([same | {"name": f"Acme {n}", "in_crm": True} for n in range(3)])

    with pytest.raises(Invalid) as refusal:
        list_accounts(lists, stored_rows, SCHEME, Criteria(query="acm"), None)
    assert refusal.value.code == "query_too_broad"
    assert "more letters" in refusal.value.detail

    with pytest.raises(Invalid) as refusal:
        list_accounts(lists, stored_rows, SCHEME, Criteria(owners=("-",), sort="since"), None)
    assert refusal.value.field == "sort"
