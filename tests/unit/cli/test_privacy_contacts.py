"""`stageline privacy contacts` and `privacy touch`: what they ask, print and end with."""

A, B = "a" * 32, "b" * 32
VIEW, TOUCHES = "GET /v1/privacy/contacts", "POST /v1/privacy/touches"


def contact(contact_id, **more):
    return {
        "id": contact_id,
        "first_name": "Jane",
        "last_name": "Doe",
        "email": None,
        "owner_email": "rep@example.com",
        "gdpr_date": "2024-01-31T12:00:00Z",
        "age_days": 761,
        "stages": [{"account_id": A, "name": "Glass", "stage": "client", "display": "Client"}],
        **more,
    }


def test_contacts_are_listed_with_their_age_over_all_pages(stageline, fake, stack):
    nameless = {"first_name": None, "last_name": None, "email": "b@example.com", "stages": None}
    pages = [
        {"items": [contact(A)], "next_cursor": "c"},
        {"items": [contact(B, **nameless)], "next_cursor": "d"},
    ]
    fake.routes[VIEW] = lambda asked: (200, pages.pop(0))

    ran = stageline("privacy", "contacts", "--older-than", "P2Y", "--limit", 2)

    _, jane, other = ran.out.splitlines()
    assert " ".join(jane.split()) == f"Jane Doe 761 2024-01-31 rep@example.com Glass: Client {A}"
    assert other.split() == ["b@example.com", "761", "2024-01-31", "rep@example.com", B]
    assert [asked.query for asked in fake.asked] == [
        {"limit": ["2"], "older_than": ["P2Y"]},
        {"limit": ["1"], "older_than": ["P2Y"], "cursor": ["c"]},
    ]
    assert (ran.code, ran.err.strip()) == (0, "more: --cursor d")


def test_a_touch_says_who_was_not_touched_and_ends_with_1(stageline, fake, stack):
    def answer(asked):
        outcomes = {A: "touched", B: "erasure_open"}
        ids = asked.json["contact_ids"]
        return 200, {"items": [{"contact_id": one, "outcome": outcomes[one]} for one in ids]}

    fake.routes[TOUCHES] = answer

    fine = stageline("privacy", "touch", A, A, "--reason", "asked", "--json")
    partly = stageline("privacy", "touch", A, B, "--reason", "asked")

    assert (fine.code, fine.json) == (0, [{"contact_id": A, "outcome": "touched"}])
    assert fake.asked[0].json == {"contact_ids": [A], "reason": "asked"}
    assert (partly.code, partly.out.splitlines()[0]) == (1, "1 touched, 1 erasure open")
    assert partly.out.splitlines()[-1].split() == [B, "erasure", "open"]


def test_many_are_touched_in_calls_that_the_api_takes(stageline, fake, stack):
    fake.routes[TOUCHES] = lambda asked: (
        200,
        {"items": [{"contact_id": o, "outcome": "touched"} for o in asked.json["contact_ids"]]},
    )

    ran = stageline("privacy", "touch", *(f"{n:032x}" for n in range(1001)), "--reason", "asked")

    assert [len(asked.json["contact_ids"]) for asked in fake.asked] == [1000, 1]
    assert ran.out == "1001 touched\n"


def test_a_touch_needs_a_reason(stageline, fake, stack):
    assert stageline("privacy", "touch", A).code == 2
    assert fake.asked == []
