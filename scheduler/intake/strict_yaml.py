"""YAML read strictly: one plain mapping, no key twice, no aliases, no clock time or date turned into a number.

YAML 1.1 reads ``18:00`` as 1080 and ``2024-01-01`` as a date; here both stay text.
"""

import re
from collections.abc import Hashable
from typing import Any

import yaml

MOST_DEPTH = 20


class StrictYamlError(ValueError):
    """A text that is no such YAML. ``line`` counts from 1; 0 where there is none to point at."""

    def __init__(self, message: str, line: int = 0, code: str = "profile-not-yaml", key: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.code = code
        self.key = key


class _StrictLoader(yaml.SafeLoader):
    """The safe loader less aliases, repeated keys, dates and base-60 numbers."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise StrictYamlError(f"a reference to another place (*{event.anchor}) is not allowed; write it out", line)
        if getattr(event, "tag", None) is not None:
            raise StrictYamlError(f"a type tag ({event.tag}) is not allowed", line)
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise StrictYamlError("nested too deeply", line)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        found: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise StrictYamlError("expected a word as key", line)
            key = key_node.value
            if key in found:
                raise StrictYamlError(f"the key '{key}' stands twice", line, "repeated-key", key)
            found[key] = self.construct_object(value_node, deep=True)
        return found


_TAG = "tag:yaml.org,2002:"
_StrictLoader.yaml_implicit_resolvers = {}
for _kind, _pattern, _signs in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE", list("yYnNtTfF")),
    ("int", r"[-+]?[0-9]{1,18}", list("-+0123456789")),
    ("float", r"[-+]?[0-9]{1,18}\.[0-9]{1,18}", list("-+0123456789")),
):
    _StrictLoader.add_implicit_resolver(_TAG + _kind, re.compile(rf"(?:{_pattern})\Z"), _signs)


def _whole(loader: _StrictLoader, node: yaml.ScalarNode) -> int:
    """A whole number in tens: YAML 1.1 would read 010 as eight."""
    return int(loader.construct_scalar(node))


_StrictLoader.add_constructor(_TAG + "int", _whole)


def read_yaml(text: str) -> dict[str, Any]:
    """The mapping that a YAML text holds; an empty text is an empty mapping. Keys are text, as written.

    Raises:
        StrictYamlError: if it is not well formed, or not one plain mapping.
    """
    try:
        found = yaml.load(text, Loader=_StrictLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise StrictYamlError(error.problem or "not well formed", mark.line + 1 if mark else 0) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, StrictYamlError):
            raise
        raise StrictYamlError(f"not well formed: {error}".splitlines()[0]) from error
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise StrictYamlError("expected keys with values, such as 'name: my_program'", 1, "profile-not-a-mapping")
    return found
