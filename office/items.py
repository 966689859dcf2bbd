"""What the trial office has to look at: which thing each item is about, and what came of it.

What asks for somebody at once is told at once; the rest is news that the hourly watch sends.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from records import office_items, schema
from records.office_items import ItemRow
from records.sealing import Json
from records.transaction import Tx
from scheduler.opening import close_item
from trial.moments import Instant

ANSWERED: Final = "answered"
CONFIRMED: Final = "confirmed"
LOOKED_AT: Final = "looked_at"
TAKEN_BACK: Final = "taken_back"
"""Outcomes: closed words."""


def help_key(task_id: UUID) -> str:
    """Help that was asked for with a task."""
    return f"help:{task_id}"


def leaving_key(patient_id: UUID) -> str:
    """A patient who is said to be no longer followed."""
    return f"leaving:{patient_id}"


def outside_key(visit_id: UUID) -> str:
    """A visit that was held, or is booked, on a day outside its window."""
    return f"outside_window:{visit_id}"


def unseen_key(answer_id: UUID) -> str:
    """A claimed upload that nobody has seen, also after the site was asked; opened by the claims' own watch."""
    return f"claim_unseen:{answer_id}"


def contested_key(answer_id: UUID) -> str:
    """An answer that the trial office took down, and that the site says is not so."""
    return f"contested:{answer_id}"


def change_details(
    tx: Tx, item: ItemRow, details: Mapping[str, Json], *, by: UUID | None, now: Instant, elapsed: Instant
) -> bool:
    """Other details for an open item; False when somebody else changed it meanwhile."""
    if not office_items.change_details(tx, item, details):
        return False
    tx.audit(
        "item.changed",
        table=schema.office_item,
        object_id=item.id,
        by=by,
        at=now,
        recorded_at=elapsed,
        before=_details(item.details),
        after=_details(details),
    )
    return True


def close_about(tx: Tx, key: str, outcome: str, *, by: UUID | None, now: Instant, elapsed: Instant) -> bool:
    """Closes the open item about this thing; False when there is none."""
    item = office_items.open_item_about(tx, key)
    return item is not None and close_item(tx, item, outcome, by=by, now=now, elapsed=elapsed)


def _details(details: Mapping[str, Json] | None) -> dict[str, Json]:
    return {} if details is None else {"details": dict(details)}
