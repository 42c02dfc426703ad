"""The audit on the deployed stack: its function adds what was written, and the API reads it."""

from uuid import uuid4

from tests.e2e.world import caller, eventually
from tools.local.people import address


def audit_of(client, path, count):
    return eventually(
        lambda: client.get(f"{path}/audit")["items"], lambda items: len(items) == count, 10
    )


def test_changes_are_audited_with_who_and_what(stack):
    admin, seller = caller(stack), caller(stack, "seller")
    owned = {"owner_email": address("seller")}
    account = admin.post("/v1/accounts", {"name": f"Audited {uuid4().hex[:12]}", **owned})
    deal = admin.post("/v1/deals", {"name": "Deal", **owned})
    path, rev = f"/v1/deals/{deal['id']}", f'"{deal["rev"]}"'
    seller.patch(path, {"account_id": account["id"], "probability": 0.5}, rev)

    moved, created = audit_of(admin, path, 2)

    assert (moved["happened"], moved["fields"]) == ("moved", ["account_id", "probability"])
    assert (created["happened"], created["rev"], moved["rev"]) == ("created", 1, 2)
    assert moved["by"] != created["by"]
    (made,) = audit_of(admin, f"/v1/accounts/{account['id']}", 1)
    assert made["by"] == created["by"]
    seen = admin.get("/v1/audit", by=moved["by"], kind="deal", id=deal["id"])["items"]
    assert seen == [moved]
