from typing import Any

import pytest

from sync_crm.connectors import salesforce
from tests.crm.hubspot import HubSpot
from tests.unit.crm.hubspot_client import Client
from tests.unit.crm.salesforce_connector import reading


@pytest.fixture
def hubspot():
    """Starts fake accounts with the options asked for, each with a client."""
    started = []

    def start(**options: Any) -> tuple[HubSpot, Client]:
        crm = HubSpot(**options).__enter__()
        client = Client(crm)
        started.append((crm, client))
        return crm, client

    yield start

    for crm, client in started:
        client.close()
        crm.__exit__()


@pytest.fixture
def org():
    """An empty Salesforce, and a reader of it."""
    with reading() as reader:
        yield reader


@pytest.fixture
def small_pages(monkeypatch):
    """Pages of three of Salesforce's records."""
    monkeypatch.setattr(salesforce, "PAGE", 3)
