"""Plan and replan one patient: what the protocol wants against what stands, in the transaction that changed something.

What was sent stays recorded. What no longer holds is cancelled with its reason; a due date that moved rings its ladder
again, one that did not never rings twice. Nothing rings for a patient who is paused or whose course has ended.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from records import agenda, answers, office_items, outbox, patients, plans, releases, reminders, schema
from records.answers import AnswerRow
from records.edits import Again, put_edits
from records.patients import PatientStanding
from records.plans import Alarm, TaskRow
from records.releases import VersionRow
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
from scheduler.writing import write_plan
from trial.amending import InForce, names_of, planned_by
from trial.answers import AnswerKind
from trial.ladder import TaskDates
from trial.moments import Instant
from trial.occurrences import definition_of
from trial.plan import ExistingTask, PlanChanges, PlannedVisit, TaskKey, changes
from trial.study import EndsKind, Study
from trial.tasks import TaskKind, TaskState
from trial.timeline import Certainty, Course, EventDate, ended_on

FOLLOWED: Final = "followed"
PAUSED: Final = "paused"
ENDED: Final = "ended"

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
    chain: tuple[InForce, ...] = ()  # the versions that plan it, `study` last; empty where that is the only one

    @property
    def versions(self) -> tuple[InForce, ...]:
        return self.chain or (InForce(self.study, None),)

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
    study = studies.of_version(tx, patient.study_version_id)
    return Chart(
        patient=patient,
        site=site,
        study=study,
        # Only where there was a version before can there be a chain.
        chain=chain_in_force(tx, studies, releases.chain_of(tx, patient_id)) if study.earlier else (),
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


def chain_in_force(tx: Tx, studies: Definitions, chain: Iterable[VersionRow]) -> tuple[InForce, ...]:
    """The definitions of a patient's versions."""
    return tuple(InForce(studies.of_version(tx, link.study_version_id), link.since) for link in chain)


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
    planned = planned_by(chart.versions, chart.course, chart.time.calendar)
    if _rename(tx, chart, planned):
        chart = read_chart(tx, studies, patient_id)
    wanted_changes = changes(planned, [_existing(task) for task in chart.tasks], study=chart.study, course=chart.course)
    touched, changed = write_plan(tx, chart.patient, chart.study.version, chart.tasks, planned, wanted_changes)
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


def _rename(tx: Tx, chart: Chart, planned: Iterable[PlannedVisit]) -> bool:
    """Visits that another version of the patient's plans go by its name for them, and keep their row: their answers, their
    cards and what was told. Whether there are any.
    """
    if len(chart.versions) == 1:
        return False
    wanted = {visit.occurrence.id: visit.occurrence for visit in planned}
    standing = {visit.occurrence for visit in plans.visits_of(tx, chart.patient.id)}
    names = []
    for was in sorted(standing - wanted.keys()):
        now = next((name for name in names_of(chart.versions, was) if name in wanted and name not in standing), None)
        if now is not None:
            names.append((was, now, wanted[now].definition_id))
    releases.rename_visits(tx, chart.patient.id, names)
    return bool(names)


def _existing(task: TaskRow) -> ExistingTask:
    return ExistingTask(
        occurrence=task.occurrence,
        name=task.name,
        state=task.state,
        firm=task.firm,
        opens=task.opens,
        due=task.due,
        closes=task.closes,
        function=task.function,
        ladder=task.ladder,
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


# --- help -------------------------------------------------------------------------------------------------------------


def wait_for_help(tx: Tx, chart: Chart, asked: TaskRow) -> None:
    """Somebody asked for help with this task: from now on its whole visit is silent, what was on its way included. A task
    of the visit that would not have rung any more has nothing to wait for.

    Call it once the item of the office is open: until that is closed, planning leaves the visit alone.
    """
    tasks = {task.id: task for task in _open_of_visit(chart, asked.visit_id)}
    before = reminders.steps_rung(tx, tasks)
    reminders.void_tasks_reminders(tx, sorted(tasks), because="help")
    after = reminders.steps_rung(tx, tasks)
    waiting = [
        task.id
        for task in tasks.values()
        if task.id == asked.id or task.next_attention_at is not None or before[task.id] != after[task.id]
    ]
    plans.ring_again(tx, waiting, step=HELP, at=None)


def go_on_after_help(tx: Tx, chart: Chart, visit_id: UUID, *, asked: UUID | None = None, now: Instant) -> bool:
    """Nobody waits for help with this visit any more. What had rung of it, and the task that somebody had `asked` with,
    rings on the next working morning, or on the day that the site has promised meanwhile; the rest goes on where it
    stood, from that morning on. False: nothing of it waits, or somebody still waits for help.

    The chart was read in this transaction, before the item was closed.
    """
    if chart.patient.state != FOLLOWED or office_items.asking_for_help(tx, [visit_id]):
        return False
    tasks = [task for task in _open_of_visit(chart, visit_id) if task.next_step == HELP or task.id == asked]
    rung = _steps_taken(tx, chart, tasks, now=now)
    morning = next_morning(chart.time, now)
    alarms = []
    for task in tasks:
        held = _held_until(chart, task, due_moved=False, now=now)
        if task.id == asked or any(due == task.due for _, due in rung[task.id]):
            held = max(held or morning, morning)
        alarm = _alarm(chart, task, rung[task.id], held, answered=True, now=now)
        alarms.append(Alarm(task.id, alarm.step, alarm.at, zone_rules_version()))
    plans.set_alarms(tx, alarms)
    return bool(alarms)


def _open_of_visit(chart: Chart, visit_id: UUID) -> Iterable[TaskRow]:
    return (task for task in chart.tasks if task.visit_id == visit_id and task.state is TaskState.OPEN)


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
    rung = _steps_taken(tx, chart, tasks, now=now)
    helped = office_items.asking_for_help(tx, {task.visit_id for task in tasks})
    alarms = []
    for task in tasks:
        known = before.get(task.key)
        held = None if known is None else _held_until(chart, task, due_moved=known.due != task.due, now=now)
        alarm = _alarm(chart, task, rung[task.id], held, answered=answered, now=now)
        asking = helped.get(task.visit_id)
        if asking is not None and (alarm.at is not None or task.next_step == HELP or task.id in asking):
            alarm = WAITS_FOR_HELP
        alarms.append(Alarm(task.id, alarm.step, alarm.at, zone_rules_version()))
    plans.set_alarms(tx, alarms)


def _steps_taken(
    tx: Tx, chart: Chart, tasks: Iterable[TaskRow], *, now: Instant
) -> Mapping[UUID, Mapping[tuple[str, date], Instant]]:
    """What was rung of each of these, and of what was late before this also what was passed over, because there was nobody
    to tell: a ladder goes on from there.
    """
    today = chart.time.today(now)
    known = {task.key: task.due for task in chart.tasks}
    rung = reminders.steps_rung(tx, [task.id for task in tasks])
    late = [task for task in tasks if task.closes is not None and task.closes < today]
    passed_over = agenda.steps_passed_over(tx, [task.id for task in late if known.get(task.key) == task.due])
    return {task_id: {**passed_over.get(task_id, {}), **steps} for task_id, steps in rung.items()}


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
    asked_for = task.next_attention_at is not None or task.next_step == HELP or held is not None
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
