"""The format visitplan/1: from a tree of strings to a checked Study. docs/study-files.md shows it by example."""

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType

from trial.answers import LeavingKind
from trial.expressions import Condition
from trial.labels import Labels
from trial.moments import CalendarOffset
from trial.study import (
    Anchor,
    EndsKind,
    EventDefinition,
    FactDefinition,
    Ladder,
    LadderStep,
    Step,
    Study,
    SubjectId,
)
from trial.subject_codes import BadPattern, forms_of, name_in
from trial.tasks import SiteFunction
from trial.visitplan.campaigns import read_campaigns
from trial.visitplan.checks import check_study
from trial.visitplan.documents import NOTES, Entry, Node, Path, Reading, unwrapped
from trial.visitplan.ladders import USUAL_LADDERS, out_of_order
from trial.visitplan.notation import NOWHERE, Names, Notation
from trial.visitplan.overdue import overdue_rules
from trial.visitplan.versions import amendments, origin, questions
from trial.visitplan.visits import VisitReader
from trial.visitplan.warnings import warn_study

FORMAT = "visitplan/1"
STUDY_ID = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")

FACT_VALUE = re.compile(r"[\w.+-]{1,40}", re.ASCII)

# Letters alone never fit, so that no name can be entered where the study file gives no pattern of its own.
USUAL_SUBJECT_ID = r"[A-Z]{0,3}-?\d{1,6}(-\d{1,6})?"


MOST = {
    "events": 100,
    "facts": 100,
    "ladders": 100,
    "task_sets": 100,
    "visits": 300,
    "campaigns": 20,
    "amendments": 100,
    "questions": 500,
}
"""Entries of a section; far more than protocols have, and few enough for a file to be judged at once."""


class DayNumbers(StrEnum):
    """How days are shown to people; offsets are intervals either way."""

    DAY_0 = "day0"
    DAY_1 = "day1"


def study_from(document: Node, lines: Mapping[Path, int], *, name: str = "study file") -> Study:
    """The study that a document defines. `lines` gives the line of each path, `name` is the file's for problems.

    Raises:
        ProblemError: everything that is wrong, each with file, line, path and what would be right.
    """
    reading = Reading(name, document, lines)
    top = reading.entry((), document)
    reading.raise_problems()
    sections = _Sections(reading, top)
    study = sections.study()
    check_study(study, reading, sections.visits.paths)
    reading.raise_problems()
    warn_study(study, reading, sections.visits.paths)
    return replace(
        study,
        unverified=tuple(sorted(set(reading.unverified), key=lambda number: (number.line, number.path))),
        warnings=tuple(sorted(set(reading.warnings), key=lambda warning: (warning.line, warning.path, warning.what))),
    )


class _Sections:
    """Reads the sections of one document in turn."""

    def __init__(self, reading: Reading, top: Entry) -> None:
        self.reading = reading
        self.top = top
        self.notation = Notation(reading, _names(top))
        self.visits = VisitReader(reading, self.notation)

    def study(self) -> Study:
        top = self.top
        for section, most in MOST.items():
            top.at_most(section, most)
        self._format()
        header = self.reading.entry(("study",), top.get("study")) if top.has("study") else None
        if header is None:
            self.reading.problem((), "the section study is missing", "add study: {id: ..., title: ..., version: ...}")
            header = Entry(self.reading, ("study",), {})
        ladders = USUAL_LADDERS | self._ladders()
        visits = self.visits.read(top)
        campaigns = read_campaigns(self.reading, self.notation, self.visits, top, visits)
        overdue = overdue_rules(self.reading, top)
        study = Study(
            id=self._study_id(header),
            title=header.labels("title"),
            version=header.need("version", 'add version: "1.0", in quotes'),
            subject_id=self._subject_id(header),
            languages=self._languages(header),
            events=MappingProxyType({event.name: event for event in self._events()}),
            facts=MappingProxyType({fact.name: fact for fact in self._facts()}),
            visits=MappingProxyType(visits | campaigns),
            ladders=MappingProxyType(ladders | self.visits.own_ladders),
            tolerances=overdue.tolerances(),
            special_tolerances=overdue.special(visits | campaigns),
            claims_unseen_after=self._claims_unseen_after(),
            amendments=amendments(self.reading, self.notation, top, header.text("version") or ""),
            questions=questions(self.reading, top),
            unverified=(),
        )
        header.choice("day_numbers", DayNumbers, DayNumbers.DAY_1)
        header.finish()
        origin(self.reading, top)
        top.finish()
        return study

    def _format(self) -> None:
        found = self.top.text("format")
        if found != FORMAT:
            what = "format is missing" if found is None else f"the format {found!r} is not known"
            self.reading.problem(("format",), what, f"write format: {FORMAT}")

    def _study_id(self, header: Entry) -> str:
        text = header.need("id", "add id: with capital letters, digits and hyphens")
        if text and not STUDY_ID.fullmatch(text):
            header.problem("id", f"{text!r} is no study id", "use capital letters, digits and hyphens, 20 at most")
        return text

    def _subject_id(self, header: Entry) -> SubjectId:
        text = header.text("subject_id") or USUAL_SUBJECT_ID
        try:
            forms = forms_of(text)
        except BadPattern as problem:
            header.problem("subject_id", "this is no form of codes", str(problem))
            return SubjectId(USUAL_SUBJECT_ID, re.compile(USUAL_SUBJECT_ID))
        if () in forms or name_in(forms):
            header.problem("subject_id", "this lets an empty code or a name pass", r"write such as '\d{3}-\d{3}'")
        return SubjectId(text, re.compile(text))

    def _languages(self, header: Entry) -> tuple[str, ...]:
        header.at_most("languages", 50)
        return header.texts("languages") or ("en",)

    def _events(self) -> list[EventDefinition]:
        recorded = _recorded(self.top)
        return [self._event(name, entry, recorded=name in recorded) for name, entry in self.top.entries("events")]

    def _event(self, name: str, entry: Entry, *, recorded: bool) -> EventDefinition:
        estimate = self._anchor(entry, "estimate")
        expect = self._anchor(entry, "expect", working_days=True)
        required = entry.flag("required")
        not_before = entry.text("not_before")
        event = EventDefinition(
            name=name,
            label=entry.labels("label"),
            required=required,
            ends=entry.choice("ends", EndsKind, EndsKind.ALL) if entry.has("ends") else None,
            leaving=self._leaving(entry),
            estimate=estimate,
            # An event with an estimate is waited for: unless a visit will date it, somebody has to be asked.
            asked_at=expect or (None if recorded else estimate),
            only_if=self._condition(entry),
            not_before=None if not_before is None else self.notation.event(entry.at("not_before"), not_before),
            function=entry.choice("function", SiteFunction, SiteFunction.COORDINATION),
            ladder=self._ladder_name(entry),
        )
        if required and (estimate is not None or expect is not None):
            entry.problem(
                "required",
                "a required event is given with the patient, never waited for",
                "leave out estimate and expect",
            )
        if recorded and expect is not None:
            entry.problem("expect", "a visit records this event already", "leave out expect, or the visit's records")
        entry.finish()
        return event

    def _leaving(self, entry: Entry) -> LeavingKind | None:
        if not entry.has("leaving"):
            return None
        kind = entry.choice("leaving", LeavingKind, LeavingKind.OTHER)
        if kind is LeavingKind.WITHDRAWN:
            precise = (LeavingKind.WITHDRAWN_FROM_VISITS, LeavingKind.WITHDRAWN_FROM_EVERYTHING)
            entry.problem("leaving", f"it does not say from what consent is {kind}", f"write {' or '.join(precise)}")
        if not entry.has("ends"):
            entry.problem("leaving", "whoever has left is not followed on", "add ends: all, or ends: visits")
        return kind

    def _facts(self) -> list[FactDefinition]:
        return [self._fact(name, entry) for name, entry in self.top.entries("facts")]

    def _fact(self, name: str, entry: Entry) -> FactDefinition:
        plain: Labels = MappingProxyType({"en": name.replace("_", " ").capitalize()})
        question = entry.labels("ask") if entry.has("ask") else None
        label = entry.labels("label") if entry.has("label") else question or plain
        restricted = entry.flag("restricted")
        if restricted:
            for key in ("ask", "ask_at"):
                if entry.has(key):
                    entry.problem(key, "nobody at a site is asked for a restricted fact", "leave it out")
        elif not entry.has("ask_at"):
            self.reading.problem(
                entry.path, "the fact is never asked", "add ask_at: with an event, such as surgery + 14d"
            )
        fact = FactDefinition(
            name=name,
            label=label,
            question=question or label,
            values=MappingProxyType(self._values(entry)),
            ask_at=None if restricted else self._anchor(entry, "ask_at", working_days=True) or NOWHERE,
            only_if=self._condition(entry),
            function=entry.choice("function", SiteFunction, SiteFunction.COORDINATION),
            ladder=self._ladder_name(entry),
            restricted=restricted,
        )
        entry.finish()
        return fact

    def _values(self, entry: Entry) -> dict[str, Labels]:
        entry.at_most("values", 50)
        node = entry.get("values")
        if isinstance(node, dict):
            values = {value: self.reading.labels((*entry.at("values"), value), text) for value, text in node.items()}
        else:
            values = {value: MappingProxyType({"en": value}) for value in entry.texts("values")}
        if not values:
            self.reading.problem(entry.path, "values are missing", "add values: [a, b]")
        for value in values:
            if not FACT_VALUE.fullmatch(value):
                entry.problem("values", f"{value!r} is no value", "use letters, digits and _ . + -, 40 at most")
        return values

    def _ladders(self) -> dict[str, Ladder]:
        return {name: self._own_ladder(name, entry) for name, entry in self.top.entries("ladders")}

    def _own_ladder(self, name: str, entry: Entry) -> Ladder:
        steps = [
            LadderStep(step, *self.notation.mark(entry.at(step), text))
            for step in Step
            if entry.has(step) and (text := entry.text(step)) is not None
        ]
        if not steps:
            self.reading.problem(entry.path, "the ladder has no step", "add such as due: due, late: closes + 1d")
        for found in out_of_order(steps) if self.reading.is_sound(*entry.path) else ():
            entry.problem(found.step, found.what, found.instead)
        entry.finish()
        return Ladder(name, tuple(steps))

    def _claims_unseen_after(self) -> CalendarOffset | None:
        if not self.top.has("claims"):
            return None
        entry = self.reading.entry(("claims",), self.top.get("claims"))
        text = entry.text("unseen_after")
        found = None if text is None else self.reading.offset(entry.at("unseen_after"), text, working_days=True)
        if found is not None and found.amount < 1 and self.reading.is_sound(*entry.at("unseen_after")):
            entry.problem("unseen_after", "nobody has had the time to look", "write such as 5wd")
        entry.finish()
        return found

    def _anchor(self, entry: Entry, key: str, *, working_days: bool = False) -> Anchor | None:
        text = entry.text(key)
        return None if text is None else self.notation.anchor(entry.at(key), text, working_days=working_days)

    def _condition(self, entry: Entry) -> Condition | None:
        text = entry.text("only_if")
        return None if text is None else self.notation.condition(entry.at("only_if"), text)

    def _ladder_name(self, entry: Entry) -> str:
        return self.notation.ladder(entry, "question")


def _names(top: Entry) -> Names:
    """What the file names, before anything that refers to it is read."""
    facts = _mapping(top, "facts")
    values = {name: unwrapped(fact.get("values", "")) for name, fact in facts.items() if isinstance(fact, dict)}
    return Names(
        events=frozenset(_mapping(top, "events")),
        facts={
            name: frozenset(text for text in found if isinstance(text, str)) if isinstance(found, list | dict) else ()
            for name, found in values.items()
        },
        ladders=frozenset(USUAL_LADDERS) | frozenset(_mapping(top, "ladders")),
        visits=_single_visits(top),
    )


def _single_visits(top: Entry) -> frozenset[str]:
    """Visits that do not repeat: others can count from the day on which they are held."""
    visits = top.node.get("visits")
    found = [visit for visit in visits if isinstance(visit, dict)] if isinstance(visits, list) else []
    single = (visit.get("id") for visit in found if "repeat" not in visit and "repeat_if" not in visit)
    return frozenset(name for name in single if isinstance(name, str))


def _recorded(top: Entry) -> frozenset[str]:
    """Events that some visit records."""
    visits = top.node.get("visits")
    found = (visit.get("records") for visit in visits if isinstance(visit, dict)) if isinstance(visits, list) else ()
    return frozenset(event for event in found if isinstance(event, str))


def _mapping(top: Entry, key: str) -> Mapping[str, Node]:
    node = top.node.get(key)
    return {name: value for name, value in node.items() if name not in NOTES} if isinstance(node, dict) else {}
