"""Study files on disk: YAML in, a checked study or every problem with its line out.

YAML is read as events of text alone: `no`, `1.10` and `12:30` stay what was written. Anchors, aliases, tags and keys
that come twice are refused, because each of them lets a file say something else than it shows.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import yaml

from trial.problems import Problem, ProblemError
from trial.study import Study
from trial.visitplan.definition import study_from
from trial.visitplan.documents import MOST_PROBLEMS, Node
from trial.visitplan.documents import Path as Place

LARGEST_FILE_BYTES = 500_000
LONGEST_LINE = 4_000
MOST_NODES = 20_000
DEEPEST = 12
"""Far more than a study needs, and little enough to be read, or refused, in less than a second."""

VERSIONS_KEPT = 16


def read_study(path: Path) -> Study:
    """The study that a file defines.

    Raises:
        ProblemError: the file cannot be read, or everything that is wrong in it.
    """
    return study_from_text(read_text(path), path.name)


def read_text(path: Path) -> str:
    """The text of a study file, as it is to be kept.

    Raises:
        ProblemError: there is no such file, or it is no text.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as problem:
        raise ProblemError(Problem(str(path), "there is no such file", "check the name")) from problem
    except OSError as problem:
        raise ProblemError(Problem(str(path), "the file cannot be read", "check its permissions")) from problem
    return text_of(content, path.name)


def text_of(content: bytes, name: str) -> str:
    """The same from the bytes of a file; `name` is the file's, for problems.

    Raises:
        ProblemError: they are more than a study file may have, or no text.
    """
    if len(content) > LARGEST_FILE_BYTES:
        raise ProblemError(Problem(name, "the file is larger than 500 kB", "give a study file in visitplan/1"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise ProblemError(Problem(f"{name} line {line}", "the file is not UTF-8", "save it as UTF-8")) from problem


@lru_cache(maxsize=VERSIONS_KEPT)
def study_from_text(text: str, name: str) -> Study:
    """The study that a text defines; `name` is the file's, for problems.

    The same text gives the same study, which nobody can change: it is read once in a process.

    Raises:
        ProblemError: everything that is wrong in it.
    """
    tree = _Tree(text, name)
    return study_from(tree.sound(), tree.lines, name=name)


def document_of(text: str, name: str) -> Node:
    """The document that a text holds, before anything is asked of it.

    Raises:
        ProblemError: it is not YAML, or YAML that could say something else than it shows.
    """
    return _Tree(text, name).sound()


def place_of(text: str, name: str, *path: str) -> str:
    """Where a key of a sound study file stands, as problems name it: two.yaml line 3, study.id."""
    tree = _Tree(text, name)
    tree.sound()
    return f"{name} line {tree.lines[path]}, {'.'.join(path)}"


class _Tree:
    """A document of strings from YAML's events, with the line of each path."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.lines: dict[Place, int] = {}
        self.problems: list[Problem] = []
        self._events = self._bounded(text)

    def _bounded(self, text: str) -> Iterator[yaml.Event]:
        """YAML's events, for as long as the file can be a study.

        Raises:
            ProblemError: it is longer, or made of more, than any study is.
        """
        if len(text) > LARGEST_FILE_BYTES:
            raise self._too_much(None, "the file is larger than 500 kB", "give a study file in visitplan/1")
        for number, line in enumerate(text.split("\n"), start=1):
            if len(line) > LONGEST_LINE:
                what = f"the line is longer than {LONGEST_LINE} characters"
                raise self._too_much(number, what, "write one key on a line")
            if number > MOST_NODES:
                raise self._too_much(number, "the file holds more than a study can", "split the study")
        parsed: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.SafeLoader)
        for count, event in enumerate(parsed):
            if count > MOST_NODES:
                raise self._too_much(_line(event), "the file holds more than a study can", "split the study")
            yield event

    def _too_much(self, line: int | None, what: str, instead: str) -> ProblemError:
        return ProblemError(Problem(self.name if line is None else f"{self.name} line {line}", what, instead))

    def sound(self) -> Node:
        """The document.

        Raises:
            ProblemError: everything that is wrong in it as YAML.
        """
        document = self.read()
        if self.problems:
            raise ProblemError(*self.problems)
        return document

    def read(self) -> Node:
        """The document; the problems beside it say whether it may be used.

        Raises:
            ProblemError: it is not YAML.
        """
        try:
            return self._document()
        except yaml.MarkedYAMLError as problem:
            mark = problem.problem_mark or problem.context_mark
            line = 1 if mark is None else mark.line + 1
            raise ProblemError(
                *self.problems,
                Problem(
                    f"{self.name} line {line}",
                    f"this is not YAML ({problem.problem})",
                    "check colons, indentation and quotes there and on the line before",
                ),
            ) from problem
        except yaml.YAMLError as problem:
            raise ProblemError(
                Problem(self.name, "the file holds characters that YAML does not allow", "save it as plain UTF-8 text")
            ) from problem

    def _document(self) -> Node:
        self._next(yaml.StreamStartEvent)
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            self._problem(1, "the file is empty", "start with format: visitplan/1")
            return ""
        document = self._node(next(self._events), ())
        self._next(yaml.DocumentEndEvent)
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._problem(_line(after), "a second document begins", "write one study in a file")
        return document

    def _next(self, kind: type[yaml.Event]) -> None:
        event = next(self._events)
        if not isinstance(event, kind):
            self._problem(_line(event), "the file ends in the middle", "check the last lines")

    def _node(self, event: yaml.Event, path: Place) -> Node:
        line = _line(event)
        self.lines.setdefault(path, line)
        if isinstance(event, yaml.AliasEvent):
            self._problem(line, f"the alias *{event.anchor} points elsewhere", "write the value out")
            return ""
        if getattr(event, "anchor", None) is not None:
            self._problem(line, "an anchor is set here", "write the value out at each place")
        if getattr(event, "tag", None) is not None:
            self._problem(line, "a tag is set here", "leave it out: everything is read as text")
        if len(path) > DEEPEST:
            raise ProblemError(Problem(f"{self.name} line {line}", "the file is nested too deeply", "check brackets"))
        match event:
            case yaml.ScalarEvent():
                return str(event.value)
            case yaml.SequenceStartEvent():
                return self._list(path)
            case yaml.MappingStartEvent():
                return self._mapping(path)
            case _:
                self._problem(line, "nothing can be read here", "check the lines around")
                return ""

    def _list(self, path: Place) -> Node:
        found: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self._node(event, (*path, len(found))))
        return found

    def _mapping(self, path: Place) -> Node:
        found: dict[str, Node] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line = _line(event)
            key = self._node(event, (*path, ""))
            self.lines.pop((*path, ""), None)
            if not isinstance(key, str):
                self._problem(line, "a key is no text", "write a word before the colon")
                key = ""
            if key in found:
                first = self.lines.get((*path, key), line)
                self._problem(line, f"the key {key!r} is there twice (first on line {first})", "keep one of them")
            self.lines.setdefault((*path, key), line)
            found.setdefault(key, self._node(next(self._events), (*path, key)))
        return found

    def _problem(self, line: int, what: str, instead: str) -> None:
        if len(self.problems) >= MOST_PROBLEMS:
            raise ProblemError(*self.problems)
        self.problems.append(Problem(f"{self.name} line {line}", what, instead))


def _line(event: yaml.Event) -> int:
    return 1 if event.start_mark is None else event.start_mark.line + 1
