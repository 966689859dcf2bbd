"""Items for the trial office that time opens and closes, each with its audit event."""

from uuid import UUID

from records import office_items, schema
from records.office_items import ItemRow, NewItem
from records.sealing import Json
from records.transaction import Tx
from trial.moments import Instant


def open_item(tx: Tx, new: NewItem, *, now: Instant, elapsed: Instant) -> UUID | None:
    """Opens an item; None when one about the same thing is open already, and then nothing changes."""
    item_id = office_items.open_item(tx, new, opened_at=now)
    if item_id is not None:
        after: dict[str, Json] = {"kind": new.kind.value, "key": new.key}
        if new.details is not None:
            after["details"] = dict(new.details)
        tx.audit(
            "item.opened",
            table=schema.office_item,
            object_id=item_id,
            by=None,
            at=now,
            recorded_at=elapsed,
            after=after,
        )
    return item_id


def close_item(tx: Tx, item: ItemRow, outcome: str, *, by: UUID | None = None, now: Instant, elapsed: Instant) -> bool:
    """Closes an item: it is so no longer. False when it was closed already."""
    if not office_items.close_item(tx, item.id, by=by, at=now, outcome=outcome):
        return False
    tx.audit(
        "item.closed",
        table=schema.office_item,
        object_id=item.id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={"outcome": outcome},
    )
    return True
