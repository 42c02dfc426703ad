"""The steps of an import: read, store, link, settle, verify. Workers take pages, in no order, more
than once; whoever finishes the last page of a step goes on to the next.

Settling goes around the stream, for whole pages: the ledgers of all accounts touched, then the
values of their groups, then the rows of these. Verifying goes through all of it once more.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import batched, chain
from random import random
from time import sleep

from stageline.domain.errors import Stale
from stageline.domain.group import Origin
from stageline.domain.job_states import STEPS, Part, Status, Step
from stageline.domain.jobs import FileRefused, ImportJob, Link, PageResult, Problem, Tasks
from stageline.import_ports import Export, Files, Jobs, PagesQueue
from stageline.ports import Configuration
from stageline.sync_ports import ANY_TURN, SyncQueue
from stageline.use_cases.following import Worker
from stageline.use_cases.import_links import make_links
from stageline.use_cases.import_order import pages_of
from stageline.use_cases.import_pages import Left, Records, import_of
from stageline.use_cases.import_plan import plan_links
from stageline.use_cases.import_rows import store_rows
from stageline.use_cases.integrations import ensure_file_integration
from stageline.use_cases.last_imports import note_import
from stageline.use_cases.link_proposals import Proposing, propose_links
from stageline.use_cases.loading import Loaded, load_ledgers, load_values
from stageline.use_cases.moves import Moving
from stageline.use_cases.pipeline import Stores, refresh_ledger, refresh_rows

PAGE_ROWS = 200
# So begins the first line of a page of a CRM: it says where the page ended.
PLACE = '{"place":'
# Of accounts or groups; few enough that a worker is through with them in seconds.
_SETTLED_IN_A_PAGE = 100
_PROBLEMS_AT_ONCE = 200
_PAGES_BETWEEN_COUNTS = 25
_TRIES = 8
_FIRST_PAUSE_SECONDS = 0.02
# Half of the worker's time; a move that takes longer goes on in the queue of work.
_MOVES_FOR = timedelta(minutes=1)


def _no_runs() -> SyncQueue:
    raise AssertionError("a file belongs to no run")


@dataclass(frozen=True, slots=True)
class Imports:
    """What the imports of one workspace read and write. `pipeline` is built when settling.

    `runs`: the queue of the runs of which jobs are parts. `proposing`: what proposes links of the
    accounts; None: nothing does.
    """

    jobs: Jobs
    files: Files
    queue: PagesQueue
    configuration: Configuration
    records: Records
    moving: Moving
    pipeline: Callable[[], Stores]
    now: Callable[[], datetime]
    runs: Callable[[], SyncQueue] = _no_runs
    proposing: Proposing | None = None

    def records_of(self, job: ImportJob) -> Records:
        return replace(self.records, integration=job.integration)


def read_import(
    imports: Imports,
    job_id: str,
    upload_tag: str,
    open_export: Callable[[ImportJob], Export],
    today: date,
) -> ImportJob:
    """Read the uploaded file into pages, and send them to the workers. `open_export` may refuse.

    Nothing is stored before the whole file was read. Safe to repeat; another upload for the same
    job changes nothing. Raises NotFound.
    """
    jobs = imports.jobs
    jobs.get(job_id)
    # Read before: then the pages may still have to be sent.
    with suppress(Stale):
        _read(imports, jobs.begin(job_id, upload_tag, today, imports.now()), open_export)
    return go_on(imports, job_id)


def _read(imports: Imports, job: ImportJob, open_export: Callable[[ImportJob], Export]) -> None:
    jobs = imports.jobs
    page: list[str] = []
    problems: list[Problem] = []
    pages = rows = refused = found = part = 0
    try:
        export = open_export(job)
        for row in export.rows():
            rows += 1
            if not isinstance(row, Sequence):
                page.append(row.to_json())
            else:
                refused += 1
                found += len(row)
                problems += row
            if len(page) == PAGE_ROWS:
                pages += 1
                imports.files.save_page(job.job_id, pages, page)
                page = []
                if pages % _PAGES_BETWEEN_COUNTS == 0:
                    jobs.count_read(job.job_id, rows)
            if len(problems) >= _PROBLEMS_AT_ONCE:
                part = jobs.save_problems(job, 0, problems, part)
                problems = []
    except FileRefused as error:
        jobs.save_problems(job, 0, [*problems, error.problem], part)
        jobs.refuse(job.job_id, error.problem, found + 1, imports.now())
        return
    if page:
        pages += 1
        imports.files.save_page(job.job_id, pages, page)
    jobs.save_problems(job, 0, problems, part)
    is_first = False
    if not job.dry_run:
        assert job.today is not None
        stamp = job.stamp(imports.now())
        ensure_file_integration(imports.configuration, stamp=stamp, today=job.today)
        is_first = jobs.claim_first(job)
    counts = {"read": rows, "refused": refused}
    jobs.end_reading(job.job_id, counts, export.warnings(), found, pages, is_first=is_first)


def end_reading(imports: Imports, job_id: str, *, rows: int, pages: int) -> ImportJob:
    """Send the pages that a run has read to the workers, unless that was done; return the job.

    Raises NotFound.
    """
    jobs = imports.jobs
    job = jobs.get(job_id)
    if job.status == "reading":
        is_first = jobs.claim_first(job)
        with suppress(Stale):
            jobs.end_reading(job_id, {"read": rows}, (), 0, pages, is_first=is_first)
    return go_on(imports, job_id)


def work_page(imports: Imports, job_id: str, step: Step, number: int, today: date) -> ImportJob:
    """Work on one page of a step, unless that was done, and go on if it was the last.

    Raises NotFound, and Stale when others were first again and again.
    """
    jobs = imports.jobs
    job = jobs.get(job_id)
    tasks = job.tasks
    is_current = job.status == step and tasks.first <= number <= tasks.last
    is_done = jobs.page_result(job_id, step, number) is not None
    if is_current and not is_done:
        result, problems = _worked(imports, job, step, number, today)
        _finish_page(jobs, job, step, number, result, problems)
        is_done = True
    if is_done and step == "storing":
        imports.files.delete_page(job_id, number)
    return go_on(imports, job_id)


def _worked(
    imports: Imports, job: ImportJob, step: Step, number: int, today: date
) -> tuple[PageResult, Sequence[Problem]]:
    jobs, store = imports.jobs, imports.records_of(job)
    if step in ("settling", "verifying"):
        return _settled(imports, job, number, today), ()
    deciding = import_of(jobs, job, imports.now())
    if step == "linking":
        links = jobs.links(job.job_id, number)
        # The ledgers of whole groups that move are too many to be left to the job's settling.
        worker = Worker(
            imports.now() + _MOVES_FOR,
            lambda account_id: refresh_ledger(imports.pipeline(), account_id),
        )
        return make_links(imports.moving, deciding, links, worker)
    lines = imports.files.page(job.job_id, number)
    if lines and lines[0].startswith(PLACE):
        lines = lines[1:]
    return store_rows(store, deciding, lines, Left(jobs, job, number))


def _settled(imports: Imports, job: ImportJob, number: int, today: date) -> PageResult:
    """Settle the accounts or groups of a page, as the part says; the stream looks at none of it.

    What verifying writes the stream looks at again.
    """
    stores, ids, now = imports.pipeline(), imports.jobs.accounts(job.job_id, number), imports.now()
    in_job = job.status == "settling"
    match job.tasks.part:
        case "ledgers":
            loaded = load_ledgers(stores, ids, in_job=in_job)
        case "values":
            valued = load_values(stores, ids, today=today, now=now, in_job=in_job)
            members = [member for some in valued.members.values() for member in some]
            loaded = Loaded(members, valued.written)
        case "rows":
            origin: Origin = "backfill" if job.is_first else "change"
            loaded = Loaded((), refresh_rows(stores, ids, now=now, origin=origin))
            if imports.proposing is not None and job.records == "accounts" and not in_job:
                propose_links(imports.proposing, ids, job, now)
    return PageResult({} if in_job else {"corrected": loaded.written}, list(loaded.ids))


def _finish_page(
    jobs: Jobs,
    job: ImportJob,
    step: Step,
    number: int,
    result: PageResult,
    problems: Sequence[Problem],
) -> None:
    """Count the page, once. The job is one item that all workers count on: they wait in turn."""
    for attempt in range(_TRIES):
        try:
            jobs.finish_page(job, step, number, result, problems)
            return
        except Stale:
            if jobs.page_result(job.job_id, step, number) is not None:
                return
            sleep(random() * _FIRST_PAUSE_SECONDS * 2**attempt)
    raise Stale("import")


def go_on(imports: Imports, job_id: str) -> ImportJob:
    """Send the pages of the current step if nobody has, and take the next step when all are done.

    Called after everything that a worker does, so that a redelivered message finishes what a crash
    left undone. Returns the job as it is then.
    """
    jobs = imports.jobs
    while True:
        job = jobs.get(job_id)
        if job.status not in STEPS:
            if job.is_finished and job.run_id is not None:
                imports.runs().send(job.run_id, ANY_TURN)
            return job
        try:
            if job.tasks.done >= job.tasks.total:
                _next_step(imports, job)
            elif not job.tasks.queued:
                numbers = range(job.tasks.first, job.tasks.last + 1)
                imports.queue.send(job_id, _step_of(job), numbers)
                jobs.mark_queued(job)
            else:
                return job
        except Stale:
            continue


def _step_of(job: ImportJob) -> Step:
    assert job.status in ("storing", "linking", "settling", "verifying")
    return job.status


def _next_step(imports: Imports, job: ImportJob) -> None:
    """Raises Stale when somebody else was first."""
    jobs = imports.jobs
    last = job.tasks.last
    if job.status == "storing" and job.records == "accounts":
        plan = plan_links(jobs, imports.records_of(job), job)
        if jobs.get(job.job_id).status != "storing":
            # Links are being made by now: the plan may be another one.
            raise Stale("import")
        jobs.save_problems(job, last + 1, plan.problems)
        levels = [] if job.dry_run else plan.levels
        # The plan's problems have a page number of their own.
        tasks = _link_tasks(jobs, job, last + 2, levels)
        jobs.next_step(job, "linking", tasks, len(plan.problems))
    elif job.status == "linking" and job.tasks.levels:
        width, *others = job.tasks.levels
        jobs.next_step(job, "linking", Tasks(last + 1, last + width, levels=tuple(others)))
    elif job.status in ("storing", "linking") and (touched := _touched(jobs, job)):
        _settle_next(jobs, job, "settling", "ledgers", touched)
    elif job.status in ("settling", "verifying") and job.tasks.part != "rows":
        found = dict.fromkeys(_found(jobs, job))
        if job.tasks.part == "ledgers":
            _settle_next(jobs, job, _step_of(job), "values", found)
        else:
            # A deleted account pools into no group, and has a row.
            rows = found | dict.fromkeys(_touched(jobs, job))
            _settle_next(jobs, job, _step_of(job), "rows", rows)
    elif job.status == "settling":
        _settle_next(jobs, job, "verifying", "ledgers", _touched(jobs, job))
    else:
        has_problems = jobs.get(job.job_id).problems > 0
        status: Status = "completed_with_errors" if has_problems else "completed"
        now = imports.now()
        note_import(imports.configuration, job, status, now)
        jobs.finish(job, status, now)


def _settle_next(jobs: Jobs, job: ImportJob, step: Step, part: Part, ids: Iterable[str]) -> None:
    """Go on with a part of settling or verifying. Raises Stale."""
    first = job.tasks.last + 1
    pages = list(batched(ids, _SETTLED_IN_A_PAGE, strict=False))
    jobs.save_tasks(job, first, pages)
    jobs.next_step(job, step, Tasks(first, first + len(pages) - 1, part=part))


def _found(jobs: Jobs, job: ImportJob) -> Iterator[str]:
    """Yield what the pages of the current part found for the next one."""
    pages = range(job.tasks.first, job.tasks.last + 1)
    for result in jobs.page_results(job.job_id, {_step_of(job)}, pages):
        yield from result.touched


def _link_tasks(jobs: Jobs, job: ImportJob, first: int, levels: Sequence[Sequence[Link]]) -> Tasks:
    """Store the levels' pages from number `first` on, and return the tasks of the first level."""
    pages = pages_of(levels)
    for number, links in enumerate(chain.from_iterable(pages), first):
        jobs.save_links(job, number, links)
    width, *others = [len(level) for level in pages] or [0]
    return Tasks(first, first + width - 1, levels=tuple(others))


def _touched(jobs: Jobs, job: ImportJob) -> list[str]:
    """Return each account that the job touched, once, however many of its pages did."""
    if job.dry_run:
        return []
    results = jobs.page_results(job.job_id, ("storing", "linking"))
    return sorted({account_id for result in results for account_id in result.touched})
