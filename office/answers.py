"""What people say about tasks: judged, recorded, and put into force in the caller's transaction.

An answer is an immutable record and no electronic signature (decision 0008). Taking one back is a record too; what the
answer did is reversed by planning from the answers that remain.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from office.cards import UNDO_WITHIN
from office.judging import CLOSING, Effects, Question, Refusal, and_effects, effects, judge
from office.leaving import tell_of_leaving
from records import answers, patients, people, plans, reminders, schema
from records.answers import AnswerRow, said_to_data
from records.edits import Again, put_edits
from records.plans import TaskRow, VisitPlace
from records.transaction import Tx
from scheduler.alarms import hold_for_later
from scheduler.definitions import Definitions, zone_of
from scheduler.planning import Chart, plan_patient, read_chart
from trial.access import Action, Actor, may
from trial.answers import AnswerKind, Said, Via
from trial.course_checks import course_problems
from trial.moments import DateOutOfRange, Instant, local_day
from trial.plan import planned_tasks
from trial.tasks import TaskKind, TaskState

__all__ = ["AlreadyAnswered", "Outcome", "Recorded", "Refusal", "Said", "Undone", "record_answer", "undo_answer"]

_PROMISES: Final = frozenset({AnswerKind.BOOKED, AnswerKind.LATER})


@dataclass(frozen=True, slots=True)
class Recorded:
    """The answer stands. `said` is what was recorded: `clamped` where `until` was brought back to the window's end."""

    answer_id: UUID
    patient_id: UUID
    visit_id: UUID
    task_id: UUID
    kind: AnswerKind
    said: Said
    clamped: bool


@dataclass(frozen=True, slots=True)
class AlreadyAnswered:
    """The same was said before: by whom and when."""

    answer_id: UUID
    visit_id: UUID
    task_id: UUID
    kind: AnswerKind
    said: Said
    by: str | None  # the name of our user
    at: Instant  # trial time


@dataclass(frozen=True, slots=True)
class Undone:
    """The answer was taken back."""

    answer_id: UUID  # of the undoing
    undone: UUID
    visit_id: UUID
    task_id: UUID | None


Outcome = Recorded | AlreadyAnswered | Refusal


def record_answer(
    tx: Tx,
    studies: Definitions,
    place: VisitPlace,
    actor: Actor,
    *,
    task_id: UUID,
    kind: AnswerKind,
    said: Said,
    via: Via,
    now: Instant,
    elapsed: Instant,
    again_at: Instant | None = None,
) -> Outcome:
    """Records what a person said about a task, with everything that follows from it. A refusal writes nothing.

    `place` and `actor` were read in this transaction: where the task's visit belongs, and who says it, with their rights.
    The cards of what changes are brought up to date; that of `actor` once more at `again_at` (elapsed).
    """
    if not _allowed(actor, Action.ANSWER, place, now=now):
        return Refusal.NOT_ALLOWED
    # From here on nobody else changes this patient: what is read now is what the answer is judged against.
    chart = read_chart(tx, studies, place.patient_id)
    task = next((task for task in chart.tasks if task.id == task_id and task.visit_id == place.visit_id), None)
    if task is None:
        return Refusal.UNKNOWN
    question = _question(chart, task, place, now)
    refused = judge(question, kind, said)
    said, clamped = (said, False) if refused is not None else _clamped(chart, task, kind, said, now)
    before = _said_before(tx, chart, task, kind, said)
    if before is not None:
        return before
    if task.state is not TaskState.OPEN or task.due is None:
        # Without dates its visit was not held, or is not known to take place: there is nothing to say about it yet.
        return Refusal.CLOSED
    if refused is not None:
        return refused
    follows = effects(question, kind, said)
    refused = _against_the_course(chart, question, follows)
    if refused is not None:
        return refused
    answer_id = put_into_force(
        tx,
        studies,
        chart,
        task,
        follows,
        person_id=actor.person_id,
        kind=kind,
        via=via,
        said=said,
        now=now,
        elapsed=elapsed,
        again_at=again_at,
    )
    return Recorded(answer_id, task.patient_id, task.visit_id, task_id, kind, said, clamped)


def _allowed(actor: Actor, action: Action, place: VisitPlace, *, now: Instant) -> bool:
    today = local_day(now, zone_of(place.zone))
    return may(actor, action, study_id=place.study_id, site_id=place.site_id, today=today)


def _question(chart: Chart, task: TaskRow, place: VisitPlace, now: Instant) -> Question:
    return Question(
        study=chart.study,
        course=chart.course,
        occurrence=task.occurrence,
        task_kind=task.kind,
        earliest=place.earliest,
        today=chart.time.today(now),
    )


def _clamped(chart: Chart, task: TaskRow, kind: AnswerKind, said: Said, now: Instant) -> tuple[Said, bool]:
    """`later` is brought back into the window: the day that holds instead, and whether it is another one."""
    if kind is not AnswerKind.LATER or said.until is None:
        return said, False
    day = chart.time.today(hold_for_later(said.until, closes=task.closes, site=chart.time, now=now))
    return (replace(said, until=day), True) if day < said.until else (said, False)


def _said_before(tx: Tx, chart: Chart, task: TaskRow, kind: AnswerKind, said: Said) -> AlreadyAnswered | None:
    """The standing answer that says the very same, if that is how the task stands."""
    last: AnswerRow | None = None
    if task.state is TaskState.PAUSED:
        left = [one for one in chart.said if one.kind is AnswerKind.NO_LONGER_FOLLOWED]
        last = left[-1] if left else None
    elif task.state is not TaskState.OPEN or kind in _PROMISES:
        standing = answers.standing_of_task(tx, task.id)
        last = standing[-1] if standing else None
    if last is None or last.kind is not kind or last.said != said:
        return None
    by = None if last.person_id is None else people.person_by_id(tx, last.person_id)
    return AlreadyAnswered(
        answer_id=last.id,
        visit_id=last.visit_id,
        task_id=task.id,
        kind=kind,
        said=last.said,
        by=None if by is None else by.name,
        at=last.answered_at,
    )


def _against_the_course(chart: Chart, question: Question, follows: Effects) -> Refusal | None:
    """Whether an event would contradict what is known of the patient: before another that it follows, out of range."""
    if follows.event is None:
        return None
    after = and_effects(chart.course, follows)
    old = set(course_problems(chart.study, chart.course, question.today))
    if any(problem not in old for problem in course_problems(chart.study, after, question.today)):
        return Refusal.BEFORE_REGISTRATION
    try:
        planned_tasks(chart.study, after, chart.time.calendar)
    except DateOutOfRange:
        return Refusal.UNFIT
    return None


# --- what follows -----------------------------------------------------------------------------------------------------


def put_into_force(
    tx: Tx,
    studies: Definitions,
    chart: Chart,
    task: TaskRow,
    follows: Effects,
    *,
    person_id: UUID | None,
    kind: AnswerKind,
    via: Via,
    said: Said,
    now: Instant,
    elapsed: Instant,
    again_at: Instant | None = None,
) -> UUID:
    """Records an answer that was judged, does what follows from it, and plans again. The chart was read in this
    transaction, and the task is open; `person_id` None: the trial office. `again_at`: as `record_answer` has it.

    Raises:
        LostRow: the task was closed meanwhile.
    """
    answer_id = answers.add_answer(
        tx,
        study_id=chart.patient.study_id,
        patient_id=task.patient_id,
        visit_id=task.visit_id,
        task_id=task.id,
        person_id=person_id,
        kind=kind,
        via=via,
        said=said,
        answered_at=now,
        received_at=elapsed,
    )
    answer = AnswerRow(
        id=answer_id,
        patient_id=task.patient_id,
        visit_id=task.visit_id,
        task_id=task.id,
        person_id=person_id,
        kind=kind,
        via=via,
        answered_at=now,
        received_at=elapsed,
        undoes=None,
        undone_at=None,
        said=said,
    )
    again = None if person_id is None or again_at is None else Again(person_id, again_at)
    _let_follow(tx, studies, chart, task, answer, follows, again=again)
    tx.audit(
        "answer.recorded",
        table=schema.answer,
        object_id=answer_id,
        by=person_id,
        at=now,
        recorded_at=elapsed,
        after={"task": str(task.id), "kind": kind.value, "via": via.value, **said_to_data(said)},
    )
    return answer_id


def _let_follow(
    tx: Tx,
    studies: Definitions,
    chart: Chart,
    task: TaskRow,
    answer: AnswerRow,
    follows: Effects,
    *,
    again: Again | None,
) -> None:
    now, elapsed = answer.answered_at, answer.received_at
    reminders.void_tasks_reminders(tx, [task.id], because="answered")
    if follows.state is not None and not plans.set_task_state(tx, task.id, follows.state, was=TaskState.OPEN):
        raise plans.LostRow("a task was closed while its answer was judged")
    if follows.event is not None:
        name, event = follows.event
        patients.add_event(
            tx,
            patient_id=task.patient_id,
            study_id=chart.patient.study_id,
            event=name,
            certainty=event.certainty.value,
            day=event.day,
            recorded_at=now,
            answer_id=answer.id,
        )
    if follows.fact is not None:
        fact, value = follows.fact
        patients.add_fact(
            tx,
            patient_id=task.patient_id,
            study_id=chart.patient.study_id,
            fact=fact,
            value=value,
            recorded_at=now,
            answer_id=answer.id,
        )
    if answer.kind is AnswerKind.UPLOADED:
        # An upload closes its own task and moves nothing else.
        put_edits(tx, (task.visit_id,), now=now, elapsed=elapsed, again=again)
    else:
        plan_patient(
            tx,
            studies,
            task.patient_id,
            now=now,
            elapsed=elapsed,
            because="answer.recorded",
            by=answer.person_id,
            # What the trial office takes down is news to the site.
            answered=answer.via is not Via.COMMAND_LINE,
            rearm=(task.id,) if answer.kind in _PROMISES else (),
            chart=_and_answer(chart, task, answer, follows),
            visits=(task.visit_id,),
            again=again,
        )
    if answer.kind is AnswerKind.NO_LONGER_FOLLOWED and answer.said.leaving is not None:
        tell_of_leaving(tx, task.patient_id, answer.said.leaving, now=now, elapsed=elapsed)


def _and_answer(chart: Chart, task: TaskRow, answer: AnswerRow, follows: Effects) -> Chart:
    """What is known of the patient now: the same as if it were read again, for a third of the time."""
    course = and_effects(chart.course, follows)
    if answer.kind is AnswerKind.DONE and task.kind is TaskKind.HOLD and answer.said.day is not None:
        course = replace(course, held={**course.held, task.occurrence: answer.said.day})
    state = task.state if follows.state is None else follows.state
    tasks = tuple(replace(one, state=state) if one.id == task.id else one for one in chart.tasks)
    return replace(chart, course=course, tasks=tasks, said=(*chart.said, answer))


# --- taking back ------------------------------------------------------------------------------------------------------


def undo_answer(
    tx: Tx,
    studies: Definitions,
    place: VisitPlace,
    actor: Actor,
    *,
    answer_id: UUID,
    via: Via,
    now: Instant,
    elapsed: Instant,
) -> Undone | Refusal:
    """Takes an answer back, within ten minutes of elapsed time after it was received, by anyone of the site.

    `place` and `actor` were read in this transaction: where the answer's visit belongs, and who takes it back.
    """
    if not _allowed(actor, Action.UNDO, place, now=now):
        return Refusal.NOT_ALLOWED
    chart = read_chart(tx, studies, place.patient_id)
    # Behind the lock: a second undo may have waited for the first.
    answer = answers.answer_by_id(tx, answer_id)
    if answer is None or answer.visit_id != place.visit_id or answer.kind is AnswerKind.UNDO:
        return Refusal.UNKNOWN
    task = next((task for task in chart.tasks if task.id == answer.task_id), None)
    if task is None:
        return Refusal.UNKNOWN
    if answer.undone_at is not None:
        return Refusal.ALREADY_UNDONE
    if elapsed - answer.received_at > UNDO_WITHIN:
        return Refusal.TOO_LATE_TO_UNDO
    undo_id = answers.add_answer(
        tx,
        study_id=chart.patient.study_id,
        patient_id=answer.patient_id,
        visit_id=answer.visit_id,
        task_id=answer.task_id,
        person_id=actor.person_id,
        kind=AnswerKind.UNDO,
        via=via,
        said=Said(),
        answered_at=now,
        received_at=elapsed,
        undoes=answer_id,
    )
    patients.take_back(tx, answer_id, at=now)
    if answer.kind in CLOSING and not _still_closed(answers.standing_of_task(tx, task.id)):
        plans.set_task_state(tx, task.id, TaskState.OPEN, was=task.state)
    plan_patient(
        tx,
        studies,
        answer.patient_id,
        now=now,
        elapsed=elapsed,
        because="answer.undone",
        rearm=(task.id,),
        visits=(answer.visit_id,),
    )
    tx.audit(
        "answer.undone",
        table=schema.answer,
        object_id=undo_id,
        by=actor.person_id,
        at=now,
        recorded_at=elapsed,
        after={"undoes": str(answer_id), "kind": AnswerKind.UNDO.value, "via": via.value, **said_to_data(Said())},
    )
    return Undone(undo_id, answer_id, answer.visit_id, answer.task_id)


def _still_closed(standing: Iterable[AnswerRow]) -> bool:
    return any(answer.kind in CLOSING for answer in standing)
