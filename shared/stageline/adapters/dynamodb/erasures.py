"""Erasure requests in DynamoDB: each with its parts in a partition of its own."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import batched

from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.erasure_items import (
    more_keys,
    part_from_item,
    part_items,
    request_from_item,
    request_item,
    result_from_item,
    result_item,
)
from stageline.adapters.dynamodb.erasure_keys import (
    PART_PREFIX,
    READ_PREFIX,
    done_key,
    done_prefix,
    due_requests_partition,
    part_key,
    request_key,
    request_partition,
    requests_partition,
)
from stageline.adapters.dynamodb.record_keys import open_erasure_key, time_text
from stageline.adapters.dynamodb.table import ConditionFailed, Table, Write, over
from stageline.domain.erasure import ErasureRequest, Part, PartResult
from stageline.domain.errors import AlreadyExists, NotFound
from stageline.domain.workspace import Workspace

_END = "\U0010ffff"
_AT_ONCE = 100
# A reserved word.
_REQUEST = {"#request": "request"}


class DynamoDbErasures:
    """The port `Erasures`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def add(self, request: ErasureRequest) -> None:
        try:
            self._table.put(request_item(self._workspace, request), "attribute_not_exists(PK)")
        except ConditionFailed as error:
            raise AlreadyExists("a request with this identity exists") from error

    def get(self, request_id: str) -> ErasureRequest:
        item = self._table.get(request_key(self._workspace, request_id))
        if item is None:
            raise NotFound("erasure request")
        return request_from_item(item)

    def save(self, request: ErasureRequest) -> None:
        self._table.save([over(request_item(self._workspace, request))], "erasure request")

    def latest(self, limit: int, after: str | None) -> Iterator[tuple[str, ErasureRequest]]:
        items = self._table.query(
            requests_partition(self._workspace),
            index=1,
            between=("\0", after or _END),
            forward=False,
            page_size=limit + 1,
        )
        for item in items:
            if item["GSI1SK"] != after:
                yield item["GSI1SK"], request_from_item(item)

    def due(self, through: datetime) -> Iterator[ErasureRequest]:
        items = self._table.query(
            due_requests_partition(self._workspace),
            index=2,
            between=("\0", f"{time_text(through)}{_END}"),
        )
        return map(request_from_item, items)

    def put_part(self, request_id: str, part: Part) -> None:
        # Once it was looked at, nobody cuts it anew.
        item, _ = part_items(self._workspace, request_id, part)
        write = Write("Put", item, "attribute_not_exists(PK) OR rev = :cut", values={":cut": 1})
        self._table.save([write], "part")

    def part(self, request_id: str, number: int) -> Part | None:
        item = self._table.get(part_key(self._workspace, request_id, number))
        return self._whole(request_id, item) if item else None

    def save_part(self, request_id: str, part: Part) -> None:
        self._table.save(self._part_writes(request_id, part), "part")

    def save_look(self, request: ErasureRequest, part: Part) -> None:
        as_it_was = Write(
            "ConditionCheck",
            request_key(self._workspace, request.request_id),
            "#status = :status AND #round = :round",
            values={":status": request.status, ":round": request.round},
            names={"#status": "status", "#round": "round"},
        )
        writes = self._part_writes(request.request_id, part)
        self._table.save([*writes, as_it_was], "part")

    def parts(self, request_id: str) -> Iterator[Part]:
        partition = request_partition(self._workspace, request_id)
        for item in self._table.query(partition, prefix=PART_PREFIX, consistent=True):
            yield self._whole(request_id, item)

    def mark(self, request_id: str, step: str, number: int, round_: int) -> None:
        key = done_key(self._workspace, request_id, step, round_, number)
        with suppress(ConditionFailed):
            self._table.put(key, "attribute_not_exists(PK)")

    def is_marked(self, request_id: str, step: str, number: int, round_: int) -> bool:
        key = done_key(self._workspace, request_id, step, round_, number)
        return self._table.get(key) is not None

    def marked(self, request_id: str, step: str, round_: int) -> int:
        partition = request_partition(self._workspace, request_id)
        items = self._table.query(partition, prefix=done_prefix(step, round_), consistent=True)
        return sum(1 for _ in items)

    def save_result(self, request_id: str, result: PartResult) -> None:
        self._table.put(result_item(self._workspace, request_id, result))

    def results(self, request_id: str) -> Iterator[PartResult]:
        partition = request_partition(self._workspace, request_id)
        items = self._table.query(partition, prefix=READ_PREFIX, consistent=True)
        return map(result_from_item, items)

    def claim(self, request_id: str, contact_ids: Iterable[str], part: int) -> Mapping[str, str]:
        others: dict[str, str] = {}
        for some in batched(dict.fromkeys(contact_ids), _AT_ONCE, strict=False):
            mine = {one["id"] for one in self._claimed(some) if _is(one, request_id, part)}
            new = [contact_id for contact_id in some if contact_id not in mine]
            writes = [[self._claim(request_id, contact_id, part)] for contact_id in new]
            for index in self._table.transact_many(writes, sparing="requests"):
                other = self._claim_alone(request_id, new[index], part)
                if other is not None:
                    others[new[index]] = other
        return others

    def claims(self, contact_ids: Iterable[str]) -> Mapping[str, tuple[str, int]]:
        found = {
            item["id"]: (str(item["request"]), int(item["part"]))
            for item in self._claimed(contact_ids)
        }
        is_open = {request_id: self._is_open(request_id) for request_id, _ in found.values()}
        return {id_: claim for id_, claim in found.items() if is_open[claim[0]]}

    def release(self, request_id: str, contact_ids: Iterable[str]) -> None:
        mine = {":request": request_id}
        for some in batched(dict.fromkeys(contact_ids), _AT_ONCE, strict=False):
            writes = [
                [
                    Write(
                        "Delete",
                        open_erasure_key(self._workspace, contact_id),
                        "attribute_not_exists(PK) OR #request = :request",
                        values=mine,
                        names=_REQUEST,
                    )
                ]
                for contact_id in some
            ]
            for index in self._table.transact_many(writes, sparing="requests"):
                with suppress(ConditionFailed):
                    self._table.write(writes[index][0])

    def _claimed(self, contact_ids: Iterable[str]) -> list[Item]:
        keys = [open_erasure_key(self._workspace, one) for one in contact_ids]
        return self._table.batch_get(keys)

    def _claim_alone(self, request_id: str, contact_id: str, part: int) -> str | None:
        """Claim one contact; return the open request that has it instead."""
        claim = self._claim(request_id, contact_id, part)
        with suppress(ConditionFailed):
            self._table.write(claim)
            return None
        for item in self._claimed([contact_id]):
            other = str(item["request"])
            if other == request_id or self._is_open(other):
                return other
            # What is left of a request that has ended keeps nobody away.
            ended = replace(
                claim, condition="#request = :other", values={":other": other}, names=_REQUEST
            )
            self._table.save([ended], "claim")
        return None

    def _is_open(self, request_id: str) -> bool:
        try:
            return self.get(request_id).is_open
        except NotFound:
            return False

    def _part_writes(self, request_id: str, part: Part) -> list[Write]:
        """Return the part and what is too long for one item, put together."""
        item, more = part_items(self._workspace, request_id, part)
        return [over(item), *(Write("Put", one) for one in more)]

    def _whole(self, request_id: str, item: Item) -> Part:
        if not item.get("more"):
            return part_from_item(item, [])
        keys = more_keys(self._workspace, request_id, item["number"], item["more"])
        return part_from_item(item, self._table.batch_get(keys))

    def _claim(self, request_id: str, contact_id: str, part: int) -> Write:
        item: Item = open_erasure_key(self._workspace, contact_id) | {
            "id": contact_id,
            "request": request_id,
            "part": part,
        }
        return Write(
            "Put",
            item,
            "attribute_not_exists(PK) OR (#request = :request AND #part = :part)",
            values={":request": request_id, ":part": part},
            names=_REQUEST | {"#part": "part"},
        )


def _is(item: Item, request_id: str, part: int) -> bool:
    return bool(item["request"] == request_id and item["part"] == part)
