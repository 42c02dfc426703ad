"""Reads a file's bytes as the function does."""

import io
import json
from collections.abc import Sequence
from typing import Any

from stageline.domain.jobs import FileRefused, Problem, Warned
from sync_crm.connectors.csv_file import CsvFile


class ReadFile:
    """What came of a file: `records`, `problems`, `warnings`, or `refusal`."""

    def __init__(self, content: str | bytes, records: Any, mapping: Any, zone: str) -> None:
        body = content.encode() if isinstance(content, str) else content
        stream: Any = io.BufferedReader(io.BytesIO(body), 1 << 16)
        text = None if mapping is None else json.dumps(mapping)
        file = CsvFile(stream, records, text, zone)
        self.records: list[Any] = []
        self.problems: list[Problem] = []
        self.refusal: Problem | None = None
        try:
            for row in file.rows():
                if not isinstance(row, Sequence):
                    self.records.append(row)
                else:
                    self.problems += row
        except FileRefused as error:
            self.refusal = error.problem
        self.warnings: dict[str, Warned] = {warned.code: warned for warned in file.warnings()}

    @property
    def faults(self) -> list[tuple[int | None, str | None, str]]:
        return [(one.line, one.column, one.code) for one in self.problems]


def read(
    content: str | bytes, records: Any = "deals", mapping: Any = None, zone: str = "UTC"
) -> ReadFile:
    return ReadFile(content, records, mapping, zone)


def deal(mapping: Any = None, zone: str = "UTC", **cells: str) -> ReadFile:
    """Return what one deal says whose cells are these."""
    given = {"external_id": "1", "name": "A", "status": "open"} | cells
    return read(
        "\t".join(given) + "\n" + "\t".join(given.values()) + "\n", mapping=mapping, zone=zone
    )
