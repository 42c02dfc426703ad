"""What users of Salesforce do, at random, and what Salesforce has then."""

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tests.crm.salesforce import Salesforce
from tests.integration.sync_crm.crm_copy import NOT_HERE, Copy
from tests.integration.sync_crm.crm_life import Life
from tests.integration.sync_crm.crm_machine import Fake


class SalesforceLife(Life):
    told = (
        *(
            "add_account",
            "add_deal",
            "add_contact",
            "add_activity",
            "rename",
            "sell",
            "rename_person",
        ),
        *("delete_account", "delete_deal", "delete_contact", "delete_activity"),
        *(
            "merge_accounts",
            "merge_contacts",
            "move_deal",
            "move_account",
            "move_person",
            "undelete",
        ),
    )
    untold = ("purge",)

    def __init__(self, crm: Salesforce, random: Random) -> None:
        super().__init__(random)
        self.crm = crm
        self.merged: dict[str, str] = {}
        credentials = {
            "client_id": crm.app.consumer_key,
            "client_secret": crm.app.consumer_secret,
        }
        self.fake = Fake(
            "salesforce",
            "acme.my.salesforce.com",
            crm.url,
            credentials,
            crm.clock.now,
            self._advance,
            crm,
        )

    def _advance(self, passed: timedelta) -> None:
        self.crm.clock.advance(seconds=passed.total_seconds())

    def rows(self, name: str) -> dict[str, Any]:
        rows = self.crm.org.store.rows(name)
        return {id_: row for id_, row in rows.items() if not row.get("IsDeleted")}

    def pick(self, name: str) -> str | None:
        return self.some(self.rows(name))

    def add_account(self) -> None:
        self.crm.add("Account", {"Name": f"Company {next(self.numbers)}"})

    def add_deal(self) -> None:
        number = next(self.numbers)
        stage = self.random.choice(("Prospecting", "Closed Won", "Closed Lost"))
        values = {"Name": f"Deal {number}", "StageName": stage, "Amount": number}
        values |= {"CloseDate": "2026-02-10", "AccountId": self.pick("Account")}
        self.crm.add("Opportunity", values)

    def add_contact(self) -> None:
        number = next(self.numbers)
        values = {"LastName": f"Person {number}", "Email": f"p{number}@mail.example"}
        self.crm.add("Contact", values | {"AccountId": self.pick("Account")})

    def add_activity(self) -> None:
        about = self.pick(self.random.choice(("Account", "Opportunity")))
        who = self.pick("Contact") if self.random.random() < 0.7 else None
        if about is None:
            return
        if self.random.random() < 0.5:
            values = {"Subject": "Call", "TaskSubtype": "Call", "Status": "Completed"}
            self.crm.add("Task", values | {"WhatId": about, "WhoId": who})
        else:
            start = "2026-02-20T10:00:00.000+0000"
            times = {"StartDateTime": start, "EndDateTime": start.replace("T10", "T11")}
            self.crm.add("Event", {"Subject": "Meeting", "WhatId": about, "WhoId": who} | times)

    def rename(self) -> None:
        self._update("Account", Name=f"Renamed {next(self.numbers)}")

    def rename_person(self) -> None:
        self._update("Contact", LastName=f"Renamed {next(self.numbers)}")

    def sell(self) -> None:
        stage = self.random.choice(("Prospecting", "Closed Won", "Closed Lost"))
        self._update("Opportunity", StageName=stage, Amount=next(self.numbers))

    def move_deal(self) -> None:
        self._update("Opportunity", AccountId=self.pick("Account"))

    def move_person(self) -> None:
        self._update("Contact", AccountId=self.pick("Account"))

    def move_account(self) -> None:
        child, parent = self.pick("Account"), self.pick("Account")
        if child and parent and child not in (parent, *self._above(parent)):
            self.crm.update(child, {"ParentId": parent})

    def delete_account(self) -> None:
        self._delete("Account")

    def delete_deal(self) -> None:
        self._delete("Opportunity")

    def delete_contact(self) -> None:
        self._delete("Contact")

    def delete_activity(self) -> None:
        self._delete(self.random.choice(("Task", "Event")))

    def undelete(self) -> None:
        """But no loser that a later record may go on for (`import_gone.taken_over`)."""
        names = ("Account", "Opportunity", "Contact", "Task", "Event")
        gone = [id_ for name in names for id_, _ in self.crm.org.deletions(name)]
        if one := self.some(id_ for id_ in gone if self.merged.get(id_, "") < id_):
            self.crm.undelete(one)

    def purge(self) -> None:
        name = self.random.choice(("Opportunity", "Contact", "Task", "Event"))
        if one := self.pick(name):
            self.crm.purge(one)

    def merge_accounts(self) -> None:
        one, other = self.pick("Account"), self.pick("Account")
        if (
            one
            and other
            and one != other
            and not {one, other} & {*self._above(one), *self._above(other)}
        ):
            self._merge(one, other)

    def merge_contacts(self) -> None:
        one, other = self.pick("Contact"), self.pick("Contact")
        if one and other and one != other:
            self._merge(one, other)

    def _merge(self, winner: str, loser: str) -> None:
        self.crm.merge(winner, loser)
        self.merged[loser] = winner

    def _update(self, name: str, **values: Any) -> None:
        if one := self.pick(name):
            self.crm.update(one, values)

    def _delete(self, name: str) -> None:
        if one := self.pick(name):
            self.crm.delete(one)

    def _above(self, account: str) -> list[str]:
        found: list[str] = []
        at: str | None = account
        while at and (row := self.crm.row(at)) and (at := row["ParentId"]) and at not in found:
            found.append(at)
        return found

    def has(self) -> Copy:
        found = Copy()
        accounts, contacts, deals = map(self.rows, ("Account", "Contact", "Opportunity"))

        def there(id_: str | None, rows: Any) -> str | None:
            # What was in the bin during a merge still names the loser.
            while id_ not in rows and id_ in self.merged:
                id_ = self.merged[id_]
            return id_ if id_ is None or id_ in rows else NOT_HERE

        for id_, row in accounts.items():
            found.accounts[id_] = (row["Name"], there(row["ParentId"], accounts))
        for id_, row in deals.items():
            outcome = "open" if not row["IsClosed"] else "won" if row["IsWon"] else "lost"
            amount = Decimal(row["Amount"])
            found.deals[id_] = (outcome, amount, there(row["AccountId"], accounts))
        for id_, row in contacts.items():
            ends = tuple(filter(None, [there(row["AccountId"], accounts)]))
            found.contacts[id_] = (row["LastName"], row["Email"], ends)
        for id_, row in {**self.rows("Task"), **self.rows("Event")}.items():
            account = there(row["AccountId"], accounts)
            who = there(row["WhoId"], contacts)
            if row["AccountId"] or row["WhoId"]:
                people = (who,) if who else ()
                deal = row["WhatId"] if (row["WhatId"] or "").startswith("006") else None
                found.activities[id_] = (account, there(deal, deals), people)
        return found
