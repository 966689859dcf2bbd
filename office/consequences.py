"""What follows from an answer that was judged: recorded and put into force in the caller's transaction."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from office import claims, helping, items, leaving_reports
from office.judging import Effects, and_effects
from office.last_words import outside_window
from office.standings import Claim
from records import answers, patients, plans, reminders, schema
from records.answers import AnswerRow, said_to_data, told_to_data
from records.edits import Again, put_edits
from records.office_items import NewItem
from records.plans import TaskRow
from records.transaction import Tx
from scheduler.alarms import WAITS_FOR_HELP
from scheduler.claims import watch_upload
from scheduler.definitions import Definitions
from scheduler.opening import open_item
from scheduler.planning import Chart, go_on_after_help, plan_patient
from trial.answers import AnswerKind, Said, TakenDown, Via
from trial.messages import ItemKind
from trial.moments import Instant
from trial.tasks import TaskKind, TaskState

_PROMISES: Final = frozenset({AnswerKind.BOOKED, AnswerKind.LATER})
"""Answers after which a task stays open and rings at another time than before."""


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
    claim: Claim | None = None,
    told: TakenDown | None = None,
) -> UUID:
    """Records an answer that was judged, does what follows from it, and plans again. The chart was read in this
    transaction, and the task is open or asked about again; `person_id` None: the trial office. `again_at`: as `record_answer` has it. `claim`: what is asked about, of a task that
    is done. `told`: who of the site told the trial office, where it took the answer down.

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
        told=told,
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
        told=told,
    )
    again = None if person_id is None or again_at is None else Again(person_id, again_at)
    _let_follow(tx, studies, chart, task, answer, follows, claim=claim, again=again)
    tx.audit(
        "answer.recorded",
        table=schema.answer,
        object_id=answer_id,
        by=person_id,
        at=now,
        recorded_at=elapsed,
        after={
            "task": str(task.id),
            "kind": kind.value,
            "via": via.value,
            **said_to_data(said),
            **told_to_data(told),
        },
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
    claim: Claim | None,
    again: Again | None,
) -> None:
    now, elapsed = answer.answered_at, answer.received_at
    reminders.void_tasks_reminders(tx, [task.id], because="answered")
    after = _and_answer(chart, task, answer, follows)
    if follows.state is not None and _close_task(tx, task, answer, follows.state):
        go_on_after_help(tx, after, task.visit_id, now=now)
    _record_course(tx, chart, answer, follows)
    if task.state is TaskState.DONE:
        # A claimed upload that is asked about: it stays claimed, and nothing else of the plan moves.
        if claim is not None:
            claims.answered_again(tx, chart, task, claim, answer)
        put_edits(tx, (task.visit_id,), now=now, elapsed=elapsed, again=again)
    elif answer.kind is AnswerKind.UPLOADED:
        # An upload closes its own task and moves nothing else.
        watch_upload(tx, chart.study, chart.time, task.id, now=now)
        put_edits(tx, (task.visit_id,), now=now, elapsed=elapsed, again=again)
    elif answer.kind is AnswerKind.NEED_HELP:
        # Nothing is known of the patient that was not known before: only this visit waits.
        helping.ask(tx, chart, task, answer)
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
            chart=after,
            visits=(task.visit_id,),
            again=again,
        )
    if answer.kind is AnswerKind.NO_LONGER_FOLLOWED:
        leaving_reports.report(tx, chart, answer)
    _mark_outside(tx, chart, task, answer)


def _close_task(tx: Tx, task: TaskRow, answer: AnswerRow, state: TaskState) -> bool:
    """Whether that ends somebody's wait for help with it."""
    if task.state is TaskState.DONE:
        return False
    if not plans.set_task_state(tx, task.id, state, was=TaskState.OPEN):
        raise plans.LostRow("a task was closed while its answer was judged")
    return task.next_step == WAITS_FOR_HELP.step and items.close_about(
        tx, items.help_key(task.id), items.ANSWERED, by=None, now=answer.answered_at, elapsed=answer.received_at
    )


def _record_course(tx: Tx, chart: Chart, answer: AnswerRow, follows: Effects) -> None:
    """The event and the fact that an answer tells."""
    study_id = chart.patient.study_id
    if follows.event is not None:
        name, event = follows.event
        patients.add_event(
            tx,
            patient_id=answer.patient_id,
            study_id=study_id,
            event=name,
            certainty=event.certainty.value,
            day=event.day,
            recorded_at=answer.answered_at,
            answer_id=answer.id,
        )
    if follows.fact is not None:
        fact, value = follows.fact
        patients.add_fact(
            tx,
            patient_id=answer.patient_id,
            study_id=study_id,
            fact=fact,
            value=value,
            recorded_at=answer.answered_at,
            answer_id=answer.id,
        )


def _mark_outside(tx: Tx, chart: Chart, task: TaskRow, answer: AnswerRow) -> None:
    """A visit held or booked outside its window is taken as said, and the office looks at it, once for each visit."""
    if task.kind is not TaskKind.HOLD or answer.via is Via.COMMAND_LINE:
        return
    visit = plans.visit_by_id(tx, task.visit_id)
    if visit is None or not outside_window(answer.kind, task.kind, answer.said.day, visit.earliest, visit.latest):
        return
    new = NewItem(
        study_id=chart.patient.study_id,
        kind=ItemKind.OUTSIDE_WINDOW,
        key=items.outside_key(task.visit_id),
        site_id=chart.patient.site_id,
        patient_id=task.patient_id,
        visit_id=task.visit_id,
        task_id=task.id,
        person_id=answer.person_id,
        details={"day": None if answer.said.day is None else answer.said.day.isoformat()},
    )
    open_item(tx, new, now=answer.answered_at, elapsed=answer.received_at)


def _and_answer(chart: Chart, task: TaskRow, answer: AnswerRow, follows: Effects) -> Chart:
    """What is known of the patient now: the same as if it were read again, for a third of the time."""
    course = and_effects(chart.course, follows)
    if answer.kind is AnswerKind.DONE and task.kind is TaskKind.HOLD and answer.said.day is not None:
        course = replace(course, held={**course.held, task.occurrence: answer.said.day})
    state = task.state if follows.state is None else follows.state
    tasks = tuple(replace(one, state=state) if one.id == task.id else one for one in chart.tasks)
    return replace(chart, course=course, tasks=tasks, said=(*chart.said, answer))
