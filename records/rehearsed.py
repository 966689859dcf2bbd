"""What a rehearsal left, read in whole: every message that went out, every ring, every task and what ended it.

For a database that was made to be counted and thrown away; a real one is asked by the board, site by site.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.schema import answer, notice, office_item, patient, reminder, site, task, visit, word
from records.transaction import Tx
from trial.moments import Instant, instant


@dataclass(frozen=True, slots=True)
class MessageSent:
    """A card or a digest that went out: what rings on a phone."""

    person_id: UUID
    kind: str
    at: Instant  # trial time


@dataclass(frozen=True, slots=True)
class RingSent:
    """One step of one task that one person was told. The dates are the task's, as they stand now."""

    task_id: UUID
    site_number: str
    person_id: UUID
    ladder: str
    step: str
    announced_due: date
    opens: date | None
    due: date | None
    closes: date | None
    at: Instant  # trial time


@dataclass(frozen=True, slots=True)
class TaskLeft:
    """A task as it was left. `ended_at`: when the answer that stands was given; None: nobody has answered it. `known_at`: when
    its patient was entered; nobody could be asked before.
    """

    site_number: str
    definition: str  # id of the visit in the study file; `event:<name>`, `fact:<name>`
    kind: str
    state: str
    firm: bool
    due: date | None
    closes: date | None
    rung: bool
    known_at: Instant  # trial time
    ended_at: Instant | None


@dataclass(frozen=True, slots=True)
class ItemOpened:
    """Something that the trial office was asked to look at. `kind`: an ItemKind."""

    kind: str
    at: Instant  # trial time


_ITEMS: Final[sa.Select[*tuple[Any, ...]]] = sa.select(office_item.c.kind, office_item.c.opened_at).order_by(
    office_item.c.opened_at, office_item.c.id
)
_MESSAGES: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(notice.c.person_id, notice.c.kind, notice.c.settled_at, notice.c.digest_id)
    .where(
        notice.c.state == word("sent"),
        notice.c.kind.in_((word("card"), word("digest"))),
        notice.c.person_id.is_not(None),
    )
    .order_by(notice.c.settled_at, notice.c.id)
)
_RINGS: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(
        reminder.c.task_id,
        site.c.number,
        reminder.c.person_id,
        task.c.ladder,
        reminder.c.step,
        reminder.c.announced_due,
        task.c.opens,
        task.c.due,
        task.c.closes,
        notice.c.settled_at,
    )
    .join_from(reminder, notice, notice.c.id == reminder.c.notice_id)
    .join(task, task.c.id == reminder.c.task_id)
    .join(site, site.c.id == task.c.site_id)
    .where(notice.c.state == word("sent"))
    .order_by(notice.c.settled_at, reminder.c.id)
)
_UNDOING = answer.alias("undoing")
_ENDED: Final = (
    sa.select(sa.func.max(answer.c.answered_at))
    .where(
        answer.c.task_id == task.c.id,
        answer.c.kind.in_([word(kind) for kind in ("done", "uploaded", "stated", "not_done", "not_applicable")]),
        ~sa.exists().where(_UNDOING.c.undoes == answer.c.id),
    )
    .correlate(task)
    .scalar_subquery()
)
_TASKS: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(
        site.c.number,
        visit.c.definition,
        task.c.kind,
        task.c.state,
        task.c.firm,
        task.c.due,
        task.c.closes,
        sa.exists().where(reminder.c.task_id == task.c.id, reminder.c.notice_id.is_not(None)).label("rung"),
        patient.c.added_at.label("known_at"),
        _ENDED.label("ended_at"),
    )
    .join_from(task, visit, visit.c.id == task.c.visit_id)
    .join(patient, patient.c.id == task.c.patient_id)
    .join(site, site.c.id == task.c.site_id)
    .order_by(task.c.id)
)


def messages_sent(tx: Tx) -> tuple[MessageSent, ...]:
    """Every card and digest that went out, in order. Later notices of a digest edit it where it stands, and ring nobody."""
    found: list[MessageSent] = []
    stands: set[UUID] = set()
    for row in tx.connection.execute(_MESSAGES):
        if row.digest_id not in stands:
            found.append(MessageSent(row.person_id, row.kind, row.settled_at))
        if row.digest_id is not None:
            stands.add(row.digest_id)
    return tuple(found)


def items_opened(tx: Tx) -> tuple[ItemOpened, ...]:
    """Everything that ever was on the office's list, in order."""
    return tuple(ItemOpened(row.kind, row.opened_at) for row in tx.connection.execute(_ITEMS))


def rings_sent(tx: Tx) -> tuple[RingSent, ...]:
    """Every ring that went out, in order."""
    return tuple(
        RingSent(
            row.task_id,
            row.number,
            row.person_id,
            row.ladder,
            row.step,
            row.announced_due,
            row.opens,
            row.due,
            row.closes,
            row.settled_at,
        )
        for row in tx.connection.execute(_RINGS)
    )


def tasks_left(tx: Tx) -> tuple[TaskLeft, ...]:
    """Every task that there ever was."""
    return tuple(
        TaskLeft(
            row.number,
            row.definition,
            row.kind,
            row.state,
            row.firm,
            row.due,
            row.closes,
            row.rung,
            instant(row.known_at),
            None if row.ended_at is None else instant(row.ended_at),
        )
        for row in tx.connection.execute(_TASKS)
    )
