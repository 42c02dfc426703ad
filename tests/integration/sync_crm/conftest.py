"""Imports through their real handlers: the bucket's events and the queue are pumped.

With the table in memory that the benchmarks count with, which is held against moto write by write
elsewhere; those marked `over_moto` with moto's table, too, which is a hundred times slower.
"""

from typing import Any, cast
from unittest.mock import patch

import pytest

from benchmarks.memory.client import MemoryClient
from stageline import bootstrap
from stageline.adapters.dynamodb.table import Table
from tests.integration.sync_crm.machine import deployed, running


@pytest.fixture(scope="module", autouse=True)
def aws():
    with deployed():
        yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "machine" in metafunc.fixturenames:
        is_marked = metafunc.definition.get_closest_marker("over_moto") is not None
        tables = ["moto", "in memory"] if is_marked else ["in memory"]
        metafunc.parametrize("machine", tables, indirect=True)


@pytest.fixture
def machine(request):
    if request.param == "moto":
        with running() as one:
            yield one
    else:
        table = Table(cast(Any, MemoryClient()), "in-memory")
        forget_table()
        with patch.object(bootstrap, "table", lambda: table), running() as one:
            yield one
        forget_table()


def forget_table():
    for built in (bootstrap.directory, bootstrap.fence, bootstrap.fences):
        built.cache_clear()
