"""Messages that wait for their reader's hours: kept until an elapsed moment, which a clock that was moved brings nearer.

Only the demo moves trial time alone. What is held for a working morning that has come by the demo's clock leaves then.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from records.outbox import NoticeKind
from records.schema import OPEN_NOTICE, digest, notice, word
from records.transaction import Tx
from trial.moments import Instant, instant

_HELD: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(notice.c.id, notice.c.hold_until)
    .outerjoin_from(notice, digest, digest.c.id == notice.c.digest_id)
    .where(
        notice.c.state == word("waiting"),
        # What was tried is in back-off; an edit waits until an answer cannot be taken back any more.
        notice.c.attempt == 0,
        notice.c.hold_until > sa.bindparam("elapsed"),
        sa.or_(
            notice.c.kind == NoticeKind.MESSAGE.value,
            sa.and_(notice.c.kind == NoticeKind.DIGEST.value, digest.c.message_index.is_(None)),
        ),
    )
)
FIRST_WAITING: Final = sa.select(sa.func.min(notice.c.hold_until)).where(OPEN_NOTICE, notice.c.state == word("waiting"))
_MOVE: Final = (
    sa.update(notice).where(notice.c.id == sa.bindparam("notice")).values(hold_until=sa.bindparam("new_hold_until"))
)


def first_held(tx: Tx, *, elapsed: datetime) -> Instant | None:
    """When the first of them leaves, in elapsed time."""
    moments = [row.hold_until for row in tx.connection.execute(_HELD, {"elapsed": elapsed})]
    return instant(min(moments)) if moments else None


def first_waiting(tx: Tx) -> Instant | None:
    """When the first of all that wait may leave, edits and what is in back-off included; elapsed time."""
    moment = tx.connection.scalar(FIRST_WAITING)
    return None if moment is None else instant(moment)


def clock_moved(tx: Tx, by: timedelta, *, elapsed: datetime) -> int:
    """Trial time was moved on alone: these leave so much earlier. How many there are."""
    rows = tx.connection.execute(_HELD, {"elapsed": elapsed}).all()
    for row in rows:
        tx.connection.execute(_MOVE, {"notice": row.id, "new_hold_until": row.hold_until - by})
    return len(rows)
