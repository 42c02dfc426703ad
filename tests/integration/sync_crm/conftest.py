"""Imports through their real handlers, over moto: the bucket's events and the queue are pumped."""

import pytest

from tests.integration.sync_crm.machine import deployed, running


@pytest.fixture(scope="module", autouse=True)
def aws():
    with deployed():
        yield


@pytest.fixture
def machine():
    with running() as one:
        yield one
