"""Certificates to test with."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from stageline.domain.certificate import Certificate, Horizon, StoreResult

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CLEAN = StoreResult(
    store="contact", method="item replaced", expected=1, removed=1, remaining=0, read_at=NOW
)
BACKUP = Horizon(store="Table", until=date(2026, 4, 6), what="point-in-time backup")


def certificate(**values: Any) -> Certificate:
    sound = Certificate(
        workspace="acme",
        request_id="r1",
        way="erase",
        satisfies_article_17=True,
        ground="consent_withdrawn",
        requested_on=date(2026, 3, 1),
        due_on=date(2026, 4, 1),
        approved_by="officer",
        approved_at=NOW,
        policy="0a",
        preview="0b",
        state="live_erased",
        issued_at=NOW,
        subjects=1,
        suppressed=3,
        shared_identifiers=1,
        stores=(CLEAN,),
        horizons=(BACKUP,),
        residue=("random_id",),
    )
    return replace(sound, **values)
