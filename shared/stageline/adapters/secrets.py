"""Secrets, fetched by name when first needed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def secret_bytes(client: "SecretsManagerClient", name: str) -> bytes:
    """Return the current value of the secret."""
    return client.get_secret_value(SecretId=name)["SecretString"].encode()
