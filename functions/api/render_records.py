"""Contacts, activities and tasks as the API shows them: JSON-ready.

`custom` are the custom values of a record as they are shown.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from api.render import day, instant, source

if TYPE_CHECKING:
    from stageline.domain.activity import About, Activity
    from stageline.domain.contact import Contact
    from stageline.domain.task import Task
    from stageline.domain.touch import Touch


def contact(one: "Contact", custom: Mapping[str, Any]) -> dict[str, Any]:
    person = one.person
    return {
        "id": one.contact_id,
        "external_id": one.external_id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "phone": person.phone,
        "job_title": person.job_title,
        "company_name": person.company_name,
        "owner_email": person.owner_email,
        "lead": one.is_lead,
        "accounts": [
            {"account_id": link.record_id, "roles": list(link.roles)} for link in one.accounts
        ],
        "deals": [{"deal_id": link.record_id, "roles": list(link.roles)} for link in one.deals],
        "gdpr_date": instant(one.gdpr_date),
        "touch": one.touch and {"by": one.touch.by, "reason": one.touch.reason},
        "pinned": list(one.pinned),
        "anonymous": one.is_anonymous,
        "created_at": instant(one.created_at),
        "updated_at": instant(one.changed.at),
        "source": source(one.source),
        "rev": one.rev,
        "custom": custom,
        "tags": list(person.tags),
    }


def activity(one: "Activity", custom: Mapping[str, Any]) -> dict[str, Any]:
    happening = one.happening
    return {
        "id": one.activity_id,
        "external_id": one.external_id,
        "kind": happening.kind,
        "occurred_at": instant(happening.occurred_at),
        "two_way": happening.two_way,
        "subject": happening.subject,
        "text": happening.text,
        "owner_email": happening.owner_email,
        **_about(one.about),
        "contact_ids": list(one.about.contact_ids),
        "created_at": instant(one.created_at),
        "updated_at": instant(one.changed.at),
        "source": source(one.source),
        "rev": one.rev,
        "custom": custom,
        "tags": list(happening.tags),
        "pinned": list(one.pinned),
    }


def task(one: "Task", custom: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": one.task_id,
        "title": one.to_do.title or None,
        "due_on": day(one.to_do.due_on),
        "done": one.done_at is not None,
        "done_at": instant(one.done_at),
        "owner_email": one.to_do.owner_email,
        **_about(one.about),
        "contact_id": next(iter(one.about.contact_ids), None),
        "created_at": instant(one.created_at),
        "updated_at": instant(one.changed.at),
        "rev": one.rev,
        "custom": custom,
        "tags": list(one.to_do.tags),
        "pinned": list(one.pinned),
    }


def touch(one: "Touch") -> dict[str, Any]:
    return {
        "first": instant(one.first_at),
        "last": instant(one.last_at),
        "last_two_way": instant(one.last_two_way_at),
    }


def _about(about: "About") -> dict[str, Any]:
    return {"account_id": about.account_id, "deal_id": about.deal_id}
