"""Every refusal has a status, and says nothing internal."""

import json

import pytest

from api import refusals
from api.problems import STATUS_OF, problem_of, status_of, unforeseen
from stageline.domain.errors import (
    AccountInUse,
    Erased,
    GroupCycle,
    Invalid,
    NotFound,
    StagelineError,
    Stale,
)


def every_refusal(kind=StagelineError):
    for one in kind.__subclasses__():
        yield one
        yield from every_refusal(one)


@pytest.mark.parametrize("kind", list(every_refusal()), ids=lambda kind: kind.__name__)
def test_refusal_has_a_status_and_a_code_of_its_own(kind):
    assert any(base in STATUS_OF for base in kind.__mro__)
    assert kind.code != StagelineError.code


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("account"), 404),
        (Erased("contact", "r"), 410),
        (Stale("deal"), 412),
        (GroupCycle(["a", "a"]), 409),
        (Invalid("name", "missing", "is needed"), 422),
        (refusals.CursorInvalid(), 400),
        (refusals.IfMatchNeeded(), 428),
        (refusals.RoleMayNot("no"), 403),
        (refusals.NoAccessToken("no"), 401),
        (refusals.WorkspaceNeeded("H", ["a"]), 422),
    ],
    ids=lambda value: type(value).__name__,
)
def test_status_of_a_refusal(error, status):
    assert status_of(error) == status


def test_problem_document():
    response = problem_of(AccountInUse(children=2, deals=1), "request-7")

    assert json.loads(response.body or "") == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "code": "account_in_use",
        "detail": "the account has children, deals, contacts or open tasks; "
        "move or delete them first",
        "request_id": "request-7",
        "children": 2,
        "deals": 1,
        "contacts": 0,
        "open_tasks": 0,
    }
    assert response.content_type == "application/problem+json"


def test_all_fields_at_fault_are_listed():
    error = refusals.InvalidFields([("a", "missing", "is needed"), ("b.c", "wrong", "is wrong")])

    body = json.loads(problem_of(error, "r").body or "")

    assert body["field"] == "a"
    assert body["errors"] == [
        {"field": "a", "code": "missing", "message": "is needed"},
        {"field": "b.c", "code": "wrong", "message": "is wrong"},
    ]


def test_what_was_not_foreseen_says_nothing():
    assert set(json.loads(unforeseen("r").body or "")) == {
        "type",
        "title",
        "status",
        "code",
        "detail",
        "request_id",
    }
