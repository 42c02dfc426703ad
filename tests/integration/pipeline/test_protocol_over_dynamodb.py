"""The same random trouble as in memory, over the real adapters (DESIGN §3)."""

import os

import pytest

from tests.integration.pipeline.dynamodb_world import DynamoDbWorld, MemoryTableWorld
from tests.unit.pipeline.simulation import Simulation

RUNS = int(os.environ.get("PROTOCOL_RUNS_OVER_DYNAMODB", "4"))


@pytest.mark.parametrize(
    "world", [DynamoDbWorld, MemoryTableWorld], ids=["in DynamoDB", "in the benchmarks' table"]
)
def test_everything_is_right_in_the_end_over_the_real_adapters(world):
    wrong = {}
    for seed in range(RUNS):
        simulation = Simulation(seed, operations=12, world=world())
        if found := simulation.run():
            wrong[seed] = (found, simulation.log)

    assert not wrong
