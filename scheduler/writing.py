"""A plan as rows: the visits and tasks that a patient's protocol wants, written where they differ from what stands."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from records import plans, reminders
from records.patients import PatientStanding
from records.plans import TaskRow, VisitRow
from records.transaction import Tx
from scheduler.definitions import zone_rules_version
from trial.plan import PlanChanges, PlannedVisit
from trial.tasks import PlannedTask, TaskState
from trial.timeline import Occurrence

CANCELLED_VISIT: Final = "cancelled"


def write_plan(
    tx: Tx,
    patient: PatientStanding,
    version: str,
    tasks: Sequence[TaskRow],
    planned: Sequence[PlannedVisit],
    wanted: PlanChanges,
) -> tuple[set[UUID], tuple[TaskRow, ...]]:
    """Writes a patient's visits and tasks, as this protocol version wants them; the visits that changed, and the tasks that
    are new or have other dates now. `tasks` are those that there were. What no longer holds is told to nobody.
    """
    ids, touched = _write_visits(tx, patient, version, tasks, planned, wanted)
    by_key = {task.key: task for task in tasks}
    added = [_new_task(tx, patient, ids[occurrence.id], occurrence.id, task) for occurrence, task in wanted.add]
    moved = [_moved(by_key[key], task) for key, task in wanted.move]
    revived = [_moved(by_key[key], task) for key, task in wanted.revive]
    plans.add_tasks(tx, added, tzdata=zone_rules_version())
    plans.move_tasks(tx, moved, was=TaskState.OPEN)
    plans.move_tasks(tx, revived, was=TaskState.CANCELLED)
    plans.cancel_tasks(tx, [(by_key[key].id, reason.value) for key, reason in wanted.cancel])
    reminders.void_tasks_reminders(tx, [by_key[key].id for key, _ in wanted.cancel], because="cancelled")
    due_moved = [task.id for task in moved if task.due != by_key[task.key].due]
    reminders.void_tasks_reminders(tx, due_moved, because="due_moved")
    touched |= {ids[occurrence.id] for occurrence, _ in wanted.add}
    touched |= {by_key[key].visit_id for key, _ in (*wanted.move, *wanted.cancel, *wanted.revive)}
    return touched, (*added, *moved, *revived)


def _write_visits(
    tx: Tx,
    patient: PatientStanding,
    version: str,
    tasks: Sequence[TaskRow],
    planned: Sequence[PlannedVisit],
    wanted: PlanChanges,
) -> tuple[dict[str, UUID], set[UUID]]:
    standing = {visit.occurrence: visit for visit in plans.visits_of(tx, patient.id)}
    ids = {occurrence: visit.id for occurrence, visit in standing.items()}
    new: list[VisitRow] = []
    changed: list[VisitRow] = []
    for visit in planned:
        occurrence = visit.occurrence
        known = standing.get(occurrence.id)
        row = _visit(patient, visit.version or version, occurrence, tx.new_id() if known is None else known.id)
        if known is None:
            new.append(row)
            ids[occurrence.id] = row.id
        elif row != known:
            changed.append(row)
    changed += _no_longer_wanted(tasks, standing, {visit.occurrence.id for visit in planned}, wanted)
    plans.add_visits(tx, new)
    plans.change_visits(tx, changed)
    return ids, {row.id for row in changed}


def _no_longer_wanted(
    tasks: Sequence[TaskRow], standing: Mapping[str, VisitRow], planned: Collection[str], wanted: PlanChanges
) -> Iterable[VisitRow]:
    """Visits of which nothing is left but cancelled tasks. One with an answer stays what it was."""
    cancelled = {key for key, _ in wanted.cancel}
    left = {task.occurrence for task in tasks if task.state is not TaskState.CANCELLED and task.key not in cancelled}
    for occurrence, visit in standing.items():
        if occurrence not in planned and occurrence not in left and visit.status != CANCELLED_VISIT:
            yield replace(visit, status=CANCELLED_VISIT)


def _visit(patient: PatientStanding, version: str, occurrence: Occurrence, visit_id: UUID) -> VisitRow:
    return VisitRow(
        id=visit_id,
        patient_id=patient.id,
        site_id=patient.site_id,
        occurrence=occurrence.id,
        definition=occurrence.definition_id,
        status=occurrence.status.value,
        target=occurrence.target,
        earliest=occurrence.earliest,
        latest=occurrence.latest,
        study_version=version,
    )


def _new_task(tx: Tx, patient: PatientStanding, visit_id: UUID, occurrence: str, task: PlannedTask) -> TaskRow:
    return TaskRow(
        id=tx.new_id(),
        visit_id=visit_id,
        patient_id=patient.id,
        site_id=patient.site_id,
        occurrence=occurrence,
        name=task.name,
        kind=task.kind,
        function=task.function,
        ladder=task.ladder,
        state=TaskState.OPEN,
        cancelled_because=None,
        firm=task.firm,
        opens=task.opens,
        due=task.due,
        closes=task.closes,
        next_step=None,
        next_attention_at=None,
    )


def _moved(known: TaskRow, task: PlannedTask) -> TaskRow:
    return replace(
        known,
        function=task.function,
        ladder=task.ladder,
        state=TaskState.OPEN,
        cancelled_because=None,
        firm=task.firm,
        opens=task.opens,
        due=task.due,
        closes=task.closes,
    )
