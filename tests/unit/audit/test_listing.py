"""Pages of the audit: what fits, the newest first, and where the next page begins."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from stageline.domain.audit import AuditEntry, Span
from stageline.use_cases import audit as cases
from stageline.use_cases.audit import Criteria, list_entries
from tests.fakes.audit import KeptAudit

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ONE = AuditEntry(
    kind="deal",
    record_id="d1",
    happened="changed",
    fields=("amount",),
    by="somebody",
    request="r1",
    at=NOW,
    rev=2,
    event_id="e",
)


def log_of(*entries):
    log = KeptAudit()
    for number, entry in enumerate(entries):
        log.add(replace(entry, at=NOW + timedelta(minutes=number), event_id=f"e{number}"))
    return log


def read(log, criteria, limit):
    """Return the entries of every page."""
    after, pages = None, list[list[str]]()
    while not pages or after is not None:
        found = list_entries(log, criteria, after, limit)
        pages.append([entry.event_id for entry in found.entries])
        after = found.following
    return pages


def test_pages_follow_each_other_the_newest_first():
    log = log_of(*[ONE] * 5)

    assert read(log, Criteria(Span()), 2) == [["e4", "e3"], ["e2", "e1"], ["e0"]]


def test_by_and_kind_pick_entries_out():
    other = replace(ONE, by="somebody-else")
    log = log_of(ONE, other, replace(other, kind="account"), ONE)

    assert read(log, Criteria(Span(), by="somebody"), 9) == [["e3", "e0"]]
    assert read(log, Criteria(Span(), by="somebody-else", kind="deal"), 9) == [["e1"]]


def test_a_page_ends_after_many_that_do_not_fit(monkeypatch):
    monkeypatch.setattr(cases, "MOST_READ", 3)
    log = log_of(replace(ONE, by="somebody-else"), *[ONE] * 4)

    assert read(log, Criteria(Span(), by="somebody-else"), 9) == [[], ["e0"]]
