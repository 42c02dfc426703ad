"""What is wrong with the sample company's export, as with any real one."""

import random
from collections.abc import Sequence
from datetime import date, timedelta

from tools.sample_data.contacts import name_of

type Record = dict[str, str]

UNASSIGNED_DEALS = 4
DEALS_THAT_NAME = 2
UNKNOWN_ACCOUNT = "ACC-9999"


def dent_accounts(accounts: Sequence[Record]) -> list[Record]:
    """Add one account that is refused, and move some children before their parents."""
    broken = accounts[40] | {
        "external_id": "ACC-9000",
        "name": "Leap Year Seeds",
        "domain": "leapyear.example.com",
        "parent_external_id": "",
        "created_on": "2023-02-29",
    }
    children = [account for account in accounts if account["parent_external_id"]]
    early = children[:10]
    others = [account for account in accounts if account not in early]
    return [*early, *others, broken]


def dent_contacts(contacts: Sequence[Record]) -> list[Record]:
    """Add one contact that is refused, for a role that there is not."""
    broken = contacts[0] | {
        "external_id": "C-9000",
        "first_name": "",
        "last_name": "Switchboard",
        "email": "",
        "phone": "",
        "roles": "front desk",
    }
    return [*contacts, broken]


def dent_activities(activities: Sequence[Record]) -> list[Record]:
    """Add one activity that is refused, of a kind that there is not."""
    return [*activities, activities[0] | {"external_id": "A-9000", "kind": "fax"}]


def name_in_deals(deals: Sequence[Record], contacts: Sequence[Record]) -> list[Record]:
    """Name somebody of the account in two deals, as sellers do."""
    person_at = {contact["account_external_id"]: name_of(contact) for contact in contacts}
    deal_of = {deal["account_external_id"]: deal["external_id"] for deal in deals}
    accounts = [account for account in deal_of if account in person_at][:DEALS_THAT_NAME]
    named = {deal_of[account]: person_at[account] for account in accounts}
    return [
        deal | {"name": f"{deal['name']} for {named[id_]}"}
        if (id_ := deal["external_id"]) in named
        else deal
        for deal in deals
    ]


def dent_deals(chance: random.Random, deals: Sequence[Record], today: date) -> list[Record]:
    """Add deals of nobody and of an unknown account and a refused one; blur dates and spelling."""
    dented = [dict(deal) for deal in deals]
    for deal in chance.sample(dented, 12):
        deal["status"] = chance.choice((deal["status"].upper(), deal["status"].title()))
    won = [deal for deal in dented if deal["status"] == "won"]
    for deal in chance.sample(won, 3):
        deal["closed_on"] = ""
    long_lost = [
        deal
        for deal in dented
        if deal["status"] == "lost" and deal["closed_on"] < (today - timedelta(200)).isoformat()
    ]
    # Never seen open before, so without a date they are never recently lost (S0.8).
    for deal in chance.sample(long_lost, 2):
        deal["closed_on"] = ""
    open_deals = [deal for deal in dented if deal["status"] == "open"]
    for index, deal in enumerate(chance.sample(open_deals, UNASSIGNED_DEALS)):
        dented.append(deal | {"external_id": f"D-9000{index}", "account_external_id": ""})
    dented.append(
        open_deals[0] | {"external_id": "D-90010", "account_external_id": UNKNOWN_ACCOUNT}
    )
    dented.append(open_deals[1] | {"external_id": "D-90020", "amount": "900.00", "currency": ""})
    return dented
