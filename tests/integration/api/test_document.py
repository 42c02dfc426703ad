"""The API's document fits the code, and the answers fit the document."""

import re
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import jsonschema_rs
import pytest

from api.routing import ROUTES
from stageline import bootstrap
from stageline.domain.account import Profile, new_account
from stageline.domain.link_proposal import LinkProposal
from stageline.domain.stamp import Source, Stamp
from stageline.domain.sync import Refused
from stageline.use_cases.counts import count
from stageline.use_cases.last_imports import note_import
from tests.api_client import ApiClient
from tests.fakes.outside import KeptWork
from tools.openapi import document, files

DOCUMENT = document()
REFUSED = Refused(
    record_id="1",
    records="deals",
    external_id="006-1",
    field="amount",
    code="no_number",
    message="is no number",
    seen_at=datetime(2026, 3, 2, tzinfo=UTC),
)


@pytest.mark.parametrize("path", list(files()), ids=lambda path: path.name)
def test_generated_file_fits_the_code(path):
    assert path.read_text("utf-8") == files()[path], "make openapi"


def test_document_and_page_are_public_and_need_nothing_else():
    anybody = ApiClient("nobody", token_use="none")

    served, page = anybody.send("GET", "/openapi.json"), anybody.send("GET", "/docs")

    assert served.body == DOCUMENT
    assert page.headers["Content-Type"].startswith("text/html")
    assert "<script" not in page.body
    assert not re.findall(r'(?:src|href)="(?!#|openapi\.json)', page.body)


def test_every_route_is_in_the_document_once():
    described = {
        (method.upper(), path)
        for path, operations in DOCUMENT["paths"].items()
        for method in operations
    }
    names = [
        operation["operationId"]
        for operations in DOCUMENT["paths"].values()
        for operation in operations.values()
    ]

    assert described == {(route.method, route.path) for route in ROUTES}
    assert len(set(names)) == len(names) == len(ROUTES)


def fits(method, path, reply):
    """Assert that the document describes this answer of this operation."""
    operation = DOCUMENT["paths"][path][method.lower()]
    response = operation["responses"][str(reply.status)]
    if "content" not in response:
        assert reply.body == ""
        return
    ((content_type, content),) = response["content"].items()
    assert reply.headers["Content-Type"] == content_type
    schema = {**content["schema"], "components": DOCUMENT["components"]}
    checked = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    assert not [error.message for error in checked.iter_errors(reply.body)]


def ask_about_crms(ask, workspace):
    """Ask everything of an integration with a CRM, which is gone then."""
    any_revision = {"If-Match": "*"}
    one = "/v1/integrations/{integration}"
    hub = {"vendor": "hubspot", "active": True, "opportunity_pull": True, "sync": True}
    ask("PUT", one, hub, integration="hub")
    ask("PUT", one, hub | {"vendor": "salesforce"}, integration="hub")
    ask("PATCH", one, {"schedule": {"times": ["04:00"]}}, integration="hub", headers=any_revision)
    ask("POST", f"{one}/runs", {}, integration="hub")
    ask("PUT", f"{one}/credentials", {"access_token": "a"}, integration="hub")
    ask("PUT", f"{one}/credentials", {"password": "a"}, integration="hub")
    run = ask("POST", f"{one}/errors/retry", integration="hub")["id"]
    ask("POST", f"{one}/runs", {}, integration="hub")
    ask("GET", one, integration="hub")
    bootstrap.refused_records(workspace, "hub").save([REFUSED])
    ask("GET", f"{one}/errors", integration="hub")
    ask("GET", f"{one}/check", integration="hub")
    ask("POST", f"{one}/check", {"mapping": {}}, integration="hub")
    ask("GET", f"{one}/check", integration="hub")
    account = ask("POST", "/v1/accounts", {"name": "Not in a CRM", "in_crm": False})["id"]
    crm_record = "/v1/accounts/{id}/crm-record"
    ask("POST", crm_record, {"integration": "hub"}, id=account)
    ask("POST", crm_record, {"integration": "nowhere"}, id=account)
    ask("GET", f"{one}/writes", integration="hub")
    ask("GET", "/v1/integrations")
    ask("GET", f"{one}/runs", integration="hub")
    ask("GET", f"{one}/runs/{{id}}", integration="hub", id=run)
    ask("DELETE", one, integration="hub")
    ask("PUT", one, hub, integration="spoke")
    ask("DELETE", one, integration="spoke", query={"records": "end_presence"})


def ask_about_people(ask, account, deal):
    """Ask everything of contacts, activities and tasks; one of each stays."""
    any_revision = {"If-Match": "*"}
    contacts, contact = "/v1/contacts", "/v1/contacts/{id}"
    for module in ("contact", "activity", "task"):
        field = {"module": module, "key": "code", "name": "Code", "type": "text", "unique": True}
        ask("POST", "/v1/fields", field)
    said = {"custom": {"code": "A"}, "tags": ["Key"]}
    for _ in range(2):
        id_ = ask("POST", contacts, {"last_name": "Brandt", "email": "b@example.com"})["id"]
    ask("POST", contacts, {})
    for place, other in (("accounts/{account_id}", account), ("deals/{deal_id}", deal)):
        named = {place[place.index("{") + 1 : -1]: other}
        path = f"{contact}/{place}"
        ask("PUT", path, {"roles": ["champion"]}, id=id_, **named)
        ask("DELETE", path, id=id_, **named)
        ask("DELETE", path, id=id_, **named)
        ask("PUT", path, {"roles": []}, id=id_, **named)
    ask("PATCH", contact, {"job_title": "Buyer"} | said, id=id_, headers=any_revision)
    ask("POST", contacts, {"last_name": "Other"} | said)
    ask("GET", contact, id=id_)
    ask("GET", contacts, query={"limit": 1, "has_account": "true"})
    ask("GET", "/v1/accounts/{id}/contacts", id=account)
    ask("GET", "/v1/deals/{id}/contacts", id=deal)
    ask("POST", "/v1/contacts/{id}/touch", {"reason": "asked"}, id=id_)
    ask("POST", "/v1/privacy/touches", {"reason": "asked", "contact_ids": [id_, "0" * 32]})
    ask("GET", "/v1/privacy/contacts", query={"limit": 1, "younger_than": "P1M"})
    sent = {"kind": "call", "occurred_at": "2026-01-01T00:00:00Z", "contact_ids": [id_]}
    for _ in range(2):
        activity = ask("POST", "/v1/activities", sent | {"account_id": account})["id"]
    ask("GET", "/v1/activities/{id}", id=activity)
    ask("PATCH", "/v1/activities/{id}", {"text": "Hi"} | said, id=activity, headers=any_revision)
    ask("POST", "/v1/activities", sent | said)
    ask("GET", "/v1/accounts/{id}/activities", id=account)
    ask("GET", "/v1/contacts/{id}/activities", id=id_)
    ask("DELETE", "/v1/activities/{id}", id=activity)
    ask("DELETE", "/v1/activities/{id}", id=activity)
    sent = {"title": "Call", "due_on": "2026-04-01", "account_id": account}
    for _ in range(2):
        task = ask("POST", "/v1/tasks", sent)["id"]
    ask("GET", "/v1/tasks/{id}", id=task)
    ask("PATCH", "/v1/tasks/{id}", {"done": True} | said, id=task, headers=any_revision)
    ask("POST", "/v1/tasks", sent | said)
    ask("GET", "/v1/tasks", query={"due_through": "2026-05-05"})
    ask("GET", "/v1/accounts/{id}/tasks", id=account)
    ask("DELETE", "/v1/tasks/{id}", id=task)


def ask_about_erasures(ask, deployed):
    """Ask everything of erasures: one is done, and one is cancelled."""
    requests, one = "/v1/privacy/requests", "/v1/privacy/requests/{id}"
    account = ask("POST", "/v1/accounts", {"name": "Held by Cole"})["id"]
    linked: Any = {"last_name": "Cole", "accounts": [{"account_id": account, "roles": []}]}
    contacts = [ask("POST", "/v1/contacts", linked)["id"] for _ in range(2)]
    asked: Any = {"way": "erase", "ground": "objection", "reason": "asked"}
    wanted = asked | {"contact_ids": contacts[:1]}
    erasure = ask("POST", requests, wanted)["id"]
    other = ask("POST", requests, wanted | {"contact_ids": contacts[1:]})["id"]
    for again in (wanted, wanted | {"ground": "none"}):
        ask("POST", requests, again)
    ask("GET", requests, query={"limit": 1})
    ask("GET", one, id=erasure)
    ask("GET", f"{one}/certificate", id=erasure)
    ask("DELETE", one, id=other)
    deployed.work_off_erasures()
    for part in ("subjects", "candidates"):
        ask("GET", f"{one}/{part}", id=erasure)
    for body in ({"reason": "much to do"}, {}):
        ask("POST", f"{one}/extension", body, id=erasure)
    ask("POST", f"{one}/execution", id=erasure)
    ask("POST", f"{one}/preview", id=erasure)
    deployed.work_off_erasures()
    shown = ask("GET", one, id=erasure)["preview"]["hash"]
    for preview in ("0" * 64, shown):
        body = {"preview": preview, "candidates": "all"}
        ask("POST", f"{one}/approval", body, id=erasure, by="privacy_officer")
        ask("POST", f"{one}/approval", body, id=erasure)
    for _ in range(2):
        ask("POST", f"{one}/execution", id=erasure)
        ask("GET", one, id=erasure)
        deployed.work_off_erasures()
    ask("GET", f"{one}/certificate", id=erasure)
    ask("DELETE", one, id=erasure)
    ask("GET", "/v1/privacy/signing-key")
    for id_ in (account, "0" * 32):
        release = {"kind": "account", "record_id": id_, "fields": ["name"]}
        ask("POST", "/v1/privacy/releases", release, by="privacy_officer")
    ask("DELETE", "/v1/accounts/{id}", id=account)


def ask_about_links(ask, deployed, account):
    stamp = Stamp("import", "job", deployed.clock.now())
    linked = "f" * 32
    made = new_account(
        linked,
        Profile(name="Glass Works", domain="glass.example.com"),
        in_crm=True,
        external_id="17",
        source=Source("hub", "hash", "1"),
        today=deployed.clock.today("UTC"),
        stamp=stamp,
    )
    bootstrap.accounts(deployed.workspace).add([made])
    proposal = LinkProposal(account, linked, stamp.at)
    proposals, links = bootstrap.link_proposals(deployed.workspace), "/v1/accounts/{id}/links"
    decision = "/v1/link-proposals/{id}/decision"
    proposals.add([proposal])
    ask("GET", "/v1/link-proposals")
    for body in ({"decision": "link"}, {"decision": "maybe"}):
        ask("POST", decision, body, id=proposal.proposal_id)
    ask("GET", links, id=account)
    ask("DELETE", f"{links}/{{linked}}", id=account, linked=linked)
    for other in (linked, linked, account):
        ask("POST", links, {"account_id": other}, id=account)
    job = ask("DELETE", f"{links}/{{linked}}", id=account, linked=linked)["id"]
    deployed.carry(job)
    ask("GET", "/v1/jobs/{id}", id=job)


def test_answers_fit_the_document(deployed, client, audited):
    seen = set()

    def ask(method, path, body=None, by="admin", **rest):
        named = {
            name: rest.pop(name)
            for name in (
                *("id", "tag", "module", "key", "member_id", "account_id", "deal_id", "linked"),
                "integration",
            )
            if name in rest
        }
        reply = deployed.caller(by).send(method, path.format(**named), body, **rest)
        fits(method, path, reply)
        seen.add((method, path))
        return reply.body

    one, accounts = "/v1/accounts/{id}", "/v1/accounts"
    parent = ask("POST", accounts, {"name": "Holding"})["id"]
    sent = {
        "name": "Glassworks",
        "domain": "glass.example.com",
        "owner_email": "seller@example.com",
        "created_on": "2025-01-01",
        "parent_id": parent,
    }
    account = ask("POST", accounts, sent)["id"]
    deal = ask(
        "POST",
        "/v1/deals",
        {
            "name": "Panes",
            "account_id": account,
            "opened_on": "2025-05-05",
            "amount": {"amount": "1234.50", "currency": "EUR"},
            "probability": 0.5,
        },
    )["id"]
    deployed.settle(account, parent)
    ask("POST", "/v1/deals/{id}/close", {"status": "lost", "closed_on": "2026-01-02"}, id=deal)
    deployed.settle(account)
    ask_about_links(ask, deployed, account)
    ask_about_people(ask, account, deal)
    ask_about_erasures(ask, deployed)
    deployed.settle(account)
    stage = f"{one}/stages/crm_stage"
    for _ in range(2):
        ask("GET", accounts)
        ask("GET", accounts, query={"limit": 1})
        ask("GET", one, id=account)
        ask("GET", stage, id=account)
        ask("GET", stage, id=account, query={"as_of": "2030-01-01"})
        ask("GET", stage, id=account, query={"known_at": "2001-01-01T00:00:00Z"})
        ask("GET", f"{stage}/history", id=account)
        ask("GET", "/v1/integrations")
        ask("PUT", "/v1/integrations/file", {"active": False, "opportunity_pull": False})
    ask("GET", "/v1/integrations/file")
    ask_about_crms(ask, deployed.workspace)
    ask("GET", "/v1/freshness")
    configuration = bootstrap.configuration(deployed.workspace)
    now = deployed.clock.now()
    configuration.save_tick(now, now.date())
    job = ask("POST", "/v1/imports", {"records": "deals"})["id"]
    note_import(configuration, bootstrap.jobs(deployed.workspace).get(job), "completed", now)
    ask("GET", "/v1/freshness")
    ask("PATCH", "/v1/integrations/file", {"active": True}, headers={"If-Match": "*"})
    ask("GET", f"{one}/deals", id=account)
    audited()
    ask("GET", f"{one}/audit", id=account, query={"limit": 1})
    ask("GET", "/v1/audit")
    ask("GET", "/v1/audit", query={"kind": "colour"})
    ask("GET", "/v1/deals/{id}", id=deal)
    ask("POST", "/v1/deals/{id}/reopen", id=deal)
    ask("POST", "/v1/deals/{id}/reopen", id=deal)
    ask("PATCH", "/v1/deals/{id}", {"probability": None}, id=deal, headers={"If-Match": "*"})
    ask("PATCH", "/v1/deals/{id}", {"probability": 1}, id=deal, headers={"If-Match": '"1"'})
    ask("PATCH", "/v1/deals/{id}", {"colour": 1}, id=deal, headers={"If-Match": "*"})
    ask("POST", "/v1/deals", {"name": "Lonely"})
    ask("GET", "/v1/deals/unassigned")
    ask("GET", "/v1/deals/{id}/audit", id=deal)
    ask("DELETE", "/v1/deals/{id}", id=deal)
    ask("PATCH", one, {"industry": "Glass"}, id=account, headers={"If-Match": "*"})
    ask("PATCH", one, {"industry": "Glass"}, id=account)
    tagged = f"{one}/tags/{{tag}}"
    ask("PUT", tagged, id=account, tag="Key")
    ask("PUT", tagged, id=account, tag="Key#1")
    ask("DELETE", tagged, id=account, tag="key")
    fields, field = "/v1/fields", "/v1/fields/{module}/{key}"
    money = {"module": "account", "key": "budget", "name": "Budget", "type": "money"}
    code = {"module": "account", "key": "code", "name": "Code", "type": "text", "unique": True}
    for body in (money, money, code, code | {"name": "Else"}, code | {"key": "name"}):
        ask("POST", fields, body)
    budget = {"amount": 1.5, "currency": "EUR"}
    changes = {"custom": {"budget": budget, "code": "A"}, "tags": ["Key", "Büro"]}
    ask("PATCH", one, changes, id=account, headers={"If-Match": "*"})
    ask("PATCH", one, {"custom": {"code": 1}}, id=account, headers={"If-Match": "*"})
    ask("PATCH", one, {"custom": {"code": "a"}}, id=parent, headers={"If-Match": "*"})
    ask("GET", one, id=account)
    ask("GET", accounts, query={"tag": "Key"})
    ask("GET", fields)
    named = {"module": "account", "key": "budget"}
    ask("GET", field, **named)
    ask("PATCH", field, {"type": "text"}, **named, headers={"If-Match": "*"})
    ask("PATCH", field, {"default": budget}, **named, headers={"If-Match": "*"})
    ask("DELETE", field, **named)
    ask("GET", field, module="account", key="none")
    ask("DELETE", one, id=account)
    for one_of_many in client.get(f"/v1/accounts/{account}/contacts")["items"]:
        ask("DELETE", "/v1/contacts/{id}", id=one_of_many["id"])
    for one_of_many in client.get(f"/v1/accounts/{account}/tasks")["items"]:
        ask("DELETE", "/v1/tasks/{id}", id=one_of_many["id"])
    ask("DELETE", one, id=parent)
    above = ask("POST", accounts, {"name": "Group"})["id"]
    move = ask("PUT", f"{one}/parent", {"parent_id": above}, id=parent)
    ask("GET", "/v1/jobs/{id}", id=move["id"])
    deployed.work_off(move["id"])
    ask("GET", "/v1/jobs/{id}", id=move["id"])
    ask("PUT", f"{one}/parent", {"parent_id": None}, id=account)
    ask("DELETE", one, id=account)
    ask("GET", one, id=account)
    ask("GET", "/v1/schemes/crm_stage")
    counts = "/v1/schemes/crm_stage/counts"
    with patch.object(bootstrap, "work_queue", lambda workspace: KeptWork()):
        pending = ask("GET", counts)["job"]["id"]
    ask("GET", "/v1/jobs/{id}", id=pending)
    with patch("stageline.use_cases.counts.INDEX_LAG_SECONDS", 0):
        count(bootstrap.counting(deployed.workspace), pending)
    ask("GET", counts)
    ask("GET", counts, query={"from": "2025-12-30", "to": "2026-01-02"})
    ask("GET", "/v1/imports")
    ask("GET", "/v1/imports/{id}", id=job)
    ask("GET", "/v1/imports/{id}/problems", id=job)
    verification = ask("POST", "/v1/verifications", {"repair": True})["id"]
    ask("GET", "/v1/verifications/{id}", id=verification)
    ask("GET", "/v1/jobs/{id}", id=job)
    for tried in (
        {"name": "Reader", "fields": {"deals.amount": "none"}},
        {"name": "Reader", "fields": {"deals.colour": "none"}},
    ):
        ask("PUT", "/v1/profiles/{key}", tried, key="reader")
    ask("GET", "/v1/profiles")
    ask("GET", "/v1/profiles/{key}", key="reader")
    person = {"email": "new@example.com", "name": "New", "role": "seller", "profile": "reader"}
    member = ask("POST", "/v1/members", person)["id"]
    robot = {"name": "Robot", "role": "viewer", "scopes": ["deals:read"]}
    ask("POST", "/v1/clients", robot | {"expires_at": "2099-01-01T00:00:00Z"})
    ask("GET", "/v1/members")
    ask("GET", "/v1/members/{member_id}", member_id=member)
    changed = {"team": "sales", "manager_id": client.subject}
    ask("PATCH", "/v1/members/{member_id}", changed, member_id=member, headers={"If-Match": "*"})
    ask("DELETE", "/v1/members/{member_id}", member_id=client.subject)
    mine = ask("POST", "/v1/deals", {"name": "Read by two"})["id"]
    ask("PUT", "/v1/deals/{id}/members/{member_id}", id=mine, member_id=member)
    ask("DELETE", "/v1/deals/{id}/members/{member_id}", id=mine, member_id=member)
    ask("DELETE", "/v1/profiles/{key}", key="reader")
    ask("DELETE", "/v1/members/{member_id}", member_id=member)
    ask("DELETE", "/v1/profiles/{key}", key="reader")
    ask("GET", "/v1/settings")
    ask("PATCH", "/v1/settings", {"ownership": "shared"}, headers={"If-Match": "*"})
    ask("GET", "/v1/me")
    ask("PATCH", "/v1/me", {"zone": "Europe/Vienna", "locale": "de-AT"})
    ask("GET", accounts, query={"colour": "blue"})
    ask("GET", accounts, query={"cursor": "x"})
    check = ask("POST", "/v1/privacy/restore-checks")["id"]
    ask("GET", "/v1/privacy/restore-checks/{id}", id=check)
    ask("GET", "/v1/privacy/restore-checks/{id}", id="0" * 32)
    ask("GET", "/v1/jobs/{id}", id=check)
    ask("GET", "/health")
    ask("GET", "/openapi.json")

    assert seen == {(route.method, route.path) for route in ROUTES} - {("GET", "/docs")}
