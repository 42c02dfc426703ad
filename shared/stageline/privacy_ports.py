"""What privacy needs from the outside world."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from stageline.domain.journal import JournalEntry
from stageline.domain.workspace import Workspace


class Journal(Protocol):
    """Who was erased, of every workspace. Nothing in it is ever changed; it survives a restore."""

    def write(self, entry: JournalEntry) -> None:
        """Keep an entry, once. Raises AlreadyExists when request and part have another one."""
        ...

    def entries(self, skip: int = 0) -> Iterator[JournalEntry]:
        """Yield all but the first `skip`, in the order of workspaces, requests and parts."""
        ...

    def counts(self) -> Mapping[Workspace, int]:
        """Return how many entries there are of each workspace that has any."""
        ...

    def is_empty(self) -> bool: ...


class Certificates(Protocol):
    """Certificates of erasures as they were signed, numbered from 1 on for each request."""

    def write(self, workspace: Workspace, request_id: str, number: int, document: str) -> None:
        """Keep a certificate, once.

        Raises AlreadyExists when the number has another text; signed again, a certificate is one.
        """
        ...

    def read(self, workspace: Workspace, request_id: str, number: int) -> str:
        """Raises NotFound."""
        ...

    def latest(self, workspace: Workspace, request_id: str) -> int:
        """Return the highest number that the request has a certificate with; 0 for none."""
        ...


class Signer(Protocol):
    def sign(self, message: bytes) -> bytes:
        """Return the signature (ECDSA over P-256 and SHA-256, DER) of at most 4,096 bytes."""
        ...

    def public_key(self) -> str:
        """Return the public half of the key (SPKI, PEM)."""
        ...
