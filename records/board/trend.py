"""What had its last day at a site in a span of days, and when it was first said to have come."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.schema import answer, patient, task, visit, word
from records.transaction import Tx
from trial.answers import AnswerKind
from trial.moments import Instant
from trial.tasks import TaskKind, TaskState


@dataclass(frozen=True, slots=True)
class EndedTask:
    """A task with its last day. `said_at` (trial time): the first answer that says it has come, of those that stand."""

    study_version_id: UUID
    kind: TaskKind
    definition: str  # of the visit
    name: str
    state: TaskState
    due: date
    closes: date
    firm: bool
    silent: bool
    patient_state: str
    said_at: Instant | None


_TAKES_BACK: Final = answer.alias("taking_back")
_SAID_AT: Final = (
    sa.select(sa.func.min(answer.c.answered_at))
    .where(
        answer.c.task_id == task.c.id,
        answer.c.kind.in_((word(AnswerKind.DONE), word(AnswerKind.UPLOADED), word(AnswerKind.STATED))),
        ~sa.exists().where(_TAKES_BACK.c.undoes == answer.c.id),
    )
    .scalar_subquery()
)
_ENDED: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(
        patient.c.study_version_id,
        task.c.kind,
        visit.c.definition,
        task.c.name,
        task.c.state,
        task.c.due,
        task.c.closes,
        task.c.firm,
        task.c.next_step.is_(None).label("silent"),
        patient.c.state.label("patient_state"),
        sa.case((task.c.state == word(TaskState.DONE), _SAID_AT)).label("said_at"),
    )
    .join(patient, patient.c.id == task.c.patient_id)
    .join(visit, visit.c.id == task.c.visit_id)
    .where(
        task.c.site_id == sa.bindparam("site"),
        task.c.state.in_((word(TaskState.DONE), word(TaskState.NOT_DONE), word(TaskState.OPEN))),
        task.c.due.is_not(None),
        task.c.closes.between(sa.bindparam("first"), sa.bindparam("last")),
    )
)


def ended_at(tx: Tx, site_id: UUID, *, first: date, last: date) -> tuple[EndedTask, ...]:
    """The tasks of a site whose last day lies in this span, both ends inclusive; what does not count is left out."""
    return tuple(
        EndedTask(
            study_version_id=row.study_version_id,
            kind=TaskKind(row.kind),
            definition=row.definition,
            name=row.name,
            state=TaskState(row.state),
            due=row.due,
            closes=row.closes,
            firm=row.firm,
            silent=bool(row.silent),
            patient_state=row.patient_state,
            said_at=row.said_at,
        )
        for row in tx.connection.execute(_ENDED, {"site": site_id, "first": first, "last": last})
    )
