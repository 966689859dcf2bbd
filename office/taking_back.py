"""Taking an answer back: a record too, and what the answer did is reversed by planning from the answers that remain."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from office import items, watches
from office.cards import undo_within
from office.judging import CLOSING, Refusal
from office.rights import allowed
from records import answers, patients, plans, schema
from records.answers import AnswerRow, said_to_data
from records.office_items import NewItem
from records.plans import VisitPlace
from records.transaction import Tx
from scheduler.alarms import HELP
from scheduler.definitions import Definitions
from scheduler.opening import open_item
from scheduler.planning import Chart, plan_patient, read_chart
from trial.access import Action, Actor
from trial.answers import TAKEN_DOWN, AnswerKind, Said, Via
from trial.messages import ItemKind
from trial.moments import Instant
from trial.tasks import TaskState


@dataclass(frozen=True, slots=True)
class Undone:
    """The answer was taken back."""

    answer_id: UUID  # of the undoing
    undone: UUID
    visit_id: UUID
    task_id: UUID | None


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
    """Takes an answer back, within ten minutes of elapsed time after it was received, by anyone of the site. What the trial
    office took down has a week, and the office looks at it when somebody of the site says that it is not so.

    `place` and `actor` were read in this transaction: where the answer's visit belongs, and who takes it back.
    """
    if not allowed(actor, Action.UNDO, place, now=now):
        return Refusal.NOT_ALLOWED
    chart = read_chart(tx, studies, place.patient_id)
    # Behind the lock: a second undo may have waited for the first.
    answer = answers.answer_by_id(tx, answer_id)
    if answer is None or answer.visit_id != place.visit_id or answer.kind is AnswerKind.UNDO:
        return Refusal.UNKNOWN
    if all(task.id != answer.task_id for task in chart.tasks):
        return Refusal.UNKNOWN
    if answer.undone_at is not None:
        return Refusal.ALREADY_UNDONE
    if elapsed - answer.received_at > undo_within(answer.via):
        return Refusal.TOO_LATE_TO_UNDO
    undo_id = reverse(tx, studies, chart, answer, person_id=actor.person_id, via=via, now=now, elapsed=elapsed)
    if answer.via in TAKEN_DOWN and actor.person_id != answer.person_id:
        _contested(tx, chart, answer, by=actor.person_id, now=now, elapsed=elapsed)
    return Undone(undo_id, answer_id, answer.visit_id, answer.task_id)


def reverse(
    tx: Tx,
    studies: Definitions,
    chart: Chart,
    answer: AnswerRow,
    *,
    person_id: UUID | None,
    via: Via,
    now: Instant,
    elapsed: Instant,
    reason: str | None = None,
) -> UUID:
    """Takes an answer back that was read behind the patient's lock, with all that it brought; the id of the undoing."""
    undo_id = answers.add_answer(
        tx,
        study_id=chart.patient.study_id,
        patient_id=answer.patient_id,
        visit_id=answer.visit_id,
        task_id=answer.task_id,
        person_id=person_id,
        kind=AnswerKind.UNDO,
        via=via,
        said=Said(),
        answered_at=now,
        received_at=elapsed,
        undoes=answer.id,
    )
    patients.take_back(tx, answer.id, at=now)
    _let_go(tx, chart, answer, now=now, elapsed=elapsed)
    plan_patient(
        tx,
        studies,
        answer.patient_id,
        now=now,
        elapsed=elapsed,
        because="answer.undone",
        by=person_id,
        # Where it asked for help, all of its visit has waited.
        rearm=[
            task.id
            for task in chart.tasks
            if task.id == answer.task_id or (task.visit_id == answer.visit_id and task.next_step == HELP)
        ],
        visits=(answer.visit_id,),
    )
    tx.audit(
        "answer.undone",
        table=schema.answer,
        object_id=undo_id,
        by=person_id,
        at=now,
        recorded_at=elapsed,
        after={"undoes": str(answer.id), "kind": AnswerKind.UNDO.value, "via": via.value, **said_to_data(Said())},
        reason=reason,
    )
    return undo_id


def _contested(tx: Tx, chart: Chart, answer: AnswerRow, *, by: UUID, now: Instant, elapsed: Instant) -> None:
    """What the trial office took down was taken back: the office looks at what was understood."""
    new = NewItem(
        study_id=chart.patient.study_id,
        kind=ItemKind.CONTESTED,
        key=items.contested_key(answer.id),
        site_id=chart.patient.site_id,
        patient_id=answer.patient_id,
        visit_id=answer.visit_id,
        task_id=answer.task_id,
        person_id=by,
    )
    open_item(tx, new, now=now, elapsed=elapsed)


def _let_go(tx: Tx, chart: Chart, answer: AnswerRow, *, now: Instant, elapsed: Instant) -> None:
    """The task is open again where nothing else closes it, and the office has nothing more to look at."""
    times = {"now": now, "elapsed": elapsed}
    task = next((task for task in chart.tasks if task.id == answer.task_id), None)
    if task is not None and answer.kind in CLOSING:
        standing = answers.standing_of_task(tx, task.id)
        if _still_closed(standing):
            watches.watch_again(tx, chart, task.id, standing, now=now)
        else:
            plans.set_task_state(tx, task.id, TaskState.OPEN, was=task.state)
    match answer.kind:
        case AnswerKind.NEED_HELP if task is not None:
            items.close_about(tx, items.help_key(task.id), items.TAKEN_BACK, by=None, **times)
        case AnswerKind.NO_LONGER_FOLLOWED:
            items.close_about(tx, items.leaving_key(answer.patient_id), items.TAKEN_BACK, by=None, **times)
        case AnswerKind.DONE | AnswerKind.BOOKED:
            items.close_about(tx, items.outside_key(answer.visit_id), items.TAKEN_BACK, by=None, **times)
        case _:
            pass


def _still_closed(standing: Iterable[AnswerRow]) -> bool:
    return any(answer.kind in CLOSING for answer in standing)
