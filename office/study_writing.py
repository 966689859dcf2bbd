"""A study as a file: the text of a document, laid out for people, that reads back to the very same document."""

from collections.abc import Mapping
from typing import Any

import yaml

from trial.visitplan.documents import Node, one_line

WIDTH = 116
INLINE = 90
"""Up to so many characters a mapping or a list of plain values stands on one line."""
FLAGS = frozenset({"required", "restricted", "unverified"})
"""Keys that are true or not: written without quotes, as people write them."""


def study_text(document: Mapping[str, Node]) -> str:
    """The file of a document: a part after the other, an empty line between them."""
    parts = (
        yaml.dump(_Part({key: value}), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH, indent=2)
        for key, value in document.items()
    )
    return "\n".join(parts)


class _Part(dict[str, Node]):
    """A part of the file: never on one line of brackets."""


class _Dumper(yaml.SafeDumper):
    """Text alone. What YAML's readers would take for a number or a truth is quoted, so that nobody's reader changes it.

    But for flags, which are truths to every reader.
    """

    def increase_indent(self, *arguments: Any, **options: Any) -> None:
        # Items of a list stand in from their key, as people write them.
        super().increase_indent(*arguments[:1], **(options | {"indentless": False}))

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's hook
        return True


def _mapping(dumper: yaml.SafeDumper, node: dict[str, Node]) -> yaml.MappingNode:
    written = {key: value == "true" if _is_flag(key, value) else value for key, value in node.items()}
    return dumper.represent_mapping("tag:yaml.org,2002:map", written, flow_style=_fits(node, list(node.values())))


def _is_flag(key: str, value: Node) -> bool:
    return key in FLAGS and value in ("true", "false")


def _list(dumper: yaml.SafeDumper, node: list[Node]) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", node, flow_style=_fits(node, node))


def _fits(node: Node, parts: list[Node]) -> bool:
    short = all(isinstance(part, str) and len(part) <= INLINE for part in parts)
    return short and len(one_line(node)) <= INLINE


def _part(dumper: yaml.SafeDumper, part: _Part) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", part, flow_style=False)


_Dumper.add_representer(_Part, _part)
_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(list, _list)
