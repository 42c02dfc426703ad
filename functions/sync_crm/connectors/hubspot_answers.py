"""Questions to HubSpot by path, and what its answers hold.

An answer of another form than documented is never taken for one that holds nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any

from stageline.crm_ports import Crm
from stageline.domain.crm_errors import CrmUnavailable
from stageline.domain.crm_messages import CrmRequest

type Send = Callable[..., Any]

# The limit of searches is lower than that of other requests (`domain/crm_vendors.py`).
_TURNS_OF_A_SEARCH = 2


def sender(crm: Crm, base_url: str) -> Send:
    """Return what asks for a path, by POST if there is a body, and gives the answer's content."""

    def send(path: str, body: Any = None, **query: str) -> Any:
        request = CrmRequest(
            method="GET" if body is None else "POST",
            url=f"{base_url}{path}",
            query=query,
            json=body,
            turns=_TURNS_OF_A_SEARCH if path.endswith("/search") else 1,
        )
        return crm.send(request).data

    return send


def results(answer: Any) -> list[Mapping[str, Any]]:
    """Return the results of an answer. Raises CrmUnavailable."""
    found = answer.get("results") if isinstance(answer, Mapping) else None
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise CrmUnavailable("the CRM's answer is not what it should be")
    return found


def following(answer: Mapping[str, Any]) -> str | None:
    """Return where the next page begins, None after the last."""
    after = ((answer.get("paging") or {}).get("next") or {}).get("after")
    return None if after is None else str(after)
