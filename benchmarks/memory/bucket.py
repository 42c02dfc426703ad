"""A bucket of S3 as a folder: what lies in it is not in the function's memory."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

from botocore.exceptions import ClientError

from benchmarks.memory.around import Paginator


class NoSuchKey(ClientError):
    pass


class Bucket:
    """A client with the calls that our adapters make, for one bucket. It counts them."""

    exceptions = SimpleNamespace(NoSuchKey=NoSuchKey)

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.requests = 0

    def put_object(self, *, Key: str, Body: bytes, IfNoneMatch: str = "", **_: Any) -> None:
        path = self._path(Key)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("xb" if IfNoneMatch else "wb") as file:
                file.write(Body)
        except FileExistsError:
            _refuse(ClientError, "PreconditionFailed", "PutObject")

    def get_object(self, *, Key: str, **_: Any) -> Mapping[str, Any]:
        try:
            return {"Body": BytesIO(self._path(Key).read_bytes())}
        except FileNotFoundError:
            _refuse(NoSuchKey, "NoSuchKey", "GetObject")

    def delete_object(self, *, Key: str, **_: Any) -> None:
        self._path(Key).unlink(missing_ok=True)

    def delete_objects(self, *, Delete: Mapping[str, Any], **_: Any) -> Mapping[str, Any]:
        for one in Delete["Objects"]:
            self._folder.joinpath(one["Key"]).unlink(missing_ok=True)
        self.requests += 1
        return {}

    def get_paginator(self, operation: str) -> Paginator:
        return Paginator(getattr(self, operation))

    def list_objects_v2(self, *, Prefix: str, Delimiter: str = "", **_: Any) -> Mapping[str, Any]:
        """Return all keys below a folder, or the folders in it that hold any."""
        below = self._path(Prefix)
        if Delimiter:
            folders = (path for path in _sorted(below) if path.is_dir() and any(path.iterdir()))
            return {"CommonPrefixes": [{"Prefix": f"{Prefix}{path.name}/"} for path in folders]}
        files = (path for path in sorted(below.rglob("*")) if path.is_file())
        return {"Contents": [{"Key": str(path.relative_to(self._folder))} for path in files]}

    def _path(self, key: str) -> Path:
        self.requests += 1
        return self._folder / key


def _sorted(folder: Path) -> Iterator[Path]:
    return iter(sorted(folder.iterdir()) if folder.is_dir() else ())


def _refuse(kind: type[ClientError], code: str, operation: str) -> NoReturn:
    raise kind({"Error": {"Code": code, "Message": ""}}, operation)
