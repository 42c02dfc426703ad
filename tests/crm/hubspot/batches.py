"""`/crm/v3/objects/{object}/batch/...`."""

from tests.crm.hubspot.account import Account
from tests.crm.hubspot.answers import NOT_FOUND, Answer, Json, Refused, invalid
from tests.crm.hubspot.associations import given_links
from tests.crm.hubspot.batch import inputs_of, outcome
from tests.crm.hubspot.calls import Call, members
from tests.crm.hubspot.objects import changed, created, find
from tests.crm.hubspot.schema import plural, singular
from tests.crm.hubspot.values import taken


def read(account: Account, call: Call) -> Answer:
    kind, body = plural(call.words["object"]), call.body
    inputs = inputs_of(body, account.options.batch)
    if account.options.spec_members_required:
        members(body, "properties", "propertiesWithHistory")
    asked = [str(each) for each in body.get("properties") or []]
    found: dict[int, Json] = {}
    missing = []
    for each in inputs:
        try:
            version = find(account, kind, each.get("id"), body.get("idProperty"), call.archived)
        except Refused as refused:
            if refused.status != 404:
                raise
            missing.append(str(each.get("id")))
        else:
            found[version.id] = account.shown(kind, version, asked)
    return outcome(account, list(found.values()), _missing(kind, missing))


def create(account: Account, call: Call) -> Answer:
    """All or nothing, unless each input brings an `objectWriteTraceId` of its own."""
    kind, body = plural(call.words["object"]), call.body
    inputs = inputs_of(body, account.options.batch)
    traces = [each.get("objectWriteTraceId") for each in inputs]
    if not all(traces):
        emails = [_email(each) for each in inputs if _email(each)]
        if len(set(emails)) < len(emails):
            raise invalid("Duplicate values in the inputs", context={"propertyName": ["email"]})
        before = [_checked(account, kind, each) for each in inputs]
        return outcome(account, [created(account, kind, each) for each in before], [], 201)
    results, errors = [], []
    for each in inputs:
        try:
            results.append(created(account, kind, each))
        except Refused as refused:
            context = {"objectWriteTraceId": [str(each["objectWriteTraceId"])]}
            errors.append({**refused.body, "context": context})
    return outcome(account, results, errors, 201)


def update(account: Account, call: Call) -> Answer:
    kind, body = plural(call.words["object"]), call.body
    inputs = inputs_of(body, account.options.batch)
    versions, missing = [], []
    for each in inputs:
        members(each, "id", "properties")
        try:
            version = find(account, kind, each["id"], each.get("idProperty"))
        except Refused as refused:
            if refused.status != 404:
                raise
            missing.append(str(each["id"]))
        else:
            taken(account, kind, each["properties"], version.id)
            versions.append((version, each))
    results = [changed(account, kind, version, each) for version, each in versions]
    return outcome(account, results, _missing(kind, missing))


def archive(account: Account, call: Call) -> Answer:
    kind = plural(call.words["object"])
    for each in inputs_of(call.body, account.options.batch):
        version = find(account, kind, each.get("id"))
        account.records[kind].archive(version.id, account.clock.now())
    return Answer(204)


def _checked(account: Account, kind: str, given: Json) -> Json:
    members(given, "properties")
    taken(account, kind, given["properties"], record_id=None)
    given_links(account, kind, given.get("associations") or [])
    return given


def _email(given: Json) -> str:
    properties = given.get("properties")
    return str(properties.get("email") or "").lower() if isinstance(properties, dict) else ""


def _missing(kind: str, ids: list[str]) -> list[Json]:
    if not ids:
        return []
    what = singular(kind).upper()
    message = f"Could not get some {what} objects, they may be deleted or not exist."
    error = {"status": "error", "category": NOT_FOUND, "message": message, "context": {"ids": ids}}
    return [error]
