"""What is here of a CRM, by the CRM's own ids: to be held against what the fake has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from stageline.adapters.dynamodb.account_items import account_from_item
from stageline.domain.job_states import Records
from tests.integration.sync_crm.crm_machine import CrmMachine

NOT_HERE = "not here"
type Found = dict[str, tuple[Any, ...]]


@dataclass
class Copy:
    """Of each record what is said of it, by its id; links are ids of the CRM, too.

    accounts: name, parent; deals: outcome, amount, account; contacts: name, e-mail address,
    accounts; activities: account, deal, contacts.
    """

    accounts: Found = field(default_factory=dict)
    deals: Found = field(default_factory=dict)
    contacts: Found = field(default_factory=dict)
    activities: Found = field(default_factory=dict)

    def sizes(self) -> Mapping[Records, int]:
        return {
            "accounts": len(self.accounts),
            "deals": len(self.deals),
            "contacts": len(self.contacts),
            "activities": len(self.activities),
        }


def copy_of(machine: CrmMachine) -> Copy:
    items = machine.items()
    accounts = [
        account_from_item(one) for one in items if one["SK"] == "META" and "presence" in one
    ]
    there = [one for one in accounts if one.in_crm and not one.deleted]
    names = {one.account_id: one.external_id for one in there}
    contacts = [
        one for one in items if one["SK"] == "CONTACT" and not {"deleted", "erased_by"} & one.keys()
    ]
    people = {one["id"]: one["external_id"] for one in contacts}
    deals = [one for one in items if "observations" in one and one["SK"].startswith("DEAL#")]
    of_crm = [one for one in deals if one["observations"][-1][0] != "gone"]
    sold = {one["id"]: one["external_id"] for one in of_crm}
    activities = [
        one for one in items if "occurred_at" in one and "two_way" in one and "deleted" not in one
    ]

    def ends(one: Mapping[str, Any], ids: Any, known: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(sorted(known.get(each, NOT_HERE) for each in ids))

    return Copy(
        {
            str(one.external_id): (
                one.profile.name,
                names.get(one.parent_id, NOT_HERE) if one.parent_id else None,
            )
            for one in there
        },
        {
            one["external_id"]: (
                one["observations"][-1][0],
                Decimal(one["amount"]) if one.get("amount") is not None else None,
                names.get(one["account_id"], NOT_HERE) if one.get("account_id") else None,
            )
            for one in of_crm
        },
        {
            one["external_id"]: (
                one.get("last_name"),
                one.get("email"),
                ends(one, [link[0] for link in one.get("accounts", ())], names),
            )
            for one in contacts
        },
        {
            one["external_id"]: (
                names.get(one["account_id"], NOT_HERE) if one.get("account_id") else None,
                sold.get(one["deal_id"], NOT_HERE) if one.get("deal_id") else None,
                ends(one, one.get("contact_ids", ()), people),
            )
            for one in activities
        },
    )
