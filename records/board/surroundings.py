"""What stands around tasks in a list: their alarms, the windows of their visits. For many at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from records.bulk import ForMany
from records.schema import task, visit
from records.transaction import Tx
from trial.moments import Instant
from trial.tasks import TaskKind

Window = tuple[date | None, date | None]
"""First and last allowed day, both inclusive; None where they are not known."""


@dataclass(frozen=True, slots=True)
class TaskAlarm:
    """What a task is, and when it rings next (trial time); None: it rings nobody."""

    name: str
    kind: TaskKind
    next_at: Instant | None


_ALARMS: Final = ForMany(
    lambda among: sa.select(task.c.id, task.c.name, task.c.kind, task.c.next_attention_at).where(
        among(task.c.id, "tasks")
    )
)
_WINDOWS: Final = ForMany(
    lambda among: sa.select(visit.c.id, visit.c.earliest, visit.c.latest).where(among(visit.c.id, "visits"))
)


def alarms_of(tx: Tx, task_ids: Collection[UUID]) -> Mapping[UUID, TaskAlarm]:
    """These tasks, those that there are."""
    if not task_ids:
        return {}
    rows = _ALARMS.rows(tx.connection, {"tasks": list(task_ids)})
    return {row.id: TaskAlarm(row.name, TaskKind(row.kind), row.next_attention_at) for row in rows}


def windows_of(tx: Tx, visit_ids: Collection[UUID]) -> Mapping[UUID, Window]:
    """The windows of these visits."""
    if not visit_ids:
        return {}
    rows = _WINDOWS.rows(tx.connection, {"visits": list(visit_ids)})
    return {row.id: (row.earliest, row.latest) for row in rows}
