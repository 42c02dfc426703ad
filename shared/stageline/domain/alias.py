"""What an external id stands for once the CRM has merged its record with another."""

from dataclasses import dataclass

from stageline.domain.personal import Plain


@dataclass(frozen=True, slots=True)
class Alias:
    """The record behind an external id under which nothing is stored.

    `is_merged`: the record is gone, and whoever names it means `record_id`. Otherwise it is a new
    one that the CRM made of others, and `record_id`, one of these, goes on as it; `depth` counts
    how often that one has.
    """

    record_id: Plain
    is_merged: bool
    depth: int = 0
