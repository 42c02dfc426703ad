"""Creating calls that carry an Idempotency-Key: one for each caller, route and key."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from api.call import KEY_HEADER, Answer, Call
from stageline import bootstrap
from stageline.domain.errors import Invalid
from stageline.domain.keyed_call import KeyedCall
from stageline.use_cases.keyed_calls import once

LONGEST_KEY = 255


def answer_once(call: Call, route: str, handle: Callable[[Call], Answer]) -> Answer:
    """Return the answer to a call with a key; `route` is its method and path, unfilled.

    Raises Invalid for a text that is no key, KeyReused, CallInFlight, and what `handle` raises.
    """
    key = call.headers[KEY_HEADER.lower()]
    if not (1 <= len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise Invalid(KEY_HEADER, "no_key", f"has 1 to {LONGEST_KEY} characters of printable ASCII")
    identities = bootstrap.identities(call.workspace)
    begun = KeyedCall.begun(
        identities.of_call(call.principal.subject, route, key),
        identities.sign(_sent(call)),
        call.now,
    )

    def do(held: KeyedCall) -> tuple[int, str | None, Answer]:
        answer = handle(replace(call, keyed=held))
        return answer.status, answer.body.get("id"), answer

    status, answer = once(bootstrap.keyed_calls(call.workspace), begun, do)
    return replace(answer, status=status)


def _sent(call: Call) -> str:
    """Return a text that is the same only for the same address and body, byte for byte."""
    event = call.event
    address = [event.get("rawPath", ""), event.get("rawQueryString", "")]
    return json.dumps(["call", *address, sha256(call.raw_body()).hexdigest()])
