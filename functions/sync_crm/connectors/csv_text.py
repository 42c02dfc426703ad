"""The text of an uploaded file: its encoding, its delimiter, and what is no CSV at all."""

import io
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Iterable
from typing import NoReturn

from stageline.domain.jobs import FileRefused, Problem
from sync_crm.connectors.csv_records import RowReader

SAMPLE_BYTES = 1 << 16
DELIMITERS = (",", ";", "\t")

_OTHER_FORMATS = (
    (b"PK\x03\x04", "a zip archive or a spreadsheet; save it as CSV"),
    (b"PK\x05\x06", "a zip archive; save it as CSV"),
    (b"\x1f\x8b", "compressed; unpack it first"),
    (b"BZh", "compressed; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed; unpack it first"),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet; save it as CSV"),
    (b"%PDF", "a PDF; export it as CSV"),
    (b"{\\rtf", "a text document; export it as CSV"),
    (b"SQLite format 3", "a database; export it as CSV"),
    (b"PAR1", "a Parquet file; export it as CSV"),
)
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b'{"', b"[{", b"{\n", b"[\n")


def sample_of(stream: io.BufferedReader) -> bytes:
    """Return the first bytes of a stream without taking them."""
    return stream.peek(SAMPLE_BYTES)[:SAMPLE_BYTES]


def encoding_of(sample: bytes) -> str:
    """Return the encoding of a file that begins so: UTF-8, or UTF-16 with a byte order mark.

    Raises FileRefused: empty_file, not_csv, encoding.
    """
    for magic, what in _OTHER_FORMATS:
        if sample.startswith(magic):
            refuse("not_csv", f"the file is {what}")
    if sample.startswith((BOM_UTF32_LE, BOM_UTF32_BE)):
        refuse("encoding", "the file is UTF-32; save it as UTF-8")
    if sample.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in sample:
        if _looks_like_utf_16(sample):
            refuse("encoding", "the file is UTF-16 without a byte order mark; save it as UTF-8")
        refuse("not_csv", "the file is binary; export it as CSV")
    if sample.lstrip(BOM_UTF8).lstrip().lower().startswith(_MARKUP):
        refuse("not_csv", "the file is a web page, XML or JSON; export it as CSV")
    return "utf-8-sig"


def open_text(stream: io.BufferedReader, encoding: str) -> io.TextIOWrapper:
    """Return the stream as text, line ends as they are.

    Bytes that are no UTF-8 become lone surrogates, so that the reader can name their line.
    """
    errors = "strict" if encoding == "utf-16" else "surrogateescape"
    return io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline="")


def declared_delimiter(sample: str) -> str | None:
    """Return the delimiter that a first line `sep=;` declares, as spreadsheets write it."""
    first = sample.split("\n", 1)[0].rstrip("\r")
    return first[4] if len(first) == 5 and first.lower().startswith("sep=") else None


def detected_delimiter(sample: str, expected: Iterable[str]) -> str:
    """Return the delimiter that finds most of the `expected` headings (folded), then most cells."""
    wanted = set(expected)

    def found(delimiter: str) -> tuple[int, int]:
        for _, cells, _ in RowReader(io.StringIO(sample, newline=""), delimiter):
            return len(wanted & {folded(cell) for cell in cells}), len(cells)
        return 0, 0

    return max(DELIMITERS, key=found)


def folded(heading: str) -> str:
    """Return a heading as it is compared."""
    return heading.strip().casefold()


def refuse(code: str, message: str, line: int | None = None) -> NoReturn:
    raise FileRefused(Problem(line, None, code, message))


def _looks_like_utf_16(sample: bytes) -> bool:
    """Say whether every other byte is 0, as in Latin text."""
    return sample[1::2].count(0) * 2 > len(sample[1::2]) or (
        sample[::2].count(0) * 2 > len(sample[::2])
    )
