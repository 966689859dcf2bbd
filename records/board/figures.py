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

from records.bulk import ForMany
from records.schema import OPEN_FIRM_TASK, patient, task, word
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
    """How many open tasks of one kind had this last day. `silent`: their alarm is off."""

    site_id: UUID
    study_version_id: UUID
    kind: TaskKind
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
_LATE: Final = ForMany(
    lambda among: (
        sa.select(
            task.c.site_id,
            patient.c.study_version_id,
            task.c.kind,
            task.c.due,
            task.c.closes,
            _SILENT.label("silent"),
            sa.func.count().label("number"),
        )
        .join(patient, patient.c.id == task.c.patient_id)
        .where(
            OPEN_FIRM_TASK,
            among(task.c.site_id, "sites"),
            task.c.due < sa.bindparam("day"),  # no task is due after its last day, and by this the index finds it
            task.c.closes < sa.bindparam("day"),
            patient.c.state == word("followed"),
        )
        .group_by(task.c.site_id, patient.c.study_version_id, task.c.kind, task.c.due, task.c.closes, _SILENT)
    )
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


def late_at(tx: Tx, site_ids: Collection[UUID], *, before: date) -> tuple[LateCount, ...]:
    """Open, firm tasks of followed patients whose last day lies before this one."""
    return tuple(
        LateCount(
            row.site_id, row.study_version_id, TaskKind(row.kind), row.due, row.closes, bool(row.silent), row.number
        )
        for row in _rows(tx, _LATE, site_ids, day=before)
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
