"""Plan and replan one patient: what the protocol wants against what stands, in the transaction that changed something.

What was sent stays recorded. What no longer holds is cancelled with its reason; a due date that moved rings its ladder
again, one that did not never rings twice. Nothing rings for a patient who is paused or whose course has ended.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from records import answers, office_items, outbox, patients, plans, reminders, schema
from records.answers import AnswerRow
from records.database import Records
from records.edits import Again, put_edits
from records.patients import PatientStanding
from records.plans import Alarm, TaskRow, VisitRow
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.alarms import (
    HELP,
    SILENT,
    WAITS_FOR_HELP,
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
from scheduler.definitions import Definitions, zone_rules_version
from scheduler.there import site_time_of
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
    confirmed: frozenset[UUID] = frozenset()  # answers that an event of the patient's course stands for

    @property
    def wanted_state(self) -> str:
        if ended_on(self.study, self.course, _ENDS_ALL) is not None:
            return ENDED
        # Paused until somebody has confirmed it: then the event that was recorded closes what it should.
        left = any(
            answer.kind is AnswerKind.NO_LONGER_FOLLOWED and answer.id not in self.confirmed for answer in self.said
        )
        return PAUSED if left else FOLLOWED


def read_chart(tx: Tx, studies: Definitions, patient_id: UUID) -> Chart:
    """What is known of this patient; keeps every other change of the patient waiting.

    Raises:
        KeyError: there is no such patient.
    """
    locked = patients.locked(tx, patient_id)
    if locked is None:
        raise KeyError(patient_id)
    # In statements of their own: what another change has just committed is seen behind the lock only.
    patient, site = locked
    tasks = plans.tasks_of_patient(tx, patient_id)
    said = answers.standing_of_patient(tx, patient_id, kinds=_SHAPING)
    known = patients.known_of(tx, patient_id)
    occurrences = {task.id: task.occurrence for task in tasks if task.kind is TaskKind.HOLD}
    return Chart(
        patient=patient,
        site=site,
        study=studies.of_version(tx, patient.study_version_id),
        time=site_time_of(tx, site),
        course=Course(
            events={row.event: EventDate(row.day, Certainty(row.certainty)) for row in known.events},
            facts={row.fact: row.value for row in known.facts},
            held={
                occurrences[answer.task_id]: answer.said.day
                for answer in said
                if answer.kind is AnswerKind.DONE and answer.said.day is not None and answer.task_id in occurrences
            },
        ),
        tasks=tasks,
        said=said,
        confirmed=frozenset(row.answer_id for row in known.events if row.answer_id is not None),
    )


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
    visits: Collection[UUID] = (),
    again: Again | None = None,
) -> PlanChanges:
    """Makes the records agree with the plan. Planning twice changes nothing.

    `because` is a closed word (`answer.recorded`); `answered` says that the site itself has just told us, and is left
    in peace about what follows from it until its next working morning; `rearm` names tasks whose alarm is set anew although their dates
    stay; `chart` is what is known of the patient, where this transaction has read and changed it already; `visits` are
    those whose cards follow in any case, and `again` whose card does so once more later.

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
        paused = _pause(tx, chart, now=now)
        put_edits(tx, {*visits, *paused}, now=now, elapsed=elapsed, again=again)
        return PlanChanges()
    if resumed:
        plans.set_patient_tasks(tx, patient_id, TaskState.OPEN, was=TaskState.PAUSED)
        chart = read_chart(tx, studies, patient_id)
    planned = planned_tasks(chart.study, chart.course, chart.time.calendar)
    wanted_changes = changes(planned, [_existing(task) for task in chart.tasks], study=chart.study, course=chart.course)
    touched, changed = _apply(tx, chart, planned, wanted_changes)
    anew = {task.id for task in chart.tasks} if resumed else set(rearm)
    _set_alarms(tx, chart, wanted_changes, changed=changed, anew=anew, answered=answered, now=now)
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
    touched |= {task.visit_id for task in chart.tasks} if resumed else set(visits)
    put_edits(tx, touched, now=now, elapsed=elapsed, again=again)
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


def _pause(tx: Tx, chart: Chart, *, now: Instant) -> set[UUID]:
    """Stops every ring for this patient at once, also those that were on their way; the visits that changed."""
    patient_id = chart.patient.id
    if not plans.set_patient_tasks(tx, patient_id, TaskState.PAUSED, was=TaskState.OPEN):
        return set()
    visits = {task.visit_id for task in chart.tasks}
    reminders.void_patients_reminders(tx, patient_id, because="patient_paused")
    outbox.void_waiting(tx, "patient_paused", now=now, visits=sorted(visits))
    return visits


# --- visits and tasks -------------------------------------------------------------------------------------------------


def _apply(
    tx: Tx, chart: Chart, planned: Sequence[PlannedVisit], wanted: PlanChanges
) -> tuple[set[UUID], tuple[TaskRow, ...]]:
    """Writes the visits and tasks; the visits that changed, and the tasks that are new or have other dates now."""
    ids, touched = _write_visits(tx, chart, [visit.occurrence for visit in planned], wanted)
    by_key = {task.key: task for task in chart.tasks}
    added = [_new_task(tx, chart, ids[occurrence.id], occurrence.id, task) for occurrence, task in wanted.add]
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
            yield replace(visit, status=CANCELLED_VISIT)


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


def _new_task(tx: Tx, chart: Chart, visit_id: UUID, occurrence: str, task: PlannedTask) -> TaskRow:
    return TaskRow(
        id=tx.new_id(),
        visit_id=visit_id,
        patient_id=chart.patient.id,
        site_id=chart.patient.site_id,
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


# --- help -------------------------------------------------------------------------------------------------------------


def wait_for_help(tx: Tx, task_id: UUID) -> None:
    """Somebody asked for help with an open task: from now on it is silent, what was on its way included.

    Call it once the item of the office is open: until that is closed, planning leaves the task alone.
    """
    reminders.void_tasks_reminders(tx, [task_id], because="help")
    plans.ring_again(tx, [task_id], step=HELP, at=None)


def go_on_after_help(tx: Tx, studies: Definitions, task_id: UUID, *, now: Instant) -> bool:
    """The office has looked at it and closed the item: the task rings on the next working morning, or on the day that
    the site has promised meanwhile. False: it is not open any more, or somebody still waits for help with it.
    """
    task = plans.task_by_id(tx, task_id)
    if task is None:
        return False
    chart = read_chart(tx, studies, task.patient_id)
    # What is read behind the lock holds.
    task = next(one for one in chart.tasks if one.id == task_id)
    if task.state is not TaskState.OPEN or chart.patient.state != FOLLOWED:
        return False
    if office_items.asking_for_help(tx, [task_id]):
        return False
    promised = _held_until(chart, task, due_moved=False, now=now)
    held = max(moment for moment in (promised, next_morning(chart.time, now)) if moment is not None)
    rung = reminders.steps_rung(tx, [task_id])[task_id]
    alarm = _alarm(chart, task, rung, held, answered=False, now=now)
    plans.set_alarms(tx, [Alarm(task_id, alarm.step, alarm.at, zone_rules_version())])
    return True


# --- alarms -----------------------------------------------------------------------------------------------------------


def _set_alarms(
    tx: Tx,
    chart: Chart,
    wanted: PlanChanges,
    *,
    changed: Sequence[TaskRow],
    anew: Collection[UUID],
    answered: bool,
    now: Instant,
) -> None:
    """Sets the alarm of every task that is new, moved, revived or named."""
    before = {task.key: task for task in chart.tasks}
    named = set(anew) - {task.id for task in changed} - {before[key].id for key, _ in wanted.cancel}
    tasks = [*changed, *(task for task in chart.tasks if task.id in named and task.state is TaskState.OPEN)]
    rung = reminders.steps_rung(tx, [task.id for task in tasks])
    helped = office_items.asking_for_help(tx, [task.id for task in tasks])
    alarms = []
    for task in tasks:
        if task.id in helped:
            alarms.append(Alarm(task.id, WAITS_FOR_HELP.step, WAITS_FOR_HELP.at, zone_rules_version()))
            continue
        known = before.get(task.key)
        held = None if known is None else _held_until(chart, task, due_moved=known.due != task.due, now=now)
        alarm = _alarm(chart, task, rung[task.id], held, answered=answered, now=now)
        alarms.append(Alarm(task.id, alarm.step, alarm.at, zone_rules_version()))
    plans.set_alarms(tx, alarms)


def _alarm(
    chart: Chart,
    task: TaskRow,
    rung: Mapping[tuple[str, date], Instant],
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
    asked_for = task.next_attention_at is not None or held is not None
    news = asked_for or after is not None or (answered and chart.time.today(now) >= chart.time.rings_from)
    quiet = next_morning(chart.time, now) if answered else None
    if before_sitebell(task.due, chart.time):
        if not news:
            return SILENT
        quiet = quiet or task.next_attention_at  # asked for from then on, not from any earlier moment on
    rung_at = None if after is None or task.due is None else rung.get((after.value, task.due))
    return next_alarm(
        ladder,
        dates,
        chart.time,
        after=after,
        held_until=held,
        quiet_until=quiet,
        rung_on=None if rung_at is None else chart.time.today(rung_at),
    )


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
