"""Members of a workspace: people and API clients, and what they may."""

from typing import Any

from api import render
from api.call import Answer, Call, etag
from stageline import bootstrap
from stageline.domain.principal import Member


def list_members(call: Call) -> Answer:
    members = bootstrap.directory().roster(call.workspace).members
    return Answer({"items": [render.member(one) for one in members]})


def get_member(call: Call) -> Answer:
    return _shown(bootstrap.directory().roster(call.workspace).get(call.path["member_id"]))


def invite_member(call: Call) -> Answer:
    from api.bodies import NewMember
    from stageline.use_cases.members import invite_member

    body = call.body(NewMember)
    what = {name: value for name, value in body.sent().items() if name != "email"}
    member, is_new = invite_member(
        bootstrap.directory(),
        bootstrap.rights(call.workspace),
        bootstrap.sign_in(),
        call.workspace,
        body.email,
        what,
        owners=bootstrap.owners(call.workspace),
        stamp=call.stamp,
    )
    headers = etag(member.rev) | {"Location": f"/v1/members/{member.subject}"}
    return Answer(render.member(member), 201 if is_new else 200, headers)


def add_client(call: Call) -> Answer:
    """Make an API client; its secret is in this answer only."""
    from api.bodies import NewClient
    from stageline.use_cases.members import add_client

    body = call.body(NewClient)
    user_name = f"client-{call.own_id()}"
    member, secret = add_client(
        bootstrap.directory(),
        bootstrap.rights(call.workspace),
        bootstrap.sign_in(),
        call.workspace,
        user_name,
        body.sent() | {"scopes": tuple(body.scopes)},
        stamp=call.stamp,
    )
    headers = etag(member.rev) | {"Location": f"/v1/members/{member.subject}"}
    shown = render.member(member) | {"user_name": user_name, "secret": secret}
    return Answer(shown, 201, headers)


def change_member(call: Call) -> Answer:
    from api.bodies import MemberChanges
    from stageline.use_cases.members import change_member

    expected = call.expected_revision("member", needed=True)
    changes: dict[str, Any] = call.body(MemberChanges).sent()
    if "scopes" in changes:
        changes["scopes"] = tuple(changes["scopes"])
    return _shown(
        change_member(
            bootstrap.directory(),
            bootstrap.rights(call.workspace),
            call.workspace,
            call.path["member_id"],
            changes,
            expected=expected,
            stamp=call.stamp,
        )
    )


def remove_member(call: Call) -> Answer:
    from stageline.use_cases.members import remove_member

    remove_member(
        bootstrap.directory(),
        call.workspace,
        call.path["member_id"],
        expected=call.expected_revision("member"),
        stamp=call.stamp,
    )
    return Answer(None, 204)


def get_me(call: Call) -> Answer:
    """Who the caller is here, and what they may."""
    return _me(call, bootstrap.directory().roster(call.workspace).get(call.principal.subject))


def change_me(call: Call) -> Answer:
    from api.bodies import PreferenceChanges
    from stageline.use_cases.members import set_preferences

    changes = call.body(PreferenceChanges).sent()
    return _me(
        call,
        set_preferences(
            bootstrap.directory(),
            call.workspace,
            call.principal.subject,
            changes,
            stamp=call.stamp,
        ),
    )


def _me(call: Call, member: Member) -> Answer:
    access = call.rights.access
    shown = render.member(member) | {
        "workspace": call.workspace.id,
        "access": {"modules": dict(access.modules), "fields": dict(access.fields)},
    }
    return Answer(shown, headers=etag(member.rev))


def _shown(member: Member) -> Answer:
    return Answer(render.member(member), headers=etag(member.rev))
