"""Visits that had taken place before a patient was entered: the trial office takes them down as answers of nobody's phone."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from office.judging import Question, Refusal, effects, judge
from records import answers, patients, plans, schema
from records.answers import said_to_data
from records.plans import TaskRow
from records.transaction import Tx
from scheduler.definitions import Definitions
from scheduler.planning import Chart, plan_patient, read_chart
from trial.answers import AnswerKind, Said, Via
from trial.moments import Instant
from trial.problems import Problem, ProblemError, nearest
from trial.tasks import TaskKind, TaskState

_WORDS: Mapping[Refusal, tuple[str, str]] = {
    Refusal.FUTURE_DAY: ("it lies in the future", "give the day on which the visit took place"),
    Refusal.BEFORE_REGISTRATION: ("it lies before the visit's window and the registration", "check the date"),
}


def hold_visits(
    tx: Tx,
    definitions: Definitions,
    patient_id: UUID,
    held: Mapping[str, date],
    *,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> None:
    """Records that these visits took place, and plans again.

    Raises:
        ProblemError: an occurrence is not in the plan, or a date cannot be; names the occurrence, never the patient.
    """
    for occurrence, day in sorted(held.items(), key=lambda one: one[1]):
        chart = read_chart(tx, definitions, patient_id)
        task = _task(chart, occurrence)
        _hold(tx, chart, task, day, by=by, now=now, elapsed=elapsed)
        plan_patient(tx, definitions, patient_id, now=now, elapsed=elapsed, because="visit.held", by=by)


def _task(chart: Chart, occurrence: str) -> TaskRow:
    open_visits = {
        task.occurrence: task for task in chart.tasks if task.kind is TaskKind.HOLD and task.state is TaskState.OPEN
    }
    if occurrence not in open_visits:
        raise ProblemError(Problem("held", f"{occurrence!r} is no open visit", nearest(occurrence, open_visits)))
    return open_visits[occurrence]


def _hold(tx: Tx, chart: Chart, task: TaskRow, day: date, *, by: UUID | None, now: Instant, elapsed: Instant) -> None:
    said = Said(day=day)
    question = Question(
        study=chart.study,
        course=chart.course,
        occurrence=task.occurrence,
        task_kind=task.kind,
        earliest=task.opens,
        today=chart.time.today(now),
    )
    refused = judge(question, AnswerKind.DONE, said)
    if refused is not None:
        what, instead = _WORDS.get(refused, ("it does not fit", "check the date"))
        raise ProblemError(Problem(f"held {task.occurrence}", what, instead))
    follows = effects(question, AnswerKind.DONE, said)
    study_id = chart.patient.study_id
    answer_id = answers.add_answer(
        tx,
        study_id=study_id,
        patient_id=task.patient_id,
        visit_id=task.visit_id,
        task_id=task.id,
        person_id=by,
        kind=AnswerKind.DONE,
        via=Via.COMMAND_LINE,
        said=said,
        answered_at=now,
        received_at=elapsed,
    )
    plans.set_task_state(tx, task.id, TaskState.DONE, was=TaskState.OPEN)
    if follows.event is not None:
        name, event = follows.event
        patients.add_event(
            tx,
            patient_id=task.patient_id,
            study_id=study_id,
            event=name,
            certainty=event.certainty.value,
            day=event.day,
            recorded_at=now,
            answer_id=answer_id,
        )
    tx.audit(
        "answer.recorded",
        table=schema.answer,
        object_id=answer_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={
            "task": str(task.id),
            "kind": AnswerKind.DONE.value,
            "via": Via.COMMAND_LINE.value,
            **said_to_data(said),
        },
    )
