"""The view of contacts by age, and touches: for whoever protects people's data."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from api import related, seen
from api.call import Answer, Call, etag
from api.pages import page
from api.refusals import ModuleClosed
from stageline import bootstrap
from stageline.domain.ages import age_in_days, older_than, younger_than
from stageline.domain.contact import Contact
from stageline.domain.overlay import overlay_on
from stageline.schemes import shipped
from stageline.use_cases import contact_ages


def list_contacts_by_age(call: Call) -> Answer:
    _refuse_closed(call)
    contacts = bootstrap.contacts(call.workspace)
    configured = bootstrap.configuration(call.workspace).read()
    zone, today = configured.zone, call.today_in(configured.zone)
    older, younger = call.query["older_than"], call.query["younger_than"]
    through = older and older_than(older, zone, today)
    since = younger and younger_than(younger, zone, today)
    backwards = call.query["sort"].startswith("-")

    def shown(call: Call, one: Contact) -> dict[str, Any]:
        return seen.contact(call, one) | {"age_days": age_in_days(one.gdpr_date, zone, today)}

    body = page(
        call,
        lambda after, size: contacts.by_age(
            through=through, since=since, youngest_first=backwards, after=after, page=size
        ),
        shown,
    )
    shows_dash = overlay_on(configured.overlay.entries, today) is not None
    return Answer(body | {"items": _with_stages(call, body["items"], shows_dash)})


def touch_contact(call: Call) -> Answer:
    from api.bodies import NewTouch

    _refuse_closed(call)
    contact = contact_ages.touch_contact(
        related.related(call),
        call.id_of("contact"),
        call.body(NewTouch).reason,
        expected=call.expected_revision("contact"),
        stamp=call.stamp,
    )
    return Answer(seen.contact(call, contact), headers=etag(contact.rev))


def touch_contacts(call: Call) -> Answer:
    from api.bodies import NewTouches

    _refuse_closed(call)
    body, contacts = call.body(NewTouches), bootstrap.contacts(call.workspace)
    outcomes = contact_ages.touch_contacts(contacts, body.contact_ids, body.reason, call.stamp)
    told = [{"contact_id": one, "outcome": outcome} for one, outcome in outcomes.items()]
    return Answer({"items": told})


def _refuse_closed(call: Call) -> None:
    if not call.rights.opens("contacts"):
        raise ModuleClosed("you may not read contacts")


def _with_stages(
    call: Call, shown: Sequence[Mapping[str, Any]], shows_dash: bool
) -> list[dict[str, Any]]:
    """Return the contacts with the stages of their accounts, null if these are not to be read."""
    if not call.rights.opens("accounts"):
        return [{**one, "stages": None} for one in shown]
    scheme = shipped()
    ids = {link["account_id"] for one in shown for link in one["accounts"]}
    rows = bootstrap.rows(call.workspace).rows(ids, scheme.key)

    def stages(one: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for link in one["accounts"]:
            row = rows.get(link["account_id"])
            # A deleted account leaves a row without a stage.
            if row is not None and row.stage is not None:
                stage = None if shows_dash else row.stage
                yield {
                    "account_id": row.account_id,
                    "name": row.name or None,
                    "stage": stage,
                    "display": scheme.display(stage),
                }

    return [{**one, "stages": list(stages(one))} for one in shown]
