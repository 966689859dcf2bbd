"""Leases: one process at a time does a thing, and one that lost its lease without noticing changes nothing.

Each acquisition counts the token up. Whatever is done under a lease carries its token, and a later settling of it
asks for that token again: zero rows mean that somebody else took over.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from records.schema import lease
from records.transaction import Tx
from trial.moments import Instant

SERVICE: Final = "service"  # whoever holds it receives, rings and sends

_READ: Final = (
    sa.select(lease.c.holder, lease.c.token, lease.c.expires_at)
    .where(lease.c.name == sa.bindparam("of"))
    .with_for_update()
)
_MINE: Final = (
    sa.update(lease)
    .where(
        lease.c.name == sa.bindparam("of"),
        lease.c.holder == sa.bindparam("by"),
        lease.c.token == sa.bindparam("under"),
    )
    .values(expires_at=sa.bindparam("until"))
)
_TAKE: Final = (
    sa.update(lease)
    .where(lease.c.name == sa.bindparam("of"))
    .values(holder=sa.bindparam("by"), token=sa.bindparam("under"), expires_at=sa.bindparam("until"))
)


@dataclass(frozen=True, slots=True)
class Lease:
    """A right for a while, by the elapsed clock. Stop some seconds before `expires_at`."""

    name: str
    holder: str
    token: int
    expires_at: Instant


def acquire(
    tx: Tx,
    name: str,
    holder: str,
    *,
    elapsed: datetime,
    ttl: timedelta,
    holder_is_dead: Callable[[str], bool] = lambda _holder: False,
) -> Lease | None:
    """The lease, or None while another holder has it.

    It is free when it expired, was released, is this holder's own, or `holder_is_dead` knows that its holder is gone
    (a process of this machine that was killed): then nobody waits for the expiry.
    """
    expires_at = Instant(elapsed + ttl)
    fresh = {"name": name, "holder": holder, "token": 1, "expires_at": expires_at}
    if tx.insert_new(lease, [fresh]):
        return Lease(name=name, holder=holder, token=1, expires_at=expires_at)
    row = tx.connection.execute(_READ, {"of": name}).one()
    free = row.expires_at <= elapsed or row.holder == holder or holder_is_dead(row.holder)
    if not free:
        return None
    token = row.token + 1
    tx.connection.execute(_TAKE, {"of": name, "by": holder, "under": token, "until": expires_at})
    return Lease(name=name, holder=holder, token=token, expires_at=expires_at)


def renew(tx: Tx, held: Lease, *, elapsed: datetime, ttl: timedelta) -> Lease | None:
    """The same lease for longer, or None if it was lost: then stop at once."""
    expires_at = Instant(elapsed + ttl)
    values = {"of": held.name, "by": held.holder, "under": held.token, "until": expires_at}
    if tx.connection.execute(_MINE, values).rowcount == 0:
        return None
    return Lease(name=held.name, holder=held.holder, token=held.token, expires_at=expires_at)


def release(tx: Tx, held: Lease, *, elapsed: datetime) -> None:
    """Give it back now; the token stays, so that it never counts down."""
    tx.connection.execute(_MINE, {"of": held.name, "by": held.holder, "under": held.token, "until": elapsed})
