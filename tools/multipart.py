"""A form with one file, as a bucket takes it by presigned POST, read in pieces."""

import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

_PIECE_BYTES = 1 << 16


class MultipartFile:
    """The bytes of the form, to be iterated once. The file comes last, as S3 asks.

    Raises OSError, on entering, for a file that cannot be read.
    """

    def __init__(self, fields: Mapping[str, str], path: Path) -> None:
        boundary = secrets.token_hex(16)
        self.content_type = f"multipart/form-data; boundary={boundary}"
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        # The name of the file on this machine is nobody's business.
        disposition = 'Content-Disposition: form-data; name="file"; filename="file"'
        parts.append(f"--{boundary}\r\n{disposition}\r\n\r\n")
        self._head = "".join(parts).encode()
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self._path = path

    def __enter__(self) -> Self:
        self._file = self._path.open("rb")
        self._file_bytes = self._path.stat().st_size
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._head) + self._file_bytes + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        while piece := self._file.read(_PIECE_BYTES):
            yield piece
        yield self._tail
