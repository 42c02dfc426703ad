"""What a person sees of integrations: how they are doing, runs as they go on, what was refused."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.client import Progress

_MOST_SHOWN = 5
_DOES = {"leave": "ending presence"}


@contextmanager
def progress_bar(*, hidden: bool) -> "Iterator[Progress | None]":
    """Yield what to call with the run as it goes on; a line beside standard output."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from tools.cli.output import console

    beside = console(stderr=True)
    if hidden or not beside.is_terminal:
        yield None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=beside, transient=True) as bar:
        task = bar.add_task("waiting", total=None)
        yield lambda run: bar.update(task, description=doing(run))


def doing(run: Mapping[str, Any]) -> str:
    """Return what a run does at the moment, and what is left."""
    left = f"; left: {', '.join(run['left'])}" if run["left"] else ""
    reading = run["reading"]
    if reading is None:
        return f"{_DOES.get(run['mode'], 'waiting')}{left}"
    if not reading["is_through"]:
        what = f"reading {reading['records']}: {reading['rows']:,} in {reading['pages']:,} pages"
    else:
        what = f"{reading['status'] or 'storing'} {reading['records']}: {reading['rows']:,}"
    return f"{what}{left}"


def print_integrations(items: Iterable[Mapping[str, Any]]) -> None:
    from tools.cli.output import print_table

    columns = ("Integration", "CRM", "Health", "As of", "Lag", "Running", "Next run", "Refused")
    print_table(
        columns,
        (
            (
                one["key"],
                one["vendor"],
                _word(one["health"]) if one["active"] else "not active",
                one["as_of"],
                one["lag"],
                "yes" if one["running"] else None,
                one["next_run_at"],
                sum(kind["refused"] for kind in one["kinds"].values()) or None,
            )
            for one in items
        ),
    )


def print_integration(one: Mapping[str, Any]) -> None:
    """Print how one integration is doing, and what is here by kind."""
    from tools.cli.output import console, print_table

    for line in _lines(one):
        console().print(line, soft_wrap=True)
    columns = ("Records", "Here", "In the CRM", "Too few", "Refused", "Read until", "All read at")
    print_table(
        columns,
        (
            (
                kind,
                found["held"],
                found["counted"],
                found["drift"],
                found["refused"],
                found["read_until"],
                found["full_at"],
            )
            for kind, found in one["kinds"].items()
            if kind in one["records"]
        ),
    )


def print_runs(items: Iterable[Mapping[str, Any]]) -> None:
    from tools.cli.output import print_table

    columns = ("Asked for at", "Mode", "Status", "Ended at", "Rows", "Left", "Id")
    print_table(
        columns,
        (
            (
                run["requested_at"],
                run["mode"],
                _word(run["status"]),
                run["finished_at"],
                sum(part["counts"].get("read", 0) for part in run["parts"]),
                ", ".join(run["left"]),
                run["id"],
            )
            for run in items
        ),
    )


def print_run(run: Mapping[str, Any]) -> None:
    """Print how a run ended, or how far it is, and what became of what it read."""
    from tools.cli.output import console

    for line in run_lines(run):
        console().print(line, soft_wrap=True)


def run_lines(run: Mapping[str, Any]) -> Iterator[str]:
    if run["status"] == "running":
        yield f"{run['integration']}: {doing(run)} (run {run['id']})"
    else:
        yield f"{run['integration']}: {_word(run['status'])}"
    for part in run["parts"]:
        counts = part["counts"]
        told = [f"{n:,} {name}" for name, n in counts.items() if n or name == "read"]
        stopped = f"; goes on later ({part['stopped']})" if part["stopped"] else ""
        yield f"  {part['records']}: {', '.join(told) or 'nothing'}{stopped}"
    if run["attention"]:
        yield f"  {attention_line(run['attention'])}"


def print_refused(page: Mapping[str, Any]) -> None:
    from tools.cli.output import console, print_table

    columns = ("Records", "Id in the CRM", "Field", "Code", "Reason", "Seen at")
    names = ("records", "external_id", "field", "code", "message", "seen_at")
    print_table(columns, ([one[name] for name in names] for one in page["items"]))
    if page["next_cursor"]:
        console().print("and more: --limit shows them")


def print_writes(page: Mapping[str, Any]) -> None:
    from tools.cli.output import console, print_table

    columns = ("Asked for at", "What", "Record", "Status", "Requests", "CRM", "Code", "Value")
    print_table(
        columns,
        (
            (
                one["requested_at"],
                _word(one["what"]),
                one["record_id"],
                _word(one["status"]),
                one["attempts"],
                one["vendor_status"],
                one["code"],
                f"{one['value']} (conflict)" if one["conflict"] else one["value"],
            )
            for one in page["items"]
        ),
    )
    if page["next_cursor"]:
        console().print("and more: --limit shows them")


def print_check(found: Mapping[str, Any]) -> None:
    """Print what does not fit, then some records of each kind as they would be stored."""
    from tools.cli.output import console

    for line in check_lines(found):
        console().print(line, soft_wrap=True)


def check_lines(found: Mapping[str, Any]) -> Iterator[str]:
    result = found["result"]
    if result is None:
        why = found["attention"]
        yield attention_line(why) if why else "the check failed; try it again"
        return
    yield "the mapping fits" if result["fits"] else "the mapping does not fit"
    for what, misfits in (("", result["problems"]), ("note: ", result["hints"])):
        for one in misfits:
            near = f"; near: {', '.join(one['near'])}" if one["near"] else ""
            yield f"  {what}{one['path']}: {one['message']} ({one['code']}{near})"
    for preview in result["previews"]:
        rows, refused = preview["rows"], preview["refused"]
        yield f"{preview['records']}: {len(rows)} as they would be, {len(refused)} refused"
        for row in rows[:_MOST_SHOWN]:
            yield f"  {json.dumps(row, ensure_ascii=False)}"
        for warning in preview["warnings"]:
            yield f"  note: {warning['message']} ({warning['code']}, {warning['count']})"


def attention_line(why: Mapping[str, Any]) -> str:
    """Return what the CRM wants, in its own words as far as they are known."""
    said = " ".join(str(part) for part in (why["vendor_status"], why["vendor_code"]) if part)
    of = f" for {why['records']}" if why["records"] else ""
    return (
        f"needs attention{of}: {why['message']} ({why['code']}{', CRM: ' + said if said else ''})"
    )


def _lines(one: Mapping[str, Any]) -> Iterator[str]:
    state = _word(one["health"]) if one["active"] else "not active"
    yield f"{one['key']} ({one['vendor']}, {one['base_url']}): {state}"
    if one["attention"]:
        yield f"  {attention_line(one['attention'])}"
    schedule = one["schedule"]
    when = f"{', '.join(schedule['times'])} {schedule['zone']}"
    yield f"  read at {when}; all there is every {schedule['full_every_days']} days"
    yield f"  next run: {one['next_run_at'] or 'by hand only'}; running: {one['running'] or 'no'}"
    yield f"  as of {one['as_of'] or 'never'} (lag {one['lag'] or 'unknown'})"
    if one["failures"]:
        yield f"  runs in a row that did not complete: {one['failures']}"
    if one["quota_left"] is not None:
        yield f"  requests left for the day: {one['quota_left']:,}"


def _word(code: str) -> str:
    return code.replace("_", " ")
