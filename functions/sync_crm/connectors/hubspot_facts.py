"""What holds for a whole HubSpot account: its owners, stages and currency. Read when needed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from stageline.domain.deal import Outcome
from sync_crm.connectors.hubspot_answers import Send, following, results

OWNERS_PAGE = 500


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a pipeline: what it means for a deal to be there."""

    outcome: Outcome
    probability: str | None


class Facts:
    def __init__(self, send: Send) -> None:
        self._send = send
        self._numbers: dict[str, frozenset[str]] = {}

    @cached_property
    def owners(self) -> Mapping[str, str | None]:
        """Return the e-mail addresses of owners by id, of archived ones, too."""
        return {
            str(owner.get("id")): owner.get("email") or None
            for archived in ("true", "false")
            for owner in self._owners(archived)
        }

    @cached_property
    def stages(self) -> Mapping[tuple[str, str], Stage]:
        """Return the stages of deals by the ids of the pipeline and the stage."""
        return {
            (str(pipeline.get("id")), str(stage.get("id"))): _stage(stage.get("metadata") or {})
            for pipeline in results(self._send("/crm/v3/pipelines/deals"))
            for stage in pipeline.get("stages") or ()
        }

    @cached_property
    def currency(self) -> str | None:
        details = self._send("/account-info/v3/details")
        return details.get("companyCurrency") if isinstance(details, Mapping) else None

    def numbers(self, kind: str) -> frozenset[str]:
        """Return the names of an object's properties that are numbers."""
        if kind not in self._numbers:
            found = results(self._send(f"/crm/v3/properties/{kind}"))
            names = (str(each.get("name")) for each in found if each.get("type") == "number")
            self._numbers[kind] = frozenset(names)
        return self._numbers[kind]

    def _owners(self, archived: str) -> Iterator[Mapping[str, Any]]:
        query = {"limit": str(OWNERS_PAGE), "archived": archived}
        after: str | None = None
        while True:
            page = self._send("/crm/v3/owners", **query, **({"after": after} if after else {}))
            yield from results(page)
            after = following(page)
            if after is None:
                return


def _stage(metadata: Mapping[str, Any]) -> Stage:
    probability = metadata.get("probability")
    if str(metadata.get("isClosed")).lower() != "true":
        return Stage("open", probability)
    won = probability in {"1", "1.0", 1, Decimal(1)}
    return Stage("won" if won else "lost", probability)
