"""Sites: places with a country, a time zone, a calendar and a date from which they ring."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.bulk import ForMany
from records.schema import site, study
from records.transaction import Tx
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class SiteRow:
    id: UUID
    study_id: UUID
    study_code: str
    number: str
    name: str
    country: str  # ISO 3166-1 alpha-2
    region: str | None  # ISO 3166-2 subdivision
    zone: str  # IANA
    disclosure: str
    rings_from: date
    hours_from: time | None  # both None: the usual hours
    hours_to: time | None
    disclosure_by: UUID | None  # who chose it; None: it is as it was when the site was added
    disclosure_at: Instant | None

    @property
    def hours(self) -> tuple[time, time] | None:
        """Local wall times between which the site's people may be written to; None: the usual ones."""
        return None if self.hours_from is None or self.hours_to is None else (self.hours_from, self.hours_to)


COLUMNS: Final[tuple[sa.ColumnElement[Any], ...]] = (
    site.c.id,
    site.c.study_id,
    study.c.code.label("study_code"),
    site.c.number,
    site.c.name,
    site.c.country,
    site.c.region,
    site.c.zone,
    site.c.disclosure,
    site.c.rings_from,
    site.c.hours_from,
    site.c.hours_to,
    site.c.disclosure_by,
    site.c.disclosure_at,
)
"""Of a SiteRow, in its order; for statements that join a site and its study."""

_SITES: sa.Select[*tuple[Any, ...]] = sa.select(*COLUMNS).join(study, study.c.id == site.c.study_id)
_SITE = _SITES.where(site.c.id == sa.bindparam("site"))
_THESE = ForMany(lambda among: _SITES.where(among(site.c.id, "sites")))


def add_site(
    tx: Tx,
    *,
    study_id: UUID,
    number: str,
    name: str,
    country: str,
    region: str | None,
    zone: str,
    disclosure: str,
    rings_from: date,
) -> UUID:
    site_id = tx.new_id()
    tx.connection.execute(
        sa.insert(site).values(
            id=site_id,
            study_id=study_id,
            number=number,
            name=name,
            country=country,
            region=region,
            zone=zone,
            disclosure=disclosure,
            rings_from=rings_from,
        )
    )
    return site_id


_ALL = _SITES.order_by(study.c.code, site.c.number)
_OF_STUDY = _ALL.where(site.c.study_id == sa.bindparam("study"))
_NUMBERED = _SITES.where(site.c.study_id == sa.bindparam("study"), site.c.number == sa.bindparam("number"))


def site_by_id(tx: Tx, site_id: UUID) -> SiteRow | None:
    row = tx.connection.execute(_SITE, {"site": site_id}).one_or_none()
    return None if row is None else SiteRow(*row)


_LOCK: Final = sa.select(site.c.id).where(site.c.id == sa.bindparam("site")).with_for_update(key_share=True)


def lock_site(tx: Tx, site_id: UUID) -> None:
    """Nobody else changes which versions this site uses until the transaction ends; patients go on being worked with."""
    tx.connection.execute(_LOCK, {"site": site_id})


def site_by_number(tx: Tx, study_id: UUID, number: str) -> SiteRow | None:
    row = tx.connection.execute(_NUMBERED, {"study": study_id, "number": number}).one_or_none()
    return None if row is None else SiteRow(*row)


def sites_by_ids(tx: Tx, site_ids: Collection[UUID]) -> Mapping[UUID, SiteRow]:
    """Those of these sites that there are."""
    if not site_ids:
        return {}
    rows = _THESE.rows(tx.connection, {"sites": list(site_ids)})
    return {row.id: SiteRow(*tuple(row)) for row in rows}


def sites(tx: Tx, study_id: UUID | None = None) -> tuple[SiteRow, ...]:
    """The sites of one study or of all, by study and number."""
    rows = tx.connection.execute(_ALL) if study_id is None else tx.connection.execute(_OF_STUDY, {"study": study_id})
    return tuple(SiteRow(*row) for row in rows)


# --- what a site chose ------------------------------------------------------------------------------------------------

_SET_HOURS: Final = (
    sa.update(site)
    .where(site.c.id == sa.bindparam("site"))
    .values(hours_from=sa.bindparam("first"), hours_to=sa.bindparam("last"))
)
_SET_DISCLOSURE: Final = (
    sa.update(site)
    .where(site.c.id == sa.bindparam("site"))
    .values(disclosure=sa.bindparam("level"), disclosure_by=sa.bindparam("chosen_by"), disclosure_at=sa.bindparam("at"))
)


def set_hours(tx: Tx, site_id: UUID, hours: tuple[time, time] | None) -> bool:
    """Between which wall times the site's people may be written to; None: the usual ones. False: no such site."""
    first, last = hours or (None, None)
    return tx.connection.execute(_SET_HOURS, {"site": site_id, "first": first, "last": last}).rowcount == 1


def set_disclosure(tx: Tx, site_id: UUID, level: str, *, by: UUID | None, at: Instant) -> bool:
    """What may stand in a chat at this site, and who chose it; False when there is no such site."""
    values = {"site": site_id, "level": level, "chosen_by": by, "at": at}
    return tx.connection.execute(_SET_DISCLOSURE, values).rowcount == 1
