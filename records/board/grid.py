"""The rows behind the grid of patients and visits: a page of patients, and all that they have in two statements."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.bulk import Among, ForMany
from records.schema import patient, site, task, visit
from records.transaction import Tx
from trial.tasks import TaskKind, TaskState


@dataclass(frozen=True, slots=True)
class GridPatient:
    """A patient, opened."""

    id: UUID
    site_id: UUID
    study_version_id: UUID
    state: str  # `followed`, `paused`, `ended`
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class GridTask:
    """A task with the visit that it belongs to. `silent`: its alarm is off."""

    id: UUID
    patient_id: UUID
    visit_id: UUID
    definition: str  # of the visit
    name: str
    occurrence: str
    target: date | None
    earliest: date | None
    latest: date | None
    kind: TaskKind
    state: TaskState
    firm: bool
    opens: date | None
    due: date | None
    closes: date | None
    silent: bool


def _of(among: Among, *columns: sa.ColumnElement[Any]) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*columns).where(among(patient.c.site_id, "sites"), among(patient.c.state, "states"))


_FOUND: Final = ForMany(
    lambda among: (
        _of(among, patient.c.id)
        .join(site, site.c.id == patient.c.site_id)
        # Codes are sealed: within a site patients stand in the order in which they came.
        .order_by(site.c.number, patient.c.added_at, patient.c.id)
        .offset(sa.bindparam("first"))
        .limit(sa.bindparam("size"))
    )
)
_COUNTED: Final = ForMany(lambda among: _of(among, sa.func.count().label("number")))
_PATIENTS: Final = ForMany(
    lambda among: sa.select(
        patient.c.id,
        patient.c.site_id,
        patient.c.study_version_id,
        patient.c.state,
        patient.c.version,
        patient.c.sealed,
    ).where(among(patient.c.id, "patients"))
)
_TASKS: Final = ForMany(
    lambda among: (
        sa.select(
            task.c.id,
            task.c.patient_id,
            task.c.visit_id,
            visit.c.definition,
            task.c.name,
            visit.c.occurrence,
            visit.c.target,
            visit.c.earliest,
            visit.c.latest,
            task.c.kind,
            task.c.state,
            task.c.firm,
            task.c.opens,
            task.c.due,
            task.c.closes,
            task.c.next_step.is_(None).label("silent"),
        )
        .join(visit, visit.c.id == task.c.visit_id)
        .where(among(task.c.patient_id, "patients"))
        .order_by(task.c.id)
    )
)


def found(tx: Tx, site_ids: Collection[UUID], states: Collection[str], *, first: int, size: int) -> tuple[UUID, ...]:
    """Patients of these sites in these states, by site number, and within a site as they came: so many (`size`) from this
    place (`first`, counted from 0) on.
    """
    if not site_ids or not states:
        return ()
    given = {"sites": list(site_ids), "states": list(states), "first": first, "size": size}
    return tuple(row.id for row in _FOUND.rows(tx.connection, given))


def counted(tx: Tx, site_ids: Collection[UUID], states: Collection[str]) -> int:
    """How many there are."""
    if not site_ids or not states:
        return 0
    return int(_COUNTED.rows(tx.connection, {"sites": list(site_ids), "states": list(states)}).scalar_one())


def opened(tx: Tx, patient_ids: Collection[UUID]) -> Mapping[UUID, GridPatient]:
    """These patients, opened."""
    if not patient_ids:
        return {}
    rows = _PATIENTS.rows(tx.connection, {"patients": list(patient_ids)})
    return {
        row.id: GridPatient(
            id=row.id,
            site_id=row.site_id,
            study_version_id=row.study_version_id,
            state=row.state,
            code=str(tx.unseal(patient, row.id, row.sealed, version=row.version)["code"]),
        )
        for row in rows
    }


def tasks_of(tx: Tx, patient_ids: Collection[UUID]) -> tuple[GridTask, ...]:
    """Every task of these patients, cancelled ones too."""
    if not patient_ids:
        return ()
    return tuple(
        GridTask(
            id=row.id,
            patient_id=row.patient_id,
            visit_id=row.visit_id,
            definition=row.definition,
            name=row.name,
            occurrence=row.occurrence,
            target=row.target,
            earliest=row.earliest,
            latest=row.latest,
            kind=TaskKind(row.kind),
            state=TaskState(row.state),
            firm=row.firm,
            opens=row.opens,
            due=row.due,
            closes=row.closes,
            silent=bool(row.silent),
        )
        for row in _TASKS.rows(tx.connection, {"patients": list(patient_ids)})
    )
