"""Requests to one CRM: checked, paced, tried again as long as that helps and there is time."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import sleep

import httpcore2
import httpx2
import stamina

from stageline.adapters.crm_network import CheckedNetwork
from stageline.adapters.crm_transport import client_over
from stageline.crm_ports import Pace, Tokens
from stageline.domain.crm_address import allowed_host
from stageline.domain.crm_bodies import OF_ANOTHER_FORM, decoded, parsed
from stageline.domain.crm_errors import (
    CrmError,
    CrmRefused,
    CrmThrottled,
    CrmUnavailable,
    SignInRefused,
    TokenExpired,
    meaning,
    plain_code,
    retry_after,
)
from stageline.domain.crm_messages import CrmReply, CrmRequest, Dialect
from stageline.domain.errors import UrlNotAllowed


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is tried, how long it waits between (doubling), how much it reads."""

    attempts: int = 6
    first_wait: timedelta = timedelta(seconds=0.5)
    longest_wait: timedelta = timedelta(seconds=10)
    jitter: timedelta = timedelta(seconds=1)
    most_bytes: int = 32_000_000


class CrmHttp:
    """The port `Crm`, for one thread. Without `tokens` it asks for what a sign-in needs.

    `time_left` is how long the caller may still take; no wait goes beyond it.
    """

    def __init__(
        self,
        dialect: Dialect,
        network: CheckedNetwork,
        time_left: Callable[[], timedelta],
        *,
        tokens: Tokens | None = None,
        pace: Pace | None = None,
        patience: Patience = Patience(),
        client: httpx2.Client | None = None,
    ) -> None:
        self._dialect = dialect
        self._network = network
        self._time_left = time_left
        self._tokens = tokens
        self._pace = pace
        self._patience = patience
        self._client = client or client_over(network)
        self.quota_left: int | None = None
        """How many requests the day still has, as the CRM said last."""

    def close(self) -> None:
        self._client.close()

    def send(self, request: CrmRequest) -> CrmReply:
        allowed_host(request.url, self._dialect.hosts, "url")
        patience = self._patience
        renewed = False
        for attempt in stamina.retry_context(
            on=lambda error: self._wait_after(error, request),
            attempts=patience.attempts,
            timeout=None,
            wait_initial=patience.first_wait,
            wait_max=patience.longest_wait,
            wait_jitter=patience.jitter,
        ):
            self._wait_for_turn(request.turns)
            # Outside of the attempt: a sign-in has tried again by itself.
            token = None if self._tokens is None else self._tokens.value()
            with attempt:
                try:
                    return self._exchange(request, token)
                except TokenExpired as error:
                    if self._tokens is not None and token is not None:
                        self._tokens.drop(token)
                    if renewed:
                        raise SignInRefused(
                            "the CRM refuses a new token", error.status, error.code
                        ) from None
                    renewed = True
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _wait_after(self, error: Exception, request: CrmRequest) -> bool | float:
        """Return whether to try again, or after how many seconds."""
        if isinstance(error, TokenExpired):
            return 0.0
        if not isinstance(error, CrmUnavailable) or (request.once and error.may_be_done):
            return False
        wait = error.retry_after
        if (self._patience.longest_wait if wait is None else wait) >= self._time_left():
            return False
        return True if wait is None else wait.total_seconds()

    def _wait_for_turn(self, turns: int) -> None:
        if self._pace is not None:
            wait = self._pace.take(self._time_left(), turns)
            if wait:
                sleep(wait.total_seconds())

    def _exchange(self, request: CrmRequest, token: str | None) -> CrmReply:
        try:
            self._network.allow(self._time_left().total_seconds())
            with self._client.stream(
                request.method,
                request.url,
                params=request.query or None,
                headers={
                    **request.headers,
                    **(self._dialect.authorize(token) if token is not None else {}),
                },
                json=request.json,
                data=request.form,
                content=request.content,
            ) as reply:
                if 300 <= reply.status_code < 400:
                    raise UrlNotAllowed(
                        "base_url", "redirect", "sends requests elsewhere; give the CRM's own URL"
                    )
                body = self._body(reply)
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
            raise CrmUnavailable("the CRM cannot be reached", may_be_done=False) from None
        except httpcore2.TimeoutException:
            raise CrmUnavailable("the CRM does not answer in time") from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpx2.DecodingError):
            raise CrmUnavailable("the CRM's answer was cut off") from None
        headers = dict(reply.headers)
        if not reply.is_success:
            raise self._refusal(reply.status_code, headers, body)
        self._see(headers)
        return CrmReply(
            reply.status_code, headers, decoded(request.media, reply.status_code, headers, body)
        )

    def _body(self, reply: httpx2.Response) -> bytes:
        body = bytearray()
        for part in reply.iter_bytes():
            body += part
            if len(body) > self._patience.most_bytes:
                if reply.is_success:
                    raise CrmRefused("the CRM's answer is too large", code="ANSWER_TOO_LARGE")
                return b""
        return bytes(body)

    def _refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> CrmError:
        try:
            code = plain_code(self._dialect.code(parsed(body)))
        except OF_ANOTHER_FORM:
            code = None
        wait = retry_after(headers.get("retry-after"), datetime.now(UTC))
        is_sign_in = self._tokens is None
        error = meaning(
            status,
            code,
            wait,
            self._dialect,
            is_sign_in=is_sign_in,
            quota_left=self._see_quota(headers),
        )
        if isinstance(error, CrmThrottled) and self._pace is not None:
            if wait is None:
                self._pace.lower(0)
            else:
                self._pace.hold(wait)
        return error

    def _see_quota(self, headers: Mapping[str, str]) -> int | None:
        """Return how many requests the day has left, if an answer says so."""
        with suppress(*OF_ANOTHER_FORM):
            if (left := self._dialect.quota_left(headers)) is not None:
                self.quota_left = left
                return left
        return None

    def _see(self, headers: Mapping[str, str]) -> None:
        self._see_quota(headers)
        try:
            left = self._dialect.left(headers)
        except OF_ANOTHER_FORM:
            left = None
        if left is not None and self._pace is not None:
            self._pace.lower(left)
