"""Files in the bucket: what was uploaded, and the pages that a reader made of it.

uploads/<workspace>/<job>/<records>.csv and pages/<workspace>/<job>/<number>; both expire.
"""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stageline.adapters.once import put_once
from stageline.domain.errors import Stale
from stageline.domain.jobs import FileRefused, Problem, UploadForm
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

_UPLOAD = re.compile(r"uploads/(?P<workspace>[^/]+)/(?P<job>[0-9a-f]{32})/[a-z]+\.csv")


class S3Files:
    """The port `Files` of one workspace."""

    def __init__(self, client: "S3Client", bucket: str, workspace: Workspace) -> None:
        self._client = client
        self._bucket = bucket
        self._workspace = workspace

    def upload_form(self, job_id: str, records: str, most_bytes: int, seconds: int) -> UploadForm:
        form = self._client.generate_presigned_post(
            self._bucket,
            f"uploads/{self._workspace.id}/{job_id}/{records}.csv",
            # From 0 on: an empty file is refused with a reason, by its job.
            Conditions=[["content-length-range", 0, most_bytes]],
            ExpiresIn=seconds,
        )
        return UploadForm(form["url"], form["fields"], most_bytes)

    def save_page(self, job_id: str, number: int, lines: Iterable[str]) -> None:
        self._client.put_object(
            Bucket=self._bucket,
            Key=self._page_key(job_id, number),
            Body="\n".join(lines).encode(),
            ContentType="application/jsonl",
        )

    def keep_page(self, job_id: str, number: int, lines: Sequence[str]) -> Sequence[str]:
        key = self._page_key(job_id, number)
        text = "\n".join(lines)
        kept = put_once(self._client, self._bucket, key, text.encode(), "application/jsonl")
        return lines if kept is None else kept.decode().split("\n")

    def page(self, job_id: str, number: int) -> Sequence[str]:
        key = self._page_key(job_id, number)
        try:
            reply = self._client.get_object(Bucket=self._bucket, Key=key)
        except self._client.exceptions.NoSuchKey as error:
            raise Stale("page") from error
        return reply["Body"].read().decode().split("\n")

    def delete_page(self, job_id: str, number: int) -> None:
        self._client.delete_object(Bucket=self._bucket, Key=self._page_key(job_id, number))

    def _page_key(self, job_id: str, number: int) -> str:
        return f"pages/{self._workspace.id}/{job_id}/{number:07d}"


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file: whose it is, for which job, and the tag of its content."""

    key: str
    workspace: Workspace
    job_id: str
    tag: str


def upload_of(key: str, tag: str) -> Upload | None:
    """Return the upload that an object of the bucket is; None for a key that none could have."""
    found = _UPLOAD.fullmatch(key)
    if found is None:
        return None
    try:
        workspace = Workspace(found["workspace"])
    except ValueError:
        return None
    return Upload(key, workspace, found["job"], tag)


def open_upload(client: "S3Client", bucket: str, upload: Upload) -> io.BufferedReader:
    """Return the upload's bytes as a stream, exactly those with its tag.

    Raises FileRefused when the object was replaced or deleted since.
    """
    try:
        reply = client.get_object(Bucket=bucket, Key=upload.key, IfMatch=f'"{upload.tag}"')
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("PreconditionFailed", "NoSuchKey"):
            raise
        message = "another file was uploaded before this one was read; begin a new import"
        raise FileRefused(Problem(None, None, "upload_replaced", message)) from error
    return io.BufferedReader(_Raw(reply["Body"]), 1 << 16)


class _Raw(io.RawIOBase):
    """A response body with the method that `BufferedReader` calls."""

    def __init__(self, body: "StreamingBody") -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        room = memoryview(buffer)
        content = self._body.read(len(room))
        room[: len(content)] = content
        return len(content)
