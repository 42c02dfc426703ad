"""Journal and certificates: each written once, all read back; over S3 and in memory alike."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from stageline.adapters.journal import S3Certificates, S3Journal
from stageline.domain.errors import AlreadyExists, NotFound
from stageline.domain.journal import JournalEntry, UnreadableEntry
from stageline.domain.workspace import Workspace
from stageline.privacy_ports import Certificates, Journal
from tests.fakes.privacy import KeptCertificates, KeptJournal

ACME, OTHER = Workspace("acme"), Workspace("other")
BUCKET = "a-journal"
ENTRY = JournalEntry(
    workspace=ACME,
    request_id="r1",
    part=1,
    way="erase",
    approved_by="officer",
    approved_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
    policy="0a",
    contact_ids=("c1",),
    identifiers=("1.email.0b",),
)


@pytest.fixture
def s3():
    """A bucket as the template asks for it; CloudFormation's words are not moto's."""
    client = boto3.client("s3")
    client.create_bucket(
        Bucket=BUCKET,
        CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
        ObjectLockEnabledForBucket=True,
    )
    client.put_object_lock_configuration(
        Bucket=BUCKET,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 3650}},
        },
    )
    yield client
    bucket = boto3.resource("s3").Bucket(BUCKET)
    for version in client.list_object_versions(Bucket=BUCKET).get("Versions", []):
        client.put_object_retention(
            Bucket=BUCKET,
            Key=version["Key"],
            VersionId=version["VersionId"],
            Retention={"Mode": "COMPLIANCE", "RetainUntilDate": datetime(2020, 1, 1, tzinfo=UTC)},
        )
    bucket.object_versions.delete()
    client.delete_bucket(Bucket=BUCKET)


@pytest.fixture(params=["s3", "in memory"])
def journal(request) -> Journal:
    if request.param == "in memory":
        return KeptJournal()
    return S3Journal(request.getfixturevalue("s3"), BUCKET)


@pytest.fixture(params=["s3", "in memory"])
def certificates(request) -> Certificates:
    if request.param == "in memory":
        return KeptCertificates()
    return S3Certificates(request.getfixturevalue("s3"), BUCKET)


def test_entries_of_all_workspaces_come_back_in_order(journal):
    written = [
        replace(ENTRY, part=11),
        replace(ENTRY, part=2),
        replace(ENTRY, workspace=OTHER),
        ENTRY,
    ]
    assert journal.is_empty()

    for entry in written:
        journal.write(entry)

    assert not journal.is_empty()
    places = [(entry.workspace, entry.part) for entry in journal.entries()]
    assert places == [(ACME, 1), (ACME, 2), (ACME, 11), (OTHER, 1)]
    assert next(journal.entries()) == ENTRY


def test_the_same_entry_again_does_nothing(journal):
    journal.write(ENTRY)
    journal.write(ENTRY)

    assert list(journal.entries()) == [ENTRY]


def test_another_entry_of_the_same_part_is_refused_and_changes_nothing(journal):
    journal.write(ENTRY)

    with pytest.raises(AlreadyExists):
        journal.write(replace(ENTRY, contact_ids=("c2",)))
    assert list(journal.entries()) == [ENTRY]


def test_every_page_of_the_journal_is_read(s3):
    paged = s3.get_paginator("list_objects_v2")
    pages: Any = Paged(s3, lambda **asked: paged.paginate(**asked, PaginationConfig=TWO_A_PAGE))
    for part in range(5):
        S3Journal(s3, BUCKET).write(replace(ENTRY, part=part))

    assert [entry.part for entry in S3Journal(pages, BUCKET).entries()] == [0, 1, 2, 3, 4]


TWO_A_PAGE = {"PageSize": 2}


class Paged:
    """A client whose listings have small pages."""

    def __init__(self, client: Any, paginate: Callable[..., Any]) -> None:
        self.get_object = client.get_object
        self.exceptions = client.exceptions
        self.paginate = paginate

    def get_paginator(self, _name: str) -> "Paged":
        return self


def test_a_writer_who_was_a_moment_late_finds_what_the_first_one_wrote(s3):
    """S3 answers 409 while another write of the same object is under way."""
    S3Journal(s3, BUCKET).write(ENTRY)
    late: Any = Late(s3)

    S3Journal(late, BUCKET).write(ENTRY)
    with pytest.raises(AlreadyExists):
        S3Journal(late, BUCKET).write(replace(ENTRY, policy="0f"))
    with pytest.raises(ClientError):
        S3Journal(late, BUCKET).write(replace(ENTRY, part=9))


class Late:
    def __init__(self, client: Any) -> None:
        self.get_object = client.get_object
        self.exceptions = client.exceptions

    def put_object(self, **_: Any) -> None:
        raise ClientError({"Error": {"Code": "ConditionalRequestConflict"}}, "PutObject")


def test_what_is_kept_cannot_be_deleted(s3):
    S3Journal(s3, BUCKET).write(ENTRY)
    (version,) = s3.list_object_versions(Bucket=BUCKET)["Versions"]

    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=BUCKET, Key=version["Key"], VersionId=version["VersionId"])
    assert list(S3Journal(s3, BUCKET).entries()) == [ENTRY]


def test_an_entry_that_is_not_understood_stops_the_reading(s3):
    s3.put_object(Bucket=BUCKET, Key="entries/acme/r1/000001.json", Body=b'{"version": 2}')

    with pytest.raises(UnreadableEntry):
        list(S3Journal(s3, BUCKET).entries())


def test_certificates_are_no_entries(s3):
    S3Certificates(s3, BUCKET).write(ACME, "r1", 1, "{}\n")

    assert S3Journal(s3, BUCKET).is_empty()


def test_certificates_of_a_request_are_numbered(certificates):
    assert certificates.latest(ACME, "r1") == 0
    for number in (1, 2, 10):
        certificates.write(ACME, "r1", number, f"{number}\n")
    certificates.write(OTHER, "r1", 11, "11\n")

    assert certificates.latest(ACME, "r1") == 10
    assert certificates.read(ACME, "r1", 2) == "2\n"


def test_a_certificate_is_never_another_one(certificates):
    certificates.write(ACME, "r1", 1, "one\n")
    certificates.write(ACME, "r1", 1, "one\n")

    with pytest.raises(AlreadyExists):
        certificates.write(ACME, "r1", 1, "two\n")
    assert certificates.read(ACME, "r1", 1) == "one\n"


def test_a_certificate_that_is_not_there_is_not_found(certificates):
    with pytest.raises(NotFound):
        certificates.read(ACME, "r1", 1)
