"""Visits that had taken place before a patient was entered: the trial office takes them down as answers of nobody's phone."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from office.consequences import put_into_force
from office.judging import Question, Refusal, and_effects, effects, judge
from records.plans import TaskRow
from records.transaction import Tx
from scheduler.alarms import SiteTime
from scheduler.definitions import Definitions
from scheduler.planning import Chart, read_chart
from trial.answers import AnswerKind, Said, Via
from trial.moments import Instant
from trial.plan import planned_tasks
from trial.problems import Problem, ProblemError, Wrong, nearest
from trial.study import Study
from trial.tasks import TaskKind, TaskState
from trial.timeline import Course

_WORDS: Mapping[Refusal, tuple[str, str]] = {
    Refusal.FUTURE_DAY: ("it lies in the future", "give the day on which the visit took place"),
    Refusal.BEFORE_REGISTRATION: ("it lies before the visit's window and the registration", "check the date"),
}


_WRONG: Mapping[Refusal, Wrong] = {
    Refusal.FUTURE_DAY: Wrong.FUTURE,
    Refusal.BEFORE_REGISTRATION: Wrong.BEFORE_REGISTRATION,
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


def held_problems(study: Study, course: Course, time: SiteTime, *, now: Instant) -> tuple[Problem, ...]:
    """What speaks against visits that `course` says were held, one after the other as `hold_visits` takes them. Pure.

    The course itself can be true (`course_problems`).
    """
    found: list[Problem] = []
    held = sorted(course.held.items(), key=lambda one: one[1])
    course = replace(course, held={})
    for occurrence, day in held:
        open_visits = {
            task.occurrence: task
            for visit in planned_tasks(study, course, time.calendar)
            for task in visit.tasks
            if task.kind is TaskKind.HOLD
        }
        task = open_visits.get(occurrence)
        if task is None or task.due is None:
            found.append(_not_open(occurrence, open_visits))
            continue
        question = Question(
            study=study,
            course=course,
            occurrence=occurrence,
            task_kind=task.kind,
            earliest=task.opens,
            today=time.today(now),
        )
        said = Said(day=day)
        refused = judge(question, AnswerKind.DONE, said)
        if refused is not None:
            found.append(_refused(occurrence, refused))
            continue
        course = and_effects(course, effects(question, AnswerKind.DONE, said))
        course = replace(course, held={**course.held, occurrence: day})
    return tuple(found)


def _not_open(occurrence: str, open_visits: Iterable[str]) -> Problem:
    return Problem(
        f"held {occurrence}", f"{occurrence!r} is no open visit", nearest(occurrence, open_visits), Wrong.NOT_PLANNED
    )


def _refused(occurrence: str, refused: Refusal) -> Problem:
    what, instead = _WORDS.get(refused, ("it does not fit", "check the date"))
    return Problem(f"held {occurrence}", what, instead, _WRONG.get(refused, Wrong.UNFIT))


def _task(chart: Chart, occurrence: str) -> TaskRow:
    open_visits = {
        task.occurrence: task for task in chart.tasks if task.kind is TaskKind.HOLD and task.state is TaskState.OPEN
    }
    if occurrence not in open_visits:
        raise ProblemError(_not_open(occurrence, open_visits))
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
        raise ProblemError(_refused(task.occurrence, refused))
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
