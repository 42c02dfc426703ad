"""Calls with an Idempotency-Key, in memory."""

from stageline.adapters.dynamodb.keys import keyed_call_key
from stageline.domain.keyed_call import KeyedCall
from stageline.domain.workspace import Workspace
from tests.fakes.memory import Memory, Put, over


class InMemoryKeyedCalls:
    def __init__(self, memory: Memory, workspace: Workspace) -> None:
        self._memory = memory
        self._workspace = workspace

    def find(self, call_id: str) -> KeyedCall | None:
        call: KeyedCall | None = self._memory.get(keyed_call_key(self._workspace, call_id))
        return call

    def save(self, call: KeyedCall) -> None:
        key = keyed_call_key(self._workspace, call.call_id)
        self._memory.write("call", Put(key, call, over(call.rev)))

    def forget(self, call: KeyedCall) -> None:
        key = keyed_call_key(self._workspace, call.call_id)
        self._memory.write("call", Put(key, None, over(call.rev + 1)))
