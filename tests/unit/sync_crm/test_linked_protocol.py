"""Rows of two CRMs, links and ends of links at once, twice, cut off: all ends up in its place.

The oracle is what both CRMs have said last, and which links stand.
"""

import os
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import pytest

from stageline.domain.account import Account
from stageline.domain.records import AccountRecord, GoneRecord
from tests.unit.sync_crm.linked import Linker, X, Y, account, attempted, deal, gone

RUNS = int(os.environ.get("LINK_RUNS", "25"))
NAMES = ("a1", "a2", "a3")
DEALS = ("d1", "d2", "d3")
GONE = 0.2


class Two:
    """Two CRMs that change; `said` is what they have said last."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.said: dict[tuple[str, str], Any] = {}

    def accounts(self, integration: str) -> list[Any]:
        return self._some(integration, NAMES, self._account)

    def deals(self, integration: str) -> list[Any]:
        return self._some(integration, DEALS, self._deal)

    def _some(self, integration: str, names: Any, make: Callable[[str], Any]) -> list[Any]:
        chosen = self.random.sample(names, self.random.randint(1, len(names)))
        rows = [gone(one) if self.random.random() < GONE else make(one) for one in chosen]
        self.said |= {(integration, row.external_id): row for row in rows}
        return rows

    def _account(self, name: str) -> AccountRecord:
        parent = self.random.choice((None, None, *NAMES))
        said = {} if parent in (None, name) else {"parent_external_id": parent}
        return account(name, name=f"{name} {self.random.randrange(2)}", **said)

    def _deal(self, name: str) -> Any:
        return deal(name, self.random.choice((None, *NAMES)), name=f"D{self.random.randrange(2)}")

    def of(self, integration: str, names: Any) -> list[Any]:
        return [row for name in names if (row := self.said.get((integration, name)))]


def change_of_links(linker: Linker, random: Random) -> Callable[[], None]:
    account_id = linker.id_of(X, random.choice(NAMES))
    linked_id = linker.id_of(Y, random.choice(NAMES))
    change = linker.link if random.random() < 0.6 else linker.unlink
    return attempted(partial(change, account_id, linked_id, linker.next_job()))


def wrong(linker: Linker, crms: Two) -> list[str]:
    accounts = {one.account_id: one for one in linker.all_of(Account)}
    names = {linker.id_of(crm, name): (crm, name) for crm in (X, Y) for name in NAMES}
    has = {
        id_: not isinstance(crms.said[names[id_]], GoneRecord)
        for id_ in accounts
        if names[id_] in crms.said
    }
    found = []
    for id_, one in accounts.items():
        counting = {other for other in accounts if accounts[other].linked_to == id_}
        in_crm = one.linked_to is None and any(has[each] for each in (id_, *counting))
        if one.in_crm != in_crm or one.said_in_crm != has[id_]:
            found.append(f"presence of {names[id_]}")
        if {link.account_id: link.in_crm for link in one.linked} != {o: has[o] for o in counting}:
            found.append(f"links of {names[id_]}")
        if one.deleted != (one.linked_to is not None):
            found.append(f"place of {names[id_]}")
        parent = accounts.get(one.parent_id or "")
        if parent is not None and parent.linked_to is not None:
            found.append(f"parent of {names[id_]}")
    for (crm, name), row in crms.said.items():
        if name in NAMES or isinstance(row, GoneRecord):
            continue
        said = row.account_external_id
        wanted = None if said is None else linker.place_of(linker.id_of(crm, said))
        if linker.deal(crm, name).account_id != wanted:
            found.append(f"deal {crm} {name}")
    return found


@pytest.mark.parametrize("seed", range(RUNS))
def test_presence_and_deals_are_as_both_crms_and_the_links_say(seed):
    linker, crms = Linker(seed, trouble=True), Two(Random(seed))
    for _ in range(5):
        changes = [change_of_links(linker, crms.random) for _ in range(crms.random.randint(0, 3))]
        rows = [("accounts", X, crms.accounts(X)), ("accounts", Y, crms.accounts(Y))]
        rows += [("deals", X, crms.deals(X)), ("deals", Y, crms.deals(Y))]
        cut = crms.random.randrange(len(changes) + 1)

        # Of one CRM one kind comes after the other, as in a run.
        for some, beside in ((rows[:2], changes[:cut]), (rows[2:], changes[cut:])):
            asked = [linker.ask_crm(found, records, crm) for records, crm, found in some]
            linker.run(*asked, beside=beside)
        linker.tick()

        assert wrong(linker, crms) == []
    linker.settled()
    assert linker.world.verify().drift == {}
    for again in range(2):
        before = dict(linker.world.memory.items)
        for crm in (X, Y):
            for records, names in (("accounts", NAMES), ("deals", DEALS)):
                if found := crms.of(crm, names):
                    linker.run(linker.ask_crm(found, records, crm))
        # What was linked meanwhile is stored anew once, and then never again.
        written = [
            pair
            for pair, item in linker.world.memory.items.items()
            if "#J#" not in pair[0] and before.get(pair) != item
        ]
        assert again == 0 or written == []
    assert wrong(linker, crms) == []
