"""A workspace: the wall between customers of one deployment."""

import re
from dataclasses import dataclass

_FORM = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


@dataclass(frozen=True, slots=True)
class Workspace:
    """Names one workspace; every key of the table is built from one.

    Raises ValueError for an id that is not 2 to 40 lower-case letters, digits or hyphens: such an
    id could reach into the keys of another workspace.
    """

    id: str

    def __post_init__(self) -> None:
        if not _FORM.fullmatch(self.id):
            raise ValueError("a workspace id has 2 to 40 lower-case letters, digits or hyphens")
