"""The Bot API's machine-readable specification, as a judge of our models and replies.

Two sources in one form: the whole specification, and a small excerpt of the project's own (names, kinds and
what is required, no texts) for checkouts that do not have the other one beside them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXCERPT = Path(__file__).with_name("specification-excerpt.json")
ARRAY = "Array of "
PLAIN: dict[str, tuple[type, ...]] = {
    "Integer": (int,),
    "String": (str,),
    "Boolean": (bool,),
    "True": (bool,),
    "Float": (int, float),
}


@dataclass(frozen=True, slots=True)
class Named:
    """A parameter or a field."""

    kinds: frozenset[str]
    is_required: bool


@dataclass(frozen=True, slots=True)
class Specification:
    methods: Mapping[str, Mapping[str, Named]]
    returns: Mapping[str, frozenset[str]]
    objects: Mapping[str, Mapping[str, Named]]
    subtypes: Mapping[str, tuple[str, ...]]

    def widened(self, kinds: frozenset[str]) -> frozenset[str]:
        """The kinds and all that may stand in their place."""
        return frozenset(wide for kind in kinds for wide in self._widened(kind))

    def _widened(self, kind: str) -> Iterator[str]:
        yield kind
        if kind.startswith(ARRAY):
            yield from (ARRAY + inner for inner in self._widened(kind.removeprefix(ARRAY)))
        for subtype in self.subtypes.get(kind, ()):
            yield from self._widened(subtype)

    def problems(self, value: Any, kind: str, place: str = "result") -> list[str]:
        """What is wrong with a value that should be of this kind; nothing when it fits."""
        if kind.startswith(ARRAY):
            if not isinstance(value, list):
                return [f"{place} is no list"]
            inner = kind.removeprefix(ARRAY)
            return [found for n, one in enumerate(value) for found in self.problems(one, inner, f"{place}[{n}]")]
        if kind in PLAIN:
            is_right = isinstance(value, PLAIN[kind]) and (bool in PLAIN[kind] or not isinstance(value, bool))
            return [] if is_right else [f"{place} is {type(value).__name__}, not {kind}"]
        if subtypes := self.subtypes.get(kind):
            return min((self.problems(value, subtype, place) for subtype in subtypes), key=len)
        return list(self._object_problems(value, kind, place))

    def _object_problems(self, value: Any, kind: str, place: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{place} is no {kind}"
            return
        fields = self.objects[kind]
        for name, field in fields.items():
            if field.is_required and name not in value:
                yield f"{place} lacks {name} of {kind}"
        for name, inner in value.items():
            if name not in fields:
                yield f"{place} has {name}, which {kind} does not"
            else:
                yield from min(
                    (self.problems(inner, one, f"{place}.{name}") for one in sorted(fields[name].kinds)), key=len
                )

    def reply_problems(self, method: str, result: Any) -> list[str]:
        return min((self.problems(result, kind) for kind in sorted(self.returns[method])), key=len)


def _named(fields: list[dict[str, Any]]) -> dict[str, Named]:
    return {field["name"]: Named(frozenset(field["types"]), bool(field["required"])) for field in fields}


def whole(shared_folder: Path) -> Specification:
    document = json.loads((shared_folder / "spec" / "telegram-bot-api.json").read_text(encoding="utf-8"))
    return Specification(
        methods={name: _named(method.get("fields", [])) for name, method in document["methods"].items()},
        returns={name: frozenset(method["returns"]) for name, method in document["methods"].items()},
        objects={name: _named(one.get("fields", [])) for name, one in document["types"].items()},
        subtypes={name: tuple(one["subtypes"]) for name, one in document["types"].items() if one.get("subtypes")},
    )


def excerpt(path: Path = EXCERPT) -> Specification:
    """Each field is written as "kind|kind", with "!" behind it when it is required."""
    document = json.loads(path.read_text(encoding="utf-8"))

    def fields(written: dict[str, str]) -> dict[str, Named]:
        return {
            name: Named(frozenset(kinds.rstrip("!").split("|")), kinds.endswith("!")) for name, kinds in written.items()
        }

    return Specification(
        methods={name: fields(one["parameters"]) for name, one in document["methods"].items()},
        returns={name: frozenset(one["returns"].split("|")) for name, one in document["methods"].items()},
        objects={name: fields(one) for name, one in document["objects"].items()},
        subtypes={name: tuple(one) for name, one in document["subtypes"].items()},
    )
