"""Tasks as lists and digests show them: many at once, with the code of their patient, which is opened once for each."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.bulk import ForMany
from records.schema import patient, task, visit
from records.transaction import Tx
from trial.tasks import SiteFunction, TaskKind, TaskState


@dataclass(frozen=True, slots=True)
class ListedTask:
    """A task with the names of what it belongs to. `code` is the study's pseudonym."""

    id: UUID
    visit_id: UUID
    patient_id: UUID
    site_id: UUID
    study_version_id: UUID
    occurrence: str
    visit_definition: str
    name: str
    kind: TaskKind
    function: SiteFunction
    ladder: str
    state: TaskState
    firm: bool
    opens: date | None
    due: date | None
    closes: date | None
    next_step: str | None
    patient_state: str
    code: str = field(repr=False)


_TASKS: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(
        task.c.id,
        task.c.visit_id,
        task.c.patient_id,
        task.c.site_id,
        patient.c.study_version_id,
        visit.c.occurrence,
        visit.c.definition,
        task.c.name,
        task.c.kind,
        task.c.function,
        task.c.ladder,
        task.c.state,
        task.c.firm,
        task.c.opens,
        task.c.due,
        task.c.closes,
        task.c.next_step,
        patient.c.state.label("patient_state"),
        patient.c.version,
        patient.c.sealed,
    )
    .join(visit, visit.c.id == task.c.visit_id)
    .join(patient, patient.c.id == task.c.patient_id)
    .order_by(task.c.due, task.c.visit_id, task.c.id)
)
_BEGUN: Final = sa.or_(task.c.opens <= sa.bindparam("day"), task.c.due <= sa.bindparam("day"))
_OPEN_AT: Final = _TASKS.where(
    task.c.site_id.in_(sa.bindparam("sites", expanding=True)), task.c.state == TaskState.OPEN.value, _BEGUN
)
_OF_VISITS: Final = _TASKS.where(task.c.visit_id.in_(sa.bindparam("visits", expanding=True)))
_THESE: Final = ForMany(lambda among: _TASKS.where(among(task.c.id, "tasks")))
_OF_PATIENT: Final = _TASKS.where(task.c.patient_id == sa.bindparam("patient"))
_LAST_DAY: Final = sa.func.coalesce(task.c.closes, task.c.due)
_LATE: Final = sa.bindparam("day") > _LAST_DAY


def _listed(tx: Tx, rows: Iterable[sa.Row[*tuple[Any, ...]]]) -> tuple[ListedTask, ...]:
    codes: dict[UUID, str] = {}
    listed: list[ListedTask] = []
    for row in rows:
        code = codes.get(row.patient_id)
        if code is None:
            opened = tx.unseal(patient, row.patient_id, row.sealed, version=row.version)
            code = codes[row.patient_id] = str(opened["code"])
        listed.append(
            ListedTask(
                id=row.id,
                visit_id=row.visit_id,
                patient_id=row.patient_id,
                site_id=row.site_id,
                study_version_id=row.study_version_id,
                occurrence=row.occurrence,
                visit_definition=row.definition,
                name=row.name,
                kind=TaskKind(row.kind),
                function=SiteFunction(row.function),
                ladder=row.ladder,
                state=TaskState(row.state),
                firm=row.firm,
                opens=row.opens,
                due=row.due,
                closes=row.closes,
                next_step=row.next_step,
                patient_state=row.patient_state,
                code=code,
            )
        )
    return tuple(listed)


def open_tasks_at(tx: Tx, site_ids: Collection[UUID], *, begun_by: date) -> tuple[ListedTask, ...]:
    """Open tasks at these sites that open or fall due by this day, the first due first. What is late is among them."""
    if not site_ids:
        return ()
    return _listed(tx, tx.connection.execute(_OPEN_AT, {"sites": sorted(site_ids), "day": begun_by}))


def tasks_of_visits(tx: Tx, visit_ids: Collection[UUID]) -> tuple[ListedTask, ...]:
    """Every task of these visits, whatever its state, the first due first."""
    if not visit_ids:
        return ()
    return _listed(tx, tx.connection.execute(_OF_VISITS, {"visits": sorted(visit_ids)}))


def tasks_by_ids(tx: Tx, task_ids: Collection[UUID]) -> tuple[ListedTask, ...]:
    """These tasks, whatever their state, the first due first."""
    if not task_ids:
        return ()
    return _listed(tx, _THESE.rows(tx.connection, {"tasks": list(task_ids)}))


def tasks_of_patient(tx: Tx, patient_id: UUID) -> tuple[ListedTask, ...]:
    """Every task of a patient, whatever its state, the first due first."""
    return _listed(tx, tx.connection.execute(_OF_PATIENT, {"patient": patient_id}))
