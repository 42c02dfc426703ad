"""The shipped schemes: YAML for people, `compiled.json` for the engine.

`python -m tools.compile_schemes` writes the latter; at run time nothing else is read, so that a
function needs neither YAML nor document models.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from stageline.domain.scheme import Scheme

DEFAULT: Final = "crm_stage"
FOLDER: Final = Path(__file__).parent


@cache
def compiled() -> dict[str, dict[str, Any]]:
    """Return the compiled form of every shipped document by its name (that of its file)."""
    found: dict[str, dict[str, Any]] = json.loads((FOLDER / "compiled.json").read_text("utf-8"))
    return found


@cache
def shipped(name: str = DEFAULT) -> Scheme:
    """Return a shipped scheme, ready to run: "crm_stage", or "crm_stage_open_wins", the variant of
    the same key in which an open deal wins. Raises KeyError for any other name.
    """
    return Scheme.from_compiled(compiled()[name])
