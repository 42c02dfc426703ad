"""Keys by number from Secrets Manager, signatures from KMS."""

import json

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from stageline.adapters.secrets import UnusableKeys, versioned_keys
from stageline.adapters.signing import KmsSigner

KEY, OTHER = "k" * 64, "o" * 64


@pytest.fixture
def kept():
    """Return what keeps a secret and reads the keys in it."""
    client = boto3.client("secretsmanager")

    def keys(secret):
        client.create_secret(Name="keys", SecretString=secret)
        try:
            return versioned_keys(client, "keys")
        finally:
            client.delete_secret(SecretId="keys", ForceDeleteWithoutRecovery=True)

    return keys


def test_keys_come_by_number_the_current_one_last(kept):
    keys = kept(json.dumps({"10": OTHER, "2": KEY, "1": KEY}))

    assert list(keys) == [1, 2, 10]
    assert keys[10] == OTHER.encode()


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param("a bare key", id="no JSON"),
        pytest.param("{}", id="no key"),
        pytest.param(json.dumps([KEY]), id="a list"),
        pytest.param(json.dumps({"one": KEY}), id="a word for a number"),
        pytest.param(json.dumps({"0": KEY}), id="zero"),
        pytest.param(json.dumps({"01": KEY}), id="a number in another form"),
        pytest.param(json.dumps({"1": ""}), id="an empty key"),
        pytest.param(json.dumps({"1": 7}), id="a number for a key"),
    ],
)
def test_a_secret_without_numbered_keys_is_refused_unquoted(kept, secret):
    with pytest.raises(UnusableKeys) as refused:
        kept(secret)

    assert KEY not in str(refused.value)


def test_what_kms_signs_is_verified_without_it():
    kms = boto3.client("kms")
    made = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    signer = KmsSigner(kms, made["KeyMetadata"]["KeyId"])

    public = load_pem_public_key(signer.public_key().encode())

    assert isinstance(public, EllipticCurvePublicKey)
    public.verify(signer.sign(b"a short message"), b"a short message", ECDSA(SHA256()))
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert pem.decode() == signer.public_key()
