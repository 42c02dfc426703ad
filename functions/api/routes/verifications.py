"""Verifications: jobs that hold all that is stored against its records, and repair it."""

from api.call import Answer, Call
from stageline import bootstrap
from stageline.domain.drift import Found
from stageline.use_cases import verifications


def request_verification(call: Call) -> Answer:
    from api.bodies import NewVerification

    body = call.body(NewVerification)
    work = verifications.request_verification(
        bootstrap.verifications(call.workspace),
        call.new_id("request"),
        repair=body.repair,
        requested_by=call.principal.subject,
        now=call.now,
    )
    found = None if work.is_finished else Found()
    document = verifications.verification_document(work, found)
    return Answer(document, 202, {"Location": f"/v1/verifications/{work.job_id}"})


def get_verification(call: Call) -> Answer:
    job_id = call.id_of("verification")
    work, found = verifications.get_verification(bootstrap.works(call.workspace), job_id)
    return Answer(verifications.verification_document(work, found))
