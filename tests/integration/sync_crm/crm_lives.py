"""A life of each CRM, by the CRM's name."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from tests.crm.hubspot import HubSpot
from tests.crm.salesforce import Options, Salesforce
from tests.integration.sync_crm.hubspot_life import HubSpotLife
from tests.integration.sync_crm.salesforce_life import SalesforceLife


@contextmanager
def life_of(vendor: str, seed: int, **options: Any) -> Iterator[Any]:
    random = Random(seed)
    if vendor == "hubspot":
        with HubSpot(**options) as hubspot:
            yield HubSpotLife(hubspot, random)
    else:
        domain = "https://acme.my.salesforce.com"
        with Salesforce(Options(**options), domain=domain) as salesforce:
            yield SalesforceLife(salesforce, random)
