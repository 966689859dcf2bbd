"""One-time links to one visit's page, for sites at which a chat names no patient. Times are elapsed.

Only the hash of a token is stored. Looking at a link does not use it up; using it does, once.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.schema import item_link
from records.transaction import Tx
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class LinkRow:
    id: UUID
    person_id: UUID
    visit_id: UUID
    created_at: Instant
    expires_at: Instant


_OPEN: Final[sa.Select[*tuple[Any, ...]]] = sa.select(
    item_link.c.id, item_link.c.person_id, item_link.c.visit_id, item_link.c.created_at, item_link.c.expires_at
).where(
    item_link.c.token_hash == sa.bindparam("hash"),
    item_link.c.used_at.is_(None),
    item_link.c.expires_at > sa.bindparam("elapsed"),
)
_ADD: Final = sa.insert(item_link)
_USE: Final = (
    sa.update(item_link)
    .where(
        item_link.c.id == sa.bindparam("link"),
        item_link.c.used_at.is_(None),
        item_link.c.expires_at > sa.bindparam("elapsed"),
    )
    .values(used_at=sa.bindparam("elapsed"))
)
_DROP: Final = sa.delete(item_link).where(item_link.c.expires_at < sa.bindparam("before"))


def add_link(
    tx: Tx, *, person_id: UUID, visit_id: UUID, token_hash: bytes, created_at: Instant, expires_at: Instant
) -> UUID:
    link_id = tx.new_id()
    tx.connection.execute(
        _ADD,
        {
            "id": link_id,
            "person_id": person_id,
            "visit_id": visit_id,
            "token_hash": token_hash,
            "created_at": created_at,
            "expires_at": expires_at,
        },
    )
    return link_id


def open_link(tx: Tx, token_hash: bytes, *, elapsed: Instant) -> LinkRow | None:
    """The link behind a token, unless it was used or has expired."""
    row = tx.connection.execute(_OPEN, {"hash": token_hash, "elapsed": elapsed}).one_or_none()
    return None if row is None else LinkRow(*row)


def use_link(tx: Tx, link_id: UUID, *, elapsed: Instant) -> bool:
    """Uses a link up; False when it was used before or has expired."""
    return tx.connection.execute(_USE, {"link": link_id, "elapsed": elapsed}).rowcount == 1


def drop_expired(tx: Tx, *, before: Instant) -> int:
    """Forgets links that expired before this; how many there were. The audit log keeps who opened what."""
    return tx.connection.execute(_DROP, {"before": before}).rowcount
