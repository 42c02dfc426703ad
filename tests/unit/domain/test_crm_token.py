"""Access tokens: renewed early, tried again, never shown; and which credentials are taken."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from stageline.adapters.crm_tokens import MemoryTokens
from stageline.adapters.jwt_bearer import assertion
from stageline.domain.crm_errors import CrmUnavailable, SignInRefused
from stageline.domain.crm_token import Token
from stageline.domain.errors import NotFound
from stageline.use_cases.crm_sign_in import sign_in

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


class Crm:
    """A CRM that hands out numbered tokens, at a time that passes as it is told."""

    def __init__(self, lifetime: timedelta | None = HALF_HOUR) -> None:
        self.now = NOW
        self.given = 0
        self.is_down = False
        self.lifetime = lifetime
        self.tokens = MemoryTokens(self.sign_in, lambda: self.now)

    def sign_in(self) -> Token:
        if self.is_down:
            raise CrmUnavailable("down")
        self.given += 1
        value = f"token-{self.given}"
        return Token.lasting(value, self.lifetime, self.now) if self.lifetime else Token(value)


def test_a_token_is_kept_until_a_fifth_of_its_life_is_left():
    crm = Crm()
    assert crm.tokens.value() == "token-1"

    crm.now += timedelta(minutes=23)
    assert crm.tokens.value() == "token-1"

    crm.now += timedelta(minutes=1)
    assert crm.tokens.value() == "token-2"


def test_a_token_that_is_still_good_bridges_a_sign_in_that_fails():
    crm = Crm()
    crm.tokens.value()
    crm.is_down = True

    crm.now += timedelta(minutes=29)
    assert crm.tokens.value() == "token-1"

    crm.now += timedelta(minutes=1)
    with pytest.raises(CrmUnavailable):
        crm.tokens.value()


def test_a_token_that_was_refused_is_not_used_again():
    crm = Crm(lifetime=None)
    crm.tokens.drop(crm.tokens.value())
    assert crm.tokens.value() == "token-2"

    crm.tokens.drop("token-1")
    assert crm.tokens.value() == "token-2"


def test_a_token_does_not_show():
    assert "secret" not in repr(Token.lasting("secret", HALF_HOUR, NOW))


class Secrets:
    def __init__(self, *versions):
        self._versions = versions

    def write(self, key, values): ...

    def versions(self, key):
        yield from ({"secret": one} for one in self._versions)
        if not self._versions:
            raise NotFound("credentials")

    def delete(self, key): ...


def asking(*good):
    def ask(credentials):
        if credentials["secret"] not in good:
            raise SignInRefused("no", 400, credentials["secret"].upper())
        return Token(credentials["secret"])

    return ask


def test_the_current_credentials_come_first_and_the_others_bridge_a_change():
    secrets = Secrets("current", "pending", "previous")

    assert sign_in(secrets, "crm", asking("current", "previous")).value == "current"
    assert sign_in(secrets, "crm", asking("previous")).value == "previous"


def test_if_none_is_taken_it_says_what_the_crm_says_of_the_current_ones():
    with pytest.raises(SignInRefused) as refused:
        sign_in(Secrets("current", "previous"), "crm", asking())

    assert refused.value.code == "CURRENT"


def test_an_assertion_is_signed_and_lasts_three_minutes():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    now = datetime.now(UTC).replace(microsecond=0)

    made = assertion(pem, issuer="client", subject="user", audience="https://crm", now=now)

    public = key.public_key()
    claims = jwt.decode(made, public, algorithms=["RS256"], audience="https://crm")
    expires = int((now + timedelta(minutes=3)).timestamp())
    assert claims == {"iss": "client", "sub": "user", "aud": "https://crm", "exp": expires}


@pytest.mark.parametrize("key", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_an_unusable_key_is_refused_unquoted(key):
    with pytest.raises(SignInRefused, match="PRIVATE_KEY_UNUSABLE"):
        assertion(key, issuer="i", subject="s", audience="a", now=NOW)
