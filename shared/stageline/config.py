"""Settings read from the environment.

A frozen dataclass, not a pydantic model: the first request would pay for building it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stageline.domain.local_hosts import LocalHost


class MissingSetting(Exception):
    """An environment variable that this function needs is not set."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What template.yaml gives a function; each function gets only what it uses."""

    environment: dict[str, str] = field(repr=False)

    @classmethod
    def from_env(cls) -> "Settings":
        return cls(dict(os.environ))

    def _needed(self, name: str) -> str:
        value = self.environment.get(name, "")
        if not value:
            raise MissingSetting(f"the environment variable {name} is not set")
        return value

    @property
    def table_name(self) -> str:
        return self._needed("TABLE_NAME")

    @property
    def table_id(self) -> str:
        """Which table it is: the same name may stand for another one, after a restore."""
        return self._needed("TABLE_ID")

    @property
    def audit_table_name(self) -> str:
        return self._needed("AUDIT_TABLE_NAME")

    @property
    def bucket_name(self) -> str:
        return self._needed("BUCKET_NAME")

    @property
    def journal_bucket_name(self) -> str:
        return self._needed("JOURNAL_BUCKET_NAME")

    @property
    def pages_queue_url(self) -> str:
        return self._needed("PAGES_QUEUE_URL")

    @property
    def sync_queue_url(self) -> str:
        return self._needed("SYNC_QUEUE_URL")

    @property
    def integration_secrets_prefix(self) -> str:
        """What the names of the secrets with credentials of integrations begin with."""
        return self._needed("INTEGRATION_SECRETS_PREFIX")

    @property
    def privacy_queue_url(self) -> str:
        return self._needed("PRIVACY_QUEUE_URL")

    @property
    def set_aside_queue_url(self) -> str:
        return self._needed("SET_ASIDE_QUEUE_URL")

    @property
    def work_queue_url(self) -> str:
        return self._needed("WORK_QUEUE_URL")

    @property
    def verification_machine_arn(self) -> str:
        return self._needed("VERIFICATION_MACHINE_ARN")

    @property
    def event_bus_name(self) -> str:
        return self._needed("EVENT_BUS_NAME")

    @property
    def id_key_secret_name(self) -> str:
        return self._needed("ID_KEY_SECRET_NAME")

    @property
    def privacy_key_secret_name(self) -> str:
        return self._needed("PRIVACY_KEY_SECRET_NAME")

    @property
    def signing_key_id(self) -> str:
        return self._needed("SIGNING_KEY_ID")

    @property
    def user_pool_id(self) -> str:
        return self._needed("USER_POOL_ID")

    @property
    def user_pool_client_id(self) -> str:
        return self._needed("USER_POOL_CLIENT_ID")

    @property
    def has_settable_clock(self) -> bool:
        """True on the local stack only."""
        return self.environment.get("SETTABLE_CLOCK") == "true"

    @property
    def local_hosts(self) -> "Mapping[str, LocalHost]":
        """Hosts that are on this machine, on the local stack only. Raises LocalHostsRefused."""
        from stageline.domain.local_hosts import local_hosts

        given = self.environment.get("LOCAL_HOSTS", "")
        return local_hosts(given, self.environment.get("STAGE", ""))
