"""Journal, certificates and a signing key in memory."""

from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from stageline.domain.errors import AlreadyExists, NotFound
from stageline.domain.identifiers import Hashing
from stageline.domain.journal import JournalEntry
from stageline.domain.workspace import Workspace
from stageline.use_cases.owners import Owners

NOBODY_ERASED = Owners(
    lambda hashes: frozenset(), lambda: Hashing(Workspace("acme"), {1: b"a key of tests"})
)


class KeptJournal:
    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, int], JournalEntry] = {}

    def write(self, entry: JournalEntry) -> None:
        place = (entry.workspace.id, entry.request_id, entry.part)
        if self._kept.setdefault(place, entry) != entry:
            raise AlreadyExists("another entry")

    def entries(self) -> Iterator[JournalEntry]:
        return iter([self._kept[place] for place in sorted(self._kept)])

    def is_empty(self) -> bool:
        return not self._kept


class KeptCertificates:
    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, int], str] = {}

    def write(self, workspace: Workspace, request_id: str, number: int, document: str) -> None:
        if self._kept.setdefault((workspace.id, request_id, number), document) != document:
            raise AlreadyExists("another certificate")

    def read(self, workspace: Workspace, request_id: str, number: int) -> str:
        try:
            return self._kept[workspace.id, request_id, number]
        except KeyError:
            raise NotFound("certificate") from None

    def latest(self, workspace: Workspace, request_id: str) -> int:
        of_request = (workspace.id, request_id)
        numbers = (place[2] for place in self._kept if place[:2] == of_request)
        return max(numbers, default=0)


class KeySigner:
    """Signs with a key of its own, as KMS does with the deployment's."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message, ec.ECDSA(SHA256()))

    def public_key(self) -> str:
        public = self._key.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
