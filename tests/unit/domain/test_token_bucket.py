"""The bucket is what a simulation of its tokens says, and keeps to its rate."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from stageline.domain.token_bucket import RateLimit, hold, lower, take

START = datetime(2026, 3, 2, tzinfo=UTC)
LONG_AGO = datetime.fromtimestamp(0, UTC)
MICROSECOND = timedelta(microseconds=1)

limits = st.builds(
    RateLimit, st.integers(1, 20), st.sampled_from([0.1, 0.3, 1.0, 4.0, 7.0, 19.0, 1000.0])
)
steps = st.lists(
    st.tuples(
        st.integers(0, 3_000_000).map(lambda number: number * MICROSECOND),
        st.one_of(
            st.just("take"),
            st.integers(0, 25),
            st.integers(0, 5_000_000).map(lambda number: number * MICROSECOND),
        ),
    ),
    max_size=60,
)


class Simulated:
    """Tokens that drip in one interval apart; whoever finds none waits for theirs."""

    def __init__(self, limit: RateLimit) -> None:
        self.limit = limit
        self.tokens = Fraction(limit.capacity)
        self.now = START

    def move_to(self, now: datetime) -> None:
        passed = Fraction((now - self.now) // MICROSECOND, self.limit.interval // MICROSECOND)
        self.tokens = min(self.tokens + passed, Fraction(self.limit.capacity))
        self.now = now

    def wait_for(self, tokens: Fraction) -> timedelta:
        missing = max(tokens - self.tokens, Fraction(0))
        return int(missing * (self.limit.interval // MICROSECOND)) * MICROSECOND

    def take(self) -> timedelta:
        wait = self.wait_for(Fraction(1))
        self.tokens -= 1
        return wait

    def hold(self, wait: timedelta) -> None:
        longer = Fraction(wait // MICROSECOND, self.limit.interval // MICROSECOND)
        self.tokens = min(self.tokens, 1 - longer)


@given(limits, steps)
def test_it_is_what_the_simulation_says(limit, steps):
    simulated, full_at, now = Simulated(limit), LONG_AGO, START
    for later, step in steps:
        now += later
        simulated.move_to(now)
        if step == "take":
            full_at, wait = take(full_at, limit, now)
            assert wait == simulated.take()
        elif isinstance(step, int):
            full_at = lower(full_at, limit, now, step)
            simulated.tokens = min(simulated.tokens, Fraction(step))
        else:
            full_at = hold(full_at, limit, now + step)
            simulated.hold(step)


@given(limits, steps)
def test_in_no_stretch_of_time_do_more_go_than_the_limit_allows(limit, steps):
    full_at, now, gone = LONG_AGO, START, []
    for later, _ in steps:
        now += later
        full_at, wait = take(full_at, limit, now)
        gone.append(now + wait)
    assert gone == sorted(gone)
    for first, begins in enumerate(gone):
        for last in range(first, len(gone)):
            allowed = limit.capacity + (gone[last] - begins) / limit.interval
            assert last - first + 1 <= allowed + 1e-9


def test_clocks_that_differ_let_no_more_go():
    limit = RateLimit(2, 1.0)
    full_at, _ = take(LONG_AGO, limit, START + timedelta(seconds=5))

    waits = []
    for _ in range(3):
        full_at, wait = take(full_at, limit, START)
        waits.append(wait.total_seconds())

    assert waits == [5, 6, 7]
