"""Do a creating call once for its key, however often and from how many sides it comes.

What the call makes must have an id that rests on `call_id` alone, and making it twice must be safe:
that is what saves a call whose first doer died.
"""

from collections.abc import Callable
from contextlib import suppress

from stageline.call_ports import KeyedCalls
from stageline.domain.errors import CallInFlight, StagelineError, Stale
from stageline.domain.keyed_call import KeyedCall

_TRIES = 3


def once[Reply](
    calls: KeyedCalls,
    call: KeyedCall,
    do: Callable[[KeyedCall], tuple[int, str | None, Reply]],
) -> tuple[int, Reply]:
    """Return the status and the reply of a call that has just begun.

    `do` makes what the call is to make, or finds that it is made, and returns a status, the id and
    the reply. The status of the first answer is that of all. A refused call leaves nothing behind:
    its key is free for a mended one. Raises KeyReused, CallInFlight, and what `do` raises.
    """
    held = _begin(calls, call)
    if held.status is not None:
        return held.status, do(held)[2]
    try:
        status, made, reply = do(held)
    except StagelineError:
        with suppress(Stale):
            calls.forget(held)
        raise
    except Exception:
        with suppress(Stale):
            calls.save(held.let_go())
        raise
    # Stale: it took longer than it was held, and somebody else has taken it over.
    with suppress(Stale):
        calls.save(held.answered(status, made))
    return status, reply


def _begin(calls: KeyedCalls, call: KeyedCall) -> KeyedCall:
    for _ in range(_TRIES):
        with suppress(Stale):
            calls.save(call)
            return call
        found = calls.find(call.call_id)
        if found is None:
            continue
        held = found.again(call)
        if held is found:
            return held
        with suppress(Stale):
            calls.save(held)
            return held
    raise CallInFlight
