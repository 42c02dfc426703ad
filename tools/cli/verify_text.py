"""What a person sees of a verification: a bar while it runs, then what differed by kind."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.client import Progress


@contextmanager
def progress_bar(*, hidden: bool) -> "Iterator[Progress | None]":
    """Yield what to call with the job as it goes on; a bar beside standard output."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from tools.cli.output import console

    beside = console(stderr=True)
    if hidden or not beside.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=beside, transient=True) as bar:
        task = bar.add_task("verifying", total=None)

        def show(job: dict[str, Any]) -> None:
            bar.update(task, completed=job["progress"]["done"], total=job["progress"]["parts"])

        yield show


def print_found(job: dict[str, Any]) -> None:
    """Print what was looked at, and each kind of difference with the first ids of it."""
    from tools.cli.output import console, print_table

    progress, drift, repaired = job["progress"], job["drift"], job["repaired"]
    looked = f"{job['items']} items, {job['accounts']} accounts, {job['groups']} groups"
    told = f"verification {job['id']}: {job['status']}"
    console().print(f"{told}; {looked}", soft_wrap=True)
    if progress["done"] < progress["parts"]:
        missing = progress["parts"] - progress["done"]
        console().print(f"{missing} of {progress['parts']} parts failed: verify again")
    if job["unsettled"]:
        waiting = f"{job['unsettled']} are to be settled by an import that runs"
        console().print(f"{waiting}: verify again when it is completed", soft_wrap=True)
    if not any(drift.values()):
        console().print("nothing else differs" if job["unsettled"] else "nothing differs")
        return
    rows = (
        (kind, count, repaired[kind], " ".join(job["examples"].get(kind, ())[:3]))
        for kind, count in drift.items()
        if count
    )
    print_table(("Kind", "Differs", "Repaired", "Of"), rows)
    if not job["repair"]:
        console().print("repair it with: stageline verify --repair")
