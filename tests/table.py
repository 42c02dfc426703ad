"""The tables as template.yaml deploys them, for moto."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parents[1] / "template.yaml"
_NEEDED = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short functions as their plain arguments."""


def _plain(loader: yaml.SafeLoader, _tag: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


_Loader.add_multi_constructor("!", _plain)


@cache
def _properties(resource: str) -> dict[str, Any]:
    template = yaml.load(TEMPLATE.read_text("utf-8"), _Loader)
    properties = template["Resources"][resource]["Properties"]
    return {name: properties[name] for name in _NEEDED}


def table_properties(name: str, resource: str = "Table") -> dict[str, Any]:
    """Return what `create_table` takes."""
    return {"TableName": name, **_properties(resource)}
