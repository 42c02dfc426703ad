"""List rows, search words and events as items of the table, and back."""

from datetime import datetime, timedelta

from stageline.adapters.dynamodb.account_items import day, instant, text
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.keys import NONE, event_key, row_indexes, row_key, word_key
from stageline.domain.group import Row, StageChanged
from stageline.domain.search import sort_name, words
from stageline.domain.workspace import Workspace


def row_item(workspace: Workspace, row: Row) -> Item:
    """Return the row; that of a deleted account stands in no index."""
    item: Item = row_key(workspace, row.account_id, row.scheme) | {
        "id": row.account_id,
        "scheme": row.scheme,
        "stage": row.stage,
        "rank": row.rank,
        "since": text(row.since),
        "next_on": text(row.next_on),
        "holds": list(row.holds),
        "name": row.name,
        "domain": row.domain,
        "owner_email": row.owner_email,
        "owner": row.owner,
        "in_crm": row.in_crm,
        "parent_id": row.parent_id,
        "root_id": row.root_id,
        "home_rev": row.home_rev,
        "value_rev": row.value_rev,
        "account_rev": row.account_rev,
        "event_seq": row.event_seq,
        "event_at": text(row.event_at),
        "tags": list(row.tags) or None,
    }
    if row.stage is not None:
        item |= row_indexes(
            workspace,
            row.scheme,
            row.account_id,
            rank=row.rank,
            name=sort_name(row.name),
            since=text(row.since) or NONE,
            owner=row.owner,
        )
    return {name: value for name, value in item.items() if value is not None}


def row_from_item(item: Item) -> Row:
    return Row(
        account_id=item["id"],
        scheme=item["scheme"],
        stage=item.get("stage"),
        rank=item["rank"],
        since=day(item.get("since")),
        next_on=day(item.get("next_on")),
        holds=tuple(item["holds"]),
        name=item["name"],
        domain=item.get("domain"),
        owner_email=item.get("owner_email"),
        owner=item["owner"],
        in_crm=item["in_crm"],
        parent_id=item.get("parent_id"),
        root_id=item.get("root_id"),
        home_rev=item["home_rev"],
        value_rev=item["value_rev"],
        account_rev=item["account_rev"],
        event_seq=item["event_seq"],
        event_at=instant(item.get("event_at")),
        tags=tuple(item.get("tags", ())),
    )


def word_items(workspace: Workspace, row: Row) -> dict[str, Item]:
    """Return the search words of a row by their sort keys; none for a deleted account."""
    if row.stage is None:
        return {}
    name = sort_name(row.name)
    items: list[Item] = [
        word_key(workspace, word, name, row.account_id) | {"id": row.account_id}
        for word in words(row.name, row.domain)
    ]
    return {item["SK"]: item for item in items}


def event_item(
    workspace: Workspace, event: StageChanged, kept: timedelta, *, unsent: bool = False
) -> Item:
    """Return the event, which the table removes some time after `kept` has passed.

    `unsent` stands on it until somebody has published it and said so.
    """
    item: Item = event_key(workspace, event.account_id, event.scheme, event.seq) | {
        "account_id": event.account_id,
        "seq": event.seq,
        "scheme": event.scheme,
        "scheme_version": event.scheme_version,
        "from_stage": event.from_stage,
        "to_stage": event.to_stage,
        "since": text(event.since),
        "root_id": event.root_id,
        "at": text(event.at),
        "origin": event.origin,
        "expires_at": int((event.at + kept).timestamp()),
        "unsent": unsent or None,
    }
    return {name: value for name, value in item.items() if value is not None}


def event_from_item(item: Item) -> StageChanged:
    return StageChanged(
        account_id=item["account_id"],
        seq=item["seq"],
        scheme=item["scheme"],
        scheme_version=item["scheme_version"],
        from_stage=item.get("from_stage"),
        to_stage=item.get("to_stage"),
        since=day(item.get("since")),
        root_id=item.get("root_id"),
        at=datetime.fromisoformat(item["at"]),
        origin=item["origin"],
    )
