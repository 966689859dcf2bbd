"""Counts behind the board's figures. The database counts; what is late or overdue is judged by `trial/follow_up.py`.

Of open tasks only those that are past their last day come as rows, one for each day: their number follows what is amiss,
not what exists.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.bulk import Among, ForMany
from records.schema import OPEN_FIRM_TASK, patient, task, visit, word
from records.transaction import Tx
from trial.tasks import TaskKind, TaskState


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many tasks of one kind stand in one state at a site."""

    site_id: UUID
    kind: TaskKind
    state: TaskState
    count: int


@dataclass(frozen=True, slots=True)
class LateCount:
    """How many open tasks of one name had this last day. `silent`: their alarm is off.

    `definition` and `name` (of the visit, and of the task) are empty where nobody asked to tell them apart.
    """

    site_id: UUID
    study_version_id: UUID
    kind: TaskKind
    definition: str
    name: str
    due: date
    closes: date
    silent: bool
    count: int


@dataclass(frozen=True, slots=True)
class DueCount:
    """How many open tasks of one kind are due on a day."""

    site_id: UUID
    kind: TaskKind
    due: date
    count: int


@dataclass(frozen=True, slots=True)
class PatientCount:
    """How many patients of a site stand in one state: `followed`, `paused`, `ended`."""

    site_id: UUID
    state: str
    count: int


_STATES: Final = ForMany(
    lambda among: (
        sa.select(task.c.site_id, task.c.kind, task.c.state, sa.func.count().label("number"))
        .where(among(task.c.site_id, "sites"))
        .group_by(task.c.site_id, task.c.kind, task.c.state)
    )
)
_SILENT: Final[sa.ColumnElement[bool]] = task.c.next_step.is_(None)
_LATE_BY: Final = (task.c.site_id, patient.c.study_version_id, task.c.kind, task.c.due, task.c.closes)


def _late(among: Among, *named: sa.ColumnElement[str]) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*_LATE_BY, _SILENT.label("silent"), *named, sa.func.count().label("number"))
        .join(patient, patient.c.id == task.c.patient_id)
        .where(
            OPEN_FIRM_TASK,
            among(task.c.site_id, "sites"),
            task.c.due < sa.bindparam("day"),  # no task is due after its last day, and by this the index finds it
            task.c.closes < sa.bindparam("day"),
            patient.c.state == word("followed"),
        )
        .group_by(*_LATE_BY, _SILENT, *named)
    )


_LATE: Final = ForMany(_late)
_LATE_BY_NAME: Final = ForMany(
    lambda among: _late(among, visit.c.definition, task.c.name).join(visit, visit.c.id == task.c.visit_id)
)
_DUE: Final = ForMany(
    lambda among: (
        sa.select(task.c.site_id, task.c.kind, task.c.due, sa.func.count().label("number"))
        .join(patient, patient.c.id == task.c.patient_id)
        .where(
            OPEN_FIRM_TASK,
            among(task.c.site_id, "sites"),
            task.c.due.between(sa.bindparam("first"), sa.bindparam("last")),
            patient.c.state == word("followed"),
        )
        .group_by(task.c.site_id, task.c.kind, task.c.due)
    )
)
_PATIENTS: Final = ForMany(
    lambda among: (
        sa.select(patient.c.site_id, patient.c.state, sa.func.count().label("number"))
        .where(among(patient.c.site_id, "sites"))
        .group_by(patient.c.site_id, patient.c.state)
    )
)


def states_at(tx: Tx, site_ids: Collection[UUID]) -> tuple[StateCount, ...]:
    """Every task of these sites, by kind and state."""
    return tuple(
        StateCount(row.site_id, TaskKind(row.kind), TaskState(row.state), row.number)
        for row in _rows(tx, _STATES, site_ids)
    )


def late_at(tx: Tx, site_ids: Collection[UUID], *, before: date, by_name: bool = False) -> tuple[LateCount, ...]:
    """Open, firm tasks of followed patients whose last day lies before this one; `by_name`: each visit's tasks apart."""
    return tuple(
        LateCount(
            site_id=row.site_id,
            study_version_id=row.study_version_id,
            kind=TaskKind(row.kind),
            definition=row.definition if by_name else "",
            name=row.name if by_name else "",
            due=row.due,
            closes=row.closes,
            silent=bool(row.silent),
            count=row.number,
        )
        for row in _rows(tx, _LATE_BY_NAME if by_name else _LATE, site_ids, day=before)
    )


def due_at(tx: Tx, site_ids: Collection[UUID], *, first: date, last: date) -> tuple[DueCount, ...]:
    """Open, firm tasks of followed patients that are due from the first of these days to the last."""
    return tuple(
        DueCount(row.site_id, TaskKind(row.kind), row.due, row.number)
        for row in _rows(tx, _DUE, site_ids, first=first, last=last)
    )


def patients_at(tx: Tx, site_ids: Collection[UUID]) -> tuple[PatientCount, ...]:
    """Every patient of these sites, by state."""
    return tuple(PatientCount(row.site_id, row.state, row.number) for row in _rows(tx, _PATIENTS, site_ids))


def _rows(tx: Tx, of: ForMany, site_ids: Collection[UUID], **given: date) -> Collection[sa.Row[*tuple[Any, ...]]]:
    return tuple(of.rows(tx.connection, {"sites": list(site_ids), **given})) if site_ids else ()
