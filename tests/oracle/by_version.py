"""Which visits a patient has whose protocol was amended, worked out a second time from docs/study-files.md, "Amendments"."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tests.oracle.by_day import HAPPENED, Document, Line, Patient, lines_of, owns, rounds_of

OLD, NEW = "1", "2"
DROP = "drop"


@dataclass(frozen=True)
class Amended:
    """A patient planned by two versions of a file. `renames`: as they stand in the new one."""

    old: Document
    new: Document
    renames: Mapping[str, str]
    since: date
    patient: Patient

    def now(self, occurrence: str) -> str | None:
        """What an occurrence is called in the new version; None: it is given up. A visit's id stands for all of its own."""
        visit = owner_of(self.old, occurrence)
        for named in (occurrence, visit):
            if named in self.renames:
                name = self.renames[named]
                return None if name == DROP else name + occurrence.removeprefix(named)
        return occurrence


def by_version(amended: Amended) -> dict[str, tuple[str, Line]]:
    """Each visit, and the version that plans it: what was due or was held before the day is the old one's."""
    old, new, patient = amended.old, amended.new, amended.patient
    events = {**new["events"], **old["events"]}
    if any(events[name].get("ends") == "all" for name, (_, how) in patient.events.items() if how == HAPPENED):
        return {}
    held = {now: day for was, day in patient.held.items() if (now := amended.now(was)) is not None}
    before = _by_old_names(amended, {**old, "events": events})

    # Held by its new name it is the new version's, even where a corrected date would have it due before the day.
    by_new_name = {name for name in before if name not in patient.held and amended.now(name) in patient.held}
    found = {name: (OLD, line) for name, line in before.items() if _is_past(amended, line) and name not in by_new_name}
    going_on = {now: line.target for name, (_, line) in found.items() if (now := _next_counts_from(amended, name))}
    after = lines_of(new, replace(patient, held={**going_on, **held, **patient.held}))
    past = {amended.now(name) for name in found} | set(found)
    known = {amended.now(name) for name in before}
    for line in after:
        name = line.occurrence
        if name in past:
            continue  # it is told already, perhaps by its old name
        if name in known or name in held or name in patient.held or line.target >= amended.since:
            found[name] = (NEW, line)
    for name, line in before.items():  # what was held stays, whatever the new version says
        if name in patient.held and amended.now(name) not in found:
            found[name] = (OLD, line)
    return found


def _by_old_names(amended: Amended, old: Document) -> dict[str, Line]:
    """What the old version plans: what counts from a visit counts from the day on which it was held, also by its new name."""
    patient = amended.patient
    names = [(was + held.removeprefix(now), held) for was, now in amended.renames.items() for held in patient.held]
    held = {name: patient.held[now] for name, now in names if amended.now(name) == now}
    return {line.occurrence: line for line in lines_of(old, replace(patient, held={**held, **patient.held}))}


def _next_counts_from(amended: Amended, occurrence: str) -> str | None:
    """The new name of an occurrence of a rhythm in which each counts from the one before, wherever that was due."""
    visits = {visit["id"]: visit for visit in amended.old["visits"]}
    basis = visits.get(owner_of(amended.old, occurrence), {}).get("basis")
    return amended.now(occurrence) if basis == "previous" else None


def _is_past(amended: Amended, line: Line) -> bool:
    """Whether a visit of the old version was due before the day, or was held."""
    held = amended.patient.held.get(line.occurrence)
    if held is None:
        visits = {visit["id"]: visit for visit in amended.old["visits"]}
        recorded = visits.get(owner_of(amended.old, line.occurrence), {}).get("records")
        day, how = amended.patient.events.get(recorded, (None, None))
        held = day if how == HAPPENED else None
    return line.target < amended.since or (held is not None and held < amended.since)


def owner_of(document: Document, occurrence: str) -> str:
    """The visit or campaign whose occurrence it can be; itself where there is none."""
    visits = [visit["id"] for visit in document["visits"] if owns(visit, occurrence)]
    campaigns = [campaign["id"] for campaign in document.get("campaigns", []) if _has(campaign, occurrence)]
    return next(iter(visits + campaigns), occurrence)


def _has(campaign: Mapping[str, Any], occurrence: str) -> bool:
    return occurrence in [name for name, *_ in rounds_of(campaign)]
