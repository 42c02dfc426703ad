"""When a table may be used: the journal was applied to it, or there was nothing to apply."""

from datetime import UTC, datetime

import pytest

from stageline.domain.errors import RestoredNotChecked
from stageline.domain.journal import JournalEntry
from stageline.domain.workspace import Workspace
from stageline.use_cases.fence import Fence, is_fenced
from tests.fakes.privacy import KeptFences, KeptJournal

HERE, BEFORE = "this table", "the table before"
ENTRY = JournalEntry(
    workspace=Workspace("acme"),
    request_id="r1",
    part=1,
    way="erase",
    approved_by="officer",
    approved_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
    policy="0a",
)


def journal(*entries):
    kept = KeptJournal()
    for entry in entries:
        kept.write(entry)
    return kept


@pytest.mark.parametrize(
    ("applied_to", "entries", "fenced"),
    [
        pytest.param(HERE, [], False, id="applied here, nobody was erased"),
        pytest.param(HERE, [ENTRY], False, id="applied here"),
        pytest.param(BEFORE, [ENTRY], True, id="restored"),
        pytest.param(BEFORE, [], True, id="restored, and nobody was erased"),
        pytest.param(None, [ENTRY], True, id="restored from before the fence"),
        pytest.param(None, [], False, id="a fresh deployment"),
    ],
)
def test_a_table_is_fenced_until_the_journal_was_applied_to_it(applied_to, entries, fenced):
    assert is_fenced(HERE, KeptFences(applied_to), lambda: journal(*entries)) == fenced


def test_a_fresh_deployment_says_so_and_the_journal_is_not_asked_again():
    fences = KeptFences()

    assert not is_fenced(HERE, fences, journal)
    assert not is_fenced(HERE, fences, lambda: journal(ENTRY))
    assert is_fenced("a restored table", fences, journal)


def test_of_two_who_find_a_fresh_deployment_the_first_one_says_which_table_it_is():
    fences = KeptFences()

    def another_was_first():
        fences.table = BEFORE
        return journal()

    assert is_fenced(HERE, fences, another_was_first)


def test_what_was_found_open_is_not_looked_at_again_and_what_is_closed_is():
    fences = KeptFences(BEFORE)
    fence = Fence(HERE, fences, journal)

    with pytest.raises(RestoredNotChecked):
        fence.refuse()
    fences.open(HERE, BEFORE)
    fence.refuse()
    fences.table = BEFORE

    assert not fence.is_closed()
