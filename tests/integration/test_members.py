"""The first members of a deployment, let in by hand."""

import boto3
import pytest
import typer
from moto import mock_aws

from stageline.adapters.dynamodb.directory import DynamoDbDirectory
from stageline.adapters.dynamodb.table import Table
from stageline.domain.workspace import Workspace
from tests.table import table_properties
from tools.members import add


@pytest.fixture
def directory(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        client = boto3.client("dynamodb")
        client.create_table(**table_properties("members"))
        yield DynamoDbDirectory(Table(client, "members"))


def test_the_first_member_comes_with_the_workspace_and_a_repetition_changes_the_role(directory):
    add("sales", "sub-1", "admin", table="members", zone="Europe/Vienna")
    add("sales", "sub-2", "seller", table="members", email="two@x.example")
    add("sales", "sub-2", "viewer", table="members", email="two@x.example")

    members = directory.memberships("sub-2")
    assert [(one.workspace.id, one.role, one.email) for one in members] == [
        ("sales", "viewer", "two@x.example")
    ]
    assert [one.subject for one in directory.roster(Workspace("sales")).members] == [
        "sub-1",
        "sub-2",
    ]
    assert [workspace.id for workspace in directory.workspaces()] == ["sales"]


@pytest.mark.parametrize(
    ("workspace", "role", "zone", "named"),
    [
        pytest.param("sales", "admin", None, "--zone", id="a workspace that is not there"),
        pytest.param("Sales!", "admin", "UTC", "lower-case", id="no workspace id"),
        pytest.param("sales", "boss", "UTC", "viewer", id="no role"),
        pytest.param("sales", "admin", "Mars/Base", "IANA", id="no zone"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(directory, capsys, workspace, role, zone, named):
    with pytest.raises(typer.Exit):
        add(workspace, "sub-1", role, table="members", zone=zone)

    assert named in capsys.readouterr().err
    assert not directory.memberships("sub-1")
