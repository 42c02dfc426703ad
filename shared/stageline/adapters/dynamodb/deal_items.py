"""Deals as items of the table, and back."""

from datetime import date, datetime
from decimal import Decimal

from stageline.adapters.dynamodb.account_items import (
    day,
    source_from,
    source_values,
    stamp_from,
    stamp_values,
    text,
)
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.custom_items import custom_from, custom_values, tags_from
from stageline.adapters.dynamodb.keys import deal_key, unassigned_index
from stageline.domain.deal import Deal, Terms
from stageline.domain.spells import Observation
from stageline.domain.workspace import Workspace


def deal_item(workspace: Workspace, deal: Deal) -> Item:
    terms = deal.terms
    item: Item = deal_key(workspace, deal.account_id, deal.deal_id) | {
        "id": deal.deal_id,
        "external_id": deal.external_id,
        "account_id": deal.account_id,
        "name": terms.name,
        "opened_on": text(terms.opened_on),
        "expected_close_on": text(terms.expected_close_on),
        "amount": _decimal(terms.amount),
        "currency": terms.currency,
        "probability": _decimal(terms.probability),
        "owner_email": terms.owner_email,
        **custom_values(terms.custom, terms.tags),
        "observations": [
            [seen.status, text(seen.seen_on), text(seen.closed_on)] for seen in deal.observations
        ],
        "first_seen_on": text(deal.first_seen_on),
        "waiting": deal.waiting or None,
        "linked": list(deal.linked) or None,
        "pinned": list(deal.pinned) or None,
        "created_at": text(deal.created_at),
        "rev": deal.rev,
        **stamp_values(deal.changed),
        **source_values(deal.source),
    }
    if (deal.account_id is None or deal.waiting) and deal.status != "gone":
        item |= unassigned_index(workspace, deal.deal_id)
    return {name: value for name, value in item.items() if value is not None}


def deal_from_item(item: Item) -> Deal:
    return Deal(
        deal_id=item["id"],
        external_id=item.get("external_id"),
        account_id=item.get("account_id"),
        terms=Terms(
            name=item["name"],
            opened_on=day(item.get("opened_on")),
            expected_close_on=day(item.get("expected_close_on")),
            amount=_from_decimal(item.get("amount")),
            currency=item.get("currency"),
            probability=_from_decimal(item.get("probability")),
            owner_email=item.get("owner_email"),
            custom=custom_from(item),
            tags=tags_from(item),
        ),
        observations=tuple(
            Observation(status, date.fromisoformat(seen_on), day(closed_on))
            for status, seen_on, closed_on in item["observations"]
        ),
        first_seen_on=date.fromisoformat(item["first_seen_on"]),
        waiting=item.get("waiting", False),
        linked=tuple(item.get("linked", ())),
        pinned=tuple(item.get("pinned", ())),
        source=source_from(item),
        created_at=datetime.fromisoformat(item["created_at"]),
        changed=stamp_from(item),
        rev=item["rev"],
    )


def _decimal(value: Decimal | None) -> str | None:
    """Return a decimal as text: its number of places is part of what somebody said."""
    return None if value is None else format(value, "f")


def _from_decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
