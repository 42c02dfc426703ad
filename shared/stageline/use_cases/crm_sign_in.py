"""Sign in to a CRM while its credentials are being changed."""

from collections.abc import Callable, Mapping

from stageline.crm_ports import IntegrationSecrets
from stageline.domain.crm_errors import SignInRefused
from stageline.domain.crm_token import Token


def sign_in(
    secrets: IntegrationSecrets, key: str, ask: Callable[[Mapping[str, str]], Token]
) -> Token:
    """Return a token for the first of the credentials that the CRM takes, the current ones first.

    Raises SignInRefused, of the current ones when it takes none; other CrmErrors; NotFound.
    """
    refused: SignInRefused | None = None
    for credentials in secrets.versions(key):
        try:
            return ask(credentials)
        except SignInRefused as error:
            refused = refused or error
    assert refused is not None
    raise refused
