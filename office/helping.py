"""Help: somebody at a site cannot answer yet. The whole visit waits until the trial office has looked at it."""

from dataclasses import dataclass
from uuid import UUID

from office import items, watches
from office.judging import Refusal
from office.rights import allowed_at, allowed_in_study
from office.telling import tell_in_hours, tell_managers
from records import answers, office_items, patients, people, sites
from records.answers import AnswerRow
from records.edits import put_edits
from records.office_items import ItemRow, NewItem
from records.plans import TaskRow
from records.transaction import Tx
from scheduler import opening
from scheduler.definitions import Definitions
from scheduler.planning import Chart, go_on_after_help, read_chart, wait_for_help
from scheduler.there import there
from trial.access import Action
from trial.messages import HelpClosed, HelpNeeded, ItemKind
from trial.moments import Instant
from trial.occurrences import label_of
from trial.tasks import TaskState


@dataclass(frozen=True, slots=True)
class ItemClosed:
    """The trial office has looked at it."""

    item: ItemRow


def ask(tx: Tx, chart: Chart, task: TaskRow, answer: AnswerRow) -> None:
    """Opens the item of somebody's answer that asks for help, and tells the managers, each with a way to close it. Nothing
    of the visit rings until then.
    """
    if answer.said.help is None:
        raise ValueError("an answer that asks for help says which")
    now, elapsed = answer.answered_at, answer.received_at
    new = NewItem(
        study_id=chart.patient.study_id,
        kind=ItemKind.HELP,
        key=items.help_key(task.id),
        site_id=chart.patient.site_id,
        patient_id=task.patient_id,
        visit_id=task.visit_id,
        task_id=task.id,
        person_id=answer.person_id,
        details={"help": answer.said.help.value, "answer": str(answer.id)},
    )
    item_id = opening.open_item(tx, new, now=now, elapsed=elapsed)
    wait_for_help(tx, chart, task)
    patient = patients.patient_by_id(tx, task.patient_id)
    who = None if answer.person_id is None else people.person_by_id(tx, answer.person_id)
    if patient is None:
        return
    if item_id is None:
        # A colleague asked before: the same item, and the office hears what is wanted now.
        known = office_items.open_item_about(tx, items.help_key(task.id))
        item_id = None if known is None else known.id
    needed = HelpNeeded(
        study=patient.study_code,
        site_number=chart.site.number,
        code=patient.code,
        visit=label_of(chart.study, task.occurrence) or {"en": task.occurrence},
        help=answer.said.help,
        name="" if who is None else who.name,
    )
    told = tell_managers(
        tx, chart.patient.study_id, needed, ref=item_id, but=answer.person_id, now=now, elapsed=elapsed
    )
    if told and item_id is not None:
        office_items.mark_told(tx, (item_id,), at=now)


def close_item(
    tx: Tx, studies: Definitions, item_id: UUID, by: UUID | None, *, now: Instant, elapsed: Instant
) -> ItemClosed | Refusal:
    """Somebody of the trial office has looked at an item. Where help was asked for, its reminders go on from the next
    working morning, and whoever asked is told. `by` None: at the command line.

    CLOSED: it was closed before. What is confirmed in a way of its own (a patient who left) is not closed like this.
    """
    item = office_items.item_by_id(tx, item_id)
    if item is None:
        return Refusal.UNKNOWN
    if not _may_close(tx, item, by, now=now):
        return Refusal.NOT_ALLOWED
    if item.kind is ItemKind.LEAVING:
        return Refusal.UNFIT
    # The patient's lock comes first, as in every other change of a patient.
    chart = None if item.patient_id is None else read_chart(tx, studies, item.patient_id)
    if not opening.close_item(tx, item, items.LOOKED_AT, by=by, now=now, elapsed=elapsed):
        return Refusal.CLOSED
    if item.kind is ItemKind.HELP and chart is not None:
        _resume(tx, chart, item, now=now, elapsed=elapsed)
    return ItemClosed(item)


def _may_close(tx: Tx, item: ItemRow, by: UUID | None, *, now: Instant) -> bool:
    site = None if item.site_id is None else sites.site_by_id(tx, item.site_id)
    if site is None:
        return allowed_in_study(tx, by, Action.MANAGE, item.study_id, now=now)
    return allowed_at(tx, by, Action.MANAGE, site, now=now)


def _resume(tx: Tx, chart: Chart, item: ItemRow, *, now: Instant, elapsed: Instant) -> None:
    task = next((task for task in chart.tasks if task.id == item.task_id), None)
    if task is None:
        return
    if task.state is TaskState.DONE:
        watches.watch_again(tx, chart, task.id, answers.standing_of_task(tx, task.id), now=now)
    go_on_after_help(tx, chart, task.visit_id, asked=task.id, now=now)
    put_edits(tx, (task.visit_id,), now=now, elapsed=elapsed)
    _tell_who_asked(tx, chart, task, item, now=now, elapsed=elapsed)


def _tell_who_asked(tx: Tx, chart: Chart, task: TaskRow, item: ItemRow, *, now: Instant, elapsed: Instant) -> None:
    """In the person's hours: the office may look at it at night, and nobody at the site waits up for that."""
    patient = patients.patient_by_id(tx, task.patient_id)
    place = there(tx, (chart.site.id,), now=now)[chart.site.id]
    reader = None if item.person_id is None else place.readers.get(item.person_id)
    if patient is None or reader is None:
        return
    closed = HelpClosed(
        study=patient.study_code,
        site_number=chart.site.number,
        code=patient.code,
        visit=label_of(chart.study, task.occurrence) or {"en": task.occurrence},
    )
    tell_in_hours(tx, reader, closed, now=now, elapsed=elapsed)
