"""`/crm/v4/associations` and the associations that v3 answers carry."""

from collections.abc import Sequence
from typing import Any

from tests.crm.hubspot.account import Account
from tests.crm.hubspot.answers import NOT_FOUND, Answer, Json, invalid, next_page, refusal
from tests.crm.hubspot.batch import inputs_of, outcome
from tests.crm.hubspot.calls import Call, cursor, from_cursor, number
from tests.crm.hubspot.links import REVERSES, default_type, label, type_name
from tests.crm.hubspot.schema import OBJECTS, plural, singular


def live_links(
    account: Account, kind: str, record_id: int, end: str
) -> list[tuple[int, list[int]]]:
    records = account.records[end]
    found = account.links.of(kind, record_id, end)
    return [(each, types) for each, types in found.items() if records.is_live(each)]


def v3_links(account: Account, kind: str, record_id: int, end: str) -> list[Json]:
    return [
        {"id": str(each), "type": type_name(kind, end, type_id)}
        for each, types in live_links(account, kind, record_id, end)
        for type_id in types
    ]


def first_page(account: Account, links: Sequence[Json]) -> Json:
    most = account.options.association_page
    body: Json = {"results": links[:most]}
    if len(links) > most:
        body["paging"] = next_page(cursor(int(links[most - 1]["id"])))
    return body


def given_links(account: Account, kind: str, associations: list[Any]) -> list[tuple[str, int, int]]:
    """What a new record shall be associated with: object, id and type id."""
    found = []
    for each in associations:
        for wanted in each.get("types") or []:
            type_id = wanted.get("associationTypeId")
            ends = [
                end for start, end in REVERSES if start == kind and type_id in REVERSES[start, end]
            ]
            end_id = number((each.get("to") or {}).get("id"))
            if not ends or end_id is None:
                raise invalid(f"association type id {type_id} doesn't exist for {kind}")
            if account.records[ends[0]].find(end_id) is None:
                raise refusal(404, NOT_FOUND, f"No {singular(ends[0])} with id {end_id}")
            found.append((ends[0], account.records[ends[0]].survivor(end_id), type_id))
    return found


def _page(account: Account, start: str, record_id: int, end: str, after: int, most: int) -> Json:
    links = [link for link in live_links(account, start, record_id, end) if link[0] > after]
    body: Json = {
        "results": [
            {
                "toObjectId": each if account.options.numeric_association_ids else str(each),
                "associationTypes": [
                    {"category": "HUBSPOT_DEFINED", "typeId": type_id, "label": label(type_id)}
                    for type_id in types
                ],
            }
            for each, types in links[:most]
        ]
    }
    if len(links) > most:
        body["paging"] = next_page(cursor(links[most - 1][0]))
    return body


def read_batch(account: Account, call: Call) -> Answer:
    start, end = plural(call.words["from"]), plural(call.words["to"])
    results, errors = [], []
    for each in inputs_of(call.body, account.options.association_reads):
        record_id, after = number(each.get("id")), from_cursor(each.get("after"))
        found = account.records[start].find(record_id) if record_id else None
        most = account.options.association_page
        page = _page(account, start, found.id, end, after, most) if found else {"results": []}
        if page["results"]:
            shown = {"from": {"id": str(each["id"])}, "to": page.pop("results"), **page}
            results.append(shown)
        else:
            errors.append(_none(start, str(each.get("id")), end))
    return outcome(account, results, errors)


def read_one(account: Account, call: Call) -> Answer:
    start, end = plural(call.words["from"]), plural(call.words["to"])
    record_id = number(call.words["id"])
    found = account.records[start].find(record_id) if record_id else None
    if found is None:
        raise refusal(404, NOT_FOUND, "resource not found")
    most = account.options.association_page
    return Answer(200, _page(account, start, found.id, end, call.after(), call.limit(most, most)))


def create_batch(account: Account, call: Call) -> Answer:
    start, end = plural(call.words["from"]), plural(call.words["to"])
    results, errors = [], []
    for each in inputs_of(call.body, account.options.association_writes):
        ends = _ends(account, start, end, each)
        types = [int(wanted["associationTypeId"]) for wanted in each.get("types") or []]
        if not types:
            raise invalid("Invalid input JSON: required properties are missing: [types]")
        if ends is None:
            errors.append(_none(start, str((each.get("from") or {}).get("id")), end))
            continue
        for type_id in types:
            account.associate(start, ends[0], end, ends[1], type_id)
        results.append(_labelled(start, ends[0], end, ends[1], types))
    return outcome(account, results, errors, 201)


def create_defaults(account: Account, call: Call) -> Answer:
    start, end = plural(call.words["from"]), plural(call.words["to"])
    results: list[Json] = []
    errors: list[Json] = []
    for each in inputs_of(call.body, account.options.association_writes):
        _default(account, start, end, each, results, errors)
    return outcome(account, results, errors)


def put_default(account: Account, call: Call) -> Answer:
    start, end = plural(call.words["from"]), plural(call.words["to"])
    pair = {"from": {"id": call.words["id"]}, "to": {"id": call.words["to_id"]}}
    results: list[Json] = []
    errors: list[Json] = []
    _default(account, start, end, pair, results, errors)
    if errors:
        raise refusal(404, NOT_FOUND, "resource not found")
    return outcome(account, results, [])


def remove_batch(account: Account, call: Call) -> Answer:
    start, end = plural(call.words["from"]), plural(call.words["to"])
    for each in inputs_of(call.body, account.options.association_writes):
        start_id = number((each.get("from") or {}).get("id"))
        for to in each.get("to") or []:
            end_id = number(to.get("id"))
            if start_id is not None and end_id is not None:
                account.links.remove(start, start_id, end, end_id)
    return Answer(204)


def _default(
    account: Account, start: str, end: str, pair: Json, results: list[Json], errors: list[Json]
) -> None:
    ends = _ends(account, start, end, pair)
    if ends is None:
        errors.append(_none(start, str((pair.get("from") or {}).get("id")), end))
        return
    type_id = default_type(start, end)
    account.associate(start, ends[0], end, ends[1], type_id)
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
    shown = {"from": {"id": str(ends[0])}, "to": {"id": str(ends[1])}, "associationSpec": spec}
    results.append(shown)


def _ends(account: Account, start: str, end: str, pair: Json) -> tuple[int, int] | None:
    ids = [number((pair.get(side) or {}).get("id")) for side in ("from", "to")]
    found = [
        account.records[kind].find(each) if each is not None else None
        for kind, each in zip((start, end), ids, strict=True)
    ]
    return None if None in found else (found[0].id, found[1].id)  # type: ignore[union-attr]


def _labelled(start: str, start_id: int, end: str, end_id: int, types: list[int]) -> Json:
    return {
        "fromObjectTypeId": OBJECTS[start][1],
        "fromObjectId": str(start_id),
        "toObjectTypeId": OBJECTS[end][1],
        "toObjectId": str(end_id),
        "labels": [text for text in map(label, types) if text],
    }


def _none(start: str, start_id: str, end: str) -> Json:
    one, other = singular(start), singular(end)
    return {
        "status": "error",
        "category": NOT_FOUND,
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {other} is associated with {one} {start_id}.",
        "context": {
            "fromObjectId": [start_id],
            "fromObjectType": [one],
            "toObjectType": [other],
        },
    }
