"""From reminders to notices: what a person has to be told about one visit goes out as one card."""

from collections import defaultdict
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


def group_waiting(records: Records, *, now: Instant, elapsed: Instant, limit: int = AT_MOST) -> int:
    """Puts waiting reminders whose moment has come into notices; how many reminders were dealt with.

    Each is asked once more whether it still has a point: what was answered, paused or cancelled meanwhile becomes void,
    with its reason.
    """
    with records.read() as tx:
        if not reminders.any_reminder_due(tx, now=now):
            return 0
    with records.begin() as tx:
        due = reminders.due_reminders(tx, now=now, limit=limit)
        _void(tx, due, now=now)
        _group(tx, [one for one in due if _pointless(one) is None], now=now, elapsed=elapsed)
        return len(due)


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
    pairs: dict[tuple[UUID, UUID], list[WaitingReminder]] = defaultdict(list)
    for one in due:
        pairs[one.person_id, one.visit_id].append(one)
    # A card that still waits to be sent shows the visit as it is then, so it tells this too.
    waiting = reminders.open_card_notices(tx, pairs)
    new = [
        NewNotice(NoticeKind.CARD, person_id=person_id, visit_id=visit_id, id=tx.new_id())
        for person_id, visit_id in pairs
        if (person_id, visit_id) not in waiting
    ]
    outbox.put(tx, new, now=now, elapsed=elapsed)
    into = waiting | {
        (notice.person_id, notice.visit_id): notice.id
        for notice in new
        if notice.person_id is not None and notice.visit_id is not None and notice.id is not None
    }
    reminders.mark_grouped(tx, [(one.id, into[pair]) for pair, several in pairs.items() for one in several])
    if pairs:
        # One event for all of them: what each person was told is told again by the audit of its delivery.
        tx.audit(
            "reminders.grouped",
            table=schema.reminder,
            object_id="several",
            by=None,
            at=now,
            recorded_at=elapsed,
            after={str(into[pair]): [str(one.id) for one in several] for pair, several in pairs.items()},
        )
