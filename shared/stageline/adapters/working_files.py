"""What imports have left in the bucket: uploads, and the pages that were made of them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from stageline.domain.erasure_errors import StoreUnreachable
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_JOB = re.compile(r"(?:uploads|pages)/[^/]+/([0-9a-f]{32})/")
# DeleteObjects takes at most 1,000.
_AT_ONCE = 1_000


class S3WorkingFiles:
    """The port `WorkingFiles` of one workspace. Finds every version, should there be several."""

    def __init__(self, client: "S3Client", bucket: str, workspace: Workspace) -> None:
        self._client = client
        self._bucket = bucket
        self._workspace = workspace

    def held(self) -> Sequence[tuple[str, str | None]]:
        try:
            return [(key, _job_of(key)) for key, _ in self._versions()]
        except (BotoCoreError, ClientError) as error:
            raise StoreUnreachable from error

    def remove(self, keys: Iterable[str]) -> int:
        wanted = frozenset(keys)
        found: list[ObjectIdentifierTypeDef] = []
        try:
            for key, version in self._versions():
                if key in wanted:
                    found.append({"Key": key, "VersionId": version})
            for start in range(0, len(found), _AT_ONCE):
                reply = self._client.delete_objects(
                    Bucket=self._bucket,
                    Delete={"Objects": found[start : start + _AT_ONCE], "Quiet": True},
                )
                if reply.get("Errors"):
                    raise StoreUnreachable
        except (BotoCoreError, ClientError) as error:
            raise StoreUnreachable from error
        return len(found)

    def _versions(self) -> Iterator[tuple[str, str]]:
        pages = self._client.get_paginator("list_object_versions")
        for folder in ("uploads", "pages"):
            prefix = f"{folder}/{self._workspace.id}/"
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
                for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                    yield one["Key"], one["VersionId"]


def _job_of(key: str) -> str | None:
    found = _JOB.match(key)
    return found[1] if found else None
