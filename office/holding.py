"""Visits that had taken place before a patient was entered: the trial office takes them down as answers of nobody's phone."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from office.consequences import put_into_force
from office.judging import Question, Refusal, effects, judge
from records.plans import TaskRow
from records.transaction import Tx
from scheduler.definitions import Definitions
from scheduler.planning import Chart, read_chart
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
        _hold(tx, definitions, chart, task, day, by=by, now=now, elapsed=elapsed)


def _task(chart: Chart, occurrence: str) -> TaskRow:
    open_visits = {
        task.occurrence: task for task in chart.tasks if task.kind is TaskKind.HOLD and task.state is TaskState.OPEN
    }
    if occurrence not in open_visits:
        raise ProblemError(Problem("held", f"{occurrence!r} is no open visit", nearest(occurrence, open_visits)))
    return open_visits[occurrence]


def _hold(
    tx: Tx,
    definitions: Definitions,
    chart: Chart,
    task: TaskRow,
    day: date,
    *,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> None:
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
    put_into_force(
        tx,
        definitions,
        chart,
        task,
        effects(question, AnswerKind.DONE, said),
        person_id=by,
        kind=AnswerKind.DONE,
        via=Via.COMMAND_LINE,
        said=said,
        now=now,
        elapsed=elapsed,
    )
