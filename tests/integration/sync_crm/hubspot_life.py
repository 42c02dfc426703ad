"""What users of HubSpot do, at random, and what HubSpot has then."""

from decimal import Decimal
from random import Random

from tests.crm.hubspot import HubSpot
from tests.integration.sync_crm.crm_copy import Copy
from tests.integration.sync_crm.crm_life import Life
from tests.integration.sync_crm.crm_machine import Fake

_OUTCOMES = {"appointmentscheduled": "open", "closedwon": "won", "closedlost": "lost"}
_PRIMARY_OF_DEAL, _PARENT = 5, 14


class HubSpotLife(Life):
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
        *("archive_account", "archive_deal", "archive_contact", "archive_activity"),
        *("merge_accounts", "merge_contacts", "move_deal", "move_account", "move_person"),
    )
    untold = ("purge", "move_silently", "restore")

    def __init__(self, crm: HubSpot, random: Random) -> None:
        super().__init__(random)
        self.crm = crm
        self.archived: list[tuple[str, str]] = []
        self.fake = Fake(
            "hubspot",
            "api.hubapi.com",
            crm.url,
            {"access_token": crm.token},
            crm.clock.instant,
            crm.clock.advance,
            crm,
        )

    def ids(self, kind: str) -> list[str]:
        return [str(one.id) for one in self.crm.account.records[kind].live()]

    def pick(self, kind: str) -> str | None:
        return self.some(self.ids(kind))

    def add_account(self) -> None:
        number = next(self.numbers)
        self.crm.add("companies", {"name": f"Company {number}", "domain": f"c{number}.example"})

    def add_deal(self) -> None:
        number = next(self.numbers)
        stage = self.random.choice(list(_OUTCOMES))
        values = {"dealname": f"Deal {number}", "dealstage": stage, "pipeline": "default"}
        values |= {"amount": f"{number}.50", "closedate": "2026-02-10T00:00:00Z"}
        deal = self.crm.add("deals", values)
        if company := self.pick("companies"):
            self.crm.associate("deals", deal, "companies", company, _PRIMARY_OF_DEAL)

    def add_contact(self) -> None:
        number = next(self.numbers)
        values = {"lastname": f"Person {number}", "email": f"p{number}@mail.example"}
        contact = self.crm.add("contacts", values)
        for _ in range(self.random.randrange(3)):
            if company := self.pick("companies"):
                self.crm.associate("contacts", contact, "companies", company)

    def add_activity(self) -> None:
        kind = self.random.choice(("calls", "emails", "meetings", "notes"))
        activity = self.crm.add(kind, {"hs_timestamp": "2026-02-20T10:00:00Z"})
        for _ in range(self.random.randrange(3)):
            if contact := self.pick("contacts"):
                self.crm.associate(kind, activity, "contacts", contact)
        if (company := self.pick("companies")) and self.random.random() < 0.7:
            self.crm.associate(kind, activity, "companies", company)
        if (deal := self.pick("deals")) and self.random.random() < 0.3:
            self.crm.associate(kind, activity, "deals", deal)

    def rename(self) -> None:
        if company := self.pick("companies"):
            self.crm.update("companies", company, {"name": f"Renamed {next(self.numbers)}"})

    def rename_person(self) -> None:
        if contact := self.pick("contacts"):
            self.crm.update("contacts", contact, {"lastname": f"Renamed {next(self.numbers)}"})

    def sell(self) -> None:
        if deal := self.pick("deals"):
            stage = self.random.choice(list(_OUTCOMES))
            self.crm.update("deals", deal, {"dealstage": stage, "amount": next(self.numbers)})

    def move_deal(self) -> None:
        """To another company, and then somebody saves the deal."""
        if deal := self._moved_deal():
            self.crm.update("deals", deal, {"description": f"moved {next(self.numbers)}"})

    def move_account(self) -> None:
        if company := self._moved_account():
            self.crm.update("companies", company, {"description": f"moved {next(self.numbers)}"})

    def move_person(self) -> None:
        contact, company = self.pick("contacts"), self.pick("companies")
        if contact and company:
            for each in self.crm.account.links.of("contacts", int(contact), "companies"):
                self.crm.dissociate("contacts", contact, "companies", str(each))
            self.crm.associate("contacts", contact, "companies", company)
            self.crm.update("contacts", contact, {"city": f"{next(self.numbers)}"})

    def move_silently(self) -> None:
        self._moved_deal()
        self._moved_account()

    def archive_account(self) -> None:
        self._archive("companies")

    def archive_deal(self) -> None:
        self._archive("deals")

    def archive_contact(self) -> None:
        self._archive("contacts")

    def archive_activity(self) -> None:
        self._archive(self.random.choice(("calls", "emails", "meetings", "notes")))

    def restore(self) -> None:
        if self.archived:
            kind, id_ = self.archived.pop(self.random.randrange(len(self.archived)))
            if int(id_) in self.crm.account.records[kind].archived_at:
                self.crm.restore(kind, id_)

    def purge(self) -> None:
        kind = self.random.choice(("companies", "deals", "contacts", "calls", "notes"))
        if one := self.pick(kind):
            self.crm.purge(kind, one)

    def merge_accounts(self) -> None:
        one, other = self.pick("companies"), self.pick("companies")
        # HubSpot has one parent only; which of two stays is not documented.
        if one and other and one != other and not {*self._above(one), *self._above(other)}:
            self.crm.merge("companies", one, other)

    def merge_contacts(self) -> None:
        one, other = self.pick("contacts"), self.pick("contacts")
        if one and other and one != other:
            self.crm.merge("contacts", one, other)

    def _archive(self, kind: str) -> None:
        if one := self.pick(kind):
            self.crm.archive(kind, one)
            self.archived.append((kind, one))

    def _moved_deal(self) -> str | None:
        deal, company = self.pick("deals"), self.pick("companies")
        if deal and company:
            for each in self.crm.account.links.of("deals", int(deal), "companies"):
                self.crm.dissociate("deals", deal, "companies", str(each))
            self.crm.associate("deals", deal, "companies", company, _PRIMARY_OF_DEAL)
        return deal

    def _moved_account(self) -> str | None:
        child, parent = self.pick("companies"), self.pick("companies")
        if child and parent and child not in (parent, *self._above(parent)):
            for each in self._above(child)[:1]:
                self.crm.dissociate("companies", child, "companies", each)
            self.crm.associate("companies", child, "companies", parent, _PARENT)
        return child

    def _above(self, company: str) -> list[str]:
        """Return the parents of a company, archived ones among them: they may be restored."""
        found: list[str] = []
        at = [company]
        while at:
            one = at.pop()
            for parent in self.crm.account.links.typed("companies", int(one), "companies", _PARENT):
                if str(parent) not in found:
                    found.append(str(parent))
                    at.append(str(parent))
        return found

    def has(self) -> Copy:
        account, found = self.crm.account, Copy()
        live = {kind: set(map(int, self.ids(kind))) for kind in account.records}

        def linked(kind: str, id_: int, end: str) -> list[str]:
            return [str(one) for one in account.links.of(kind, id_, end) if one in live[end]]

        for one in account.records["companies"].live():
            parents = account.links.typed("companies", one.id, "companies", _PARENT)
            above = [str(each) for each in parents if each in live["companies"]]
            found.accounts[str(one.id)] = (one.properties["name"], next(iter(above), None))
        for one in account.records["deals"].live():
            links = account.links.of("deals", one.id, "companies")
            there = (end for end in links if end in live["companies"])
            ends = sorted(there, key=lambda end: _PRIMARY_OF_DEAL not in links[end])
            outcome = _OUTCOMES[one.properties["dealstage"]]
            amount = Decimal(one.properties["amount"])
            found.deals[str(one.id)] = (outcome, amount, str(ends[0]) if ends else None)
        for one in account.records["contacts"].live():
            ends_ = tuple(sorted(linked("contacts", one.id, "companies")))
            found.contacts[str(one.id)] = (
                one.properties["lastname"],
                one.properties["email"],
                ends_,
            )
        for kind in ("calls", "emails", "meetings", "notes"):
            for one in account.records[kind].live():
                found.activities[f"{kind}:{one.id}"] = (
                    next(iter(linked(kind, one.id, "companies")), None),
                    next(iter(linked(kind, one.id, "deals")), None),
                    tuple(sorted(linked(kind, one.id, "contacts"))),
                )
        return found
