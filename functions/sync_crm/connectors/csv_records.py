"""The rows of a CSV text (RFC 4180), in flat memory, with the line on which each begins.

The standard library's reader keeps a whole row in memory, however long, and lets one stray quote
swallow the rest of the file. This one drops what is too long, refuses a row with broken quotes, and
goes on at the line after the one on which it began.
"""

import re
from collections import deque
from collections.abc import Iterator
from typing import Literal, TextIO

from stageline.domain.jobs import FileRefused, Problem

type Fault = tuple[str, int | None]  # a stable code, and the column counted from 0
type Row = tuple[int, list[str], Fault | None]  # the line on which it begins, counted from 1

MOST_IN_A_CELL = 100_000  # characters
MOST_IN_A_ROW = 1_000_000
MOST_COLUMNS = 1_000

_PIECE = 1 << 16
_UNDECODABLE = re.compile("[\ud800-\udfff]")

type _State = Literal["start", "plain", "quoted", "quote"]


class RowReader:
    """Iterate over the rows of `text` (opened with `newline=""`); empty lines are left out.

    A row with a fault has no cells. Raises FileRefused (encoding) for bytes that are no text.
    """

    def __init__(self, text: TextIO, delimiter: str) -> None:
        self._text = text
        self._delimiter = delimiter
        self._line = 1  # of the next piece
        self._again: deque[str] = deque()

    def __iter__(self) -> Iterator[Row]:
        while piece := self._next():
            line = self._line
            if '"' not in piece and _ends_line(piece):
                self._line += 1
                content = _content(piece)
                if content:
                    yield line, content.split(self._delimiter), _fault_of(piece)
            elif (row := self._walk(piece)) is not None:
                yield row

    def _next(self) -> str:
        """Return a line with its end, or a part of a long one, or "" at the end of the file."""
        if self._again:
            return self._again.popleft()
        try:
            piece = self._text.readline(_PIECE)
            if piece.endswith("\r") and len(piece) == _PIECE:
                # The rest of a line end that the limit cut in two, or the next line.
                rest = self._text.readline(_PIECE)
                if rest.startswith("\n"):
                    piece += "\n"
                    rest = rest[1:]
                if rest:
                    self._again.append(rest)
        except UnicodeDecodeError as error:
            raise self._undecodable() from error
        if not piece.isascii() and _UNDECODABLE.search(piece):
            raise self._undecodable()
        return piece

    def _undecodable(self) -> FileRefused:
        message = "the file is not UTF-8 (or UTF-16 with a byte order mark); save it as UTF-8"
        return FileRefused(Problem(self._line, None, "encoding", message))

    def _walk(self, piece: str) -> Row | None:
        """Return the row that begins with `piece`, character by character where it must be."""
        row = _Row(self._line, self._delimiter)
        kept: list[str] | None = []
        size = 0
        while piece:
            if kept is not None:
                kept.append(piece)
                size += len(piece)
                if size > MOST_IN_A_ROW:
                    kept = None
            if _ends_line(piece):
                self._line += 1
            if not row.take(piece):
                return self._begin_again(row, "broken_quotes", kept, piece)
            if row.is_complete:
                return row.result()
            piece = self._next()
        if row.state == "quoted":
            return self._begin_again(row, "unterminated_quote", kept, "\n")
        return row.result()

    def _begin_again(self, row: "_Row", code: str, kept: list[str] | None, piece: str) -> Row:
        """Give up a row, and go on at the line after the one on which it began, if it is kept."""
        fault: Row = (row.line, [], (code, None))
        rest = 0
        while piece and not _ends_line(piece):
            # The rest of the line on which the quotes broke.
            piece = self._next()
            rest += len(piece)
            if kept is not None:
                kept.append(piece)
                if rest > MOST_IN_A_ROW:
                    kept = None
            if _ends_line(piece):
                self._line += 1
        if kept is None:
            return fault
        first = next((place for place, one in enumerate(kept) if _ends_line(one)), len(kept))
        self._again.extendleft(reversed(kept[first + 1 :]))
        self._line = row.line + (first < len(kept))
        return fault


class _Row:
    """A row as it is taken in, piece by piece. What is too long is dropped at once."""

    def __init__(self, line: int, delimiter: str) -> None:
        self.line = line
        self.state: _State = "start"
        self.is_complete = False
        self._delimiter = delimiter
        self._cells: list[str] = []
        self._parts: list[str] = []
        self._cell_size = 0
        self._row_size = 0
        self._columns = 0
        self._fault: Fault | None = None

    def take(self, piece: str) -> bool:
        """Take in one piece; False when a quoted cell is followed by anything but its end."""
        end = len(_content(piece))
        if "\0" in piece:
            self._fault = self._fault or ("control_character", None)
        place = 0
        while place < end or (self.state == "quoted" and place < len(piece)):
            match self.state:
                case "start" if piece[place] == '"':
                    self.state = "quoted"
                    place += 1
                case "start" | "plain" if self._fault is not None:
                    # What is refused anyway is skipped to the next quoted cell.
                    found = piece.find(f'{self._delimiter}"', place, end)
                    place = end if found < 0 else found + 1
                    self.state = "start" if piece[place - 1] == self._delimiter else "plain"
                case "start" | "plain":
                    self.state = "plain"
                    found = piece.find(self._delimiter, place, end)
                    self._add(piece[place : end if found < 0 else found])
                    place = end
                    if found >= 0:
                        self._end_cell()
                        place = found + 1
                case "quoted":
                    found = piece.find('"', place)
                    self._add(piece[place : len(piece) if found < 0 else found])
                    place = len(piece)
                    if found >= 0:
                        self.state = "quote"
                        place = found + 1
                case "quote" if piece[place] == '"':
                    self._add('"')
                    self.state = "quoted"
                    place += 1
                case "quote" if piece[place] == self._delimiter:
                    self._end_cell()
                    place += 1
                case "quote":
                    return False
        self.is_complete = _ends_line(piece) and self.state != "quoted"
        return True

    def result(self) -> Row | None:
        self._end_cell()
        if self._fault is not None:
            return self.line, [], self._fault
        if self._columns == 1 and not self._cells[0]:
            return None
        return self.line, self._cells, None

    def _add(self, text: str) -> None:
        self._cell_size += len(text)
        self._row_size += len(text)
        if self._fault is None:
            if self._cell_size > MOST_IN_A_CELL:
                self._fault = ("cell_too_large", self._columns)
            elif self._row_size > MOST_IN_A_ROW:
                self._fault = ("row_too_large", None)
            else:
                self._parts.append(text)

    def _end_cell(self) -> None:
        if self._fault is None and self._columns > MOST_COLUMNS:
            self._fault = ("too_many_cells", None)
        if self._fault is None:
            self._cells.append("".join(self._parts))
        else:
            self._cells.clear()
        self._parts.clear()
        self._cell_size = 0
        self._columns += 1
        self.state = "start"


def _ends_line(piece: str) -> bool:
    return piece.endswith(("\n", "\r"))


def _content(piece: str) -> str:
    """Return a piece without its line end."""
    if piece.endswith("\r\n"):
        return piece[:-2]
    return piece[:-1] if _ends_line(piece) else piece


def _fault_of(piece: str) -> Fault | None:
    return ("control_character", None) if "\0" in piece else None
