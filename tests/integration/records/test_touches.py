"""First and last touches are right in the end, whatever happens on the way (S3.9)."""

from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

import pytest

from evaluate_stage.records import tasks_of
from stageline.domain.activity import About, Happening, new_activity
from stageline.domain.errors import AlreadyExists, NotFound, Stale
from stageline.domain.stamp import Source
from stageline.domain.touch import Touch
from stageline.use_cases import activities as use_cases
from stageline.use_cases.touches import refresh_touch
from tests.fakes.stepping import Stepped
from tests.integration.records.stores import STAMP, TODAY, Stores, hours

RUNS = 250
ACCOUNTS = ("a1", "a2")
IDS = ("x", "y", "z")
CRASH = 0.03


class Anything:
    """As `Related`: whatever is named exists."""

    def completed(self, about, before, contacts_field):
        return about


class Simulation:
    """People write, the stream is worked off, all of them step by step and mixed by a seed.

    `runs_again` False: what the step itself writes is followed by no run (rule 3 left out).
    """

    def __init__(self, seed, *, runs_again=True):
        self.random, self.stores = Random(seed), Stores()
        self._runs_again = runs_again
        self._taken = 0

    def run(self) -> dict[str, tuple[Touch, Touch]]:
        waiting = [self._change() for _ in range(self.random.randint(4, 9))]
        running: list[tuple[Callable[[], None], Stepped]] = []
        while waiting or running or self._has_more():
            waiting += self._asked()
            if waiting and len(running) < 4 and (not running or self.random.random() < 0.3):
                function = waiting.pop(self.random.randrange(len(waiting)))
                running.append((function, Stepped(function)))
            elif running:
                self._step(running, waiting)
        return {one: found for one in ACCOUNTS if (found := self._wrong(one)) is not None}

    def _step(self, running, waiting):
        chosen = self.random.choice(running)
        function, stepped = chosen
        with suppress(Stale):
            stepped.step(dies=self.random.random() < CRASH)
        if stepped.finished:
            running.remove(chosen)
            # Delivered again after a crash or a failure; or without a reason.
            if stepped.crashed or stepped.error or self.random.random() < 0.1:
                waiting.append(function)

    def _has_more(self):
        return len(self.stores.client.stream) > self._taken

    def _asked(self):
        """Return what some of the stream's records ask for."""
        if not self._has_more() or self.random.random() < 0.6:
            return []
        some = self.random.randint(1, len(self.stores.client.stream) - self._taken)
        records = self.stores.client.stream[self._taken : self._taken + some]
        self._taken += some
        if not self._runs_again:
            records = [one for one in records if one["dynamodb"]["Keys"]["SK"]["S"] != "LAST"]
        found = [task.item_id for task in tasks_of(records) if task.step == "touch"]
        return [self._refresh(account_id) for account_id in found]

    def _refresh(self, account_id):
        def refresh() -> None:
            refresh_touch(self.stores.touches, account_id)

        return refresh

    def _change(self):
        random, related = self.random, Anything()
        id_ = random.choice(IDS)
        happening = Happening(
            kind=random.choice(("call", "email", "note")),
            occurred_at=hours(random.randrange(6)),
        )
        if happening.kind != "note":
            happening = Happening(
                kind=happening.kind,
                occurred_at=happening.occurred_at,
                two_way=random.random() < 0.5,
            )
        about = About(random.choice(ACCOUNTS))
        source = Source("api", f"{happening}", "1")
        deletes = random.random() < 0.3

        def change() -> None:
            with suppress(NotFound):
                if deletes:
                    use_cases.delete_activity(
                        self.stores.activities,
                        id_,
                        customs=self.stores.customs,
                        expected=None,
                        stamp=STAMP,
                    )
                elif id_ in self.stores.activities.find_many([id_]):
                    self._say(related, id_, happening, about)
                else:
                    activity = new_activity(id_, happening, about, source=source, stamp=STAMP)
                    with suppress(AlreadyExists):
                        self.stores.activities.add([activity])

        return change

    def _say(self, related, id_, happening, about):
        changes = {
            "kind": happening.kind,
            "occurred_at": happening.occurred_at,
            "two_way": happening.two_way,
            "account_id": about.account_id,
        }
        use_cases.change_activity(
            self.stores.activities,
            related,
            id_,
            changes,
            customs=self.stores.customs,
            expected=None,
            today=TODAY,
            stamp=STAMP,
        )

    def _wrong(self, account_id):
        stored = self.stores.touches.stored(account_id)
        found = stored.touch if stored else Touch()
        right = touch_by_reading_all(self.stores, account_id)
        return None if found == right else (found, right)


def touch_by_reading_all(stores, account_id):
    everything = (one for _, one in stores.activities.of_account(account_id, None, 100))
    touches = [one.happening for one in everything if one.happening.kind != "note"]
    instants = [one.occurred_at for one in touches]
    two_way = [one.occurred_at for one in touches if one.two_way]
    return Touch(
        min(instants, default=None), max(instants, default=None), max(two_way, default=None)
    )


def test_touches_are_right_in_the_end_whatever_happened_on_the_way():
    wrong = {seed: found for seed in range(RUNS) if (found := Simulation(seed).run())}

    assert wrong == {}


def test_a_step_that_nothing_follows_may_end_wrong():
    """Otherwise rule 3 would not have to hold here, or the runs above would not show it."""
    assert any(Simulation(seed, runs_again=False).run() for seed in range(2000))


def test_a_note_is_no_touch_and_only_what_both_took_part_in_is_two_way():
    stores = Stores()
    said: Any = [("call", 9, False), ("note", 10, False), ("meeting", 5, True), ("email", 1, False)]
    for number, (kind, before, two_way) in enumerate(said):
        happening = Happening(kind=kind, occurred_at=hours(before), two_way=two_way)
        stores.activities.add([new_activity(f"x{number}", happening, About("a1"), stamp=STAMP)])

    assert refresh_touch(stores.touches, "a1")
    assert not refresh_touch(stores.touches, "a1")

    touch = stores.touches.stored("a1")
    assert touch is not None
    assert touch.touch == Touch(hours(9), hours(1), hours(5))


@pytest.mark.parametrize("account_id", ["a1", "a2"])
def test_an_account_without_activities_has_nothing_stored(account_id):
    stores = Stores()

    assert not refresh_touch(stores.touches, account_id)
    assert stores.items() == {}
