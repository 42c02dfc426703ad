"""`stageline privacy verify`: what it says of a certificate, without asking anybody."""

import pytest

from stageline.domain.certificate import StoreResult, fingerprint
from stageline.use_cases.certificates import issue
from tests.fakes.privacy import KeySigner
from tests.unit.privacy.certificates import CLEAN, NOW, certificate

SIGNER = KeySigner()
SILENT = StoreResult(
    store="UserPool", method="user deleted", expected=2, removed=1, unreachable_since=NOW
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "certificate.json"
    path.write_text(issue(certificate(state="partial", stores=(CLEAN, SILENT)), SIGNER))
    return path


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "key.pem"
    path.write_text(SIGNER.public_key())
    return path


def test_a_valid_certificate_is_told_with_its_counts(stageline, file, key):
    ran = stageline("privacy", "verify", file, "--key", key)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("valid: signed by the given key")
    assert "partial" in ran.out
    (contact,) = [line for line in ran.out.splitlines() if line.startswith("contact")]
    assert contact.split()[-5:-2] == ["1", "1", "0"]
    (silent,) = [line for line in ran.out.splitlines() if line.startswith("UserPool")]
    assert "unknown" in silent
    assert "until 2026-04-06: point-in-time backup (Table)" in ran.out


def test_without_a_key_it_says_what_is_not_proven(stageline, file):
    ran = stageline("privacy", "verify", file)

    assert ran.code == 0
    assert "does not prove whose key" in ran.out
    assert fingerprint(SIGNER.public_key()) in ran.out


def test_for_scripts_there_is_the_whole_certificate(stageline, file, key):
    found = stageline("privacy", "verify", file, "--key", key, "--json").json

    assert (found["valid"], found["key_given"]) == (True, True)
    assert found["certificate"]["state"] == "partial"


def test_a_changed_certificate_is_refused_in_one_line(stageline, file):
    file.write_text(file.read_text().replace('"removed": 1', '"removed": 2', 1))

    ran = stageline("privacy", "verify", file)

    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "changed: " in ran.err


def test_another_key_is_refused(stageline, file, key):
    key.write_text(KeySigner().public_key())

    ran = stageline("privacy", "verify", file, "--key", key)

    assert ran.code == 1
    assert "other_key: " in ran.err


@pytest.mark.parametrize("missing", ["file", "key"])
def test_a_file_that_is_not_there_is_told_in_one_line(stageline, file, key, missing):
    (file if missing == "file" else key).unlink()

    ran = stageline("privacy", "verify", file, "--key", key)

    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "No such file" in ran.err
