"""Members as items of the table, and back."""

from typing import Any

from stageline.adapters.dynamodb.account_items import instant, stamp_from, stamp_values, text
from stageline.adapters.dynamodb.codec import Item
from stageline.domain.principal import Member, Preferences
from stageline.domain.workspace import Workspace


def member_fields(member: Member) -> dict[str, Any]:
    """Return what is stored of a member, whatever its key."""
    wishes = member.preferences
    fields = {
        "subject": member.subject,
        "role": member.role,
        "suspended": member.suspended,
        "kind": member.kind,
        "name": member.name or None,
        "email": member.email,
        "team": member.team,
        "manager_id": member.manager_id,
        "profile": member.profile,
        "scopes": list(member.scopes) or None,
        "expires_on": text(member.expires_at),
        "zone": wishes.zone,
        "locale": wishes.locale,
        "date_format": wishes.date_format,
        "created_at": text(member.created_at),
        "rev": member.rev,
        **(stamp_values(member.changed) if member.changed else {}),
    }
    return {name: value for name, value in fields.items() if value is not None}


def member_from_item(item: Item, workspace: Workspace, subject: str) -> Member:
    return Member(
        subject=subject,
        workspace=workspace,
        role=item["role"],
        suspended=item.get("suspended", False),
        kind=item.get("kind", "person"),
        name=item.get("name", ""),
        email=item.get("email"),
        team=item.get("team"),
        manager_id=item.get("manager_id"),
        profile=item.get("profile"),
        scopes=tuple(item.get("scopes", ())),
        expires_at=instant(item.get("expires_on")),
        preferences=Preferences(item.get("zone"), item.get("locale"), item.get("date_format")),
        created_at=instant(item.get("created_at")),
        changed=stamp_from(item) if "by" in item else None,
        rev=item.get("rev", 1),
    )
