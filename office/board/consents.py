"""Consents to amendments that move a patient by nothing else: which are on record, and of whom one is missing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import dropwhile
from typing import Final
from uuid import UUID

from office.consents import asks
from records import patients, releases, studies
from records.patients import PatientRow
from records.sites import SiteRow
from records.studies import StudyVersionRow
from records.transaction import Tx
from scheduler.definitions import Definitions

LISTED: Final = 200
"""Patients without a consent that are listed; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Consented:
    version: str
    given_on: date


@dataclass(frozen=True, slots=True)
class Awaited:
    """A version that plans this patient only once they have consented. `released`: for their site, so that it is waited for."""

    id: UUID
    version: str
    released: bool


@dataclass(frozen=True, slots=True)
class ConsentsOfPatient:
    given: tuple[Consented, ...]
    awaited: tuple[Awaited, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A patient of whom no consent is on record."""

    patient_id: UUID
    site: SiteRow
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConsentsToVersion:
    """Of the patients under way whom a version could move, how many have consented to it, and how many have not."""

    given: int
    missing: int
    listed: tuple[Missing, ...]  # by site and code; LISTED of the missing at most


def consents_of_patient(tx: Tx, definitions: Definitions, patient: PatientRow) -> ConsentsOfPatient:
    """The consents of one patient. A version that was there before theirs waits for none any more."""
    given = releases.consents_of(tx, patient.id)
    every = studies.versions(tx, patient.study_id)
    released = {row.study_version_id for row in releases.of_site(tx, patient.site_id)}
    later = list(dropwhile(lambda row: row.id != patient.study_version_id, every))[1:]
    return ConsentsOfPatient(
        tuple(Consented(row.version, given[row.id]) for row in every if row.id in given),
        tuple(
            Awaited(row.id, row.version, row.id in released)
            for row in later
            if row.id not in given and asks(definitions.of_version(tx, row.id))
        ),
    )


def consents_to_version(
    tx: Tx, definitions: Definitions, version: StudyVersionRow, where: Sequence[SiteRow]
) -> ConsentsToVersion | None:
    """Who has consented to this version at these sites; None where it asks nobody for it."""
    if not asks(definitions.of_version(tx, version.id)):
        return None
    earlier = [row.id for row in studies.versions(tx, version.study_id) if row.imported_at < version.imported_at]
    places = {site.id: site for site in where}
    rows = releases.consents_to(tx, version.id, earlier=earlier, site_ids=list(places))
    missing = sorted((row for row in rows if row.given_on is None), key=lambda row: places[row.site_id].number)
    known = (patients.patient_by_id(tx, row.patient_id) for row in missing[:LISTED])
    listed = [Missing(one.id, places[one.site_id], one.code) for one in known if one is not None]
    listed.sort(key=lambda one: (one.site.number, one.code))
    return ConsentsToVersion(len(rows) - len(missing), len(missing), tuple(listed))
