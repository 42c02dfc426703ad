"""A creating call that carries an Idempotency-Key, and what comes of another with the same key.

Keyed hashes, a status and an id are kept: nothing that was sent, no answer.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from stageline.domain.errors import CallInFlight, KeyReused
from stageline.domain.personal import Plain

# The function's timeout: whoever began a call has answered by then, or died.
HELD: timedelta = timedelta(seconds=28)
KEPT: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedCall:
    """`call_id` stands for caller, route and key, `sent` for address and body.

    `status` and `made` (an id) are those of the answer; in flight there are none yet. `rev` counts
    the writes and is the fence of each.
    """

    call_id: Plain
    sent: Plain
    begun_at: datetime
    held_until: datetime
    status: int | None = None
    made: Plain | None = None
    rev: int = 1

    @classmethod
    def begun(cls, call_id: str, sent: str, now: datetime) -> Self:
        return cls(call_id=call_id, sent=sent, begun_at=now, held_until=now + HELD)

    def again(self, other: Self) -> Self:
        """Return what another call with this key goes on with.

        That is this one when it was answered, or else one to be stored over it: it was let go, or
        whoever began it has died. Raises KeyReused, CallInFlight.
        """
        if other.sent != self.sent:
            raise KeyReused
        if self.status is not None:
            return self
        if other.begun_at < self.held_until:
            raise CallInFlight
        return replace(self, held_until=other.held_until, rev=self.rev + 1)

    def answered(self, status: int, made: str | None) -> Self:
        return replace(self, status=status, made=made, rev=self.rev + 1)

    def let_go(self) -> Self:
        """Return the call as it is when nobody knows how far it came: it may come again at once."""
        return replace(self, held_until=self.begun_at, rev=self.rev + 1)
