"""What a fresh process measures of itself; started by packaged.py, imports nothing of ours early.

    child.py TASK IMPORT_PATH [ARGUMENT...]

Prints JSON: {"seconds": 0.29, ...}. The interpreter's own start is not counted.
"""

import importlib
import json
import os
import sys
import time
from collections.abc import Callable


def import_only(module: str) -> dict[str, object]:
    """Import a module; count those that had to be compiled from source."""
    compiled: list[str] = []

    def note(event: str, arguments: tuple[object, ...]) -> None:
        # CPython's audit event for source given to the compiler; with bytecode there is none.
        if event == "compile" and str(arguments[1]).endswith(".py"):
            compiled.append(str(arguments[1]))

    sys.addaudithook(note)
    started = time.perf_counter()
    importlib.import_module(module)
    return {"seconds": time.perf_counter() - started, "compiled": compiled}


def call_handler(module: str, event_file: str) -> dict[str, object]:
    """Import a function's handler and let it answer one event."""
    with open(event_file, encoding="utf-8") as file:
        event = json.load(file)
    started = time.perf_counter()
    handler = importlib.import_module(module).handler
    answer = handler(event, Context())
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "status": answer["statusCode"], "body": json.loads(answer["body"])}


def get_item(table: str, key: str) -> dict[str, object]:
    """Make a boto3 client and get one item: the least that any function on DynamoDB does."""
    started = time.perf_counter()
    import boto3

    reply = boto3.client("dynamodb").get_item(TableName=table, Key=json.loads(key))
    return {"seconds": time.perf_counter() - started, "item": reply["Item"]}


class Context:
    """What Lambda hands a handler beside the event."""

    function_name = "benchmark"
    function_version = "1"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:benchmark"
    aws_request_id = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 28_000


if __name__ == "__main__":
    task, import_path, *arguments = sys.argv[1:]
    sys.path[:0] = import_path.split(os.pathsep)
    tasks: dict[str, Callable[..., dict[str, object]]] = {
        "import_only": import_only,
        "call_handler": call_handler,
        "get_item": get_item,
    }
    print(json.dumps(tasks[task](*arguments)))
