"""Days on which a site is closed, beside weekends and public holidays. Local dates at the site, inclusive."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.schema import site_closing
from records.transaction import Tx
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class ClosingRow:
    id: UUID
    site_id: UUID
    first: date
    last: date
    recorded_at: Instant


_CLOSINGS: Final[sa.Select[*tuple[Any, ...]]] = sa.select(
    site_closing.c.id, site_closing.c.site_id, site_closing.c.first, site_closing.c.last, site_closing.c.recorded_at
).where(site_closing.c.removed_at.is_(None))
_AT_SITES: Final = _CLOSINGS.where(
    site_closing.c.site_id.in_(sa.bindparam("sites", expanding=True)), site_closing.c.last >= sa.bindparam("day")
).order_by(site_closing.c.first, site_closing.c.id)
_ADD: Final = sa.insert(site_closing)
_REMOVE: Final = (
    sa.update(site_closing)
    .where(site_closing.c.id == sa.bindparam("closing"), site_closing.c.removed_at.is_(None))
    .values(removed_at=sa.bindparam("at"))
)


def add_closing(tx: Tx, site_id: UUID, *, first: date, last: date, recorded_at: Instant) -> UUID:
    """
    Raises:
        ValueError: it ends before it begins.
    """
    if last < first:
        raise ValueError("a closing ends before it begins")
    closing_id = tx.new_id()
    tx.connection.execute(
        _ADD, {"id": closing_id, "site_id": site_id, "first": first, "last": last, "recorded_at": recorded_at}
    )
    return closing_id


def closings_at(tx: Tx, site_ids: Collection[UUID], *, since: date) -> Mapping[UUID, tuple[ClosingRow, ...]]:
    """The closings of these sites that end on this day or later, the first one first; nothing for sites without any.

    A deadline counts working days backwards and forwards: ask from the earliest day that may be counted.
    """
    if not site_ids:
        return {}
    found: dict[UUID, list[ClosingRow]] = defaultdict(list)
    for row in tx.connection.execute(_AT_SITES, {"sites": sorted(site_ids), "day": since}):
        found[row.site_id].append(ClosingRow(*row))
    return {site_id: tuple(rows) for site_id, rows in found.items()}


def remove_closing(tx: Tx, closing_id: UUID, *, at: Instant) -> bool:
    """The site is open on these days after all; False when it was removed before."""
    return tx.connection.execute(_REMOVE, {"closing": closing_id, "at": at}).rowcount == 1
