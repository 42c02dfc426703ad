from typing import Any

import pytest

from tests.crm.hubspot import HubSpot
from tests.unit.crm.hubspot_client import Client


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
