"""Checks of a restored table: jobs that apply the journal again and read everything back."""

from api.call import Answer, Call
from stageline import bootstrap
from stageline.use_cases import restoring


def request_check(call: Call) -> Answer:
    work = restoring.request_restore_check(
        bootstrap.restoring(call.workspace),
        call.new_id("request"),
        requested_by=call.principal.subject,
    )
    headers = {"Location": f"/v1/privacy/restore-checks/{work.job_id}"}
    return Answer(restoring.restore_check_document(work), 202, headers)


def get_check(call: Call) -> Answer:
    job_id = call.id_of("restore check")
    work = restoring.get_restore_check(bootstrap.works(call.workspace), job_id)
    return Answer(restoring.restore_check_document(work))
