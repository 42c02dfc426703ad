"""Records with a text that was erased, over the API: shown as null, and not written again."""

from datetime import UTC, datetime
from typing import Any

import pytest

from stageline import bootstrap
from stageline.domain.stamp import Stamp

STAMP = Stamp("officer", "an-erasure", datetime(2026, 3, 2, 12, tzinfo=UTC))
CALL = {"kind": "call", "occurred_at": "2026-01-05T10:00:00Z"}


@pytest.fixture
def records(client):
    """An account with a deal, an activity and a task, all of which name Jane Doe."""
    region = {"module": "account", "key": "region", "name": "Region", "type": "text"}
    client.post("/v1/fields", region)
    client.post("/v1/fields", region | {"key": "size"})
    custom = {"region": "Doe's", "size": "L"}
    account = client.post("/v1/accounts", {"name": "Jane Doe Ltd", "custom": custom})["id"]
    about = {"account_id": account}
    deal = client.post("/v1/deals", {"name": "Jane Doe renewal", **about})["id"]
    sent = CALL | about | {"subject": "Jane", "text": "Jane Doe called"}
    activity = client.post("/v1/activities", sent)["id"]
    task = client.post("/v1/tasks", {"title": "Call Jane", "due_on": "2026-04-01", **about})["id"]
    return {"accounts": account, "deals": deal, "activities": activity, "tasks": task}


def pin(deployed, module, record_id, *names):
    store: Any = getattr(bootstrap, module)(deployed.workspace)
    before = store.get(record_id)
    after = before.pin(names, STAMP)
    if module == "accounts":
        store.save(after)
    elif module == "deals":
        store.save([after])
    else:
        store.save(before, after)


@pytest.mark.parametrize(
    ("module", "field", "other"),
    [
        ("accounts", "name", {"industry": "Glass"}),
        ("deals", "name", {"probability": 0.5}),
        ("activities", "text", {"subject": "Bob"}),
        ("tasks", "title", {"due_on": "2026-05-01"}),
    ],
)
def test_a_pinned_text_is_null_and_takes_nothing_while_the_others_change(
    deployed, client, records, audited, module, field, other
):
    path = f"/v1/{module}/{records[module]}"
    pin(deployed, module, records[module], field)
    audited()

    shown = client.get(path)
    refused = client.send("PATCH", path, {field: "Jane"}, headers={"If-Match": "*"})
    changed = client.patch(path, other)

    assert (shown[field], shown["pinned"]) == (None, [field])
    assert (refused.status, refused.body["code"], refused.body["field"]) == (409, "pinned", field)
    assert "Jane" not in str(refused.body)
    assert (changed[field], changed["pinned"], changed["rev"]) == (None, [field], 3)
    assert {name: changed[name] for name in other} == other
    kind = {"activities": "activity"}.get(module, module.removesuffix("s"))
    told = client.get("/v1/audit", kind=kind, id=records[module])["items"][0]
    assert (told["happened"], told["fields"]) == ("changed", sorted([field, "pinned"]))


def test_an_account_without_a_name_is_listed_first_and_shown_in_its_group(
    deployed, client, records
):
    account = records["accounts"]
    other = client.post("/v1/accounts", {"name": "Aaron", "parent_id": account})["id"]
    pin(deployed, "accounts", account, "name")
    deployed.settle(account, other)

    listed = client.get("/v1/accounts", sort="name")["items"]
    view = client.get(f"/v1/accounts/{other}")

    assert [(one["id"], one["name"]) for one in listed] == [(account, None), (other, "Aaron")]
    assert {one["id"]: one["name"] for one in view["group"]["members"]} == {
        account: None,
        other: "Aaron",
    }


def test_nobody_is_asked_for_a_required_value_that_is_pinned(deployed, client, records):
    path = f"/v1/accounts/{records['accounts']}"
    client.send("PATCH", "/v1/fields/account/region", {"required": True})
    pin(deployed, "accounts", records["accounts"], "custom.region", "tags")

    changed = client.patch(path, {"custom": {"size": "XL", "region": None}})
    refused = client.send("PATCH", path, {"custom": {"region": "x"}}, headers={"If-Match": "*"})
    tagged = client.send("PUT", f"{path}/tags/Doe")

    assert changed["custom"] == {"size": "XL"}
    assert (refused.status, refused.body["field"]) == (409, "custom.region")
    assert (tagged.status, tagged.body["field"]) == (409, "tags")
