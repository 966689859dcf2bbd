"""Whether anything changed since somebody looked: what was recorded leaves an audit entry, what was sent a delivery."""

from typing import Final
from uuid import UUID

import sqlalchemy as sa

from records.schema import audit_head, delivery
from records.transaction import Tx

_LATEST: Final = sa.select(
    audit_head.c.sequence,
    sa.select(delivery.c.id).order_by(delivery.c.id.desc()).limit(1).scalar_subquery().label("delivery"),
)


def latest_change(tx: Tx) -> tuple[int, UUID | None]:
    """The same as before: nothing has changed. Ids begin with their time, so that the latest is the greatest."""
    row = tx.connection.execute(_LATEST).one()
    return row.sequence, row.delivery
