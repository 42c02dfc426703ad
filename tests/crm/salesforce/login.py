"""Signing in for servers: JWT bearer and client credentials; sessions that end when unused."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from tests.crm.clock import Clock
from tests.crm.salesforce.errors import Refusal
from tests.crm.server import Reply, Request

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LEGACY_AUDIENCE = "https://login.salesforce.com"


@dataclass(slots=True)
class App:
    """The External Client App of the org."""

    consumer_key: str = "3MVG9-consumer-key"
    consumer_secret: str = "consumer-secret"
    username: str = "sync@acme.test"
    # Without a key the app accepts no assertion.
    public_key: RSAPublicKey | None = None
    # The user is pre-authorized; the client credentials flow has a user to run as.
    approved: bool = True
    runs_as: bool = True
    legacy_audience: bool = False
    longest_assertion: timedelta = timedelta(minutes=5)


class OAuthError(Exception):
    """Errors of sign-in have a form of their own."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error": error, "error_description": description}


@dataclass(slots=True)
class Sessions:
    clock: Clock
    app: App
    timeout: timedelta
    user: str
    # The My Domain URL: the audience of an assertion, and the instance that a token is for.
    domain: Callable[[], str]
    issued: int = 0
    _used: dict[str, datetime] = field(default_factory=dict)

    def expire(self) -> None:
        self._used.clear()

    def check(self, request: Request) -> None:
        """A session lives as long as it is used."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        used = self._used.get(token)
        now = self.clock.now()
        if scheme not in ("Bearer", "OAuth") or used is None or now - used >= self.timeout:
            self._used.pop(token, None)
            raise Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
        self._used[token] = now

    def token(self, request: Request) -> Reply:
        try:
            self._grant(request)
        except OAuthError as error:
            return Reply(error.status, json.dumps(error.body).encode(), dict(JSON))
        self.issued += 1
        token = f"00D5g0000000001!AQ{self.issued:06d}.{'x' * 80}"
        self._used[token] = self.clock.now()
        domain = self.domain()
        body = {
            "access_token": token,
            "scope": "api",
            "instance_url": domain,
            "id": f"{domain}/id/00D5g0000000001EAA/{self.user}",
            "token_type": "Bearer",
        }
        return Reply(200, json.dumps(body).encode(), dict(JSON))

    def _grant(self, request: Request) -> None:
        if request.method != "POST":
            raise OAuthError("invalid_request", "must use HTTP POST")
        form = request.form()
        match form.get("grant_type"):
            case "client_credentials":
                self._client(form, request.headers.get("authorization", ""))
            case str(grant) if grant == JWT_BEARER:
                self._assertion(form.get("assertion", ""))
            case _:
                raise OAuthError("unsupported_grant_type", "grant type not supported")

    def _client(self, form: dict[str, str], authorization: str) -> None:
        key, secret = form.get("client_id"), form.get("client_secret")
        if authorization.startswith("Basic "):
            try:
                plain = base64.b64decode(authorization[6:]).decode()
            except (binascii.Error, UnicodeDecodeError):
                plain = ""
            key, _, secret = plain.partition(":")
        if key != self.app.consumer_key:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        if secret != self.app.consumer_secret:
            raise OAuthError("invalid_client", "invalid client credentials")
        if not self.app.runs_as:
            raise OAuthError("invalid_grant", "no client credentials user enabled")

    def _assertion(self, assertion: str) -> None:
        signed, _, signature = assertion.rpartition(".")
        try:
            header, claims = (_part(part) for part in signed.split("."))
            seal = _decoded(signature)
        except (ValueError, binascii.Error) as error:
            raise OAuthError("invalid_grant", "invalid assertion") from error
        if claims.get("iss") != self.app.consumer_key:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        if header.get("alg") != "RS256" or not self._signed(signed.encode(), seal):
            raise OAuthError("invalid_grant", "invalid assertion")
        audiences = {self.domain()} | ({LEGACY_AUDIENCE} if self.app.legacy_audience else set())
        if claims.get("aud") not in audiences:
            raise OAuthError("invalid_grant", "audience is invalid")
        expires = claims.get("exp")
        now = self.clock.now()
        if not isinstance(expires, int | float) or expires <= now.timestamp():
            raise OAuthError("invalid_grant", "expired authorization code")
        if expires > (now + self.app.longest_assertion).timestamp():
            raise OAuthError("invalid_grant", "invalid assertion")
        if claims.get("sub") != self.app.username or not self.app.approved:
            raise OAuthError("invalid_grant", "user hasn't approved this consumer")

    def _signed(self, text: bytes, seal: bytes) -> bool:
        if self.app.public_key is None:
            return False
        try:
            self.app.public_key.verify(seal, text, PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True


JSON = {"Content-Type": "application/json;charset=UTF-8"}


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _part(part: str) -> dict[str, Any]:
    found = json.loads(_decoded(part))
    if not isinstance(found, dict):
        raise ValueError("a part of a token is an object")
    return found
