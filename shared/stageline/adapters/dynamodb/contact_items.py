"""Contacts and their links as items of the table, and back."""

from collections.abc import Sequence
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
from stageline.adapters.dynamodb.keys import account_partition
from stageline.adapters.dynamodb.record_keys import (
    contact_indexes,
    contact_key,
    deal_partition,
    deleted_contacts_index,
    holder_key,
    link_key,
    suppressed_key,
)
from stageline.adapters.dynamodb.table import Write
from stageline.domain.contact import PERSON_TEXTS, Contact, Link, Links, Person, Role, Touched
from stageline.domain.identifiers import Hashing
from stageline.domain.workspace import Workspace


def contact_items(workspace: Workspace, contact: Contact, owner: str) -> list[Item]:
    """Return the contact and its links; a deleted one stands in an index by its id only."""
    person = contact.person
    item: Item = contact_key(workspace, contact.contact_id) | {
        "id": contact.contact_id,
        "external_id": contact.external_id,
        **{name: getattr(person, name) for name in PERSON_TEXTS},
        **custom_values(person.custom, person.tags),
        "accounts": _links_value(contact.accounts) or None,
        "deals": _links_value(contact.deals) or None,
        "deleted": contact.deleted or None,
        "merged_into": contact.merged_into,
        "created_at": text(contact.created_at),
        "gdpr_date": text(contact.gdpr_date),
        "touch": [contact.touch.by, contact.touch.reason] if contact.touch else None,
        "pinned": list(contact.pinned) or None,
        "erased_by": contact.erased_by,
        "anonymous": contact.is_anonymous or None,
        "rev": contact.rev,
        **stamp_values(contact.changed),
        **source_values(contact.source),
    }
    if not contact.deleted:
        item |= contact_indexes(
            workspace,
            contact.contact_id,
            is_lead=contact.is_lead,
            name=person.sort_by,
            owner=owner,
            gdpr_date=None if contact.is_anonymous else contact.gdpr_date,
        )
    else:
        item |= deleted_contacts_index(workspace, contact.contact_id)
    places = [
        *((account_partition(workspace, link.record_id), link) for link in contact.accounts),
        *((deal_partition(workspace, link.record_id), link) for link in contact.deals),
    ]
    return [
        {name: value for name, value in item.items() if value is not None},
        *(
            link_key(partition, contact.contact_id)
            | {"id": contact.contact_id, "roles": list(link.roles)}
            for partition, link in places
        ),
    ]


def identifier_writes(
    workspace: Workspace, changes: Sequence[tuple[Contact | None, Contact]], hashing: Hashing
) -> list[Write]:
    """Return what finds contacts by what identifies them, and keeps out who was erased.

    Of an identifier that a contact gets, no transaction goes through once it is suppressed.
    """
    writes: list[Write] = []
    guarded: dict[str, Write] = {}
    for before, after in changes:
        had = {} if before is None else hashing.of(before.person)
        has = hashing.of(after.person)
        for identifier in had.keys() - has.keys():
            for hash_ in had[identifier]:
                writes.append(Write("Delete", holder_key(workspace, hash_, after.contact_id)))
        for identifier in has.keys() - had.keys():
            current = holder_key(workspace, has[identifier][0], after.contact_id)
            writes.append(Write("Put", current | {"id": after.contact_id}))
            for hash_ in has[identifier]:
                key = suppressed_key(workspace, hash_)
                guarded[hash_] = Write("ConditionCheck", key, "attribute_not_exists(PK)")
    return [*writes, *guarded.values()]


def contact_from_item(item: Item) -> Contact:
    return Contact(
        contact_id=item["id"],
        external_id=item.get("external_id"),
        person=Person(
            **{name: item.get(name) for name in PERSON_TEXTS},
            custom=custom_from(item),
            tags=tags_from(item),
        ),
        accounts=_links_from(item.get("accounts", ())),
        deals=_links_from(item.get("deals", ())),
        deleted=item.get("deleted", False),
        merged_into=item.get("merged_into"),
        source=source_from(item),
        created_at=datetime.fromisoformat(item["created_at"]),
        gdpr_date=datetime.fromisoformat(item["gdpr_date"]),
        touch=Touched(*item["touch"]) if "touch" in item else None,
        pinned=tuple(item.get("pinned", ())),
        erased_by=item.get("erased_by"),
        is_anonymous=item.get("anonymous", False),
        changed=stamp_from(item),
        rev=item["rev"],
    )


def _links_value(links: Links) -> list[list[object]]:
    return [[link.record_id, list(link.roles)] for link in links]


def _links_from(value: Sequence[tuple[str, list[Role]]]) -> Links:
    return tuple(Link(record_id, tuple(roles)) for record_id, roles in value)
