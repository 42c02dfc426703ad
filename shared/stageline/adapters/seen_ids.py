"""Which records of an integration were seen: keyed hashes, a file for each page.

seen/<workspace>/<integration>/<records>/<epoch>/<name>
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from stageline.domain.job_states import Records
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# DeleteObjects takes at most 1,000.
_AT_ONCE = 1_000


class S3SeenIds:
    """The port `SeenIds` of one integration."""

    def __init__(
        self, client: "S3Client", bucket: str, workspace: Workspace, integration: str
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = f"seen/{workspace.id}/{integration}/"

    def add(self, records: Records, epoch: str, name: str, ids: Sequence[str]) -> None:
        if ids:
            self._client.put_object(
                Bucket=self._bucket,
                Key=f"{self._folder(records, epoch)}{name}",
                Body="\n".join(ids).encode(),
                ContentType="text/plain",
            )

    def epochs(self, records: Records) -> Sequence[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=f"{self._prefix}{records}/", Delimiter="/"
        )
        return [
            folder["Prefix"].split("/")[-2]
            for page in pages
            for folder in page.get("CommonPrefixes", ())
        ]

    def ids(self, records: Records, epoch: str) -> Iterator[str]:
        for key in self._keys(self._folder(records, epoch)):
            reply = self._client.get_object(Bucket=self._bucket, Key=key)
            yield from reply["Body"].read().decode().split("\n")

    def forget(self, records: Records, epoch: str) -> None:
        self._delete(self._folder(records, epoch))

    def forget_all(self) -> None:
        """Forget everything that was seen of the integration."""
        self._delete(self._prefix)

    def _delete(self, prefix: str) -> None:
        keys = list(self._keys(prefix))
        for start in range(0, len(keys), _AT_ONCE):
            reply = self._client.delete_objects(
                Bucket=self._bucket,
                Delete={
                    "Objects": [{"Key": key} for key in keys[start : start + _AT_ONCE]],
                    "Quiet": True,
                },
            )
            assert not reply.get("Errors"), "objects were not deleted"

    def _keys(self, prefix: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
            for one in page.get("Contents", ()):
                yield one["Key"]

    def _folder(self, records: Records, epoch: str) -> str:
        return f"{self._prefix}{records}/{epoch}/"
