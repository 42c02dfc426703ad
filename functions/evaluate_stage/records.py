"""What a batch of the table's stream asks for: each account and group once for each step.

Only keys and the few attributes that are needed are looked at: the images hold people's data, and
decoding them is what a batch would spend its time on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Literal, get_args

from stageline.adapters.dynamodb.keys import read_partition
from stageline.domain.group import StageChanged
from stageline.domain.workspace import Workspace

type Step = Literal[
    "ledger", "value", "members", "row", "touch", "counts", "imported", "event", "unreadable"
]
type Image = Mapping[str, Mapping[str, Any]]

# In this order a batch goes through: what one step writes, the next one reads.
STEPS: tuple[Step, ...] = get_args(Step.__value__)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do. `item_id` is the id of an account or a group, or what names a record.

    The counts of a workspace have its id. `parts` of a ledger: what changed of it, as
    `refresh_ledger` takes it.
    """

    step: Step
    workspace: Workspace | None
    item_id: str
    event: StageChanged | None = field(default=None, compare=False)
    parts: frozenset[str] | None = field(default=frozenset(), compare=False)


def tasks_of(records: Sequence[Mapping[str, Any]]) -> dict[Task, list[str]]:
    """Return what to do, in order, with the sequence numbers of the records that ask for it."""
    asked: dict[Task, tuple[Task, list[str]]] = {}
    for record in records:
        sequence_number = record["dynamodb"]["SequenceNumber"]
        for task in _tasks(record):
            one, numbers = asked.get(task, (task, []))
            parts = None if one.parts is None or task.parts is None else one.parts | task.parts
            asked[task] = replace(one, parts=parts), [*numbers, sequence_number]
    tasks = sorted(asked.values(), key=lambda entry: _place(entry[0]))
    return dict(tasks)


def _place(task: Task) -> tuple[int, str]:
    """Return where the task stands: by step, those of a workspace together."""
    return STEPS.index(task.step), task.workspace.id if task.workspace else ""


def written_at(records: Sequence[Mapping[str, Any]]) -> datetime | None:
    """Return when the latest of the records was written, to the second; None if none says so."""
    created = [record["dynamodb"].get("ApproximateCreationDateTime") for record in records]
    told = [float(seconds) for seconds in created if seconds is not None]
    return datetime.fromtimestamp(max(told), UTC) if told else None


def _tasks(record: Mapping[str, Any]) -> list[Task]:
    try:
        return list(_tasks_of_readable(record["eventName"], record["dynamodb"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        # The id of the record in the stream; it says nothing about whom it concerns.
        return [Task("unreadable", None, str(record.get("eventID", "unknown")))]


def _tasks_of_readable(happened: str, change: Mapping[str, Any]) -> Iterator[Task]:
    if "in_job" in change.get("NewImage", ()):
        # A job wrote it, and settles what it touched: a first import would wait for the stream.
        return
    sort: str = change["Keys"]["SK"]["S"]
    workspace, kind, item_id = read_partition(change["Keys"]["PK"]["S"])
    if kind == "A" and sort == "META":
        yield Task("ledger", workspace, item_id)
        yield Task("row", workspace, item_id)
    elif kind == "A" and sort.startswith("DEAL#"):
        yield Task("ledger", workspace, item_id, parts=frozenset([sort.removeprefix("DEAL#")]))
    elif kind == "A" and (sort.startswith("TOUCH#") or sort == "LAST"):
        # What the step itself writes, too: a run that writes nothing leaves no fence (rule 3).
        yield Task("touch", workspace, item_id)
    elif kind == "G" and sort.startswith("L#"):
        _, account_id, part = sort.split("#")
        yield Task("ledger", workspace, account_id, parts=frozenset([part]) if part else None)
        yield Task("value", workspace, item_id)
        if not part and _is_live(change.get("OldImage")) != _is_live(change.get("NewImage")):
            yield Task("row", workspace, account_id)
            yield Task("counts", workspace, workspace.id)
    elif kind == "G" and sort.startswith("A#VALUE#"):
        yield Task("value", workspace, item_id)
        yield Task("members", workspace, item_id)
        if _recorded_at(change.get("OldImage")) != _recorded_at(change.get("NewImage")):
            yield Task("counts", workspace, workspace.id)
    elif kind == "C" and sort.startswith("IMPORTED#"):
        yield Task("imported", workspace, workspace.id)
    elif kind == "O" and happened == "INSERT":
        yield Task("event", workspace, f"{item_id}#{sort}", event_from(change["NewImage"]))


def _is_live(image: Image | None) -> bool | None:
    """Tell whether a ledger is live; None for one that does not exist, or does not say."""
    return None if image is None else image.get("live", {}).get("BOOL")


def _recorded_at(image: Image | None) -> str | None:
    """Return when a value's timeline last became another one."""
    return None if image is None else image.get("recorded_at", {}).get("S")


def event_from(image: Image) -> StageChanged:
    """Read an event from its image in the stream. Raises KeyError, ValueError."""

    def text(name: str) -> str | None:
        return image[name]["S"] if name in image else None

    since = text("since")
    return StageChanged(
        account_id=image["account_id"]["S"],
        seq=int(image["seq"]["N"]),
        scheme=image["scheme"]["S"],
        scheme_version=int(image["scheme_version"]["N"]),
        from_stage=text("from_stage"),
        to_stage=text("to_stage"),
        since=date.fromisoformat(since) if since else None,
        root_id=text("root_id"),
        at=datetime.fromisoformat(image["at"]["S"]),
        origin="backfill" if text("origin") == "backfill" else "change",
    )
