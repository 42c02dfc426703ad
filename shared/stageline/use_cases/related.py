"""The records that other records name: looked up here, and nowhere else, on behalf of a caller."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stageline.domain.account import Account
from stageline.domain.activity import About
from stageline.domain.contact import Contact
from stageline.domain.deal import Deal
from stageline.domain.errors import Invalid, NotFound

if TYPE_CHECKING:
    from stageline.ports import Accounts, Deals
    from stageline.record_ports import Contacts


@dataclass(frozen=True, slots=True)
class Related:
    accounts: "Accounts"
    deals: "Deals"
    contacts: "Contacts"

    def account(self, account_id: str) -> Account:
        """Raises NotFound."""
        return self.accounts.get(account_id)

    def deal(self, deal_id: str) -> Deal:
        """Raises NotFound."""
        return self.deals.get(deal_id)

    def contact(self, contact_id: str) -> Contact:
        """Raises NotFound."""
        return self.contacts.get(contact_id)

    def check_accounts(self, account_ids: Collection[str], field: str) -> None:
        """Raises Invalid, naming the field, unless all of them exist."""
        found = self.accounts.find_many(account_ids) if account_ids else {}
        _refuse_unknown(account_ids, {i: not one.deleted for i, one in found.items()}, field)

    def check_deals(self, deal_ids: Collection[str], field: str) -> None:
        """Raises Invalid, naming the field, unless all of them exist."""
        found = self.deals.find_many(deal_ids) if deal_ids else {}
        _refuse_unknown(deal_ids, {i: one.status != "gone" for i, one in found.items()}, field)

    def check_contacts(self, contact_ids: Collection[str], field: str) -> None:
        """Raises Invalid, naming the field, unless all of them exist."""
        found = self.contacts.find_many(contact_ids) if contact_ids else {}
        _refuse_unknown(contact_ids, {i: not one.deleted for i, one in found.items()}, field)

    def completed(self, about: About, before: About, contacts_field: str) -> About:
        """Return what a record is about; what is about a deal is about the deal's account, too.

        What it names anew must exist: raises Invalid, naming the field.
        """
        if about.deal_id is not None and about.deal_id != before.deal_id:
            try:
                deal = self.deal(about.deal_id)
            except NotFound as error:
                raise _unknown("deal_id") from error
            if about.account_id is None:
                about = replace(about, account_id=deal.account_id)
        if about.account_id is not None and about.account_id != before.account_id:
            self.check_accounts([about.account_id], "account_id")
        new = [one for one in about.contact_ids if one not in before.contact_ids]
        self.check_contacts(new, contacts_field)
        return about


def _refuse_unknown(ids: Collection[str], exists: Mapping[str, bool], field: str) -> None:
    if not all(exists.get(one, False) for one in ids):
        raise _unknown(field)


def _unknown(field: str) -> Invalid:
    return Invalid(field, "unknown", "there is no record with this id")
