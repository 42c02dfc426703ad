"""Activities and tasks over the API, and what an account shows of them (S3.1, S3.2, S3.9)."""

import pytest

UNKNOWN = "0" * 32


@pytest.fixture
def account(client):
    return client.post("/v1/accounts", {"name": "Glassworks"})["id"]


@pytest.fixture
def contact(client):
    return client.post("/v1/contacts", {"last_name": "Brandt"})["id"]


def call(account, day, **more):
    return (
        {"kind": "call", "occurred_at": f"2026-01-{day:02}T09:30:00+01:00"}
        | ({"account_id": account} if account else {})
        | more
    )


def made(client, *args, **more):
    return client.post("/v1/activities", call(*args, **more))["id"]


def ids(client, address, limit=2, **query):
    found, cursor = [], None
    while True:
        page = client.get(address, limit=limit, **query | ({"cursor": cursor} if cursor else {}))
        found += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_activities_are_listed_by_account_and_contact_the_newest_first(client, account, contact):
    first, third, second = (made(client, account, day, contact_ids=[contact]) for day in (1, 3, 2))
    alone = made(client, account, 4)
    lead = made(client, None, 5, contact_ids=[contact])

    shown = client.get(f"/v1/activities/{first}")

    assert shown["occurred_at"] == "2026-01-01T08:30:00Z"
    assert shown["contact_ids"] == [contact]
    assert ids(client, f"/v1/accounts/{account}/activities") == [alone, third, second, first]
    assert ids(client, f"/v1/contacts/{contact}/activities") == [lead, third, second, first]


def test_a_changed_activity_is_where_and_when_it_says(client, account, contact):
    other = client.post("/v1/accounts", {"name": "Other"})["id"]
    moved, stays = made(client, account, 1, contact_ids=[contact]), made(client, account, 2)
    path = f"/v1/activities/{moved}"

    missing = client.send("PATCH", path, {"two_way": True})
    changes = {"account_id": other, "occurred_at": "2026-01-09T00:00:00Z", "two_way": True}
    changed = client.send("PATCH", path, changes, headers={"If-Match": '"1"'})
    stale = client.send("PATCH", path, {"subject": "x"}, headers={"If-Match": '"1"'})

    assert (missing.status, changed.status, stale.status) == (428, 200, 412)
    assert (changed.body["account_id"], changed.body["two_way"]) == (other, True)
    assert ids(client, f"/v1/accounts/{account}/activities") == [stays]
    assert ids(client, f"/v1/accounts/{other}/activities") == [moved]
    assert ids(client, f"/v1/contacts/{contact}/activities") == [moved]
    assert client.patch(path, {"account_id": None})["account_id"] is None
    assert ids(client, f"/v1/contacts/{contact}/activities") == [moved]


def test_what_is_about_a_deal_is_about_its_account(client, account):
    deal = client.post("/v1/deals", {"name": "Panes", "account_id": account})["id"]

    activity = client.post("/v1/activities", call(None, 1, deal_id=deal))
    task = client.post("/v1/tasks", {"title": "Call", "due_on": "2026-04-01", "deal_id": deal})

    assert (activity["account_id"], task["account_id"]) == (account, account)


def test_first_and_last_touch_follow_the_activities(deployed, client, account):  # S3.9
    def touch():
        deployed.settle(account)
        return client.get(f"/v1/accounts/{account}")["touch"]

    assert touch() == {"first": None, "last": None, "last_two_way": None}
    meeting = client.post("/v1/activities", call(account, 5) | {"kind": "meeting"})["id"]
    made(client, account, 2)
    late = made(client, account, 8)
    client.post("/v1/activities", call(account, 9) | {"kind": "note"})

    assert touch() == {
        "first": "2026-01-02T08:30:00Z",
        "last": "2026-01-08T08:30:00Z",
        "last_two_way": "2026-01-05T08:30:00Z",
    }
    client.send("DELETE", f"/v1/activities/{meeting}")
    client.patch(f"/v1/activities/{late}", {"two_way": True})
    assert touch()["last_two_way"] == "2026-01-08T08:30:00Z"


def test_an_account_shows_the_first_of_each_and_where_the_rest_is(deployed, client, account):
    link = {"accounts": [{"account_id": account}]}
    contacts = sorted(client.post("/v1/contacts", {"last_name": "N"} | link)["id"] for _ in "ab")
    activities = [made(client, account, day) for day in range(27, 0, -1)]
    task = client.post("/v1/tasks", {"title": "T", "due_on": "2026-04-01", "account_id": account})

    view = client.get(f"/v1/accounts/{account}")

    assert [one["id"] for one in view["contacts"]["items"]] == contacts
    assert [one["id"] for one in view["activities"]["items"]] == activities[:25]
    assert view["tasks"] == {"items": [task], "next_cursor": None}
    rest = client.get(view["links"]["activities"], cursor=view["activities"]["next_cursor"])
    assert [one["id"] for one in rest["items"]] == activities[25:]


def test_deleted_activities_and_tasks_are_gone(client, account):
    activity = made(client, account, 1, subject="Secret")
    task = client.post("/v1/tasks", {"title": "T", "due_on": "2026-04-01", "account_id": account})
    for address in (f"/v1/activities/{activity}", f"/v1/tasks/{task['id']}"):
        assert client.send("DELETE", address).status == 204
        assert client.send("GET", address).status == 404
        assert client.send("DELETE", address).status == 404

    assert ids(client, f"/v1/accounts/{account}/activities") == []
    assert ids(client, f"/v1/accounts/{account}/tasks") == []
    assert client.get("/v1/tasks")["items"] == []


def test_open_tasks_come_by_due_day_and_owner(client, account, contact):
    def task(day, owner, **about):
        sent = {"title": "T", "due_on": f"2026-04-{day:02}"} | about
        return client.post("/v1/tasks", sent | ({"owner_email": owner} if owner else {}))["id"]

    late = task(9, "s@example.com", account_id=account)
    soon = task(1, "s@example.com", contact_id=contact)
    theirs = task(5, "t@example.com", account_id=account)
    nobodys = task(3, None, account_id=account)

    assert ids(client, "/v1/tasks") == [soon, nobodys, theirs, late]
    assert ids(client, "/v1/tasks", owner="S@example.com") == [soon, late]
    assert ids(client, "/v1/tasks", due_through="2026-04-05") == [soon, nobodys, theirs]
    assert ids(client, f"/v1/accounts/{account}/tasks") == [nobodys, theirs, late]

    done = client.patch(f"/v1/tasks/{nobodys}", {"done": True})
    again = client.patch(f"/v1/tasks/{nobodys}", {"done": True})
    assert done["done"] and done["done_at"]
    assert again == done
    assert ids(client, "/v1/tasks") == [soon, theirs, late]
    assert ids(client, f"/v1/accounts/{account}/tasks") == [theirs, late, nobodys]
    assert client.patch(f"/v1/tasks/{nobodys}", {"done": False})["done_at"] is None


def test_an_account_with_contacts_or_open_tasks_stays(client, account, contact):
    client.put(f"/v1/contacts/{contact}/accounts/{account}", {"roles": []})
    task = client.post("/v1/tasks", {"title": "T", "due_on": "2026-04-01", "account_id": account})
    activity = made(client, account, 1)

    refused = client.send("DELETE", f"/v1/accounts/{account}")
    client.send("DELETE", f"/v1/contacts/{contact}")
    client.patch(f"/v1/tasks/{task['id']}", {"done": True})
    deleted = client.send("DELETE", f"/v1/accounts/{account}")

    assert (refused.status, refused.body["code"]) == (409, "account_in_use")
    assert (refused.body["contacts"], refused.body["open_tasks"]) == (1, 1)
    assert deleted.status == 204
    # Its history stays with it, out of sight.
    assert client.send("GET", f"/v1/activities/{activity}").status == 404
    assert client.send("GET", f"/v1/tasks/{task['id']}").status == 404


def test_values_of_what_stays_with_a_deleted_account_are_taken_by_nobody_who_is_named(
    client, account
):
    field = {"module": "activity", "key": "code", "name": "Code", "type": "text", "unique": True}
    client.post("/v1/fields", field)
    made(client, account, 1, custom={"code": "A"})
    client.send("DELETE", f"/v1/accounts/{account}")
    other = client.post("/v1/accounts", {"name": "Other"})["id"]

    taken = client.send("POST", "/v1/activities", call(other, 1, custom={"code": "A"}))

    assert (taken.status, taken.body["field"]) == (409, "custom.code")
    assert "other_id" not in taken.body


def test_the_same_key_creates_once(client, account):
    for address, body in (
        ("/v1/activities", call(account, 1)),
        ("/v1/tasks", {"title": "T", "due_on": "2026-04-01", "account_id": account}),
    ):
        replies = [
            client.send("POST", address, sent, headers={"Idempotency-Key": "k"})
            for sent in (body, body, body | {"owner_email": "x@example.com"})
        ]

        assert [reply.status for reply in replies] == [201, 201, 422]
        assert replies[0].body == replies[1].body


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"account_id": None}, "account_id", "missing"),
        ({"account_id": UNKNOWN}, "account_id", "unknown"),
        ({"deal_id": UNKNOWN}, "deal_id", "unknown"),
        ({"contact_ids": [UNKNOWN]}, "contact_ids", "unknown"),
        ({"contact_ids": None}, "contact_ids", None),
        ({"kind": "fax"}, "kind", None),
        ({"kind": "note", "two_way": True}, "two_way", "not_of_a_note"),
        ({"occurred_at": "2099-01-01T00:00:00Z"}, "occurred_at", "in_the_future"),
        ({"occurred_at": "1700-01-01T00:00:00Z"}, "occurred_at", "out_of_range"),
        ({"occurred_at": "2026-01-01T00:00:00"}, "occurred_at", None),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at", None),
        ({"occurred_at": 5}, "occurred_at", None),
        ({"text": "x" * 10_001}, "text", None),
    ],
    ids=lambda value: str(value)[:60],
)
def test_field_of_an_activity_at_fault_is_named(client, account, body, field, code):
    reply = client.send("POST", "/v1/activities", call(account, 1) | body)

    assert (reply.status, reply.body["field"]) == (422, field)
    assert code in (None, reply.body["errors"][0]["code"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "account_id"),
        ({"contact_id": UNKNOWN}, "contact_id"),
        ({"account_id": UNKNOWN}, "account_id"),
        ({"title": " "}, "title"),
        ({"due_on": None}, "due_on"),
        ({"due_on": "2026-02-30"}, "due_on"),
    ],
    ids=str,
)
def test_field_of_a_task_at_fault_is_named(client, body, field):
    reply = client.send("POST", "/v1/tasks", {"title": "T", "due_on": "2026-04-01"} | body)

    assert (reply.status, reply.body["field"]) == (422, field)


def test_what_is_about_another_kind_of_record_is_not_found(client, account):
    activity = made(client, account, 1)
    task = client.post("/v1/tasks", {"title": "T", "due_on": "2026-04-01", "account_id": account})

    assert client.send("GET", f"/v1/tasks/{activity}").status == 404
    assert client.send("GET", f"/v1/activities/{task['id']}").status == 404
    assert client.send("GET", f"/v1/contacts/{account}").status == 404
