"""Imports of CSV exports: jobs that a caller begins, uploads a file to, and follows."""

from api.call import Answer, Call
from stageline import bootstrap
from stageline.use_cases import imports


def request_import(call: Call) -> Answer:
    from api.bodies import NewImport

    body = call.body(NewImport)
    job, form = imports.request_import(
        bootstrap.jobs(call.workspace),
        bootstrap.files(call.workspace),
        call.new_id("request"),
        records=body.records,
        mapping=body.mapping,
        dry_run=body.dry_run,
        requested_by=call.principal.subject,
        now=call.now,
    )
    document = imports.import_document(job) | {
        "upload": {"url": form.url, "fields": dict(form.fields), "most_bytes": form.most_bytes}
    }
    is_new = job.requested_at == call.now
    headers = {"Location": f"/v1/imports/{job.job_id}"}
    return Answer(document, 201 if is_new else 200, headers)


def list_imports(call: Call) -> Answer:
    place = call.place()
    jobs, following = imports.list_imports(
        bootstrap.jobs(call.workspace), call.query["limit"], str(place[0]) if place else None
    )
    return Answer(
        {
            "items": [imports.import_document(job) for job in jobs],
            "next_cursor": following and call.cursor([following]),
        }
    )


def get_import(call: Call) -> Answer:
    job = imports.get_import(bootstrap.jobs(call.workspace), call.id_of("job"))
    return Answer(imports.import_document(job))


def list_problems(call: Call) -> Answer:
    job_id, place = call.id_of("job"), call.place()
    problems, following = imports.list_problems(
        bootstrap.jobs(call.workspace),
        job_id,
        call.query["limit"],
        str(place[0]) if place else None,
    )
    return Answer(
        {
            "items": [imports.problem_document(problem) for problem in problems],
            "next_cursor": following and call.cursor([following]),
        }
    )
