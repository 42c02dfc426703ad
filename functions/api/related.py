"""The records that other records name, as far as the caller sees them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.call import Call
from api.refusals import RecordNotYours
from api.rights import Rights
from stageline import bootstrap
from stageline.domain.account import Account
from stageline.domain.contact import Contact
from stageline.domain.deal import Deal
from stageline.domain.errors import Erased, Invalid, NotFound
from stageline.use_cases.related import Related

if TYPE_CHECKING:
    from stageline.domain.activity import About, Activity


@dataclass(frozen=True, slots=True)
class SeenRelated(Related):
    """What the caller does not see is as if it were not there."""

    rights: Rights

    def account(self, account_id: str) -> Account:
        return self.rights.account(account_id)

    def deal(self, deal_id: str) -> Deal:
        try:
            return self.rights.deal(deal_id, "write")
        except RecordNotYours as error:
            # Who was linked to a deal reads the deal, and nothing that belongs to it.
            raise NotFound("deal") from error

    def contact(self, contact_id: str) -> Contact:
        """Raises NotFound; Erased to the privacy officer only."""
        try:
            contact = Related.contact(self, contact_id)
        except Erased as error:
            if self.rights.principal.role != "privacy_officer":
                raise NotFound("contact") from error
            raise
        if not self.sees(contact):
            raise NotFound("contact")
        return contact

    def sees(self, contact: Contact) -> bool:
        """Tell whether a contact is one's own, or of an account that one sees."""
        owners = self.rights.owners
        if owners is None or self.rights.owner(contact.person.owner_email) in owners:
            return True
        found = self.accounts.find_many([link.record_id for link in contact.accounts])
        return any(self.rights.sees(one) for one in found.values() if not one.deleted)

    def check_accounts(self, account_ids: Collection[str], field: str) -> None:
        Related.check_accounts(self, account_ids, field)
        if self.rights.hidden_accounts(account_ids):
            raise _unknown(field)

    def check_deals(self, deal_ids: Collection[str], field: str) -> None:
        Related.check_deals(self, deal_ids, field)
        if self.rights.owners is None:
            return
        try:
            for deal_id in deal_ids:
                self.deal(deal_id)
        except NotFound as error:
            raise _unknown(field) from error

    def check_contacts(self, contact_ids: Collection[str], field: str) -> None:
        Related.check_contacts(self, contact_ids, field)
        if self.rights.owners is not None and contact_ids:
            found = self.contacts.find_many(contact_ids)
            if not all(map(self.sees, found.values())):
                raise _unknown(field)

    def hidden_contacts(self, contact_ids: Iterable[str]) -> frozenset[str]:
        """Return those of the contacts that the caller does not see."""
        found = self.contacts.find_many(contact_ids)
        return frozenset(id_ for id_, one in found.items() if not self.sees(one))


def related(call: Call) -> SeenRelated:
    every = bootstrap.related(call.workspace)
    return SeenRelated(every.accounts, every.deals, every.contacts, call.rights)


def check_subject(call: Call, about: "About", what: str, owner_email: str | None = None) -> None:
    """Raise NotFound, of `what`, unless there is what the record is about.

    `owner_email`: of the record, if those who own it see it for that.
    """
    owners = call.rights.owners
    if owners is not None and owner_email and call.rights.owner(owner_email) in owners:
        return
    seen = related(call)
    try:
        if about.account_id is not None:
            seen.account(about.account_id)
        elif about.deal_id is not None:
            seen.deal(about.deal_id)
        else:
            seen.contact(about.contact_ids[0])
    except NotFound as error:
        raise NotFound(what) from error


def hidden_activities(call: Call, activity_ids: Iterable[str]) -> frozenset[str]:
    """Return those of the activities that the caller does not see."""
    found = bootstrap.activities(call.workspace).find_many(activity_ids)
    return frozenset(id_ for id_, one in found.items() if not _is_seen(call, one.about))


def hidden_tasks(call: Call, task_ids: Iterable[str]) -> frozenset[str]:
    """Return those of the tasks that the caller does not see."""
    found = bootstrap.tasks(call.workspace).find_many(task_ids)
    return frozenset(
        id_ for id_, one in found.items() if not _is_seen(call, one.about, one.to_do.owner_email)
    )


def seen_activities(call: Call, activities: Sequence["Activity"]) -> Sequence["Activity"]:
    """Return those of a contact's activities that are not of an account one does not see."""
    if call.rights.owners is None:
        return activities
    about = [one.about for one in activities]
    accounts = call.rights.hidden_accounts({one.account_id for one in about if one.account_id})
    deals = call.rights.hidden_deals(
        {one.deal_id for one in about if one.deal_id and not one.account_id}
    )
    return [
        one
        for one in activities
        if one.about.account_id not in accounts
        and (one.about.account_id or one.about.deal_id not in deals)
    ]


def _is_seen(call: Call, about: "About", owner_email: str | None = None) -> bool:
    try:
        check_subject(call, about, "record", owner_email)
    except NotFound:
        return False
    return True


def _unknown(field: str) -> Invalid:
    return Invalid(field, "unknown", "there is no record with this id")
