"""Whatever happens to accounts in Salesforce, windows give exactly what changed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_crm.connectors import salesforce
from tests.crm.salesforce import Options
from tests.unit.crm.salesforce_connector import Reader, ids, reading

STEPS = st.lists(
    st.tuples(
        st.sampled_from(("create", "change", "delete", "undelete", "merge", "wait", "read")),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    max_size=30,
)


def stored(crm, record_id):
    row = crm.row(record_id)
    assert row
    return row


class History:
    """What happened to accounts since the last window, compared with what that one gives."""

    def __init__(self, org: Reader) -> None:
        self.org = org
        self.touched: set[str] = set()
        self.every: list[str] = []

    def step(self, what: str, one: int, other: int) -> None:
        crm = self.org.crm
        if what == "wait":
            crm.clock.advance(seconds=one)
        elif what == "read":
            self.read()
        elif what == "create":
            self.every.append(crm.add("Account", {"Name": f"new {one}"}))
            self.touched.add(self.every[-1])
        elif self.every:
            self.change(what, self.every[one % len(self.every)], other)

    def change(self, what: str, account: str, other: int) -> None:
        crm = self.org.crm
        is_deleted = stored(crm, account)["IsDeleted"]
        if what == "undelete" and is_deleted:
            crm.undelete(account)
        elif what == "change" and not is_deleted:
            crm.update(account, {"Name": f"changed {other}"})
        elif what == "delete" and not is_deleted:
            crm.delete(account)
        elif what == "merge" and not is_deleted:
            winner = self.every[other % len(self.every)]
            if winner == account or stored(crm, winner)["IsDeleted"]:
                return
            crm.merge(winner, account)
            self.touched.add(winner)
        else:
            return
        self.touched.add(account)

    def read(self) -> None:
        crm = self.org.crm
        crm.clock.advance(seconds=1)
        found = self.org.changes("accounts", "Name")
        assert len(found) == len(set(ids(found))), "nothing comes twice"
        assert set(ids(found)) == self.touched
        self.touched.clear()
        for record in found:
            row = stored(crm, record.external_id)
            assert record.is_gone == row["IsDeleted"]
            assert record.merged_into == row["MasterRecordId"]
            if not record.is_gone:
                assert record.values == {"Name": row["Name"]}


@pytest.mark.parametrize("moves", [True, False])
def test_window_after_window_gives_exactly_what_changed(monkeypatch, moves):
    monkeypatch.setattr(salesforce, "PAGE", 2)
    with reading(Options(deletion_moves_modstamp=moves)) as org:

        @settings(max_examples=25, deadline=None)
        @given(STEPS)
        def check(steps):
            history = History(org)
            # What the example before has left.
            org.crm.clock.advance(seconds=1)
            org.changes()
            for what, one, other in steps:
                history.step(what, one, other)
            history.read()

        check()
