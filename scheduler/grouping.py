"""From reminders to notices: what a person has to be told about one visit goes out as one card."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from records import outbox, reminders, schema
from records.database import Records
from records.outbox import NewNotice, NoticeKind
from records.reminders import WaitingReminder
from records.transaction import Tx
from scheduler.handing_over import hand_over
from trial.moments import Instant
from trial.tasks import TaskState

UNREACHABLE: Final = "person_unreachable"

AT_MOST: Final = 100
"""Reminders in one transaction: short, because answers go between two of them."""

Pair = tuple[UUID, UUID]
"""A person, and a visit that they are told about."""


def group_waiting(records: Records, *, now: Instant, elapsed: Instant, limit: int = AT_MOST) -> int:
    """Puts waiting reminders whose moment has come into notices; how many reminders were dealt with.

    These were held back when they were rung, for their person's hours. Each is asked once more whether it still has a
    point: what was answered, paused or cancelled meanwhile becomes void, with its reason.
    """
    with records.begin() as tx:
        due = reminders.due_reminders(tx, now=now, limit=limit)
        _void(tx, due, now=now)
        _group(tx, [one for one in due if _pointless(one) is None], now=now, elapsed=elapsed)
        return len(due)


def card_notices(tx: Tx, pairs: Iterable[Pair], *, now: Instant, elapsed: Instant) -> dict[Pair, UUID]:
    """For each person and visit the notice that tells it: a card that still waits to be sent, else a new one.

    A card shows its visit as it is when it is sent, so one that waits tells what has come meanwhile, too.
    """
    wanted = dict.fromkeys(pairs)
    into = reminders.open_card_notices(tx, wanted)
    new = {pair: tx.new_id() for pair in wanted if pair not in into}
    notices = [
        NewNotice(NoticeKind.CARD, person_id=person_id, visit_id=visit_id, id=notice_id)
        for (person_id, visit_id), notice_id in new.items()
    ]
    outbox.put(tx, notices, now=now, elapsed=elapsed)
    return into | new


def _pointless(reminder: WaitingReminder) -> str | None:
    """Why this reminder must not go out any more; None: it goes."""
    if reminder.patient_state != "followed":
        return f"patient_{reminder.patient_state}"
    match reminder.task_state:
        case TaskState.OPEN:
            return None if reminder.person_can_be_told else UNREACHABLE
        case TaskState.PAUSED:
            return "patient_paused"
        case TaskState.CANCELLED:
            return "cancelled"
        case TaskState.DONE | TaskState.NOT_DONE | TaskState.NOT_APPLICABLE:
            return "answered"


def _void(tx: Tx, due: tuple[WaitingReminder, ...], *, now: Instant) -> None:
    by_reason: dict[str, list[UUID]] = defaultdict(list)
    for one in due:
        reason = _pointless(one)
        if reason is not None:
            by_reason[reason].append(one.id)
    for reason, ids in by_reason.items():
        untold = reminders.void_reminders(tx, ids, because=reason)
        if reason == UNREACHABLE:
            hand_over(tx, untold, now=now)


def _group(tx: Tx, due: list[WaitingReminder], *, now: Instant, elapsed: Instant) -> None:
    if not due:
        return
    into = card_notices(tx, ((one.person_id, one.visit_id) for one in due), now=now, elapsed=elapsed)
    grouped = [(one.id, into[one.person_id, one.visit_id]) for one in due]
    reminders.mark_grouped(tx, grouped)
    told: dict[str, list[str]] = defaultdict(list)
    for reminder_id, notice_id in grouped:
        told[str(notice_id)].append(str(reminder_id))
    # One event for all of them: what each person was told is told again by the audit of its delivery.
    tx.audit(
        "reminders.grouped",
        table=schema.reminder,
        object_id="several",
        by=None,
        at=now,
        recorded_at=elapsed,
        after=told,
    )
