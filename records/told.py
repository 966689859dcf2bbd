"""What people were told: why, how often without anything new, and how much in a day. Reads reminders, changes nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.bulk import ForMany
from records.schema import SINGLE_REMINDER, answer, notice, reminder, task, word
from records.transaction import Tx
from trial.moments import Instant
from trial.responsibility import WhyTold


@dataclass(frozen=True, slots=True)
class Telling:
    """One person was told one thing, at `told_at` (trial time, when the notice was put)."""

    task_id: UUID
    visit_id: UUID
    person_id: UUID
    step: str
    announced_due: date
    why: WhyTold | None  # None: from before it was recorded
    instead_of: UUID | None
    told_at: Instant


@dataclass(frozen=True, slots=True)
class LastTold:
    """The last that one person was or will be told about a task (trial times).

    `notice_state` None: it waits, until `not_before` or for their digest (not `single`). `at`: when that came to stand so.
    """

    person_id: UUID
    step: str
    announced_due: date
    single: bool
    not_before: Instant
    notice_state: str | None
    at: Instant


# What is grouped into one notice is one ring; what still waits goes out together, and counts as one more.
_RING: Final = sa.func.coalesce(reminder.c.notice_id, reminder.c.task_id)
_RINGS: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(reminder.c.task_id, reminder.c.person_id, sa.func.count(sa.distinct(_RING)).label("rings"))
    .join(task, task.c.id == reminder.c.task_id)
    .where(
        reminder.c.task_id.in_(sa.bindparam("tasks", expanding=True)),
        reminder.c.state != word("void"),
        SINGLE_REMINDER,
        # A ring that was promised announces the day that it was promised for, and one that the office asks for its own.
        sa.or_(reminder.c.announced_due == task.c.due, reminder.c.step.in_((word("later"), word("nudge")))),
        ~sa.exists().where(answer.c.visit_id == reminder.c.visit_id, answer.c.answered_at >= reminder.c.created_at),
    )
    .group_by(reminder.c.task_id, reminder.c.person_id)
)
_CARDS_SINCE: Final = (
    sa.select(notice.c.person_id, sa.func.count().label("cards"))
    .where(
        notice.c.kind == word("card"),
        notice.c.state != word("void"),
        notice.c.person_id.in_(sa.bindparam("people", expanding=True)),
        notice.c.created_at >= sa.bindparam("since"),
    )
    .group_by(notice.c.person_id)
)
_VISITS_SINCE: Final = (
    sa.select(notice.c.visit_id)
    .where(
        notice.c.kind == word("card"),
        notice.c.state != word("void"),
        notice.c.person_id == sa.bindparam("person"),
        notice.c.created_at >= sa.bindparam("since"),
    )
    .distinct()
)
_TELLINGS: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(
        reminder.c.task_id,
        reminder.c.visit_id,
        reminder.c.person_id,
        reminder.c.step,
        reminder.c.announced_due,
        reminder.c.why,
        reminder.c.instead_of,
        notice.c.created_at,
    )
    .join(notice, notice.c.id == reminder.c.notice_id)
    .where(reminder.c.state == word("grouped"))
)
_NEWEST_FIRST: Final = (notice.c.created_at.desc(), notice.c.place.desc(), reminder.c.id)
_LAST_TOLD: Final = _TELLINGS.where(notice.c.person_id == sa.bindparam("person")).order_by(*_NEWEST_FIRST).limit(1)
_LAST_TOLD_ABOUT: Final = (
    # A notice carries the reminders of its reader: said twice, so that either side is found by an index.
    _TELLINGS.where(
        notice.c.person_id == sa.bindparam("person"),
        reminder.c.person_id == sa.bindparam("person"),
        reminder.c.visit_id == sa.bindparam("visit"),
    )
    .order_by(*_NEWEST_FIRST)
    .limit(1)
)
_LAST_TOLD_OF: Final = ForMany(
    lambda among: (
        sa.select(
            reminder.c.task_id,
            reminder.c.person_id,
            reminder.c.step,
            reminder.c.announced_due,
            reminder.c.single,
            reminder.c.not_before,
            reminder.c.created_at,
            notice.c.state.label("notice_state"),
            notice.c.created_at.label("put_at"),
            notice.c.settled_at,
        )
        .outerjoin(notice, notice.c.id == reminder.c.notice_id)
        .where(among(reminder.c.task_id, "tasks"), reminder.c.state != word("void"))
        .order_by(reminder.c.created_at, reminder.c.id)
    )
)
_TOLD: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(reminder.c.task_id, reminder.c.person_id)
    .where(
        reminder.c.task_id.in_(sa.bindparam("tasks", expanding=True)),
        reminder.c.state != word("void"),
    )
    .distinct()
)


def last_told(tx: Tx, task_ids: Collection[UUID]) -> Mapping[UUID, LastTold]:
    """Who was or will be told last about each of these tasks; nothing for those that rang nobody."""
    if not task_ids:
        return {}
    rows = _LAST_TOLD_OF.rows(tx.connection, {"tasks": list(task_ids)})
    return {  # in their order: a later one takes an earlier one's place
        row.task_id: LastTold(
            person_id=row.person_id,
            step=row.step,
            announced_due=row.announced_due,
            single=bool(row.single),
            not_before=row.not_before,
            notice_state=row.notice_state,
            at=row.settled_at or row.put_at or row.created_at,
        )
        for row in rows
    }


def rings_without_news(tx: Tx, task_ids: Collection[UUID]) -> Mapping[tuple[UUID, UUID], int]:
    """How often each person was or will be rung singly about each of these tasks since there was something new.

    Pairs of task and person; nothing for pairs without a ring. An answer about the visit is news, and so is another
    due date.
    """
    if not task_ids:
        return {}
    rows = tx.connection.execute(_RINGS, {"tasks": sorted(task_ids)})
    return {(row.task_id, row.person_id): row.rings for row in rows}


def singles_since(tx: Tx, person_ids: Collection[UUID], *, since: Instant) -> Mapping[UUID, int]:
    """How many single notices were put for each of these people since then (trial time); nothing for those without."""
    if not person_ids:
        return {}
    rows = tx.connection.execute(_CARDS_SINCE, {"people": sorted(person_ids), "since": since})
    return {row.person_id: row.cards for row in rows}


def visits_told_since(tx: Tx, person_id: UUID, *, since: Instant) -> frozenset[UUID]:
    """The visits about which single notices were put for this person since then (trial time)."""
    return frozenset(tx.connection.scalars(_VISITS_SINCE, {"person": person_id, "since": since}))


def people_told(tx: Tx, task_ids: Collection[UUID]) -> Mapping[UUID, frozenset[UUID]]:
    """For each task, everybody who was or will be told about it, at any step and due date."""
    wanted = sorted(set(task_ids))
    told: dict[UUID, set[UUID]] = {task_id: set() for task_id in wanted}
    if wanted:
        for row in tx.connection.execute(_TOLD, {"tasks": wanted}):
            told[row.task_id].add(row.person_id)
    return {task_id: frozenset(people) for task_id, people in told.items()}


def last_telling(tx: Tx, person_id: UUID, *, visit_id: UUID | None = None) -> Telling | None:
    """What a person was told last, at all or about one visit; None when there was nothing."""
    if visit_id is None:
        row = tx.connection.execute(_LAST_TOLD, {"person": person_id}).one_or_none()
    else:
        row = tx.connection.execute(_LAST_TOLD_ABOUT, {"person": person_id, "visit": visit_id}).one_or_none()
    if row is None:
        return None
    return Telling(
        task_id=row.task_id,
        visit_id=row.visit_id,
        person_id=row.person_id,
        step=row.step,
        announced_due=row.announced_due,
        why=None if row.why is None else WhyTold(row.why),
        instead_of=row.instead_of,
        told_at=row.created_at,
    )
