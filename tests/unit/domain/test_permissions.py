"""Who may do what to whose records: the whole product of roles, actions and ownership (S3.24)."""

from itertools import product

import pytest

from stageline.domain.access import EVERYTHING, MODULES, Access
from stageline.domain.permissions import (
    ACTIONS,
    SCOPES,
    Owned,
    has_level,
    has_scope,
    may,
    visibility,
)
from stageline.domain.principal import ROLES, Principal
from stageline.domain.workspace import Workspace

ACME = Workspace("acme")
RECORDS = {
    "own": Owned("me"),
    "of a subordinate": Owned("below"),
    "of another": Owned("other"),
    "of nobody": Owned("-"),
    "another's of my account": Owned("other", "me"),
    "nobody's of a subordinate's account": Owned("-", "below"),
    "another's of another's account": Owned("other", "other"),
    "another's that I am linked to": Owned("other", "other", frozenset({"sub"})),
}
MINE = {"own", "another's of my account"}
BELOW = {"of a subordinate", "nobody's of a subordinate's account"}
LINKED = {"another's that I am linked to"}


def principal(role, ownership="exclusive", sees_below=True):
    return Principal(
        "sub",
        ACME,
        role,
        owner="me",
        subordinates=frozenset({"below"}),
        ownership=ownership,
        managers_see_subordinates=sees_below,
    )


def expected(role, ownership, sees_below, action, record):
    """Say it once more, in other words than the code."""
    does = {
        "viewer": {"read"},
        "privacy_officer": {"read", "protect", "approve"},
        "seller": {"read", "write"},
        "manager": {"read", "write"},
        "admin": {"read", "write", "administer", "protect"},
    }[role]
    if action not in does:
        return False
    if ownership == "shared" or role not in ("seller", "manager"):
        return True
    seen = MINE | (BELOW if role == "manager" and sees_below else set())
    return record in seen or (action == "read" and record in LINKED)


@pytest.mark.parametrize("role", ROLES)  # S2.10, S2.11, S2.31, S3.24
def test_every_role_does_every_action_to_every_record_as_its_table_says(role):
    for ownership, sees_below, action in product(("exclusive", "shared"), (True, False), ACTIONS):
        who = principal(role, ownership, sees_below)
        decided = {name: may(who, action, record) for name, record in RECORDS.items()}
        assert decided == {
            name: expected(role, ownership, sees_below, action, name) for name in RECORDS
        }


@pytest.mark.parametrize("role", ROLES)
def test_lists_show_the_records_that_may_be_read_one_by_one(role):
    """Lists know owners only: what one is linked to, or is of one's account, is found there."""
    for ownership, sees_below in product(("exclusive", "shared"), (True, False)):
        who = principal(role, ownership, sees_below)
        owners = visibility(who)
        for record in RECORDS.values():
            if owners is None or record.owner in owners:
                assert may(who, "read", record)
            elif record.account_owner is None:
                assert not may(who, "read", record)


def test_somebody_without_an_address_owns_nothing():
    who = Principal("sub", ACME, "seller")

    assert visibility(who) == frozenset()
    assert not may(who, "read", Owned("-"))


@pytest.mark.parametrize("module", MODULES)  # S3.43
def test_a_client_needs_the_scope_and_writing_includes_reading(module):
    def client(*scopes):
        return Principal("c", ACME, "admin", scopes=frozenset(scopes))

    def allowed(who):
        return [action for action in ACTIONS if has_scope(who, module, action)]

    others = [scope for scope in SCOPES if not scope.startswith(f"{module}:")]
    assert allowed(client(*others)) == []
    assert allowed(client(f"{module}:read")) == ["read"]
    assert allowed(client(f"{module}:write")) == list(ACTIONS)
    assert allowed(principal("seller")) == list(ACTIONS)


def test_a_profile_closes_modules_or_lets_them_be_read():  # S3.25
    who = Principal("s", ACME, "seller", access=Access({"deals": "none", "accounts": "read"}))

    assert [has_level(who, "deals", action) for action in ("read", "write")] == [False, False]
    assert [has_level(who, "accounts", action) for action in ("read", "write")] == [True, False]
    assert [has_level(who, "contacts", action) for action in ("read", "write")] == [True, True]


def test_levels_of_fields_and_of_those_below_custom():  # S3.26
    access = Access(
        fields={"deals.amount": "read", "accounts.custom": "read", "accounts.custom.vip": "none"}
    )

    assert access.to_field("deals", "amount") == "read"
    assert access.to_field("deals", "probability") == "write"
    assert access.to_field("accounts", "custom.vip") == "none"
    assert access.to_field("accounts", "custom.region") == "read"
    assert access.hidden("accounts") == {"custom.vip"}
    assert EVERYTHING.hidden("accounts") == frozenset()
