from collections.abc import Iterator

import pytest

from tests.crm.salesforce import Salesforce
from tests.unit.crm.salesforce_client import Client


@pytest.fixture
def crm() -> Iterator[Salesforce]:
    with Salesforce() as crm:
        yield crm


@pytest.fixture
def client(crm: Salesforce) -> Client:
    return Client(crm).sign_in()
