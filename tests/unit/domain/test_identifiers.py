"""What identifies a person, normalised and hashed (docs/privacy.md has the same vectors)."""

from contextlib import suppress

import idna
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stageline.domain.contact import Person
from stageline.domain.identifiers import Hashing, Identifier, normal_email, normal_phone
from stageline.domain.workspace import Workspace

HASHING = Hashing(Workspace("acme"), {1: b"the first key", 2: b"the second key"})


@pytest.mark.parametrize(
    ("sent", "hashed"),
    [
        ("Jane.Doe@Example.com", "jane.doe@example.com"),
        ("  jane.doe@example.com\t", "jane.doe@example.com"),
        ("jane.doe@\uff45xample.com", "jane.doe@example.com"),
        ("jane@Bücher.example", "jane@xn--bcher-kva.example"),
        ("jane@xn--bcher-kva.example", "jane@xn--bcher-kva.example"),
        ("JANE@STRASSE.example.", "jane@strasse.example"),
        ("jane@not a host", "jane@not a host"),
    ],
)
def test_an_address_is_hashed_in_one_spelling(sent, hashed):
    assert normal_email(sent) == hashed


@pytest.mark.parametrize(
    ("sent", "hashed"),
    [
        ("+1 (202) 555-0143", "+12025550143"),
        ("001 202 555 0143", "+12025550143"),
        ("+1-202-555-0143 ext. 12", "+12025550143;ext=12"),
        ("+49 (0)30 / 23125 0", "+4930231250"),
        ("\uff10\uff13\uff10 23125-0", "030231250"),
        ("extension 12", None),
    ],
)
def test_a_number_is_hashed_as_e164_as_far_as_it_is_known(sent, hashed):
    assert normal_phone(sent) == hashed


def test_each_key_has_its_hash_the_current_one_first():
    current, former = HASHING.hashes(Identifier("email", "jane.doe@example.com"))

    assert current.startswith("2.email.") and former.startswith("1.email.")


def test_the_hash_is_the_one_in_the_documentation():
    hashing = Hashing(Workspace("acme"), {1: b"an example key"})

    assert hashing.hashes(Identifier("email", "jane.doe@example.com")) == (
        "1.email.bafb63243ee19bf2dd7c4b985fb5c9d7cda46b6d86d3875f5c7a554bf4c26062",
    )
    assert hashing.hashes(Identifier("phone", "+12025550143")) == (
        "1.phone.f998770ec9f699437956fc9a716b5786077c489654c3613b51da36f5305c5f95",
    )


def test_workspaces_and_kinds_share_no_hash():
    other = Hashing(Workspace("other"), HASHING.keys)
    same = "12025550143"

    hashes = {
        *HASHING.hashes(Identifier("email", same)),
        *HASHING.hashes(Identifier("phone", same)),
        *other.hashes(Identifier("email", same)),
    }

    assert len(hashes) == 6


def test_a_shared_mailbox_is_nobodys_own():
    assert Identifier("email", "info@example.com").is_nobodys_own
    assert not Identifier("email", "jane.doe@example.com").is_nobodys_own


@given(st.text(max_size=40), st.text(max_size=40))
def test_every_text_has_one_spelling_and_that_is_its_own(local, domain):
    once = normal_email(f"{local}@{domain}")

    assert normal_email(once) == once


@given(st.text("abxn09.-", max_size=80))
@example("xn--bcher-kva.example")
@example("xn--a.example")
def test_idna_leaves_a_domain_in_ascii_as_it_is(domain):
    asked = domain
    with suppress(idna.IDNAError):
        asked = idna.encode(domain, uts46=True).decode()

    assert normal_email(f"jane@{domain}") == f"jane@{asked.rstrip('.')}"


@given(st.text(max_size=30))
def test_whatever_stands_for_a_number_is_hashed_or_is_none(text):
    hashes = HASHING.of(Person(phone=text))

    assert len(hashes) <= 1
