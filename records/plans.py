"""Visits and tasks: what the plan wants of a site, and the one alarm clock of each task."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from records.bulk import Bulk
from records.schema import patient, site, task, visit, word
from records.transaction import Tx
from trial.moments import Instant
from trial.tasks import SiteFunction, TaskKind, TaskState


class LostRow(RuntimeError):
    """A guarded change met another state than it was decided on; the transaction must not go on."""


@dataclass(frozen=True, slots=True)
class VisitRow:
    id: UUID
    patient_id: UUID
    site_id: UUID
    occurrence: str
    definition: str
    status: str  # VisitStatus or `cancelled`
    target: date | None
    earliest: date | None
    latest: date | None
    study_version: str


@dataclass(frozen=True, slots=True)
class TaskRow:
    id: UUID
    visit_id: UUID
    patient_id: UUID
    site_id: UUID
    occurrence: str
    name: str
    kind: TaskKind
    function: SiteFunction
    ladder: str
    state: TaskState
    cancelled_because: str | None
    firm: bool
    opens: date | None
    due: date | None
    closes: date | None
    next_step: str | None
    next_attention_at: Instant | None

    @property
    def key(self) -> tuple[str, str]:
        return self.occurrence, self.name


@dataclass(frozen=True, slots=True)
class VisitPlace:
    """Where a visit belongs: enough to say who may see it and answer it, and on which day that is."""

    visit_id: UUID
    patient_id: UUID
    study_id: UUID
    site_id: UUID
    zone: str
    earliest: date | None
    disclosure: str = "code"  # what may stand in the site's chats


@dataclass(frozen=True, slots=True)
class Alarm:
    """When a task rings next and with which step; both None: not at all."""

    task_id: UUID
    step: str | None
    at: Instant | None
    tzdata: str


# --- visits -----------------------------------------------------------------------------------------------------------

_VISITS: sa.Select[*tuple[Any, ...]] = sa.select(
    visit.c.id,
    visit.c.patient_id,
    visit.c.site_id,
    visit.c.occurrence,
    visit.c.definition,
    visit.c.status,
    visit.c.target,
    visit.c.earliest,
    visit.c.latest,
    visit.c.study_version,
)


_VISITS_OF_PATIENT = _VISITS.where(visit.c.patient_id == sa.bindparam("patient")).order_by(
    visit.c.target, visit.c.occurrence
)
_VISIT = _VISITS.where(visit.c.id == sa.bindparam("visit"))


def visits_of(tx: Tx, patient_id: UUID) -> tuple[VisitRow, ...]:
    rows = tx.connection.execute(_VISITS_OF_PATIENT, {"patient": patient_id})
    return tuple(VisitRow(*row) for row in rows)


def visit_by_id(tx: Tx, visit_id: UUID) -> VisitRow | None:
    row = tx.connection.execute(_VISIT, {"visit": visit_id}).one_or_none()
    return None if row is None else VisitRow(*row)


_VISIT_PLACES: sa.Select[*tuple[Any, ...]] = (
    sa.select(
        visit.c.id,
        visit.c.patient_id,
        patient.c.study_id,
        visit.c.site_id,
        site.c.zone,
        visit.c.earliest,
        site.c.disclosure,
    )
    .join(patient, patient.c.id == visit.c.patient_id)
    .join(site, site.c.id == visit.c.site_id)
)
_VISIT_PLACE = _VISIT_PLACES.where(visit.c.id == sa.bindparam("visit"))
_VISIT_PLACE_OF_TASK = _VISIT_PLACES.join(task, task.c.visit_id == visit.c.id).where(task.c.id == sa.bindparam("task"))


def visit_place(tx: Tx, visit_id: UUID) -> VisitPlace | None:
    row = tx.connection.execute(_VISIT_PLACE, {"visit": visit_id}).one_or_none()
    return None if row is None else VisitPlace(*row)


def visit_place_of_task(tx: Tx, task_id: UUID) -> VisitPlace | None:
    row = tx.connection.execute(_VISIT_PLACE_OF_TASK, {"task": task_id}).one_or_none()
    return None if row is None else VisitPlace(*row)


_ADD_VISIT = sa.insert(visit)


def add_visits(tx: Tx, rows: Sequence[VisitRow]) -> None:
    if rows:
        tx.connection.execute(_ADD_VISIT, [_visit_values(row) | {"id": row.id} for row in rows])


_MOVE_VISIT = (
    sa.update(visit)
    .where(visit.c.id == sa.bindparam("visit_id"))
    .values(
        {
            name: sa.bindparam(f"new_{name}")
            for name in ("definition", "status", "target", "earliest", "latest", "study_version")
        }
    )
)


def change_visits(tx: Tx, rows: Sequence[VisitRow]) -> None:
    if rows:
        tx.connection.execute(
            _MOVE_VISIT,
            [
                {
                    "visit_id": row.id,
                    "new_definition": row.definition,
                    "new_status": row.status,
                    "new_target": row.target,
                    "new_earliest": row.earliest,
                    "new_latest": row.latest,
                    "new_study_version": row.study_version,
                }
                for row in rows
            ],
        )


def _visit_values(row: VisitRow) -> dict[str, object]:
    return {
        "patient_id": row.patient_id,
        "site_id": row.site_id,
        "occurrence": row.occurrence,
        "definition": row.definition,
        "status": row.status,
        "target": row.target,
        "earliest": row.earliest,
        "latest": row.latest,
        "study_version": row.study_version,
    }


# --- tasks ------------------------------------------------------------------------------------------------------------

_TASKS: sa.Select[*tuple[Any, ...]] = sa.select(
    task.c.id,
    task.c.visit_id,
    task.c.patient_id,
    task.c.site_id,
    visit.c.occurrence,
    task.c.name,
    task.c.kind,
    task.c.function,
    task.c.ladder,
    task.c.state,
    task.c.cancelled_because,
    task.c.firm,
    task.c.opens,
    task.c.due,
    task.c.closes,
    task.c.next_step,
    task.c.next_attention_at,
).join(visit, visit.c.id == task.c.visit_id)
_TASK = _TASKS.where(task.c.id == sa.bindparam("task"))
_TASKS_OF_VISIT = _TASKS.where(task.c.visit_id == sa.bindparam("visit")).order_by(task.c.id)
_TASKS_OF_PATIENT = _TASKS.where(task.c.patient_id == sa.bindparam("patient")).order_by(
    visit.c.target, visit.c.occurrence, task.c.id
)


def _task(row: sa.Row[*tuple[Any, ...]]) -> TaskRow:
    return TaskRow(
        id=row.id,
        visit_id=row.visit_id,
        patient_id=row.patient_id,
        site_id=row.site_id,
        occurrence=row.occurrence,
        name=row.name,
        kind=TaskKind(row.kind),
        function=SiteFunction(row.function),
        ladder=row.ladder,
        state=TaskState(row.state),
        cancelled_because=row.cancelled_because,
        firm=row.firm,
        opens=row.opens,
        due=row.due,
        closes=row.closes,
        next_step=row.next_step,
        next_attention_at=row.next_attention_at,
    )


def task_by_id(tx: Tx, task_id: UUID) -> TaskRow | None:
    row = tx.connection.execute(_TASK, {"task": task_id}).one_or_none()
    return None if row is None else _task(row)


def tasks_of_patient(tx: Tx, patient_id: UUID) -> tuple[TaskRow, ...]:
    rows = tx.connection.execute(_TASKS_OF_PATIENT, {"patient": patient_id})
    return tuple(_task(row) for row in rows)


def tasks_of_visit(tx: Tx, visit_id: UUID) -> tuple[TaskRow, ...]:
    rows = tx.connection.execute(_TASKS_OF_VISIT, {"visit": visit_id})
    return tuple(_task(row) for row in rows)


_ADD_TASK = sa.insert(task)


def add_tasks(tx: Tx, rows: Sequence[TaskRow], *, tzdata: str) -> None:
    if rows:
        tx.connection.execute(
            _ADD_TASK,
            [
                {
                    "id": row.id,
                    "visit_id": row.visit_id,
                    "patient_id": row.patient_id,
                    "site_id": row.site_id,
                    "name": row.name,
                    "kind": row.kind.value,
                    "function": row.function.value,
                    "ladder": row.ladder,
                    "state": row.state.value,
                    "cancelled_because": row.cancelled_because,
                    "firm": row.firm,
                    "opens": row.opens,
                    "due": row.due,
                    "closes": row.closes,
                    "next_step": row.next_step,
                    "next_attention_at": row.next_attention_at,
                    "tzdata": tzdata,
                }
                for row in rows
            ],
        )


_MOVE_TASK = (
    sa.update(task)
    .where(task.c.id == sa.bindparam("task_id"), task.c.state == sa.bindparam("was"))
    .values(
        state=TaskState.OPEN.value,
        cancelled_because=None,
        **{name: sa.bindparam(f"new_{name}") for name in ("ladder", "function", "firm", "opens", "due", "closes")},
    )
)


def move_tasks(tx: Tx, rows: Sequence[TaskRow], *, was: TaskState) -> None:
    """Gives tasks their new dates; a cancelled task is open again.

    Raises:
        LostRow: one of them was not in state `was`.
    """
    if not rows:
        return
    changed = tx.connection.execute(
        _MOVE_TASK,
        [
            {
                "task_id": row.id,
                "was": was.value,
                "new_ladder": row.ladder,
                "new_function": row.function.value,
                "new_firm": row.firm,
                "new_opens": row.opens,
                "new_due": row.due,
                "new_closes": row.closes,
            }
            for row in rows
        ],
    )
    _all_changed(changed.rowcount, len(rows))


_CANCEL_TASK = (
    sa.update(task)
    .where(
        task.c.id == sa.bindparam("task_id"),
        sa.or_(task.c.state == TaskState.OPEN.value, task.c.state == TaskState.PAUSED.value),
    )
    .values(
        state=TaskState.CANCELLED.value,
        cancelled_because=sa.bindparam("because"),
        next_step=None,
        next_attention_at=None,
    )
)


def cancel_tasks(tx: Tx, cancelled: Sequence[tuple[UUID, str]]) -> None:
    """Cancels open or paused tasks, each with its reason.

    Raises:
        LostRow: one of them was answered or cancelled already.
    """
    if not cancelled:
        return
    changed = tx.connection.execute(
        _CANCEL_TASK, [{"task_id": task_id, "because": because} for task_id, because in cancelled]
    )
    _all_changed(changed.rowcount, len(cancelled))


_SET_STATE = (
    sa.update(task)
    .where(task.c.id == sa.bindparam("task_id"), task.c.state == sa.bindparam("was"))
    .values(state=sa.bindparam("into"), next_step=None, next_attention_at=None)
)


def set_task_state(tx: Tx, task_id: UUID, state: TaskState, *, was: TaskState) -> bool:
    """Moves one task from a state to another and stops its alarm; False when it was not in the first."""
    changed = tx.connection.execute(_SET_STATE, {"task_id": task_id, "was": was.value, "into": state.value})
    return changed.rowcount == 1


_SET_PATIENT_TASKS = (
    sa.update(task)
    .where(task.c.patient_id == sa.bindparam("patient"), task.c.state == sa.bindparam("was"))
    .values(state=sa.bindparam("into"), next_step=None, next_attention_at=None)
)


def set_patient_tasks(tx: Tx, patient_id: UUID, state: TaskState, *, was: TaskState) -> int:
    """Moves every task of a patient from a state to another and stops their alarms; how many there were."""
    values = {"patient": patient_id, "was": was.value, "into": state.value}
    return tx.connection.execute(_SET_PATIENT_TASKS, values).rowcount


_SET_ALARMS = Bulk.updating(
    task, "next_step", "next_attention_at", "tzdata", where=task.c.state == word(TaskState.OPEN)
)


def set_alarms(tx: Tx, alarms: Sequence[Alarm]) -> None:
    """Sets the alarm clocks of open tasks.

    Raises:
        LostRow: one of them is not open any more.
    """
    changed = _SET_ALARMS.write(
        tx.connection,
        [
            {"id": one.task_id, "next_step": one.step, "next_attention_at": one.at, "tzdata": one.tzdata}
            for one in alarms
        ],
    )
    _all_changed(changed, len(alarms))


def ring_at_once(tx: Tx, *, site_ids: Sequence[UUID], step: str, at: Instant) -> int:
    """Brings the alarms of these sites' tasks that stand at this step forward to `at`; how many there were."""
    if not site_ids:
        return 0
    changed = tx.connection.execute(
        sa.update(task)
        .where(
            task.c.site_id.in_(site_ids),
            task.c.state == TaskState.OPEN.value,
            task.c.next_step == step,
            task.c.next_attention_at > at,
        )
        .values(next_attention_at=at)
    )
    return changed.rowcount


def ring_again(tx: Tx, task_ids: Sequence[UUID], *, step: str, at: Instant | None) -> int:
    """Sets the alarms of those of these tasks that are open to `step` at `at`; how many there were.

    `at` None: they wait at this step until somebody sets another alarm.
    """
    if not task_ids:
        return 0
    changed = tx.connection.execute(
        sa.update(task)
        .where(task.c.id.in_(task_ids), task.c.state == TaskState.OPEN.value)
        .values(next_step=step, next_attention_at=at)
    )
    return changed.rowcount


@dataclass(frozen=True, slots=True)
class WakingTasks:
    """Tasks of a site that a hold has kept back: those at `step`, and those done whose claim was to ring at `claims_at`."""

    site_id: UUID
    step: str
    claims_at: Instant
    patient_id: UUID | None = None
    kind: TaskKind | None = None


def wake(tx: Tx, which: WakingTasks, *, at: Instant) -> int:
    """Brings the alarms of these tasks forward to `at`; how many there were."""
    about = [task.c.site_id == which.site_id, task.c.next_attention_at > at]
    if which.patient_id is not None:
        about.append(task.c.patient_id == which.patient_id)
    if which.kind is not None:
        about.append(task.c.kind == which.kind.value)
    kept_back = sa.or_(
        sa.and_(task.c.state == TaskState.OPEN.value, task.c.next_step == which.step),
        sa.and_(task.c.state == TaskState.DONE.value, task.c.next_attention_at == which.claims_at),
    )
    return tx.connection.execute(sa.update(task).where(*about, kept_back).values(next_attention_at=at)).rowcount


def _all_changed(changed: int, wanted: int) -> None:
    if changed != wanted:
        raise LostRow(f"{wanted - changed} of {wanted} tasks were in another state than the plan was made for")
