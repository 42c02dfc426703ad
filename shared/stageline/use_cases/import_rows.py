"""Storing a page of an import, whatever it is of."""

from collections.abc import Sequence

from stageline.domain.jobs import PageResult, Problem
from stageline.domain.person_records import ActivityRecord, ContactRecord
from stageline.domain.records import AccountRecord, DealRecord
from stageline.use_cases.import_accounts import store_accounts
from stageline.use_cases.import_deals import store_deals
from stageline.use_cases.import_decisions import Import
from stageline.use_cases.import_pages import Left, Records
from stageline.use_cases.import_people import store_activity_rows, store_contact_rows


def store_rows(
    store: Records, deciding: Import, lines: Sequence[str], left: Left
) -> tuple[PageResult, Sequence[Problem]]:
    """Store what differs of these rows (nothing in a dry run), and say what became of them."""
    match deciding.job.records:
        case "accounts":
            return store_accounts(store, deciding, list(map(AccountRecord.from_json, lines)))
        case "deals":
            return store_deals(store, deciding, list(map(DealRecord.from_json, lines)), left)
        case "contacts":
            return store_contact_rows(store, deciding, list(map(ContactRecord.from_json, lines)))
        case "activities":
            return store_activity_rows(store, deciding, list(map(ActivityRecord.from_json, lines)))
