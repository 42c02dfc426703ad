"""Secrets, fetched by name when first needed."""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_NUMBER = re.compile(r"[1-9][0-9]{0,3}")
_SHORTEST_KEY = 32


class UnusableKeys(Exception):
    """A secret that holds no numbered keys. The text says what is wrong and quotes nothing."""


def secret_bytes(client: "SecretsManagerClient", name: str) -> bytes:
    """Return the current value of the secret."""
    return client.get_secret_value(SecretId=name)["SecretString"].encode()


def versioned_keys(client: "SecretsManagerClient", name: str) -> Mapping[int, bytes]:
    """Return the keys of a secret like {"1": "…", "2": "…"} by their numbers, in order.

    Raises UnusableKeys.
    """
    try:
        found: Any = json.loads(secret_bytes(client, name))
    except ValueError:
        found = None
    if not isinstance(found, dict) or not found:
        raise UnusableKeys('the secret is an object of keys by number, like {"1": "…"}')
    for number, key in found.items():
        if not _NUMBER.fullmatch(number):
            raise UnusableKeys("each key of the secret has a number, from 1 on")
        if not isinstance(key, str) or len(key) < _SHORTEST_KEY:
            raise UnusableKeys(f"key {number} has fewer than {_SHORTEST_KEY} characters")
    return {number: found[str(number)].encode() for number in sorted(map(int, found))}
