"""What stands open at sites, as digests and checks need it: many tasks at once, and nothing of them is opened."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.bulk import ForMany
from records.schema import answer, audit, patient, reminder, task, word
from records.transaction import Tx, entry_row
from trial.moments import Instant
from trial.tasks import SiteFunction, TaskKind, TaskState


@dataclass(frozen=True, slots=True)
class AgendaTask:
    """A task of a patient who is followed. `rung`: somebody was or will be told about it."""

    id: UUID
    visit_id: UUID
    patient_id: UUID
    site_id: UUID
    study_id: UUID
    study_version_id: UUID
    kind: TaskKind
    function: SiteFunction
    ladder: str
    state: TaskState
    firm: bool
    opens: date | None
    due: date | None
    closes: date | None
    next_step: str | None
    next_attention_at: Instant | None
    rung: bool

    def begun_by(self, day: date) -> bool:
        """Whether it opens or falls due by this day."""
        return (self.opens is not None and self.opens <= day) or (self.due is not None and self.due <= day)


_RUNG: Final = sa.exists().where(reminder.c.task_id == task.c.id, reminder.c.state != word("void"))
_TASKS: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(
        task.c.id,
        task.c.visit_id,
        task.c.patient_id,
        task.c.site_id,
        patient.c.study_id,
        patient.c.study_version_id,
        task.c.kind,
        task.c.function,
        task.c.ladder,
        task.c.state,
        task.c.firm,
        task.c.opens,
        task.c.due,
        task.c.closes,
        task.c.next_step,
        task.c.next_attention_at,
        _RUNG.label("rung"),
    )
    .join(patient, patient.c.id == task.c.patient_id)
    .where(patient.c.state == word("followed"))
    .order_by(task.c.due, task.c.visit_id, task.c.id)
)
_BEGUN: Final = sa.or_(task.c.opens <= sa.bindparam("day"), task.c.due <= sa.bindparam("day"))
_OPEN_AT: Final = _TASKS.where(
    task.c.site_id.in_(sa.bindparam("sites", expanding=True)), task.c.state == TaskState.OPEN.value, _BEGUN
)
_FIRM_AT: Final = _OPEN_AT.where(task.c.firm == sa.true())
_THESE: Final = ForMany(lambda among: _TASKS.where(among(task.c.id, "tasks")))
_STEPS: Final = ForMany(
    lambda among: sa.select(reminder.c.task_id, reminder.c.step, reminder.c.announced_due).where(
        among(reminder.c.task_id, "tasks")
    )
)
_ANSWERED: Final = ForMany(
    lambda among: sa.select(answer.c.patient_id, answer.c.answered_at).where(
        among(answer.c.patient_id, "patients"), answer.c.answered_at >= sa.bindparam("since")
    )
)
_PASSED_OVER: Final = ForMany(
    lambda among: sa.select(audit.c.sequence, audit.c.at, audit.c.object_id, audit.c.sealed).where(
        audit.c.object_type == task.name,
        among(audit.c.object_id, "rows"),
        audit.c.action == "task.step_skipped",
        audit.c.sealed.is_not(None),
    )
)


def _task(row: sa.Row[*tuple[Any, ...]]) -> AgendaTask:
    return AgendaTask(
        id=row.id,
        visit_id=row.visit_id,
        patient_id=row.patient_id,
        site_id=row.site_id,
        study_id=row.study_id,
        study_version_id=row.study_version_id,
        kind=TaskKind(row.kind),
        function=SiteFunction(row.function),
        ladder=row.ladder,
        state=TaskState(row.state),
        firm=row.firm,
        opens=row.opens,
        due=row.due,
        closes=row.closes,
        next_step=row.next_step,
        next_attention_at=row.next_attention_at,
        rung=bool(row.rung),
    )


def open_at(tx: Tx, site_ids: Collection[UUID], *, begun_by: date) -> tuple[AgendaTask, ...]:
    """Open tasks at these sites that open or fall due by this day, the first due first. What is late is among them."""
    if not site_ids:
        return ()
    rows = tx.connection.execute(_OPEN_AT, {"sites": sorted(site_ids), "day": begun_by})
    return tuple(_task(row) for row in rows)


def firm_at(tx: Tx, site_ids: Collection[UUID], *, begun_by: date) -> tuple[AgendaTask, ...]:
    """Those of them whose dates count from what has happened."""
    if not site_ids:
        return ()
    rows = tx.connection.execute(_FIRM_AT, {"sites": sorted(site_ids), "day": begun_by})
    return tuple(_task(row) for row in rows)


def tasks_by_ids(tx: Tx, task_ids: Collection[UUID]) -> tuple[AgendaTask, ...]:
    """These tasks, whatever their state, the first due first."""
    if not task_ids:
        return ()
    return tuple(_task(row) for row in _THESE.rows(tx.connection, {"tasks": list(task_ids)}))


def steps_recorded(tx: Tx, task_ids: Collection[UUID]) -> frozenset[tuple[UUID, str, date]]:
    """Every step of these tasks that left a reminder, with the due date that it announced; void ones have their reason."""
    if not task_ids:
        return frozenset()
    rows = _STEPS.rows(tx.connection, {"tasks": list(task_ids)})
    return frozenset((row.task_id, row.step, row.announced_due) for row in rows)


def answered_since(tx: Tx, patient_ids: Collection[UUID], *, since: Instant) -> Mapping[UUID, frozenset[Instant]]:
    """When something was said about each of these patients since then; nothing for those of whom nothing was."""
    if not patient_ids:
        return {}
    found: dict[UUID, set[Instant]] = defaultdict(set)
    for row in _ANSWERED.rows(tx.connection, {"patients": list(patient_ids), "since": since}):
        found[row.patient_id].add(row.answered_at)
    return {patient_id: frozenset(moments) for patient_id, moments in found.items()}


def steps_passed_over(tx: Tx, task_ids: Collection[UUID]) -> Mapping[UUID, Mapping[tuple[str, date], Instant]]:
    """Of these tasks the steps of which the log says that there was nobody to tell, with the due date that each would have
    announced, and when that was (trial time).
    """
    if not task_ids:
        return {}
    found: dict[UUID, dict[tuple[str, date], Instant]] = defaultdict(dict)
    for row in _PASSED_OVER.rows(tx.connection, {"rows": [str(one) for one in task_ids]}):
        after = tx.unseal(audit, entry_row(row.sequence), row.sealed)["after"]
        if not isinstance(after, Mapping):
            raise TypeError("an entry about a step that was passed over says which")
        step = str(after["step"]), date.fromisoformat(str(after["announced_due"]))
        found[UUID(row.object_id)][step] = max(row.at, found[UUID(row.object_id)].get(step, row.at))
    return found
