"""The demo moves in: its trial is entered, and its people join by way of their phones.

The Japanese coordinator's invitation waits to be opened.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import structlog

from app.demo_phones import DemoPhones, Owner
from app.demo_trial import INVITED_ONLY, OFFICE, OFFICE_COUNTRY, OWNERS, PATIENTS, SITES, STUDY, DemoPatient
from office import inviting, patients, signing_in, sites, studies
from records import patients as patient_rows
from records import people as people_rows
from records import studies as study_rows
from records.database import Records
from records.teams import WorksIn
from scheduler.clock import Clock
from scheduler.definitions import Definitions
from trial.moments import Instant, local_day, zone

log = structlog.get_logger()


class Demo:
    """Makes the demo's data once, and lets its people join by their phones."""

    def __init__(self, records: Records, definitions: Definitions, clock: Clock, phones: DemoPhones) -> None:
        self._records = records
        self._definitions = definitions
        self._clock = clock
        self._phones = phones

    async def move_in(self, *, furnished: Callable[[], Awaitable[None]]) -> None:
        """Sites, patients and phones, where they are not there yet; then everybody joins. Safe to repeat after a kill.

        `furnished` is called in between: there is something to look at.
        """
        await self._phones.own(OWNERS)
        await asyncio.to_thread(self.furnish)
        await furnished()
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

    def furnish(self) -> None:
        """The study, its sites and its patients. A demo that was begun with an older study file goes on with it."""
        now, elapsed = self._clock.now(), self._clock.elapsed()
        with self._records.read() as tx:
            begun = bool(study_rows.studies(tx))
        if not begun:
            studies.import_study(self._records, STUDY, by=None, now=now, elapsed=elapsed)
        if not self._has_office():
            self._invite(OFFICE)  # somebody answers for what may stand in a site's chats; joining takes another link
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
                    chosen_by=OFFICE.name,
                    rings_from=local_day(now, zone(site.zone)) + timedelta(days=site.rings_in),
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

    def _has_office(self) -> bool:
        with self._records.read() as tx:
            return bool(people_rows.people_at(tx, study_rows.studies(tx)[0].id, None))

    def _has_joined(self, owner: Owner) -> bool:
        with self._records.read() as tx:
            return people_rows.person_by_chat(tx, owner.id) is not None

    def _invite(self, owner: Owner) -> str:
        return inviting.invite(
            self._records,
            study_code=None,
            site_number=owner.site,
            role=owner.role,
            name=owner.name,
            language=owner.language,
            works_in=WorksIn(owner.zone, OFFICE_COUNTRY) if owner.site is None else None,
            by=None,
            now=self._clock.now(),
            elapsed=self._clock.elapsed(),
        ).token


def board_link(records: Records, address: str, *, now: Instant, elapsed: Instant) -> str | None:
    """A fresh link that signs the trial manager in to the board at this address; None while they are moving in."""
    with records.begin() as tx:
        known = [
            person.id
            for study in study_rows.studies(tx)
            for person in people_rows.people_at(tx, study.id, None)
            if person.name == OFFICE.name
        ]
        times = {"now": now, "elapsed": elapsed}
        token = signing_in.make_login_link(tx, known[0], by=None, **times) if known else None
    return None if token is None else signing_in.link_address(address, token)


def _before(today: date, days: int) -> date:
    return today - timedelta(days=days)
