"""What somebody was not told goes to whoever else is there."""

from collections.abc import Iterable
from uuid import UUID

from records import plans, reminders
from records.reminders import Untold
from records.transaction import Tx
from scheduler.alarms import AGAIN
from trial.moments import Instant


def hand_over(tx: Tx, untold: Iterable[Untold], *, now: Instant) -> int:
    """Rings these tasks again, but for those of which a colleague was told the same; how many."""
    steps = tuple(untold)
    rung = reminders.steps_rung(tx, [one.task_id for one in steps])
    wanted = sorted({one.task_id for one in steps if (one.step, one.announced_due) not in rung[one.task_id]})
    return plans.ring_again(tx, wanted, step=AGAIN, at=now)


def not_reached(tx: Tx, notice_id: UUID, *, now: Instant) -> int:
    """A notice could not be delivered to its person: called with the transaction that records so."""
    return hand_over(tx, reminders.void_notices_reminders(tx, notice_id, because="person_unreachable"), now=now)
