"""Certificates: signed once they say what became of an erasure."""

from stageline.domain.certificate import Certificate, certificate_file, document, signed_text
from stageline.privacy_ports import Signer


def issue(certificate: Certificate, signer: Signer) -> str:
    """Return the text of the signed certificate's file. Two signatures are never the same."""
    content = document(certificate)
    return certificate_file(content, signer.public_key(), signer.sign(signed_text(content)))
