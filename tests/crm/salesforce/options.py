"""What the documents leave open, or an org may set; a test can choose the other answer."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Options:
    newest_version: int = 64
    quota: int = 100_000
    session_timeout: timedelta = timedelta(hours=2)
    multi_currency: bool = False
    # Of an org that has one only.
    currency: str = "EUR"
    # Not confirmed; the package's docstring says what is known of each.
    deletion_moves_modstamp: bool = True
    reparenting_moves_modstamp: bool = True
    locators_once: bool = False
    smaller_batches: bool = False
    bulk_header_on_each_page: bool = True
    bulk_page: int = 50_000
    bulk_polls: int = 1
