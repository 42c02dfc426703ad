"""Accounts as items of the table, and back."""

from datetime import date, datetime
from typing import Any

from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.custom_items import custom_from, custom_values, tags_from
from stageline.adapters.dynamodb.keys import account_key, children_index
from stageline.domain.account import Account, Linked, Membership, Profile
from stageline.domain.spells import PresenceObservation
from stageline.domain.stamp import Source, Stamp
from stageline.domain.workspace import Workspace


def account_item(workspace: Workspace, account: Account) -> Item:
    profile = account.profile
    parent_id = account.parent_id or account.awaited_parent_id
    item: Item = account_key(workspace, account.account_id) | {
        "id": account.account_id,
        "external_id": account.external_id,
        "name": profile.name,
        "domain": profile.domain,
        "industry": profile.industry,
        "country": profile.country,
        "owner_email": profile.owner_email,
        "created_on": text(profile.created_on),
        **custom_values(profile.custom, profile.tags),
        "parent_id": account.parent_id,
        "awaited_parent_id": account.awaited_parent_id,
        "memberships": memberships_value(account.memberships),
        "presence": [[seen.in_crm, text(seen.seen_on)] for seen in account.presence],
        "first_seen_on": text(account.first_seen_on),
        "deleted": account.deleted or None,
        "merged_into": account.merged_into,
        "links": [[one.account_id, one.integration, one.in_crm] for one in account.linked] or None,
        "linked_to": account.linked_to,
        "own_in_crm": account.own_in_crm,
        "pinned": list(account.pinned) or None,
        "created_at": text(account.created_at),
        "rev": account.rev,
        **stamp_values(account.changed),
        **source_values(account.source),
    }
    if parent_id is not None:
        item |= children_index(workspace, parent_id, account.account_id)
    return {name: value for name, value in item.items() if value is not None}


def account_from_item(item: Item) -> Account:
    return Account(
        account_id=item["id"],
        external_id=item.get("external_id"),
        profile=Profile(
            name=item["name"],
            domain=item.get("domain"),
            industry=item.get("industry"),
            country=item.get("country"),
            owner_email=item.get("owner_email"),
            created_on=day(item.get("created_on")),
            custom=custom_from(item),
            tags=tags_from(item),
        ),
        parent_id=item.get("parent_id"),
        awaited_parent_id=item.get("awaited_parent_id"),
        memberships=memberships_from(item["memberships"]),
        presence=tuple(
            PresenceObservation(in_crm, date.fromisoformat(seen_on))
            for in_crm, seen_on in item["presence"]
        ),
        first_seen_on=date.fromisoformat(item["first_seen_on"]),
        deleted=item.get("deleted", False),
        merged_into=item.get("merged_into"),
        linked=tuple(Linked(*one) for one in item.get("links", ())),
        linked_to=item.get("linked_to"),
        own_in_crm=item.get("own_in_crm"),
        pinned=tuple(item.get("pinned", ())),
        source=source_from(item),
        created_at=datetime.fromisoformat(item["created_at"]),
        changed=stamp_from(item),
        rev=item["rev"],
    )


def memberships_value(memberships: tuple[Membership, ...]) -> list[list[str | None]]:
    return [[m.root_id, text(m.from_day), m.recorded_at.isoformat()] for m in memberships]


def memberships_from(value: list[list[Any]]) -> tuple[Membership, ...]:
    return tuple(
        Membership(root_id, day(from_day), datetime.fromisoformat(recorded_at))
        for root_id, from_day, recorded_at in value
    )


def stamp_values(stamp: Stamp) -> Item:
    return {
        "by": stamp.by,
        "request": stamp.request,
        "at": stamp.at.isoformat(),
        "in_job": stamp.in_job or None,
    }


def stamped(stamp: Stamp) -> Item:
    """Return what an item carries of a stamp."""
    return {name: value for name, value in stamp_values(stamp).items() if value is not None}


def stamp_from(item: Item) -> Stamp:
    return Stamp(
        item["by"], item["request"], datetime.fromisoformat(item["at"]), item.get("in_job", False)
    )


def source_values(source: Source | None) -> Item:
    if source is None:
        return {"source": None}
    state = [] if source.state is None else [source.state]
    return {"source": [source.integration, source.hash, source.version, *state]}


def source_from(item: Item) -> Source | None:
    return Source(*item["source"]) if "source" in item else None


def text(moment: date | None) -> str | None:
    """Return a day or an instant as it is stored: ISO 8601."""
    return None if moment is None else moment.isoformat()


def day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
