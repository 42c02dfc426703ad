"""Keeps of each change of a record, a right or a setting who made it, when and of what."""

from collections.abc import Mapping
from typing import Any, Literal

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from evaluate_stage.failures import names_of
from stageline import bootstrap
from stageline.adapters.dynamodb.audited_items import written_from
from stageline.adapters.dynamodb.keys import read_partition
from stageline.adapters.faults import is_transient
from stageline.domain.audit import entry_of

type Outcome = Literal["kept", "nothing to keep", "set aside", "again"]

logger = Logger()


@logger.inject_lambda_context
def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Work off a batch; everything in it may be repeated.

    Reported for another try is what may succeed later. What cannot be kept is set aside by name,
    and the others go on.
    """
    outcomes = [(record, _outcome(record)) for record in event["Records"]]
    again = [
        record["dynamodb"]["SequenceNumber"] for record, outcome in outcomes if outcome == "again"
    ]
    logger.info(
        "batch kept",
        records=len(outcomes),
        kept=sum(outcome == "kept" for _, outcome in outcomes),
        set_aside=sum(outcome == "set aside" for _, outcome in outcomes),
        again=len(again),
    )
    return {"batchItemFailures": [{"itemIdentifier": number} for number in again]}


def _outcome(record: Mapping[str, Any]) -> Outcome:
    try:
        return _kept(record)
    except Exception as error:
        if is_transient(error):
            logger.warning("to be tried again", extra=_named(record, error))
            return "again"
        return _set_aside(record, error)


def _kept(record: Mapping[str, Any]) -> Outcome:
    found = written_from(record)
    if found is None:
        return "nothing to keep"
    workspace, written = found
    entry = entry_of(written)
    if entry is None:
        return "nothing to keep"
    bootstrap.audit_log(workspace).add(entry)
    return "kept"


def _set_aside(record: Mapping[str, Any], error: Exception) -> Outcome:
    try:
        workspace, name = _name(record)
        bootstrap.set_aside().send(workspace, "audit", name)
    except Exception as refused:
        logger.error("not set aside", extra=_named(record, refused))
        return "again"
    logger.error("set aside", extra=_named(record, error))
    return "set aside"


def _named(record: Mapping[str, Any], error: Exception) -> dict[str, str | None]:
    workspace, name = _name(record)
    number = str(record.get("dynamodb", {}).get("SequenceNumber"))
    return {"workspace": workspace, "item": name, "sequence_number": number, **names_of(error)}


def _name(record: Mapping[str, Any]) -> tuple[str | None, str]:
    """Return workspace and key of an item; of one of no workspace the id of its record."""
    try:
        keys = record["dynamodb"]["Keys"]
        workspace, kind, item_id = read_partition(keys["PK"]["S"])
        return workspace.id, f"{kind}#{item_id}#{keys['SK']['S']}"
    except (AttributeError, KeyError, TypeError, ValueError):
        return None, str(record.get("eventID", "unknown"))
