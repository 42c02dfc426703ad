"""The credentials of integrations in Secrets Manager: one secret for each."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from stageline.domain.errors import NotFound
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_STAGES = ("AWSCURRENT", "AWSPENDING", "AWSPREVIOUS")


class SecretsManagerIntegrationSecrets:
    """The port `IntegrationSecrets`. `prefix` is what the functions' policies allow."""

    def __init__(self, client: "SecretsManagerClient", prefix: str, workspace: Workspace) -> None:
        self._client = client
        self._prefix = prefix
        self._workspace = workspace

    def write(self, key: str, values: Mapping[str, str]) -> None:
        name, text = self._name(key), json.dumps(dict(values))
        try:
            self._client.put_secret_value(SecretId=name, SecretString=text)
        except self._client.exceptions.ResourceNotFoundException:
            self._client.create_secret(Name=name, SecretString=text)

    def versions(self, key: str) -> Iterator[Mapping[str, str]]:
        seen: set[str] = set()
        for stage in _STAGES:
            try:
                reply = self._client.get_secret_value(SecretId=self._name(key), VersionStage=stage)
            except self._client.exceptions.ResourceNotFoundException:
                continue
            if reply["VersionId"] not in seen:
                seen.add(reply["VersionId"])
                yield json.loads(reply["SecretString"])
        if not seen:
            raise NotFound("credentials")

    def delete(self, key: str) -> None:
        # Without the usual days of grace: the same integration may be made again.
        self._client.delete_secret(SecretId=self._name(key), ForceDeleteWithoutRecovery=True)

    def _name(self, key: str) -> str:
        return f"{self._prefix}{self._workspace.id}/{key}"
