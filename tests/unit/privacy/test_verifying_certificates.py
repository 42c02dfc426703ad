"""A certificate is verified offline, and refused when one byte of its file is another."""

import json
from dataclasses import replace
from functools import cache

import pytest

from stageline.domain.certificate import certificate_file, document, fingerprint, signed_text
from stageline.use_cases.certificates import issue
from tests.fakes.privacy import KeySigner
from tests.unit.privacy.certificates import CLEAN, certificate
from tools.certificates import verify
from tools.errors import CertificateRefused, CommandFailed

SIGNER, OTHER = KeySigner(), KeySigner()


@cache
def file() -> bytes:
    return issue(certificate(), SIGNER).encode()


def refusal(content, key=None):
    with pytest.raises(CertificateRefused) as refused:
        verify(content, key)
    return refused.value.code


def rewritten(change, signer=SIGNER):
    """Return a file whose content was changed after it was signed, and written as it should be."""
    content = document(certificate())
    signature = signer.sign(signed_text(content))
    change(content)
    return certificate_file(content, signer.public_key(), signature).encode()


@pytest.mark.parametrize("key", [None, SIGNER.public_key().encode()], ids=["in it", "given"])
def test_a_certificate_is_valid_by_its_key(key):
    verified = verify(file(), key)

    assert verified.certificate == certificate()
    assert verified.key == fingerprint(SIGNER.public_key())


def test_the_given_key_may_have_the_line_ends_of_another_system():
    assert verify(file(), SIGNER.public_key().replace("\n", "\r\n").encode())


@pytest.mark.parametrize("bit", range(8))
def test_no_byte_of_the_file_can_be_another(bit):
    sound = file()
    for place in range(len(sound)):
        damaged = sound[:place] + bytes([sound[place] ^ 1 << bit]) + sound[place + 1 :]
        with pytest.raises(CertificateRefused):
            verify(damaged)


def test_a_file_that_was_cut_off_anywhere_is_truncated():
    assert {refusal(file()[:length]) for length in range(len(file()))} == {"truncated"}


@pytest.mark.parametrize("more", [b"\n", b" ", b"{}", b"\0"])
def test_nothing_can_follow(more):
    assert refusal(file() + more) in ("changed", "not_a_certificate", "truncated")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda found: found["stores"][0].update(remaining=1), id="what remains"),
        pytest.param(lambda found: found["stores"][0].update(removed=7), id="what was removed"),
        pytest.param(lambda found: found.update(state="final"), id="the state"),
        pytest.param(lambda found: found.update(horizons=[]), id="the copies"),
        pytest.param(lambda found: found.update(way="anonymize"), id="the way"),
    ],
)
def test_a_changed_content_is_told(change):
    assert refusal(rewritten(change)) == "changed"
    assert refusal(rewritten(change), SIGNER.public_key().encode()) == "changed"


def test_another_key_is_told():
    assert refusal(file(), OTHER.public_key().encode()) == "other_key"


def test_who_signs_anew_with_a_key_of_their_own_is_found_out_by_the_given_one():
    forged = issue(certificate(state="final"), OTHER).encode()

    assert verify(forged).key == fingerprint(OTHER.public_key())
    assert refusal(forged, SIGNER.public_key().encode()) == "other_key"


def test_a_key_that_did_not_sign_cannot_be_put_in():
    content = document(certificate())
    signature = OTHER.sign(signed_text(content))

    assert refusal(certificate_file(content, SIGNER.public_key(), signature).encode()) == "changed"


def test_the_same_content_written_in_another_way_is_changed():
    found = json.loads(file())

    assert refusal(json.dumps(found).encode()) == "changed"
    assert refusal(file().replace(b"\n", b"\r\n")) == "changed"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"Dear Sir or Madam,", id="a letter"),
        pytest.param(b"\x89PNG\r\n", id="a picture"),
        pytest.param(b"null\n", id="nothing"),
        pytest.param(b"[" * 100_000 + b"\n", id="a deep hole"),
        pytest.param(b'{\n  "certificate": {},\n  "signature": {}\n}\n', id="without a key"),
        pytest.param(b'{\n  "certificate": {},\n  "signature": []\n}\n', id="another form"),
    ],
)
def test_what_is_no_certificate_is_told(content):
    assert refusal(content) == "not_a_certificate"


def test_a_signed_document_of_another_form_is_no_certificate():
    content = document(certificate()) | {"version": 2}
    signature = SIGNER.sign(signed_text(content))

    written = certificate_file(content, SIGNER.public_key(), signature).encode()

    assert refusal(written) == "not_a_certificate"


def test_a_given_key_that_is_none_is_told():
    with pytest.raises(CommandFailed):
        verify(file(), b"no key")


def test_many_stores_are_no_difficulty():
    stores = tuple(replace(CLEAN, store=f"store {number}") for number in range(200))

    assert verify(issue(certificate(stores=stores), SIGNER).encode())
