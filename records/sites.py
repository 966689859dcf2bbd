"""Sites: places with a country, a time zone, a calendar and a date from which they ring."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.schema import site, study
from records.transaction import Tx


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
)
"""Of a SiteRow, in its order; for statements that join a site and its study."""

_SITES: sa.Select[*tuple[Any, ...]] = sa.select(*COLUMNS).join(study, study.c.id == site.c.study_id)
_SITE = _SITES.where(site.c.id == sa.bindparam("site"))


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


def site_by_id(tx: Tx, site_id: UUID) -> SiteRow | None:
    row = tx.connection.execute(_SITE, {"site": site_id}).one_or_none()
    return None if row is None else SiteRow(*row)


def site_by_number(tx: Tx, study_id: UUID, number: str) -> SiteRow | None:
    row = tx.connection.execute(_SITES.where(site.c.study_id == study_id, site.c.number == number)).one_or_none()
    return None if row is None else SiteRow(*row)


def sites(tx: Tx, study_id: UUID | None = None) -> tuple[SiteRow, ...]:
    """The sites of one study or of all, by study and number."""
    statement = _SITES.order_by(study.c.code, site.c.number)
    if study_id is not None:
        statement = statement.where(site.c.study_id == study_id)
    return tuple(SiteRow(*row) for row in tx.connection.execute(statement))
