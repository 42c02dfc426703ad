"""Owners and pipelines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count

from tests.crm.hubspot.answers import Json
from tests.crm.hubspot.clock import iso


@dataclass(slots=True)
class Owner:
    id: int
    user_id: int
    email: str
    first_name: str
    last_name: str
    changed: int
    archived: bool = False

    def shown(self) -> Json:
        body: Json = {
            "id": str(self.id),
            "email": self.email,
            "type": "PERSON",
            "firstName": self.first_name,
            "lastName": self.last_name,
            "userIdIncludingInactive": self.user_id,
            "createdAt": iso(self.changed),
            "updatedAt": iso(self.changed),
            "archived": self.archived,
        }
        if not self.archived:
            body["userId"] = self.user_id
        return body


class Owners:
    def __init__(self) -> None:
        self._numbers = count(1)
        self.by_id: dict[int, Owner] = {}

    def add(self, email: str, first: str, last: str, now: int) -> Owner:
        number = next(self._numbers)
        owner = Owner(41_629_000 + number, 9_586_000 + number, email, first, last, now)
        self.by_id[owner.id] = owner
        return owner

    def page(self, after: int, limit: int, archived: bool, email: str | None) -> list[Owner]:
        wanted = [
            owner
            for owner in self.by_id.values()
            if owner.archived == archived
            and owner.id > after
            and (email is None or owner.email == email)
        ]
        return wanted[:limit]


@dataclass(frozen=True, slots=True)
class Stage:
    id: str
    label: str
    probability: float
    closed: bool = False

    def shown(self, at: int, now: int) -> Json:
        return {
            "id": self.id,
            "label": self.label,
            "displayOrder": at,
            "metadata": {
                "isClosed": str(self.closed).lower(),
                "probability": str(self.probability),
            },
            "createdAt": iso(now),
            "updatedAt": iso(now),
            "archived": False,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        }


STANDARD_STAGES = (
    Stage("appointmentscheduled", "Appointment Scheduled", 0.2),
    Stage("qualifiedtobuy", "Qualified To Buy", 0.4),
    Stage("presentationscheduled", "Presentation Scheduled", 0.6),
    Stage("decisionmakerboughtin", "Decision Maker Bought-In", 0.8),
    Stage("contractsent", "Contract Sent", 0.9),
    Stage("closedwon", "Closed Won", 1.0, closed=True),
    Stage("closedlost", "Closed Lost", 0.0, closed=True),
)


@dataclass(slots=True)
class Pipeline:
    id: str
    label: str
    stages: Sequence[Stage]

    def shown(self, at: int, now: int) -> Json:
        return {
            "id": self.id,
            "label": self.label,
            "displayOrder": at,
            "stages": [stage.shown(place, now) for place, stage in enumerate(self.stages)],
            "createdAt": iso(now),
            "updatedAt": iso(now),
            "archived": False,
        }


@dataclass(slots=True)
class Pipelines:
    """Of deals; the other objects here have none."""

    deals: dict[str, Pipeline] = field(
        default_factory=lambda: {"default": Pipeline("default", "Sales Pipeline", STANDARD_STAGES)}
    )

    def closed(self, deal: Mapping[str, str], won: bool) -> str | None:
        stage = self._stage(deal)
        if stage is None:
            return None
        return str(stage.closed and (stage.probability == 1 or not won)).lower()

    def probability(self, deal: Mapping[str, str]) -> str | None:
        """With every digit of the binary fraction, as HubSpot answers it."""
        stage = self._stage(deal)
        return None if stage is None else f"{Decimal(stage.probability):f}"

    def _stage(self, deal: Mapping[str, str]) -> Stage | None:
        pipeline = self.deals.get(deal.get("pipeline") or "default")
        stages = pipeline.stages if pipeline else ()
        return next((each for each in stages if each.id == deal.get("dealstage")), None)
