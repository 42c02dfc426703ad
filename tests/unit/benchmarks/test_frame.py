"""How benchmarks are measured and reported."""

import json

import pytest

from benchmarks import __main__ as command
from benchmarks.frame import Measurement, median_ratio, reaches_goal


def test_ratio_is_the_median_of_pairs_without_the_first():
    ours = iter([99.0, 2.0, 4.0, 30.0])

    assert median_ratio(lambda: next(ours), lambda: 2.0, pairs=3) == 2.0


@pytest.mark.parametrize(
    ("value", "better", "reached"),
    [(1.0, "lower", True), (1.1, "lower", False), (1.0, "higher", True), (0.9, "higher", False)],
)
def test_goal_itself_is_good_enough(value, better, reached):
    measured = Measurement(value=value, unit="ratio", goal=1.0, better=better)

    assert reaches_goal(measured) is reached


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "RESULTS", tmp_path / "results.json")
    measured = {"value": 1.0, "unit": "ratio", "goal": 2.0, "better": "lower"}
    module = type("Benchmark", (), {"measure": staticmethod(lambda small: measured)})
    monkeypatch.setattr("importlib.import_module", lambda name: module)
    return command.RESULTS


def test_run_of_one_keeps_the_results_of_the_others(results):
    results.write_text(json.dumps({"cold_get": {"value": 7}, "gone": {"value": 1}}))

    assert command.main(["warm_list_50"]) == 0

    assert set(json.loads(results.read_text())) == {"cold_get", "warm_list_50"}


def test_small_run_writes_nothing(results):
    assert command.main(["--small"]) == 0

    assert not results.exists()


def test_unknown_benchmark_is_wrong_usage(results):
    with pytest.raises(SystemExit) as ended:
        command.main(["no_such"])

    assert ended.value.code == 2
