"""People and API clients in a Cognito user pool.

A client is a user of the pool whose password nobody has set by hand: its token says who it is as a
person's does. Only users that this creates are ever given a password, so nobody else's account can
be taken over from here.
"""

from secrets import token_urlsafe
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import AttributeTypeTypeDef


class CognitoSignIn:
    """The port `SignIn`. Addresses are user names, as they are of those added by hand.

    `client_id` is what clients are made with; who deletes users needs none.
    """

    def __init__(
        self,
        client: "CognitoIdentityProviderClient",
        pool_id: str,
        client_id: "Callable[[], str]",
    ) -> None:
        self._client = client
        self._pool_id = pool_id
        self._client_id = client_id

    def invite(self, email: str) -> str:
        user_name = email.casefold()
        try:
            made = self._client.admin_create_user(
                UserPoolId=self._pool_id,
                Username=user_name,
                UserAttributes=[
                    {"Name": "email", "Value": email},
                    {"Name": "email_verified", "Value": "true"},
                ],
                # It stands in the invitation, and ends with the first sign-in.
                TemporaryPassword=_password(12),
                DesiredDeliveryMediums=["EMAIL"],
            )
            return _subject(made["User"].get("Attributes", []))
        except self._client.exceptions.UsernameExistsException:
            found = self._client.admin_get_user(UserPoolId=self._pool_id, Username=user_name)
            return _subject(found["UserAttributes"])

    def add_client(self, user_name: str) -> tuple[str, str | None]:
        secret, first = _password(32), _password(32)
        try:
            made = self._client.admin_create_user(
                UserPoolId=self._pool_id,
                Username=user_name,
                TemporaryPassword=first,
                MessageAction="SUPPRESS",
            )
        except self._client.exceptions.UsernameExistsException:
            found = self._client.admin_get_user(UserPoolId=self._pool_id, Username=user_name)
            return _subject(found["UserAttributes"]), None
        # What was set by another ends at the first sign-in; the client's own stays.
        challenge = self._client.initiate_auth(
            ClientId=self._client_id(),
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user_name, "PASSWORD": first},
        )
        self._client.respond_to_auth_challenge(
            ClientId=self._client_id(),
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=challenge["Session"],
            ChallengeResponses={"USERNAME": user_name, "NEW_PASSWORD": secret},
        )
        return _subject(made["User"].get("Attributes", [])), secret

    def delete(self, subject: str, email: str | None) -> None:
        for user_name in filter(None, (email and email.casefold(), email, subject)):
            try:
                found = self._client.admin_get_user(UserPoolId=self._pool_id, Username=user_name)
                # Since then somebody else may have got the address.
                if _subject(found["UserAttributes"]) == subject:
                    self._client.admin_delete_user(UserPoolId=self._pool_id, Username=user_name)
            except self._client.exceptions.UserNotFoundException:
                continue
            except (BotoCoreError, ClientError) as error:
                from stageline.domain.erasure_errors import StoreUnreachable

                raise StoreUnreachable from error


def _subject(attributes: "Sequence[AttributeTypeTypeDef]") -> str:
    return next(one.get("Value", "") for one in attributes if one["Name"] == "sub")


def _password(random_bytes: int) -> str:
    """Return a password with letters of both cases, a digit and a sign, as a pool may ask for."""
    return f"{token_urlsafe(random_bytes)}-aA1"
