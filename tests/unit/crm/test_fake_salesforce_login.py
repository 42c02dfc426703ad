"""The fake of Salesforce behaves as the vendor's pages say: signing in, and what goes wrong."""

import base64
import json
import time
from http.client import IncompleteRead
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from tests.crm import faults
from tests.crm.salesforce import App, Salesforce
from tests.crm.salesforce.login import JWT_BEARER
from tests.unit.crm.salesforce_client import Client

KEY = generate_private_key(65537, 2048)
DOMAIN = "https://acme.my.salesforce.com"
ACCOUNTS = "SELECT Id FROM Account"


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def assertion(crm: Salesforce, **changed: Any) -> str:
    claims = {
        "iss": crm.app.consumer_key,
        "sub": crm.app.username,
        "aud": DOMAIN,
        "exp": int(crm.clock.now().timestamp()) + 180,
    } | changed
    signed = f"{part({'alg': 'RS256'})}.{part(claims)}"
    seal = base64.urlsafe_b64encode(KEY.sign(signed.encode(), PKCS1v15(), SHA256()))
    return f"{signed}.{seal.decode().rstrip('=')}"


@pytest.fixture
def crm():
    with Salesforce(app=App(public_key=KEY.public_key()), domain=DOMAIN) as crm:
        yield crm


@pytest.fixture
def client(crm: Salesforce) -> Client:
    return Client(crm)


def test_a_signed_assertion_is_exchanged_for_a_token_of_the_instance(crm, client):
    answer = client.grant(grant_type=JWT_BEARER, assertion=assertion(crm))
    assert answer.status == 200
    assert (answer.json["instance_url"], answer.json["token_type"]) == (DOMAIN, "Bearer")
    client.headers["Authorization"] = f"Bearer {answer.json['access_token']}"
    assert client.query(ACCOUNTS).status == 200


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"aud": "https://login.salesforce.com"}, "audience is invalid"),
        ({"exp": 1}, "expired authorization code"),
        ({"exp": 2**40}, "invalid assertion"),
        ({"sub": "nobody@acme.test"}, "user hasn't approved this consumer"),
        ({"iss": "other"}, "client identifier invalid"),
    ],
)
def test_what_an_assertion_is_refused_for(crm, client, changed, said):
    answer = client.grant(grant_type=JWT_BEARER, assertion=assertion(crm, **changed))
    assert (answer.status, answer.json["error_description"]) == (400, said)


def test_an_assertion_needs_the_right_signature(crm, client):
    good = assertion(crm)
    for bad in ("", "x", good[:-8] + "AAAAAAAA", good.replace(".", "!", 1)):
        answer = client.grant(grant_type=JWT_BEARER, assertion=bad)
        assert answer.json == {"error": "invalid_grant", "error_description": "invalid assertion"}


def test_client_credentials_need_a_secret_and_a_user_to_run_as(crm, client):
    form = {"grant_type": "client_credentials", "client_id": crm.app.consumer_key}
    wrong = client.grant(**form, client_secret="guess")
    assert wrong.json["error"] == "invalid_client"
    form["client_secret"] = crm.app.consumer_secret
    assert client.grant(**form).status == 200
    crm.app.runs_as = False
    none = client.grant(**form)
    assert none.json["error_description"] == "no client credentials user enabled"
    assert client.grant(grant_type="password").json["error"] == "unsupported_grant_type"


def test_a_session_lives_as_long_as_it_is_used(crm, client):
    assert client.query(ACCOUNTS).error == (401, "INVALID_SESSION_ID")
    client.sign_in()
    for _ in range(3):
        crm.clock.advance(minutes=119)
        assert client.query(ACCOUNTS).status == 200
    crm.clock.advance(hours=2)
    assert client.query(ACCOUNTS).error == (401, "INVALID_SESSION_ID")


def test_a_session_may_end_between_two_pages(crm, client):
    client.sign_in()
    crm.faults.order(faults.first(crm.expire_sessions), after=1, path="/query")
    assert client.query(ACCOUNTS).status == 200
    assert client.query(ACCOUNTS).error == (401, "INVALID_SESSION_ID")
    assert client.sign_in().query(ACCOUNTS).status == 200


def test_requests_fail_as_often_as_ordered(crm, client):
    client.sign_in()
    crm.faults.order(faults.status(503), times=2)
    crm.faults.order(faults.status(429, retry_after=3))
    answers = [client.query(ACCOUNTS) for _ in range(4)]
    assert [answer.status for answer in answers] == [503, 503, 429, 200]
    assert answers[2].headers["retry-after"] == "3" and "retry-after" not in answers[0].headers
    assert [one.status for one in crm.requests[-4:]] == [503, 503, 429, 200]


def test_answers_are_cut_off_or_no_json(crm, client):
    client.sign_in()
    crm.faults.order(faults.cut_off())
    with pytest.raises(IncompleteRead):
        client.query(ACCOUNTS)
    crm.faults.order(faults.half_a_document())
    crm.faults.order(faults.html())
    for _ in range(2):
        answer = client.query(ACCOUNTS)
        with pytest.raises(ValueError):
            answer.json  # noqa: B018
    assert answer.headers["content-type"].startswith("text/html")


def test_a_connection_is_reset_before_or_after_the_work(crm, client):
    client.sign_in()
    for fault in (faults.reset(), faults.answer_lost()):
        crm.faults.order(fault)
        with pytest.raises(ConnectionError):
            client.post("sobjects/Account", {"Name": "Acme"})
        assert crm.requests[-1].status is None
    assert len(client.rows(ACCOUNTS)) == 1


def test_an_answer_may_take_its_time(crm, client):
    crm.faults.order(faults.latency(0.05))
    before = time.monotonic()
    client.sign_in()
    assert time.monotonic() - before >= 0.05


def test_a_mistake_of_the_fake_fails_its_test():
    with pytest.raises(ZeroDivisionError), Salesforce() as crm:
        crm.add_field("Account", "Tier__c", "double", formula=lambda row: 1 / 0)
        crm.add("Account", {"Name": "Acme"})
        assert Client(crm).sign_in().query("SELECT Tier__c FROM Account").status == 500
