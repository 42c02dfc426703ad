"""Integrations as items of the table, and back."""

from datetime import datetime, time

from stageline.adapters.dynamodb.account_items import instant, stamp_from, stamped, text
from stageline.adapters.dynamodb.codec import Item
from stageline.domain.integration import Connection, Integration, Schedule
from stageline.domain.stamp import UNKNOWN, Stamp


def integration_values(integration: Integration) -> Item:
    """Return the attributes besides the key; what there is not is left out."""
    values = {
        "key": integration.key,
        "active": integration.active,
        "opportunity_pull": integration.opportunity_pull,
        "sync": integration.sync,
        "attention": integration.attention,
        "created_at": integration.created_at.isoformat(),
        "rev": integration.rev,
        **stamped(integration.changed),
        **(_connection_values(integration.connection) if integration.connection else {}),
    }
    return {name: value for name, value in values.items() if value is not None}


def integration_from_item(item: Item) -> Integration:
    return Integration(
        key=item["key"],
        active=item["active"],
        opportunity_pull=item["opportunity_pull"],
        sync=item["sync"],
        connection=_connection_from(item) if "vendor" in item else None,
        attention=item.get("attention"),
        created_at=datetime.fromisoformat(item["created_at"]),
        changed=_stamp_from(item),
        rev=item["rev"],
    )


def _connection_values(connection: Connection) -> Item:
    # Attributes of their own, so that the audit names what was changed.
    return {
        "vendor": connection.vendor,
        "base_url": connection.base_url,
        "sign_in": connection.sign_in,
        "credentials_at": text(connection.credentials_at),
        "times": [at.isoformat("minutes") for at in connection.schedule.times],
        "zone": connection.schedule.zone,
        "full_every_days": connection.schedule.full_every_days,
        "records": list(connection.records),
        "mapping": connection.mapping,
    }


def _connection_from(item: Item) -> Connection:
    return Connection(
        vendor=item["vendor"],
        base_url=item["base_url"],
        sign_in=item.get("sign_in"),
        credentials_at=instant(item.get("credentials_at")),
        schedule=Schedule(
            times=tuple(map(time.fromisoformat, item["times"])),
            zone=item["zone"],
            full_every_days=item["full_every_days"],
        ),
        records=tuple(item["records"]),
        mapping=item.get("mapping"),
    )


def _stamp_from(item: Item) -> Stamp:
    if "by" in item:
        return stamp_from(item)
    # Written before integrations said who had changed them.
    return Stamp(UNKNOWN, UNKNOWN, datetime.fromisoformat(item["changed_at"]))
