"""Carries each change of a record on to ledgers, values, list rows and events (table stream)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from itertools import groupby
from time import sleep
from typing import Any, Literal

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from evaluate_stage.failures import names_of
from evaluate_stage.records import Step, Task, tasks_of, written_at
from stageline import bootstrap
from stageline.adapters.faults import is_transient
from stageline.domain.errors import Stale
from stageline.domain.group import StageChanged
from stageline.domain.workspace import Workspace
from stageline.use_cases.counts import ask_if_changed, note_change
from stageline.use_cases.loading import load_ledgers, load_values
from stageline.use_cases.pipeline import Stores, live_members, refresh_rows
from stageline.use_cases.touches import refresh_touch

type Outcome = Literal["done", "set aside", "again"]

# Each try reads and decides anew up to five times; the pauses let the others finish.
PAUSES_SECONDS = (0.05, 0.2)
# The rows of a larger group are written by the workers of a queue: a batch would not end in time.
MOST_MEMBERS_AT_ONCE = 25

_ITEMS: dict[Step, str] = {
    "ledger": "account",
    "row": "account",
    "touch": "account",
    "value": "group",
    "members": "group",
    "counts": "counts",
    "imported": "counts",
    "event": "event",
    "unreadable": "record",
}

logger = Logger()


@logger.inject_lambda_context
def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Work off a batch; everything in it may be repeated.

    Reported for another try is what may succeed later. What cannot be processed is set aside by
    name, and the others go on.
    """
    batch = Batch(written_at(event["Records"]))
    asked = tasks_of(event["Records"])
    outcomes = batch.outcomes(asked)
    again = {
        number for task, outcome in outcomes.items() if outcome == "again" for number in asked[task]
    }
    logger.info(
        "batch worked off",
        records=len(event["Records"]),
        tasks=len(asked),
        events=sum(task.event is not None for task in asked),
        set_aside=sum(outcome == "set aside" for outcome in outcomes.values()),
        again=len(again),
    )
    return {"batchItemFailures": [{"itemIdentifier": number} for number in sorted(again, key=int)]}


class Batch:
    """One batch, the latest of which was written then; each workspace's day is asked for once."""

    def __init__(self, written_at: datetime | None = None) -> None:
        self._written_at = written_at
        self._today = cache(_today)
        self._members: dict[Workspace, Mapping[str, Sequence[str]]] = {}

    def outcomes(self, tasks: Iterable[Task]) -> dict[Task, Outcome]:
        """Work off tasks in their order, and say what became of each.

        Those of one step and workspace are taken together, as one of them would be; when that
        fails, each is taken alone, so that one that cannot be processed fails alone.
        """
        outcomes: dict[Task, Outcome] = {}
        for (step, workspace), some in groupby(tasks, key=lambda task: (task.step, task.workspace)):
            together = list(some)
            if step == "event":
                outcomes |= self.published(together)
            elif len(together) > 1 and workspace and self._is_done(step, workspace, together):
                outcomes |= dict.fromkeys(together, "done")
            else:
                outcomes |= {task: self._outcome(task) for task in together}
        return outcomes

    def _is_done(self, step: Step, workspace: Workspace, tasks: Sequence[Task]) -> bool:
        """Take the tasks together; False: each has to be taken alone, and says why."""
        try:
            self._try(step, workspace, tasks)
        except Exception as error:
            names = {"workspace": workspace.id, "step": step, **names_of(error)}
            logger.info("to be taken one by one", extra=names)
            return False
        return True

    def _outcome(self, task: Task) -> Outcome:
        if task.workspace is None:
            return _set_aside(task)
        try:
            self._work_off(task, task.workspace)
        except Exception as error:
            if _may_pass(error):
                logger.warning("to be tried again", extra=_named(task, error))
                return "again"
            return _set_aside(task, error)
        return "done"

    def published(self, tasks: Sequence[Task]) -> dict[Task, Outcome]:
        """Publish the events of the tasks together."""
        if not tasks:
            return {}
        events = [(task.workspace, task.event) for task in tasks if task.workspace and task.event]
        try:
            left = bootstrap.events().publish(events)
        except Exception as error:
            if not _may_pass(error):
                return {task: _set_aside(task, error) for task in tasks}
            logger.warning("to be tried again", extra=_named(tasks[0], error))
            left = range(len(tasks))
        outcomes: dict[Task, Outcome] = {
            task: "again" if index in left else "done" for index, task in enumerate(tasks)
        }
        _mark_sent([task for task, outcome in outcomes.items() if outcome == "done"])
        return outcomes

    def _work_off(self, task: Task, workspace: Workspace) -> None:
        for pause_seconds in PAUSES_SECONDS:
            try:
                return self._try(task.step, workspace, [task])
            except Stale:
                sleep(pause_seconds)
        return self._try(task.step, workspace, [task])

    def _try(self, step: Step, workspace: Workspace, tasks: Sequence[Task]) -> None:
        stores, now = bootstrap.pipeline(workspace), bootstrap.clock().now()
        ids = [task.item_id for task in tasks]
        match step:
            case "ledger":
                parts = {task.item_id: task.parts for task in tasks}
                load_ledgers(stores, ids, parts, in_job=False)
            case "value":
                today = self._today(workspace)
                valued = load_values(stores, ids, today=today, now=now, in_job=False)
                self._members[workspace] = valued.members
            case "members":
                self._refresh_members(stores, workspace, ids, now)
            case "row":
                refresh_rows(stores, ids, now=now)
            case "touch":
                for account_id in ids:
                    refresh_touch(bootstrap.touches(workspace), account_id)
            case "counts":
                note_change(bootstrap.counting(workspace), self._written_at)
            case "imported":
                ask_if_changed(bootstrap.counting(workspace), requested_by="import")

    def _refresh_members(
        self, stores: Stores, workspace: Workspace, root_ids: Sequence[str], now: datetime
    ) -> None:
        few: list[str] = []
        # Whoever joins after the values were evaluated has a record of its own.
        seen = self._members.get(workspace, {})
        for root_id in root_ids:
            members = seen.get(root_id) or live_members(stores, root_id)
            if len(members) > MOST_MEMBERS_AT_ONCE:
                bootstrap.work_queue(workspace).send_rows(members)
            else:
                few += members
        refresh_rows(stores, few, now=now)


def _mark_sent(tasks: Sequence[Task]) -> None:
    """Keep that these events were published. If that fails, verification publishes them again."""
    events: dict[Workspace, list[StageChanged]] = {}
    for task in tasks:
        if task.workspace and task.event:
            events.setdefault(task.workspace, []).append(task.event)
    for workspace, sent in events.items():
        try:
            bootstrap.outbox(workspace).mark_sent(sent)
        except Exception as error:
            names = {"workspace": workspace.id, "events": len(sent), **names_of(error)}
            logger.warning("not marked as sent", extra=names)


def _today(workspace: Workspace) -> date:
    return bootstrap.clock().today(bootstrap.configuration(workspace).zone())


def _set_aside(task: Task, error: Exception | None = None) -> Outcome:
    workspace = task.workspace.id if task.workspace else None
    try:
        bootstrap.set_aside().send(workspace, _ITEMS[task.step], task.item_id)
    except Exception as refused:
        logger.error("not set aside", extra=_named(task, refused))
        return "again"
    logger.error("set aside", extra=_named(task, error))
    return "set aside"


def _named(task: Task, error: Exception | None) -> dict[str, str | None]:
    return {
        "workspace": task.workspace.id if task.workspace else None,
        "step": task.step,
        "item": _ITEMS[task.step],
        "item_id": task.item_id,
        **names_of(error),
    }


def _may_pass(error: Exception) -> bool:
    return isinstance(error, Stale) or is_transient(error)
