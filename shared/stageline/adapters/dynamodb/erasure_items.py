"""Erasure requests and their parts as items of the table, and back."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import batched
from typing import Any, Final

from stageline.adapters.dynamodb.account_items import instant, text
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.erasure_keys import (
    more_key,
    part_key,
    read_key,
    request_indexes,
    request_key,
)
from stageline.adapters.dynamodb.keys import Key
from stageline.adapters.dynamodb.record_keys import time_text
from stageline.domain.erasure import (
    Approval,
    Candidate,
    ErasureRequest,
    Part,
    PartResult,
    Preview,
    Selection,
)
from stageline.domain.errors import Stale
from stageline.domain.workspace import Workspace

# A hundred bytes each: an item takes 400 KB, and a transaction 4 MB in a hundred items.
_OF_AN_ITEM: Final = 1_000


def request_item(workspace: Workspace, request: ErasureRequest) -> Item:
    selection, preview, approval = request.selection, request.preview, request.approval
    item: Item = request_key(workspace, request.request_id) | {
        "id": request.request_id,
        "way": request.way,
        "ground": request.ground,
        "reason": request.reason,
        "fields": list(request.fields) or None,
        "contact_ids": list(request.contact_ids) or None,
        "selected_through": text(selection.through) if selection else None,
        "member_id": request.member_id,
        "requested_by": request.requested_by,
        "requested_at": text(request.requested_at),
        "received_on": text(request.received_on),
        "due_on": text(request.due_on),
        "extended": request.is_extended or None,
        "extended_because": request.extended_because,
        "status": request.status,
        "parts": request.parts,
        "round": request.round,
        "preview": _preview_values(preview) if preview else None,
        "approval": _approval_values(approval) if approval else None,
        "certificates": request.certificates,
        "certificate_state": request.certificate_state,
        "erased_at": text(request.erased_at),
        "files_removed": request.files_removed or None,
        "unreachable": {one: text(at) for one, at in request.unreachable.items()} or None,
        "next_at": text(request.next_at),
        "rev": request.rev,
    }
    item |= request_indexes(
        workspace,
        request.request_id,
        time_text(request.requested_at),
        time_text(request.next_at) if request.next_at else None,
    )
    return {name: value for name, value in item.items() if value is not None}


def request_from_item(item: Item) -> ErasureRequest:
    through = instant(item.get("selected_through"))
    return ErasureRequest(
        request_id=item["id"],
        way=item["way"],
        ground=item["ground"],
        reason=item.get("reason"),
        fields=tuple(item.get("fields", ())),
        contact_ids=tuple(item.get("contact_ids", ())),
        selection=None if through is None else Selection(through),
        member_id=item.get("member_id"),
        requested_by=item["requested_by"],
        requested_at=datetime.fromisoformat(item["requested_at"]),
        received_on=date.fromisoformat(item["received_on"]),
        due_on=date.fromisoformat(item["due_on"]),
        is_extended=item.get("extended", False),
        extended_because=item.get("extended_because"),
        status=item["status"],
        parts=item["parts"],
        round=item["round"],
        preview=_preview_from(item["preview"]) if "preview" in item else None,
        approval=_approval_from(item["approval"]) if "approval" in item else None,
        certificates=item["certificates"],
        certificate_state=item.get("certificate_state"),
        erased_at=instant(item.get("erased_at")),
        files_removed=item.get("files_removed", 0),
        unreachable={
            one: datetime.fromisoformat(at) for one, at in item.get("unreachable", {}).items()
        },
        next_at=instant(item.get("next_at")),
        rev=item["rev"],
    )


def part_items(workspace: Workspace, request_id: str, part: Part) -> tuple[Item, list[Item]]:
    """Return the part, and items of their own for what may be too long for one of 400 KB."""
    candidates = [[one.kind, one.record_id, one.field] for one in part.candidates]
    links = [list(link) for link in part.links]
    more = [
        {name: some}
        for name, all_ in (("candidates", candidates), ("links", links))
        for some in map(list, batched(all_, _OF_AN_ITEM, strict=False))
    ]
    keys = more_keys(workspace, request_id, part.number, len(more))
    item = part_key(workspace, request_id, part.number) | {
        "number": part.number,
        "asked": list(part.asked),
        "contact_ids": list(part.contact_ids),
        "claimed": list(part.claimed),
        "names": list(part.names),
        "unique": list(part.unique),
        "identifiers": list(part.identifiers),
        "shared": [list(one) for one in part.shared],
        "skipped": list(part.skipped),
        "counts": dict(part.counts),
        "shells": dict(part.shells),
        "more": len(more),
        "hash": part.hash,
        "rev": part.rev,
    }
    numbered = enumerate(zip(keys, more, strict=True))
    return item, [key | some | {"number": n, "rev": part.rev} for n, (key, some) in numbered]


def more_keys(workspace: Workspace, request_id: str, number: int, count: int) -> list[Key]:
    return [more_key(workspace, request_id, number, one) for one in range(count)]


def part_from_item(item: Item, more: Sequence[Item]) -> Part:
    """Return a part with what was stored apart. Raises Stale when that is of another revision."""
    in_order = sorted(more, key=lambda one: int(one["number"]))
    if len(in_order) != item["more"] or any(one["rev"] != item["rev"] for one in in_order):
        raise Stale("part")
    return Part(
        number=item["number"],
        asked=tuple(item["asked"]),
        contact_ids=tuple(item["contact_ids"]),
        links=tuple(
            (contact_id, kind, id_)
            for one in in_order
            for contact_id, kind, id_ in one.get("links", ())
        ),
        claimed=tuple(item["claimed"]),
        names=tuple(item["names"]),
        unique=tuple(item["unique"]),
        identifiers=tuple(item["identifiers"]),
        shared=tuple((contact_id, kind) for contact_id, kind in item["shared"]),
        candidates=tuple(
            Candidate(*found) for one in in_order for found in one.get("candidates", ())
        ),
        skipped=tuple(item["skipped"]),
        counts=item["counts"],
        shells=item["shells"],
        hash=item["hash"],
        rev=item["rev"],
    )


def result_item(workspace: Workspace, request_id: str, result: PartResult) -> Item:
    return read_key(workspace, request_id, result.number) | {
        "number": result.number,
        "remaining": dict(result.remaining),
        "read_at": text(result.read_at),
        "changed": result.changed,
        "subjects": result.subjects,
        "suppressed": result.suppressed,
    }


def result_from_item(item: Item) -> PartResult:
    return PartResult(
        number=item["number"],
        remaining=item["remaining"],
        read_at=datetime.fromisoformat(item["read_at"]),
        subjects=item["subjects"],
        suppressed=item["suppressed"],
        changed=item["changed"],
    )


def _preview_values(preview: Preview) -> dict[str, Any]:
    return {
        "hash": preview.hash,
        "made_at": text(preview.made_at),
        "subjects": preview.subjects,
        "identifiers": preview.identifiers,
        "shared": preview.shared,
        "candidates": preview.candidates,
        "skipped": preview.skipped,
        "counts": dict(preview.counts),
    }


def _preview_from(value: dict[str, Any]) -> Preview:
    return Preview(**value | {"made_at": datetime.fromisoformat(value["made_at"])})


def _approval_values(approval: Approval) -> list[Any]:
    ticked = None if approval.ticked is None else list(approval.ticked)
    return [approval.by, text(approval.at), approval.preview, approval.policy, ticked]


def _approval_from(value: list[Any]) -> Approval:
    by, at, preview, policy, ticked = value
    chosen = None if ticked is None else tuple(ticked)
    return Approval(by, datetime.fromisoformat(at), preview, policy, chosen)
