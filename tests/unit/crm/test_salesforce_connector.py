"""Salesforce as the sync reads it: what changed, all there is, what is gone, what is refused."""

from datetime import timedelta
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from stageline.domain.crm_errors import SignInRefused
from stageline.domain.crm_records import PlaceLost
from sync_crm.connectors.salesforce import sign_in
from tests.crm import faults
from tests.crm.salesforce import App, Options
from tests.crm.salesforce import Salesforce as Fake
from tests.unit.crm.salesforce_connector import URL, accounts, gone, http, ids, reading

# Signing in


def test_a_client_signs_in_with_its_secret():
    with Fake(domain=URL) as crm, http(crm) as client:
        now = crm.clock.now()
        secret = {"client_id": crm.app.consumer_key, "client_secret": crm.app.consumer_secret}
        token = sign_in(client, URL, secret, now)
        with pytest.raises(SignInRefused, match="INVALID_CLIENT"):
            sign_in(client, URL, secret | {"client_secret": "another"}, now)

    assert token.expires_at == now + timedelta(hours=1)


def test_a_client_signs_in_with_its_key_for_the_my_domain_url():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    app = App(public_key=key.public_key())
    credentials = {
        "client_id": app.consumer_key,
        "username": app.username,
        "private_key": pem,
    }
    with Fake(app=app, domain=URL) as crm, http(crm) as client:
        assert sign_in(client, URL, credentials, crm.clock.now()).value
        with pytest.raises(SignInRefused, match="INVALID_GRANT"):
            sign_in(client, URL, credentials | {"username": "else"}, crm.clock.now())


def test_a_session_that_ends_in_mid_read_is_renewed(org, small_pages):
    expected = accounts(org.crm, 8)
    org.crm.clock.advance(minutes=1)
    org.crm.faults.order(faults.first(org.crm.expire_sessions), path="queryAll", after=1)

    assert ids(org.changes()) == expected


# Changes


def test_records_with_equal_timestamps_are_read_over_several_pages(org, small_pages):
    expected = accounts(org.crm, 8)
    org.crm.clock.advance(minutes=1)
    ask = org.ask("accounts", ("Name",), org.read_until)

    pages = list(org.pages(ask))

    assert [ids(page.records) for page in pages] == [expected[:3], expected[3:6], expected[6:]]
    assert org.connector.page(ask(pages[0].place)) == pages[1]


def test_salesforce_may_give_fewer_at_once_than_asked_for():
    with reading(Options(smaller_batches=True)) as org:
        expected = accounts(org.crm, 1600)
        org.crm.clock.advance(minutes=1)

        assert ids(org.changes()) == expected
        assert len(org.connector.fetch("accounts", expected[:200], ())) == 200


def test_who_changes_during_the_reading_comes_with_the_next_window(org, small_pages):
    first, *_, last = accounts(org.crm, 4)
    org.crm.clock.advance(minutes=1)
    pages = org.pages(org.ask("accounts", ("Name",), org.read_until))
    org.read_until = org.crm.clock.now()
    assert first in ids(next(pages).records)
    org.crm.update(last, {"Name": "Bolt"})
    assert last not in ids(record for page in pages for record in page.records)

    org.crm.clock.advance(minutes=1)
    [changed] = org.changes("accounts", "Name")
    assert (changed.external_id, changed.values) == (last, {"Name": "Bolt"})


@pytest.mark.parametrize("moves", [True, False])
def test_deleted_records_are_gone_whether_or_not_that_moves_their_stamp(moves):
    with reading(Options(deletion_moves_modstamp=moves)) as org:
        _, deleted, back = accounts(org.crm, 3)
        org.crm.clock.advance(minutes=10)
        org.changes()
        org.crm.delete(deleted)
        org.crm.delete(back)
        org.crm.undelete(back)
        org.crm.clock.advance(minutes=10)

        found = org.changes()
        assert gone(found) == {deleted: None}
        assert sorted(ids(found)) == [deleted, back]
        org.crm.clock.advance(minutes=10)
        assert org.changes() == []


def test_many_deletions_come_over_several_pages(small_pages):
    with reading(Options(deletion_moves_modstamp=False)) as org:
        expected = accounts(org.crm, 8)
        org.crm.clock.advance(minutes=10)
        org.changes()
        for one in expected:
            org.crm.delete(one)
        org.crm.clock.advance(minutes=10)

        assert list(gone(org.changes())) == expected


def test_what_is_merged_says_into_what_chains_too(org):
    first, second, third, other = accounts(org.crm, 4)
    org.crm.clock.advance(minutes=10)
    org.changes()
    org.crm.merge(second, first)
    org.crm.merge(third, second, other)
    org.crm.clock.advance(minutes=10)

    found = org.changes()
    assert gone(found) == {first: second, second: third, other: third}
    assert [record.external_id for record in found if not record.is_gone] == [third]


def test_what_the_feed_does_not_tell_is_left_to_the_sweep(org):
    [account] = accounts(org.crm, 1)
    org.crm.clock.advance(minutes=1)
    body = b'[{"errorCode": "INVALID_REPLICATION_DATE", "message": "too early"}]'
    org.crm.faults.order(faults.status(400, body=body), path="/deleted")

    assert ids(org.changes()) == [account]


# All there is


def test_a_small_org_is_read_with_one_request(org):
    expected = accounts(org.crm, 5)
    org.crm.delete(expected.pop())
    org.everything()
    org.crm.requests.clear()

    assert ids(org.everything("accounts", "Name")) == expected
    assert [request.parts[3] for request in org.crm.requests] == ["queryAll"]


def test_a_larger_one_is_read_by_a_job_in_sets_once_it_is_ready(small_pages):
    with reading(Options(bulk_polls=2)) as org:
        expected = accounts(org.crm, 10)
        org.crm.delete(expected.pop())
        pages = list(org.pages(org.ask("accounts", ("Name",), None)))

        assert [len(page.records) for page in pages] == [3, 0, 0, 3, 3]
        assert [page.wait is not None for page in pages] == [True, True, True, False, False]
        assert sorted(ids(record for page in pages for record in page.records)) == expected


DEAL = ("Name", "Amount", "IsWon", "NextStep", "CreatedDate", "CloseDate", "Owner.Email")


@pytest.mark.parametrize("with_header", [True, False])
def test_a_job_gives_the_same_values_as_a_query(small_pages, with_header):
    with reading(Options(bulk_header_on_each_page=with_header)) as org:
        for number in range(8):
            values = {"StageName": "Closed Won", "CloseDate": "2026-04-01"}
            amount = [1000.0, 12.5, None][number % 3]
            named = {"Name": f'"{number}",\nnew', "Amount": amount}
            org.crm.add("Opportunity", values | named)
        org.crm.update(org.crm.org.user, {"Email": "erika@acme.test"})
        by_job = org.everything("deals", *DEAL)
        by_query = org.connector.fetch("deals", ids(by_job), DEAL)

        assert sorted(ids(by_job)) == ids(by_query) and len(by_query) == 8
        assert {one.external_id: one for one in by_job} == {
            one.external_id: one for one in by_query
        }
        assert by_query[1].values == {
            "Name": '"1",\nnew',
            "Amount": Decimal("12.5"),
            "IsWon": True,
            "NextStep": None,
            "CreatedDate": "2026-03-02T12:00:00.000Z",
            "CloseDate": "2026-04-01",
            "Owner.Email": "erika@acme.test",
        }


def refuse_jobs(crm):
    body = b'[{"errorCode": "FEATURENOTENABLED", "message": "no"}]'
    crm.faults.order(faults.status(403, body=body), path="/jobs/query")


@pytest.mark.parametrize(
    "spoil", [refuse_jobs, lambda crm: crm.fail_bulk_jobs("InternalServerError")]
)
def test_where_jobs_are_refused_or_fail_the_rest_is_read_by_id(org, small_pages, spoil):
    expected = accounts(org.crm, 10)
    spoil(org.crm)

    assert ids(org.everything()) == expected


def test_a_job_that_is_gone_is_a_lost_place(org, small_pages):
    accounts(org.crm, 10)
    ask = org.ask("accounts", ("Name",), None)
    pages = [page for page, _ in zip(org.pages(ask), range(3), strict=False)]
    org.crm.clock.advance(days=7)

    for page in pages:
        with pytest.raises(PlaceLost):
            org.connector.page(ask(page.place))


def test_a_job_of_other_fields_is_a_lost_place(org, small_pages):
    accounts(org.crm, 10)
    pages = list(org.pages(org.ask("accounts", ("Name",), None)))

    with pytest.raises(PlaceLost):
        org.connector.page(org.ask("accounts", ("Website",), None)(pages[-2].place))


def test_what_is_in_the_crm_is_counted(org):
    *_, deleted = accounts(org.crm, 3)
    org.crm.delete(deleted)

    assert org.connector.count("accounts") == 2
    assert org.connector.count("activities") is None
