"""What a person sees of erasure requests: a bar while something is done, then what it is about."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.client import Progress

_DOING = {
    "select": "selecting",
    "look": "looking",
    "check": "checking",
    "erase": "erasing",
    "finish": "certifying",
}


@contextmanager
def progress_bar(*, hidden: bool) -> "Iterator[Progress | None]":
    """Yield what to call with the request as it goes on; a bar beside standard output."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from tools.cli.output import console

    beside = console(stderr=True)
    if hidden or not beside.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=beside, transient=True) as bar:
        task = bar.add_task("waiting", total=None)

        def show(request: dict[str, Any]) -> None:
            if progress := request["progress"]:
                doing = _DOING[progress["step"]]
                done, of = progress["done"], progress["of"]
                bar.update(task, description=doing, completed=done, total=of)

        yield show


def print_requests(items: Iterable[dict[str, Any]]) -> None:
    from tools.cli.output import print_table

    columns = ("Status", "Way", "People", "Due on", "", "Certificate", "Asked for at", "Id")
    print_table(columns, map(_row, items))


def print_request(found: dict[str, Any], candidates: list[dict[str, Any]]) -> None:
    """Print what is asked for, what it would do by store, and the candidates with their texts."""
    from tools.cli.output import console, print_table

    for line in _lines(found):
        console().print(line, soft_wrap=True)
    preview = found["preview"]
    if preview is None:
        return
    if preview["counts"]:
        print_table(("Store", "To erase"), sorted(preview["counts"].items()))
    if candidates:
        rows = ((_ticked(one), one["text"], one["field"], one["id"]) for one in candidates)
        title = "Texts that live on and seem to name the person"
        print_table(("", "Text", "Field", "Id"), rows, title=title)
    if more := preview["candidates"] - len(candidates):
        console().print(f"and {more} more such texts")


def outcome(request: dict[str, Any]) -> str:
    """Return what came of having a request done, in a line."""
    made, unreachable = request["certificate"], request["unreachable"]
    if request["status"] != "done":
        again = f"look at it and approve it again: stageline privacy show {request['id']}"
        return f"not done: what would be erased has changed; {again}"
    told = f"done: {made['state']}, certificate {made['number']}"
    if unreachable:
        told += f"; no answer from {', '.join(sorted(unreachable))}"
    if made["state"] == "partial":
        told += "; it is tried again every hour"
    return told


def _lines(found: dict[str, Any]) -> Iterator[str]:
    article = "satisfies" if found["satisfies_article_17"] else "does not satisfy"
    yield f"request {found['id']}: {found['status']}"
    yield f"  way        {found['way']}, which {article} Art. 17 GDPR; {found['ground']}"
    if found["fields"]:
        yield f"  fields     {', '.join(found['fields'])}"
    if found["selection"]:
        yield f"  selection  whose age began at {found['selection']['through']} or before"
    if found["member_id"]:
        yield f"  member     {found['member_id']}"
    if found["reason"]:
        yield f"  reason     {found['reason']}"
    late = ", overdue" if found["overdue"] else ", extended" if found["extended"] else ""
    yield f"  due on     {found['due_on']}{late}"
    if progress := found["progress"]:
        yield f"  progress   {progress['step']}: {progress['done']} of {progress['of']}"
    if preview := found["preview"]:
        yield f"  people     {preview['subjects']}, and {preview['skipped']} skipped"
        known, shared = preview["identifiers"], preview["shared"]
        yield f"  known by   {known} identifiers; {shared} shared ones stay"
    if approval := found["approval"]:
        yield f"  approved   by {approval['by']} at {approval['at']}"
    if found["certificate"]:
        yield f"  outcome    {outcome(found)}"


def _row(one: dict[str, Any]) -> tuple[Any, ...]:
    people = one["preview"]["subjects"] if one["preview"] else None
    late = "overdue" if one["overdue"] else None
    state = one["certificate"] and one["certificate"]["state"]
    asked_at = one["requested_at"][:16]
    return one["status"], one["way"], people, one["due_on"], late, state, asked_at, one["id"]


def _ticked(candidate: dict[str, Any]) -> str | None:
    return {True: "blank", False: "keep", None: None}[candidate["ticked"]]
