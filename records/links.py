"""One-time links to one visit's page, for sites at which a chat names no patient. Times are elapsed.

Only the hash of a token is stored. Looking at a link does not use it up; using it does, once: from then on the row holds
the hash of the page's own secret instead, until the page has expired too. `used_at` says which of the two it is.
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


_ROWS: Final[sa.Select[*tuple[Any, ...]]] = sa.select(
    item_link.c.id, item_link.c.person_id, item_link.c.visit_id, item_link.c.created_at, item_link.c.expires_at
).where(item_link.c.token_hash == sa.bindparam("hash"), item_link.c.expires_at > sa.bindparam("elapsed"))
_OPEN: Final = _ROWS.where(item_link.c.used_at.is_(None))
_PAGE: Final = _ROWS.where(item_link.c.used_at.is_not(None))
_ADD: Final = sa.insert(item_link)
_USE: Final = (
    sa.update(item_link)
    .where(
        item_link.c.id == sa.bindparam("link"),
        item_link.c.used_at.is_(None),
        item_link.c.expires_at > sa.bindparam("elapsed"),
    )
    .values(used_at=sa.bindparam("elapsed"), token_hash=sa.bindparam("page_hash"), expires_at=sa.bindparam("until"))
)
_CLOSE: Final = (
    sa.update(item_link)
    .where(item_link.c.id == sa.bindparam("link"), item_link.c.expires_at > sa.bindparam("elapsed"))
    .values(expires_at=sa.bindparam("elapsed"))
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


def use_link(tx: Tx, link_id: UUID, *, page_hash: bytes, elapsed: Instant, until: Instant) -> bool:
    """Uses a link up and makes a page of it; False when it was used before or has expired."""
    values = {"link": link_id, "page_hash": page_hash, "elapsed": elapsed, "until": until}
    return tx.connection.execute(_USE, values).rowcount == 1


def open_page(tx: Tx, page_hash: bytes, *, elapsed: Instant) -> LinkRow | None:
    """The page behind a secret, unless it was closed or has expired."""
    row = tx.connection.execute(_PAGE, {"hash": page_hash, "elapsed": elapsed}).one_or_none()
    return None if row is None else LinkRow(*row)


def close_page(tx: Tx, link_id: UUID, *, elapsed: Instant) -> bool:
    """Ends a page before its time; False when it had ended."""
    return tx.connection.execute(_CLOSE, {"link": link_id, "elapsed": elapsed}).rowcount == 1


def drop_expired(tx: Tx, *, before: Instant) -> int:
    """Forgets links and pages that expired before this; how many there were. The audit log keeps who opened what."""
    return tx.connection.execute(_DROP, {"before": before}).rowcount
