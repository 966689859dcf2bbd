"""A whole trial for conversation tests: real records, the real service, phones at the simulator, a clock that the test moves.

    async def test_...(trial: Trial) -> None:
        amina = await trial.joins("Amina", site="417", language="ja")
        trial.patient("417-003", site="417", first_registration="2027-04-09", held={"baseline_imaging": "2027-04-09"})
        await trial.forward_to("2027-04-12 08:30", zone="Asia/Tokyo")
        await amina.taps("CT")
        await amina.taps("昨日")

        assert "4月11日" in amina.card("417-003").text

Nothing sleeps for a while and hopes: every verb returns when what it set off was handled and answered. What was said is kept as a
transcript and printed with SITEBELL_TEST_SHOW=1 (and `pytest -s`).
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx

from app.service import Service
from app.settings import Settings, settings_from
from office import assigning, claims, inviting, patients, people, sites, studies
from office.answers import Recorded
from office.taking_down import take_down
from records import held, inbox, teams
from records import patients as patient_rows
from records import plans as plan_rows
from records import studies as study_rows
from records.database import Records
from scheduler.clock import SystemClock
from scheduler.upcoming import next_due
from tests.databases import Place
from tests.persons import Person
from tests.phones import ChatMessage
from tests.released import release_everywhere
from tests.simulators import RunningSimulator
from trial.answers import AnswerKind, Said, TakenDown, Via
from trial.moments import Instant, instant, use_pinned_zones
from trial.people import Role
from trial.tasks import SiteFunction
from trial.timeline import Certainty

CHECKOUT = Path(__file__).resolve().parents[1]
DREAM = CHECKOUT / "studies" / "dream.yaml"
SHOW = "SITEBELL_TEST_SHOW"

SITES = {
    "302": ("Leuven", "BE", None, "Europe/Brussels"),
    "417": ("Osaka", "JP", None, "Asia/Tokyo"),
    "611": ("Houston", "US", "TX", "America/Chicago"),
}
JOINS_LATER = {"708": ("Toulouse", "FR", None, "Europe/Paris")}
OFFICE_ZONE = "Europe/Brussels"


class TrialClock(SystemClock):
    """The machine's clock, which a test can move: trial time alone as the demo does, or both times on."""

    def __init__(self) -> None:
        super().__init__()
        self._waited = timedelta(0)

    def elapsed(self) -> Instant:
        return instant(super().elapsed() + self._waited)

    def wait(self, length: timedelta) -> None:
        """Lets both times run on."""
        self._waited += length
        self.shift_to(self.offset + length)


@dataclass
class Told:
    """A message that reached somebody while time ran on: at their wall time."""

    at: datetime
    person: Person
    message: ChatMessage


@dataclass
class Trial:
    """DREAM with three sites. Times are wall times of the zone that is given."""

    place: Place
    simulator: RunningSimulator
    clock: TrialClock
    records: Records
    service: Service
    running: asyncio.Task[None] | None = None
    people: list[Person] = field(default_factory=list)
    ids: dict[str, UUID] = field(default_factory=dict)  # of everybody who was invited, by name
    transcript: list[str] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=lambda: iter(range(5001, 5999)))
    _noted: dict[tuple[int, int], tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    # --- the trial office ---------------------------------------------------------------------------------------------

    def found(self, *numbers: str) -> None:
        now, elapsed = self.clock.now(), self.clock.elapsed()
        studies.import_study(self.records, DREAM, by=None, now=now, elapsed=elapsed)
        for number in numbers:
            self.opens_site(number)

    def opens_site(self, number: str, *, rings_from: date | None = None) -> None:
        """A site joins; it rings from this day, or from today."""
        name, country, region, zone = (SITES | JOINS_LATER)[number]
        sites.add_site(
            self.records,
            study_code=None,
            number=number,
            name=name,
            country=country,
            region=region,
            zone_name=zone,
            disclosure="code",
            rings_from=rings_from,
            by=None,
            now=self.clock.now(),
            elapsed=self.clock.elapsed(),
        )
        release_everywhere(self.records, now=self.clock.now())

    def invitation(
        self,
        name: str,
        *,
        site: str | None,
        role: Role | None = None,
        language: str = "en",
        functions: frozenset[SiteFunction] = frozenset(),
        digest_on: int | None = None,
    ) -> str:
        """A one-time token for a coordinator, or for a manager where `site` is None; told each thing by itself, unless
        there is a weekday (Monday is 0) for what is not urgent.
        """
        invited = inviting.invite(
            self.records,
            study_code=None,
            site_number=site,
            role=role or (Role.COORDINATOR if site else Role.MANAGER),
            name=name,
            language=language,
            functions=functions,
            by=None,
            now=self.clock.now(),
            elapsed=self.clock.elapsed(),
        )
        with self.records.begin() as tx:
            teams.set_digest_on(tx, invited.person_id, digest_on, next_at=None)
        self.ids[name] = invited.person_id
        return invited.token

    def revoke(self, name: str, *, site: str | None) -> None:
        """As `sitebell revoke` does."""
        people.revoke(
            self.records,
            study_code=None,
            site_number=site,
            name=name,
            by=None,
            now=self.clock.now(),
            elapsed=self.clock.elapsed(),
        )

    def patient(
        self,
        code: str,
        *,
        site: str,
        held: Mapping[str, str] | None = None,
        facts: Mapping[str, str] | None = None,
        **events: str,
    ) -> None:
        self.note(f"The office enters {code} at site {site}: {events}")
        patients.add_patient(
            self.records,
            self.service.studies,
            study_code=None,
            site_number=site,
            code=code,
            events={name: date.fromisoformat(day) for name, day in events.items()},
            facts=dict(facts or {}),
            held={occurrence: date.fromisoformat(day) for occurrence, day in (held or {}).items()},
            by=None,
            now=self.clock.now(),
            elapsed=self.clock.elapsed(),
        )

    def event(self, code: str, name: str, on: str, *, certainty: Certainty = Certainty.HAPPENED) -> None:
        self.note(f"The office records for {code}: {name} {certainty} on {on}")
        patients.record_event(
            self.records,
            self.service.studies,
            study_code=None,
            patient_code=code,
            event=name,
            day=date.fromisoformat(on),
            certainty=certainty,
            by=None,
            now=self.clock.now(),
            elapsed=self.clock.elapsed(),
        )

    def answers_for(self, name: str, code: str, function: SiteFunction) -> None:
        """This person is responsible for the patient's tasks of this function from today on."""
        self.note(f"The office names {name} responsible for {code}: {function}")
        now, elapsed = self.clock.now(), self.clock.elapsed()
        with self.records.begin() as tx:
            (study,) = study_rows.studies(tx)
            patient = patient_rows.patient_by_code(tx, study.id, code)
            assert patient is not None
            assigning.assign(tx, patient.id, function, self.ids[name], by=None, now=now, elapsed=elapsed)

    def verifies(self, code: str) -> None:
        """The office has seen this patient's uploads in the archive, as `sitebell claims verify` says it."""
        self.note(f"The office has seen the uploads of {code}")
        now, elapsed = self.clock.now(), self.clock.elapsed()
        for answer_id in self._claims_of(code):
            with self.records.begin() as tx:
                found = claims.verify(tx, self.service.studies, answer_id, None, now=now, elapsed=elapsed)
            assert isinstance(found, claims.Checked), found

    def queries(self, code: str, words: str | None = None) -> None:
        """The office asks about this patient's uploads, as `sitebell claims query` does."""
        self.note(f"The office asks about the uploads of {code}: {words}")
        now, elapsed = self.clock.now(), self.clock.elapsed()
        for answer_id in self._claims_of(code):
            with self.records.begin() as tx:
                found = claims.query(tx, self.service.studies, answer_id, None, words, now=now, elapsed=elapsed)
            assert isinstance(found, claims.Checked), found

    def takes_down(self, office: str, code: str, task: str, *, day: str, told_by: str) -> None:
        """`office` was phoned by the site: this task was done on that day. As the board's form records it."""
        self.note(f"{told_by} says on the phone to {office}: {code}, {task} was done on {day}")
        now, elapsed = self.clock.now(), self.clock.elapsed()
        with self.records.begin() as tx:
            (study,) = study_rows.studies(tx)
            patient = patient_rows.patient_by_code(tx, study.id, code)
            assert patient is not None
            (row,) = (one for one in plan_rows.tasks_of_patient(tx, patient.id) if "/".join(one.key) == task)
            found = take_down(
                tx,
                self.service.studies,
                task_id=row.id,
                kind=AnswerKind.DONE,
                said=Said(day=date.fromisoformat(day)),
                told=TakenDown(told_by, now.date()),
                via=Via.PHONE,
                by=self.ids[office],
                now=now,
                elapsed=elapsed,
            )
        assert isinstance(found, Recorded), found

    def _claims_of(self, code: str) -> list[UUID]:
        listed = claims.list_claims(self.records, self.service.studies, study_code=None)
        found = [one.answer_id for one in listed if one.code == code]
        assert found, f"nothing is claimed for {code}"
        return found

    # --- people -------------------------------------------------------------------------------------------------------

    def phone(self, name: str, *, language: str = "en", zone: str = "UTC") -> Person:
        """Somebody with a phone, whom nobody has invited yet."""
        made = self.simulator.phones.person(name, language=language, time_zone=zone, person_id=next(self._ids))
        self.people.append(Person(made, self, name, zone))
        return self.people[-1]

    async def joins(
        self,
        name: str,
        *,
        site: str | None,
        role: Role | None = None,
        language: str = "en",
        functions: frozenset[SiteFunction] = frozenset(),
        digest_on: int | None = None,
    ) -> Person:
        """Somebody who was invited and has answered the practice item: three taps."""
        person = self.phone(name, language=language, zone=(SITES | JOINS_LATER)[site][3] if site else OFFICE_ZONE)
        token = self.invitation(name, site=site, role=role, language=language, functions=functions, digest_on=digest_on)
        await person.opens(token)
        await person.taps(0)
        await person.taps(0)
        person.reads("🔒")
        person.news()
        return person

    async def somebody_clears(self, person: Person, message: ChatMessage) -> None:
        """The message is gone from the private chat, for both sides."""
        self.note(f"{person.name} clears message {message.message_id}")
        async with httpx.AsyncClient() as client:
            spot = {"chat_id": person.person_id, "message_id": message.message_id}
            gone = await client.post(f"{self.simulator.bot_url}{self.simulator.token}/deleteMessage", json=spot)
        gone.raise_for_status()

    # --- time ---------------------------------------------------------------------------------------------------------

    async def forward_to(self, wall: str, *, zone: str) -> None:
        """Moves trial time and returns when all that was due by then has been sent."""
        wanted = datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone))
        self.note(f"--- {wall} {zone} ---")
        self._move(wanted + timedelta(seconds=1))
        for person in self.people:
            person.looks_up()
        await self.settled()

    async def runs_until(self, wall: str, *, zone: str) -> list[Told]:
        """Steps through every moment at which something is due, as the demo's clock does; what reached whom when."""
        end = datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone))
        told: list[Told] = []
        for person in self.people:
            person.news()
        while (moment := self._next()) is not None and moment <= end:
            self._move(max(moment, self.clock.now()))
            self.note(f"--- {moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone} ---")
            await self.settled()
            told += [
                Told(moment.astimezone(ZoneInfo(person.zone)), person, one)
                for person in self.people
                for one in person.news()
            ]
        await self.forward_to(wall, zone=zone)
        return told

    def _next(self) -> Instant | None:
        return next_due(self.records, self.clock.now(), elapsed=self.clock.elapsed())

    def _move(self, to: datetime) -> None:
        """Trial time alone moves, and with it what is held for its reader's hours: as the demo's clock does it."""
        by = to - self.clock.now()
        with self.records.begin() as tx:
            held.clock_moved(tx, by, elapsed=self.clock.elapsed())
        self.clock.shift_to(self.clock.offset + by)

    async def waits(self, length: timedelta) -> None:
        """Both clocks run on, as real time does."""
        self.note(f"--- {length} later ---")
        self.clock.wait(length)
        await self.settled()

    async def taken_in(self, update_id: int) -> None:
        """Returns when this update lies in our inbox: the server knows it as confirmed then."""

        def confirmed() -> bool | None:
            states = {line["update_id"]: line["state"] for line in self.simulator.phones.updates()}
            return states.get(update_id) == "confirmed" or None

        await asyncio.to_thread(self.simulator.phones.wait_until, confirmed)

    async def settled(self) -> None:
        """Returns when everything received was handled, everything due was rung and everything to send was sent."""
        while self._received():  # noqa: ASYNC110 - the worker runs in this loop and tells nobody when it is done
            await asyncio.sleep(0.002)
        while self._due():
            # The service's own tick may hold what is due in a transaction of its own.
            await self.service.catch_up()
        await self.service.catch_up()
        self._note_news()

    def _due(self) -> bool:
        now = self.clock.now()
        moment = next_due(self.records, now)
        return moment is not None and moment <= now

    def _received(self) -> bool:
        with self.records.read() as tx:
            return bool(inbox.open_entries(tx, elapsed=self.clock.elapsed(), limit=1))

    # --- the transcript -----------------------------------------------------------------------------------------------

    def note(self, words: str) -> None:
        if os.environ.get(SHOW):
            self.transcript.append(words)

    def _note_news(self) -> None:
        if not os.environ.get(SHOW):
            return
        for person in self.people:
            for one in person.shown():
                now = (one.text, tuple(one.labels))
                key = (person.person_id, one.message_id)
                if self._noted.get(key) != now:
                    how = "sees changed" if key in self._noted else "receives"
                    self._noted[key] = now
                    rows = _keyboard(one)
                    text = "\n    ".join([*one.text.splitlines(), *rows])
                    self.transcript.append(f"{person.name} {how} ({one.message_id}):\n    {text}")

    # --- the service --------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        self.running = asyncio.create_task(self.service.run())

    async def stop(self) -> None:
        if self.running is not None:
            self.running.cancel()
            with suppress(asyncio.CancelledError):
                await self.running


def _keyboard(message: ChatMessage) -> list[str]:
    rows: dict[int, list[str]] = {}
    for button in message.buttons:
        rows.setdefault(button.row, []).append(f"[{button.label}]")
    return [" ".join(row) for row in rows.values()]


def has_buttons(at_least: int) -> Callable[[ChatMessage], bool]:
    return lambda message: message.from_bot and len(message.buttons) >= at_least


def settings_for(place: Place, simulator: RunningSimulator) -> Settings:
    return settings_from(
        {
            "SITEBELL_TELEGRAM_TOKEN": simulator.token,
            "SITEBELL_TELEGRAM_API": simulator.api,
            "SITEBELL_DATA_DIR": str(place.data_dir),
            "SITEBELL_DATABASE_URL": place.url,
            "SITEBELL_WEB_PORT": "0",
        },
        home=place.data_dir,
    )


@asynccontextmanager
async def running_trial(
    place: Place, simulator: RunningSimulator, *, at: str, zone: str, title: str = ""
) -> AsyncIterator[Trial]:
    """A trial whose time is `at`, with the service running until the block ends."""
    use_pinned_zones()
    wanted = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(zone))
    clock = TrialClock()
    clock.shift_to(wanted - clock.now())
    records = place.open()
    trial = Trial(place, simulator, clock, records, Service(settings_for(place, simulator), records, clock))
    trial.found(*SITES)
    await trial.start()
    try:
        yield trial
    finally:
        if trial.transcript:
            print("\n".join(["", "=" * 100, title, "=" * 100, *trial.transcript]))
        await trial.stop()
        records.close()
