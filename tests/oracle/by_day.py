"""Which visits a study file gives one patient, worked out a second time: slowly, by walking over the days.

Written from docs/study-files.md on the file's own words and not from trial/, with which it shares nothing. Where the two
differ, one of them is wrong.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tests.oracle.conditions import NO, PERHAPS, YES, truth
from tests.oracle.wall_calendar import A_WEEK, A_YEAR, counted, days_from, months_from, read_offset

Document = Mapping[str, Any]
HAPPENED, PLANNED, ESTIMATED = "happened", "planned", "estimated"
FIRM, PROVISIONAL, ASK_FIRST = "firm", "provisional", "ask first"

ANY_DAY = date(2025, 1, 1)
ANCHOR = re.compile(r"(first_of|last_of|visit)?\(?([\w, ]+?)\)?\s*([+-]\s*\d+\w+)?")
SEGMENT = re.compile(r"every (\w+) until (\w+)(?: after \w+)?")


@dataclass(frozen=True)
class Patient:
    """Somebody imagined: event -> (day, certainty), fact -> value, occurrence -> the day on which it was held."""

    events: Mapping[str, tuple[date, str]] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, date] = field(default_factory=dict)
    country: str | None = None


@dataclass(frozen=True)
class Line:
    """One visit, as `sitebell study preview` shows it."""

    occurrence: str
    status: str
    target: date
    earliest: date | None
    latest: date | None
    tasks: tuple[tuple[str, date], ...]


@dataclass(frozen=True)
class Found:
    """An occurrence before anybody asked whether it is wanted. `agreed`: every rhythm that is still possible has it."""

    id: str
    target: date
    window: str | None  # None: nothing says when it should have been
    agreed: bool


def lines_of(document: Document, patient: Patient) -> list[Line]:
    """Every visit of this patient, earliest target first."""
    lines = [line for visit in document.get("visits", []) for line in _Visit(document, patient, visit).lines()]
    lines += [line for campaign in document.get("campaigns", []) for line in _rounds(document, patient, campaign)]
    return sorted(lines, key=lambda line: (line.target, line.occurrence))


@dataclass(frozen=True)
class _Course:
    document: Document
    patient: Patient

    def happened(self, event: str) -> date | None:
        day, certainty = self.patient.events.get(event, (None, None))
        return day if certainty == HAPPENED else None

    def event(self, name: str) -> tuple[date, str] | None:
        """Its day, and how certain that is."""
        if name in self.patient.events:
            return self.patient.events[name]
        estimate = self.document["events"][name].get("estimate")
        counts_from = None if estimate is None else self.anchor(estimate)
        return None if counts_from is None else (counts_from[0], ESTIMATED)

    def anchor(self, text: str) -> tuple[date, str] | None:
        """The day that `surgery + 6w` or `first_of(a, b)` means now, and how certain that is."""
        found = ANCHOR.fullmatch(text)
        assert found is not None, text
        pick, inside, offset = found.groups()
        names = [name.strip() for name in inside.split(",")]
        if pick is None:
            known = self.event(names[0])
        elif pick == "visit":
            known = self.visit(names[0])
        else:
            days = [day for name in names if (day := self.happened(name)) is not None]
            known = self.picked(pick, days, len(names))
        if known is None:
            return None
        return (counted(known[0], offset.replace(" ", "")) if offset else known[0]), known[1]

    def visit(self, name: str) -> tuple[date, str] | None:
        """The day on which it was held, or for which it is booked; until then its target, wanted there or not."""
        visit = next(visit for visit in self.document["visits"] if visit["id"] == name)
        if name in self.patient.held:
            return self.patient.held[name], HAPPENED
        if visit.get("records") in self.patient.events:
            return self.patient.events[visit["records"]]
        return None if visit["when"] == "on_request" else self.anchor(visit["when"])

    @staticmethod
    def picked(pick: str, days: Sequence[date], of: int) -> tuple[date, str] | None:
        if pick == "first_of":
            return (min(days), HAPPENED) if days else None
        return (max(days), HAPPENED) if len(days) == of else None

    def truth(self, condition: str | None) -> int:
        if condition is None:
            return YES
        return truth(condition, self.patient.facts.get, self.happened)

    def left(self) -> date | None:
        """The first day on which an event happened that ends something. What lies before it stays to be seen."""
        ending = [name for name, event in self.document["events"].items() if "ends" in event]
        return min((day for name in ending if (day := self.happened(name)) is not None), default=None)


def occurrences_of(visit: Mapping[str, Any]) -> list[str]:
    """The ids of every visit that there can be, in whichever rhythm."""
    one = _Visit({}, Patient(), visit)
    if "repeat" not in visit:
        return [visit["id"]]
    rhythms = [_list(rhythm) for rhythm in (visit["repeat"], *visit.get("repeat_if", {}).values())]
    follow = one.previous if visit.get("basis") == "previous" else one.marked
    return list(dict.fromkeys(found.id for rhythm in rhythms for found in follow(ANY_DAY, rhythm)))


def owns(visit: Mapping[str, Any], occurrence: str) -> bool:
    """Whether an id can be that of an occurrence of this visit, in this rhythm or another."""
    numbered = "" if visit.get("basis") == "previous" else "(d|w|mo|y)"
    suffix = rf"_\d+{numbered}" if "repeat" in visit else ""
    return re.fullmatch(visit["id"] + suffix, occurrence) is not None


class _Visit:
    """One visit of the file, for one patient."""

    def __init__(self, document: Document, patient: Patient, visit: Mapping[str, Any]) -> None:
        self.course = _Course(document, patient)
        self.patient = patient
        self.visit = visit

    def lines(self) -> Iterator[Line]:
        counts_from = None if self.visit["when"] == "on_request" else self.course.anchor(self.visit["when"])
        found = list(self.found(counts_from[0])) if counts_from else []
        found += self.left_over(counts_from[0] if counts_from else None, {one.id for one in found})
        firm = counts_from is None or counts_from[1] == HAPPENED
        for one in found:
            line = self.line(one, FIRM if firm else PROVISIONAL)
            if one.id in self.patient.held or self.wanted(line):
                yield line

    def left_over(self, start: date | None, told: set[str]) -> Iterator[Found]:
        """What was held stays, whatever is learned afterwards; where nothing says any more when, it was to be then."""
        for occurrence, day in self.patient.held.items():
            if occurrence in told or not owns(self.visit, occurrence):
                continue
            suffix = occurrence.removeprefix(self.visit["id"]).removeprefix("_")
            offset = suffix if suffix and not suffix.isdecimal() else None
            if start is not None and offset is not None:
                target = counted(start, offset)
                yield Found(occurrence, target, self.window(start, target), agreed=True)
            else:
                yield Found(occurrence, day, None if start is None else self.window(start, day), agreed=True)

    def wanted(self, line: Line) -> bool:
        stopped = [day for event in self.visit.get("stop", []) if (day := self.course.happened(event)) is not None]
        left = self.course.left()
        return (
            all(line.target <= day for day in stopped)
            and (left is None or (line.status == FIRM and line.target <= left and self.certain_by(left)))
            and self.course.truth(self.visit.get("only_if")) != NO
        )

    def certain_by(self, left: date) -> bool:
        """Whether what the visit counts from had happened when the patient left."""
        before = {
            name: (day, how) for name, (day, how) in self.patient.events.items() if how == HAPPENED and day <= left
        }
        held = {name: day for name, day in self.patient.held.items() if day <= left}
        known = _Course(self.course.document, Patient(before, held=held)).anchor(self.visit["when"])
        return known is not None and known[1] == HAPPENED

    def line(self, one: Found, usual: str) -> Line:
        allowed = self.allowed(one)
        asked = not allowed or not one.agreed or self.course.truth(self.visit.get("only_if")) == PERHAPS
        done = self.patient.held.get(one.id, one.target)
        tasks = tuple(
            (task["id"], counted(done, task["due"].removeprefix("visit + "), self.patient.country))
            for task in self.visit.get("tasks", [])
        )
        edges = (allowed[0], allowed[-1]) if allowed else (None, None)
        return Line(one.id, ASK_FIRST if asked else usual, one.target, *edges, tasks)

    def allowed(self, one: Found) -> list[date]:
        """Every day of the window on which the visit may be held."""
        if one.window is None:
            return [one.target]
        first, last = (counted(one.target, edge) for edge in one.window.split(" .. "))
        not_before, not_after = self.limit("not_before"), self.limit("not_after")
        days = [first]
        if first < last:
            for day in days_from(first):
                days.append(day)
                if day == last:
                    break
        return [day for day in days if (not not_before or not_before <= day) and (not not_after or day <= not_after)]

    def limit(self, key: str) -> date | None:
        text = self.visit.get(key)
        if text is None or re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return None if text is None else date.fromisoformat(text)
        known = self.course.anchor(text)
        return None if known is None or known[1] == ESTIMATED else known[0]

    # --- which occurrences there are ----------------------------------------------------------------------------------

    def found(self, start: date) -> Iterator[Found]:
        """What every rhythm that is possible has, each occurrence once."""
        if "repeat" not in self.visit:
            yield Found(self.visit["id"], start, self.visit.get("window", "0d .. 0d"), agreed=True)
            return
        follow = self.previous if self.visit.get("basis") == "previous" else self.marked
        possible = [{one.id: one for one in follow(start, segments)} for segments in self.possible()]
        for name in dict.fromkeys(name for rhythm in possible for name in rhythm):
            everywhere = [rhythm[name] for rhythm in possible if name in rhythm]
            days = {one.target for one in everywhere}
            # Where they have it on different days, that of the rhythm written last is shown, and asked first.
            yield replace(everywhere[-1], agreed=len(everywhere) == len(possible) and len(days) == 1)

    def possible(self) -> list[list[str]]:
        """Which rhythms it may be, as far as facts are known."""
        rhythms = []
        for condition, rhythm in self.visit.get("repeat_if", {}).items():
            value = self.course.truth(condition)
            if value != NO:
                rhythms.append(_list(rhythm))
            if value == YES:
                return rhythms
        return [*rhythms, _list(self.visit["repeat"])]

    def marked(self, start: date, rhythm: Sequence[str]) -> Iterator[Found]:
        """Walks over the days from the visit's own day, counting them (or the months that are over)."""
        segments = [SEGMENT.fullmatch(segment) for segment in rhythm]
        steps = [tuple(read_offset(text) for text in found.groups()) for found in segments if found]
        kind = steps[0][0][1]
        place, last = 0, 0
        for count, day in enumerate(days_from(start) if kind == "d" else months_from(start), start=1):
            while count > steps[place][1][0] or last + steps[place][0][0] > steps[place][1][0]:
                place += 1
                if place == len(steps):
                    return
            if count == last + steps[place][0][0]:
                last = count
                yield Found(f"{self.visit['id']}_{self.named(count, kind)}", day, self.window(start, day), agreed=True)

    def named(self, count: int, kind: str) -> str:
        """3mo, 2w, 1y: in the unit of the visit's rhythms; in days or months where they mix those with weeks or years."""
        rhythms = [self.visit["repeat"], *self.visit.get("repeat_if", {}).values()]
        units = {re.sub(r"\d", "", segment.split()[1]) for rhythm in rhythms for segment in _list(rhythm)}
        if kind in units:
            return f"{count}{kind}"
        return f"{count // A_WEEK}w" if kind == "d" else f"{count // A_YEAR}y"

    def previous(self, start: date, rhythm: Sequence[str]) -> Iterator[Found]:
        """Counts from the one before: the day it was held, or else its own."""
        day, number = start, 1
        for segment in rhythm:
            found = SEGMENT.fullmatch(segment)
            assert found is not None
            every, until = found[1], counted(start, found[2])
            while (target := counted(day, every)) <= until:
                name = f"{self.visit['id']}_{number}"
                yield Found(name, target, self.window(start, target), agreed=True)
                day, number = self.patient.held.get(name, target), number + 1

    def window(self, start: date, target: date) -> str:
        """The window of `window_from` with the latest first day that the target has reached; else the usual one."""
        holds, since = self.visit.get("window", "0d .. 0d"), None
        for offset, window in self.visit.get("window_from", {}).items():
            first = counted(start, offset)
            if first <= target and (since is None or first >= since):  # on one day, what stands further below
                holds, since = window, first
        return holds


def _rounds(document: Document, patient: Patient, campaign: Mapping[str, Any]) -> Iterator[Line]:
    """The rounds of a campaign that this patient is in: registered by their last day, and not gone by their first."""
    course = _Course(document, patient)
    registered = course.happened(next(name for name, event in document["events"].items() if "required" in event))
    left, wanted = course.left(), course.truth(campaign.get("only_if"))
    if registered is None or wanted == NO or (wanted == PERHAPS and left is not None):
        return
    for name, opens, said, closes in rounds_of(campaign):
        if registered <= closes and (left is None or left > opens):
            due = closes if said < registered else said
            tasks = tuple((task["id"], due) for task in campaign["tasks"])
            yield Line(name, ASK_FIRST if wanted == PERHAPS else FIRM, due, opens, closes, tasks)


def rounds_of(campaign: Mapping[str, Any]) -> Iterator[tuple[str, date, date, date]]:
    """The id of each round, and when it opens, is due and closes: on the last day where nothing else is said."""
    for said in campaign["rounds"]:
        first, *due, last = (
            said.split(" .. ") if isinstance(said, str) else (said["opens"], said["due"], said["closes"])
        )
        opens, closes = date.fromisoformat(first), date.fromisoformat(last)
        yield f"{campaign['id']}_{opens.year}_{opens.month:02}", opens, date.fromisoformat((due or [last])[0]), closes


def _list(rhythm: str | list[str]) -> list[str]:
    return [rhythm] if isinstance(rhythm, str) else rhythm
