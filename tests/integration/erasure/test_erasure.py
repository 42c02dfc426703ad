"""From the request to the certificate: what is erased, what stays, and what is refused."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from stageline.domain.activity import About, Happening, new_activity
from stageline.domain.contact import Person
from stageline.domain.erasure import Selection
from stageline.domain.erasure_errors import (
    NotApproved,
    OwnRequest,
    PreviewChanged,
    RequestOpen,
    RequestState,
    StoreUnreachable,
)
from stageline.domain.errors import Erased, Invalid, Suppressed
from stageline.domain.journal import JournalEntry
from stageline.domain.pins import Pin
from stageline.domain.sync import Refused
from stageline.use_cases.erasing import carry_out, remaining
from stageline.use_cases.erasure_requests import Asked, approve, cancel, execute, request_erasure
from stageline.use_cases.erasure_steps import tick
from stageline.use_cases.loading import settle
from tests.integration.erasure.people import COLLEAGUE, JANE, NAMESAKE, TRACES, World
from tests.integration.records.stores import NOW, SOURCE, STAMP, WORKSPACE

REFUSED = Refused(
    record_id="k1",
    records="contacts",
    external_id="crm-k1",
    field="email",
    code="invalid_email",
    message="is no address",
    seen_at=NOW,
)


@pytest.fixture
def world() -> World:
    made = World()
    made.populate()
    return made


def certificate(world: World, number: int = 1):
    text = world.certificates.read(world.privacy.workspace, "r1", number)
    return json.loads(text)["certificate"]


def test_the_preview_shows_every_record_of_the_person_and_what_seems_to_name_them(world):
    request = world.ask()

    part = world.erasures.part("r1", 1)
    assert part.contact_ids == ("k1", "k2")
    assert {one.candidate_id for one in part.candidates} == {
        "deal.d1.name",
        "activity.of-bob.subject",
        "activity.with-bob.subject",
    }
    assert request.status == "previewed"
    assert request.preview.counts == {
        "contact": 2,
        "activity": 1,
        "activity of a contact that lies elsewhere": 2,
        "task": 1,
        "task of a contact that lies elsewhere": 1,
        "link of a contact to an account or a deal": 3,
        "identifier of a contact": 3,
        "value of a unique field": 1,
    }


def test_what_several_people_share_is_shown_and_not_kept_out(world):
    world.add(
        "k4",
        Person(last_name="Doequist", first_name="Jane", email="info@example.com", phone=JANE.phone),
    )

    request = world.ask()

    assert world.erasures.part("r1", 1).contact_ids == ("k1", "k2", "k4")
    assert request.preview.shared == 1
    world.approve()
    world.execute()
    world.add("bobs-successor", Person(last_name="New", email="info@example.com"))


def test_nothing_is_left_of_the_person_and_everything_of_everybody_else(world):
    world.ask()
    world.approve()
    before = {one: world.stores.contacts.get(one) for one in ("namesake", "bob")}

    request = world.execute()

    assert request.status == "done" and request.certificate_state == "live_erased"
    assert request.reason is None
    # Bob's own task was no candidate that was found: "Janie" is not her name.
    assert world.traces("namesake", "task-of-bob") == set()
    assert {one: world.stores.contacts.get(one) for one in before} == before
    assert world.files.files == {}
    with pytest.raises(Erased):
        world.stores.contacts.get("k1")


def test_rows_of_the_person_that_a_crm_s_integration_could_not_store_are_forgotten(world):
    hers = world.stores.customs.identities.record(SOURCE.integration, "contact", "crm-k2")
    of_others = replace(REFUSED, record_id="bob"), replace(REFUSED, records="deals")
    world.refused.save([REFUSED, replace(REFUSED, record_id=hers), *of_others])
    world.ask()
    world.approve()

    world.execute()

    assert [one for _, one in world.refused.latest(10, None)] == list(of_others)


def test_what_was_done_stays_as_a_fact(world):
    """Touches of accounts, and so whatever depends on them, are the same."""
    before = [world.stores.touches.ends("a1", two_way=way) for way in (True, False)]
    world.ask()
    world.approve()

    world.execute()

    assert [world.stores.touches.ends("a1", two_way=way) for way in (True, False)] == before
    kept = world.stores.activities.find_many(["call", "with-bob", "of-lead"])
    assert kept["call"].about.contact_ids == () and kept["call"].happening.subject is None
    assert kept["with-bob"].about.contact_ids == ("bob",)
    assert kept["with-bob"].happening.text == "Nothing in particular"
    assert kept["of-lead"].erased
    assert world.stores.deals.get("d1").terms.name == ""


def test_only_what_was_ticked_is_blanked(world):
    world.ask()
    world.approve(ticked=["deal.d1.name"])

    world.execute()

    assert world.stores.deals.get("d1").terms.name == ""
    kept = world.stores.activities.find_many(["of-bob"])["of-bob"]
    assert kept.happening.subject == "Talked to Jane Doequist"
    assert "mentions_that_were_not_ticked" in certificate(world)["residue"]


def test_an_account_that_bears_the_name_is_found_by_it_no_more(world):
    stores = world.stores
    account = stores.accounts.get("a1")
    profile = replace(account.profile, name="Jane Doequist Consulting")
    named = account.changed_to(
        profile, in_crm=True, today=world.today(), stamp=STAMP, source=SOURCE
    )
    stores.accounts.save(named)
    settle(world.pipeline, ["a1"], today=world.today(), now=NOW)
    assert "w#doe" in world.left()
    world.ask()
    world.approve()

    request = world.execute()

    assert request.certificate_state == "live_erased"
    assert world.traces("namesake", "task-of-bob") == set()
    found = {one["store"]: one for one in certificate(world)["stores"]}
    assert found["list row"]["expected"] == found["list row"]["removed"] == 1


@pytest.mark.parametrize("offered", [JANE, Person(last_name="X", email=JANE.email)])
def test_who_was_erased_is_refused_under_any_id(world, offered):
    world.ask()
    world.approve()
    world.execute()

    for id_ in ("k1", "k2", "somebody-new"):
        with pytest.raises(Suppressed):
            world.add(id_, Person(last_name=offered.last_name, email=offered.email))


def test_anonymous_contacts_keep_links_and_activities_for_statistics(world):
    world.ask("anonymize")
    world.approve()

    request = world.execute()

    assert request.certificate_state == "live_erased"
    assert world.traces("namesake", "task-of-bob") == set()
    of_account = {
        one.contact_id: one for _, one in world.stores.contacts.of_account("a1", None, 100)
    }
    (shell,) = (one for one in of_account.values() if one.is_anonymous)
    assert shell.accounts[0].roles == ("champion",) and shell.deals
    assert shell.person == Person() and shell.external_id is None and shell.source is None
    assert len(shell.contact_id) == 32 and shell.created_at == NOW.replace(day=1, hour=0)
    activities = [one for _, one in world.stores.activities.of_contact(shell.contact_id, None, 100)]
    assert {one.activity_id for one in activities} == {"call", "with-bob", "of-lead"}
    assert world.erasures.part("r1", 1).shells == {}
    assert shell.contact_id not in repr(list(world.erasures.parts("r1")))


def test_masking_blanks_the_name_and_what_was_chosen_and_says_that_it_is_less(world):
    """S2.39"""
    world.ask("mask_selected", fields=["phone", "custom.nickname"])
    world.approve()

    world.execute()

    masked = world.stores.contacts.get("k1")
    assert masked.person == Person(
        email=JANE.email, job_title=JANE.job_title, company_name=JANE.company_name, tags=JANE.tags
    )
    assert masked.pinned == ("custom.nickname", "first_name", "last_name", "phone")
    assert certificate(world)["satisfies_article_17"] is False
    assert world.stores.contacts.get("k2").person.last_name == "DOEQUIST, Jane"


def test_nothing_happens_without_an_approval(world):
    world.ask()

    with pytest.raises(NotApproved):
        execute(world.privacy, "r1")

    assert world.stores.contacts.get("k1").person == JANE


def test_many_are_not_approved_by_who_asked_for_them(world):
    request = world.ask(ids=("k1", "namesake"))

    with pytest.raises(OwnRequest):
        approve(world.privacy, "r1", request.preview.hash, None, by="an-admin")


def test_an_approval_is_of_the_preview_that_was_shown(world):
    world.ask()

    with pytest.raises(PreviewChanged):
        approve(world.privacy, "r1", "another", None, by="the-officer")
    with pytest.raises(Invalid):
        world.approve(ticked=["deal.d2.name"])


@pytest.mark.parametrize("ids", [("k1",), ("k1", *(f"x{n}" for n in range(120)))])
def test_another_record_of_the_person_needs_another_approval(world, ids):
    for id_ in ids[1:]:
        world.add(id_, Person(last_name=id_))
    world.ask(ids=ids)
    world.approve()
    world.add("k3", Person(last_name="Doequist", first_name="Jane", phone=JANE.phone))

    if len(ids) == 1:
        with pytest.raises(PreviewChanged):
            execute(world.privacy, "r1")
    request = world.erasures.get("r1") if len(ids) == 1 else world.execute()

    assert request.status == "previewed" and request.approval is None
    assert world.stores.contacts.get("k1").person == JANE
    world.approve()
    assert world.execute().certificate_state == "live_erased"
    with pytest.raises(Erased):
        world.stores.contacts.get("k3")


def test_more_that_was_done_with_the_person_is_included_and_counted(world):
    world.ask()
    world.approve()
    late = Happening(kind="note", occurred_at=NOW, text="Likes jam")
    about = About("a2", None, ("k1",))
    world.stores.activities.add([new_activity("late", late, about, source=SOURCE, stamp=STAMP)])

    world.execute()

    found = {one["store"]: one for one in certificate(world)["stores"]}
    assert found["activity of a contact that lies elsewhere"]["expected"] == 3
    assert "likes jam" not in world.left()


def test_a_person_is_in_one_open_request_at_a_time(world):
    world.ask()
    asked = Asked(way="erase", ground="objection", reason="again", contact_ids=["k2"])

    with pytest.raises(RequestOpen):
        request_erasure(world.privacy, "r2", asked, by="an-admin")

    cancel(world.privacy, "r1")
    assert request_erasure(world.privacy, "r2", asked, by="an-admin").status == "previewing"
    assert world.erasures.get("r1").reason is None


def test_what_is_begun_cannot_be_cancelled(world):
    world.ask()
    world.approve()
    execute(world.privacy, "r1")

    with pytest.raises(RequestState):
        cancel(world.privacy, "r1")


def test_a_selection_takes_those_of_an_age_the_oldest_first(world):
    request = world.ask(ids=(), selection=Selection(NOW))

    assert request.preview.subjects == 4
    world.approve()
    assert world.execute().certificate_state == "live_erased"
    assert world.traces("task-of-bob") == set()
    assert str(COLLEAGUE.last_name).casefold() not in world.left()
    assert NAMESAKE.email not in world.left()


def test_files_of_an_import_under_way_are_waited_for(world):
    world.files.files["pages/acme/2/1"] = "2"
    world.open_imports.add("2")
    world.ask()
    world.approve()

    request = world.execute()

    assert request.certificate_state == "partial" and request.reason is not None
    world.open_imports.clear()
    world.later(timedelta(hours=1))
    assert [one.request_id for one in tick(world.privacy)] == ["r1"]
    world.work_off()
    assert world.erasures.get("r1").certificate_state == "live_erased"
    assert certificate(world, 2)["state"] == "live_erased"


def test_a_store_that_does_not_answer_keeps_the_certificate_partial(world):
    world.ask()
    world.approve()
    world.files.answers = False

    assert world.execute().certificate_state == "partial"
    for _ in range(30):
        world.later(timedelta(hours=1))
        list(tick(world.privacy))
        world.work_off()

    request = world.erasures.get("r1")
    assert request.certificate_state == "partial"
    (files,) = (
        one
        for one in certificate(world, request.certificates)["stores"]
        if one["store"] == "Bucket"
    )
    assert files["remaining"] is None and files["unreachable_since"].startswith(
        NOW.date().isoformat()
    )


def test_the_certificate_is_final_after_the_longest_horizon(world):
    world.ask()
    world.approve()
    world.execute()

    world.later(timedelta(hours=1))
    list(tick(world.privacy))
    world.work_off()
    world.later(timedelta(days=34, hours=23))
    assert list(tick(world.privacy)) == []
    world.later(timedelta(days=2))
    list(tick(world.privacy))
    world.work_off()

    assert world.erasures.get("r1").certificate_state == "final"
    assert world.erasures.get("r1").next_at is None


def test_two_workspaces_with_the_same_person_are_independent(world):
    other = World()
    other.populate()
    world.ask()
    world.approve()
    world.execute()

    assert other.stores.contacts.get("k1").person == JANE
    other.ask()


def test_journal_and_certificate_name_nobody(world):
    world.ask()
    world.approve()
    world.execute()

    texts = [entry.to_json() for entry in world.journal.entries()]
    texts.append(world.certificates.read(world.privacy.workspace, "r1", 1))
    told = " ".join(texts).casefold().replace('"jane', "")
    assert not any(trace in told for trace in (*TRACES, "crm-"))


def entry(**more) -> JournalEntry:
    said = {"request_id": "r0", "part": 1, "way": "erase", "approved_by": "x", "policy": "p"}
    return JournalEntry(workspace=WORKSPACE, approved_at=NOW, **said | more)  # type: ignore[arg-type]


def test_who_is_not_here_is_kept_out_all_the_same(world):
    """As after a restore of a table from before the person came."""
    said = entry(contact_ids=("k8",), identifiers=("1.email.0a",))

    carry_out(world.privacy.erasing, said, {})

    with pytest.raises(Erased):
        world.stores.contacts.get("k8")
    assert world.stores.contacts.suppressed(["1.email.0a", "1.email.0b"]) == {"1.email.0a"}
    assert not any(remaining(world.privacy.erasing, said, ()).values())


def test_what_is_left_or_missing_is_read_back(world):
    said = entry(contact_ids=("k1", "k8"), identifiers=("1.email.0a",))
    links = [("k1", "account", "a1"), ("k1", "deal", "d1"), ("k1", "account", "a2")]
    world.refused.save([REFUSED])

    left = remaining(world.privacy.erasing, said, links)

    assert left == {
        "contact": 2,
        "activity": 1,
        "activity of a contact that lies elsewhere": 2,
        "task": 1,
        "task of a contact that lies elsewhere": 1,
        "link of a contact to an account or a deal": 2,
        "identifier of a contact": 0,
        "suppressed identifier": 1,
        "list row": 0,
        "refused record of a CRM": 1,
    }


def test_nothing_is_erased_that_the_journal_does_not_have(world):
    world.ask()
    world.approve(ticked=["deal.d1.name"])
    execute(world.privacy, "r1")
    world.journal.write = unreachable
    with pytest.raises(StoreUnreachable):
        world.work_off()
    assert world.stores.contacts.get("k1").person == JANE
    del world.journal.write

    list(tick_later(world, timedelta(hours=1)))
    world.work_off()

    (kept,) = world.journal.entries()
    assert kept.contact_ids == ("k1", "k2") and len(kept.identifiers) == 2
    assert kept.pins == (Pin("deal", "d1", "name"),) and kept.approved_by == "the-officer"


def unreachable(_entry) -> None:
    raise StoreUnreachable


def tick_later(world: World, by: timedelta):
    world.later(by)
    return tick(world.privacy)


def test_a_shared_mailbox_is_kept_even_if_one_person_has_it(world):
    world.add("k5", Person(first_name="Ann", last_name="Only", email="sales@only.example"))

    request = world.ask(ids=("k5",))

    assert (request.preview.identifiers, request.preview.shared) == (0, 1)


def test_who_has_the_address_and_no_name_is_the_person(world):
    world.add("k5", Person(email=JANE.email))

    world.ask()

    assert world.erasures.part("r1", 1).contact_ids == ("k1", "k2", "k5")


def test_what_was_being_written_down_is_found_within_the_hour(world):
    world.ask()
    world.approve()
    world.execute()
    note = Happening(kind="note", occurred_at=NOW, text="About Jane Doequist")
    about = About("a1", None, ("k1",))
    world.stores.activities.add([new_activity("late", note, about, source=SOURCE, stamp=STAMP)])

    assert [one.request_id for one in tick_later(world, timedelta(minutes=30))] == ["r1"]
    world.work_off()

    assert world.traces("namesake", "task-of-bob") == set()
