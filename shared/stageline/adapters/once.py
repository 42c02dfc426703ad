"""Objects of a bucket that are written once."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# The second: somebody else is writing the same object at this moment.
_WAS_THERE = ("PreconditionFailed", "ConditionalRequestConflict")


def put_once(client: "S3Client", bucket: str, key: str, body: bytes, media: str) -> bytes | None:
    """Write an object unless it is there; return what was there before, None if nothing was."""
    try:
        client.put_object(Bucket=bucket, Key=key, Body=body, ContentType=media, IfNoneMatch="*")
    except ClientError as error:
        if error.response["Error"]["Code"] not in _WAS_THERE:
            raise
        before = read_object(client, bucket, key)
        if before is None:
            raise
        return before
    return None


def read_object(client: "S3Client", bucket: str, key: str) -> bytes | None:
    try:
        reply = client.get_object(Bucket=bucket, Key=key)
    except client.exceptions.NoSuchKey:
        return None
    return reply["Body"].read()
