"""Who sees and changes whose records: a reporting line of three levels, and others beside it."""

import boto3
import pytest

from stageline import bootstrap
from stageline.use_cases.counts import count
from tests.api_client import ApiClient

ACCOUNTS = "/v1/accounts"
# name: (role, whom they report to)
PEOPLE = {
    "boss": ("manager", None),
    "lead": ("manager", "boss"),
    "rep": ("seller", "lead"),
    "other": ("seller", None),
    "reader": ("viewer", None),
    "officer": ("privacy_officer", None),
}
SEES = {
    "boss": {"boss", "lead", "rep"},
    "lead": {"lead", "rep"},
    "rep": {"rep"},
    "other": {"other"},
}
TASK = {"title": "Call", "due_on": "2026-04-01"}
OWNERS = ("boss", "lead", "rep", "other", "nobody")


class Company:
    """Members of every role, and for each owner an account with a deal."""

    def __init__(self, deployed):
        self.deployed = deployed
        self.admin = deployed.caller()
        self.people = {"admin": self.admin}
        self.ids: dict[str, str] = {}
        for name, (role, manager) in PEOPLE.items():
            body = {"email": self.address(name), "name": name.title(), "role": role}
            if manager:
                body["manager_id"] = self.ids[manager]
            self.ids[name] = self.admin.post("/v1/members", body)["id"]
            self.people[name] = ApiClient(self.ids[name], deployed.workspace.id)
        self.accounts, self.deals = {}, {}
        for owner in OWNERS:
            address = None if owner == "nobody" else self.address(owner)
            sent = {"name": f"Glass of {owner}", "owner_email": address, "industry": "Glass"}
            self.accounts[owner] = self.admin.post(ACCOUNTS, sent)["id"]
            deal = {"name": f"Panes of {owner}", "account_id": self.accounts[owner]}
            self.deals[owner] = self.admin.post("/v1/deals", deal)["id"]
        deployed.settle(*self.accounts.values())

    def address(self, name):
        return f"{name}@{self.deployed.workspace.id}.example"

    def sees(self, name):
        return SEES.get(name, set(OWNERS))


@pytest.fixture
def company(deployed):
    return Company(deployed)


def names(client, **query):
    found, cursor = [], None
    while True:
        page = client.get(ACCOUNTS, limit=2, **query, **({"cursor": cursor} if cursor else {}))
        found += [row["name"].removeprefix("Glass of ") for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_lists_show_whose_records_one_sees_in_every_order(company):  # S2.11, S3.24
    for name in ("admin", "boss", "rep", "reader"):
        client, seen = company.people[name], company.sees(name)

        for query in ({}, {"sort": "-name"}, {"sort": "since"}, {"q": "gla"}, {"in_crm": "true"}):
            assert sorted(names(client, **query)) == sorted(seen), query
        for owner in OWNERS:
            asked = "-" if owner == "nobody" else company.address(owner)
            assert names(client, owner=asked) == ([owner] if owner in seen else [])


def test_what_one_does_not_see_is_as_if_it_were_not_there(company):
    for name in ("admin", *PEOPLE):
        client, nothing = company.people[name], "0" * 32

        for owner in OWNERS:
            for path, there, nowhere in (
                (f"{ACCOUNTS}/{{}}", company.accounts[owner], nothing),
                (f"{ACCOUNTS}/{{}}/deals", company.accounts[owner], nothing),
                (f"{ACCOUNTS}/{{}}/stages/crm_stage", company.accounts[owner], nothing),
                (f"{ACCOUNTS}/{{}}/stages/crm_stage/history", company.accounts[owner], nothing),
                ("/v1/deals/{}", company.deals[owner], nothing),
            ):
                reply = client.send("GET", path.format(there))
                if owner in company.sees(name):
                    assert reply.status == 200, (path, owner)
                else:
                    unknown = client.send("GET", path.format(nowhere))
                    assert reply.status == unknown.status == 404, (path, owner)
                    assert told(reply) == told(unknown)


def test_one_changes_what_one_sees_if_the_role_writes(company):
    for name in ("admin", *PEOPLE):
        client = company.people[name]
        writes = name in ("admin", *SEES)

        for owner in OWNERS:
            account, deal = company.accounts[owner], company.deals[owner]
            expected = (200 if owner in company.sees(name) else 404) if writes else 403
            body, any_of_them = {"industry": f"by {name}"}, {"If-Match": "*"}
            changed = client.send("PATCH", f"{ACCOUNTS}/{account}", body, headers=any_of_them)
            renamed = client.send("PATCH", f"/v1/deals/{deal}", {"name": "N"}, headers=any_of_them)
            won = {"status": "won", "closed_on": "2026-01-01"}
            closed = client.send("POST", f"/v1/deals/{deal}/close", won)
            moved = client.send("PUT", f"{ACCOUNTS}/{account}/parent", {"parent_id": None})
            assert [r.status for r in (changed, renamed, closed, moved)] == [expected] * 4, owner


def test_what_a_seller_makes_is_theirs_and_what_they_make_for_others_is_refused(company):
    rep = company.people["rep"]

    made = rep.post(ACCOUNTS, {"name": "New"})
    for_other = {"name": "New", "owner_email": company.address("other")}
    elsewhere = {"name": "Deal", "account_id": company.accounts["other"]}

    assert made["owner_email"] == company.address("rep")
    assert rep.get(f"{ACCOUNTS}/{made['id']}")["name"] == "New"
    assert rep.send("POST", ACCOUNTS, for_other).body["code"] == "record_not_yours"
    refused = rep.send("POST", "/v1/deals", elsewhere)
    assert (refused.status, refused.body["errors"][0]["code"]) == (422, "unknown")
    under = {"name": "Sub", "parent_id": company.accounts["other"]}
    assert rep.send("POST", ACCOUNTS, under).body["errors"][0]["field"] == "parent_id"
    lead = company.people["lead"]
    assert lead.post(ACCOUNTS, {"name": "N", "owner_email": company.address("rep")})["id"]


def test_an_owner_is_shown_as_the_member_with_that_address(company):  # S2.10
    rows = {row["name"]: row["owner"] for row in company.admin.get(ACCOUNTS)["items"]}

    assert rows["Glass of rep"] == company.ids["rep"]
    assert rows["Glass of nobody"] == "unassigned"
    account = company.admin.get(f"{ACCOUNTS}/{company.accounts['boss']}")
    assert account["owner"] == company.ids["boss"]
    stranger = company.admin.post(ACCOUNTS, {"name": "S", "owner_email": "gone@example.com"})
    assert stranger["owner"] == "unassigned"


def test_who_has_a_unique_value_is_named_to_those_who_see_them_only(company):
    field = {"module": "account", "key": "code", "name": "Code", "type": "text", "unique": True}
    company.admin.post("/v1/fields", field)
    taken = company.admin.patch(
        f"{ACCOUNTS}/{company.accounts['other']}", {"custom": {"code": "A"}}
    )["id"]
    again = {"name": "New", "custom": {"code": "A"}}

    for client in (company.admin, company.people["other"]):
        assert client.send("POST", ACCOUNTS, again).body["other_id"] == taken
    refused = company.people["rep"].send("POST", ACCOUNTS, again)
    assert (refused.status, refused.body["field"]) == (409, "custom.code")
    assert "other_id" not in refused.body


def test_a_linked_member_reads_that_deal_only(company):  # S2.31
    rep, deal = company.people["rep"], company.deals["other"]
    link = f"/v1/deals/{deal}/members/{company.ids['rep']}"

    assert rep.send("PUT", link).status == 404
    for _ in range(2):
        assert company.people["other"].send("PUT", link).status == 204
    assert rep.get(f"/v1/deals/{deal}")["linked_members"] == [company.ids["rep"]]
    assert rep.send("GET", f"{ACCOUNTS}/{company.accounts['other']}").status == 404
    headers = {"If-Match": "*"}
    assert rep.send("PATCH", f"/v1/deals/{deal}", {"name": "N"}, headers=headers).status == 403
    lee = {"last_name": "Lee", "deals": [{"deal_id": deal}]}
    company.admin.post("/v1/contacts", lee)
    assert rep.send("GET", f"/v1/deals/{deal}/contacts").status == 404
    assert rep.send("POST", "/v1/contacts", lee).status == 422
    own = rep.post("/v1/contacts", {"last_name": "Own"})["id"]
    roles = {"roles": ["user"]}
    assert rep.send("PUT", f"/v1/contacts/{own}/deals/{deal}", roles).status == 404
    assert company.admin.send("DELETE", link).status == 204
    assert rep.send("GET", f"/v1/deals/{deal}").status == 404


def test_an_explanation_counts_the_deals_that_one_does_not_see(company):  # S3.26
    mine, theirs = company.accounts["rep"], company.accounts["other"]
    company.admin.put(f"{ACCOUNTS}/{mine}/parent", {"parent_id": theirs})
    company.deployed.settle(mine, theirs)

    answer = company.people["rep"].get(f"{ACCOUNTS}/{mine}/stages/crm_stage")
    whole = company.admin.get(f"{ACCOUNTS}/{mine}/stages/crm_stage")
    view = company.people["rep"].get(f"{ACCOUNTS}/{mine}")

    facts = {fact["fact"]: fact for fact in answer["explanation"]["evidence"]["facts"]}
    assert facts["open_deals"]["deal_ids"] == [company.deals["rep"]]
    assert (facts["open_deals"]["count"], facts["open_deals"]["hidden"]) == (2, 1)
    assert "1 deal and 1 account that you can't see" in answer["explanation"]["text"]
    assert "can't see" not in whole["explanation"]["text"]
    assert [one["id"] for one in view["group"]["members"]] == [mine]
    for shown in (answer, view):
        assert company.deals["other"] not in str(shown)
        assert "of other" not in str(shown)


def test_people_and_what_is_done_are_seen_with_the_account(company):
    admin, made = company.admin, {}
    for owner in OWNERS:
        account = {"account_id": company.accounts[owner]}
        person = {"last_name": f"Of {owner}", "accounts": [account]}
        contact = admin.post("/v1/contacts", person)["id"]
        call = {"kind": "call", "occurred_at": "2026-01-01T00:00:00Z", "contact_ids": [contact]}
        made[owner] = (
            f"/v1/contacts/{contact}",
            f"/v1/activities/{admin.post('/v1/activities', call | account)['id']}",
            f"/v1/tasks/{admin.post('/v1/tasks', TASK | account)['id']}",
        )

    for name, client in company.people.items():
        for owner, paths in made.items():
            expected = 200 if owner in company.sees(name) else 404
            lists = [
                f"{ACCOUNTS}/{company.accounts[owner]}/{kind}"
                for kind in ("contacts", "activities", "tasks")
            ]
            for path in (*paths, *lists, f"{paths[0]}/activities"):
                assert client.send("GET", path).status == expected, (name, path)
            if name in SEES and owner not in SEES[name]:
                sent = TASK | {"account_id": company.accounts[owner]}
                assert client.send("POST", "/v1/tasks", sent).status == 422
                assert client.send("DELETE", paths[0]).status == 404


def test_leads_and_tasks_are_listed_for_whoever_owns_them(company):
    rep, lead, other = (company.people[name] for name in ("rep", "lead", "other"))
    contact = rep.post("/v1/contacts", {"last_name": "Lead"})
    task = TASK | {"account_id": company.accounts["rep"], "owner_email": company.address("other")}
    mine = company.admin.post("/v1/tasks", task)["id"]

    assert contact["owner_email"] == company.address("rep")
    for client, seen in ((rep, 1), (lead, 1), (other, 0), (company.people["reader"], 1)):
        assert len(client.get("/v1/contacts")["items"]) == seen
    # Whose task it is sees it, whatever it is about.
    assert [one["id"] for one in other.get("/v1/tasks")["items"]] == [mine]
    assert other.send("GET", f"/v1/tasks/{mine}").status == 200
    assert other.get("/v1/contacts", owner=company.address("rep"))["items"] == []


def test_of_a_contact_of_two_accounts_one_sees_what_was_done_with_ones_own(company):
    accounts = [{"account_id": company.accounts[owner]} for owner in ("rep", "other")]
    sent = {"last_name": "Both", "accounts": accounts}
    contact = company.admin.post("/v1/contacts", sent)["id"]
    for about in accounts:
        call = {"kind": "call", "occurred_at": "2026-01-01T00:00:00Z", "contact_ids": [contact]}
        company.admin.post("/v1/activities", call | about)

    path = f"/v1/contacts/{contact}/activities"
    found = company.people["rep"].get(path)["items"]

    assert [one["account_id"] for one in found] == [company.accounts["rep"]]
    assert len(company.admin.get(path)["items"]) == 2


def test_counts_of_a_seller_are_those_of_the_accounts_they_see(company):
    company.deployed.settle(*company.accounts.values())
    path = "/v1/schemes/crm_stage/counts"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stageline.use_cases.counts.INDEX_LAG_SECONDS", 0)
        pending = company.admin.send("GET", path).body["job"]["id"]
        count(bootstrap.counting(company.deployed.workspace), pending)

    for name, seen in SEES.items():
        counts = company.people[name].get(path)
        assert counts["accounts"]["pipeline"] == len(seen)
        assert counts["groups"]["pipeline"] == len(seen)
    assert company.admin.get(path)["accounts"]["pipeline"] == len(OWNERS)
    rep = company.people["rep"]
    days = rep.get(path, **{"from": "2000-01-01", "to": "2000-01-02"})["items"]
    assert [day["accounts"]["new_prospect"] for day in days] == [1, 1]
    assert rep.get(path, known_at="2001-01-01T00:00:00Z")["accounts"] == {"-": 0}


def test_shared_customers_are_everybodys_and_managers_need_not_see_below(company):  # S2.11
    settings = "/v1/settings"
    company.admin.patch(settings, {"managers_see_subordinates": False})
    _forget_callers()
    assert names(company.people["boss"]) == ["boss"]
    company.admin.patch(settings, {"ownership": "shared"})
    _forget_callers()

    for name in ("rep", "boss"):
        assert sorted(names(company.people[name])) == sorted(OWNERS)
    rep, account = company.people["rep"], company.accounts["other"]
    assert rep.patch(f"{ACCOUNTS}/{account}", {"industry": "X"})["industry"] == "X"


def test_unassigned_deals_are_listed_for_those_who_see_everybodys_records(company):
    for name, client in company.people.items():
        status = client.send("GET", "/v1/deals/unassigned").status
        assert status == (403 if name in SEES else 200), name


def test_a_list_of_own_accounts_reads_no_others(company):
    """Whatever lies around it: the rows of an owner are read by owner."""
    rep, queries = company.people["rep"], []
    names(rep)
    events = bootstrap.table().client.meta.events

    def note(params, **_):
        if b"KeyConditionExpression" in params["body"] and b"IndexName" in params["body"]:
            queries.append(params["body"])

    events.register("before-call.dynamodb.Query", note)
    names(rep)
    events.unregister("before-call.dynamodb.Query", note)

    assert queries
    assert all(b'"GSI3"' in query for query in queries)


def test_an_api_client_is_limited_by_its_scopes(company):  # S3.43
    body = {
        "name": "Robot",
        "role": "admin",
        "scopes": ["accounts:read", "deals:write"],
        "expires_at": "2099-01-01T00:00:00Z",
    }
    made = company.admin.post("/v1/clients", body)
    robot = ApiClient(made["id"])

    assert robot.send("GET", ACCOUNTS).status == 200
    assert robot.send("POST", "/v1/deals", {"name": "D"}).status == 201
    refused = robot.send("POST", ACCOUNTS, {"name": "A"})
    assert (refused.status, refused.body["code"]) == (403, "scope_missing")
    assert refused.body["scope"] == "accounts:write"
    assert robot.send("GET", "/v1/members").status == 403
    account = company.accounts["rep"]
    call = {"kind": "call", "occurred_at": "2026-01-01T00:00:00Z", "account_id": account}
    company.admin.post("/v1/activities", call)
    company.admin.post("/v1/contacts", {"last_name": "L", "accounts": [{"account_id": account}]})
    view = robot.get(f"{ACCOUNTS}/{account}")
    assert view["deals"]["items"]
    assert [view[name] for name in ("contacts", "activities", "tasks", "touch")] == [None] * 4
    # The secret signs it in, and is shown nowhere else.
    signed_in = boto3.client("cognito-idp").initiate_auth(
        ClientId=bootstrap.settings().user_pool_client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": made["user_name"], "PASSWORD": made["secret"]},
    )
    assert signed_in["AuthenticationResult"]["AccessToken"]
    assert made["secret"] not in str(company.admin.get("/v1/members"))


def _forget_callers():
    from api import app

    app.known_callers.cache_clear()


def told(reply):
    return {name: value for name, value in reply.body.items() if name != "request_id"}
