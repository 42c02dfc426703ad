"""The local stack's clock and tick, past the API: what nobody could do on AWS."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from stageline.adapters.dynamodb.codec import from_item, to_item
from stageline.adapters.dynamodb.keys import CLOCK_KEY
from tools.errors import CommandFailed, Unreachable
from tools.local.aws import Aws


def set_clock(stack: Mapping[str, Any], today: date | None) -> int | None:
    """Let ticks and reads go by `today` (None: by the real day).

    Set back, groups that show the stage of a later day follow by a tick: returns how many, None
    when the clock did not go back. Raises Unreachable, CommandFailed.
    """
    try:
        table = Aws(stack["endpoint_url"]).dynamodb()
        name, key = stack["table_name"], to_item(CLOCK_KEY)
        stored = table.get_item(TableName=name, Key=key, ConsistentRead=True).get("Item")
        if today is None:
            table.delete_item(TableName=name, Key=key)
        else:
            item = to_item(CLOCK_KEY | {"today": today.isoformat()})
            table.put_item(TableName=name, Item=item)
    except (BotoCoreError, ClientError) as error:
        raise _failure(stack, error) from error
    before = date.fromisoformat(from_item(stored)["today"]) if stored else _real_day()
    if (today or _real_day()) >= before:
        return None
    return int(tick(stack)["groups"])


def tick(stack: Mapping[str, Any]) -> dict[str, Any]:
    """Run the due-date tick and return its counts. Raises Unreachable, CommandFailed."""
    try:
        functions = Aws(stack["endpoint_url"]).functions()
        reply = functions.invoke(FunctionName=stack["functions"]["tick"], Payload=b"{}")
        answer = json.loads(reply["Payload"].read())
    except (BotoCoreError, ClientError) as error:
        raise _failure(stack, error) from error
    if reply.get("FunctionError"):
        raise CommandFailed(f"the tick failed: {answer.get('errorType', 'see the log')}")
    counts: dict[str, Any] = answer
    return counts


def _real_day() -> date:
    from datetime import UTC, datetime

    return datetime.now(UTC).date()


def _failure(stack: Mapping[str, Any], error: BotoCoreError | ClientError) -> Exception:
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", "")
        return CommandFailed(f"what runs at {stack['endpoint_url']} is another stack ({code})")
    return Unreachable(f"nothing answers at {stack['endpoint_url']}")
