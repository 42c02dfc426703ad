"""The job of a link: what lies with a record follows it to the account that it counts for, or back.

Where things belong is read anew in each pass, so jobs of several links and ends of links may run at
once, be cut off, and come in any order: the last pass of the last of them finds all in its place.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from itertools import batched
from time import sleep

from stageline.domain.account import Account
from stageline.domain.activity import Activity
from stageline.domain.contact import Contact, links_of
from stageline.domain.deal import Deal
from stageline.domain.errors import GroupCycle, NotFound, Stale
from stageline.domain.stamp import Stamp
from stageline.domain.task import Task
from stageline.domain.work import Work
from stageline.use_cases.again import again
from stageline.use_cases.following import OutOfTime, Worker, follow, move_through
from stageline.use_cases.import_moved_deals import move_deal
from stageline.use_cases.links import Linking, integration_of

_READ_AT_ONCE = 100
_PAUSE_SECONDS = 0.2


def carry(linking: Linking, job_id: str, worker: Worker) -> Work | None:
    """Go through the job of a link to its end, and return it; None when there is none.

    When it is not through in time, its message is sent again.
    """
    works = linking.moving.works
    try:
        work = works.get(job_id)
        moved, reached = 0, set[str]()
        while not work.is_finished:
            try:
                carried = _Pass(linking, work, worker, reached).run()
                if carried == 0:
                    again(partial(_end, linking, job_id, moved))
                    work = works.get(job_id)
                moved += carried
            except Stale:
                sleep(_PAUSE_SECONDS)
    except NotFound:
        return None
    except OutOfTime:
        linking.moving.queue().send_job("link", job_id)
        return works.get(job_id)
    return work


def _end(linking: Linking, job_id: str, moved: int) -> None:
    work = linking.moving.works.get(job_id)
    if not work.is_finished:
        now = linking.moving.now()
        linking.moving.works.save(work.ended("completed", {"moved": moved}, now))


@dataclass(frozen=True, slots=True)
class _Stretch:
    """From one account to another; `integration`: only what comes from there, None: everything.

    `record` is the linked one as it was read.
    """

    record: Account
    from_id: str
    to_id: str
    integration: str | None

    def takes(self, record: Account | Deal | Contact | Activity) -> bool:
        source = record.source
        if self.integration is None:
            return True
        return source is not None and source.integration == self.integration


class _Pass:
    """One look at where things belong, and what follows from it.

    `reached` are the accounts to which passes of this worker have carried something: what belongs
    elsewhere by now has to leave them again.
    """

    def __init__(self, linking: Linking, work: Work, worker: Worker, reached: set[str]) -> None:
        self._linking = linking
        self._work = work
        self._worker = worker
        self._reached = reached
        self._stamp = Stamp(work.requested_by, work.asked["request"], work.requested_at)
        self._today = linking.today()

    def run(self) -> int:
        """Return how much was not in its place. Raises OutOfTime, Stale."""
        self._check_time()
        accounts = self._linking.accounts
        record = accounts.find(self._work.asked["linked_id"])
        if record is None:
            return 0
        target_id = self._place_of(record)
        moved = 0
        for stretch in list(self._stretches(record, target_id)):
            self._reached.add(stretch.to_id)
            moved += sum(self._carried(stretch))
        if record.linked_to is not None:
            moved += self._closed(record.account_id)
        elif record.awaited_parent_id is not None and not record.deleted:
            self._move(record.account_id, record.awaited_parent_id)
        after = accounts.find(record.account_id)
        if after is None or self._place_of(after) != target_id:
            return moved + 1
        return moved or again(partial(self._forgotten, record.account_id))

    def _stretches(self, record: Account, target_id: str) -> Iterator[_Stretch]:
        """Everything leaves a linked record; what comes from its source leaves where it was."""
        integration, left = integration_of(record), self._left(record.account_id)
        from_ids = self._reached | ({left.account_id} if left else set())
        for one in self._linking.accounts.find_many(from_ids - {record.account_id}).values():
            is_others = any(
                link.integration == integration and link.account_id != record.account_id
                for link in one.linked
            )
            if one.account_id != target_id and integration is not None and not is_others:
                yield _Stretch(record, one.account_id, target_id, integration)
        if record.linked_to is not None and record.merged_into is None:
            yield _Stretch(record, record.account_id, target_id, None)

    def _left(self, record_id: str) -> Account | None:
        """Return the account asked for, if the record has counted for it and does not any more."""
        accounts = self._linking.accounts
        asked = accounts.find(self._work.asked["account_id"])
        there = accounts.find(self._place_of(asked)) if asked else None
        record = accounts.find(record_id)
        if there is None or record is None or record.linked_to == there.account_id:
            return None
        return there if any(one.account_id == record_id for one in there.linked) else None

    def _forgotten(self, record_id: str) -> bool:
        """Let the account that a record has left know nothing of it any more."""
        left = self._left(record_id)
        if left is None:
            return False
        linked = [one for one in left.linked if one.account_id != record_id]
        after = left.with_links(linked, left.linked_to, today=self._today, stamp=self._stamp)
        self._linking.accounts.save_together([after])
        return True

    def _place_of(self, record: Account) -> str:
        """Return the account that a record counts for."""
        seen = [record.account_id]
        while record.goes_on_as is not None and record.goes_on_as not in seen:
            further = self._linking.accounts.find(record.goes_on_as)
            if further is None:
                break
            seen.append(further.account_id)
            record = further
        return record.account_id

    def _carried(self, stretch: _Stretch) -> Iterator[int]:
        yield from self._children(stretch)
        for deal in self._linking.deals.of_account(stretch.from_id):
            if stretch.takes(deal) and deal.status != "gone":
                self._check_time()
                deals = self._linking.deals
                during = stretch.record
                yield move_deal(deals, deal, stretch.to_id, False, self._stamp, during=during)
        for _, contact in self._linking.contacts.of_account(stretch.from_id, None, _READ_AT_ONCE):
            if stretch.takes(contact):
                yield again(partial(self._contact, contact.contact_id, stretch))
        activities = self._linking.activities
        for _, activity in activities.of_account(stretch.from_id, None, _READ_AT_ONCE):
            if stretch.takes(activity):
                yield again(partial(self._activity, activity.activity_id, stretch))
        if stretch.integration is None:
            tasks = self._linking.tasks
            for _, task in tasks.of_account(stretch.from_id, None, _READ_AT_ONCE):
                yield again(partial(self._task, task.task_id, stretch))

    def _children(self, stretch: _Stretch) -> Iterator[int]:
        accounts = self._linking.accounts
        for some in batched(accounts.children(stretch.from_id), _READ_AT_ONCE, strict=False):
            for child in accounts.find_many(some).values():
                is_there = child.parent_id == stretch.from_id and not child.deleted
                if is_there and stretch.takes(child):
                    yield self._move(child.account_id, stretch.to_id)

    def _move(self, account_id: str, parent_id: str) -> bool:
        """Put an account under another parent, with all below it; tell whether it was moved."""
        self._check_time()
        found = self._linking.accounts.find(account_id)
        parent = self._linking.accounts.find(parent_id)
        if found is None or parent is None:
            return False
        place_id = self._place_of(parent)
        to_id = None if place_id == account_id else place_id
        # Another move of the same account is another job.
        job_id = blake2b(
            f"{self._work.job_id}#{account_id}#{found.rev}".encode(), digest_size=16
        ).hexdigest()
        try:
            self._move_through(account_id, to_id, job_id)
        except GroupCycle:
            # Somebody has put the other one below it meanwhile.
            self._move_through(account_id, None, job_id)
        except NotFound:
            return False
        except Stale:
            self._help(found.root_id, parent.root_id)
            raise
        return True

    def _help(self, *root_ids: str | None) -> None:
        """Go through the moves that hold these groups: whoever began them may be gone."""
        moving = self._linking.moving
        for root_id in filter(None, root_ids):
            if (hold := moving.moves.hold(root_id)) is not None:
                follow(moving, hold.job_id, self._worker)

    def _move_through(self, account_id: str, parent_id: str | None, job_id: str) -> None:
        move_through(
            self._linking.moving,
            account_id,
            parent_id,
            self._worker,
            job_id=job_id,
            today=self._today,
            stamp=self._stamp,
        )

    def _contact(self, contact_id: str, stretch: _Stretch) -> bool:
        contacts = self._linking.contacts
        self._check_time()
        before = contacts.find_many([contact_id]).get(contact_id)
        if before is None or before.deleted:
            return False
        roles = {link.record_id: link.roles for link in before.accounts}
        if stretch.from_id not in roles:
            return False
        both = (*roles.pop(stretch.from_id), *roles.get(stretch.to_id, ()))
        roles[stretch.to_id] = tuple(dict.fromkeys(both))
        after = before.changed_to(
            before.person,
            accounts=links_of(roles),
            deals=before.deals,
            source=before.source,
            stamp=self._stamp,
        )
        contacts.save(before, after)
        return True

    def _activity(self, activity_id: str, stretch: _Stretch) -> bool:
        activities = self._linking.activities
        self._check_time()
        before = activities.find_many([activity_id]).get(activity_id)
        if before is None or before.deleted or before.about.account_id != stretch.from_id:
            return False
        about = replace(before.about, account_id=stretch.to_id)
        after = replace(before, about=about, changed=self._stamp, rev=before.rev + 1)
        activities.save(before, after)
        return True

    def _task(self, task_id: str, stretch: _Stretch) -> bool:
        tasks = self._linking.tasks
        self._check_time()
        before: Task | None = tasks.find_many([task_id]).get(task_id)
        if before is None or before.deleted or before.about.account_id != stretch.from_id:
            return False
        about = replace(before.about, account_id=stretch.to_id)
        tasks.save(before, replace(before, about=about, changed=self._stamp, rev=before.rev + 1))
        return True

    def _closed(self, record_id: str) -> bool:
        """Let a record that counts for an account have no group and no list row of its own."""

        def attempt() -> bool:
            accounts = self._linking.accounts
            before = accounts.find(record_id)
            if before is None or before.deleted or before.linked_to is None:
                return False
            if accounts.children_count(record_id):
                # The index that lists them is late.
                sleep(_PAUSE_SECONDS)
                return True
            awaited = before.parent_id or before.awaited_parent_id
            alone = before.moved_to(None, None, today=self._today, stamp=self._stamp)
            gone = replace(alone, deleted=True, awaited_parent_id=awaited)
            accounts.delete(gone, before.parent_id)
            return True

        return again(attempt)

    def _check_time(self) -> None:
        if self._linking.moving.now() >= self._worker.until:
            raise OutOfTime
