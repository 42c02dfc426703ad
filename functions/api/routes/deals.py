"""Deals: what the sources call opportunity, business process or order."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from api import custom
from api.call import Answer, Call, etag
from api.refusals import RoleMayNot
from stageline import bootstrap
from stageline.domain.deal import Deal
from stageline.domain.errors import Invalid, NotFound

if TYPE_CHECKING:
    from api.bodies import DealChanges
    from api.body import Money


def create_deal(call: Call) -> Answer:
    from api.bodies import NewDeal
    from stageline.domain.deal import Terms
    from stageline.use_cases.deals import create_deal

    body = call.body(NewDeal)
    if body.account_id is not None:
        _check_account(call, body.account_id)
    terms = Terms(
        name=body.name,
        opened_on=body.opened_on,
        expected_close_on=body.expected_close_on,
        **_amount(body.amount),
        probability=body.probability,
        owner_email=call.rights.default_owner(body.owner_email),
    )
    with _fields_as_written(), custom.naming_only_seen(call.rights.hidden_deals):
        deal = create_deal(
            bootstrap.deals(call.workspace),
            bootstrap.accounts(call.workspace),
            call.new_id("deal"),
            terms,
            body.status,
            body.closed_on,
            account_id=body.account_id,
            customs=bootstrap.customs(call.workspace),
            custom=body.custom,
            tags=body.tags,
            source=call.source(body),
            today=call.today,
            stamp=call.stamp,
        )
    is_new = deal.changed.request == call.request_id
    headers = etag(deal.rev) | {"Location": f"/v1/deals/{deal.deal_id}"}
    return Answer(custom.deal(call, deal), 201 if is_new else 200, headers)


def get_deal(call: Call) -> Answer:
    return _shown(call, call.rights.deal(call.id_of("deal")))


def list_unassigned(call: Call) -> Answer:
    if call.rights.owners is not None:
        raise RoleMayNot("the list of unassigned deals is for those who see everybody's records")
    place, limit = call.place(), call.query["limit"]
    after = str(place[0]) if place else None
    found = bootstrap.deals(call.workspace).unassigned(limit + 1, after)
    page = found[:limit]
    following = call.cursor([page[-1].deal_id]) if len(found) > limit else None
    items = [custom.deal(call, deal) for deal in page]
    return Answer({"items": items, "next_cursor": following})


def change_deal(call: Call) -> Answer:
    from api.bodies import DealChanges
    from stageline.use_cases.deals import change_deal

    deal_id = call.id_of("deal")
    expected = call.expected_revision("deal", needed=True)
    changes = _changes(call.body(DealChanges))
    call.rights.deal(deal_id, "write")
    if changes.get("account_id") is not None:
        _check_account(call, changes["account_id"])
    with _fields_as_written(), custom.naming_only_seen(call.rights.hidden_deals):
        deal = change_deal(
            bootstrap.deals(call.workspace),
            bootstrap.accounts(call.workspace),
            deal_id,
            changes,
            customs=bootstrap.customs(call.workspace),
            expected=expected,
            today=call.today,
            stamp=call.stamp,
        )
    return _shown(call, deal)


def close_deal(call: Call) -> Answer:
    from api.bodies import Closing
    from stageline.use_cases.deals import close_deal

    body = call.body(Closing)
    deal_id = call.id_of("deal")
    call.rights.deal(deal_id, "write")
    return _shown(
        call,
        close_deal(
            bootstrap.deals(call.workspace),
            deal_id,
            body.status,
            body.closed_on,
            expected=call.expected_revision("deal"),
            today=call.today,
            stamp=call.stamp,
        ),
    )


def reopen_deal(call: Call) -> Answer:
    from stageline.use_cases.deals import reopen_deal

    deal_id = call.id_of("deal")
    call.rights.deal(deal_id, "write")
    return _shown(
        call,
        reopen_deal(
            bootstrap.deals(call.workspace),
            deal_id,
            expected=call.expected_revision("deal"),
            today=call.today,
            stamp=call.stamp,
        ),
    )


def delete_deal(call: Call) -> Answer:
    from stageline.use_cases.deals import delete_deal

    deal_id = call.id_of("deal")
    call.rights.deal(deal_id, "write")
    delete_deal(
        bootstrap.deals(call.workspace),
        deal_id,
        customs=bootstrap.customs(call.workspace),
        expected=call.expected_revision("deal"),
        today=call.today,
        stamp=call.stamp,
    )
    return Answer(None, 204)


def link_user(call: Call) -> Answer:
    """Let a member read the deal, without owning it (S2.31)."""
    return _linked(call, is_linked=True)


def unlink_user(call: Call) -> Answer:
    return _linked(call, is_linked=False)


def _linked(call: Call, *, is_linked: bool) -> Answer:
    from stageline.use_cases.deals import link_member

    deal_id = call.id_of("deal")
    call.rights.deal(deal_id, "write")
    link_member(
        bootstrap.deals(call.workspace),
        bootstrap.directory().roster(call.workspace),
        deal_id,
        call.path["member_id"],
        is_linked=is_linked,
        stamp=call.stamp,
    )
    return Answer(None, 204)


def _shown(call: Call, deal: Deal) -> Answer:
    return Answer(custom.deal(call, deal), headers=etag(deal.rev))


def _check_account(call: Call, account_id: str) -> None:
    if call.rights.owners is None:
        return
    try:
        call.rights.account(account_id)
    except NotFound as error:
        raise Invalid("account_id", "unknown", "there is no account with this id") from error


def _changes(body: "DealChanges") -> dict[str, Any]:
    """Return the changes in the words of the domain."""
    changes = body.sent()
    return changes | _amount(body.amount) if "amount" in changes else changes


def _amount(money: "Money | None") -> dict[str, Any]:
    """Return an amount and its currency, which are two fields in the domain."""
    return {
        "amount": money.amount if money else None,
        "currency": money.currency if money else None,
    }


@contextmanager
def _fields_as_written() -> Iterator[None]:
    """Name the field at fault as the caller wrote it."""
    try:
        yield
    except Invalid as error:
        if error.field == "currency":
            raise Invalid("amount.currency", error.reason, error.detail) from error
        raise
