"""Clients for the local stack. The user's own AWS credentials, settings and proxies stay out."""

import os
from typing import TYPE_CHECKING, Any, Final

import boto3
import botocore.session
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

REGION: Final = "eu-west-1"
ACCESS_KEY = SECRET_KEY = "test"

# Where botocore would look (configuration name, environment variable, default, conversion): an
# unknown AWS_PROFILE stops it even when everything is given.
_NO_SETTINGS = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


class Aws:
    """Makes clients for one endpoint."""

    def __init__(self, endpoint_url: str) -> None:
        self.endpoint_url = endpoint_url
        # Typed as anything: the overloads of `client` want the service as a literal.
        self._session: Any = boto3.Session(
            ACCESS_KEY,
            SECRET_KEY,
            region_name=REGION,
            botocore_session=botocore.session.Session(_NO_SETTINGS),
        )
        self._config = Config(
            connect_timeout=5,
            read_timeout=300,
            retries={"total_max_attempts": 1},
            proxies={},
            s3={"addressing_style": "path"},
        )

    def client(self, service: str) -> Any:
        return self._session.client(service, endpoint_url=self.endpoint_url, config=self._config)

    def cloudformation(self) -> "CloudFormationClient":
        client: CloudFormationClient = self.client("cloudformation")
        return client

    def cognito(self) -> "CognitoIdentityProviderClient":
        client: CognitoIdentityProviderClient = self.client("cognito-idp")
        return client

    def dynamodb(self) -> "DynamoDBClient":
        client: DynamoDBClient = self.client("dynamodb")
        return client

    def functions(self) -> "LambdaClient":
        client: LambdaClient = self.client("lambda")
        return client

    def s3(self) -> "S3Client":
        client: S3Client = self.client("s3")
        return client
