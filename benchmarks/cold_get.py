"""First GET of an account in a fresh process, against a boto3 client that gets one item."""

from benchmarks.cold import cold
from benchmarks.frame import Measurement, median_ratio, pairs, ratio

GOAL = 1.40


def measure(small: bool) -> Measurement:
    with cold() as fresh:
        measured = median_ratio(lambda: fresh.answer("api.app"), fresh.get_item, pairs=pairs(small))
    return ratio(measured, GOAL)
