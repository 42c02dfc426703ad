"""What a CRM answers, and what becomes of it."""

import gzip
import logging
import time
from datetime import timedelta
from decimal import Decimal

import pytest

from stageline.domain.crm_errors import (
    CrmQuotaSpent,
    CrmRefused,
    CrmThrottled,
    CrmUnavailable,
    SignInRefused,
)
from stageline.domain.crm_messages import CrmRequest
from stageline.domain.errors import UrlNotAllowed
from tests.fakes.scripted_server import answer, reset, serving
from tests.unit.sync_crm.crm import HOST, QUICK, URL, NotedPace, TokensInTurn, asked, crm_of

GOOD = answer(200, {"amount": 1234.50})
HTML = answer(200, b"<html>Down for maintenance</html>", "Content-Type: text/html\r\n")
PERSON = "erika@muster.example"


def test_a_good_answer_is_decoded_with_exact_numbers():
    with serving(GOOD) as server:
        reply = asked(server, CrmRequest(url=URL, query={"after": "a b"}))

    assert reply.data == {"amount": Decimal("1234.5")}
    assert server.requests[0].startswith("GET /records?after=a+b HTTP/1.1")
    assert server.header("Host") == [HOST]


def test_json_a_form_and_text_are_sent_as_such():
    with serving(GOOD) as server, crm_of(server) as crm:
        crm.send(CrmRequest(method="POST", url=URL, json={"limit": 200}))
        crm.send(CrmRequest(method="POST", url=URL, form={"grant_type": "refresh_token"}))
        crm.send(CrmRequest(method="POST", url=URL, content=b"Id\n1\n"))

    bodies = [request.partition("\r\n\r\n")[2] for request in server.requests]
    assert bodies == ['{"limit":200}', "grant_type=refresh_token", "Id\n1\n"]


def test_a_table_comes_as_text_and_nothing_as_none():
    table, nothing = answer(200, b"Id\n1\n"), answer(204, b"")
    with serving(table, nothing) as server, crm_of(server) as crm:
        assert crm.send(CrmRequest(url=URL, media="csv")).data == "Id\n1\n"
        assert crm.send(CrmRequest(url=URL, method="DELETE")).data is None


def drip(connection):
    connection.sendall(b"HTTP/1.1 200 X\r\n")
    for _ in range(40):
        connection.sendall(b"X-More: 1\r\n")
        time.sleep(0.05)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(answer(500), id="500"),
        pytest.param(answer(503, b"<html>"), id="503 with a page for people"),
        pytest.param(answer(408), id="408"),
        pytest.param(HTML, id="HTML instead of JSON"),
        pytest.param(answer(200, b""), id="nothing at all"),
        pytest.param(answer(200, {"amount": 1234.50}, cut=4), id="a page cut off"),
        pytest.param(answer(200, b'{"amount": 1'), id="JSON cut off by the CRM"),
        pytest.param(b"HTTP/1.1 200 X\r\n\r\n[1, ", id="cut off without a length"),
        pytest.param(
            b"HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\n\r\nno", id="broken compression"
        ),
        pytest.param(answer(200, b'{"amount": NaN}'), id="what is no JSON"),
        pytest.param(answer(200, b"1e99999999999999999999999"), id="a number beyond all bounds"),
        pytest.param(answer(200, b"[" * 900), id="JSON too deep, or cut off"),
        pytest.param(b"", id="closed without a word"),
        pytest.param(b"what?\r\n\r\n", id="no HTTP"),
        pytest.param(reset, id="connection reset"),
        pytest.param(answer(429), id="429 without Retry-After"),
        pytest.param(answer(429, None, "Retry-After: 0\r\n"), id="429 with Retry-After"),
    ],
)
def test_what_may_pass_is_tried_again(bad):
    with serving(bad, bad, GOOD) as server:
        assert asked(server).data == {"amount": Decimal("1234.5")}

    assert len(server.requests) == 3


def test_a_table_without_a_length_may_be_cut_off():
    bad = b"HTTP/1.1 200 X\r\n\r\nId\n1\n"
    with serving(bad, answer(200, b"Id\n1\n2\n")) as server:
        assert asked(server, CrmRequest(url=URL, media="csv")).data == "Id\n1\n2\n"


def test_tries_come_to_an_end():
    with serving(answer(502)) as server, pytest.raises(CrmUnavailable) as failure:
        asked(server)

    assert len(server.requests) == QUICK.attempts
    assert str(failure.value) == "the CRM has a failure (502)"


def test_nothing_takes_longer_than_there_is_time():
    ends = time.monotonic() + 0.3
    left = lambda: timedelta(seconds=max(ends - time.monotonic(), 0))  # noqa: E731
    with serving(drip) as server, pytest.raises(CrmUnavailable, match="in time"):
        asked(server, time_left=left)

    assert time.monotonic() < ends + 0.2


def test_retry_after_is_waited_for_if_there_is_time():
    busy = answer(429, None, "Retry-After: 0.2\r\n")
    began = time.monotonic()
    with serving(busy, GOOD) as server:
        asked(server)
    assert time.monotonic() - began >= 0.2

    with serving(answer(429, None, "Retry-After: 90\r\n")) as server:
        with pytest.raises(CrmThrottled) as later:
            asked(server)
        assert len(server.requests) == 1
    assert later.value.retry_after == timedelta(seconds=90)


def test_a_retry_after_that_is_a_date_is_understood_and_holds_a_day_at_most():
    busy = answer(429, None, "Retry-After: Wed, 01 Jan 2200 00:00:00 GMT\r\n")
    with serving(busy) as server, pytest.raises(CrmThrottled) as later:
        asked(server)

    assert later.value.retry_after == timedelta(days=1)


def test_what_may_be_done_already_is_not_sent_twice():
    create = CrmRequest(method="POST", url=URL, json={}, once=True)
    with serving(reset) as server, pytest.raises(CrmUnavailable) as unsure:
        asked(server, create)
    assert (len(server.requests), unsure.value.may_be_done) == (1, True)

    with serving(answer(429), GOOD) as server:
        asked(server, create)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("status", "body", "kind", "text"),
    [
        (400, {"error": "bad_filter"}, CrmRefused, "the CRM refuses the request (400) BAD_FILTER"),
        (
            403,
            {"error": "DAILY_LIMIT"},
            CrmQuotaSpent,
            "the CRM's quota is spent (403) DAILY_LIMIT",
        ),
        (
            429,
            {"error": "DAILY_LIMIT"},
            CrmQuotaSpent,
            "the CRM's quota is spent (429) DAILY_LIMIT",
        ),
        (404, {"error": f"no {PERSON}"}, CrmRefused, "the CRM refuses the request (404)"),
        (404, [PERSON], CrmRefused, "the CRM refuses the request (404)"),
        (403, b"<html>", CrmRefused, "the CRM refuses the request (403)"),
        (400, b"x" * 5000, CrmRefused, "the CRM refuses the request (400)"),
    ],
)
def test_a_refusal_says_its_status_and_code_and_nothing_of_the_crms(status, body, kind, text):
    with serving(answer(status, body)) as server, pytest.raises(kind) as refused:
        asked(server, tokens=TokensInTurn())

    assert str(refused.value) == text
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    assert len(server.requests) == 1


def test_an_answer_too_large_is_not_read_to_its_end():
    bomb = gzip.compress(b"0" * 50_000_000)
    packed = answer(200, bomb, "Content-Encoding: gzip\r\n")
    with serving(packed) as server, pytest.raises(CrmRefused, match="ANSWER_TOO_LARGE"):
        asked(server)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_refused_and_nothing_is_sent_there(status):
    with serving(GOOD) as elsewhere:
        there = f"Location: http://127.0.0.1:{elsewhere.port}/\r\n"
        with serving(answer(status, None, there)) as server, pytest.raises(UrlNotAllowed) as no:
            asked(server)

    assert (no.value.reason, len(server.requests), elsewhere.requests) == ("redirect", 1, [])


def test_a_token_that_expires_is_renewed_once_in_mid_retry():
    tokens = TokensInTurn()
    with serving(answer(500), answer(401), GOOD) as server:
        asked(server, tokens=tokens)

    assert server.header("Authorization") == ["Bearer token-0", "Bearer token-0", "Bearer token-1"]
    assert tokens.dropped == ["token-0"]


def test_a_new_token_that_is_refused_means_that_the_sign_in_is():
    with serving(answer(401)) as server, pytest.raises(SignInRefused):
        asked(server, tokens=TokensInTurn())

    assert len(server.requests) == 2


def test_wrong_credentials_are_refused_with_the_vendors_code():
    wrong = answer(400, {"error": "invalid_grant"})
    with serving(wrong) as server, pytest.raises(SignInRefused) as refused:
        asked(server)

    assert (refused.value.code, server.header("Authorization")) == ("INVALID_GRANT", [None])


def test_the_pace_hears_what_the_crm_says():
    answers = [
        answer(429),
        answer(429, None, "Retry-After: 0\r\n"),
        answer(500),
        answer(200, {}, "X-Left: 7\r\n"),
    ]
    pace = NotedPace()
    with serving(*answers) as server:
        asked(server, pace=pace)

    assert pace.noted == ["take", 0, "take", timedelta(), "take", "take", 7]


def test_headers_that_nobody_can_read_say_nothing():
    pace = NotedPace()
    with serving(answer(200, {}, "X-Left: some\r\n")) as server:
        assert asked(server, pace=pace).data == {}

    assert pace.noted == ["take"]


def test_cookies_are_not_kept():
    with serving(answer(200, {}, "Set-Cookie: session=1\r\n")) as server, crm_of(server) as crm:
        crm.send(CrmRequest(url=URL))
        crm.send(CrmRequest(url=URL))

    assert server.header("Cookie") == [None, None]


def test_nothing_of_people_or_tokens_is_logged(caplog):
    request = CrmRequest(method="POST", url=URL, query={"email": PERSON}, json={"email": PERSON})
    with caplog.at_level(logging.INFO), serving(answer(500, PERSON.encode()), GOOD) as server:
        asked(server, request, tokens=TokensInTurn())

    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert PERSON not in logged and "muster" not in logged and "token-0" not in logged
    assert PERSON not in repr(request)
