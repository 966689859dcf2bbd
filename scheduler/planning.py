"""Plan and replan one patient: what the protocol wants against what stands, in the transaction that changed something.

What was sent stays recorded. What no longer holds is cancelled with its reason; a due date that moved rings its ladder
again, one that did not never rings twice. Nothing rings for a patient who is paused or whose course has ended.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from records import answers, outbox, patients, plans, reminders, schema, sites
from records.answers import AnswerRow
from records.database import Records
from records.patients import PatientStanding
from records.plans import Alarm, MovedTask, NewTask, TaskRow, VisitRow
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.alarms import (
    SILENT,
    Next,
    SiteTime,
    before_sitebell,
    hold_for_booking,
    hold_for_later,
    hold_for_plan,
    last_rung,
    next_alarm,
    next_morning,
)
from scheduler.definitions import Definitions, calendar_of, zone_of, zone_rules_version
from scheduler.refreshing import refresh_cards
from trial.answers import AnswerKind
from trial.ladder import TaskDates
from trial.moments import Instant
from trial.occurrences import definition_of
from trial.plan import ExistingTask, PlanChanges, PlannedVisit, TaskKey, changes, planned_tasks
from trial.study import EndsKind, Study
from trial.tasks import PlannedTask, TaskKind, TaskState
from trial.timeline import Certainty, Course, EventDate, Occurrence, ended_on

FOLLOWED: Final = "followed"
PAUSED: Final = "paused"
ENDED: Final = "ended"
CANCELLED_VISIT: Final = "cancelled"

_SHAPING: Final = (AnswerKind.DONE, AnswerKind.BOOKED, AnswerKind.LATER, AnswerKind.NO_LONGER_FOLLOWED)
_ENDS_ALL: Final = frozenset({EndsKind.ALL})


@dataclass(frozen=True, slots=True)
class Chart:
    """All that is known of one patient when a plan is made."""

    patient: PatientStanding
    site: SiteRow
    study: Study
    time: SiteTime
    course: Course
    tasks: tuple[TaskRow, ...]
    said: tuple[AnswerRow, ...]  # standing answers that shape the plan, the first given first

    @property
    def wanted_state(self) -> str:
        if ended_on(self.study, self.course, _ENDS_ALL) is not None:
            return ENDED
        left = any(answer.kind is AnswerKind.NO_LONGER_FOLLOWED for answer in self.said)
        return PAUSED if left else FOLLOWED


def read_chart(tx: Tx, studies: Definitions, patient_id: UUID) -> Chart:
    """What is known of this patient; keeps every other change of the patient waiting.

    Raises:
        KeyError: there is no such patient.
    """
    patient = patients.standing_of(tx, patient_id, lock=True)
    site = None if patient is None else sites.site_by_id(tx, patient.site_id)
    if patient is None or site is None:
        raise KeyError(patient_id)
    tasks = plans.tasks_of_patient(tx, patient_id)
    said = answers.standing_of_patient(tx, patient_id, kinds=_SHAPING)
    occurrences = {task.id: task.occurrence for task in tasks if task.kind is TaskKind.HOLD}
    return Chart(
        patient=patient,
        site=site,
        study=studies.of_version(tx, patient.study_version_id),
        time=site_time(site),
        course=Course(
            events={
                row.event: EventDate(row.day, Certainty(row.certainty)) for row in patients.events_of(tx, patient_id)
            },
            facts={row.fact: row.value for row in patients.facts_of(tx, patient_id)},
            held={
                occurrences[answer.task_id]: answer.said.day
                for answer in said
                if answer.kind is AnswerKind.DONE and answer.said.day is not None and answer.task_id in occurrences
            },
        ),
        tasks=tasks,
        said=said,
    )


def site_time(site: SiteRow) -> SiteTime:
    return SiteTime(zone_of(site.zone), calendar_of(site.country, site.region), site.rings_from)


def plan_patient(
    tx: Tx,
    studies: Definitions,
    patient_id: UUID,
    *,
    now: Instant,
    elapsed: Instant,
    because: str,
    by: UUID | None = None,
    answered: bool = False,
    rearm: Collection[UUID] = (),
    chart: Chart | None = None,
) -> PlanChanges:
    """Makes the records agree with the plan. Planning twice changes nothing.

    `because` is a closed word (`answer.recorded`); `answered` says that the site itself has just told us, and is left
    in peace about what follows from it until its next working morning; `rearm` names tasks whose alarm is set anew although their dates
    stay; `chart` is what is known of the patient, where this transaction has read and changed it already.

    Raises:
        KeyError: there is no such patient.
        DateOutOfRange: a date falls outside years 1900-2200.
    """
    chart = chart or read_chart(tx, studies, patient_id)
    state, wanted = chart.patient.state, chart.wanted_state
    resumed = False
    if state != wanted:
        patients.set_state(tx, patient_id, wanted, was=state)
        resumed = state == PAUSED
        tx.audit(
            f"patient.{wanted}",
            table=schema.patient,
            object_id=patient_id,
            by=by,
            at=now,
            recorded_at=elapsed,
            before={"state": state},
            after={"state": wanted},
            reason=because,
        )
    if wanted == PAUSED:
        _pause(tx, chart, now=now, elapsed=elapsed)
        return PlanChanges()
    if resumed:
        plans.set_patient_tasks(tx, patient_id, TaskState.OPEN, was=TaskState.PAUSED)
        chart = read_chart(tx, studies, patient_id)
    planned = planned_tasks(chart.study, chart.course, chart.time.calendar)
    wanted_changes = changes(planned, [_existing(task) for task in chart.tasks], study=chart.study, course=chart.course)
    touched, added = _apply(tx, chart, planned, wanted_changes)
    anew = {task.id for task in chart.tasks} if resumed else set(rearm)
    _set_alarms(tx, chart, wanted_changes, added=added, anew=anew, answered=answered, now=now)
    if wanted_changes:
        tx.audit(
            "plan.changed",
            table=schema.patient,
            object_id=patient_id,
            by=by,
            at=now,
            recorded_at=elapsed,
            after={
                "protocol": chart.study.version,
                "added": [_named(task.key) for _, task in wanted_changes.add],
                "moved": [_named(key) for key, _ in wanted_changes.move],
                "cancelled": [f"{_named(key)} {reason.value}" for key, reason in wanted_changes.cancel],
                "revived": [_named(key) for key, _ in wanted_changes.revive],
            },
            reason=because,
        )
    if resumed or touched:
        refresh_cards(tx, {task.visit_id for task in chart.tasks} if resumed else touched, now=now, elapsed=elapsed)
    return wanted_changes


def replan_all(records: Records, studies: Definitions, *, now: Instant, elapsed: Instant, because: str) -> int:
    """Replans every patient, each in a transaction of its own; how many had something to change."""
    with records.read() as tx:
        everybody = patients.patient_ids(tx)
    changed = 0
    for patient_id in everybody:
        with records.begin() as tx:
            changed += bool(plan_patient(tx, studies, patient_id, now=now, elapsed=elapsed, because=because))
    return changed


def _existing(task: TaskRow) -> ExistingTask:
    return ExistingTask(
        occurrence=task.occurrence,
        name=task.name,
        state=task.state,
        firm=task.firm,
        opens=task.opens,
        due=task.due,
        closes=task.closes,
    )


def _named(key: TaskKey) -> str:
    return "/".join(key)


# --- pausing ----------------------------------------------------------------------------------------------------------


def _pause(tx: Tx, chart: Chart, *, now: Instant, elapsed: Instant) -> None:
    """Stops every ring for this patient at once, also those that were on their way."""
    patient_id = chart.patient.id
    if not plans.set_patient_tasks(tx, patient_id, TaskState.PAUSED, was=TaskState.OPEN):
        return
    visits = {task.visit_id for task in chart.tasks}
    reminders.void_patients_reminders(tx, patient_id, because="patient_paused")
    outbox.void_waiting(tx, "patient_paused", now=now, visits=sorted(visits))
    refresh_cards(tx, visits, now=now, elapsed=elapsed)


# --- visits and tasks -------------------------------------------------------------------------------------------------


def _apply(
    tx: Tx, chart: Chart, planned: Sequence[PlannedVisit], wanted: PlanChanges
) -> tuple[set[UUID], tuple[UUID, ...]]:
    """Writes the visits and tasks; the visits that changed, and the tasks that are new."""
    ids, touched = _write_visits(tx, chart, [visit.occurrence for visit in planned], wanted)
    by_key = {task.key: task for task in chart.tasks}
    added = plans.add_tasks(
        tx,
        [_new_task(chart, ids[occurrence.id], task) for occurrence, task in wanted.add],
        tzdata=zone_rules_version(),
    )
    plans.move_tasks(tx, [_moved(by_key[key].id, task) for key, task in wanted.move], was=TaskState.OPEN)
    plans.move_tasks(tx, [_moved(by_key[key].id, task) for key, task in wanted.revive], was=TaskState.CANCELLED)
    plans.cancel_tasks(tx, [(by_key[key].id, reason.value) for key, reason in wanted.cancel])
    reminders.void_tasks_reminders(tx, [by_key[key].id for key, _ in wanted.cancel], because="cancelled")
    moved = [by_key[key].id for key, task in wanted.move if by_key[key].due != task.due]
    reminders.void_tasks_reminders(tx, moved, because="due_moved")
    touched |= {ids[occurrence.id] for occurrence, _ in wanted.add}
    touched |= {by_key[key].visit_id for key, _ in (*wanted.move, *wanted.cancel, *wanted.revive)}
    return touched, added


def _write_visits(
    tx: Tx, chart: Chart, planned: Sequence[Occurrence], wanted: PlanChanges
) -> tuple[dict[str, UUID], set[UUID]]:
    standing = {visit.occurrence: visit for visit in plans.visits_of(tx, chart.patient.id)}
    ids = {occurrence: visit.id for occurrence, visit in standing.items()}
    new: list[VisitRow] = []
    changed: list[VisitRow] = []
    for occurrence in planned:
        known = standing.get(occurrence.id)
        row = _visit(chart, occurrence, tx.new_id() if known is None else known.id)
        if known is None:
            new.append(row)
            ids[occurrence.id] = row.id
        elif row != known:
            changed.append(row)
    changed += _no_longer_wanted(chart, standing, {occurrence.id for occurrence in planned}, wanted)
    plans.add_visits(tx, new)
    plans.change_visits(tx, changed)
    return ids, {row.id for row in changed}


def _no_longer_wanted(
    chart: Chart, standing: Mapping[str, VisitRow], planned: Collection[str], wanted: PlanChanges
) -> Iterable[VisitRow]:
    """Visits of which nothing is left but cancelled tasks. One with an answer stays what it was."""
    cancelled = {key for key, _ in wanted.cancel}
    left = {
        task.occurrence for task in chart.tasks if task.state is not TaskState.CANCELLED and task.key not in cancelled
    }
    for occurrence, visit in standing.items():
        if occurrence not in planned and occurrence not in left and visit.status != CANCELLED_VISIT:
            yield VisitRow(
                id=visit.id,
                patient_id=visit.patient_id,
                site_id=visit.site_id,
                occurrence=visit.occurrence,
                definition=visit.definition,
                status=CANCELLED_VISIT,
                target=visit.target,
                earliest=visit.earliest,
                latest=visit.latest,
                study_version=visit.study_version,
            )


def _visit(chart: Chart, occurrence: Occurrence, visit_id: UUID) -> VisitRow:
    return VisitRow(
        id=visit_id,
        patient_id=chart.patient.id,
        site_id=chart.patient.site_id,
        occurrence=occurrence.id,
        definition=occurrence.definition_id,
        status=occurrence.status.value,
        target=occurrence.target,
        earliest=occurrence.earliest,
        latest=occurrence.latest,
        study_version=chart.study.version,
    )


def _new_task(chart: Chart, visit_id: UUID, task: PlannedTask) -> NewTask:
    return NewTask(
        visit_id=visit_id,
        patient_id=chart.patient.id,
        site_id=chart.patient.site_id,
        name=task.name,
        kind=task.kind,
        function=task.function,
        ladder=task.ladder,
        firm=task.firm,
        opens=task.opens,
        due=task.due,
        closes=task.closes,
    )


def _moved(task_id: UUID, task: PlannedTask) -> MovedTask:
    return MovedTask(
        task_id=task_id,
        ladder=task.ladder,
        function=task.function,
        firm=task.firm,
        opens=task.opens,
        due=task.due,
        closes=task.closes,
    )


# --- alarms -----------------------------------------------------------------------------------------------------------


def _set_alarms(
    tx: Tx,
    chart: Chart,
    wanted: PlanChanges,
    *,
    added: Collection[UUID],
    anew: Collection[UUID],
    answered: bool,
    now: Instant,
) -> None:
    """Sets the alarm of every task that is new, moved, revived or named."""
    before = {task.key: task for task in chart.tasks}
    by_id = {task.id: task for task in chart.tasks}
    changed = {*added, *(before[key].id for key, _ in (*wanted.move, *wanted.revive))}
    named = set(anew) - changed - {before[key].id for key, _ in wanted.cancel}
    tasks = [
        task
        for task in (*plans.tasks_by_ids(tx, changed), *(by_id[task_id] for task_id in named if task_id in by_id))
        if task.state is TaskState.OPEN
    ]
    rung = reminders.steps_rung(tx, [task.id for task in tasks])
    alarms = []
    for task in tasks:
        known = before.get(task.key)
        held = None if known is None else _held_until(chart, task, due_moved=known.due != task.due, now=now)
        alarm = _alarm(chart, task, rung[task.id], held, answered=answered, now=now)
        alarms.append(Alarm(task.id, alarm.step, alarm.at, zone_rules_version()))
    plans.set_alarms(tx, alarms)


def _alarm(
    chart: Chart,
    task: TaskRow,
    rung: Collection[tuple[str, date]],
    held: Instant | None,
    *,
    answered: bool,
    now: Instant,
) -> Next:
    ladder = chart.study.ladders.get(task.ladder)
    if ladder is None:
        return SILENT
    dates = _dates(task)
    after = last_rung(ladder, dates, rung)
    # What was due before the site began rings once it was asked for, has rung, or follows from what the site says now.
    news = held is not None or after is not None or (answered and chart.time.today(now) >= chart.time.rings_from)
    if before_sitebell(task.due, chart.time) and not news:
        return SILENT
    quiet = next_morning(chart.time, now) if answered else None
    return next_alarm(ladder, dates, chart.time, after=after, held_until=held, quiet_until=quiet)


def _dates(task: TaskRow) -> TaskDates:
    return TaskDates(task.opens, task.due, task.closes, task.firm)


def _held_until(chart: Chart, task: TaskRow, *, due_moved: bool, now: Instant) -> Instant | None:
    """Until when an answer keeps this task quiet. A promise to ring later ends when the due date itself moves."""
    said = [answer for answer in chart.said if answer.task_id == task.id]
    if not said:
        return None
    last = said[-1]
    at: Instant | None = None
    match last.kind:
        case AnswerKind.LATER if last.said.until is not None and not due_moved:
            at = hold_for_later(last.said.until, closes=task.closes, site=chart.time, now=now)
        case AnswerKind.BOOKED if last.said.day is not None and not _records_an_event(chart, task):
            at = hold_for_booking(last.said.day, site=chart.time)
        case AnswerKind.BOOKED if last.said.day == task.due and task.ladder in chart.study.ladders:
            at = hold_for_plan(chart.study.ladders[task.ladder], _dates(task), site=chart.time)
        case _:
            pass
    return at if at is not None and at > now else None


def _records_an_event(chart: Chart, task: TaskRow) -> bool:
    """Whether a booking of this task plans an event: then its own dates have moved to the day booked."""
    if task.kind is TaskKind.EVENT:
        return True
    visit = definition_of(chart.study, task.occurrence)
    return task.kind is TaskKind.HOLD and visit is not None and visit.records is not None
