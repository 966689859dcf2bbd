"""Patients and their visits as a grid: each visit with the state that trial/grid.py gives it on its site's own day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from office.board.standing import is_earlier
from office.board.viewer import Viewer
from records import claims
from records.board import grid
from records.board.grid import GridTask
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import Definitions, calendar_of, zone_of
from trial.claims import ClaimCheckKind
from trial.follow_up import FollowUp, follow_up, is_late
from trial.grid import Cell, CellNote, CellTask, cell_of
from trial.labels import Labels
from trial.ladder import TaskDates
from trial.moments import CalendarOffset, Instant, Unit, local_day
from trial.occurrences import definition_of, label_of
from trial.study import Study
from trial.tasks import TaskKind, TaskState

PAGE: Final = 50
STATES: Final = ("followed", "paused", "ended")

_DAYS: Final = {Unit.DAY: 1, Unit.WORKING_DAY: 1.4, Unit.WEEK: 7, Unit.MONTH: 30.4, Unit.YEAR: 365}
"""About how many days a unit is: enough to put repeated visits in order."""


@dataclass(frozen=True, slots=True)
class PatientFilter:
    """Which patients; None: all of them. `page` counts from 1."""

    site: str | None = None
    country: str | None = None
    state: str | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class VisitColumn:
    """A visit of the study; one that repeats has a column for each of its offsets."""

    occurrence: str
    label: Labels


@dataclass(frozen=True, slots=True)
class VisitCell:
    """A patient's visit. `tasks` are those that count or did, `days_late` since the last day of the latest open one."""

    visit_id: UUID
    occurrence: str
    cell: Cell
    target: date | None
    earliest: date | None
    latest: date | None
    days_late: int | None


@dataclass(frozen=True, slots=True)
class PatientLine:
    """A patient with their visits, by occurrence."""

    id: UUID
    site: SiteRow
    state: str
    study: Study
    cells: Mapping[str, VisitCell]
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PatientGrid:
    """One page of it. `total`: how many patients the filter leaves, of `all_patients` that the viewer may see."""

    columns: tuple[VisitColumn, ...]
    lines: tuple[PatientLine, ...]
    first: int
    total: int
    all_patients: int
    filter: PatientFilter
    sites: tuple[SiteRow, ...]  # that may be chosen

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1

    @property
    def before(self) -> int | None:
        return self.filter.page - 1 if self.filter.page > 1 else None

    @property
    def after(self) -> int | None:
        return self.filter.page + 1 if self.last < self.total else None


def patient_grid(tx: Tx, studies: Definitions, viewer: Viewer, wanted: PatientFilter, *, now: Instant) -> PatientGrid:
    """The page that was asked for, of the patients whom this viewer may see."""
    there, states = _wanted(viewer, wanted)
    first = (wanted.page - 1) * PAGE
    lines = _lines(tx, studies, viewer, grid.found(tx, there, states, first=first, size=PAGE), now=now)
    return PatientGrid(
        columns=columns_of(lines),
        lines=lines,
        first=first + 1,
        total=grid.counted(tx, there, states),
        all_patients=grid.counted(tx, [site.id for site in viewer.seen], STATES),
        filter=wanted,
        sites=viewer.seen,
    )


def all_lines(
    tx: Tx, studies: Definitions, viewer: Viewer, wanted: PatientFilter, *, now: Instant
) -> Iterable[PatientLine]:
    """Every patient of the filter, page by page."""
    there, states = _wanted(viewer, wanted)
    for first in range(0, grid.counted(tx, there, states), PAGE):
        ids = grid.found(tx, there, states, first=first, size=PAGE)
        yield from _lines(tx, studies, viewer, ids, now=now)


def _wanted(viewer: Viewer, wanted: PatientFilter) -> tuple[list[UUID], tuple[str, ...]]:
    """The sites and the states of the filter, of those that are the viewer's."""
    there = [
        site.id for site in viewer.seen if wanted.site in {None, site.number} and wanted.country in {None, site.country}
    ]
    return there, STATES if wanted.state is None else (wanted.state,)


def _lines(
    tx: Tx, studies: Definitions, viewer: Viewer, ids: Sequence[UUID], *, now: Instant
) -> tuple[PatientLine, ...]:
    sites = {site.id: site for site in viewer.seen}
    patients = grid.opened(tx, ids)
    by_patient: dict[UUID, list[GridTask]] = defaultdict(list)
    for task in grid.tasks_of(tx, ids):
        by_patient[task.patient_id].append(task)
    seen = _last_checks(tx, by_patient.values())
    lines = []
    for patient_id in ids:
        patient = patients[patient_id]
        site, study = sites[patient.site_id], studies.of_version(tx, patient.study_version_id)
        lines.append(
            PatientLine(
                id=patient_id,
                site=site,
                state=patient.state,
                study=study,
                cells=_cells(_Place(study, site, local_day(now, zone_of(site.zone)), seen), by_patient[patient_id]),
                code=patient.code,
            )
        )
    # The records keep codes sealed, so that pages follow the order in which patients came; a page is sorted.
    return tuple(sorted(lines, key=lambda line: (line.site.number, line.code)))


def _last_checks(tx: Tx, tasks: Iterable[Sequence[GridTask]]) -> Mapping[UUID, ClaimCheckKind | None]:
    claimed = [
        task.id for of_one in tasks for task in of_one if task.kind is TaskKind.UPLOAD and task.state is TaskState.DONE
    ]
    return {task_id: claim.last_check for task_id, claim in claims.claims_of_tasks(tx, claimed).items()}


@dataclass(frozen=True, slots=True)
class _Place:
    """What a patient's tasks are judged by."""

    study: Study
    site: SiteRow
    today: date
    checks: Mapping[UUID, ClaimCheckKind | None]


def _cells(place: _Place, tasks: Sequence[GridTask]) -> Mapping[str, VisitCell]:
    visits: dict[str, list[GridTask]] = defaultdict(list)
    for task in tasks:
        visits[task.occurrence].append(task)
    return {occurrence: _cell(place, occurrence, of_visit) for occurrence, of_visit in visits.items()}


def _cell(place: _Place, occurrence: str, tasks: Sequence[GridTask]) -> VisitCell:
    visit = tasks[0]
    late = [
        task.closes for task in tasks if task.closes is not None and is_late(task.state, dates_of(task), place.today)
    ]
    return VisitCell(
        visit_id=visit.visit_id,
        occurrence=occurrence,
        cell=cell_of(_as_cell_task(place, task) for task in tasks),
        target=visit.target,
        earliest=visit.earliest,
        latest=visit.latest,
        days_late=(place.today - min(late)).days if late else None,
    )


def _as_cell_task(place: _Place, task: GridTask) -> CellTask:
    state = follow_up(
        task.state,
        dates_of(task),
        place.today,
        tolerance=place.study.tolerance(task.kind, task.definition, task.name),
        calendar=calendar_of(place.site.country, place.site.region),
    )
    return CellTask(state, _note(place, task, state))


def _note(place: _Place, task: GridTask, state: FollowUp | None) -> CellNote | None:
    if task.state is TaskState.PAUSED:
        return CellNote.PAUSED
    if task.kind is TaskKind.UPLOAD and task.state is TaskState.DONE:
        check = place.checks.get(task.id)
        if check is ClaimCheckKind.VERIFIED:
            return None
        return CellNote.QUERIED if check is ClaimCheckKind.QUERIED else CellNote.CLAIMED
    if task.due is None or not is_late(task.state, dates_of(task), place.today):
        return None
    if is_earlier(place.site, due=task.due, silent=task.silent):
        return CellNote.EARLIER
    return CellNote.LATE if state is FollowUp.EXPECTED else None


def dates_of(task: GridTask) -> TaskDates:
    return TaskDates(task.opens, task.due, task.closes, task.firm)


# --- columns ----------------------------------------------------------------------------------------------------------


def columns_of(lines: Sequence[PatientLine]) -> tuple[VisitColumn, ...]:
    """The visits of these patients in the order of the study file, those that repeat by their offset; then what is asked
    for by itself.
    """
    found: dict[str, tuple[tuple[int, float, str], Labels]] = {}
    for line in lines:
        for occurrence in line.cells.keys() - found.keys():
            label = label_of(line.study, occurrence)
            if label is not None:
                found[occurrence] = (place_in(line.study, occurrence), label)
    ordered = sorted(found.items(), key=lambda one: one[1][0])
    return tuple(VisitColumn(occurrence, label) for occurrence, (_, label) in ordered)


def in_order(line: PatientLine) -> tuple[VisitCell, ...]:
    """A patient's visits in the order of the study file."""
    return tuple(sorted(line.cells.values(), key=lambda visit: place_in(line.study, visit.occurrence)))


def place_in(study: Study, occurrence: str) -> tuple[int, float, str]:
    """Where an occurrence stands among those of its study."""
    visit = definition_of(study, occurrence)
    if visit is None:
        return len(study.visits), 0, occurrence
    return list(study.visits).index(visit.id), _about_days(occurrence.removeprefix(f"{visit.id}_")), occurrence


def _about_days(suffix: str) -> float:
    if suffix.isdecimal():
        return int(suffix)
    try:
        offset = CalendarOffset.parse(suffix)
    except ValueError:
        return 0
    return offset.amount * _DAYS[offset.unit]
