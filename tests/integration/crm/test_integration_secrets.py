"""Credentials of integrations: written, changed without a gap, deleted."""

import json

import boto3
import pytest

from stageline.adapters.integration_secrets import SecretsManagerIntegrationSecrets
from stageline.domain.errors import NotFound
from tests.fakes.world import WORKSPACE

PREFIX = "stageline/integrations/"
OLD, NEW, NEXT = {"token": "old"}, {"token": "new"}, {"token": "next"}


@pytest.fixture
def secrets():
    kept = SecretsManagerIntegrationSecrets(boto3.client("secretsmanager"), PREFIX, WORKSPACE)
    yield kept
    kept.delete("crm")


def test_the_credentials_before_stay_as_a_fallback(secrets):
    secrets.write("crm", OLD)
    assert list(secrets.versions("crm")) == [OLD]

    secrets.write("crm", NEW)
    assert list(secrets.versions("crm")) == [NEW, OLD]


def test_credentials_that_are_being_rotated_in_are_tried_second(secrets):
    secrets.write("crm", OLD)
    secrets.write("crm", NEW)
    boto3.client("secretsmanager").put_secret_value(
        SecretId=f"{PREFIX}{WORKSPACE.id}/crm",
        SecretString=json.dumps(NEXT),
        VersionStages=["AWSPENDING"],
    )

    assert list(secrets.versions("crm")) == [NEW, NEXT, OLD]


def test_each_integration_has_its_own(secrets):
    secrets.write("crm", OLD)

    with pytest.raises(NotFound):
        list(secrets.versions("other"))


def test_deleted_credentials_are_gone_and_may_be_written_again(secrets):
    secrets.write("crm", OLD)
    secrets.delete("crm")
    with pytest.raises(NotFound):
        list(secrets.versions("crm"))

    secrets.write("crm", NEW)
    assert list(secrets.versions("crm")) == [NEW]
