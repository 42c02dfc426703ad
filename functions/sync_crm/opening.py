"""An integration's CRM, opened: signed in when first asked, paced, its records as rows."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from importlib import import_module
from time import monotonic

from stageline import bootstrap
from stageline.adapters.crm_http import CrmHttp
from stageline.adapters.crm_network import CheckedNetwork
from stageline.adapters.crm_tokens import MemoryTokens
from stageline.adapters.dynamodb.crm_pace import DynamoDbPace
from stageline.crm_ports import Connector, CrmSource
from stageline.domain.crm_bodies import as_documented
from stageline.domain.crm_mapping import read_mapping
from stageline.domain.crm_token import Token
from stageline.domain.crm_vendors import VENDORS
from stageline.domain.errors import NotFound
from stageline.domain.integration import Integration
from stageline.domain.workspace import Workspace
from stageline.use_cases.crm_sign_in import sign_in
from stageline.use_cases.sync_reading import Reader
from stageline.use_cases.sync_runs import Syncing
from sync_crm.custom_values import custom_fields
from sync_crm.source import TranslatedSource

# What is left undone then is asked for by a message of its own.
_MARGIN = timedelta(seconds=20)
_LONGEST = timedelta(minutes=4)


class Deadline:
    """Until when requests to a CRM may take: the end of the invocation, or a little before."""

    def __init__(self) -> None:
        self._until = 0.0

    def set(self, milliseconds: int) -> None:
        left = min(timedelta(milliseconds=milliseconds) - _MARGIN, _LONGEST)
        self._until = monotonic() + left.total_seconds()

    def left(self) -> timedelta:
        return timedelta(seconds=max(self._until - monotonic(), 0))


class Opened:
    """A connector, and what is known of its requests."""

    def __init__(self, connector: Connector, http: CrmHttp) -> None:
        self.connector = connector
        self.http = http

    def quota_left(self) -> int | None:
        return self.http.quota_left


def opened(workspace: Workspace, integration: Integration, deadline: Deadline) -> Opened:
    """Return an integration's CRM; nothing is asked of it yet. New credentials open it anew."""
    connection = integration.connection
    assert connection is not None
    return _opened(
        workspace,
        integration.key,
        connection.vendor,
        connection.base_url,
        connection.sign_in is not None,
        integration.rev,
        deadline,
    )


@lru_cache(maxsize=8)
def _opened(
    workspace: Workspace,
    key: str,
    vendor_key: str,
    base_url: str,
    has_credentials: bool,
    _rev: int,
    deadline: Deadline,
) -> Opened:
    vendor = VENDORS[vendor_key]
    module = import_module(f"sync_crm.connectors.{vendor_key}")
    network = CheckedNetwork(vendor.hosts, bootstrap.settings().local_hosts)
    now = bootstrap.clock().now
    pace = DynamoDbPace(bootstrap.table(), workspace, key, vendor.limit, now)
    secrets = bootstrap.integration_secrets(workspace)
    signing_in = CrmHttp(module.DIALECT, network, deadline.left, pace=pace)

    def ask(credentials: Mapping[str, str]) -> Token:
        with as_documented():
            token: Token = module.sign_in(signing_in, base_url, credentials, now())
        return token

    def signed_in() -> Token:
        if not has_credentials:
            # What is kept was for another address.
            raise NotFound("credentials")
        return sign_in(secrets, key, ask)

    tokens = MemoryTokens(signed_in, now)
    http = CrmHttp(module.DIALECT, network, deadline.left, tokens=tokens, pace=pace)
    return Opened(module.CONNECTOR(http, base_url), http)


def source_of(workspace: Workspace, integration: Integration, deadline: Deadline) -> CrmSource:
    """Return an integration's CRM with its records as rows, by the integration's mapping."""
    assert integration.connection is not None
    found = opened(workspace, integration, deadline)
    mapping = read_mapping(integration.connection.mapping)
    zone = bootstrap.configuration(workspace).zone()
    return TranslatedSource(
        found.connector,
        mapping,
        zone,
        quota_left=found.quota_left,
        custom=custom_fields(bootstrap.fields(workspace)),
    )


def syncing_of(workspace: Workspace, deadline: Deadline) -> Syncing:
    """Return what runs of a workspace read and write."""
    imports = bootstrap.imports(workspace)
    configuration = bootstrap.configuration(workspace)

    def reader(integration: Integration) -> Reader:
        return Reader(
            source=source_of(workspace, integration, deadline),
            jobs=imports.jobs,
            files=imports.files,
            seen=bootstrap.seen_ids(workspace, integration.key),
            refused=bootstrap.refused_records(workspace, integration.key),
            store=replace(imports.records, integration=integration.key),
            now=imports.now,
        )

    return Syncing(
        syncs=bootstrap.syncs(workspace),
        queue=bootstrap.sync_queue(workspace),
        imports=imports,
        reader=reader,
        remove=lambda key, run_id: bootstrap.remove_integration(workspace, key, run_id),
        today=lambda: bootstrap.clock().today(configuration.zone()),
        now=imports.now,
    )
