"""`stageline privacy request` and what follows: what it asks, shows and ends with."""

from io import StringIO
from typing import Any

import pytest

ID, CONTACT, DEAL, HASH = "a" * 32, "c" * 32, "d" * 32, "f" * 64
REQUESTS = "/v1/privacy/requests"
ONE = f"{REQUESTS}/{ID}"
CANDIDATE = f"deal.{DEAL}.name"
WANTED = ("--way", "erase", "--ground", "objection", "--reason", "asked by letter")


def erasure(status="previewed", **more):
    return {
        "id": ID,
        "way": "erase",
        "satisfies_article_17": True,
        "ground": "objection",
        "reason": "asked by letter",
        "fields": [],
        "selection": None,
        "member_id": None,
        "requested_at": "2026-03-02T12:00:00.001Z",
        "due_on": "2026-04-02",
        "extended": False,
        "overdue": False,
        "status": status,
        "progress": None,
        "preview": {
            "hash": HASH,
            "subjects": 1,
            "identifiers": 2,
            "shared": 0,
            "candidates": 1,
            "skipped": 0,
            "counts": {"contact": 1, "activity": 12},
        },
        "approval": None,
        "certificate": None,
        "erased_at": None,
        "unreachable": {},
        **more,
    }


BEGUN = erasure("previewing", preview=None, progress={"step": "look", "done": 0, "of": 1})
DONE = erasure(
    "done",
    certificate={"number": 1, "state": "live_erased"},
    erased_at="2026-03-02T12:00:01Z",
)


@pytest.fixture
def answers(fake, stack):
    """Return what has the fake answer with these requests, one look after the other."""
    candidate = {
        "id": CANDIDATE,
        "kind": "deal",
        "record_id": DEAL,
        "field": "name",
        "text": "Jane Doe renewal",
        "ticked": None,
    }
    page = {"items": [candidate], "next_cursor": None}
    fake.routes[f"GET {ONE}/candidates"] = lambda asked: (200, page)

    def answer(*looks, **actions: Any):
        left = list(looks)
        fake.routes[f"GET {ONE}"] = lambda asked: (200, left.pop(0))
        for name, reply in actions.items():
            path = REQUESTS if name == "request" else f"{ONE}/{name}"
            fake.routes[f"POST {path}"] = lambda asked, reply=reply: reply

    return answer


def test_a_request_is_followed_to_its_preview_with_the_texts_to_decide_about(
    stageline, fake, answers
):
    answers(BEGUN, erasure(), request=(202, BEGUN))

    ran = stageline("privacy", "request", CONTACT, *WANTED, "--due-on", "2026-03-20")

    assert (ran.code, ran.err) == (0, "")
    assert fake.asked[0].json == {
        "way": "erase",
        "ground": "objection",
        "reason": "asked by letter",
        "contact_ids": [CONTACT],
        "due_on": "2026-03-20",
    }
    assert fake.asked[0].headers["idempotency-key"]
    lines = [line.split() for line in ran.out.splitlines()]
    assert lines[0] == ["request", f"{ID}:", "previewed"]
    assert ["contact", "1"] in lines and ["activity", "12"] in lines
    assert ["Jane", "Doe", "renewal", "name", CANDIDATE] in lines


def test_a_selection_or_chosen_fields_are_asked_for(stageline, fake, answers):
    answers(erasure(), erasure(), request=(202, BEGUN))

    stageline("privacy", "request", *WANTED, "--older-than", "P3Y")
    stageline("privacy", "request", CONTACT, *WANTED, "--field", "phone", "--field", "tags")

    first, second = (asked.json for asked in fake.asked if asked.method == "POST")
    assert first["selection"] == {"older_than": "P3Y"} and "contact_ids" not in first
    assert second["fields"] == ["phone", "tags"]


def test_a_person_whose_erasure_is_open_is_told_with_its_id(stageline, answers):
    answers(request=(409, {"code": "request_open", "detail": "another is open", "erasure_id": ID}))

    ran = stageline("privacy", "request", CONTACT, *WANTED)

    assert (ran.code, ran.err) == (1, f"stageline: another is open (409 request_open): {ID}\n")


@pytest.mark.parametrize(
    ("said", "sent"),
    [("all", "all"), ("none", "none"), (f"{CANDIDATE},{CANDIDATE}2", [CANDIDATE, CANDIDATE + "2"])],
)
def test_what_was_shown_is_what_is_approved(stageline, fake, answers, said, sent):
    answers(erasure(), approval=(200, erasure("approved")))

    ran = stageline("privacy", "approve", ID, "--candidates", said, "--yes")

    assert fake.asked[-1].json == {"preview": HASH, "candidates": sent}
    assert (ran.code, "Jane Doe renewal" in ran.out) == (0, True)
    assert ran.out.splitlines()[-1].startswith("approved")


@pytest.mark.parametrize(("typed", "code", "asks"), [("y\n", 0, 1), ("n\n", 1, 0), ("", 1, 0)])
def test_nothing_is_approved_that_is_not_confirmed(
    stageline, fake, answers, monkeypatch, typed, code, asks
):
    monkeypatch.setattr("sys.stdin", StringIO(typed))
    answers(erasure(), approval=(200, erasure("approved")))

    ran = stageline("privacy", "approve", ID, "--candidates", "all")

    assert ran.code == code
    assert sum(asked.method == "POST" for asked in fake.asked) == asks


def test_which_texts_go_is_said(stageline, fake, answers):
    answers(erasure())

    ran = stageline("privacy", "approve", ID, "--yes")

    assert ran.code == 1 and "--candidates all, none or ids" in ran.err


def test_what_has_no_preview_yet_is_not_approved(stageline, fake, answers):
    answers(BEGUN)

    ran = stageline("privacy", "approve", ID, "--yes")

    assert (ran.code, len(fake.asked)) == (1, 1)
    assert "has no preview" in ran.err


def test_an_execution_is_followed_to_its_certificate(stageline, answers):
    erasing = erasure("erasing", progress={"step": "erase", "done": 0, "of": 1})
    answers(erasing, DONE, execution=(202, erasing))

    ran = stageline("privacy", "execute", ID)

    assert (ran.code, ran.out) == (0, "done: live_erased, certificate 1\n")


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        pytest.param(erasure("previewed"), "has changed", id="changed meanwhile"),
        pytest.param(
            erasure(
                "done",
                certificate={"number": 1, "state": "partial"},
                unreachable={"Bucket": "2026-03-02T12:00:00Z"},
            ),
            "done: partial, certificate 1; no answer from Bucket; it is tried again every hour",
            id="a store did not answer",
        ),
    ],
)
def test_what_is_not_all_done_ends_with_1(stageline, answers, ended, told):
    answers(ended, execution=(202, erasure("checking")))

    ran = stageline("privacy", "execute", ID)

    assert (ran.code, ran.out.count("\n")) == (1, 1)
    assert told in ran.out


def test_a_refused_execution_is_told_in_one_line(stageline, answers):
    answers(execution=(409, {"code": "not_approved", "detail": "nobody has approved it"}))

    ran = stageline("privacy", "execute", ID)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "stageline: nobody has approved it (409 not_approved)\n"


def test_requests_are_listed_with_what_is_late(stageline, fake, stack):
    late = erasure("approved", overdue=True)
    fake.routes[f"GET {REQUESTS}"] = lambda asked: (
        200,
        {"items": [DONE, late, BEGUN], "next_cursor": None},
    )

    ran = stageline("privacy", "requests")

    _, *lines = (line.split() for line in ran.out.splitlines())
    at = ["2026-03-02T12:00", ID]
    assert lines == [
        ["done", "erase", "1", "2026-04-02", "live_erased", *at],
        ["approved", "erase", "1", "2026-04-02", "overdue", *at],
        ["previewing", "erase", "2026-04-02", *at],
    ]


def test_a_request_is_cancelled_or_extended(stageline, fake, answers):
    answers(extension=(200, erasure(due_on="2026-06-02")))
    fake.routes[f"DELETE {ONE}"] = lambda asked: (200, erasure("cancelled"))

    extended = stageline("privacy", "extend", ID, "--reason", "many files")
    cancelled = stageline("privacy", "cancel", ID)

    assert fake.asked[0].json == {"reason": "many files"}
    assert "due on 2026-06-02" in extended.out
    assert (cancelled.code, "cancelled" in cancelled.out) == (0, True)


def test_a_certificate_comes_byte_by_byte(stageline, fake, stack, tmp_path):
    content = b'{\n  "certificate": {}\n}\n'
    fake.routes[f"GET {ONE}/certificate"] = lambda asked: (200, content)
    file = tmp_path / "certificate.json"

    printed = stageline("privacy", "certificate", ID)
    written = stageline("privacy", "certificate", ID, "--output", file, "--number", 2)
    refused = stageline("privacy", "certificate", ID, "--output", tmp_path / "no" / "file")

    assert printed.out.encode() == content
    assert (written.code, file.read_bytes()) == (0, content)
    assert fake.asked[1].query == {"number": ["2"]}
    assert (refused.code, refused.err.count("\n")) == (1, 1)


def test_the_key_is_printed_as_a_file_can_have_it(stageline, fake, stack):
    key = {"public_key": "-----BEGIN PUBLIC KEY-----\n", "fingerprint": "0f"}
    fake.routes["GET /v1/privacy/signing-key"] = lambda asked: (200, key)

    ran = stageline("privacy", "key")

    assert (ran.out, ran.err) == (key["public_key"], "fingerprint 0f\n")


def test_pins_are_released(stageline, fake, stack):
    answer = {"kind": "deal", "record_id": DEAL, "pinned": ["tags"], "rev": 3}
    fake.routes["POST /v1/privacy/releases"] = lambda asked: (200, answer)

    ran = stageline("privacy", "release", "deal", DEAL, "name")

    assert fake.asked[0].json == {"kind": "deal", "record_id": DEAL, "fields": ["name"]}
    assert (ran.code, ran.out) == (0, "still pinned: tags\n")


@pytest.mark.parametrize("command", ["request", "show", "approve", "execute", "requests"])
def test_with_json_there_is_nothing_else_on_standard_output(stageline, fake, answers, command):
    settled = DONE if command == "execute" else erasure()
    answers(
        settled,
        request=(202, BEGUN),
        approval=(200, erasure("approved")),
        execution=(202, erasure("erasing")),
    )
    fake.routes[f"GET {REQUESTS}"] = lambda asked: (200, {"items": [], "next_cursor": None})
    arguments: dict[str, tuple[str, ...]] = {
        "request": (CONTACT, *WANTED),
        "approve": (ID, "--yes", "--candidates", "none"),
        "requests": (),
    }

    assert stageline("privacy", command, *arguments.get(command, (ID,)), "--json").json
