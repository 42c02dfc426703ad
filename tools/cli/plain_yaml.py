"""YAML as people mean it: yes, no and on are words, days are text, keys are always text."""

import re
from typing import Any

import yaml


class PlainLoader(yaml.SafeLoader):
    """SafeLoader without the surprises of YAML 1.1; refuses a key that is given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key is text", key_node.start_mark
                )
            key = key_node.value
            if key in found:
                raise yaml.constructor.ConstructorError(
                    None, None, "a key is given twice", key_node.start_mark
                )
            found[key] = self.construct_object(value_node, deep=True)
        return found


# Numbers stay text as well: a default is what a cell would say.
PlainLoader.yaml_implicit_resolvers = {}
PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"(?:true|false)$"), list("tf")
)
PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"(?:~|null|)$"), ["~", "n", ""]
)
