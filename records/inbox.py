"""The inbox: what Telegram delivered, committed before it is confirmed, and handled once.

The transaction that acts on an entry marks it done, so a crash leaves both or neither.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from records.bulk import Bulk
from records.errors import TamperedRecord
from records.schema import FAILED_UPDATE, OPEN_UPDATE, inbox
from records.sealing import Json
from records.transaction import Tx
from trial.moments import Instant

FINGERPRINT: Final = "inbox"


class InboxState(StrEnum):
    OPEN = "open"
    DONE = "done"
    FAILED = "failed"  # given up after several tries; stays and is shown
    TOMBSTONE = "tombstone"  # something came, and this is all that was kept of it


@dataclass(frozen=True, slots=True)
class Incoming:
    """What was admitted of one update.

    `identity` recognises it when it is delivered again: the callback id, or chat and message id (and edit date). Never
    the update id, which Telegram draws anew after a quiet week.
    """

    identity: str
    update_id: int
    kind: str  # a closed word
    payload: Mapping[str, Json] | None  # the projection that may be stored; of a tombstone its ids
    tombstone: bool = False


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """An update that waits to be handled. `payload` None: the stored row was tampered with and does not open."""

    id: UUID
    update_id: int
    kind: str
    payload: dict[str, Json] | None
    attempts: int
    received_at: Instant


@dataclass(frozen=True, slots=True)
class InboxStanding:
    """How the inbox stands: for the board and `sitebell doctor`."""

    open: int
    failed: int
    oldest_open: Instant | None


_OPEN: Final = (
    sa.select(inbox.c.id, inbox.c.update_id, inbox.c.kind, inbox.c.attempts, inbox.c.received_at, inbox.c.sealed)
    .where(OPEN_UPDATE, inbox.c.hold_until <= sa.bindparam("elapsed"))
    .order_by(inbox.c.received_at, inbox.c.update_id)
    .limit(sa.bindparam("at_most"))
)
_ADD: Final = Bulk.inserting(
    inbox,
    "id",
    "fingerprint",
    "update_id",
    "kind",
    "state",
    "received_at",
    "hold_until",
    "done_at",
    "sealed",
    on_conflict=lambda insert: insert.on_conflict_do_nothing(),
)
_CLOSE: Final = (
    sa.update(inbox)
    .where(inbox.c.id == sa.bindparam("entry"), OPEN_UPDATE)
    .values(state=sa.bindparam("into"), done_at=sa.bindparam("elapsed"), error=sa.bindparam("because"))
)
_RETRY: Final = (
    sa.update(inbox)
    .where(inbox.c.id == sa.bindparam("entry"), OPEN_UPDATE)
    .values(attempts=inbox.c.attempts + 1, hold_until=sa.bindparam("until"), error=sa.bindparam("because"))
)
_ERASE: Final = (
    sa.update(inbox)
    .where(
        inbox.c.state.in_([InboxState.DONE, InboxState.TOMBSTONE]),
        inbox.c.done_at < sa.bindparam("limit"),
        inbox.c.sealed.is_not(None),
    )
    .values(sealed=None)
)
_STANDING: Final = sa.select(
    sa.select(sa.func.count()).where(OPEN_UPDATE).scalar_subquery().label("open"),
    sa.select(sa.func.count()).where(FAILED_UPDATE).scalar_subquery().label("failed"),
    sa.select(sa.func.min(inbox.c.received_at)).where(OPEN_UPDATE).scalar_subquery().label("oldest_open"),
)


def store(tx: Tx, entries: Sequence[Incoming], *, elapsed: datetime) -> int:
    """Store these, and say how many were new. One that is there already is left alone."""
    rows = []
    for entry in entries:
        row_id = tx.new_id()
        rows.append(
            {
                "id": row_id,
                "fingerprint": tx.blind(FINGERPRINT, entry.identity),
                "update_id": entry.update_id,
                "kind": entry.kind,
                "state": InboxState.TOMBSTONE if entry.tombstone else InboxState.OPEN,
                "received_at": elapsed,
                "hold_until": elapsed,
                "done_at": elapsed if entry.tombstone else None,
                "sealed": None if entry.payload is None else tx.seal(inbox, row_id, entry.payload),
            }
        )
    return _ADD.write(tx.connection, rows)


def open_entries(tx: Tx, *, elapsed: datetime, limit: int) -> tuple[InboxEntry, ...]:
    """What waits and is not held back, in the order in which it came."""
    rows = tx.connection.execute(_OPEN, {"elapsed": elapsed, "at_most": limit})
    return tuple(
        InboxEntry(
            id=row.id,
            update_id=row.update_id,
            kind=row.kind,
            payload=_opened(tx, row.id, row.sealed),
            attempts=row.attempts,
            received_at=Instant(row.received_at),
        )
        for row in rows
    )


def done(tx: Tx, entry: UUID, *, elapsed: datetime) -> bool:
    """Mark it handled, in the transaction that handles it. False: it was handled before, so undo what you did."""
    return _close(tx, entry, into=InboxState.DONE, elapsed=elapsed, because=None)


def failed(tx: Tx, entry: UUID, error_class: str, *, elapsed: datetime) -> bool:
    """Give up on it; it stays and is shown. `error_class` is the class of the last error, never its text."""
    return _close(tx, entry, into=InboxState.FAILED, elapsed=elapsed, because=error_class)


def retry(tx: Tx, entry: UUID, error_class: str, *, hold_until: datetime) -> bool:
    """Leave it open and try again from `hold_until` (elapsed) on."""
    values = {"entry": entry, "until": hold_until, "because": error_class}
    return tx.connection.execute(_RETRY, values).rowcount == 1


def erase_handled(tx: Tx, *, before: datetime) -> int:
    """Erase what was stored of updates that were handled before this moment; their rows stay against repeats."""
    return tx.connection.execute(_ERASE, {"limit": before}).rowcount


def standing(tx: Tx) -> InboxStanding:
    row = tx.connection.execute(_STANDING).one()
    return InboxStanding(
        open=row.open, failed=row.failed, oldest_open=None if row.oldest_open is None else Instant(row.oldest_open)
    )


def _close(tx: Tx, entry: UUID, *, into: InboxState, elapsed: datetime, because: str | None) -> bool:
    values = {"entry": entry, "into": into, "elapsed": elapsed, "because": because}
    return tx.connection.execute(_CLOSE, values).rowcount == 1


def _opened(tx: Tx, row: UUID, value: bytes | None) -> dict[str, Json] | None:
    try:
        return None if value is None else tx.unseal(inbox, row, value)
    except TamperedRecord:
        return None
