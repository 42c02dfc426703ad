"""The pipeline ends right, whatever happens on the way (DESIGN §3)."""

import os

from tests.unit.pipeline.simulation import Simulation

# `make nightly` asks for 40,000.
RUNS = int(os.environ.get("PROTOCOL_RUNS", "1200"))


def test_everything_is_right_in_the_end_whatever_happened_on_the_way():
    wrong = {}
    for seed in range(RUNS):
        simulation = Simulation(seed)
        if found := simulation.run():
            wrong[seed] = (found, simulation.log)

    assert not wrong, f"{len(wrong)} of {RUNS} runs; the first: {next(iter(wrong.items()))}"
