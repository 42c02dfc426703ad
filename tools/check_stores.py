"""Is every place that can hold people's data registered in stores.yaml?

python -m tools.check_stores
"""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tools.build import ROOT
from tools.packaging import TemplateLoader

KEYS = "shared/stageline/adapters/dynamodb/keys.py"
HOLDING = frozenset(
    {
        "AWS::Cognito::UserPool",
        "AWS::DynamoDB::Table",
        "AWS::Events::EventBus",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::SQS::Queue",
        "AWS::SecretsManager::Secret",
    }
)
ANSWERS = ("holds", "erased", "copies", "verified")
_ROW = re.compile(r"^\| *([^|]+?) *\|", re.MULTILINE)


def problems(root: Path) -> Iterator[str]:
    """Yield one line for each thing that is wrong."""
    stores = yaml.safe_load((root / "stores.yaml").read_text())
    template = yaml.load((root / "template.yaml").read_text(), TemplateLoader)
    yield from compared("table", stores["table"], table_items((root / KEYS).read_text()))
    yield from compared("resources", stores["resources"], holding_resources(template))
    for kind, entries in stores.items():
        for name, entry in entries.items():
            yield from _incomplete(root, f"{kind}: {name}", entry)


def table_items(keys: str) -> set[str]:
    """Return the first column of the table in the docstring of keys.py."""
    rows = _ROW.findall(keys.split('"""')[1])
    return {row for row in rows if row != "item" and not row.startswith("--")}


def holding_resources(template: Mapping[str, Any]) -> set[str]:
    """Return the template's resources that keep what is put into them."""
    return {name for name, found in template["Resources"].items() if found["Type"] in HOLDING}


def compared(kind: str, registered: Mapping[str, Any], existing: set[str]) -> Iterator[str]:
    for name in sorted(existing - registered.keys()):
        yield f"stores.yaml: {kind}: {name} is not registered"
    for name in sorted(registered.keys() - existing):
        yield f"stores.yaml: {kind}: {name} does not exist"


def _incomplete(root: Path, name: str, entry: Mapping[str, Any]) -> Iterator[str]:
    if set(entry) != set(ANSWERS) or not all(entry.values()):
        yield f"stores.yaml: {name} must say {', '.join(ANSWERS)}"
    elif not (root / entry["verified"]).exists():
        yield f"stores.yaml: {name} is verified by {entry['verified']}, which does not exist"


def main() -> int:
    found = list(problems(ROOT))
    print("\n".join(found) or "stores: ok", file=sys.stderr if found else sys.stdout)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
