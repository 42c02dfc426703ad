"""Ids of records that come from elsewhere, and of records made twice by the same request.

Keyed hashes: an unkeyed one can be reversed by trying, and two record types share numbers
(DESIGN §4). The workspace, the integration and the type are part of what is hashed.
"""

import hmac
from dataclasses import dataclass
from secrets import token_hex
from typing import Literal

from stageline.domain.workspace import Workspace

type Kind = Literal["account", "deal", "contact", "activity", "task", "owner", "request"]

_BYTES = 16


@dataclass(frozen=True, slots=True)
class Identities:
    """Makes the ids of one workspace. `key` is the deployment's secret."""

    workspace: Workspace
    key: bytes

    def __repr__(self) -> str:
        return f"Identities({self.workspace.id})"

    def record(self, integration: str, kind: Kind, external_id: str) -> str:
        """Return the id of an external record: 32 hex digits, always the same."""
        return self._digest("record", integration, kind, external_id)

    def owner(self, address: str | None) -> str:
        """Return what stands for an owner in a key: "-" for none."""
        if address is None:
            return "-"
        return self._digest("owner", address.strip().casefold())

    def unique_value(self, module: str, key: str, text: str) -> str:
        """Return what stands for a value of a unique field in a key."""
        return self._digest("unique", module, key, text)

    def tag(self, module: str, text: str) -> str:
        """Return what stands for a tag of the records of a module in a key."""
        return self._digest("tag", module, text)

    def of_call(self, subject: str, route: str, idempotency_key: str) -> str:
        """Return what stands for a creating call: the same caller, route and key, the same id."""
        return self._digest("call", subject, route, idempotency_key)

    def of_request(self, kind: Kind, call_id: str) -> str:
        """Return the id of the record that this creating call makes."""
        return self._digest("request", kind, call_id)

    def sign(self, text: str) -> str:
        """Return a signature of `text` that holds in this workspace only."""
        return self._digest("signature", text)

    def _digest(self, *parts: str) -> str:
        # Lengths go in, so that no two lists of parts give the same message.
        message = "".join(f"{len(part)}:{part}" for part in (self.workspace.id, *parts))
        return hmac.digest(self.key, message.encode(), "sha256")[:_BYTES].hex()


def random_id() -> str:
    """Return the id of a record that nobody asked for before: 32 hex digits."""
    return token_hex(_BYTES)
