"""What people say about tasks: judged, recorded, and put into force in the caller's transaction.

An answer is an immutable record and no electronic signature (decision 0008). Taking one back is a record too; what the
answer did is reversed by planning from the answers that remain.
"""

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from office.consequences import put_into_force
from office.items import help_key
from office.judging import ASKED_AGAIN, Effects, Question, Refusal, and_effects, effects, judge
from office.rights import allowed
from office.standings import Claim, claim_of
from office.taking_back import Undone, undo_answer
from records import answers, claims, office_items, people
from records.answers import AnswerRow
from records.plans import TaskRow, VisitPlace
from records.transaction import Tx
from scheduler.alarms import hold_for_later
from scheduler.definitions import Definitions
from scheduler.planning import Chart, read_chart
from trial.access import Action, Actor
from trial.answers import AnswerKind, Said, TakenDown, Via
from trial.course_checks import course_problems
from trial.moments import DateOutOfRange, Instant
from trial.plan import planned_tasks
from trial.tasks import TaskKind, TaskState

__all__ = ["AlreadyAnswered", "Outcome", "Recorded", "Refusal", "Said", "Undone", "record_answer", "undo_answer"]

_STAND_WHILE_OPEN: Final = frozenset({AnswerKind.BOOKED, AnswerKind.LATER, AnswerKind.NEED_HELP})


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
    told: TakenDown | None = None,
) -> Outcome:
    """Records what a person said about a task, with everything that follows from it. A refusal writes nothing.

    `place` and `actor` were read in this transaction: where the task's visit belongs, and who says it, with their rights.
    The cards of what changes are brought up to date; that of `actor` once more at `again_at` (elapsed).
    `told`: who of the site told the trial office, where somebody of it takes the answer down (`office/taking_down.py`).
    """
    if not allowed(actor, Action.ANSWER, place, now=now):
        return Refusal.NOT_ALLOWED
    # From here on nobody else changes this patient: what is read now is what the answer is judged against.
    chart = read_chart(tx, studies, place.patient_id)
    task = next((task for task in chart.tasks if task.id == task_id and task.visit_id == place.visit_id), None)
    if task is None:
        return Refusal.UNKNOWN
    question = _question(chart, task, place, now)
    refused = judge(question, kind, said)
    said, clamped = (said, False) if refused is not None else _clamped(chart, task, kind, said, now)
    claim = _asked_again(tx, chart, task) if kind in ASKED_AGAIN else None
    before = None if claim is not None else _said_before(tx, chart, task, kind, said)
    if before is not None:
        return before
    if claim is None and (task.state is not TaskState.OPEN or task.due is None):
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
        claim=claim,
        told=told,
    )
    return Recorded(answer_id, task.patient_id, task.visit_id, task_id, kind, said, clamped)


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


def _asked_again(tx: Tx, chart: Chart, task: TaskRow) -> Claim | None:
    """The claim that somebody asks about, so that its task takes answers although it is done."""
    if task.kind is not TaskKind.UPLOAD or task.state is not TaskState.DONE or chart.patient.state == "paused":
        return None
    checks = claims.checks_of_tasks(tx, (task.id,)).get(task.id, ())
    claim = claim_of(answers.standing_of_task(tx, task.id), checks) if checks else None
    return claim if claim is not None and claim.asked_again else None


def _said_before(tx: Tx, chart: Chart, task: TaskRow, kind: AnswerKind, said: Said) -> AlreadyAnswered | None:
    """The standing answer that says the very same, if that is how the task stands."""
    last: AnswerRow | None = None
    if task.state is TaskState.PAUSED:
        left = [one for one in chart.said if one.kind is AnswerKind.NO_LONGER_FOLLOWED]
        last = left[-1] if left else None
    elif task.state is not TaskState.OPEN or kind in _STAND_WHILE_OPEN:
        standing = answers.standing_of_task(tx, task.id)
        last = standing[-1] if standing else None
    if last is None or last.kind is not kind or last.said != said:
        return None
    if kind is AnswerKind.NEED_HELP and office_items.open_item_about(tx, help_key(task.id)) is None:
        return None  # the office has looked at it meanwhile: this is asked anew
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
