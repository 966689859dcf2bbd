"""Outages of our own: when nothing was received or sent. After a long one sending is held until somebody releases it."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.schema import answer, delivery, notice, outage, word
from records.transaction import Tx
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class OutageRow:
    """`began_at` and `ended_at` are elapsed time, all others trial time."""

    id: UUID
    began_at: Instant
    ended_at: Instant
    trial_from: Instant
    trial_until: Instant
    held: bool
    released_at: Instant | None
    released_by: UUID | None


_OUTAGES: Final[sa.Select[*tuple[Any, ...]]] = sa.select(
    outage.c.id,
    outage.c.began_at,
    outage.c.ended_at,
    outage.c.trial_from,
    outage.c.trial_until,
    outage.c.held,
    outage.c.released_at,
    outage.c.released_by,
)
_HELD: Final = (
    _OUTAGES.where(outage.c.held == sa.true(), outage.c.released_at.is_(None)).order_by(outage.c.began_at).limit(1)
)
_LATEST: Final = _OUTAGES.order_by(outage.c.began_at.desc()).limit(sa.bindparam("at_most"))
_ADD: Final = sa.insert(outage)
_RELEASE: Final = (
    sa.update(outage)
    .where(outage.c.id == sa.bindparam("outage"), outage.c.held == sa.true(), outage.c.released_at.is_(None))
    .values(released_at=sa.bindparam("at"), released_by=sa.bindparam("by"))
)
_PROLONG: Final = (
    sa.update(outage)
    .where(outage.c.id == sa.bindparam("outage"))
    .values(ended_at=sa.bindparam("until"), trial_until=sa.bindparam("trial_time"), held=sa.bindparam("hold"))
)
_SENT: Final = (
    sa.select(notice.c.person_id)
    .join_from(delivery, notice, notice.c.id == delivery.c.notice_id)
    .where(
        delivery.c.started_at >= sa.bindparam("since"),
        delivery.c.outcome.in_((word("accepted"), word("ambiguous"))),
        notice.c.kind.in_((word("card"), word("edit"), word("digest"))),
        notice.c.person_id.is_not(None),
    )
)
_ANSWERED: Final = sa.select(answer.c.person_id).where(
    answer.c.received_at >= sa.bindparam("since"), answer.c.person_id.is_not(None)
)
_IN_TOUCH: Final = sa.union(_SENT, _ANSWERED)


def record_outage(
    tx: Tx, *, began_at: Instant, ended_at: Instant, trial_from: Instant, trial_until: Instant, held: bool
) -> UUID:
    """An outage that is over. `held`: sending waits for its release."""
    outage_id = tx.new_id()
    tx.connection.execute(
        _ADD,
        {
            "id": outage_id,
            "began_at": began_at,
            "ended_at": ended_at,
            "trial_from": trial_from,
            "trial_until": trial_until,
            "held": held,
        },
    )
    return outage_id


def prolong(tx: Tx, outage_id: UUID, *, ended_at: Instant, trial_until: Instant, held: bool) -> None:
    """It was not over after all: who started after it died before they did anything."""
    values = {"outage": outage_id, "until": ended_at, "trial_time": trial_until, "hold": held}
    tx.connection.execute(_PROLONG, values)


def held_outage(tx: Tx) -> OutageRow | None:
    """The outage for whose release sending waits, the earliest of several; None: send."""
    row = tx.connection.execute(_HELD).one_or_none()
    return None if row is None else OutageRow(*row)


def latest_outages(tx: Tx, *, limit: int) -> tuple[OutageRow, ...]:
    """The last outages, the newest first."""
    return tuple(OutageRow(*row) for row in tx.connection.execute(_LATEST, {"at_most": limit}))


def release(tx: Tx, outage_id: UUID, *, by: UUID | None, at: Instant) -> bool:
    """Sending goes on; False when it was not held, or was released before."""
    return tx.connection.execute(_RELEASE, {"outage": outage_id, "by": by, "at": at}).rowcount == 1


def people_in_touch(tx: Tx, *, since: Instant) -> tuple[UUID, ...]:
    """Who was sent a card or a digest, or answered, since then (elapsed): a press of theirs may have been lost.

    Reads all deliveries and answers: asked once after an outage, never by a tick.
    """
    return tuple(sorted(tx.connection.scalars(_IN_TOUCH, {"since": since})))
