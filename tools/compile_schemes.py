"""Compile the shipped schemes from YAML to the plain JSON that the engine reads.

python -m tools.compile_schemes            write schemes/compiled.json
python -m tools.compile_schemes --check    fail if it is not up to date
"""

import json
import sys
from typing import Any

import yaml

from stageline.domain.scheme_document import SchemeInvalid, compile_scheme
from stageline.schemes import FOLDER

COMPILED = FOLDER / "compiled.json"


def documents() -> dict[str, Any]:
    """Return every shipped document by its name, as written."""
    return {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in FOLDER.glob("*.yaml")}


def compiled_text() -> str:
    """Return what compiled.json must hold. Raises SchemeInvalid."""
    compiled = {name: compile_scheme(document) for name, document in documents().items()}
    return json.dumps(compiled, indent=1, sort_keys=True) + "\n"


def main(arguments: list[str]) -> int:
    try:
        text = compiled_text()
    except SchemeInvalid as error:
        print(error, file=sys.stderr)
        return 1
    if "--check" not in arguments:
        COMPILED.write_text(text, "utf-8")
        return 0
    if COMPILED.exists() and COMPILED.read_text("utf-8") == text:
        return 0
    print("compiled.json is not up to date: python -m tools.compile_schemes", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
