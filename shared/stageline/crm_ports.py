"""What talking to a CRM needs from the outside world."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Protocol

from stageline.domain.crm_messages import CrmReply, CrmRequest


class Crm(Protocol):
    def send(self, request: CrmRequest) -> CrmReply:
        """Return the CRM's good answer, after as many tries as there is time for.

        Raises CrmError, UrlNotAllowed.
        """
        ...


class Pace(Protocol):
    """How fast all workers together may ask one integration's CRM."""

    def take(self, most: timedelta) -> timedelta:
        """Return how long the next request has to wait; it is counted from now on.

        Raises CrmThrottled, and counts nothing, if that is longer than `most`.
        """
        ...

    def lower(self, left: int) -> None:
        """The CRM says that no more than `left` requests may follow at once."""
        ...

    def hold(self, wait: timedelta) -> None:
        """The CRM says that nobody is to ask for so long."""
        ...


class Tokens(Protocol):
    """The access tokens of one integration."""

    def value(self) -> str:
        """Return a token that is good for a while. Raises CrmError."""
        ...

    def drop(self, value: str) -> None:
        """The CRM does not take this token any more."""
        ...


class IntegrationSecrets(Protocol):
    """The credentials of a workspace's integrations."""

    def write(self, key: str, values: Mapping[str, str]) -> None:
        """Keep the credentials of an integration; those before stay as a fallback."""
        ...

    def versions(self, key: str) -> Iterator[Mapping[str, str]]:
        """Yield the current credentials, then those coming and those before. Raises NotFound."""
        ...

    def delete(self, key: str) -> None:
        """Forget the credentials of an integration, for good."""
        ...
