""" "-" with each of its reasons, in a workspace of its own (S0.16, S0.17)."""

from tests.e2e.company import ACCOUNT_COLUMNS, write_csv
from tests.e2e.world import caller, eventually, imported, pages, row_of, stage_of


def test_dash_with_each_reason_and_back(stack, tmp_path):
    client = caller(stack, workspace="other")
    account = client.post("/v1/accounts", {"name": "Dashing Ltd"})

    answer = stage_of(client, account["id"])
    assert (answer["stage"], answer["display"]) == (None, "-")
    assert answer["reason"] == "NO_INTEGRATION"
    assert answer["hint"]

    rows = [{"external_id": "D1", "name": "Dashed Too Ltd", "created_on": "2020-02-29"}]
    path = write_csv(tmp_path / "accounts.csv", ACCOUNT_COLUMNS, rows)
    # The first import creates the integration, active, with opportunity pulling on.
    assert imported(client, "accounts", path)["status"] == "completed"
    assert stage_of(client, account["id"])["stage"] == "in_crm"
    assert stage_of(client, account["id"], as_of="2019-01-01")["stage"] == "new_prospect"

    for switched, reason in (
        ({"active": False, "opportunity_pull": True}, "INTEGRATION_INACTIVE"),
        ({"active": True, "opportunity_pull": False}, "OPPORTUNITY_PULL_OFF"),
    ):
        client.put("/v1/integrations/file", switched)
        answer = stage_of(client, account["id"])
        assert (answer["stage"], answer["reason"]) == (None, reason)
        dashes = list(pages(client, "/v1/accounts", stage="-"))
        assert {row["display"] for row in dashes} == {"-"}
        assert {"Dashing Ltd", "Dashed Too Ltd"} <= {row["name"] for row in dashes}
        assert not list(pages(client, "/v1/accounts", stage="in_crm"))

    client.put("/v1/integrations/file", {"active": True, "opportunity_pull": True})
    assert stage_of(client, account["id"])["stage"] == "in_crm"
    eventually(
        lambda: row_of(client, account["id"], account["name"]),
        lambda row: row is not None and row["stage"] == "in_crm",
        within_seconds=3,
    )
    assert not list(pages(client, "/v1/accounts", stage="-"))
