"""Reading a tree of strings so that all problems are told together, each with its file, line and path.

A reader asks for what it expects and goes on with a harmless default where something is wrong; nothing that was read
may be used before `Reading.raise_problems` has let it pass.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TypeGuard, TypeVar

from trial.labels import Labels
from trial.moments import CalendarOffset, Unit, why_no_offset
from trial.problems import Problem, ProblemError, nearest
from trial.study import StudyWarning, Unverified

Node = str | list["Node"] | dict[str, "Node"]
"""A document: text, lists and mappings. No numbers, no booleans, no dates: those readings are ours."""

Path = tuple[str | int, ...]

Choice = TypeVar("Choice", bound=StrEnum)

ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][A-Za-z]{1,3})?")
LONGEST_TEXT = 200
LONGEST_VALUE = 2_000
MOST_PROBLEMS = 100
"""So many problems are told of one file: whoever mends them sees the rest."""

UNSEEN = frozenset("\u200c\u200d")
"""Signs without a picture that words of some languages need: the zero-width non-joiner and joiner."""

NOTES = frozenset({"source", "note", "unverified"})
"""Keys that every entry may have: where it comes from, a remark, and that no source backs it."""

DAYS = {Unit.DAY: 1, Unit.WORKING_DAY: 1, Unit.WEEK: 7, Unit.MONTH: 30, Unit.YEAR: 365}
LONGEST_OFFSET_DAYS = 50 * 366

NOTHING = frozenset({"", "null", "~"})


@dataclass(slots=True)
class Reading:
    """One document being read, and what was found wrong with it so far."""

    name: str  # of the file
    document: Node
    lines: Mapping[Path, int]
    problems: list[tuple[Path, Problem]] = field(default_factory=list)
    unverified: list[Unverified] = field(default_factory=list)
    warnings: list[StudyWarning] = field(default_factory=list)

    def warn(self, path: Path, what: str, instead: str) -> None:
        """Tell what may stand there and should be looked at once more."""
        self.warnings.append(StudyWarning(self.shown(path) or "the file", self.line(path) or 0, what, instead))

    def problem(self, path: Path, what: str, instead: str) -> None:
        """Tell what is wrong.

        Raises:
            ProblemError: everything so far, where that is more than anybody mends at once.
        """
        if len(self.problems) >= MOST_PROBLEMS:
            self.raise_problems()
        self.problems.append((path, Problem(self.where(path), what, instead)))

    def is_sound(self, *path: str | int) -> bool:
        """Whether nothing was found wrong at this path or below it."""
        return all(found[: len(path)] != path for found, _ in self.problems)

    def where(self, path: Path) -> str:
        line = self.line(path)
        place = self.shown(path) or "the file"
        return f"{self.name}, {place}" if line is None else f"{self.name} line {line}, {place}"

    def line(self, path: Path) -> int | None:
        """The line of this path, or of the nearest thing around it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None

    def shown(self, path: Path) -> str:
        """`visits[fu].tasks[form].due`: an item of a list by its id where it has one."""
        text, node = "", self.document
        for step in path:
            if isinstance(node, dict) and isinstance(step, str):
                text = f"{text}.{step}" if text else step
                node = unwrapped(node.get(step, ""))
            elif isinstance(node, list) and isinstance(step, int):
                node = node[step]
                identity = node.get("id") if isinstance(node, dict) else None
                text += f"[{identity if isinstance(identity, str) else step + 1}]"
            else:
                text += f".{step}"
        return text

    def raise_problems(self) -> None:
        """Raise ProblemError with everything that was found, in the order of the file."""
        if self.problems:
            in_order = sorted(self.problems, key=lambda found: self.line(found[0]) or 0)
            raise ProblemError(*dict.fromkeys(problem for _, problem in in_order))

    def entry(self, path: Path, node: Node | None) -> "Entry":
        """`node` as a mapping; an empty one, with its problem told, where it is none."""
        if not isinstance(node, dict):
            self.problem(path, "a mapping is expected here", "write key: value lines, or {key: value}")
            node = {}
        entry = Entry(self, path, node)
        entry.read_notes()
        return entry

    def offset(self, path: Path, text: str, *, working_days: bool = False) -> CalendarOffset:
        """An offset; working days only where they are allowed."""
        try:
            found = CalendarOffset.parse(text)
        except ValueError:
            self.problem(path, "this is not an offset", why_no_offset(text))
            return CalendarOffset(0, Unit.DAY)
        if abs(found.amount) * DAYS[found.unit] > LONGEST_OFFSET_DAYS:
            self.problem(path, f"{found} is further than a study goes", "check the number; 50 years are the most")
            return CalendarOffset(0, found.unit)
        if found.unit is Unit.WORKING_DAY and not working_days:
            self.problem(path, "holidays never move a target or a window", "count in d, w, mo or y")
        return found

    def identity(self, path: Path, text: str) -> str:
        """An id: what stays the same for the life of the study."""
        if not ID.fullmatch(text):
            self.problem(
                path,
                f"{text!r} is no id",
                "use small letters, digits and underscores, beginning with a letter, 40 at most",
            )
        return text

    def labels(self, path: Path, node: Node) -> Labels:
        """A text in English, or one text for each language, English among them."""
        node = unwrapped(node)
        texts: Mapping[str, Node] = node if isinstance(node, dict) else {"en": node}
        if "en" not in texts:
            self.problem(path, "the English text is missing", "add en: with the English text")
        found: dict[str, str] = {}
        for language, text in texts.items():
            place = (*path, language) if isinstance(node, dict) else path
            if not LANGUAGE.fullmatch(language):
                self.problem(place, f"{language!r} is no language code", "use codes such as en, ja, pt-BR")
            found[language] = self.prose(place, text)
        return MappingProxyType({"en": "", **found})

    def prose(self, path: Path, node: Node) -> str:
        """One line of text for people."""
        if not isinstance(node, str) or node in NOTHING:
            self.problem(path, "a text is expected here", "write one line, in quotes where it holds a colon")
            return ""
        if len(node) > LONGEST_TEXT or "\n" in node:
            self.problem(
                path, "the text does not fit on a card", f"write one line of at most {LONGEST_TEXT} characters"
            )
        self.seen(path, node)
        return node

    def seen(self, path: Path, text: str) -> None:
        """Tell signs that nobody sees: they can make a text read as another one."""
        unseen = next((sign for sign in text if not (sign.isprintable() or sign in UNSEEN or sign == "\n")), None)
        if unseen is not None:
            self.problem(path, f"the text holds U+{ord(unseen):04X}, which nobody sees", "leave that sign out")


@dataclass(slots=True)
class Entry:
    """A mapping of the document. Whatever nobody asked for is an unknown key."""

    reading: Reading
    path: Path
    node: dict[str, Node]
    asked: set[str] = field(default_factory=set)

    def at(self, key: str) -> Path:
        return (*self.path, key)

    def problem(self, key: str, what: str, instead: str) -> None:
        self.reading.problem(self.at(key), what, instead)

    def has(self, key: str) -> bool:
        self.asked.add(key)
        return key in self.node

    def get(self, key: str) -> Node | None:
        """What stands there, out of its wrapping `{value: ..., unverified: true, source: ...}`."""
        self.asked.add(key)
        node = self.node.get(key)
        if node is None or not is_wrapped(node):
            return node
        wrapping = Entry(self.reading, self.at(key), node)
        if wrapping.flag("unverified"):
            self.reading.unverified.append(
                Unverified(
                    self.reading.shown(self.at(key)), self.reading.line(self.at(key)) or 0, one_line(node["value"])
                )
            )
        return node["value"]

    def text(self, key: str) -> str | None:
        """A scalar, or None where there is none."""
        node = self.get(key)
        if node is None:
            return None
        if not isinstance(node, str) or node in NOTHING:
            self.problem(key, "one value is expected here", "write it behind the colon, in quotes where it holds one")
            return None
        if len(node) > LONGEST_VALUE:
            self.problem(key, f"the value is longer than {LONGEST_VALUE} characters", "shorten it")
            return None
        self.reading.seen(self.at(key), node)
        return node.strip()

    def need(self, key: str, instead: str) -> str:
        """A scalar that must be there; empty, with its problem told, where it is not."""
        if not self.has(key):
            self.reading.problem(self.path, f"{key} is missing", instead)
            return ""
        return self.text(key) or ""

    def flag(self, key: str) -> bool:
        """`true` or nothing: a word like yes or on is not guessed at."""
        text = self.text(key)
        if text not in {None, "true", "false"}:
            self.problem(key, f"{text!r} is neither true nor false", f"write {key}: true, or leave it out")
        return text == "true"

    def choice(self, key: str, kind: type[Choice], default: Choice) -> Choice:
        text = self.text(key)
        if text is None:
            return default
        if text not in set(kind):
            self.problem(key, f"{text!r} is not known", nearest(text, kind))
            return default
        return kind(text)

    def labels(self, key: str) -> Labels:
        """Labels that must be there."""
        if not self.has(key):
            self.reading.problem(self.path, f"{key} is missing", f"add {key}: with a text in English")
            return MappingProxyType({"en": ""})
        return self.reading.labels(self.at(key), self.node[key])

    def entries(self, key: str) -> Iterator[tuple[str, "Entry"]]:
        """The entries of a mapping of mappings, by id."""
        node = self.get(key)
        if node is None:
            return
        if not isinstance(node, dict):
            self.problem(key, "a mapping is expected here", "write id: {...} lines")
            return
        for identity, value in node.items():
            path = (*self.path, key, identity)
            if identity in NOTES:
                continue
            yield self.reading.identity(path, identity), self.reading.entry(path, value)

    def at_most(self, key: str, most: int) -> None:
        """Tell where this holds more entries than any study has.

        Raises:
            ProblemError: nothing behind it is worth reading.
        """
        node = self.get(key)
        if isinstance(node, list | dict) and len(node) > most:
            self.problem(key, f"there are more than {most} entries", "split the study, or leave out what nobody needs")
            self.reading.raise_problems()

    def items(self, key: str) -> Iterator[tuple[Path, Node]]:
        """The items of a list; a single value counts as a list of one."""
        node = self.get(key)
        if node is None:
            return
        if isinstance(node, list):
            for position, item in enumerate(node):
                yield (*self.path, key, position), item
        else:
            yield self.at(key), node

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of scalars."""
        found = []
        for path, item in self.items(key):
            if isinstance(item, str) and item not in NOTHING and len(item) <= LONGEST_VALUE:
                found.append(item.strip())
            else:
                self.reading.problem(path, "one value is expected here", "write a list such as [a, b]")
        return tuple(found)

    def read_notes(self) -> None:
        """`source`, `note` and `unverified` of the entry itself."""
        self.asked |= NOTES
        if self.flag("unverified"):
            numbers = {
                key: value for key, value in self.node.items() if key not in NOTES and re.search(r"\d", one_line(value))
            }
            shown, line = self.reading.shown(self.path), self.reading.line(self.path) or 0
            self.reading.unverified.append(Unverified(shown, line, one_line(numbers)))

    def finish(self) -> None:
        """Tell every key that nobody asked for."""
        for key in self.node:
            if key not in self.asked:
                self.problem(key, f"the key {key!r} is not known here", nearest(key, self.asked - NOTES))


def is_wrapped(node: Node) -> TypeGuard[dict[str, Node]]:
    return isinstance(node, dict) and "value" in node and set(node) <= NOTES | {"value"}


def unwrapped(node: Node) -> Node:
    return node["value"] if is_wrapped(node) else node


def one_line(node: Node) -> str:
    """A part of a document on one line, as a person would write it."""
    match node:
        case str():
            return node
        case list():
            return ", ".join(one_line(item) for item in node)
        case dict():
            return ", ".join(f"{key}: {one_line(value)}" for key, value in node.items() if key not in NOTES)


def twice(values: Iterable[str]) -> Iterator[str]:
    """Those that come more than once."""
    seen: set[str] = set()
    for value in values:
        if value in seen:
            yield value
        seen.add(value)
