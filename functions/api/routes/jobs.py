"""Jobs of every kind, by id."""

from api import render
from api.call import Answer, Call
from stageline import bootstrap
from stageline.domain.errors import NotFound
from stageline.use_cases import imports


def get_job(call: Call) -> Answer:
    job_id = call.id_of("job")
    try:
        return Answer(render.work(bootstrap.works(call.workspace).get(job_id)))
    except NotFound:
        job = imports.get_import(bootstrap.jobs(call.workspace), job_id)
        return Answer(imports.import_document(job))
