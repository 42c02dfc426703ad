"""`/crm/v3/objects/{object}`: list, read, create, change, archive, merge, erase."""

from tests.crm.hubspot.account import Account
from tests.crm.hubspot.answers import NOT_FOUND, Answer, Json, Refused, next_page, refusal
from tests.crm.hubspot.associations import first_page, given_links, v3_links
from tests.crm.hubspot.calls import Call, cursor, members, number
from tests.crm.hubspot.index import Version
from tests.crm.hubspot.schema import plural
from tests.crm.hubspot.values import taken


def not_found(kind: str, key: str) -> Refused:
    return refusal(404, NOT_FOUND, "resource not found", context={"id": [key]})


def find(
    account: Account, kind: str, key: object, id_property: object = None, archived: bool = False
) -> Version:
    """The record with this id, the id of one merged into it, or this unique value."""
    version = None
    if id_property in (None, "", "hs_object_id"):
        if (record_id := number(key)) is not None:
            version = account.records[kind].find(record_id, archived)
    else:
        if not account.schema.get(kind, str(id_property)).unique:
            raise refusal(400, "VALIDATION_ERROR", f"{id_property} is not a unique property")
        version = account.with_unique(kind, str(id_property), str(key))
    if version is None:
        raise not_found(kind, str(key))
    return version


def _kept(account: Account, kind: str) -> None:
    """Archived records are kept for some time only."""
    kept = account.options.archived_kept.total_seconds() * 1000
    account.records[kind].purge_archived_before(int(account.clock.now() - kept))


def _with_links(account: Account, kind: str, version: Version, call: Call) -> Json:
    body = account.shown(kind, version, call.names("properties"))
    linked = {}
    for end in map(plural, call.names("associations")):
        if links := v3_links(account, kind, version.id, end):
            linked[end] = first_page(account, links)
    return {**body, "associations": linked} if linked else body


def read_page(account: Account, call: Call) -> Answer:
    kind = plural(call.words["object"])
    _kept(account, kind)
    limit = call.limit(10, account.options.list_page)
    page = account.records[kind].page(call.after(), limit + 1, call.archived)
    body: Json = {"results": [_with_links(account, kind, each, call) for each in page[:limit]]}
    if len(page) > limit:
        body["paging"] = next_page(cursor(page[limit - 1].id))
    return Answer(200, body)


def read_one(account: Account, call: Call) -> Answer:
    kind = plural(call.words["object"])
    _kept(account, kind)
    version = find(account, kind, call.words["id"], call.query.get("idProperty"), call.archived)
    return Answer(200, _with_links(account, kind, version, call))


def create(account: Account, call: Call) -> Answer:
    kind, body = plural(call.words["object"]), call.body
    return Answer(201, created(account, kind, body))


def created(account: Account, kind: str, body: Json) -> Json:
    members(body, "properties")
    values = taken(account, kind, body["properties"], record_id=None)
    links = given_links(account, kind, body.get("associations") or [])
    version = account.create(kind, values, at=None)
    for end, end_id, type_id in links:
        account.associate(kind, version.id, end, end_id, type_id)
    return account.shown(kind, version, list(values))


def change(account: Account, call: Call) -> Answer:
    kind, body = plural(call.words["object"]), call.body
    members(body, "properties")
    version = find(account, kind, call.words["id"], call.query.get("idProperty"))
    return Answer(200, changed(account, kind, version, body))


def changed(account: Account, kind: str, version: Version, body: Json) -> Json:
    values = taken(account, kind, body.get("properties"), version.id)
    after = account.change(kind, version.id, values)
    return account.shown(kind, after, list(values))


def archive(account: Account, call: Call) -> Answer:
    kind = plural(call.words["object"])
    version = find(account, kind, call.words["id"])
    account.records[kind].archive(version.id, account.clock.now())
    return Answer(204)


def merge(account: Account, call: Call) -> Answer:
    kind, body = plural(call.words["object"]), call.body
    members(body, "primaryObjectId", "objectIdToMerge")
    primary = find(account, kind, body["primaryObjectId"])
    other = find(account, kind, body["objectIdToMerge"])
    if primary.id == other.id:
        raise refusal(400, "VALIDATION_ERROR", "A record can't be merged with itself")
    return Answer(200, account.shown(kind, account.merge(kind, primary.id, other.id), []))


def erase(account: Account, call: Call) -> Answer:
    """For good. An e-mail address that nobody has is blocked instead."""
    body = call.body
    members(body, "objectId")
    key, by_email = str(body["objectId"]), body.get("idProperty") == "email"
    contacts = account.records["contacts"]
    if by_email:
        version = account.with_unique("contacts", "email", key)
        if version is None:
            account.blocked_emails.add(key.lower())
            return Answer(204)
    else:
        record_id = number(key)
        version = contacts.versions.get(contacts.survivor(record_id)) if record_id else None
        if version is None:
            if account.options.unknown_gdpr_status == 204:
                return Answer(204)
            raise not_found("contacts", key)
    if account.options.gdpr_blocks_email and (email := version.properties.get("email")):
        account.blocked_emails.add(email.lower())
    account.purge("contacts", version.id)
    return Answer(204)
