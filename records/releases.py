"""Which version of a protocol a site uses from when, and the versions that a patient is planned by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.schema import consent, patient, patient_version, release, study_version, visit
from records.schema_releases import TO_APPLY
from records.transaction import Tx
from trial.amending import Moved, still_planning
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A version at a site. `approved_on`, `dates_sha256` and both persons are None where it was in use before releases."""

    id: UUID
    study_version_id: UUID
    site_id: UUID
    active_from: date
    approved_on: date | None
    dates_sha256: str | None
    prepared_by: UUID | None
    released_by: UUID | None
    released_at: Instant
    applied_at: Instant | None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in the chain of a patient; `since` None: the first."""

    study_version_id: UUID
    since: date | None


_RELEASES: Final = sa.select(
    release.c.id,
    release.c.study_version_id,
    release.c.site_id,
    release.c.active_from,
    release.c.approved_on,
    release.c.dates_sha256,
    release.c.prepared_by,
    release.c.released_by,
    release.c.released_at,
    release.c.applied_at,
).order_by(release.c.active_from, release.c.released_at, release.c.id)
_OF_SITE: Final = _RELEASES.where(release.c.site_id == sa.bindparam("site"))
_OF_STUDY: Final = _RELEASES.join(study_version, study_version.c.id == release.c.study_version_id).where(
    study_version.c.study_id == sa.bindparam("study")
)
_WAITING: Final = _RELEASES.where(TO_APPLY, release.c.active_from <= sa.bindparam("day"))
_ADD: Final = sa.insert(release)
_REMOVE: Final = sa.delete(release).where(release.c.id == sa.bindparam("release"))
_APPLIED: Final = (
    sa.update(release).where(release.c.id == sa.bindparam("release")).values(applied_at=sa.bindparam("at"))
)
_CHAIN: Final = (
    sa.select(patient_version.c.study_version_id, patient_version.c.since)
    .join(study_version, study_version.c.id == patient_version.c.study_version_id)
    .where(patient_version.c.patient_id == sa.bindparam("patient"))
    .order_by(study_version.c.imported_at)
)
_CONSENTS: Final = sa.select(consent.c.study_version_id, consent.c.given_on).where(
    consent.c.patient_id == sa.bindparam("patient")
)


def add_release(
    tx: Tx,
    *,
    study_version_id: UUID,
    site_id: UUID,
    active_from: date,
    approved_on: date | None,
    dates_sha256: str | None,
    prepared_by: UUID | None,
    released_by: UUID | None,
    released_at: Instant,
    applied_at: Instant | None = None,
) -> UUID:
    """This version is used at this site from a day on. A version is released at a site once."""
    release_id = tx.new_id()
    values = {
        "id": release_id,
        "study_version_id": study_version_id,
        "site_id": site_id,
        "active_from": active_from,
        "approved_on": approved_on,
        "dates_sha256": dates_sha256,
        "prepared_by": prepared_by,
        "released_by": released_by,
        "released_at": released_at,
        "applied_at": applied_at,
    }
    tx.connection.execute(_ADD, values)
    return release_id


def remove_release(tx: Tx, release_id: UUID) -> None:
    """The version is not used there after all, and may be released there again. That it was stands in the audit trail."""
    tx.connection.execute(_REMOVE, {"release": release_id})


def of_site(tx: Tx, site_id: UUID) -> tuple[ReleaseRow, ...]:
    """Every release at a site, by the day from which each is used."""
    return tuple(_release(row) for row in tx.connection.execute(_OF_SITE, {"site": site_id}))


def of_study(tx: Tx, study_id: UUID) -> tuple[ReleaseRow, ...]:
    """Every release of a study's versions, by the day from which each is used."""
    return tuple(_release(row) for row in tx.connection.execute(_OF_STUDY, {"study": study_id}))


def _release(row: sa.Row[*tuple[Any, ...]]) -> ReleaseRow:
    return ReleaseRow(**row._asdict())


def waiting(tx: Tx, *, until: date) -> tuple[ReleaseRow, ...]:
    """Releases whose patients were not moved yet, used from this day or an earlier one, by that day."""
    return tuple(_release(row) for row in tx.connection.execute(_WAITING, {"day": until}))


def set_applied(tx: Tx, release_id: UUID, *, at: Instant) -> None:
    """The site's patients were moved."""
    tx.connection.execute(_APPLIED, {"release": release_id, "at": at})


# --- a patient's versions ---------------------------------------------------------------------------------------------


def chain_of(tx: Tx, patient_id: UUID) -> tuple[VersionRow, ...]:
    """The versions that a patient is planned by, the first one first; empty where there was never more than one."""
    links = still_planning(Moved(*row) for row in tx.connection.execute(_CHAIN, {"patient": patient_id}))
    return tuple(VersionRow(link.key, link.since) for link in links)


def set_chain(tx: Tx, patient_id: UUID, chain: Iterable[VersionRow], *, at: Instant) -> None:
    """The patient is planned by this chain from now on; a link that stands already stays as it was written."""
    links = list(chain)
    standing = {row.study_version_id for row in tx.connection.execute(_CHAIN, {"patient": patient_id})}
    new = [
        {
            "id": tx.new_id(),
            "patient_id": patient_id,
            "study_version_id": link.study_version_id,
            "since": link.since,
            "recorded_at": at,
        }
        for link in links
        if link.study_version_id not in standing
    ]
    if new:
        tx.connection.execute(sa.insert(patient_version), new)
    tx.connection.execute(
        sa.update(patient).where(patient.c.id == patient_id).values(study_version_id=links[-1].study_version_id)
    )


def rename_visits(tx: Tx, patient_id: UUID, names: Iterable[tuple[str, str, str]]) -> None:
    """Visits of a patient go on under another name: occurrence, its new id, and the new id of its definition."""
    for was, now, definition in names:
        tx.connection.execute(
            sa.update(visit)
            .where(visit.c.patient_id == patient_id, visit.c.occurrence == was)
            .values(occurrence=now, definition=definition)
        )


# --- consent to an amendment ------------------------------------------------------------------------------------------


def add_consent(
    tx: Tx, *, patient_id: UUID, study_version_id: UUID, given_on: date, recorded_by: UUID | None, recorded_at: Instant
) -> UUID:
    """The patient has consented to this version, on this day. Once for each version."""
    consent_id = tx.new_id()
    tx.connection.execute(
        sa.insert(consent).values(
            id=consent_id,
            patient_id=patient_id,
            study_version_id=study_version_id,
            given_on=given_on,
            recorded_at=recorded_at,
            recorded_by=recorded_by,
        )
    )
    return consent_id


def consents_of(tx: Tx, patient_id: UUID) -> dict[UUID, date]:
    """The day of each consent, by version."""
    return {row.study_version_id: row.given_on for row in tx.connection.execute(_CONSENTS, {"patient": patient_id})}


def consented_to(tx: Tx, version_id: UUID) -> frozenset[UUID]:
    """Every patient who has consented to a version."""
    statement = sa.select(consent.c.patient_id).where(consent.c.study_version_id == version_id)
    return frozenset(tx.connection.scalars(statement))


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A patient whom a version could move by their consent; `given_on` None: none is on record."""

    patient_id: UUID
    site_id: UUID
    given_on: date | None


_CONSENTS_TO: Final = (
    sa.select(patient.c.id, patient.c.site_id, consent.c.given_on)
    .join_from(
        patient,
        consent,
        sa.and_(consent.c.patient_id == patient.c.id, consent.c.study_version_id == sa.bindparam("version")),
        isouter=True,
    )
    .where(
        patient.c.state != "ended",
        patient.c.site_id.in_(sa.bindparam("sites", expanding=True)),
        sa.or_(
            consent.c.given_on.is_not(None), patient.c.study_version_id.in_(sa.bindparam("earlier", expanding=True))
        ),
    )
    .order_by(patient.c.added_at, patient.c.id)
)


def consents_to(
    tx: Tx, version_id: UUID, *, earlier: Sequence[UUID], site_ids: Sequence[UUID]
) -> tuple[ConsentRow, ...]:
    """Followed patients of these sites who have consented to a version, or are still planned by one of the earlier."""
    values = {"version": version_id, "sites": list(site_ids), "earlier": list(earlier)}
    return tuple(ConsentRow(*row) for row in tx.connection.execute(_CONSENTS_TO, values))


# --- whom a version moves ---------------------------------------------------------------------------------------------

_WANTED: Final = study_version.alias("wanted")
_OTHERS: Final = (
    sa.select(patient.c.id)
    .join(study_version, study_version.c.id == patient.c.study_version_id)
    .join(_WANTED, _WANTED.c.id == sa.bindparam("version"))
    # Whoever is planned by a later version is beyond this one, whether or not they ever were planned by it.
    .where(patient.c.site_id == sa.bindparam("site"), study_version.c.imported_at < _WANTED.c.imported_at)
    .order_by(patient.c.id)
    .limit(sa.bindparam("at_most"))
)
_CONSENTED: Final = _OTHERS.join(
    consent, sa.and_(consent.c.patient_id == patient.c.id, consent.c.study_version_id == sa.bindparam("version"))
).where(consent.c.given_on <= sa.bindparam("today"))

_PLANNING: Final = sa.select(patient.c.study_version_id).where(patient.c.site_id == sa.bindparam("site")).distinct()
_PLANNED: Final = sa.select(
    sa.exists().where(patient.c.site_id == sa.bindparam("site"), patient.c.study_version_id == sa.bindparam("version"))
)
_ONCE_PLANNED: Final = sa.select(
    sa.exists()
    .where(patient.c.site_id == sa.bindparam("site"), patient_version.c.study_version_id == sa.bindparam("version"))
    .where(patient_version.c.patient_id == patient.c.id)
)


def plans_somebody(tx: Tx, site_id: UUID, version_id: UUID) -> bool:
    """Whether a patient of this site is, or was, planned by this version."""
    values = {"site": site_id, "version": version_id}
    return any(tx.connection.scalar(statement, values) for statement in (_PLANNED, _ONCE_PLANNED))


def planning_at(tx: Tx, site_id: UUID) -> frozenset[UUID]:
    """The versions by which patients of this site are planned."""
    return frozenset(tx.connection.scalars(_PLANNING, {"site": site_id}))


def not_moved(tx: Tx, site_id: UUID, version_id: UUID, *, limit: int) -> tuple[UUID, ...]:
    """Patients of a site who are planned by a version before this one, `limit` of them."""
    values = {"site": site_id, "version": version_id, "at_most": limit}
    return tuple(tx.connection.scalars(_OTHERS, values))


def consented_not_moved(tx: Tx, site_id: UUID, version_id: UUID, *, today: date, limit: int) -> tuple[UUID, ...]:
    """The same, of those who have consented to it by this day."""
    values = {"site": site_id, "version": version_id, "today": today, "at_most": limit}
    return tuple(tx.connection.scalars(_CONSENTED, values))
