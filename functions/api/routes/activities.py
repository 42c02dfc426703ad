"""Activities: calls, meetings, e-mails and notes."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from api import custom, related, seen
from api.call import Answer, Call, etag
from api.pages import account_of, page
from stageline import bootstrap
from stageline.use_cases import activities as use_cases

if TYPE_CHECKING:
    from stageline.domain.activity import Activity


def list_activities_of_account(call: Call) -> Answer:
    account_id, activities = account_of(call).account_id, bootstrap.activities(call.workspace)
    return Answer(
        page(call, lambda *place: activities.of_account(account_id, *place), seen.activity)
    )


def list_activities_of_contact(call: Call) -> Answer:
    contact = related.related(call).contact(call.id_of("contact"))
    activities = bootstrap.activities(call.workspace)
    return Answer(
        page(
            call,
            lambda *place: activities.of_contact(contact.contact_id, *place),
            seen.activity,
            related.seen_activities,
        )
    )


def create_activity(call: Call) -> Answer:
    from api.bodies import NewActivity
    from stageline.domain.activity import About, Happening

    body = call.body(NewActivity)
    with _naming_only_seen(call):
        activity = use_cases.create_activity(
            bootstrap.activities(call.workspace),
            related.related(call),
            call.new_id("activity"),
            Happening(
                kind=body.kind,
                occurred_at=body.occurred_at,
                two_way=body.kind == "meeting" if body.two_way is None else body.two_way,
                subject=body.subject,
                text=body.text,
                owner_email=body.owner_email,
            ),
            About(body.account_id, body.deal_id, tuple(dict.fromkeys(body.contact_ids))),
            customs=bootstrap.customs(call.workspace),
            custom=body.custom,
            tags=body.tags,
            source=call.source(body),
            today=call.today,
            stamp=call.stamp,
        )
    is_new = activity.changed.request == call.request_id
    headers = etag(activity.rev) | {"Location": f"/v1/activities/{activity.activity_id}"}
    return Answer(seen.activity(call, activity), 201 if is_new else 200, headers)


def get_activity(call: Call) -> Answer:
    return _shown(call, read_activity(call))


def change_activity(call: Call) -> Answer:
    from api.bodies import ActivityChanges

    activity_id = read_activity(call).activity_id
    expected = call.expected_revision("activity", needed=True)
    changes = call.body(ActivityChanges).sent()
    if "contact_ids" in changes:
        changes["contact_ids"] = tuple(dict.fromkeys(changes["contact_ids"]))
    with _naming_only_seen(call):
        activity = use_cases.change_activity(
            bootstrap.activities(call.workspace),
            related.related(call),
            activity_id,
            changes,
            customs=bootstrap.customs(call.workspace),
            expected=expected,
            today=call.today,
            stamp=call.stamp,
        )
    return _shown(call, activity)


def delete_activity(call: Call) -> Answer:
    use_cases.delete_activity(
        bootstrap.activities(call.workspace),
        read_activity(call).activity_id,
        customs=bootstrap.customs(call.workspace),
        expected=call.expected_revision("activity"),
        stamp=call.stamp,
    )
    return Answer(None, 204)


def read_activity(call: Call) -> "Activity":
    """Return the activity in the path, about something that is there. Raises NotFound."""
    activity = bootstrap.activities(call.workspace).get(call.id_of("activity"))
    related.check_subject(call, activity.about, "activity")
    return activity


def _shown(call: Call, activity: "Activity") -> Answer:
    return Answer(seen.activity(call, activity), headers=etag(activity.rev))


def _naming_only_seen(call: Call) -> AbstractContextManager[None]:
    return custom.naming_only_seen(lambda ids: related.hidden_activities(call, ids))
