"""What the journal says of an erasure: enough to do it again after a restore, and nobody's data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Self, get_args

from stageline.domain.personal import Plain
from stageline.domain.pins import Pin, PinnedKind
from stageline.domain.workspace import Workspace

type Way = Literal["erase", "anonymize", "mask_selected"]

VERSION = 1


class UnreadableEntry(ValueError):
    """An entry of another version or form. The text quotes nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One part of an approved request, written before anything is erased.

    `identifiers` are texts like "1.email.<hash>": number of the key, type and keyed hash; `names`
    are hashes, too, and tell the people of the entry from others with the same number. `policy` is
    a hash; `fields` are those that `mask_selected` masks.
    """

    workspace: Workspace
    request_id: Plain
    part: int
    way: Way
    approved_by: Plain
    approved_at: datetime
    policy: Plain
    contact_ids: tuple[Plain, ...] = ()
    member_ids: tuple[Plain, ...] = ()
    identifiers: tuple[Plain, ...] = ()
    names: tuple[Plain, ...] = ()
    pins: tuple[Pin, ...] = ()
    fields: tuple[Plain, ...] = ()

    def to_json(self) -> str:
        entry = {
            "version": VERSION,
            "workspace": self.workspace.id,
            "request_id": self.request_id,
            "part": self.part,
            "way": self.way,
            "approved_by": self.approved_by,
            "approved_at": self.approved_at.astimezone(UTC).isoformat(),
            "policy": self.policy,
            "contact_ids": self.contact_ids,
            "member_ids": self.member_ids,
            "identifiers": self.identifiers,
            "names": self.names,
            "pins": [[pin.kind, pin.record_id, pin.field] for pin in self.pins],
            "fields": self.fields,
        }
        return json.dumps(entry, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises UnreadableEntry."""
        try:
            entry: Any = json.loads(text)
            version = entry["version"]
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableEntry("this is no entry of the journal") from error
        if version != VERSION:
            raise UnreadableEntry(f"the entry has a version other than {VERSION}")
        try:
            return cls._of(entry)
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableEntry("the entry has another form") from error

    @classmethod
    def _of(cls, entry: Mapping[str, Any]) -> Self:
        return cls(
            workspace=Workspace(entry["workspace"]),
            request_id=entry["request_id"],
            part=entry["part"],
            way=_one_of(get_args(Way.__value__), entry["way"]),
            approved_by=entry["approved_by"],
            approved_at=datetime.fromisoformat(entry["approved_at"]),
            policy=entry["policy"],
            contact_ids=tuple(entry["contact_ids"]),
            member_ids=tuple(entry["member_ids"]),
            identifiers=tuple(entry["identifiers"]),
            names=tuple(entry["names"]),
            pins=tuple(
                Pin(_one_of(get_args(PinnedKind.__value__), kind), record_id, field)
                for kind, record_id, field in entry["pins"]
            ),
            fields=tuple(entry["fields"]),
        )


def _one_of(known: tuple[Any, ...], found: Any) -> Any:
    if found not in known:
        raise ValueError
    return found
