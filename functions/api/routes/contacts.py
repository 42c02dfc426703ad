"""Contacts: people, with their roles on accounts and deals."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from api import custom, related, seen
from api.call import Answer, Call, etag
from api.pages import account_of, owners_of, page
from stageline import bootstrap
from stageline.use_cases import contacts as use_cases

if TYPE_CHECKING:
    from stageline.domain.contact import Contact, Role


def list_contacts(call: Call) -> Answer:
    contacts, has_account = bootstrap.contacts(call.workspace), call.query["has_account"]
    owners = owners_of(call)
    is_lead = None if has_account is None else not has_account
    return Answer(
        page(
            call,
            lambda after, size: contacts.listed(owners, is_lead=is_lead, after=after, page=size),
            seen.contact,
        )
    )


def list_contacts_of_account(call: Call) -> Answer:
    account_id, contacts = account_of(call).account_id, bootstrap.contacts(call.workspace)
    return Answer(page(call, lambda *place: contacts.of_account(account_id, *place), seen.contact))


def list_contacts_of_deal(call: Call) -> Answer:
    deal = related.related(call).deal(call.id_of("deal"))
    contacts = bootstrap.contacts(call.workspace)
    return Answer(page(call, lambda *place: contacts.of_deal(deal.deal_id, *place), seen.contact))


def create_contact(call: Call) -> Answer:
    from api.bodies import NewContact
    from stageline.domain.contact import Person

    body = call.body(NewContact)
    theirs = related.related(call)
    with custom.naming_only_seen(theirs.hidden_contacts):
        contact = use_cases.create_contact(
            theirs,
            call.new_id("contact"),
            Person(
                first_name=body.first_name,
                last_name=body.last_name,
                email=body.email,
                phone=body.phone,
                job_title=body.job_title,
                company_name=body.company_name,
                owner_email=call.rights.default_owner(body.owner_email),
            ),
            accounts=_by_record((one.account_id, one.roles) for one in body.accounts),
            deals=_by_record((one.deal_id, one.roles) for one in body.deals),
            customs=bootstrap.customs(call.workspace),
            custom=body.custom,
            tags=body.tags,
            source=call.source(body),
            stamp=call.stamp,
        )
    is_new = contact.changed.request == call.request_id
    headers = etag(contact.rev) | {"Location": f"/v1/contacts/{contact.contact_id}"}
    return Answer(seen.contact(call, contact), 201 if is_new else 200, headers)


def get_contact(call: Call) -> Answer:
    return _shown(call, read_contact(call))


def change_contact(call: Call) -> Answer:
    from api.bodies import ContactChanges

    contact_id = read_contact(call).contact_id
    theirs = related.related(call)
    with custom.naming_only_seen(theirs.hidden_contacts):
        contact = use_cases.change_contact(
            theirs,
            contact_id,
            call.body(ContactChanges).sent(),
            customs=bootstrap.customs(call.workspace),
            expected=call.expected_revision("contact", needed=True),
            stamp=call.stamp,
        )
    return _shown(call, contact)


def delete_contact(call: Call) -> Answer:
    use_cases.delete_contact(
        related.related(call),
        read_contact(call).contact_id,
        customs=bootstrap.customs(call.workspace),
        expected=call.expected_revision("contact"),
        stamp=call.stamp,
    )
    return Answer(None, 204)


def link_account(call: Call) -> Answer:
    from api.bodies import RolesHeld

    return _shown(
        call,
        use_cases.link_account(
            related.related(call),
            read_contact(call).contact_id,
            call.id_of("account", "account_id"),
            call.body(RolesHeld).roles,
            expected=call.expected_revision("contact"),
            stamp=call.stamp,
        ),
    )


def link_deal(call: Call) -> Answer:
    from api.bodies import RolesHeld

    return _shown(
        call,
        use_cases.link_deal(
            related.related(call),
            read_contact(call).contact_id,
            call.id_of("deal", "deal_id"),
            call.body(RolesHeld).roles,
            expected=call.expected_revision("contact"),
            stamp=call.stamp,
        ),
    )


def unlink_account(call: Call) -> Answer:
    return _shown(
        call,
        use_cases.unlink_account(
            related.related(call),
            read_contact(call).contact_id,
            call.id_of("account", "account_id"),
            expected=call.expected_revision("contact"),
            stamp=call.stamp,
        ),
    )


def unlink_deal(call: Call) -> Answer:
    return _shown(
        call,
        use_cases.unlink_deal(
            related.related(call),
            read_contact(call).contact_id,
            call.id_of("deal", "deal_id"),
            expected=call.expected_revision("contact"),
            stamp=call.stamp,
        ),
    )


def read_contact(call: Call) -> "Contact":
    """Return the contact in the path. Raises NotFound."""
    return related.related(call).contact(call.id_of("contact"))


def _shown(call: Call, contact: "Contact") -> Answer:
    return Answer(seen.contact(call, contact), headers=etag(contact.rev))


def _by_record(sent: Iterable[tuple[str, list["Role"]]]) -> dict[str, list["Role"]]:
    """Return roles by record; one that is sent twice has those of both."""
    roles: dict[str, list[Role]] = {}
    for record_id, theirs in sent:
        roles.setdefault(record_id, []).extend(theirs)
    return roles
