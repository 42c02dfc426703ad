"""A creating call is done once for its key, whoever comes when, and wherever the first one dies."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stageline.domain.errors import CallInFlight, Invalid, KeyReused
from stageline.domain.keyed_call import HELD, KeyedCall
from stageline.domain.workspace import Workspace
from stageline.use_cases.keyed_calls import once
from tests.fakes.calls import InMemoryKeyedCalls
from tests.fakes.memory import Memory, Put
from tests.fakes.stepping import Stepped, pause

RECORD = {"PK": "main#A#1", "SK": "META"}
REFUSED = Invalid("name", "missing", "is needed")


@dataclass
class Api:
    """One caller's route and key; a call makes the record, or finds that it is made."""

    memory: Memory = field(default_factory=Memory)
    now: datetime = datetime(2026, 3, 2, 12, tzinfo=UTC)
    made_by: list[str] = field(default_factory=list)

    def call(self, body: str = "a", error: Exception | None = None) -> tuple[int, str]:
        calls = InMemoryKeyedCalls(self.memory, Workspace("main"))
        return once(
            calls, KeyedCall.begun("call", body, self.now), lambda held: self._do(body, error)
        )

    def _do(self, body: str, error: Exception | None) -> tuple[int, str, str]:
        if error is not None:
            raise error
        is_new = self.memory.get(RECORD) is None
        self.memory.write("record", Put(RECORD, body))
        self.made_by += [body] if is_new else []
        return 201 if is_new else 200, "id", body


@pytest.fixture
def api():
    return Api()


def test_the_first_status_is_that_of_all(api):
    assert [api.call(), api.call(), api.call()] == [(201, "a")] * 3


def test_another_body_is_refused(api):
    api.call("a")

    with pytest.raises(KeyReused):
        api.call("b")


def test_a_refused_call_leaves_its_key_free(api):
    with pytest.raises(Invalid):
        api.call("a", error=REFUSED)

    assert api.call("b") == (201, "b")


def test_a_call_that_broke_may_come_again_at_once_but_not_as_another(api):
    with pytest.raises(OSError):
        api.call("a", error=OSError())

    with pytest.raises(KeyReused):
        api.call("b")
    assert api.call("a") == (201, "a")


def test_in_flight_for_as_long_as_the_function_may_run(api):
    api.memory.pause = pause
    first = Stepped(api.call)
    first.step()
    first.step()
    api.memory.pause = lambda: None

    api.now += HELD - timedelta(milliseconds=1)
    with pytest.raises(CallInFlight):
        api.call()
    api.now += timedelta(milliseconds=1)
    assert api.call() == (201, "a")


class Caller:
    """Somebody who calls, step by step, and notes what they get."""

    def __init__(self, api: Api, body: str, refused: bool) -> None:
        self.reply: tuple[int, str] | None = None
        self._args = (api, body, REFUSED if refused else None)
        self.stepped = Stepped(self._run)

    def _run(self) -> None:
        api, body, error = self._args
        with suppress(CallInFlight, Invalid):
            self.reply = api.call(body, error)


@given(
    st.lists(st.tuples(st.sampled_from("aab"), st.booleans()), min_size=2, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["step"] * 8 + ["die", "later"]))),
)
def test_whatever_the_order_one_body_makes_it_and_all_answers_are_the_same(sent, steps):
    api = Api()
    api.memory.pause = pause
    callers = [Caller(api, body, refused) for body, refused in sent]
    begun: set[Caller] = set()

    def end(one):
        while not one.stepped.finished:
            one.stepped.step()

    for number, what in steps:
        caller = callers[number % len(callers)]
        if what == "later":
            # Nobody is left who began before.
            for one in begun:
                if not one.stepped.finished:
                    one.stepped.step(dies=True)
            api.now += HELD
        elif not caller.stepped.finished:
            begun.add(caller)
            caller.stepped.step(dies=what == "die")
    for one in callers:
        end(one)
    api.memory.pause = lambda: None
    api.now += HELD

    assert len(api.made_by) <= 1
    told = {caller.reply for caller in callers if caller.reply}
    assert len(told) <= 1
    if api.made_by:
        (body,) = api.made_by
        status, answered = api.call(body)
        assert answered == body
        assert not told or told == {(status, body)}
        with pytest.raises(KeyReused):
            api.call("b" if body == "a" else "a")
