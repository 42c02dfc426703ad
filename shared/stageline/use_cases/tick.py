"""The due-date tick: moves on every group whose stage changes with the day (S0.9)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from stageline.ports import Configuration, Lists
from stageline.use_cases.pipeline import Stores, evaluate_group

_ROWS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Ticked:
    """How many groups moved on, and how many failed; with none failed the tick is complete."""

    moved: int
    failed: int


def tick(
    stores: Stores,
    lists: Lists,
    configuration: Configuration,
    *,
    today: date,
    now: datetime,
    failed: Callable[[str, Exception], None],
) -> Ticked:
    """Bring every value of a workspace that is due to `today`, and say when it was done (S0.18).

    Its cost grows with what is due. A second run finds nothing. A group that cannot be evaluated is
    handed to `failed` with its error, and the others go on; it stays due.
    """
    moved = failures = 0
    for root_id in dict.fromkeys(_due(stores, lists, today)):
        try:
            moved += evaluate_group(stores, root_id, today=today, now=now) > 0
        except Exception as error:  # whatever is wrong with one group is not wrong with the others
            failures += 1
            failed(root_id, error)
    if not failures:
        configuration.save_tick(now, today)
    return Ticked(moved, failures)


def _due(stores: Stores, lists: Lists, today: date) -> Iterator[str]:
    # Read to the end before anything is written: what is moved on changes its place in the index.
    yield from [root_id for root_id, _ in stores.groups.due(today)]
    if stores.clock_may_go_back:
        yield from _ahead(stores, lists, today)


def _ahead(stores: Stores, lists: Lists, today: date) -> Iterator[str]:
    """Yield the groups that show a stage of a later day: the clock was set back since."""
    for scheme in (evaluator.scheme for evaluator in stores.evaluators):
        ranks = [stage.rank for stage in scheme.stages.values()]
        latest_first = lists.listed(
            scheme.key, ranks, sort="since", descending=True, page=_ROWS_AT_ONCE
        )
        for _, row in latest_first:
            if row.since is None or row.since <= today:
                break
            if row.root_id is not None:
                yield row.root_id
