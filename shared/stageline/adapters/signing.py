"""Signatures by a P-256 key that never leaves KMS."""

from base64 import b64encode
from itertools import batched
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient


class KmsSigner:
    """The port `Signer`."""

    def __init__(self, client: "KMSClient", key_id: str) -> None:
        self._client = client
        self._key_id = key_id

    def sign(self, message: bytes) -> bytes:
        # RAW: KMS hashes what it signs, and takes at most 4,096 bytes.
        reply = self._client.sign(
            KeyId=self._key_id,
            Message=message,
            MessageType="RAW",
            SigningAlgorithm="ECDSA_SHA_256",
        )
        return reply["Signature"]

    def public_key(self) -> str:
        encoded = b64encode(self._client.get_public_key(KeyId=self._key_id)["PublicKey"]).decode()
        lines = ("".join(line) for line in batched(encoded, 64, strict=False))
        return "\n".join(("-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""))
