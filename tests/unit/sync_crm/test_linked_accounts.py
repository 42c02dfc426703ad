"""One account from two sources: its deals pool, and it is in the CRM while one of them says so."""

import pytest

from stageline.domain.account import Account
from stageline.domain.errors import AccountLinked, GroupCycle, LinkNotPossible, NotFound
from stageline.domain.integration import Integration
from stageline.use_cases.link_proposals import proposed
from tests.fakes.world import DAY
from tests.unit.sync_crm.linked import Linker, X, Y, account, deal, gone


@pytest.fixture
def both():
    """An account of each CRM with an open deal, not linked yet."""
    linker = Linker()
    for integration in (X, Y):
        linker.store(integration, account("a1", name=f"of {integration}"))
        linker.store(integration, deal("d1", "a1"))
    return linker


@pytest.fixture
def linked(both):
    both.link(both.id_of(X, "a1"), both.id_of(Y, "a1"))
    return both


def deals_of(linker, integration, external_id="a1"):
    found = linker.world.stores.deals.of_account(linker.id_of(integration, external_id))
    return sorted(one.source.integration for one in found)


def test_deals_of_both_are_the_accounts_and_the_other_is_in_no_list(linked):
    linked.settled()

    other = linked.account(Y, "a1")
    assert deals_of(linked, X) == [X, Y]
    assert (other.linked_to, other.root_id, other.in_crm) == (linked.id_of(X, "a1"), None, False)
    rows = linked.world.lists.listed("crm_stage", range(10), sort="name", page=10)
    assert [row.name for _, row in rows] == ["of x"]
    assert linked.world.lists.matching("of y#", 10) == []
    assert linked.world.verify().drift == {}


@pytest.mark.parametrize("first", [X, Y])
def test_it_is_in_the_crm_while_one_of_both_says_so(linked, first):
    last = Y if first == X else X

    linked.store(first, gone("a1"))
    after_one = linked.account(X, "a1").in_crm
    linked.store(last, gone("a1"))
    after_both = linked.account(X, "a1").in_crm
    linked.store(last, account("a1"))

    assert (after_one, after_both, linked.account(X, "a1").in_crm) == (True, False, True)


def test_a_row_of_the_other_changes_what_is_kept_of_it_and_nothing_of_the_account(linked):
    before = linked.account(X, "a1")

    linked.store(Y, account("a1", name="Renamed"))
    again = linked.store(Y, account("a1", name="Renamed"))

    assert linked.account(Y, "a1").profile.name == "Renamed"
    assert linked.account(X, "a1") == before
    assert again.counts["unchanged"] == 1


def test_whoever_names_the_other_means_the_account(linked):
    linked.store(Y, account("a2", parent_external_id="a1"))
    linked.store(Y, deal("d2", "a1"))

    assert linked.account(Y, "a2").parent_id == linked.id_of(X, "a1")
    assert linked.deal(Y, "d2").account_id == linked.id_of(X, "a1")
    assert not linked.deal(Y, "d2").waiting


def test_children_follow_with_all_below_them_and_come_back(both):
    both.store(
        Y,
        account("a2", parent_external_id="a1"),
        account("a3", parent_external_id="a2"),
        account("a1", name="of y", parent_external_id="a4"),
        account("a4"),
    )
    account_id, other_id = both.id_of(X, "a1"), both.id_of(Y, "a1")

    both.link(account_id, other_id)
    under = [both.account(Y, name) for name in ("a2", "a3")]
    both.unlink(account_id, other_id)

    assert [one.root_id for one in under] == [account_id, account_id]
    back = {name: both.account(Y, name) for name in ("a1", "a2", "a3")}
    assert back["a1"].parent_id == both.id_of(Y, "a4")
    assert back["a2"].parent_id == other_id
    assert {one.root_id for one in back.values()} == {both.id_of(Y, "a4")}
    assert both.settled().world.verify().drift == {}


def test_a_link_that_ends_gives_back_deals_and_what_the_other_said_meanwhile(linked):
    linked.store(Y, account("a1", name="Renamed"), account("a2"))
    linked.store(Y, deal("d2", "a1"))

    linked.unlink(linked.id_of(X, "a1"), linked.id_of(Y, "a1"))

    other = linked.account(Y, "a1")
    assert (other.profile.name, other.in_crm, other.deleted) == ("Renamed", True, False)
    assert (deals_of(linked, X), deals_of(linked, Y)) == ([X], [Y, Y])
    assert (linked.account(X, "a1").linked, linked.account(X, "a1").own_in_crm) == ((), None)
    assert linked.settled().world.verify().drift == {}
    assert linked.store(Y, account("a1", name="Renamed")).counts["unchanged"] == 1


def test_the_other_may_be_merged_in_its_crm_and_its_deals_go_with_it(linked):
    linked.store(Y, account("a2"))

    linked.store(Y, gone("a1", merged_into="a2"))

    assert (deals_of(linked, X), deals_of(linked, Y, "a2")) == ([X], [Y])
    linked.store(X, gone("a1"))
    assert not linked.account(X, "a1").in_crm
    assert linked.settled().world.verify().drift == {}


def test_links_go_over_when_the_account_is_merged_in_its_crm(linked):
    linked.store(X, account("a2"))

    linked.store(X, gone("a1", merged_into="a2"))

    winner = linked.account(X, "a2")
    assert [one.account_id for one in winner.linked] == [linked.id_of(Y, "a1")]
    assert linked.account(Y, "a1").linked_to == winner.account_id
    assert deals_of(linked, X, "a2") == [X, Y]
    linked.store(X, gone("a2"))
    assert linked.account(X, "a2").in_crm
    linked.store(Y, gone("a1"))
    assert not linked.account(X, "a2").in_crm
    assert linked.settled().world.verify().drift == {}


def test_what_cannot_be_one_is_refused(linked):
    account_id, other_id = linked.id_of(X, "a1"), linked.id_of(Y, "a1")
    linked.store(X, account("a2"), account("a3"))
    linked.store(Y, account("a2"))
    linked.world.add_account("h" * 32, name="By hand")
    tries = {
        "itself": (account_id, account_id),
        "same_integration": (account_id, linked.id_of(X, "a2")),
        "has_links": (linked.id_of(Y, "a2"), account_id),
        "already_linked": (linked.id_of(X, "a2"), other_id),
        "no_record": (account_id, "h" * 32),
    }

    for reason, pair in tries.items():
        with pytest.raises(LinkNotPossible) as refused:
            linked.link(*pair)
        assert refused.value.reason == reason
    with pytest.raises(LinkNotPossible, match="two records of one source"):
        linked.link(account_id, linked.id_of(Y, "a2"))
    with pytest.raises(AccountLinked):
        linked.world.delete_account(account_id)
    with pytest.raises(NotFound):
        linked.unlink(linked.id_of(X, "a2"), other_id)
    linked.store(X, gone("a2", merged_into="a3"))
    with pytest.raises(LinkNotPossible) as merged:
        linked.link(linked.id_of(X, "a2"), linked.id_of(Y, "a2"))
    assert merged.value.reason == "merged"


def test_an_account_does_not_take_in_the_one_that_it_is_below(both):
    both.world.set_parent(both.id_of(X, "a1"), both.id_of(Y, "a1"))

    with pytest.raises(GroupCycle):
        both.link(both.id_of(X, "a1"), both.id_of(Y, "a1"))


def test_one_made_by_hand_takes_in_a_record(both):
    both.world.add_account("h" * 32, in_crm=False)

    both.link("h" * 32, both.id_of(Y, "a1"))
    both.world.change_account("h" * 32, name="Renamed")

    found = both.world.stores.accounts.get("h" * 32)
    assert (found.in_crm, found.said_in_crm) == (True, False)
    assert len(list(both.world.stores.deals.of_account("h" * 32))) == 1


def with_integrations(linker):
    for key in (X, Y):
        stamp = linker.world.stamp()
        made = Integration(
            key=key, active=True, opportunity_pull=True, created_at=stamp.at, changed=stamp
        )
        overlay = linker.world.configuration.read().overlay
        linker.world.configuration.save_integration(made, overlay, overlay)
    return linker


def proposals(linker):
    return [(one, two) for _, one, two in proposed(linker.proposing, None)]


def test_the_same_domain_in_two_crms_is_proposed_until_somebody_decides():
    linker = with_integrations(Linker())
    linker.store(X, account("a1", domain="Example.com"), account("a2", domain="other.example"))
    linker.store(Y, account("a1", domain="example.com"), account("a2", domain="sub.example.com"))

    ((found, other),) = proposals(linker)
    linker.store(Y, account("a1", domain="example.com", name="Again"))

    assert (found.account_id, other.account_id) == (linker.id_of(X, "a1"), linker.id_of(Y, "a1"))
    assert len(proposals(linker)) == 1
    linker.link(found.account_id, other.account_id)
    assert proposals(linker) == []
    assert list(linker.linking.proposals.listed(None, 10)) == []


def test_what_was_turned_down_is_never_proposed_again():
    linker = with_integrations(Linker())
    for integration in (X, Y):
        linker.store(integration, account("a1", domain="example.com"))
    (one,) = linker.linking.proposals.listed(None, 10)

    linker.linking.proposals.turn_down(one)
    linker.store(Y, account("a1", domain="example.com", name="Again"))

    assert proposals(linker) == []


def test_a_domain_that_many_have_is_that_of_no_company():
    linker = with_integrations(Linker())
    linker.store(X, *(account(f"a{n}", domain="mail.example") for n in range(10)))

    linker.store(Y, account("a1", domain="mail.example"))

    assert proposals(linker) == []
    assert len(linker.all_of(Account)) == 11
    assert linker.account(Y, "a1").first_seen_on == DAY
