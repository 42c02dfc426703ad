"""Integrations with a CRM: set up, given credentials, deleted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from stageline.crm_ports import IntegrationSecrets, RefusedRecords
from stageline.domain.crm_vendors import VENDORS, Vendor, sign_in_of, url_of
from stageline.domain.errors import Invalid, NotFound, SyncRunning, VendorFixed
from stageline.domain.integration import Configured, Connection, Integration, Schedule
from stageline.domain.job_states import FILE_INTEGRATION, RECORDS, Records
from stageline.domain.stamp import Stamp
from stageline.ports import Configuration
from stageline.sync_ports import Syncs
from stageline.use_cases.again import again, expect_revision
from stageline.use_cases.integrations import existing, save

# Where records come from that no CRM has: their keys say so.
RESERVED = frozenset({FILE_INTEGRATION, "api"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How an integration is to be. `base_url` None: where all of the vendor's customers are."""

    vendor: str
    base_url: str | None
    schedule: Schedule
    records: tuple[Records, ...]
    mapping: Mapping[str, Any] | None
    active: bool
    opportunity_pull: bool
    sync: bool


def crm_integration(configured: Configured, key: str) -> Integration:
    """Return the integration. Raises NotFound, also for that of files."""
    found = existing(configured, key)
    if found.connection is None:
        raise NotFound("integration")
    return found


def put_crm_integration(
    configuration: Configuration,
    key: str,
    wanted: Wanted,
    *,
    expected: int | None,
    today: date,
    stamp: Stamp,
) -> Integration:
    """Create the integration or change it; its credentials stay.

    Raises Invalid, UrlNotAllowed, VendorFixed, Stale.
    """
    if key in RESERVED:
        raise Invalid("key", "reserved", f"is none of {', '.join(sorted(RESERVED))}")
    connection = _connection(wanted)

    def decide(configured: Configured) -> Integration:
        before = configured.integration(key)
        expect_revision("integration", before.rev if before else 0, expected)
        if before is None:
            return Integration(
                key=key,
                active=wanted.active,
                opportunity_pull=wanted.opportunity_pull,
                sync=wanted.sync,
                connection=connection,
                created_at=stamp.at,
                changed=stamp,
            )
        if before.connection is None or before.connection.vendor != connection.vendor:
            raise VendorFixed
        # Elsewhere credentials would go to whoever is there: they have to be given again.
        is_there = before.connection.base_url == connection.base_url
        kept = replace(
            connection,
            sign_in=before.connection.sign_in if is_there else None,
            credentials_at=before.connection.credentials_at,
        )
        return before.changed_to(
            stamp,
            active=wanted.active,
            opportunity_pull=wanted.opportunity_pull,
            sync=wanted.sync,
            connection=kept,
        )

    return save(configuration, decide, today, stamp)


def set_credentials(
    configuration: Configuration,
    secrets: IntegrationSecrets,
    syncs: Syncs,
    key: str,
    credentials: Mapping[str, str],
    *,
    today: date,
    stamp: Stamp,
) -> None:
    """Keep the credentials of an integration, those before as a fallback. Safe to repeat.

    What needed attention is taken to be done; the next run tells. Raises Invalid, NotFound.
    """
    found = crm_integration(configuration.read(), key)
    assert found.connection is not None
    way = sign_in_of(VENDORS[found.connection.vendor], credentials)
    secrets.write(key, credentials)
    if found.connection.sign_in is None and found.connection.credentials_at is not None:
        # Those that were for another address are no fallback.
        secrets.write(key, credentials)

    def signed_in(configured: Configured) -> Integration:
        before = crm_integration(configured, key)
        assert before.connection is not None
        connection = replace(before.connection, sign_in=way, credentials_at=stamp.at)
        return before.changed_to(stamp, connection=connection, attention=None)

    def attended() -> None:
        before = syncs.state(key)
        if before.attention is not None:
            syncs.save(before, replace(before, attention=None, rev=before.rev + 1), None)

    save(configuration, signed_in, today, stamp)
    again(attended)


def remove_integration(
    configuration: Configuration,
    secrets: IntegrationSecrets,
    refused: RefusedRecords,
    key: str,
    *,
    today: date,
    stamp: Stamp,
    run_id: str | None = None,
) -> None:
    """Delete an integration, where it stands, what it refused and its credentials.

    The records that it brought stay as they are.

    `run_id`: the run at whose end it is deleted. Safe to repeat. Raises NotFound, SyncRunning.
    """

    def attempt() -> None:
        configured = configuration.read()
        found, state = crm_integration(configured, key), configured.sync(key)
        if state.running not in (None, run_id):
            raise SyncRunning(state.running)
        others = tuple(one for one in configured.integrations if one.key != key)
        overlay = configured.overlay.following(others, today=today, now=stamp.at)
        # Nobody would find them any more, not even an erasure.
        refused.forget_all()
        configuration.delete_integration(found, overlay, configured.overlay, state, stamp)

    try:
        again(attempt)
    except NotFound:
        # It may have been deleted, but for the credentials.
        secrets.delete(key)
        raise
    secrets.delete(key)


def mapping_text(mapping: Mapping[str, Any]) -> str:
    """Return a mapping document as it is stored. Raises Invalid, with the path of the fault."""
    # Costs its models, which only a mapping needs.
    from stageline.domain.crm_mapping import read_mapping

    text = json.dumps(mapping, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    read_mapping(text)
    return text


def _connection(wanted: Wanted) -> Connection:
    vendor = _vendor(wanted.vendor)
    if wanted.opportunity_pull and "deals" not in wanted.records:
        raise Invalid("opportunity_pull", "needs_deals", "needs deals among the records")
    return Connection(
        vendor=wanted.vendor,
        base_url=url_of(vendor, wanted.base_url),
        schedule=wanted.schedule,
        records=tuple(one for one in RECORDS if one in wanted.records),
        mapping=None if wanted.mapping is None else mapping_text(wanted.mapping),
    )


def _vendor(name: str) -> Vendor:
    if name not in VENDORS:
        raise Invalid("vendor", "unknown", f"is one of {', '.join(sorted(VENDORS))}")
    return VENDORS[name]
