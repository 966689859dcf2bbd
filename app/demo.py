"""The demo moves in: its year is lived where there is none yet, its people get their phones, and invitations wait to be opened."""

import asyncio
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import structlog

from app.demo_history import PAST, make_history, spoken
from app.demo_phones import DemoPhones
from app.demo_world import OFFICE, PLAYERS, STUDY, script
from app.settings import Settings
from office import inviting, signing_in
from office.study_files import read_study
from records import people as people_rows
from records import sites
from records import studies as study_rows
from records.database import Records
from records.key_providers import KeyProvider
from rehearsal.script import Player, Script
from scheduler.clock import Clock
from trial.moments import Instant

log = structlog.get_logger()


async def live_the_year(settings: Settings, keys: KeyProvider, phones: DemoPhones, clock: Clock) -> None:
    """Makes the demo's past; the phones show meanwhile which month is being lived."""
    await _own(phones, script(spoken()))
    loop = asyncio.get_running_loop()
    tell = _monthly(lambda day: asyncio.run_coroutine_threadsafe(phones.tell_progress(day), loop))
    url, data_dir = settings.database_url, settings.data_dir
    await asyncio.to_thread(make_history, url, keys=keys, data_dir=data_dir, clock=clock, lived=tell)
    await phones.tell_progress(None)


def _monthly(tell: Callable[[date], object]) -> Callable[[date], None]:
    told: set[tuple[int, int]] = set()

    def lived(day: date) -> None:
        if (day.year, day.month) not in told:
            told.add((day.year, day.month))
            tell(day)

    return lived


async def _own(phones: DemoPhones, world: Script) -> None:
    await phones.own(world.players, {place.number: place for place in world.places})


class Demo:
    """What every start of the demo does beside the service. `folder` is where the database lies."""

    def __init__(self, records: Records, clock: Clock, phones: DemoPhones, folder: Path) -> None:
        self._records = records
        self._clock = clock
        self._phones = phones
        self._past = folder / PAST
        self._study = read_study(STUDY).id  # others may have been taken in beside it

    async def hand_over(self) -> None:
        """The phones get the chats of the year, once. Comes before the service: who has no chat yet cannot be told anything.

        Safe to repeat after a kill.
        """
        if self._past.exists():
            await _own(self._phones, script(spoken()))
            await self._phones.hand_over(json.loads(self._past.read_text(encoding="utf-8")))
            self._past.unlink()

    async def leave_invitations(self) -> None:
        """Whoever has not joined finds a link that works; that of an earlier start may be too old."""
        for player in PLAYERS:
            if player.joins is None and await asyncio.to_thread(self._waits, player):
                await self._phones.leave_invitation(player, await asyncio.to_thread(self._invite, player))
        log.info("demo_ready")

    def _waits(self, player: Player) -> bool:
        """Whether this person was invited and has not joined; in a demo of an older Sitebell there is nobody of them."""
        with self._records.read() as tx:
            study = study_rows.study_by_code(tx, self._study)
            site = None if study is None else sites.site_by_number(tx, study.id, player.place or "")
            there = () if site is None else people_rows.people_at(tx, site.study_id, site.id)
        return any(one.name == player.name and one.chat_id is None and one.revoked_at is None for one in there)

    def _invite(self, player: Player) -> str:
        return inviting.invite(
            self._records,
            study_code=self._study,
            site_number=player.place,
            role=player.role,
            name=player.name,
            language=player.language,
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
