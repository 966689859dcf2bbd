"""What an amendment would move, as somebody reads it: patient by patient, visit by visit, and in one row what has no day."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from office.amendments import Move, MoveKind, Moves, TaskDays
from office.board.patients import place_in
from trial.study import Study


@dataclass(frozen=True, slots=True)
class MovedVisit:
    """Tasks of one visit that go the same way. `visits`: several where none has a day, before or after.

    `told`: somebody was told of one of them; `rings_again`: and is told anew, for the new day.
    """

    visits: tuple[str, ...]
    tasks: tuple[str, ...]  # names of the visit's tasks; none where there are several visits
    kind: MoveKind
    before: TaskDays | None
    after: TaskDays | None
    told: bool
    rings_again: bool


@dataclass(frozen=True, slots=True)
class MovedPatient:
    patient_id: UUID
    visits: tuple[MovedVisit, ...]
    awaits_consent: bool
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MovesToRead:
    """`count`: tasks of each kind; `again`: tasks of which somebody is told anew."""

    planned: int
    patients: tuple[MovedPatient, ...]
    count: Mapping[MoveKind, int]
    again: int
    awaiting: int  # patients who are shown as if they had consented


def to_read(moves: Moves, study: Study, *, awaiting: frozenset[UUID]) -> MovesToRead:
    """The moves for a page. `awaiting`: patients who move only once they have consented."""
    return MovesToRead(
        planned=moves.moved,
        patients=tuple(_patients(moves.lines, study, awaiting)),
        count={kind: moves.count(kind) for kind in MoveKind},
        again=moves.begun_anew,
        awaiting=len(awaiting),
    )


def _patients(lines: Iterable[Move], study: Study, awaiting: frozenset[UUID]) -> Iterator[MovedPatient]:
    for (code, patient_id), of_patient in groupby(lines, key=lambda line: (line.code, line.patient_id)):
        found = list(of_patient)
        dated = {(line.kind, _occurrence(line)) for line in found if line.dated}
        beside = [line for line in found if (line.kind, _occurrence(line)) in dated]
        undated = [line for line in found if (line.kind, _occurrence(line)) not in dated]
        visits = (*_visits(beside), *_without_a_day(undated, study))
        yield MovedPatient(patient_id, visits, patient_id in awaiting, code)


def _visits(lines: Iterable[Move]) -> Iterator[MovedVisit]:
    """One row for the tasks of a visit that move alike; one that has no day of its own stands with those that have."""
    rows: dict[tuple[object, ...], list[Move]] = {}
    first: dict[tuple[MoveKind, str], tuple[object, ...]] = {}
    for line in sorted(lines, key=lambda one: not one.dated):
        visit = (line.kind, _occurrence(line))
        key: tuple[object, ...] = (
            *visit,
            line.before and line.before.due,
            line.after and line.after.due,
            line.rings_again,
        )
        key = key if line.dated else first[visit]
        first.setdefault(visit, key)
        rows.setdefault(key, []).append(line)
    for row in sorted(rows.values(), key=lambda one: _days(one[0])):
        yield MovedVisit(
            (_occurrence(row[0]),),
            tuple(line.task for line in row),
            row[0].kind,
            row[0].before,
            row[0].after,
            told=any(line.told for line in row),
            rings_again=row[0].rings_again,
        )


def _without_a_day(lines: Iterable[Move], study: Study) -> Iterator[MovedVisit]:
    for kind in MoveKind:
        names = {_occurrence(line) for line in lines if line.kind is kind}
        if names:
            ordered = sorted(names, key=lambda name: place_in(study, name))
            told = any(line.told for line in lines if line.kind is kind)
            yield MovedVisit(tuple(ordered), (), kind, None, None, told=told, rings_again=False)


def _occurrence(line: Move) -> str:
    shown = line.after or line.before
    return "" if shown is None else shown.occurrence


def _days(line: Move) -> tuple[str, str]:
    """Where it stands among the patient's: by the day that is nearest to be looked for, the new one first."""
    days = [days.due.isoformat() for days in (line.after, line.before) if days is not None and days.due is not None]
    return (min(days), _occurrence(line))
