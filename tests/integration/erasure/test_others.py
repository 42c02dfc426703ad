"""Whoever is not the person stays whole, and what somebody else is doing meanwhile stays right."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stageline.domain.activity import About, Happening, new_activity
from stageline.domain.contact import Person
from stageline.domain.errors import Erased
from stageline.use_cases.erasing import carry_out, remaining
from stageline.use_cases.erasure_requests import (
    Asked,
    approve,
    cancel,
    execute,
    preview_again,
    request_erasure,
)
from stageline.use_cases.erasure_steps import tick, waiting, work
from tests.integration.erasure.people import JANE, World
from tests.integration.records.stores import NOW, SOURCE, STAMP

KARL = Person(first_name="Karl", last_name="Other", phone=JANE.phone)
SWITCHBOARD = "+49 30 23125000"


@pytest.fixture
def world() -> World:
    made = World()
    made.populate()
    return made


def asked(world: World, id_: str, ids: Any, way: Any = "erase", by: str = "an-admin") -> Any:
    what = Asked(way=way, ground="consent_withdrawn", reason="Jane wrote", contact_ids=ids)
    request_erasure(world.privacy, id_, what, by=by)
    world.work_off()
    return world.erasures.get(id_)


def approved(world: World, id_: str, ids: Any, way: Any = "erase") -> None:
    preview = asked(world, id_, ids, way).preview
    approve(world.privacy, id_, preview.hash, None, by="the-officer")


def done(world: World, id_: str, ids: Any, way: Any = "erase") -> Any:
    approved(world, id_, ids, way)
    execute(world.privacy, id_)
    world.work_off()
    return world.erasures.get(id_)


def is_erased(world: World, contact_id: str) -> bool:
    return world.stores.contacts.find_many([contact_id])[contact_id].erased_by is not None


def many(world: World, count: int) -> tuple[str, ...]:
    ids = tuple(f"q{number:03}" for number in range(count))
    for number, id_ in enumerate(ids):
        world.add(id_, Person(first_name=f"F{number}", last_name=f"Quux{number}"))
    return ids


def test_who_gets_the_number_just_before_it_is_kept_out_keeps_it(world):
    approved(world, "r1", ["k1"])
    execute(world.privacy, "r1")
    world.add("karl", KARL)

    world.work_off()

    assert world.stores.contacts.get("karl").person == KARL
    assert world.erasures.get("r1").certificate_state == "live_erased"


def test_after_a_restore_who_had_the_number_then_keeps_it(world):
    done(world, "r1", ["k1"])
    (entry,) = world.journal.entries()
    restored = World()
    restored.populate()
    restored.add("karl", KARL)
    erasing = replace(restored.privacy.erasing, is_restoring=True)

    carry_out(erasing, entry, {})

    assert restored.stores.contacts.get("karl").person == KARL
    assert is_erased(restored, "k1") and is_erased(restored, "k2")
    assert not any(remaining(erasing, entry).values())


def test_who_has_no_name_joins_nobody_at_a_switchboard(world):
    world.add("nameless", Person(email="list@x.example", phone=SWITCHBOARD))
    for number in range(2):
        world.add(f"c{number}", Person(last_name=f"Col{number}", phone=SWITCHBOARD))

    request = done(world, "r1", ["nameless"])

    assert (request.preview.subjects, request.preview.shared) == (1, 2)
    assert is_erased(world, "nameless") and not is_erased(world, "c0")


def test_who_has_no_name_is_no_bridge_to_somebody_else(world):
    world.add("nameless", Person(email=JANE.email, phone=SWITCHBOARD))
    world.add("karl", replace(KARL, phone=SWITCHBOARD))

    done(world, "r1", ["k1"])

    assert is_erased(world, "nameless") and not is_erased(world, "karl")


def test_whose_switchboard_it_is_can_be_seen(world):
    world.add("karl", KARL)

    asked(world, "r1", ["k1"])

    assert world.erasures.part("r1", 1).shared == (("k1", "phone"),)


def test_a_record_that_another_request_has_is_left_to_it_and_said_to_be(world):
    asked(world, "r2", ["k2"], "mask_selected")

    request = done(world, "r1", ["k1"])

    assert request.preview.subjects == 1 and world.erasures.part("r1", 1).skipped == ("k2",)
    assert not is_erased(world, "k2")
    # It still has the person's address.
    assert request.certificate_state == "partial"
    cancel(world.privacy, "r2")
    world.later(timedelta(hours=1))
    list(tick(world.privacy))
    world.work_off()
    assert is_erased(world, "k2")
    assert world.erasures.get("r1").certificate_state == "live_erased"


def test_each_record_has_its_shell_in_whichever_part_it_is(world):
    ids = ("k1", *many(world, 100), "k2")

    request = done(world, "r1", ids, "anonymize")

    contacts = [item for item in world.stores.items().values() if item.get("anonymous")]
    assert request.certificate_state == "live_erased"
    assert len(contacts) == len(ids)


@pytest.mark.parametrize("first", ["anonymize", "erase"])
@pytest.mark.parametrize("second", ["anonymize", "erase"])
def test_the_last_of_those_who_were_there_takes_the_texts_along(world, first, second):
    world.add("pat", Person(first_name="Pat", last_name="Peculiar"))
    call = Happening(kind="call", occurred_at=NOW, text="Their home is at Privet Drive 4")
    about = About("a1", None, ("k1", "pat"))
    world.stores.activities.add([new_activity("both", call, about, source=SOURCE, stamp=STAMP)])

    done(world, "r1", ["k1"], first)
    assert world.stores.activities.get("both").happening.text
    done(world, "r2", ["pat"], second)

    assert world.stores.activities.get("both").happening.text is None


class Slow:
    """Contacts whose first answer comes when everybody else is through."""

    def __init__(self, world: World, meanwhile: Any) -> None:
        self._contacts, self._meanwhile = world.stores.contacts, [meanwhile]

    def find_many(self, ids: Any) -> Any:
        while self._meanwhile:
            self._meanwhile.pop()()
        return self._contacts.find_many(ids)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._contacts, name)


def slowed(world: World, meanwhile: Any) -> Any:
    records: Any = replace(world.records, contacts=Slow(world, meanwhile))
    return replace(world.privacy, erasing=replace(world.privacy.erasing, records=records))


def test_a_second_call_that_looks_late_changes_nothing(world):
    approved(world, "r1", ["k1"])

    def meanwhile() -> None:
        execute(world.privacy, "r1")
        world.work_off()

    execute(slowed(world, meanwhile), "r1")

    world.work_off()
    assert world.erasures.part("r1", 1).contact_ids == ("k1", "k2")
    assert world.erasures.get("r1").certificate_state == "live_erased"


def test_a_second_message_that_looks_late_changes_nothing(world):
    approved(world, "r1", ("k1", *many(world, 100)))
    execute(world.privacy, "r1")
    again = world.queue.waiting[-1]

    work(slowed(world, world.work_off), *again)

    world.work_off()
    assert len(world.erasures.part("r1", 2).contact_ids) == 1
    assert world.erasures.get("r1").certificate_state == "live_erased"


def test_nobody_stays_claimed_by_a_request_that_has_ended(world):
    asked(world, "r1", ["k1"])
    other = world.stores.contacts.get("k2")
    moved = replace(other, person=replace(other.person, email="else@example.com"), rev=2)
    world.stores.contacts.save(other, moved)
    preview_again(world.privacy, "r1")
    world.work_off()
    assert world.erasures.part("r1", 1).contact_ids == ("k1",)

    cancel(world.privacy, "r1")

    assert world.stores.contacts.open_erasures(["k1", "k2"]) == {}


def test_many_are_let_go_of_by_workers(world):
    ids = many(world, 250)
    asked(world, "r1", ids)

    cancel(world.privacy, "r1")
    assert len(world.queue.waiting) == 3
    # A message that came late, and two of the three; the last is lost.
    for message in (("r1", "select", 0), *world.queue.waiting[:2]):
        work(world.privacy, *message)
    world.queue.waiting.clear()
    assert len(world.stores.contacts.open_erasures(ids)) == 50
    world.later(timedelta(hours=1))
    list(tick(world.privacy))
    world.work_off()

    assert world.stores.contacts.open_erasures(ids) == {}
    assert world.erasures.get("r1").next_at is None


def test_of_who_was_deleted_before_nothing_stays_either(world):
    jane = world.stores.contacts.get("k1")
    beside = world.stores.customs.beside("contact", "k1", jane.person, None)
    world.stores.contacts.save(jane, jane.gone(STAMP), beside)

    done(world, "r1", ["k1"])

    with pytest.raises(Erased):
        world.stores.contacts.get("k1")
    found = world.stores.activities.find_many(["call", "with-bob", "of-lead"])
    assert found["call"].happening.subject is None and found["of-lead"].erased
    assert found["with-bob"].about.contact_ids == ("bob",)


def test_what_is_found_late_is_in_the_backups_of_that_day(world):
    done(world, "r1", ["k1"])
    world.later(timedelta(hours=1))
    list(tick(world.privacy))
    world.work_off()
    note = Happening(kind="note", occurred_at=NOW, text="About her")
    about = About("a1", None, ("k1",))
    world.stores.activities.add([new_activity("late", note, about, source=SOURCE, stamp=STAMP)])

    states = []
    for days in (37, 1, 20, 20):
        world.later(timedelta(days=days))
        list(tick(world.privacy))
        world.work_off()
        states.append(world.erasures.get("r1").certificate_state)

    assert states == ["live_erased", "live_erased", "live_erased", "final"]


def test_any_number_of_texts_may_seem_to_name_somebody(world):
    """Of these, one item of the table takes 400 KB."""
    for number in range(3_000):
        subject = Happening(kind="note", occurred_at=NOW, subject="Jane Doequist again")
        about = About("a1", None, ("bob",))
        id_ = f"{number:032x}"
        new = new_activity(id_, subject, about, source=SOURCE, stamp=STAMP)
        world.stores.activities.add([new])

    assert asked(world, "r1", ["k1"]).preview.candidates == 3_003
    sizes = [len(repr(item)) for key, item in world.stores.items().items() if "#PR#" in key[0]]
    assert max(sizes) < 200_000


def test_every_hour_says_what_waits_however_long_the_steps_take(world):
    world.files.answers = False
    approved(world, "r1", ["k1"])
    execute(world.privacy, "r1")
    told = []
    for _ in range(24):
        seen = waiting(world.privacy)
        taken = {one.request_id for one in tick(world.privacy)}
        world.later(timedelta(minutes=2))
        world.work_off()
        told.append((seen, taken))
        world.later(timedelta(minutes=58))

    assert [seen for seen, _ in told] == [{"r1"}] * 24
    assert [taken for _, taken in told[1:]] == [{"r1"}] * 23


def test_an_approval_holds_for_the_rules_of_that_day(world, monkeypatch):
    approved(world, "r1", ["k1"])
    monkeypatch.setattr("stageline.domain.erasure.POLICY_VERSION", "another")

    with pytest.raises(Exception, match="changed"):
        execute(world.privacy, "r1")

    assert not is_erased(world, "k1")
