"""Functions run step by step, in an order that the test decides: each call of a store is a step.

Every function has a thread of its own, but only one of all threads ever runs: what happens depends
on the test's decisions alone.
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue


class Crashed(BaseException):
    """The process ended here. No `except Exception` sees it."""


class Stepped:
    """A function on its way. `step` lets it go on to its next call of a store, or to its end."""

    def __init__(self, function: Callable[[], None]) -> None:
        self._function = function
        self._go, self._back = threading.Lock(), threading.Lock()
        self._go.acquire()
        self._back.acquire()
        self._dies = False
        self.finished = False
        self.crashed = False
        self.error: BaseException | None = None
        _threads.run(self._run)

    def step(self, *, dies: bool = False) -> None:
        """Go on, or end here as if the power went. Raises what the function raised."""
        self._dies = dies
        self._go.release()
        self._back.acquire()
        if self.error is not None:
            raise self.error

    def pause(self) -> None:
        self._back.release()
        self._go.acquire()
        if self._dies:
            raise Crashed

    def _run(self) -> None:
        self._go.acquire()
        _threads.current.stepped = self
        try:
            if self._dies:
                raise Crashed
            self._function()
        except Crashed:
            self.crashed = True
        except BaseException as error:
            self.error = error
        self.finished = True
        _threads.current.stepped = None
        self._back.release()


def pause() -> None:
    """End the step, when called from a stepped function."""
    stepped: Stepped | None = getattr(_threads.current, "stepped", None)
    if stepped is not None:
        stepped.pause()


class _Threads:
    """Starting a thread costs more than most of the steps, so they are used again."""

    def __init__(self) -> None:
        self.current = threading.local()
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._idle = 0

    def run(self, function: Callable[[], None]) -> None:
        if self._idle == 0:
            threading.Thread(target=self._loop, daemon=True).start()
        else:
            self._idle -= 1
        self._work.put(function)

    def _loop(self) -> None:
        while True:
            self._work.get()()
            self._idle += 1


_threads = _Threads()
