"""What was asked of a table, counted at the client, and what DynamoDB would charge for it."""

from dataclasses import asdict, dataclass, fields
from typing import Self

# On demand, us-east-1, dollars for a million units.
DOLLARS_A_MILLION_READS = 0.125
DOLLARS_A_MILLION_WRITES = 0.625


@dataclass(slots=True)
class Meter:
    """`items_read` and `bytes_read` are what came back; `items_written` is what was stored or
    removed, without what indexes followed with.
    """

    requests: int = 0
    read_units: float = 0
    write_units: int = 0
    items_read: int = 0
    bytes_read: int = 0
    items_written: int = 0
    bytes_written: int = 0
    stream_records: int = 0

    def copy(self) -> Self:
        return type(self)(**asdict(self))

    def since(self, before: "Meter") -> Self:
        """Return what was counted after that copy was made."""
        names = [field.name for field in fields(self)]
        return type(self)(**{name: getattr(self, name) - getattr(before, name) for name in names})

    @property
    def dollars(self) -> float:
        reads = self.read_units * DOLLARS_A_MILLION_READS
        return (reads + self.write_units * DOLLARS_A_MILLION_WRITES) / 1_000_000
