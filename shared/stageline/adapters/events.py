"""Stage changes on the event bus."""

import json
from collections.abc import Sequence
from itertools import batched
from typing import TYPE_CHECKING

from stageline.domain.group import StageChanged
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

SOURCE = "stageline"
DETAIL_TYPE = "Stage changed"
# PutEvents takes at most 10 entries.
_MOST_ENTRIES = 10


class EventBridgeEvents:
    """The port `StageEvents`. Receivers tell repetitions by `id`."""

    def __init__(self, client: "EventBridgeClient", bus_name: str) -> None:
        self._client = client
        self._bus_name = bus_name

    def publish(self, events: Sequence[tuple[Workspace, StageChanged]]) -> Sequence[int]:
        left: list[int] = []
        for some in batched(enumerate(events), _MOST_ENTRIES, strict=False):
            reply = self._client.put_events(Entries=[self._entry(*event) for _, event in some])
            left += [
                index
                for (index, _), answer in zip(some, reply["Entries"], strict=True)
                if "ErrorCode" in answer
            ]
        return left

    def _entry(self, workspace: Workspace, event: StageChanged) -> "PutEventsRequestEntryTypeDef":
        detail = {
            "id": f"{workspace.id}/{event.account_id}/{event.scheme}/{event.seq}",
            "workspace": workspace.id,
            "account_id": event.account_id,
            "seq": event.seq,
            "scheme": event.scheme,
            "scheme_version": event.scheme_version,
            "from_stage": event.from_stage,
            "to_stage": event.to_stage,
            "since": event.since.isoformat() if event.since else None,
            "root_id": event.root_id,
            "at": event.at.isoformat(),
            "origin": event.origin,
        }
        return {
            "Source": SOURCE,
            "DetailType": DETAIL_TYPE,
            "Detail": json.dumps(detail),
            "EventBusName": self._bus_name,
            "Time": event.at,
        }
