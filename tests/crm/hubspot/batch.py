"""What all batch endpoints have in common."""

from typing import Any

from tests.crm.hubspot.account import Account
from tests.crm.hubspot.answers import Answer, Json, invalid
from tests.crm.hubspot.calls import members
from tests.crm.hubspot.clock import iso


def inputs_of(body: Json, most: int) -> list[Json]:
    members(body, "inputs")
    inputs = body["inputs"]
    if not isinstance(inputs, list) or not all(isinstance(each, dict) for each in inputs):
        raise invalid("Invalid input JSON: inputs must be a list of objects")
    if len(inputs) > most:
        raise invalid(
            f"The maximum number of inputs supported in a batch request is {most}. "
            "Please reduce the number of items and try again"
        )
    return inputs


def outcome(account: Account, results: list[Any], errors: list[Json], status: int = 200) -> Answer:
    """207 as soon as one input failed."""
    now = iso(account.clock.now())
    body: Json = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    return Answer(207 if errors else status, body)
