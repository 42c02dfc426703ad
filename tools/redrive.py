"""Put back what was set aside or given up: `python -m tools.redrive WHICH` (see `QUEUES`).

Messages that name an account, a group or an event go to the queue of work, where a worker does for
them what the stream did in vain; pages and work go back to their queues. A message is deleted when
its successor is sent, so that nothing is lost on the way, and something may be done twice. What
names no record stays where it is: `stageline verify --repair` finds what it was about, and --drop
then deletes it.

Uses the running local stack, or with --stack-name a stack on AWS and the credentials of whoever
runs it.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import boto3
import typer

from tools.errors import CommandFailed, StagelineError
from tools.local.aws import Aws
from tools.local.stack_file import stack_path

# From where to where, by the outputs of the template.
QUEUES: Mapping[str, tuple[str, str]] = {
    "set-aside": ("SetAsideQueueUrl", "WorkQueueUrl"),
    "work": ("WorkDeadLetterQueueUrl", "WorkQueueUrl"),
    "pages": ("PagesDeadLetterQueueUrl", "PagesQueueUrl"),
    "privacy": ("PrivacyDeadLetterQueueUrl", "PrivacyQueueUrl"),
    "sync": ("SyncDeadLetterQueueUrl", "SyncQueueUrl"),
}
_LOCAL = {
    "SetAsideQueueUrl": "set_aside",
    "WorkQueueUrl": "work",
    "WorkDeadLetterQueueUrl": "work_dead_letter",
    "PagesQueueUrl": "pages",
    "PagesDeadLetterQueueUrl": "pages_dead_letter",
    "PrivacyQueueUrl": "privacy",
    "PrivacyDeadLetterQueueUrl": "privacy_dead_letter",
    "SyncQueueUrl": "sync",
    "SyncDeadLetterQueueUrl": "sync_dead_letter",
}
_REDRIVEN = ("account", "group", "event")


def redrive(client: Any, which: str, queues: Mapping[str, str], drop: bool) -> dict[str, int]:
    """Move every message; return how many were redriven, dropped and left."""
    source, target = (queues[name] for name in QUEUES[which])
    counts = {"redriven": 0, "dropped": 0, "left": 0}
    for message in _messages(client, source):
        body = message["Body"] if which != "set-aside" else _work_of(message["Body"])
        if body is not None:
            client.send_message(QueueUrl=target, MessageBody=body)
        if body is None and not drop:
            counts["left"] += 1
            continue
        client.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
        counts["redriven" if body is not None else "dropped"] += 1
    return counts


def _messages(client: Any, url: str) -> Iterator[Mapping[str, Any]]:
    """Yield each message once; what is left becomes visible again by itself."""
    while True:
        reply = client.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60, WaitTimeSeconds=1
        )
        if not reply.get("Messages"):
            return
        yield from reply["Messages"]


def _work_of(body: str) -> str | None:
    """Return what a worker is asked for; None for what names no record."""
    try:
        match json.loads(body):
            case {"workspace": str(workspace), "item": str(item), "id": str(item_id)} if (
                item in _REDRIVEN
            ):
                asked = {"workspace": workspace, "work": "redrive", "item": item, "id": item_id}
                return json.dumps(asked)
    except ValueError:
        return None
    return None


def main(
    which: Annotated[str, typer.Argument(help=", ".join(QUEUES))],
    stack_name: Annotated[
        str | None, typer.Option(help="a stack on AWS, instead of the local one")
    ] = None,
    drop: Annotated[bool, typer.Option("--drop", help="delete what names no record")] = False,
) -> None:
    """Put back what was set aside (set-aside), or given up after four tries (the others)."""
    try:
        if which not in QUEUES:
            raise CommandFailed(f"{which!r} is none of {', '.join(QUEUES)}")
        client, queues = _deployed(stack_name) if stack_name else _local()
        counts = redrive(client, which, queues, drop)
    except StagelineError as error:
        typer.echo(f"redrive: {error}", err=True)
        raise typer.Exit(1) from error
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    if counts["left"]:
        print("what is left names no record: stageline verify --repair, then redrive with --drop")


def _local() -> tuple[Any, dict[str, str]]:
    try:
        stack = json.loads(stack_path().read_text())
    except OSError as error:
        raise CommandFailed("no local stack runs here; --stack-name names one on AWS") from error
    queues = {name: stack["queues"][known] for name, known in _LOCAL.items()}
    return Aws(stack["endpoint_url"]).client("sqs"), queues


def _deployed(stack_name: str) -> tuple[Any, dict[str, str]]:
    (stack,) = boto3.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", ())}
    return boto3.client("sqs"), {name: outputs[name] for name in _LOCAL}


if __name__ == "__main__":
    typer.run(main)
