"""What a workspace has decided for all its members."""

from dataclasses import dataclass

from stageline.domain.principal import Ownership
from stageline.domain.stamp import Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`ownership`: "exclusive", and who does not own a customer does not see it; "shared", and all
    see and change all (S2.11). `managers_see_subordinates`: also where it is exclusive (S3.24).
    `rev` counts the writes; 0: nothing was decided yet.
    """

    ownership: Ownership = "exclusive"
    managers_see_subordinates: bool = True
    changed: Stamp | None = None
    rev: int = 0
