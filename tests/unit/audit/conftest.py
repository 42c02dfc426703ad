import json
from pathlib import Path

import pytest

from tests.fakes.audit import AuditWorld

EVENTS = Path(__file__).parents[3] / "events" / "evaluate_stage"


@pytest.fixture
def world():
    world = AuditWorld()
    with world.behind_bootstrap():
        yield world


@pytest.fixture
def sample():
    return lambda name: json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
