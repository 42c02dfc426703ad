"""Read a mapping file: YAML, of which JSON is a part. What it says is judged by the API."""

import json
from pathlib import Path
from typing import Any

from tools.errors import CommandFailed


def read_mapping(path: Path) -> dict[str, Any]:
    """Return the file's content. Raises CommandFailed, with the line at fault when it is known."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandFailed(f"{path.name} is not UTF-8") from None
    content = json.loads(text) if _is_json(text) else _yaml(path, text)
    if not isinstance(content, dict):
        raise CommandFailed(f"{path.name} needs sections, `accounts:` and `deals:`")
    return content


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _yaml(path: Path, text: str) -> Any:
    import yaml

    from tools.cli.plain_yaml import PlainLoader

    try:
        return yaml.load(text, PlainLoader)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}," if error.problem_mark else ""
        raise CommandFailed(f"{path.name}{line} is neither YAML nor JSON") from None
    except yaml.YAMLError:
        raise CommandFailed(f"{path.name} is neither YAML nor JSON") from None
