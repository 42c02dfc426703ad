"""Activities, and what points to them, as items of the table, and back."""

from datetime import datetime

from stageline.adapters.dynamodb.account_items import (
    source_from,
    source_values,
    stamp_from,
    stamp_values,
    text,
)
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.custom_items import custom_from, custom_values, tags_from
from stageline.adapters.dynamodb.keys import Key, account_partition
from stageline.adapters.dynamodb.record_keys import (
    ACTIVITY_PREFIX,
    activity_key,
    contact_partition,
    gone_key,
    instant_from,
    place_key,
    pointing_to,
    record_partition,
    time_text,
    touch_key,
)
from stageline.domain.activity import About, Activity, Happening
from stageline.domain.workspace import Workspace


def activity_items(workspace: Workspace, activity: Activity) -> list[Item]:
    """Return the activity, where it lies, its touch of the account, and one for each contact."""
    happening, about, id_ = activity.happening, activity.about, activity.activity_id
    home = _home(workspace, activity)
    item: Item = home | {
        "id": id_,
        "external_id": activity.external_id,
        "kind": happening.kind,
        "occurred_at": time_text(happening.occurred_at),
        "two_way": happening.two_way,
        "subject": happening.subject,
        "text": happening.text,
        "owner_email": happening.owner_email,
        **custom_values(happening.custom, happening.tags),
        **about_values(about),
        "deleted": activity.deleted or None,
        "erased": activity.erased or None,
        "pinned": list(activity.pinned) or None,
        "created_at": text(activity.created_at),
        "rev": activity.rev,
        **stamp_values(activity.changed),
        **source_values(activity.source),
    }
    items = [{name: value for name, value in item.items() if value is not None}]
    items.append(place_item(workspace, id_, home))
    if activity.deleted:
        return items
    if activity.is_touch and about.account_id is not None:
        partition = account_partition(workspace, about.account_id)
        items.append(touch_key(partition, happening.two_way, happening.occurred_at, id_))
    for contact_id in about.contact_ids:
        key = activity_key(contact_partition(workspace, contact_id), happening.occurred_at, id_)
        if key != home:
            items.append(key | {"id": id_, **pointing_to(home)})
    return items


def activity_from_item(item: Item) -> Activity:
    return Activity(
        activity_id=item["id"],
        external_id=item.get("external_id"),
        happening=Happening(
            kind=item["kind"],
            occurred_at=instant_from(item["occurred_at"]),
            two_way=item["two_way"],
            subject=item.get("subject"),
            text=item.get("text"),
            owner_email=item.get("owner_email"),
            custom=custom_from(item),
            tags=tags_from(item),
        ),
        about=about_from(item),
        deleted=item.get("deleted", False),
        erased=item.get("erased", False),
        pinned=tuple(item.get("pinned", ())),
        source=source_from(item),
        created_at=datetime.fromisoformat(item["created_at"]),
        changed=stamp_from(item),
        rev=item["rev"],
    )


def place_item(workspace: Workspace, record_id: str, home: Key) -> Item:
    return place_key(workspace, record_id) | {"id": record_id, **pointing_to(home)}


def about_values(about: About) -> Item:
    return {
        "account_id": about.account_id,
        "deal_id": about.deal_id,
        "contact_ids": list(about.contact_ids) or None,
    }


def about_from(item: Item) -> About:
    contact_ids = tuple(item.get("contact_ids", ()))
    return About(item.get("account_id"), item.get("deal_id"), contact_ids)


def _home(workspace: Workspace, activity: Activity) -> Key:
    about = activity.about
    if activity.erased:
        partition = record_partition(workspace, activity.activity_id)
    elif about.account_id is not None:
        partition = account_partition(workspace, about.account_id)
    else:
        partition = contact_partition(workspace, about.contact_ids[0])
    if activity.deleted:
        return gone_key(partition, ACTIVITY_PREFIX, activity.activity_id)
    return activity_key(partition, activity.happening.occurred_at, activity.activity_id)
