"""Journal and certificates in the bucket that takes each object once and locks it.

entries/<workspace>/<request>/<part>.json and certificates/<workspace>/<request>/<number>.json.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from stageline.adapters.once import put_once, read_object
from stageline.domain.errors import AlreadyExists, NotFound
from stageline.domain.journal import JournalEntry, UnreadableEntry
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ENTRIES = "entries/"
_CERTIFICATES = "certificates/"


class _Bucket:
    """Objects that are written once and read whole."""

    def __init__(self, client: "S3Client", name: str) -> None:
        self._client = client
        self._name = name

    def put_once(self, key: str, text: str) -> str:
        """Return what the object holds then: this text, or the one that it held before."""
        body = text.encode()
        before = put_once(self._client, self._name, key, body, "application/json")
        return text if before is None else before.decode()

    def read(self, key: str) -> str | None:
        body = read_object(self._client, self._name, key)
        return None if body is None else body.decode()

    def keys(self, prefix: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._name, Prefix=prefix):
            for found in page.get("Contents", ()):
                yield found["Key"]


class S3Journal:
    """The port `Journal`."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._bucket = _Bucket(client, bucket)

    def write(self, entry: JournalEntry) -> None:
        key = f"{_ENTRIES}{entry.workspace.id}/{entry.request_id}/{entry.part:06d}.json"
        if JournalEntry.from_json(self._bucket.put_once(key, entry.to_json())) != entry:
            raise AlreadyExists("the journal has another entry of this request and part")

    def entries(self, skip: int = 0) -> Iterator[JournalEntry]:
        for key in islice(self._bucket.keys(_ENTRIES), skip, None):
            text = self._bucket.read(key)
            if text is None:
                raise UnreadableEntry("an entry that is listed is not there")
            yield JournalEntry.from_json(text)

    def counts(self) -> Mapping[Workspace, int]:
        found = Counter(key.split("/")[1] for key in self._bucket.keys(_ENTRIES))
        return {Workspace(workspace_id): count for workspace_id, count in found.items()}

    def is_empty(self) -> bool:
        return next(self._bucket.keys(_ENTRIES), None) is None


class S3Certificates:
    """The port `Certificates`."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._bucket = _Bucket(client, bucket)

    def write(self, workspace: Workspace, request_id: str, number: int, document: str) -> None:
        key = f"{_of(workspace, request_id)}{number:06d}.json"
        if self._bucket.put_once(key, document) != document:
            raise AlreadyExists("the request has another certificate with this number")

    def read(self, workspace: Workspace, request_id: str, number: int) -> str:
        document = self._bucket.read(f"{_of(workspace, request_id)}{number:06d}.json")
        if document is None:
            raise NotFound("certificate")
        return document

    def latest(self, workspace: Workspace, request_id: str) -> int:
        prefix = _of(workspace, request_id)
        numbers = (key.removeprefix(prefix) for key in self._bucket.keys(prefix))
        return max((int(name.removesuffix(".json")) for name in numbers), default=0)


def _of(workspace: Workspace, request_id: str) -> str:
    return f"{_CERTIFICATES}{workspace.id}/{request_id}/"
