"""Secrets, fetched by name when first needed."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class KeysUnreadable(Exception):
    """The secret is no JSON object of keys by version."""

    def __init__(self, name: str) -> None:
        super().__init__(f'the secret {name} is no JSON like {{"1": "a key"}}')


def secret_bytes(client: "SecretsManagerClient", name: str) -> bytes:
    """Return the current value of the secret."""
    return client.get_secret_value(SecretId=name)["SecretString"].encode()


def versioned_keys(client: "SecretsManagerClient", name: str) -> Mapping[int, bytes]:
    """Return the keys that a secret like {"1": "...", "2": "..."} holds, by version.

    Raises KeysUnreadable.
    """
    try:
        kept = json.loads(client.get_secret_value(SecretId=name)["SecretString"])
        keys = {int(version): str(key).encode() for version, key in kept.items()}
    except (AttributeError, ValueError):
        # The error would quote the secret.
        raise KeysUnreadable(name) from None
    if not keys or min(keys) < 1 or not all(keys.values()):
        raise KeysUnreadable(name)
    return keys
