"""Three workspaces, and in each a user of every role who may sign in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from stageline.adapters.dynamodb.configuration import DynamoDbConfiguration
from stageline.adapters.dynamodb.directory import DynamoDbDirectory
from stageline.adapters.dynamodb.table import Table
from stageline.domain.principal import ROLES
from stageline.domain.stamp import Stamp
from stageline.domain.workspace import Workspace
from stageline.use_cases.members import add_member
from stageline.use_cases.workspaces import create_workspace
from tools.local.aws import Aws
from tools.sample_data.words import SELLERS

WORKSPACES = {"main": "main", "other": "other", "crm": "crm"}
ZONE = "UTC"
REPORTS_TO = {"seller": "manager"}
# The users exist in this emulator only, which listens on the loopback interface only.
PASSWORD = "local-stack-password"


@dataclass(frozen=True, slots=True)
class People:
    """Ids of workspaces by name; access tokens and user names by workspace and role."""

    workspaces: dict[str, str]
    tokens: dict[str, dict[str, str]] = field(repr=False)
    users: dict[str, dict[str, str]]


def seed(aws: Aws, table_name: str, user_pool_id: str, client_id: str) -> People:
    """Create workspaces, users and memberships, and sign every user in."""
    table = Table(aws.dynamodb(), table_name)
    directory = DynamoDbDirectory(table)
    tokens: dict[str, dict[str, str]] = {}
    users: dict[str, dict[str, str]] = {}
    for name, workspace_id in WORKSPACES.items():
        workspace = Workspace(workspace_id)
        stamp = Stamp("operator", "tools.local", datetime.now(UTC))
        create_workspace(directory, DynamoDbConfiguration(table, workspace), workspace, ZONE, stamp)
        users[name] = {role: f"{role}-{name}" for role in ROLES}
        tokens[name] = {}
        subjects = {
            role: _create_user(aws, user_pool_id, user) for role, user in users[name].items()
        }
        # Whoever is reported to comes first.
        for role in sorted(ROLES, key=lambda role: role in REPORTS_TO):
            add_member(
                directory,
                workspace,
                subjects[role],
                role,
                email=address(role, name),
                manager_id=subjects.get(REPORTS_TO.get(role, "")),
                stamp=stamp,
            )
            tokens[name][role] = sign_in(aws, client_id, users[name][role])["AccessToken"]
    return People(dict(WORKSPACES), tokens, users)


def address(role: str, workspace: str = "main") -> str:
    """Return the address of the member in this role: the owner of their records.

    Seller and manager of the main workspace are two of those who own the sample's accounts.
    """
    sample = {"seller": SELLERS[0], "manager": SELLERS[1]} if workspace == "main" else {}
    return sample.get(role, f"{role}@{workspace}.example")


def sign_in(aws: Aws, client_id: str, user: str) -> dict[str, str]:
    """Return the user's tokens: AccessToken, IdToken, RefreshToken."""
    reply = aws.cognito().initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client_id,
        AuthParameters={"USERNAME": user, "PASSWORD": PASSWORD},
    )
    names = ("AccessToken", "IdToken", "RefreshToken")
    found: Mapping[str, Any] = reply["AuthenticationResult"]
    return {name: str(found[name]) for name in names if name in found}


def _create_user(aws: Aws, user_pool_id: str, user: str) -> str:
    """Return the new user's subject."""
    cognito = aws.cognito()
    created = cognito.admin_create_user(
        UserPoolId=user_pool_id,
        Username=user,
        TemporaryPassword=PASSWORD,
        MessageAction="SUPPRESS",
    )
    cognito.admin_set_user_password(
        UserPoolId=user_pool_id, Username=user, Password=PASSWORD, Permanent=True
    )
    attributes = {a["Name"]: a["Value"] for a in created["User"]["Attributes"]}
    return attributes["sub"]
