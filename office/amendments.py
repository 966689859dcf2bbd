"""What an amendment would move at a site, before it moves anything: the real thing, done and undone in one transaction."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from typing import Final
from uuid import UUID

from office.studies import import_document
from office.study_files import study_from_text
from records import patients, plans, releases, reminders
from records.database import Records
from records.patients import PatientRow
from records.plans import TaskRow
from records.releases import ReleaseRow
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.amending import amend_due
from scheduler.definitions import Definitions, zone_of
from trial.moments import Instant, at_local, local_day
from trial.study import HOLD
from trial.tasks import TaskState

PATIENTS_AT_ONCE: Final = 100


class MoveKind(StrEnum):
    """What becomes of a task."""

    NEW = "new"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"
    RENAMED = "renamed"  # the same dates under another name


@dataclass(frozen=True, slots=True)
class TaskDays:
    occurrence: str
    opens: date | None
    due: date | None
    closes: date | None


@dataclass(frozen=True, slots=True)
class Move:
    """One task that an amendment changes. `told`: somebody was told of it, or is about to be; it rings again only where its
    due date is another one.
    """

    patient_id: UUID
    code: str = field(repr=False)
    task: str
    kind: MoveKind
    before: TaskDays | None
    after: TaskDays | None
    told: bool

    @property
    def rings_again(self) -> bool:
        return self.told and self.before is not None and self.after is not None and self.before.due != self.after.due

    @property
    def dated(self) -> bool:
        """Whether it has a day, before or after; what waits for its visit to be held has none."""
        return any(days is not None and days.due is not None for days in (self.before, self.after))


@dataclass(frozen=True, slots=True)
class VisitMove:
    """What becomes of a visit, or of a task with a day of its own. `waiting`: tasks that go with it and have no day before it
    was held.
    """

    line: Move
    waiting: tuple[str, ...]


def by_visit(lines: Iterable[Move]) -> tuple[VisitMove, ...]:
    """The lines in their order, those of tasks that wait for their visit folded into the visit's."""
    folded: dict[tuple[object, ...], list[str]] = {}
    heads: list[Move] = []
    every = list(lines)
    holds = {_visit_of(line) for line in every if line.task == HOLD}
    for line in every:
        if line.dated or line.task == HOLD or _visit_of(line) not in holds:
            heads.append(line)
        else:
            folded.setdefault(_visit_of(line), []).append(line.task)
    return tuple(VisitMove(one, tuple(folded.get(_visit_of(one), ())) if one.task == HOLD else ()) for one in heads)


def _visit_of(line: Move) -> tuple[object, ...]:
    occurrences = (None if days is None else days.occurrence for days in (line.before, line.after))
    return (line.patient_id, line.kind, *occurrences)


@dataclass(frozen=True, slots=True)
class Moves:
    """What would change at a site. `patients`: of the site, whoever they are planned by; `moved`: planned by the version then."""

    site: SiteRow
    active_from: date
    patients: int
    moved: int
    lines: tuple[Move, ...]

    def count(self, kind: MoveKind) -> int:
        return sum(line.kind is kind for line in self.lines)

    def days(self, kind: MoveKind) -> int:
        """How many dates of visits and tasks are new, moved, withdrawn or only called otherwise."""
        return sum(line.kind is kind and line.dated for line in self.lines)

    @property
    def begun_anew(self) -> int:
        """How many tasks ring a second time because their due date is another one."""
        return sum(line.rings_again for line in self.lines)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The tasks and the patients of a site, and which tasks somebody was told of."""

    tasks: Mapping[UUID, TaskRow]
    patients: Mapping[UUID, PatientRow]
    told: frozenset[UUID]


def what_it_moves(
    records: Records,
    site: SiteRow,
    document: str,
    *,
    name: str = "the new version",
    active_from: date,
    now: Instant,
    elapsed: Instant,
    as_if_consented: bool = False,
) -> Moves:
    """What changes at this site when the version in this document is used from that day on; nothing is kept. `name` stands
    for the document in problems. Where it is released there already, its day is the release's. `as_if_consented`: as if
    each patient had consented to it by then.

    Raises:
        ProblemError: what is wrong in the document.
        DateOutOfRange: a date falls outside years 1900-2200.
    """
    definitions = Definitions(study_from_text)
    with records.rehearse() as stage:
        version_id = import_document(stage, document, name, by=None, now=now, elapsed=elapsed).version_id
        with stage.begin() as tx:
            own = _set_aside(tx, site, version_id)
        active_from = active_from if own is None else own.active_from
        then = max(now, at_local(active_from, time(), zone_of(site.zone)))
        # What other versions will have moved by then is none of what this one moves.
        _amend(stage, definitions, now=then, elapsed=elapsed)
        with stage.begin() as tx:
            before = _seen(tx, site)
            if own is None or own.applied_at is None:
                releases.add_release(
                    tx,
                    study_version_id=version_id,
                    site_id=site.id,
                    active_from=active_from,
                    approved_on=None,
                    dates_sha256=None,
                    prepared_by=None,
                    released_by=None,
                    released_at=now,
                )
            if as_if_consented:
                day = local_day(then, zone_of(site.zone))
                for patient_id in before.patients.keys() - releases.consented_to(tx, version_id):
                    releases.add_consent(
                        tx,
                        patient_id=patient_id,
                        study_version_id=version_id,
                        given_on=day,
                        recorded_by=None,
                        recorded_at=now,
                    )
        _amend(stage, definitions, now=then, elapsed=elapsed)
        with stage.read() as tx:
            after = _seen(tx, site)
    moved = [
        one.id for one in after.patients.values() if before.patients[one.id].study_version_id != one.study_version_id
    ]
    lines = sorted(_lines(before, after), key=lambda line: (line.code, _day(line), line.task))
    return Moves(site, active_from, len(after.patients), len(moved), tuple(lines))


def _set_aside(tx: Tx, site: SiteRow, version_id: UUID) -> ReleaseRow | None:
    """Leaves of what waits for its day this site's other versions alone. This version's own release, if there is one."""
    for row in releases.waiting(tx, until=date.max):
        if row.site_id != site.id:
            releases.remove_release(tx, row.id)
    own = next((row for row in releases.of_site(tx, site.id) if row.study_version_id == version_id), None)
    if own is not None and own.applied_at is None:
        releases.remove_release(tx, own.id)
    return own


def _amend(stage: Records, definitions: Definitions, *, now: Instant, elapsed: Instant) -> None:
    while amend_due(stage, definitions, now=now, elapsed=elapsed, limit=PATIENTS_AT_ONCE):
        continue


def _seen(tx: Tx, site: SiteRow) -> _Seen:
    known = {one.id: one for one in patients.patients(tx, site_id=site.id)}
    tasks = {task.id: task for patient_id in known for task in plans.tasks_of_patient(tx, patient_id)}
    rung = reminders.steps_rung(tx, tasks)
    return _Seen(tasks, known, frozenset(task_id for task_id, steps in rung.items() if steps))


def _lines(before: _Seen, after: _Seen) -> Iterator[Move]:
    for task_id, task in after.tasks.items():
        was = before.tasks.get(task_id)
        kind = _kind(was, task)
        if kind is not None:
            yield Move(
                patient_id=task.patient_id,
                code=after.patients[task.patient_id].code,
                task=task.name,
                kind=kind,
                before=None if was is None or kind is MoveKind.NEW else _days(was),
                after=None if kind is MoveKind.WITHDRAWN else _days(task),
                told=task_id in before.told,
            )


def _kind(was: TaskRow | None, now: TaskRow) -> MoveKind | None:
    open_before = was is not None and was.state is TaskState.OPEN
    if now.state is not TaskState.OPEN:
        return MoveKind.WITHDRAWN if open_before else None
    if was is None or not open_before:
        return MoveKind.NEW
    if (was.opens, was.due, was.closes) != (now.opens, now.due, now.closes):
        return MoveKind.MOVED
    return MoveKind.RENAMED if was.occurrence != now.occurrence else None


def _days(task: TaskRow) -> TaskDays:
    return TaskDays(task.occurrence, task.opens, task.due, task.closes)


def _day(line: Move) -> date:
    shown = line.after or line.before
    return (None if shown is None else shown.due) or date.max
