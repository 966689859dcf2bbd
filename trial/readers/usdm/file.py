"""A file's bytes as a USDM study: its JSON, read so that nothing is lost in silence, and where in it the study stands."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

from trial.problems import Problem, ProblemError
from trial.readers.usdm.findings import Code, Ledger, listed, plain

Json = Mapping[str, object]

LARGEST_BYTES = 12_000_000
READ_VERSIONS = (3, 4)
OLDER_KEYS = frozenset(
    {
        "clinicalStudy",
        "studyDesigns",
        "studyProtocolVersions",
        "studyScheduleTimelines",
        "studyTitle",
        "studyVersion",
        "studyVersions",
    }
)
"""What USDM 1 and 2 call the parts of a study."""

WHAT_IS_READ = (
    "USDM 3.0 and 4.0 are read: ask whoever made the file for one of these, or write the schedule as a table, "
    "as sitebell study template begins one"
)
DEEPEST = 4
"""So deep under other objects, such as an answer of a server, a study is looked for."""

MOST_WRAPPINGS = 1_000
MOST_TOLD = 20


class Part(StrEnum):
    """What of USDM an object is."""

    STUDY = "study"
    VERSION = "study version"
    DESIGN = "study design"


@dataclass(frozen=True, slots=True)
class Found:
    """An object that a study, or a part of one, begins with; `way`: the keys that lead to it."""

    part: Part
    node: Json
    way: tuple[str, ...]

    @property
    def study(self) -> Json:
        match self.part:
            case Part.STUDY:
                return self.node
            case Part.VERSION:
                return {"versions": [self.node]}
            case Part.DESIGN:
                return {"versions": [{"studyDesigns": [self.node]}]}


def study_of(content: bytes, name: str, ledger: Ledger) -> Json:
    """The study that a file holds: by itself, or somewhere in the answer of a server.

    Raises:
        ProblemError: it is too large, no JSON, JSON that says one thing in two ways, no study, several, or a study in
            another version of USDM.
    """
    whole = _json(content, name, ledger)
    _known_version(whole, name)
    found = list(_studies(whole))
    if len(found) == 1:
        _how_it_stands(found[0], ledger)
        return found[0].study
    if found:
        shown = listed([_called(one) for one in found], at_most=8)
        raise ProblemError(Problem(name, f"it holds {len(found)} studies: {shown}", "give one of them by itself"))
    raise ProblemError(Problem(name, *_no_study(whole)))


def _json(content: bytes, name: str, ledger: Ledger) -> object:
    if len(content) > LARGEST_BYTES:
        raise ProblemError(Problem(name, "the file is larger than 12 MB", "give the study by itself"))
    reader = _Reader()
    try:
        found: object = json.loads(content, object_pairs_hook=reader.mapping, parse_constant=reader.no_number)
    except RecursionError as problem:
        raise ProblemError(Problem(name, "the file is nested too deeply", "give a USDM file")) from problem
    except json.JSONDecodeError as problem:
        raise ProblemError(
            Problem(f"{name} line {problem.lineno}", "this is not JSON", "save it again from where it was made")
        ) from problem
    except ValueError as problem:
        raise ProblemError(Problem(name, "this is no JSON that can be read", "save it as UTF-8")) from problem
    if reader.twice:
        raise ProblemError(*(Problem(name, what, "keep the one that is right") for what in reader.twice))
    if reader.no_numbers:
        what = f"{listed(sorted(reader.no_numbers))} stand in it, which are no numbers in JSON"
        ledger.note(Code.UNREADABLE, name, what, "each is read as if nothing stood there")
    return found


@dataclass(slots=True)
class _Reader:
    """JSON's objects, as they are read: keys that come twice, and what is no number, are kept in mind."""

    twice: list[str] = field(default_factory=list)
    no_numbers: set[str] = field(default_factory=set)

    def mapping(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs) and len(self.twice) < MOST_TOLD:
            self._told(found, pairs)
        return found

    def no_number(self, text: str) -> None:
        self.no_numbers.add(text)

    def _told(self, found: dict[str, object], pairs: list[tuple[str, object]]) -> None:
        key = next((key for key, value in pairs if value != found[key]), None)
        if key is not None:
            where = next((plain(str(found[known]), at_most=60) for known in ("name", "id") if found.get(known)), "")
            of = f"of {where} " if where else ""
            self.twice.append(f"the key {plain(key, at_most=60)!r} {of}is there twice, with two values")


def _known_version(whole: object, name: str) -> None:
    stated = whole.get("usdmVersion") if isinstance(whole, dict) else None
    text = plain(str(stated), at_most=20) if isinstance(stated, str | int | float) else ""
    number = re.search(r"\d+", text)
    if number is not None and int(number[0]) not in READ_VERSIONS:
        raise ProblemError(Problem(name, f"it is written for USDM {text}", WHAT_IS_READ))


def _studies(whole: object) -> Iterator[Found]:
    """The studies of a file; what lies within one is not looked at again."""
    level: list[tuple[object, tuple[str, ...]]] = [(whole, ())]
    for _ in range(DEEPEST + 1):
        following: list[tuple[object, tuple[str, ...]]] = []
        for node, way in level[:MOST_WRAPPINGS]:
            part = _part(node)
            if part is not None:
                yield Found(part, cast("Json", node), way)
            elif isinstance(node, dict):
                following += [(value, (*way, key)) for key, value in node.items() if isinstance(value, dict | list)]
            elif isinstance(node, list):
                following += [(value, way) for value in node if isinstance(value, dict | list)]
        level = following


def _part(node: object) -> Part | None:
    if not isinstance(node, dict):
        return None
    if "versions" in node and not isinstance(node["versions"], str):
        return Part.STUDY
    if "scheduleTimelines" in node:
        return Part.DESIGN
    designs = node.get("studyDesigns")
    newer = isinstance(designs, list) and any(isinstance(one, dict) and "scheduleTimelines" in one for one in designs)
    return Part.VERSION if newer else None


def _how_it_stands(found: Found, ledger: Ledger) -> None:
    if found.way not in {(), ("study",)}:
        way = " / ".join(plain(key, at_most=40) for key in found.way)
        ledger.note(Code.WRAPPED, "the file", f"the {found.part} stands under {way}", "nothing else of it was read")
    if found.part is not Part.STUDY:
        ledger.note(
            Code.WRAPPED,
            "the file",
            f"it holds a {found.part} alone, without its study",
            "id, title and version of the draft are made of what there is: put them right",
        )


def _called(found: Found) -> str:
    for key in ("name", "label", "versionIdentifier", "id"):
        if isinstance(text := found.node.get(key), str) and (shown := plain(text, at_most=60)):
            return shown
    return f"a {found.part} without a name"


def _no_study(whole: object) -> tuple[str, str]:
    inner = whole.get("study") if isinstance(whole, dict) else None
    keys = {*(whole if isinstance(whole, dict) else ()), *(inner if isinstance(inner, dict) else ())}
    if keys & OLDER_KEYS:
        return "it has the shape of a USDM before 3.0", WHAT_IS_READ
    return "there is no study in it", "give a USDM file of 3.0 or 4.0: a study with its versions, designs and timelines"
