"""Accounts: lists, the whole view of one, and changes."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from api import custom, render, render_records
from api.call import Answer, Call, etag, listed_at
from stageline import bootstrap
from stageline.domain.account import Account
from stageline.domain.errors import Invalid, NotFound
from stageline.domain.freshness import freshness
from stageline.domain.job_states import FILE_INTEGRATION
from stageline.domain.overlay import overlay_on
from stageline.domain.scheme import DASH, Scheme
from stageline.schemes import shipped
from stageline.use_cases.stages import Reading, StageAnswer

if TYPE_CHECKING:
    from stageline.domain.deal import Deal

MOST_SHOWN = 50
MOST_RELATIVES = 25
FILTER_FIELDS = {
    "external_id": "external_id",
    "in_crm": "in_crm",
    "owner": "owner_email",
    "tag": "tags",
}


def list_accounts(call: Call) -> Answer:
    from stageline.use_cases.listing import Criteria, Position, list_accounts

    query, scheme = call.query, shipped()
    filters = (field for name, field in FILTER_FIELDS.items() if query[name] not in (None, ()))
    call.rights.refuse_unreadable("accounts", filters)
    configured = bootstrap.configuration(call.workspace).read()
    dash = overlay_on(configured.overlay.entries, call.today_in(configured.zone))
    sort = query["sort"]
    criteria = Criteria(
        stages=_stages(scheme, query["stage"]),
        holds=_holds(scheme, query["holds"]),
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        account_id=_from_files(call, query["external_id"]),
        query=query["q"],
        owners=_owners(call, query["owner"]),
        by_domain=call.rights.access.reads("accounts", "domain"),
        in_crm=query["in_crm"],
        tags=_tags(call, query["tag"]),
        limit=query["limit"],
        dash=dash is not None,
    )
    # While the workspace shows "-" the order is another one.
    order = DASH if dash else ""
    place = call.place(order)
    page = list_accounts(
        bootstrap.lists(call.workspace),
        bootstrap.rows(call.workspace),
        scheme,
        criteria,
        Position(int(place[0]), str(place[1])) if place else None,
    )
    following = page.following
    return Answer(
        {
            "items": [
                call.rights.shown("accounts", render.row(row, scheme, dash)) for row in page.rows
            ],
            "next_cursor": following and call.cursor([following.rank, following.key], state=order),
            **render.freshness(freshness(configured, call.now)),
        }
    )


def get_account(call: Call) -> Answer:
    """Everything about one account in one answer (S3.2)."""
    from api.sections import sections

    reading = read_account(call, with_beside=True)
    configured = bootstrap.configuration(call.workspace).read()
    today = call.today_in(configured.zone)
    answer = seen_answer(call, reading.answer(configured, as_of=today, today=today))
    account, beside = reading.account, reading.beside
    address = f"/v1/accounts/{account.account_id}"
    deals = None
    if call.rights.opens("deals"):
        items, following = _page_of_deals(
            call,
            _deals(call, account.account_id, None, MOST_SHOWN) if beside is None else beside.deals,
            MOST_SHOWN,
            f"{address}/deals",
        )
        deals = {"items": items, "next_cursor": following}
    body = _shown(call, account) | {
        "stages": {answer.scheme.key: render.stage(answer)},
        "history": {
            answer.scheme.key: [
                render.segment(one, answer.scheme, today) for one in reading.segments(configured)
            ]
        },
        **_relatives(call, account, reading.members()),
        "deals": deals,
        **sections(call, account.account_id, address, beside),
        "touch": _touch(call, reading),
        "links": {
            "self": address,
            "deals": f"{address}/deals",
            "contacts": f"{address}/contacts",
            "activities": f"{address}/activities",
            "tasks": f"{address}/tasks",
            "stage": f"{address}/stages/{answer.scheme.key}",
            "history": f"{address}/stages/{answer.scheme.key}/history",
        },
    }
    return Answer(body, headers=etag(account.rev))


def create_account(call: Call) -> Answer:
    from api.bodies import NewAccount
    from stageline.domain.account import Profile
    from stageline.use_cases.accounts import create_account

    body = call.body(NewAccount)
    if body.parent_id is not None:
        _check_parent(call, body.parent_id)
    with custom.naming_only_seen(call.rights.hidden_accounts):
        account = create_account(
            bootstrap.accounts(call.workspace),
            call.new_id("account"),
            Profile(
                name=body.name,
                domain=body.domain,
                industry=body.industry,
                country=body.country,
                owner_email=call.rights.default_owner(body.owner_email),
                created_on=body.created_on,
            ),
            in_crm=body.in_crm,
            parent_id=body.parent_id,
            customs=bootstrap.customs(call.workspace),
            custom=body.custom,
            tags=body.tags,
            source=call.source(body),
            today=call.today,
            stamp=call.stamp,
        )
    is_new = account.changed.request == call.request_id
    headers = etag(account.rev) | {"Location": f"/v1/accounts/{account.account_id}"}
    return Answer(_shown(call, account), 201 if is_new else 200, headers)


def change_account(call: Call) -> Answer:
    from api.bodies import AccountChanges
    from stageline.use_cases.accounts import change_account

    account_id = call.id_of("account")
    expected = call.expected_revision("account", needed=True)
    changes = call.body(AccountChanges).sent()
    call.rights.account(account_id, "write")
    in_crm = changes.pop("in_crm", None)
    with custom.naming_only_seen(call.rights.hidden_accounts):
        account = change_account(
            bootstrap.accounts(call.workspace),
            account_id,
            changes,
            in_crm=in_crm,
            customs=bootstrap.customs(call.workspace),
            expected=expected,
            today=call.today,
            stamp=call.stamp,
        )
    return _changed(call, account)


def add_tag(call: Call) -> Answer:
    return _tag(call, has_it=True)


def remove_tag(call: Call) -> Answer:
    return _tag(call, has_it=False)


def set_parent(call: Call) -> Answer:
    from api.bodies import NewParent
    from stageline.domain.ids import random_id
    from stageline.use_cases.moves import set_parent

    account_id, parent_id = call.id_of("account"), call.body(NewParent).parent_id
    call.rights.account(account_id, "write")
    if parent_id is not None:
        call.rights.account(parent_id)
    found = set_parent(
        bootstrap.moving(call.workspace),
        account_id,
        parent_id,
        job_id=random_id(),
        expected=call.expected_revision("account"),
        today=call.today,
        stamp=call.stamp,
    )
    if isinstance(found, Account):
        return _changed(call, found)
    return Answer(render.work(found), 202, {"Location": f"/v1/jobs/{found.job_id}"})


def delete_account(call: Call) -> Answer:
    from stageline.use_cases.accounts import delete_account

    account_id = call.id_of("account")
    call.rights.account(account_id, "write")
    delete_account(
        bootstrap.accounts(call.workspace),
        bootstrap.deals(call.workspace),
        bootstrap.contacts(call.workspace),
        bootstrap.tasks(call.workspace),
        account_id,
        customs=bootstrap.customs(call.workspace),
        expected=call.expected_revision("account"),
        today=call.today,
        stamp=call.stamp,
    )
    return Answer(None, 204)


def list_deals(call: Call) -> Answer:
    account_id = call.id_of("account")
    place = call.place()
    call.rights.account(account_id)
    after = str(place[0]) if place else None
    limit = call.query["limit"]
    items, following = _page_of_deals(call, _deals(call, account_id, after, limit), limit)
    return Answer({"items": items, "next_cursor": following})


def read_account(call: Call, *, with_beside: bool = False) -> Reading:
    """Read the account in the path for an answer about its stage. Raises NotFound."""
    reading = Reading(
        call.id_of("account"),
        views=bootstrap.views(call.workspace),
        groups=bootstrap.groups(call.workspace),
        deals=bootstrap.deals(call.workspace),
        scheme=shipped(),
        known_at=call.query.get("known_at"),
        now=call.now,
        with_beside=with_beside,
    )
    call.rights.check("account", reading.account.profile.owner_email)
    return reading


def seen_answer(call: Call, answer: StageAnswer) -> StageAnswer:
    """Return the answer without the names of records that the caller does not see."""
    ids = answer.ids()
    return answer.without(call.rights.hidden_deals(ids), call.rights.hidden_accounts(ids))


def _touch(call: Call, reading: Reading) -> dict[str, Any] | None:
    if not call.rights.opens("activities"):
        return None
    return render_records.touch(reading.touch)


def _tag(call: Call, *, has_it: bool) -> Answer:
    from urllib.parse import unquote

    from stageline.use_cases.accounts import tag_account

    account_id = call.id_of("account")
    call.rights.refuse_unwritable("accounts", {"tags": ()})
    call.rights.account(account_id, "write")
    account = tag_account(
        bootstrap.accounts(call.workspace),
        account_id,
        unquote(call.path["tag"]),
        has_it=has_it,
        customs=bootstrap.customs(call.workspace),
        today=call.today,
        stamp=call.stamp,
    )
    return _changed(call, account)


def _changed(call: Call, account: Account) -> Answer:
    return Answer(_shown(call, account), headers=etag(account.rev))


def _check_parent(call: Call, parent_id: str) -> None:
    if call.rights.owners is None:
        return
    try:
        call.rights.account(parent_id)
    except NotFound as error:
        raise Invalid("parent_id", "unknown", "there is no account with this id") from error


def _shown(call: Call, account: Account) -> dict[str, Any]:
    values = custom.shown(call.workspace, "account", account.profile.custom)
    return call.rights.shown("accounts", render.account(account, values))


def _deals(call: Call, account_id: str, after: str | None, limit: int) -> "Iterable[Deal]":
    return bootstrap.lists(call.workspace).deals(account_id, after, limit + 1)


def _page_of_deals(
    call: Call, stored: "Iterable[Deal]", limit: int, address: str | None = None
) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of an account's deals and a cursor of the list of them."""
    found: list[Deal] = list(islice((deal for deal in stored if deal.status != "gone"), limit + 1))
    page = found[:limit]
    following = None
    if len(found) > limit:
        listed = listed_at(address, []) if address else None
        following = call.cursor([page[-1].deal_id], listed)
    return [custom.deal(call, deal) for deal in page], following


def _relatives(call: Call, account: Account, members: Sequence[str]) -> dict[str, Any]:
    """Return the group of an account, and its children: the first ones by id."""
    accounts = bootstrap.accounts(call.workspace)
    others = [member for member in members if member != account.account_id]
    # Children are in the same group, so an account alone has none.
    children = list(islice(accounts.children(account.account_id), MOST_RELATIVES)) if others else []
    found = dict(accounts.find_many([*others[:MOST_RELATIVES], *children])) if others else {}
    found[account.account_id] = account
    group_ids = sorted([account.account_id, *others[:MOST_RELATIVES]])

    def shown(ids: Sequence[str]) -> list[dict[str, Any]]:
        known = (found[one] for one in ids if one in found and not found[one].deleted)
        known = (one for one in known if call.rights.sees(one))
        return [
            {"id": one.account_id, "name": one.profile.name or None, "parent_id": one.parent_id}
            for one in known
        ]

    return {
        "group": {
            "root_id": account.root_id,
            "size": len(members),
            "members": shown(group_ids),
        },
        "children": [one for one in shown(children) if one["parent_id"] == account.account_id],
    }


def _stages(scheme: Scheme, sent: Sequence[str]) -> frozenset[str | None] | None:
    for key in sent:
        if key != DASH and key not in scheme.stages:
            raise Invalid("stage", "unknown", f"is one of {', '.join(scheme.stages)}, {DASH}")
    return frozenset(None if key == DASH else key for key in sent) or None


def _holds(scheme: Scheme, sent: Sequence[str]) -> frozenset[str]:
    for key in sent:
        if key not in scheme.stages:
            raise Invalid("holds", "unknown", f"is one of {', '.join(scheme.stages)}")
    return frozenset(sent)


def _from_files(call: Call, external_id: str | None) -> str | None:
    if external_id is None:
        return None
    return bootstrap.identities(call.workspace).record(FILE_INTEGRATION, "account", external_id)


def _owners(call: Call, sent: str | None) -> tuple[str, ...] | None:
    """Return whose accounts are listed: of those that the caller sees, those they ask for."""
    seen = call.rights.owners
    if sent is None:
        return None if seen is None else tuple(sorted(seen))
    asked = DASH if sent == DASH else call.rights.owner(sent)
    return (asked,) if seen is None or asked in seen else ()


def _tags(call: Call, sent: Sequence[str]) -> dict[str, str]:
    if not sent:
        return {}
    from stageline.domain.tags import folded, read_tag

    wanted = {folded(read_tag(tag, "tag")) for tag in sent}
    identities = bootstrap.identities(call.workspace)
    return {tag: identities.tag("account", tag) for tag in wanted}
