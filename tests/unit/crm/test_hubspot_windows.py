"""Window after window, the connector gives exactly what happened, however it happened."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from stageline.domain.crm_records import CrmRecord
from tests.unit.crm.hubspot_connector import START, gone, joined, live

MILLISECOND = timedelta(milliseconds=1)

some = st.integers(0, 30)
events = st.one_of(
    st.tuples(st.just("add")),
    st.tuples(st.just("add")),
    st.tuples(st.just("update"), some),
    st.tuples(st.just("archive"), some),
    st.tuples(st.just("merge"), some, some),
    st.tuples(st.just("time passes")),
    st.tuples(st.just("read")),
)
unconfirmed = st.fixed_dictionaries(
    {
        "merge_creates_record": st.booleans(),
        "merged_in_archived": st.booleans(),
        "ties_by_id": st.booleans(),
    }
)


def apply(found: Sequence[CrmRecord], ours: dict[str, Any]) -> None:
    for record in found:
        for old in record.merged:
            ours.pop(old, None)
        if record.is_gone:
            ours.pop(record.external_id, None)
        else:
            ours[record.external_id] = record.values["name"]


@settings(max_examples=60, deadline=None)
@given(history=st.lists(events, max_size=40), options=unconfirmed)
def test_reading_window_after_window_gives_exactly_what_changed(history, options):
    sizes = patch.multiple(
        "sync_crm.connectors.hubspot_objects", SEARCH_PAGE=3, LIST_PAGE=2, BATCH=2
    )
    standing = {"request_time": timedelta(0), "search_window": 3}
    unlimited = {"search_per_second": 10**6, "requests_per_ten_seconds": 10**6}
    with sizes, joined(**standing | unlimited | options) as hub:
        fake, names, since = hub.fake, count(), START
        ours: dict[str, Any] = {}
        changed: set[str] = set()
        for event, *picks in [*history, ("read",)]:
            there = list(fake.records("companies"))
            picked = [there[pick % len(there)] for pick in picks] if there else []
            match event, *picked:
                case ("add",):
                    changed.add(fake.add("companies", {"name": next(names)}))
                case ("update", one):
                    fake.update("companies", one, {"name": next(names)})
                    changed.add(one)
                case ("archive", one):
                    fake.archive("companies", one)
                case ("merge", one, other) if one != other:
                    changed.add(fake.merge("companies", one, other))
                case ("time passes",):
                    fake.clock.advance(MILLISECOND)
                case ("read",):
                    fake.clock.advance(MILLISECOND)
                    until = fake.clock.instant()
                    found = hub.read("accounts", ["name"], since=since, until=until)
                    apply(found, ours)

                    theirs = fake.records("companies")
                    assert set(live(found)) == changed & set(theirs)
                    assert not set(gone(found)) & set(theirs)
                    assert ours == {key: one["properties"]["name"] for key, one in theirs.items()}
                    whole: dict[str, Any] = {}
                    apply(hub.read("accounts", ["name"]), whole)
                    assert whole == ours
                    changed, since = set(), until
