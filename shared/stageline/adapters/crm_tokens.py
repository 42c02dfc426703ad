"""Access tokens, kept in this container's memory and nowhere else."""

from collections.abc import Callable
from datetime import datetime

from stageline.domain.crm_errors import CrmUnavailable
from stageline.domain.crm_token import Token


class MemoryTokens:
    """The port `Tokens`. `sign_in` asks the CRM for a new one."""

    def __init__(self, sign_in: Callable[[], Token], now: Callable[[], datetime]) -> None:
        self._sign_in = sign_in
        self._now = now
        self._token: Token | None = None

    def value(self) -> str:
        token = self._token
        if token is None or token.is_due(self._now()):
            try:
                self._token = self._sign_in()
            except CrmUnavailable:
                if token is None or not token.is_good(self._now()):
                    raise
            else:
                token = self._token
        return token.value

    def drop(self, value: str) -> None:
        if self._token is not None and self._token.value == value:
            self._token = None
