"""What calls with an Idempotency-Key need from the outside world; as `ports`."""

from typing import Protocol

from stageline.domain.keyed_call import KeyedCall


class KeyedCalls(Protocol):
    def find(self, call_id: str) -> KeyedCall | None:
        """Return the call, for at least a day after it began."""
        ...

    def save(self, call: KeyedCall) -> None:
        """Store over revision `call.rev - 1`, or for the first time. Raises Stale."""
        ...

    def forget(self, call: KeyedCall) -> None:
        """Remove the call at this revision. Raises Stale."""
        ...
