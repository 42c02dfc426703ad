"""Tokens: of a private app, or from `POST /oauth/v1/token` (and v3)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import count
from urllib.parse import parse_qsl

from tests.crm.hubspot.account import Account
from tests.crm.hubspot.answers import Answer, Refused, refusal
from tests.crm.hubspot.clock import MILLISECOND, iso
from tests.crm.hubspot.schema import OBJECTS

PRIVATE_TOKEN = "pat-eu1-5e1f0f5e-0000-4000-8000-private00app"
CLIENT_ID, CLIENT_SECRET = "c11e47-1d", "5ec4e7"
FIRST_REFRESH_TOKEN = "na1-refresh-0"

ALL_SCOPES = frozenset(
    {f"crm.objects.{row[2]}.{action}" for row in OBJECTS.values() for action in ("read", "write")}
    | {"crm.objects.owners.read", "oauth"}
)


@dataclass(slots=True)
class Grant:
    app: str
    scopes: frozenset[str]
    expires_at: int | None = None

    @property
    def oauth(self) -> bool:
        return self.expires_at is not None


class SignIn:
    def __init__(self, account: Account, scopes: Collection[str]) -> None:
        self._account = account
        self._scopes = frozenset(scopes)
        self._grants = {PRIVATE_TOKEN: Grant("private", self._scopes)}
        self._numbers = count(1)
        self.refresh_token: str = FIRST_REFRESH_TOKEN

    def set_scopes(self, scopes: Collection[str]) -> None:
        self._scopes = frozenset(scopes)
        for grant in self._grants.values():
            grant.scopes = self._scopes

    def expire_all(self) -> None:
        """Every OAuth token ends now; a private app's token does not expire."""
        for grant in self._grants.values():
            if grant.expires_at is not None:
                grant.expires_at = min(grant.expires_at, self._account.clock.now())

    def revoke(self) -> None:
        """The app is uninstalled: neither its tokens nor its refresh token are known any more."""
        self._grants.clear()
        self.refresh_token = ""

    def grant_of(self, authorization: str) -> Grant:
        scheme, _, token = authorization.partition(" ")
        grant = self._grants.get(token)
        if scheme.lower() != "bearer" or grant is None:
            raise refusal(
                401,
                "INVALID_AUTHENTICATION",
                "Authentication credentials not found. This API supports OAuth 2.0 "
                "authentication and you can find more details at "
                "https://developers.hubspot.com/docs/methods/auth/oauth-overview",
            )
        if grant.expires_at is not None and grant.expires_at <= self._account.clock.now():
            ago = (self._account.clock.now() - grant.expires_at) // 1000
            raise refusal(
                401,
                "EXPIRED_AUTHENTICATION",
                f"The OAuth token used to make this call expired {ago} second(s) ago.",
                context={"expire time": [iso(grant.expires_at)]},
            )
        return grant

    def token(self, content_type: str, content: bytes) -> Answer:
        if not content_type.startswith("application/x-www-form-urlencoded"):
            raise refusal(415, "VALIDATION_ERROR", "The body must be form encoded")
        form = dict(parse_qsl(content.decode("utf-8", "replace")))
        if form.get("client_id") != CLIENT_ID:
            raise _refused("BAD_CLIENT_ID", "missing or invalid client id")
        if form.get("client_secret") != CLIENT_SECRET:
            raise _refused("BAD_CLIENT_SECRET", "missing or invalid client secret")
        match form.get("grant_type"):
            case "refresh_token":
                return self._refresh(form)
            case "client_credentials":
                # Documented for the webhooks journal only: it opens no CRM object.
                reach = self._account.options.client_credentials_reach_crm
                return self._issued(self._scopes if reach else frozenset())
        raise _refused("BAD_GRANT_TYPE", "missing or unknown grant type")

    def _refresh(self, form: Mapping[str, str]) -> Answer:
        if not self.refresh_token or form.get("refresh_token") != self.refresh_token:
            raise _refused("BAD_REFRESH_TOKEN", "missing or invalid refresh token")
        if self._account.options.refresh_rotates:
            self.refresh_token = f"na1-refresh-{next(self._numbers)}"
        answer = self._issued(self._scopes)
        return Answer(200, {**answer.body, "refresh_token": self.refresh_token})

    def _issued(self, scopes: frozenset[str]) -> Answer:
        life = self._account.options.token_life
        token = f"oauth-{next(self._numbers)}"
        expires_at = self._account.clock.now() + life // MILLISECOND
        self._grants[token] = Grant("oauth", scopes, expires_at)
        seconds = int(life.total_seconds())
        body = {"token_type": "bearer", "access_token": token, "expires_in": seconds}
        return Answer(200, body)


def require(grant: Grant, *scopes: str) -> None:
    """One of these scopes is enough."""
    if not scopes or grant.scopes & set(scopes):
        return
    error = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": list(scopes)},
    }
    raise refusal(
        403,
        "MISSING_SCOPES",
        "This app hasn't been granted all required scopes to make this call. Read more about "
        "required scopes here: https://developers.hubspot.com/scopes.",
        errors=[error],
        links={"scopes": "https://developers.hubspot.com/scopes"},
    )


def _refused(status: str, message: str) -> Refused:
    return Refused(400, {"status": status, "message": message})
