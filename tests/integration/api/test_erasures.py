"""Erasures over the API: asked for, looked at, approved, carried out; and what is refused."""

from datetime import timedelta
from typing import Any

import pytest

from stageline import bootstrap
from stageline.domain.certificate import fingerprint
from stageline.use_cases import erasure_requests, erasure_steps
from tests.api_client import ApiClient
from tools.certificates import verify

REQUESTS, RELEASES = "/v1/privacy/requests", "/v1/privacy/releases"
WANTED = {"way": "erase", "ground": "consent_withdrawn", "reason": "Jane asked in her letter"}
NOBODY = "0" * 32


@pytest.fixture
def officer(deployed):
    return deployed.caller("privacy_officer")


@pytest.fixture
def jane(client):
    """A contact with an e-mail address, at an account that names her in a deal."""
    account = client.post("/v1/accounts", {"name": "Glassworks"})["id"]
    person = {
        "first_name": "Jane",
        "last_name": "Doe",
        "email": "jane@glass.example",
        "phone": "+12025550143",
        "accounts": [{"account_id": account, "roles": ["champion"]}],
    }
    contact = client.post("/v1/contacts", person)["id"]
    deal = client.post("/v1/deals", {"name": "Jane Doe renewal", "account_id": account})["id"]
    return {"account": account, "contact": contact, "deal": deal}


@pytest.fixture
def previewed(deployed, client):
    """Return what asks for something and gives it back with its preview."""

    def ask(*contact_ids, by=client, **more):
        asked = by.post(REQUESTS, WANTED | {"contact_ids": contact_ids} | more)
        deployed.work_off_erasures()
        return client.get(f"{REQUESTS}/{asked['id']}")

    return ask


def approve(officer, request, candidates="all"):
    body = {"preview": request["preview"]["hash"], "candidates": candidates}
    return officer.post(f"{REQUESTS}/{request['id']}/approval", body)


def done(deployed, client, request):
    client.post(f"{REQUESTS}/{request['id']}/execution")
    deployed.work_off_erasures()
    return client.get(f"{REQUESTS}/{request['id']}")


def erased(deployed, client, officer, contact):
    asked = client.post(REQUESTS, WANTED | {"contact_ids": [contact]})
    deployed.work_off_erasures()
    request = client.get(f"{REQUESTS}/{asked['id']}")
    approve(officer, request)
    return done(deployed, client, request)


def refusal(reply):
    return reply.status, reply.body["code"]


def test_a_person_is_erased_as_the_officer_approved_and_it_is_certified(
    deployed, client, officer, jane, previewed
):
    reply = client.send("POST", REQUESTS, WANTED | {"contact_ids": [jane["contact"]]})
    path = f"{REQUESTS}/{reply.body['id']}"
    begun = client.get(path)
    deployed.work_off_erasures()
    request = client.get(path)
    (candidate,) = client.get(f"{path}/candidates")["items"]
    (subjects,) = client.get(f"{path}/subjects")["items"]
    before = client.send("GET", f"{path}/certificate")
    approved = approve(officer, request, [candidate["id"]])
    executed = client.send("POST", f"{path}/execution")
    deployed.work_off_erasures()
    ended = client.get(path)
    certificate = client.send("GET", f"{path}/certificate")
    numbered = client.send("GET", f"{path}/certificate", query={"number": 1})
    key = client.get("/v1/privacy/signing-key")

    assert (reply.status, reply.headers["Location"]) == (202, path)
    assert begun["progress"] == {"step": "select", "done": 0, "of": 1}
    assert (request["status"], request["progress"]) == ("previewed", None)
    assert (request["received_on"], request["due_on"]) == ("2026-03-02", "2026-04-02")
    counts = request["preview"]["counts"]
    assert (counts["contact"], counts["identifier of a contact"]) == (1, 2)
    assert (candidate["text"], candidate["ticked"]) == ("Jane Doe renewal", None)
    assert subjects == {
        "part": 1,
        "asked": [jane["contact"]],
        "contact_ids": [jane["contact"]],
        "shared": [],
        "skipped": [],
    }
    assert refusal(before) == (404, "not_found")
    assert (approved["status"], approved["approval"]["by"]) == ("approved", officer.subject)
    assert (executed.status, executed.body["status"]) == (202, "erasing")
    assert (ended["status"], ended["reason"], ended["overdue"]) == ("done", None, False)
    assert ended["certificate"] == {"number": 1, "state": "live_erased"}
    assert client.send("GET", f"/v1/contacts/{jane['contact']}").status == 404
    assert client.get(f"/v1/deals/{jane['deal']}")["name"] is None
    assert client.get(f"/v1/accounts/{jane['account']}")["name"] == "Glassworks"
    (told,) = client.get(f"{path}/candidates")["items"]
    assert (told["text"], told["ticked"]) == (None, True)
    assert numbered.raw == certificate.raw
    assert verify(certificate.raw.encode(), key["public_key"].encode()).key == key["fingerprint"]
    assert key["fingerprint"] == fingerprint(key["public_key"])
    assert client.send("GET", f"{path}/certificate", query={"number": 2}).status == 404
    assert "Jane" not in str([ended, certificate.body])


def test_a_person_is_anonymized_and_the_shell_stays(deployed, client, officer, jane, previewed):
    request = previewed(jane["contact"], way="anonymize")
    approve(officer, request, "none")
    ended = done(deployed, client, request)

    (shell,) = client.get(f"/v1/accounts/{jane['account']}/contacts")["items"]

    assert (ended["status"], ended["satisfies_article_17"]) == ("done", True)
    assert ended["approval"]["candidates"] == "none"
    assert shell["id"] != jane["contact"]
    assert (shell["last_name"], shell["email"]) == (None, None)
    assert client.get(f"/v1/deals/{jane['deal']}")["name"] == "Jane Doe renewal"


def test_chosen_fields_are_masked_and_stay_so_until_they_are_released(  # S2.39
    deployed, client, officer, jane, previewed
):
    path = f"/v1/contacts/{jane['contact']}"
    request = previewed(jane["contact"], way="mask_selected", fields=["phone"])
    approve(officer, request)
    ended = done(deployed, client, request)
    masked = client.get(path)
    any_revision = {"If-Match": "*"}
    refused = client.send("PATCH", path, {"phone": "+12025550199"}, headers=any_revision)
    release = {"kind": "contact", "record_id": jane["contact"], "fields": ["phone"]}
    released = [officer.post(RELEASES, release) for _ in range(2)]
    said = client.patch(path, {"phone": "+12025550199"})

    assert (ended["status"], ended["satisfies_article_17"]) == ("done", False)
    assert ended["fields"] == ["first_name", "last_name", "phone"]
    assert (masked["first_name"], masked["phone"]) == (None, None)
    assert masked["email"] == "jane@glass.example"
    assert refusal(refused) == (409, "pinned")
    assert released[0]["pinned"] == ["first_name", "last_name"]
    assert released[0] == released[1]
    assert said["phone"] == "+12025550199"


def test_a_selection_by_age_is_looked_at_and_approved_like_any_other(
    deployed, client, officer, jane, previewed
):
    deployed.clock.pass_by(timedelta(days=800))
    young = client.post("/v1/contacts", {"last_name": "Young"})["id"]

    selected = {"contact_ids": [], "selection": {"older_than": "P2Y"}}
    request = previewed(way="anonymize", **selected)
    reply = officer.send(
        "POST",
        f"{REQUESTS}/{request['id']}/approval",
        {"preview": request["preview"]["hash"], "candidates": "all"},
    )
    ended = done(deployed, client, request)

    assert reply.status == 200
    assert (request["preview"]["subjects"], request["contacts"]) == (1, 0)
    assert ended["status"] == "done"
    assert client.send("GET", f"/v1/contacts/{jane['contact']}").status == 404
    assert client.get(f"/v1/contacts/{young}")["last_name"] == "Young"


def test_the_latest_request_is_listed_first_and_pages_go_on(client, previewed):
    people = [client.post("/v1/contacts", {"last_name": f"No. {n}"})["id"] for n in range(3)]
    asked = [previewed(person)["id"] for person in people]

    first = client.get(REQUESTS, limit=2)
    rest = client.get(REQUESTS, limit=2, cursor=first["next_cursor"])

    assert [one["id"] for one in (*first["items"], *rest["items"])] == asked[::-1]
    assert rest["next_cursor"] is None


def test_subjects_and_candidates_are_paged_over_all_parts(client, jane, previewed, monkeypatch):
    for module in (erasure_requests, erasure_steps):
        monkeypatch.setattr(module, "SUBJECTS_OF_A_PART", 2)
    others = [client.post("/v1/contacts", {"last_name": f"No. {n}"})["id"] for n in range(2)]
    for n in range(2):
        deal = {"name": f"Doe, Jane {n}", "account_id": jane["account"]}
        client.post("/v1/deals", deal)
    request = previewed(*others, jane["contact"])
    path = f"{REQUESTS}/{request['id']}"

    def pages(what, limit):
        cursor, found = None, []
        while True:
            page = client.get(
                f"{path}/{what}", limit=limit, **({"cursor": cursor} if cursor else {})
            )
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    assert (request["parts"], request["preview"]["subjects"]) == (2, 3)
    subjects = pages("subjects", 1)
    assert [(one["part"], len(one["contact_ids"])) for one in subjects] == [(1, 2), (2, 1)]
    texts = sorted(one["text"] for one in pages("candidates", 2))
    assert texts == ["Doe, Jane 0", "Doe, Jane 1", "Jane Doe renewal"]


def test_who_asked_twice_with_a_key_has_asked_once_even_when_it_is_done(
    deployed, client, officer, jane
):
    sent = WANTED | {"contact_ids": [jane["contact"]]}
    first = client.post(REQUESTS, sent, Idempotency_Key="a")
    deployed.work_off_erasures()
    request = client.get(f"{REQUESTS}/{first['id']}")
    approve(officer, request)
    done(deployed, client, request)

    again = client.send("POST", REQUESTS, sent, headers={"Idempotency-Key": "a"})

    assert (again.status, again.body["id"], again.body["status"]) == (202, first["id"], "done")


# ---- what is refused, and how


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no ground": ({"ground": None}, "ground"),
    "another ground": ({"ground": "because"}, "ground"),
    "no reason": ({"reason": None}, "reason"),
    "a blank reason": ({"reason": "  "}, "reason"),
    "too much of a reason": ({"reason": "x" * 1001}, "reason"),
    "another way": ({"way": "delete"}, "way"),
    "due in the past": ({"due_on": "2026-03-01"}, "due_on"),
    "due after a month": ({"due_on": "2026-04-03"}, "due_on"),
    "received tomorrow": ({"received_on": "2026-03-03"}, "received_on"),
    "received in 9999": ({"received_on": "9999-12-31"}, "received_on"),
    "its month is over": ({"received_on": "2026-01-31"}, "received_on"),
    "nobody's id": ({"contact_ids": [NOBODY]}, "contact_ids"),
    "nobody": ({"contact_ids": []}, "contact_ids"),
    "contacts and a member": ({"member_id": "m"}, "contact_ids"),
    "fields to be erased": ({"fields": ["phone"]}, "fields"),
    "no field of a contact": ({"way": "mask_selected", "fields": ["shoe"]}, "fields"),
    "no selection": ({"contact_ids": [], "selection": {}}, "selection"),
    "too old": ({"contact_ids": [], "selection": {"older_than": "P101Y"}}, "selection.older_than"),
}


def test_what_is_wrong_in_a_request_is_named_and_nothing_quoted(client, jane, subtests):
    for what, (change, field) in WRONG.items():
        with subtests.test(what):
            sent = WANTED | {"contact_ids": [jane["contact"]]} | change
            sent = {name: value for name, value in sent.items() if value is not None}

            reply = client.send("POST", REQUESTS, sent)

            assert (reply.status, reply.body["field"]) == (422, field)
            assert "Jane" not in str(reply.body)
    assert client.get(REQUESTS)["items"] == []


def test_a_second_request_about_a_person_names_the_first_until_that_is_cancelled(
    deployed, client, jane, previewed
):
    first = client.post(REQUESTS, WANTED | {"contact_ids": [jane["contact"]]})
    at_once = client.send("POST", REQUESTS, WANTED | {"contact_ids": [jane["contact"]]})
    deployed.work_off_erasures()
    later = client.send("POST", REQUESTS, WANTED | {"contact_ids": [jane["contact"]]})
    cancelled = [client.send("DELETE", f"{REQUESTS}/{first['id']}") for _ in range(2)]
    second = previewed(jane["contact"])

    for reply in (at_once, later):
        assert refusal(reply) == (409, "request_open")
        assert reply.body["erasure_id"] == first["id"]
    assert [reply.status for reply in cancelled] == [200, 200]
    assert cancelled[0].body["status"] == "cancelled"
    assert cancelled[0].body["reason"] is None
    assert second["preview"]["subjects"] == 1


def test_a_request_that_is_cancelled_while_it_is_looked_at_lets_go_of_everybody(
    deployed, client, jane, previewed, monkeypatch
):
    first = client.post(REQUESTS, WANTED | {"contact_ids": [jane["contact"]]})
    erasures = bootstrap.erasures(deployed.workspace)
    claim = erasures.claim

    def cancelled_just_before(*asked):
        monkeypatch.undo()
        client.send("DELETE", f"{REQUESTS}/{first['id']}")
        return claim(*asked)

    monkeypatch.setattr(erasures, "claim", cancelled_just_before)
    deployed.work_off_erasures()

    assert client.get(f"{REQUESTS}/{first['id']}")["status"] == "cancelled"
    assert previewed(jane["contact"])["preview"]["subjects"] == 1


def test_nothing_is_done_without_an_approval_of_exactly_what_is_shown(
    deployed, client, officer, jane, previewed
):
    request = previewed(jane["contact"])
    path = f"{REQUESTS}/{request['id']}"
    approval = {"preview": request["preview"]["hash"], "candidates": "all"}

    not_yet = client.send("POST", f"{path}/execution")
    by_admin = client.send("POST", f"{path}/approval", approval)
    other = officer.send("POST", f"{path}/approval", approval | {"preview": "0" * 64})
    unknown = officer.send(
        "POST", f"{path}/approval", approval | {"candidates": [f"deal.{NOBODY}.name"]}
    )
    approve(officer, request)
    again = [client.post(f"{path}/preview") for _ in range(2)]
    deployed.work_off_erasures()
    no_more = client.send("POST", f"{path}/execution")

    assert refusal(not_yet) == (409, "not_approved")
    assert refusal(by_admin) == (403, "role_may_not")
    assert refusal(other) == (409, "preview_changed")
    assert (unknown.status, unknown.body["field"]) == (422, "candidates")
    assert (again[0]["status"], again[0]["approval"]) == ("previewing", None)
    assert again[1] == again[0]
    assert refusal(no_more) == (409, "not_approved")


@pytest.mark.parametrize("change", ["a new mention", "a new record of the same person"])
def test_what_changed_since_the_preview_is_shown_first(
    deployed, client, officer, jane, previewed, change
):
    request = previewed(jane["contact"])
    approve(officer, request)
    if change == "a new mention":
        client.post("/v1/deals", {"name": "For Jane Doe", "account_id": jane["account"]})
    else:
        person = {"first_name": "Jane", "last_name": "Doe", "email": "jane@glass.example"}
        client.post("/v1/contacts", person)
    path = f"{REQUESTS}/{request['id']}"

    refused = client.send("POST", f"{path}/execution")
    shown = client.get(path)
    approve(officer, shown)
    ended = done(deployed, client, shown)

    assert refusal(refused) == (409, "preview_changed")
    assert (shown["status"], shown["approval"]) == ("previewed", None)
    assert shown["preview"]["hash"] != request["preview"]["hash"]
    assert ended["certificate"]["state"] == "live_erased"


def test_more_of_the_same_kind_is_taken_along_and_counted(
    deployed, client, officer, jane, previewed
):
    request = previewed(jane["contact"])
    approve(officer, request)
    call = {"kind": "call", "occurred_at": "2026-01-05T10:00:00Z", "text": "About glass"}
    client.post("/v1/activities", call | {"contact_ids": [jane["contact"]]})

    ended = done(deployed, client, request)

    assert ended["certificate"]["state"] == "live_erased"
    assert "activity" not in request["preview"]["counts"]
    assert ended["preview"]["counts"]["activity"] == 1


def test_who_asked_for_several_does_not_approve_it(deployed, client, officer, jane, previewed):
    other = client.post("/v1/contacts", {"last_name": "Other"})["id"]
    bulk = previewed(jane["contact"], other, by=officer)
    approval = {"preview": bulk["preview"]["hash"], "candidates": "all"}

    refused = officer.send("POST", f"{REQUESTS}/{bulk['id']}/approval", approval)
    client.send("DELETE", f"{REQUESTS}/{bulk['id']}")
    single = previewed(jane["contact"], by=officer)

    assert refusal(refused) == (403, "own_request")
    assert approve(officer, single)["status"] == "approved"


def test_an_api_client_approves_and_releases_nothing(deployed, client, jane, previewed):
    request = previewed(jane["contact"])
    sent = {"name": "Robot", "role": "privacy_officer", "scopes": ["privacy:write"]}
    made = client.post("/v1/clients", sent | {"expires_at": "2099-01-01T00:00:00Z"})
    robot = ApiClient(made["id"], deployed.workspace.id)
    approval = {"preview": request["preview"]["hash"], "candidates": "all"}
    release = {"kind": "deal", "record_id": jane["deal"], "fields": ["name"]}

    assert robot.get(f"{REQUESTS}/{request['id']}")["id"] == request["id"]
    for path, body in ((f"{REQUESTS}/{request['id']}/approval", approval), (RELEASES, release)):
        assert refusal(robot.send("POST", path, body)) == (403, "person_needed")
    (candidate,) = robot.get(f"{REQUESTS}/{request['id']}/candidates")["items"]
    assert candidate["text"] is None


@pytest.mark.parametrize("role", ["viewer", "seller", "manager"])
def test_only_admins_and_officers_see_or_ask(deployed, jane, previewed, role):
    request = previewed(jane["contact"])
    caller, path = deployed.caller(role), f"{REQUESTS}/{request['id']}"

    for method, address, body in (
        ("POST", REQUESTS, WANTED | {"contact_ids": [jane["contact"]]}),
        ("GET", REQUESTS, None),
        ("GET", path, None),
        ("GET", f"{path}/subjects", None),
        ("GET", f"{path}/candidates", None),
        ("GET", f"{path}/certificate", None),
        ("POST", f"{path}/preview", None),
        ("POST", f"{path}/extension", {}),
        ("POST", f"{path}/execution", None),
        ("DELETE", path, None),
        ("GET", "/v1/privacy/signing-key", None),
    ):
        assert refusal(caller.send(method, address, body)) == (403, "role_may_not"), address


def test_another_workspace_sees_nothing_of_it(other, jane, previewed):
    path = f"{REQUESTS}/{previewed(jane['contact'])['id']}"
    officer = other.caller("privacy_officer")

    assert officer.get(REQUESTS)["items"] == []
    for what in ("", "/subjects", "/candidates", "/certificate"):
        assert officer.send("GET", f"{path}{what}").status == 404
    for what in ("/preview", "/execution"):
        assert officer.send("POST", f"{path}{what}").status == 404
    assert officer.send("DELETE", path).status == 404


def test_a_request_is_extended_once_and_overdue_after_that(deployed, client, jane, previewed):
    path = f"{REQUESTS}/{previewed(jane['contact'], received_on='2026-02-28')['id']}"
    deployed.clock.pass_by(timedelta(days=27))
    late = client.get(path)
    extended = client.post(f"{path}/extension", {"reason": "many files"})
    again = client.send("POST", f"{path}/extension", {})
    deployed.clock.pass_by(timedelta(days=61))

    assert (late["due_on"], late["overdue"]) == ("2026-03-28", True)
    assert (extended["due_on"], extended["overdue"]) == ("2026-05-28", False)
    assert (extended["extended"], extended["extended_because"]) == (True, "many files")
    assert refusal(again) == (409, "already_extended")
    assert client.get(path)["overdue"] is True


def test_nobody_is_left_to_be_erased(deployed, client, officer, previewed):
    request = previewed(contact_ids=[], selection={"through": "2020-01-01T00:00:00Z"})

    reply = officer.send(
        "POST",
        f"{REQUESTS}/{request['id']}/approval",
        {"preview": request["preview"]["hash"], "candidates": "all"},
    )

    assert (reply.status, reply.body["errors"][0]["code"]) == (422, "empty")


@pytest.mark.parametrize("module", ["account", "deal", "activity", "task"])
def test_a_pin_is_released_on_every_kind_of_record(deployed, client, officer, jane, module):
    about = {"account_id": jane["account"]}
    sent = {"kind": "call", "occurred_at": "2026-01-05T10:00:00Z", "text": "Jane Doe called"}
    activity = client.post("/v1/activities", sent | about)["id"]
    task = {"title": "Call Jane Doe", "due_on": "2026-04-01"} | about
    ids = jane | {"activity": activity, "task": client.post("/v1/tasks", task)["id"]}
    client.patch(f"/v1/accounts/{jane['account']}", {"name": "Jane Doe Ltd"})
    request = erased(deployed, client, officer, jane["contact"])
    name = {"activity": "text", "task": "title"}.get(module, "name")
    path = f"/v1/{'activities' if module == 'activity' else f'{module}s'}/{ids[module]}"
    release = {"kind": module, "record_id": ids[module], "fields": [name]}

    unreleased = client.send("PATCH", path, {name: "Else"}, headers={"If-Match": "*"})
    released = officer.post(RELEASES, release)
    said = client.patch(path, {name: "Else"})

    assert request["status"] == "done"
    assert refusal(unreleased) == (409, "pinned")
    assert released["pinned"] == []
    assert said[name] == "Else"


def test_only_texts_of_records_that_are_there_are_released(client, officer, jane):
    release = {"kind": "deal", "record_id": jane["deal"], "fields": ["name"]}

    unknown = officer.send("POST", RELEASES, release | {"record_id": NOBODY})
    no_text = officer.send("POST", RELEASES, release | {"fields": ["status"]})

    assert unknown.status == 404
    assert (no_text.status, no_text.body["field"]) == (422, "fields")
    assert refusal(client.send("POST", RELEASES, release)) == (403, "role_may_not")
