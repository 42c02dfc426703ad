"""Runs of integrations: started, followed."""

from itertools import islice

from api import render_integrations
from api.call import Answer, Call
from api.routes.integrations import found, key_of
from stageline import bootstrap
from stageline.domain.errors import NotFound
from stageline.domain.jobs import ImportJob
from stageline.domain.sync import Mode, SyncRun
from stageline.use_cases.sync_start import start_run


def request_run(call: Call) -> Answer:
    from api.integration_bodies import NewRun

    return _started(call, call.body(NewRun).mode)


def list_runs(call: Call) -> Answer:
    place = call.place()
    runs, following = bootstrap.syncs(call.workspace).runs(
        key_of(call), call.query["limit"], str(place[0]) if place else None
    )
    return Answer(
        {
            "items": [render_integrations.run(run) for run in runs],
            "next_cursor": following and call.cursor([following]),
        }
    )


def get_run(call: Call) -> Answer:
    key = key_of(call)
    run = bootstrap.syncs(call.workspace).run(call.id_of("run"))
    if run.integration != key:
        raise NotFound("run")
    return Answer(render_integrations.run(run, _job_of(call, run)))


def list_refused(call: Call) -> Answer:
    limit, place = call.query["limit"], call.place()
    refused = bootstrap.refused_records(call.workspace, found(call).key)
    page = list(islice(refused.latest(limit + 1, str(place[0]) if place else None), limit + 1))
    following = page[limit - 1][0] if len(page) > limit else None
    return Answer(
        {
            "items": [render_integrations.refused(one) for _, one in page[:limit]],
            "next_cursor": following and call.cursor([following]),
        }
    )


def retry_refused(call: Call) -> Answer:
    return _started(call, "retry")


def _started(call: Call, mode: Mode) -> Answer:
    run = start_run(
        bootstrap.syncs(call.workspace),
        found(call),
        mode,
        call.new_id("request"),
        call.principal.subject,
        call.now,
    )
    if not run.is_finished:
        bootstrap.sync_queue(call.workspace).send(run.run_id, run.rev)
    address = f"/v1/integrations/{run.integration}/runs/{run.run_id}"
    return Answer(render_integrations.run(run), 202, {"Location": address})


def _job_of(call: Call, run: SyncRun) -> ImportJob | None:
    if run.reading is None:
        return None
    try:
        return bootstrap.jobs(call.workspace).get(run.reading.job_id)
    except NotFound:
        # Its first page is not there yet.
        return None
