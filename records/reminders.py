"""Reminders: one person is told one thing, once. What is due comes off two small indexes, never off a scan."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from records.bulk import Bulk, ForMany
from records.schema import (
    DIGEST_REMINDER,
    OPEN_NOTICE,
    SINGLE_REMINDER,
    WAITING_REMINDER,
    notice,
    patient,
    person,
    reminder,
    site,
    task,
    word,
)
from records.transaction import Tx
from trial.moments import Instant
from trial.responsibility import WhyTold
from trial.tasks import TaskState


class DueTask(NamedTuple):
    """A task whose alarm went, with all that the decision about its next step needs, and no more: a tick reads many.

    A plain tuple for the same reason: it takes a tenth of the time to make.
    """

    id: UUID
    visit_id: UUID
    site_id: UUID
    study_version_id: UUID
    function: str
    ladder: str
    state: str
    firm: bool
    opens: date | None
    due: date | None
    closes: date | None
    next_step: str | None
    patient_state: str
    zone: str
    country: str
    region: str | None
    rings_from: date
    patient_id: UUID
    study_id: UUID
    kind: str


@dataclass(frozen=True, slots=True)
class NewReminder:
    task_id: UUID
    visit_id: UUID
    person_id: UUID
    step: str
    announced_due: date
    not_before: Instant
    single: bool = True  # False: told in the person's next digest
    why: WhyTold | None = None  # why this person
    instead_of: UUID | None = None  # for whom they stand in


@dataclass(frozen=True, slots=True)
class Placed:
    """A new reminder and the notice that tells it; None: it waits for its moment."""

    new: NewReminder
    notice_id: UUID | None


@dataclass(frozen=True, slots=True)
class WaitingReminder:
    """A reminder whose moment has come, with what may have made it pointless meanwhile."""

    id: UUID
    task_id: UUID
    visit_id: UUID
    person_id: UUID
    task_state: TaskState
    patient_state: str
    person_can_be_told: bool
    site_id: UUID
    step: str


@dataclass(frozen=True, slots=True)
class Told:
    """A step that a person was or will be told, and the due date that it announced."""

    step: str
    announced_due: date
    person_id: UUID


@dataclass(frozen=True, slots=True)
class Untold:
    """A step that somebody was to be told, and was not."""

    task_id: UUID
    step: str
    announced_due: date


NEXT_TASK: Final = sa.select(sa.func.min(task.c.next_attention_at)).where(task.c.next_attention_at.is_not(None))
NEXT_REMINDER: Final = sa.select(sa.func.min(reminder.c.not_before)).where(WAITING_REMINDER, SINGLE_REMINDER)
# The order is that of the index: without it, a database may look for just any row by reading the table.
_ANY_TASK_DUE: Final = (
    sa.select(sa.literal(1))
    .where(task.c.next_attention_at <= sa.bindparam("now"))
    .order_by(task.c.next_attention_at)
    .limit(1)
)
_ANY_REMINDER_DUE: Final = (
    sa.select(sa.literal(1))
    .where(WAITING_REMINDER, SINGLE_REMINDER, reminder.c.not_before <= sa.bindparam("now"))
    .order_by(reminder.c.not_before)
    .limit(1)
)

# Chosen off the index alone. A task that an answer is just closing is left to the next tick.
_due_first = (
    sa.select(task.c.visit_id)
    .where(task.c.next_attention_at <= sa.bindparam("now"))
    # The tasks of one site together: who is responsible there is asked once.
    .order_by(task.c.next_attention_at, task.c.site_id)
    .limit(sa.bindparam("at_most"))
    .with_for_update(skip_locked=True)
    .cte("due_first")
)
_due_visits = sa.select(_due_first.c.visit_id).distinct().cte("due_visits")
_DUE_TASKS: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(
        task.c.id,
        task.c.visit_id,
        task.c.site_id,
        patient.c.study_version_id,
        task.c.function,
        task.c.ladder,
        task.c.state,
        task.c.firm,
        task.c.opens,
        task.c.due,
        task.c.closes,
        task.c.next_step,
        patient.c.state.label("patient_state"),
        site.c.zone,
        site.c.country,
        site.c.region,
        site.c.rings_from,
        task.c.patient_id,
        patient.c.study_id,
        task.c.kind,
    )
    .select_from(_due_visits)
    .join(task, task.c.visit_id == _due_visits.c.visit_id)
    .join(patient, patient.c.id == task.c.patient_id)
    .join(site, site.c.id == task.c.site_id)
    .where(task.c.next_attention_at <= sa.bindparam("now"))
    .order_by(task.c.next_attention_at, task.c.site_id)
    .with_for_update(of=task, skip_locked=True)
)

# Chosen off the index alone, and joined only then: most of what waits is left to later transactions.
_portion = (
    sa.select(reminder.c.id, reminder.c.task_id, reminder.c.visit_id, reminder.c.person_id, reminder.c.step)
    .where(WAITING_REMINDER, SINGLE_REMINDER, reminder.c.not_before <= sa.bindparam("now"))
    .order_by(reminder.c.not_before, reminder.c.person_id, reminder.c.visit_id)
    .limit(sa.bindparam("at_most"))
    .with_for_update(skip_locked=True)
    .subquery("portion")
)
_DUE_REMINDERS: Final = (
    sa.select(
        _portion.c.id,
        _portion.c.task_id,
        _portion.c.visit_id,
        _portion.c.person_id,
        _portion.c.step,
        task.c.site_id,
        task.c.state.label("task_state"),
        patient.c.state.label("patient_state"),
        sa.and_(person.c.chat_index.is_not(None), person.c.reachable.is_(True), person.c.revoked_at.is_(None)).label(
            "person_can_be_told"
        ),
    )
    .join(task, task.c.id == _portion.c.task_id)
    .join(patient, patient.c.id == task.c.patient_id)
    .join(person, person.c.id == _portion.c.person_id)
)


def any_task_due(tx: Tx, *, now: Instant) -> bool:
    return tx.connection.execute(_ANY_TASK_DUE, {"now": now}).first() is not None


def any_reminder_due(tx: Tx, *, now: Instant) -> bool:
    return tx.connection.execute(_ANY_REMINDER_DUE, {"now": now}).first() is not None


def next_moment(tx: Tx, *, but_step: str | None = None) -> Instant | None:
    """The first moment at which a task rings or a reminder may go out; it may have passed already.

    Tasks whose alarm stands at `but_step` do not count.
    """
    of_tasks = NEXT_TASK if but_step is None else NEXT_TASK.where(task.c.next_step.is_distinct_from(but_step))
    moments = [
        tx.connection.execute(of_tasks).scalar_one(),
        tx.connection.execute(NEXT_REMINDER).scalar_one(),
    ]
    return min((moment for moment in moments if moment is not None), default=None)


def due_tasks(tx: Tx, *, now: Instant, limit: int) -> tuple[DueTask, ...]:
    """Tasks whose alarm went, the longest waiting first, locked until the transaction ends.

    `limit` of them, and whatever else is due of their visits: what is told about one visit is told at once.
    """
    return tuple(map(DueTask._make, tx.connection.execute(_DUE_TASKS, {"now": now, "at_most": limit})))


def _revive(new: Any) -> Any:
    """What was void was never told: the same thing, due again, takes its row."""
    return new.on_conflict_do_update(
        index_elements=["task_id", "step", "announced_due", "person_id"],
        set_={
            "state": new.excluded.state,
            "void_because": sa.null(),
            "not_before": new.excluded.not_before,
            "created_at": new.excluded.created_at,
            "notice_id": new.excluded.notice_id,
            "single": new.excluded.single,
            "why": new.excluded.why,
            "instead_of": new.excluded.instead_of,
        },
        where=reminder.c.state == word("void"),
    )


_ADD: Final = Bulk.inserting(
    reminder,
    "id",
    "task_id",
    "visit_id",
    "person_id",
    "step",
    "announced_due",
    "state",
    "created_at",
    "not_before",
    "notice_id",
    "single",
    "why",
    "instead_of",
    on_conflict=_revive,
)


def add_reminders(tx: Tx, rows: Sequence[Placed], *, created_at: Instant) -> int:
    """Adds reminders; one that was told before (task, step, due date, person) stays as it is. How many are new."""
    return _ADD.write(
        tx.connection,
        [
            {
                "id": tx.new_id(),
                "task_id": row.new.task_id,
                "visit_id": row.new.visit_id,
                "person_id": row.new.person_id,
                "step": row.new.step,
                "announced_due": row.new.announced_due,
                "state": "waiting" if row.notice_id is None else "grouped",
                "created_at": created_at,
                "not_before": row.new.not_before,
                "notice_id": row.notice_id,
                "single": row.new.single,
                "why": None if row.new.why is None else row.new.why.value,
                "instead_of": row.new.instead_of,
            }
            for row in rows
        ],
    )


_TOLD: Final = ForMany(
    lambda among: sa.select(reminder.c.task_id, reminder.c.step, reminder.c.announced_due, reminder.c.person_id).where(
        among(reminder.c.task_id, "tasks"), reminder.c.state != word("void")
    )
)


def told(tx: Tx, task_ids: Collection[UUID]) -> Mapping[UUID, frozenset[Told]]:
    """What was or will be told about each of these tasks; tasks of which nobody was told anything are missing."""
    found: dict[UUID, set[Told]] = defaultdict(set)
    for row in _TOLD.rows(tx.connection, {"tasks": list(task_ids)}):
        found[row.task_id].add(Told(row.step, row.announced_due, row.person_id))
    return {task_id: frozenset(several) for task_id, several in found.items()}


_RUNG: Final = ForMany(
    lambda among: (
        sa.select(
            reminder.c.task_id,
            reminder.c.step,
            reminder.c.announced_due,
            sa.func.max(reminder.c.created_at).label("rung_at"),
        )
        .where(among(reminder.c.task_id, "tasks"), reminder.c.state != word("void"))
        .group_by(reminder.c.task_id, reminder.c.step, reminder.c.announced_due)
    )
)


def steps_rung(tx: Tx, task_ids: Iterable[UUID]) -> Mapping[UUID, Mapping[tuple[str, date], Instant]]:
    """For each task, the steps that somebody was or will be told, with the due date that each announced, and when it rang
    last (trial time).
    """
    wanted = set(task_ids)
    found: dict[UUID, dict[tuple[str, date], Instant]] = {task_id: {} for task_id in wanted}
    if wanted:
        for row in _RUNG.rows(tx.connection, {"tasks": list(wanted)}):
            found[row.task_id][row.step, row.announced_due] = row.rung_at
    return found


def due_reminders(tx: Tx, *, now: Instant, limit: int) -> tuple[WaitingReminder, ...]:
    """Waiting reminders whose moment has come, the longest waiting first, locked until the transaction ends."""
    return tuple(
        WaitingReminder(
            id=row.id,
            task_id=row.task_id,
            visit_id=row.visit_id,
            person_id=row.person_id,
            task_state=TaskState(row.task_state),
            patient_state=row.patient_state,
            person_can_be_told=bool(row.person_can_be_told),
            site_id=row.site_id,
            step=row.step,
        )
        for row in tx.connection.execute(_DUE_REMINDERS, {"now": now, "at_most": limit})
    )


_GROUP: Final = Bulk.updating(reminder, "state", "notice_id", where=WAITING_REMINDER)


def mark_grouped(tx: Tx, grouped: Sequence[tuple[UUID, UUID]]) -> int:
    """Puts waiting reminders into their notices: pairs of reminder and notice. How many there were."""
    return _GROUP.write(
        tx.connection,
        [{"id": reminder_id, "state": "grouped", "notice_id": notice_id} for reminder_id, notice_id in grouped],
    )


_VOID: Final = sa.update(reminder).values(state="void", void_because=sa.bindparam("because"))
_VOID_OF_TASKS: Final = _VOID.where(
    reminder.c.task_id.in_(sa.bindparam("tasks", expanding=True, type_=sa.Uuid)), WAITING_REMINDER
)
_VOID_OF_PATIENT: Final = _VOID.where(
    reminder.c.task_id.in_(sa.select(task.c.id).where(task.c.patient_id == sa.bindparam("patient"))), WAITING_REMINDER
)
_VOID_THESE: Final = _VOID.where(reminder.c.id.in_(sa.bindparam("reminders", expanding=True, type_=sa.Uuid)))
_UNTOLD: Final = sa.select(reminder.c.id, reminder.c.task_id, reminder.c.step, reminder.c.announced_due)
_UNTOLD_OF_PERSON: Final = _UNTOLD.where(reminder.c.person_id == sa.bindparam("person"), WAITING_REMINDER)
_UNTOLD_OF_NOTICE: Final = _UNTOLD.where(
    reminder.c.notice_id == sa.bindparam("notice"), reminder.c.state == word("grouped")
)
_UNTOLD_OF_NOTICE_TASKS: Final = _UNTOLD_OF_NOTICE.where(
    reminder.c.task_id.in_(sa.bindparam("tasks", expanding=True, type_=sa.Uuid))
)
_UNTOLD_THESE: Final = _UNTOLD.where(
    reminder.c.id.in_(sa.bindparam("reminders", expanding=True, type_=sa.Uuid)), WAITING_REMINDER
)


def void_tasks_reminders(tx: Tx, task_ids: Sequence[UUID], *, because: str) -> int:
    if not task_ids:
        return 0
    return tx.connection.execute(_VOID_OF_TASKS, {"tasks": task_ids, "because": because}).rowcount


def void_patients_reminders(tx: Tx, patient_id: UUID, *, because: str) -> int:
    return tx.connection.execute(_VOID_OF_PATIENT, {"patient": patient_id, "because": because}).rowcount


def void_persons_reminders(tx: Tx, person_id: UUID, *, because: str) -> tuple[Untold, ...]:
    """Makes a person's waiting reminders void; what they were not told."""
    return _void_untold(tx, _UNTOLD_OF_PERSON, {"person": person_id}, because)


def void_notices_reminders(tx: Tx, notice_id: UUID, *, because: str) -> tuple[Untold, ...]:
    """Makes the reminders of a notice void that did not reach its person; what they were not told."""
    return _void_untold(tx, _UNTOLD_OF_NOTICE, {"notice": notice_id}, because)


def void_of_notice(tx: Tx, notice_id: UUID, task_ids: Sequence[UUID], *, because: str) -> tuple[Untold, ...]:
    """Makes those reminders of a notice that has not left void that are about these tasks; what was not told."""
    if not task_ids:
        return ()
    return _void_untold(tx, _UNTOLD_OF_NOTICE_TASKS, {"notice": notice_id, "tasks": task_ids}, because)


def take_back(tx: Tx, notice_id: UUID, *, not_before: Instant) -> int:
    """Takes the reminders out of a notice that did not leave: they wait for this moment, each by itself; how many."""
    return tx.connection.execute(
        sa.update(reminder)
        .where(reminder.c.notice_id == notice_id, reminder.c.state == word("grouped"))
        .values(state="waiting", notice_id=None, not_before=not_before)
    ).rowcount


def void_reminders(tx: Tx, reminder_ids: Sequence[UUID], *, because: str) -> tuple[Untold, ...]:
    """Makes waiting reminders void, with the closed word of their reason; what was not told."""
    return _void_untold(tx, _UNTOLD_THESE, {"reminders": reminder_ids}, because) if reminder_ids else ()


def _void_untold(
    tx: Tx, untold: sa.Select[*tuple[Any, ...]], values: Mapping[str, object], because: str
) -> tuple[Untold, ...]:
    rows = tx.connection.execute(untold, values).all()
    if rows:
        tx.connection.execute(_VOID_THESE, {"reminders": [row.id for row in rows], "because": because})
    return tuple(Untold(row.task_id, row.step, row.announced_due) for row in rows)


_IN_NOTICE: Final = (
    sa.select(reminder.c.task_id, reminder.c.step)
    .where(reminder.c.notice_id == sa.bindparam("notice"))
    .order_by(reminder.c.id)
)


def reminders_in(tx: Tx, notice_id: UUID) -> tuple[tuple[UUID, str], ...]:
    """The tasks and steps that a notice told about."""
    return tuple((row.task_id, row.step) for row in tx.connection.execute(_IN_NOTICE, {"notice": notice_id}))


_OPEN_CARDS: Final = ForMany(
    lambda among: (
        sa.select(notice.c.id, notice.c.person_id, notice.c.visit_id)
        .where(
            OPEN_NOTICE,  # this very clause, so that its index is used
            notice.c.state == word("waiting"),
            notice.c.kind == word("card"),
            among(notice.c.person_id, "people"),
            among(notice.c.visit_id, "visits"),
        )
        # One that is just claimed or called back cannot be joined, and nobody waits to hear so.
        .with_for_update(of=notice, skip_locked=True)
    )
)


def open_card_notices(tx: Tx, pairs: Iterable[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], UUID]:
    """Card notices that still wait to be sent, of these people and visits, locked until the transaction ends."""
    wanted = set(pairs)
    if not wanted:
        return {}
    values = {
        "people": list({person_id for person_id, _ in wanted}),
        "visits": list({visit_id for _, visit_id in wanted}),
    }
    rows = _OPEN_CARDS.rows(tx.connection, values)
    return {(row.person_id, row.visit_id): row.id for row in rows if (row.person_id, row.visit_id) in wanted}


# --- digests ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DigestReminder:
    """A reminder that waits for its person's next digest, with what may have made it pointless meanwhile."""

    id: UUID
    task_id: UUID
    visit_id: UUID
    step: str
    announced_due: date
    rung_at: Instant
    task_state: TaskState
    patient_state: str


_FOR_DIGEST: Final = (
    sa.select(
        reminder.c.id,
        reminder.c.task_id,
        reminder.c.visit_id,
        reminder.c.step,
        reminder.c.announced_due,
        reminder.c.created_at,
        task.c.state.label("task_state"),
        patient.c.state.label("patient_state"),
    )
    .join(task, task.c.id == reminder.c.task_id)
    .join(patient, patient.c.id == task.c.patient_id)
    .where(
        DIGEST_REMINDER,  # this very clause, so that its index is used
        reminder.c.person_id == sa.bindparam("person"),
        reminder.c.not_before <= sa.bindparam("now"),
    )
    .order_by(reminder.c.announced_due, reminder.c.id)
    .with_for_update(of=reminder)
)
_HOLD_BACK: Final = Bulk.updating(reminder, "single", "not_before", where=WAITING_REMINDER)
_FIRST_FOR_DIGEST: Final = sa.select(sa.func.min(reminder.c.not_before)).where(
    DIGEST_REMINDER, reminder.c.person_id == sa.bindparam("person")
)
_ANYTHING_WAITS: Final = (
    sa.select(sa.literal(1)).where(reminder.c.person_id == sa.bindparam("person"), WAITING_REMINDER).limit(1)
)
_PEOPLE_AWAITING_DIGEST: Final = (
    sa.select(reminder.c.person_id).where(DIGEST_REMINDER).distinct().order_by(reminder.c.person_id)
)
_FROM_DIGEST: Final = (
    sa.update(reminder)
    .where(reminder.c.person_id == sa.bindparam("person"), DIGEST_REMINDER)
    .values(
        single=sa.true(),
        not_before=sa.func.coalesce(sa.bindparam("at", type_=reminder.c.not_before.type), reminder.c.not_before),
    )
)


def waiting_for_digest(tx: Tx, person_id: UUID, *, now: Instant) -> tuple[DigestReminder, ...]:
    """What waits for a person's digest and may be told now, the first due first, locked until the transaction ends.

    `mark_grouped` says in which notice each was told; `void_reminders` which of them lost their point.
    """
    return tuple(
        DigestReminder(
            id=row.id,
            task_id=row.task_id,
            visit_id=row.visit_id,
            step=row.step,
            announced_due=row.announced_due,
            rung_at=row.created_at,
            task_state=TaskState(row.task_state),
            patient_state=row.patient_state,
        )
        for row in tx.connection.execute(_FOR_DIGEST, {"person": person_id, "now": now})
    )


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A waiting reminder that waits on, until then: by itself, or for its person's digest."""

    id: UUID
    not_before: Instant
    single: bool


def hold_back(tx: Tx, rows: Collection[HeldBack]) -> int:
    """Waiting reminders that may not go out now after all; how many there were."""
    return _HOLD_BACK.write(
        tx.connection, [{"id": row.id, "single": row.single, "not_before": row.not_before} for row in rows]
    )


def first_for_digest(tx: Tx, person_id: UUID) -> Instant | None:
    """From when on the first of what waits for a person's digest may be told; None when nothing waits."""
    moment: Instant | None = tx.connection.execute(_FIRST_FOR_DIGEST, {"person": person_id}).scalar_one()
    return moment


def anything_waits(tx: Tx, person_id: UUID) -> bool:
    """Whether a person is still to be told something, by itself or in a digest."""
    return tx.connection.execute(_ANYTHING_WAITS, {"person": person_id}).first() is not None


def people_awaiting_digest(tx: Tx) -> tuple[UUID, ...]:
    """Everybody for whose digest something waits."""
    return tuple(tx.connection.scalars(_PEOPLE_AWAITING_DIGEST))


def release_from_digest(tx: Tx, person_id: UUID, *, at: Instant | None = None) -> int:
    """What waits for a person's digest goes out by itself, at `at` where that is given: they want no digest any more.
    How many there were.
    """
    return tx.connection.execute(_FROM_DIGEST, {"person": person_id, "at": at}).rowcount
