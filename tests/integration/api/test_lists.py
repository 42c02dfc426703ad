"""The list of accounts over the real indexes: filters, orders, pages, cursors (S0.22)."""

import pytest

from tests.integration.api.conftest import deployment

DEALS = {
    "pipeline": {"status": "open"},
    "client": {"status": "won", "closed_on": "2026-01-05"},
    "recently_lost": {"status": "lost", "closed_on": "2026-02-05"},
}


@pytest.fixture(scope="module")
def deployed(aws):
    """One for the whole module: what is listed takes long to write."""
    with deployment() as made:
        yield made


@pytest.fixture
def client(deployed):
    client = deployed.caller()
    client.put("/v1/integrations/file", {"active": True, "opportunity_pull": True})
    return client


@pytest.fixture(scope="module")
def company(deployed):
    """Twelve accounts over four stages: ids by name."""
    client, ids = deployed.caller(), {}
    for number, stage in enumerate([*DEALS, "in_crm"] * 3):
        name = f"{'Acme' if number % 2 else 'Zeta'} {stage} {number:02d}"
        sent = {
            "name": name,
            "domain": f"n{number}.example.com",
            "in_crm": stage != "recently_lost",
        }
        if number % 3 == 0:
            sent["owner_email"] = "Seller@example.com"
        ids[name] = client.post("/v1/accounts", sent)["id"]
        if stage in DEALS:
            opened = {"opened_on": f"2025-0{number % 9 + 1}-01"}
            client.post("/v1/deals", {"name": "D", "account_id": ids[name]} | opened | DEALS[stage])
    deployed.settle(*ids.values())
    return ids


def names(client, **query):
    """Return the names of all pages."""
    found, cursor = [], None
    while True:
        page = client.get("/v1/accounts", **query, **({"cursor": cursor} if cursor else {}))
        found += [row["name"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 5, 200])
@pytest.mark.parametrize("order", ["stage", "-stage", "name", "-name", "since", "-since"])
def test_pages_together_are_the_whole_list_in_order(client, company, order, limit):
    rows = client.get("/v1/accounts", limit=200)["items"]
    key = order.removeprefix("-")

    def place(row):
        by = {"stage": (row["rank"], row["name"].lower()), "name": row["name"].lower()}
        return by.get(key, (row["since"] or "", row["id"]))

    expected = sorted(rows, key=place, reverse=order.startswith("-"))
    if order == "-stage":
        expected = sorted(rows, key=lambda row: (-row["rank"], row["name"].lower()))

    assert names(client, sort=order, limit=limit) == [row["name"] for row in expected]
    assert len(expected) == len(company)


def test_stages_and_what_holds_beside_them(client, company):
    assert len(names(client, stage=["pipeline", "client"])) == 6
    assert names(client, stage="-") == []
    # S0.11: the lost deals of accounts that are not in the CRM leave them prospects as well.
    held = names(client, holds="new_prospect")
    assert held == names(client, stage="recently_lost")
    assert names(client, holds="new_prospect", stage="client") == []
    assert sorted(names(client, in_crm="false")) == sorted(held)  # S0.23


def test_search_by_the_beginning_of_words_and_by_domain(client, company):
    assert names(client, q="acm") == names(client, q="ACME ")
    assert len(names(client, q="acme", limit=2)) == 6
    assert names(client, q="recently acme", sort="name") == sorted(
        name for name in company if name.startswith("Acme recently")
    )
    assert names(client, q="n3.example.com") == [name for name in company if name.endswith("03")]
    assert names(client, q="nothing like it") == []


@pytest.mark.parametrize("order", ["stage", "name", "-name", "since", "-since"])
def test_list_of_an_owner(client, company, order):
    owned = names(client, owner="seller@EXAMPLE.com", sort=order, limit=3)
    unowned = names(client, owner="-", sort=order)

    everything = names(client, sort=order)
    assert owned == [name for name in everything if int(name[-2:]) % 3 == 0]
    assert unowned == [name for name in everything if int(name[-2:]) % 3]


def test_while_the_workspace_shows_dashes_all_sort_by_name(client, company):
    cursor = client.get("/v1/accounts", limit=1)["next_cursor"]
    client.patch("/v1/integrations/file", {"active": False})

    by_name = sorted(company)
    assert names(client, limit=5) == names(client, sort="-stage", stage="-") == by_name
    assert names(client, sort="-name") == by_name[::-1]
    assert names(client, stage="client") == names(client, holds="client") == []
    stale = client.send("GET", "/v1/accounts", query={"limit": 1, "cursor": cursor})
    assert (stale.status, stale.body["code"]) == (400, "cursor_invalid")


def test_cursor_holds_for_its_query_caller_and_workspace_only(deployed, client, company, other):
    cursor = client.get("/v1/accounts", limit=1)["next_cursor"]
    body, _, signature = cursor.partition(".")
    flipped = ("B" if body[0] == "A" else "A") + body[1:]
    attempts = [
        (client, {"cursor": f"{flipped}.{signature}"}),
        (client, {"cursor": body}),
        (client, {"cursor": cursor + "0"}),
        (client, {"cursor": "="}),
        (client, {"cursor": "é"}),
        (client, {"cursor": cursor, "sort": "name"}),
        (deployed.caller("viewer"), {"cursor": cursor}),
        (other.caller(), {"cursor": cursor}),
    ]

    assert client.send("GET", "/v1/accounts", query={"cursor": cursor}).status == 200
    for caller, query in attempts:
        reply = caller.send("GET", "/v1/accounts", query=query)
        assert (reply.status, reply.body["code"]) == (400, "cursor_invalid"), query


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"sort": "foo"}, "sort"),
        ({"limit": "0"}, "limit"),
        ({"limit": "5000"}, "limit"),
        ({"limit": "\u0661"}, "limit"),
        ({"q": "ab"}, "q"),
        ({"q": "a b c"}, "q"),
        ({"stage": "rich"}, "stage"),
        ({"stage": ""}, "stage"),
        ({"holds": "-"}, "holds"),
        ({"in_crm": "maybe"}, "in_crm"),
        ({"owner": ""}, "owner"),
        ({"colour": "blue"}, "colour"),
    ],
    ids=str,
)
def test_parameter_at_fault_is_named(client, query, field):
    reply = client.send("GET", "/v1/accounts", query=query)

    assert (reply.status, reply.body["field"]) == (422, field)
    assert "rich" not in str(reply.body)
