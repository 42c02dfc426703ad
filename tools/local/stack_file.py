"""stack.json: what scripts and the `stageline` command need to know of the running local stack."""

import json
import os
from pathlib import Path
from typing import Any

from tools.build import ROOT


def stack_path() -> Path:
    """Return where the file lies: STAGELINE_STACK, or .local/stack.json of the project."""
    return Path(os.environ.get("STAGELINE_STACK") or ROOT / ".local" / "stack.json")


def write(path: Path, stack: dict[str, Any]) -> None:
    """Put the file there whole or not at all, readable by its owner only: it holds tokens."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.draft")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(stack, indent=2) + "\n")
    draft.replace(path)


def remove(path: Path, pid: int) -> None:
    """Remove the file, unless another process has written it since."""
    try:
        if json.loads(path.read_text()).get("pid") == pid:
            path.unlink()
    except (OSError, ValueError):
        return
