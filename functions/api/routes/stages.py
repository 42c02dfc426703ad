"""The stage of an account, and its history."""

from api import render
from api.call import Answer, Call
from api.routes.accounts import read_account, seen_answer
from stageline import bootstrap


def get_stage(call: Call) -> Answer:
    reading = read_account(call)
    configured = bootstrap.configuration(call.workspace).read()
    today = call.today_in(configured.zone)
    as_of = call.query["as_of"] or today
    answer = reading.answer(configured, as_of=as_of, today=today)
    return Answer(render.stage(seen_answer(call, answer)))


def get_history(call: Call) -> Answer:
    place = call.place()
    reading = read_account(call)
    configured = bootstrap.configuration(call.workspace).read()
    today = call.today_in(configured.zone)
    history = reading.history(configured)
    newest = list(reversed(history.versions))
    if place:
        newest = [one for one in newest if [one.recorded_at.isoformat(), one.rev] < list(place)]
    limit = call.query["limit"]
    page = newest[:limit]
    following = None
    if len(newest) > limit:
        following = call.cursor([page[-1].recorded_at.isoformat(), page[-1].rev])
    scheme = reading.scheme
    return Answer(
        {
            "account_id": reading.account.account_id,
            "scheme": {"key": scheme.key, "version": scheme.version},
            "segments": [render.segment(one, scheme, today) for one in history.segments],
            "versions": [render.version(one) for one in page],
            "next_cursor": following,
        }
    )
