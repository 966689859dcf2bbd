"""The demo's data: DREAM with one European, one Japanese and one US site. Nothing here is like a real person.

Dates count back from the day of the first start, so that something is due soon. The trial manager and two coordinators have
joined by way of their phones; the Japanese coordinator's invitation waits to be opened.
"""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import structlog

from app.demo_phones import DemoPhones, Owner
from office import inviting, patients, sites, studies
from records import patients as patient_rows
from records import people as people_rows
from records import studies as study_rows
from records.database import Records
from scheduler.clock import Clock
from scheduler.definitions import Definitions
from trial.moments import local_day, zone
from trial.people import Role

log = structlog.get_logger()

STUDY: Final = Path(__file__).resolve().parent.parent / "studies" / "dream.yaml"


@dataclass(frozen=True, slots=True)
class DemoSite:
    number: str
    name: str
    country: str
    region: str | None
    zone: str


@dataclass(frozen=True, slots=True)
class DemoPatient:
    """`events` and `held` in days before the first day of the demo; `held` are visits that took place."""

    site: str
    code: str
    events: dict[str, int]
    held: dict[str, int]
    facts: dict[str, str]


SITES: Final = (
    DemoSite("302", "Leuven", "BE", None, "Europe/Brussels"),
    DemoSite("417", "Osaka", "JP", None, "Asia/Tokyo"),
    DemoSite("611", "Houston", "US", "TX", "America/Chicago"),
)

OWNERS: Final = (
    Owner(1_000, "Trial manager", "en", "Europe/Brussels", "Trial office", None),
    Owner(302_001, "Coordinator A", "en", "Europe/Brussels", "Site 302 Leuven", "302"),
    Owner(417_001, "コーディネーターB", "ja", "Asia/Tokyo", "Site 417 Osaka", "417"),
    Owner(611_001, "Coordinator C", "en", "America/Chicago", "Site 611 Houston", "611"),
)
INVITED_ONLY: Final = frozenset({417_001})

PATIENTS: Final = (
    # Baseline scans done, images not uploaded yet.
    DemoPatient("417", "417-003", {"first_registration": 1}, {"baseline_imaging": 2}, {}),
    # In chemotherapy; the re-evaluation comes.
    DemoPatient("417", "417-002", {"first_registration": 70}, {"baseline_imaging": 75}, {}),
    # Operated half a year ago, a lesion left in place: follow-up imaging.
    DemoPatient(
        "302",
        "302-014",
        {"first_registration": 320, "second_registration": 200, "surgery": 160},
        {"baseline_imaging": 325, "reevaluation_imaging": 215, "preoperative_imaging": 190},
        {"lesion_left_in_place": "yes"},
    ),
    # Chemotherapy was over: both registrations on one day; the operation is not planned yet.
    DemoPatient("302", "302-017", {"first_registration": 12, "second_registration": 12}, {"baseline_imaging": 14}, {}),
    DemoPatient(
        "611",
        "611-008",
        {"first_registration": 140, "second_registration": 45, "surgery": 15},
        {"baseline_imaging": 141, "reevaluation_imaging": 60, "preoperative_imaging": 30},
        {},
    ),
)


class Demo:
    """Makes the demo's data once, and lets its people join by their phones."""

    def __init__(self, records: Records, definitions: Definitions, clock: Clock, phones: DemoPhones) -> None:
        self._records = records
        self._definitions = definitions
        self._clock = clock
        self._phones = phones

    async def move_in(self) -> None:
        """Sites, patients and phones, where they are not there yet; then everybody joins. Safe to repeat after a kill."""
        await self._phones.own(OWNERS)
        await asyncio.to_thread(self._furnish)
        for owner in OWNERS:
            if await asyncio.to_thread(self._has_joined, owner):
                continue
            token = await asyncio.to_thread(self._invite, owner)
            if owner.id in INVITED_ONLY:
                await self._phones.leave_invitation(owner, token)
            else:
                await self._phones.join(owner, token)
        log.info("demo_ready", count=len(OWNERS))

    # --- data ---------------------------------------------------------------------------------------------------------

    def _furnish(self) -> None:
        now, elapsed = self._clock.now(), self._clock.elapsed()
        studies.import_study(self._records, STUDY, by=None, now=now, elapsed=elapsed)
        known = {site.number for site in sites.all_sites(self._records)}
        for site in SITES:
            if site.number not in known:
                sites.add_site(
                    self._records,
                    study_code=None,
                    number=site.number,
                    name=site.name,
                    country=site.country,
                    region=site.region,
                    zone_name=site.zone,
                    disclosure="code",
                    by=None,
                    now=now,
                    elapsed=elapsed,
                )
        with self._records.read() as tx:
            study = study_rows.studies(tx)[0]
            there = {row.code for row in patient_rows.patients(tx, study_id=study.id)}
        for patient in PATIENTS:
            if patient.code not in there:
                self._admit(patient)

    def _admit(self, patient: DemoPatient) -> None:
        now, elapsed = self._clock.now(), self._clock.elapsed()
        today = local_day(now, zone(next(site.zone for site in SITES if site.number == patient.site)))
        patients.add_patient(
            self._records,
            self._definitions,
            study_code=None,
            site_number=patient.site,
            code=patient.code,
            events={name: _before(today, days) for name, days in patient.events.items()},
            facts=patient.facts,
            held={occurrence: _before(today, days) for occurrence, days in patient.held.items()},
            by=None,
            now=now,
            elapsed=elapsed,
        )

    # --- people -------------------------------------------------------------------------------------------------------

    def _has_joined(self, owner: Owner) -> bool:
        with self._records.read() as tx:
            return people_rows.person_by_chat(tx, owner.id) is not None

    def _invite(self, owner: Owner) -> str:
        site = owner.site
        return inviting.invite(
            self._records,
            study_code=None,
            site_number=site,
            role=Role.MANAGER if site is None else Role.COORDINATOR,
            name=owner.name,
            language=owner.language,
            by=None,
            now=self._clock.now(),
            elapsed=self._clock.elapsed(),
        ).token


def _before(today: date, days: int) -> date:
    return today - timedelta(days=days)
