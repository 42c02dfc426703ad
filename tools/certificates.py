"""Check a certificate of erasure offline: the bytes of its file, its key and its signature."""

import json
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from stageline.domain.certificate import (
    Certificate,
    NotACertificate,
    certificate_file,
    certificate_of,
    fingerprint,
    signed_text,
)
from tools.errors import CertificateRefused, CommandFailed


@dataclass(frozen=True, slots=True)
class Verified:
    """A certificate that is as it was signed, and the fingerprint of the key that signed it."""

    certificate: Certificate
    key: str


def verify(content: bytes, public_key: bytes | None = None) -> Verified:
    """Return what the file says, by the given key, or else by the one in the file.

    Raises CertificateRefused, and CommandFailed for a given key that is none.
    """
    expected = None if public_key is None else fingerprint(_pem(public_key))
    document, public, signature = _read(content)
    try:
        certificate = certificate_of(document)
    except NotACertificate as error:
        raise CertificateRefused("not_a_certificate", str(error)) from error
    key = fingerprint(_pem_of(public))
    if expected not in (None, key):
        raise CertificateRefused("other_key", f"it names the key {key}, not the given {expected}")
    try:
        public.verify(signature, signed_text(document), ECDSA(SHA256()))
    except InvalidSignature as error:
        raise CertificateRefused("changed", "the signature is that of another content") from error
    return Verified(certificate, key)


def _read(content: bytes) -> tuple[dict[str, Any], EllipticCurvePublicKey, bytes]:
    """Return document, key and signature of a file that is as such a file is written."""
    found = _parsed(content)
    try:
        document, signed = found["certificate"], found["signature"]
        pem, value = signed["public_key"], signed["value"]
        public = load_pem_public_key(pem.encode())
        signature = b64decode(value, validate=True)
        written = certificate_file(document, pem, signature).encode()
    except (AttributeError, KeyError, RecursionError, TypeError) as error:
        raise CertificateRefused("not_a_certificate", "it has another form") from error
    except (NotBase64, UnsupportedAlgorithm, ValueError) as error:
        raise CertificateRefused("changed", "its key or signature is damaged") from error
    if written == content + b"\n":
        raise CertificateRefused("truncated", "the end of the file is missing")
    if written != content:
        raise CertificateRefused("changed", "it differs from what was signed")
    if not isinstance(public, EllipticCurvePublicKey) or not isinstance(public.curve, SECP256R1):
        raise CertificateRefused("not_a_certificate", "its key is none of the curve P-256")
    if _pem_of(public) != pem:
        # The same key in other characters, which its fingerprint does not tell.
        raise CertificateRefused("changed", "its key is written in another way")
    return document, public, signature


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content.decode("ascii"))
    except (ValueError, RecursionError) as error:
        # Such a file begins and ends like this, and nothing in it does.
        if b"{\n".startswith(content[:2]) and not content.endswith(b"\n}\n"):
            raise CertificateRefused("truncated", "the end of the file is missing") from error
        raise CertificateRefused("not_a_certificate", "it cannot be read as JSON") from error


def _pem(given: bytes) -> str:
    try:
        return _pem_of(load_pem_public_key(given))
    except (UnsupportedAlgorithm, ValueError) as error:
        raise CommandFailed("the given key is no public key in PEM form") from error


def _pem_of(public: Any) -> str:
    pem: bytes = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()
