"""A study of thirty sites over years: people with habits, an office, a network with faults, and one clock for all.

    world = World(place, Scale(years=10), seed=7)
    world.run()          # raises `Broken` as soon as something does not hold

The clock steps from one moment at which something is due to the next; nothing waits and nothing is random beside the seed.
"""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import count
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.channel import Result
from bot.composing import Send
from office import away, closings, hours, inviting, people, sites, studies
from office.inviting import token_hash
from records import digests, reminders, schema, teams
from records import sites as site_rows
from records.outbox import Claim, NoticeKind, Outcome
from records.transaction import Tx
from scheduler import outages
from scheduler.clock import FixedClock
from tests.databases import Place as Database
from tests.released import release_everywhere
from tests.simulation.acting import Acting
from tests.simulation.holding import Holding
from tests.simulation.judge import Judge
from tests.simulation.ladders import DREAM
from tests.simulation.phones import Faults, Phones
from tests.simulation.places import COUNTRIES, DAY, HABITS, NAMES, PROMPT, TEAMS, Away, Habit, Place, Somebody
from tests.simulation.rules import Rule
from tests.simulation.running import Running, open_mortal
from trial.moments import Instant
from trial.people import Role
from trial.tasks import SiteFunction

BEGINS: Final = datetime(2027, 1, 4, 7, 0, tzinfo=UTC)
BEHIND: Final = timedelta(days=400)  # elapsed time lags behind: whoever mixes the two clocks up is off by a year
YEAR: Final = timedelta(days=365)
AT_ONE_MOMENT: Final = 200  # so many steps without time moving on: something goes round in circles


@dataclass(frozen=True, slots=True)
class Scale:
    """How much happens. `patients` for each site and year, `weekly`: the share of people with a weekly digest."""

    years: float
    sites: int = 30
    patients: float = 0.1
    weekly: float = 0.3
    crashes: float = 0.002  # for each transaction
    faults: Faults = field(default_factory=Faults)
    outages: float = 5.0  # a year; each tenth of them takes more than a day
    habits: tuple[Habit, ...] = HABITS
    caps: tuple[int | None, ...] = (None, None, 2, 1)
    holds: float = 0.0  # a year

    def again(self, seed: int) -> str:
        """The command that runs the same once more."""
        return (
            f"SITEBELL_TEST_SOAK_SEED={seed} SITEBELL_TEST_SOAK_YEARS={self.years:g} "
            f"SITEBELL_TEST_SOAK_PATIENTS={self.patients:g} make soak ARGUMENTS=tests/simulation"
        )


class World:
    """One seed's study, from its first day to its last."""

    def __init__(self, database: Database, scale: Scale, *, seed: int) -> None:
        self.scale, self.seed = scale, seed
        self.chance = random.Random(seed)  # noqa: S311 - a game, and the same one for each seed
        self.clock = FixedClock(BEGINS, BEGINS - BEHIND)
        self.records = open_mortal(database.url, database.keys, database.data_dir, seed=seed)
        self.phones = Phones(self.chance, scale.faults)
        self.judge = Judge(self.records, self.clock, scale.again(seed))
        self.places: list[Place] = []
        self.managers: list[Somebody] = []
        self._coming: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()
        self._chats = count(10_001)
        self.running = Running(self.records, self.clock, self.chance, self._carry, self._settled)
        self.acting = Acting(self)
        self._found()
        Holding(self).begins(scale.holds)
        self.records.chance, self.records.likely = self.chance, scale.crashes

    # --- time ---------------------------------------------------------------------------------------------------------

    @property
    def now(self) -> Instant:
        return self.clock.now()

    @property
    def ends_at(self) -> datetime:
        return BEGINS + YEAR * self.scale.years

    def later(self, delay: timedelta, act: Callable[[], None]) -> None:
        self.at(self.now + delay, act)

    def at(self, moment: datetime, act: Callable[[], None]) -> None:
        heapq.heappush(self._coming, (moment, next(self._order), act))

    def some(self, longest: timedelta, *, shortest: timedelta = timedelta(minutes=1)) -> timedelta:
        """A length drawn between these; short ones are likelier."""
        return shortest + (longest - shortest) * (self.chance.random() ** 2)

    def run(self) -> None:
        standing = 0
        while (moment := self._next()) <= self.ends_at:
            standing = standing + 1 if moment <= self.now else 0
            if standing > AT_ONE_MOMENT:
                self.judge.breaks(Rule.MOVES_ON, f"{standing} steps without time moving on", site="-")
                return
            self.clock.wait(max(timedelta(0), moment - self.now))
            self.step()
        self.judge.accounts(self.running.studies)
        self.judge.ends()

    def step(self) -> None:
        """What happens now, and what Sitebell does about it."""
        while self._coming and self._coming[0][0] <= self.now:
            heapq.heappop(self._coming)[2]()
        if self.running.tick():
            self.judge.ticked()
        self.running.send()

    def _next(self) -> datetime:
        with self.records.read() as tx:
            moments: list[datetime | None] = [
                reminders.next_moment(tx),
                teams.next_digest_moment(tx),
                self._coming[0][0] if self._coming else None,
            ]
            hold = tx.connection.scalar(_FIRST_HOLD)
        if hold is not None:
            moments.append(hold + BEHIND)
        return max(self.now, min(moment for moment in moments if moment is not None))

    def close(self) -> None:
        self.records.close()

    # --- what reaches whom --------------------------------------------------------------------------------------------

    def _carry(self, claim: Claim, said: Send | None) -> Result:
        somebody = None if claim.person_id is None else self.judge.people.get(claim.person_id)
        result, reached = self.phones.carry(claim, said, somebody, self.now)
        if reached and said is not None and said.replaces is None:
            self.judge.counted[f"{claim.kind.value} messages"] += 1
            self.judge.reached(claim, said)
            if somebody is not None and somebody.place is not None:
                self._reads(claim, somebody)
        return result

    def _settled(self, claim: Claim, result: Result) -> None:
        """Sitebell has recorded what came of it, and from now on knows who has blocked it."""
        if result.outcome is Outcome.UNREACHABLE and claim.person_id is not None:
            self.judge.people[claim.person_id].known_blocked = True

    def _reads(self, claim: Claim, somebody: Somebody) -> None:
        visits: tuple[UUID, ...] = ()
        if claim.kind is NoticeKind.CARD and claim.visit_id is not None:
            visits = (claim.visit_id,)
        elif claim.kind is NoticeKind.DIGEST and claim.digest_id is not None:
            with self.records.read() as tx:
                visits = tuple(dict.fromkeys(item.visit_id for item in digests.items_of(tx, claim.digest_id)))
        for visit_id in visits:
            if self.chance.random() < somebody.habit.answers:
                who = somebody
                if self.chance.random() < 0.1 and somebody.place is not None:
                    who = self.chance.choice(somebody.place.people)  # a colleague takes it
                self.later(self.some(somebody.habit.delay), partial(self.acting.react, who, visit_id))

    # --- the study, its sites and its office ----------------------------------------------------------------------------

    def _found(self) -> None:
        studies.import_study(self.records, DREAM, by=None, **self.running.times)
        for name in ("Manager A", "Manager B"):
            self.managers.append(self.enrol(None, name, Role.MANAGER, frozenset(), PROMPT))
        for number in range(self.scale.sites):
            self._add_site(number)
        for _ in range(max(1, round(self.scale.patients * self.scale.sites * self.scale.years))):
            place = self.chance.choice(self.places)
            opened = datetime.combine(place.opened, time(12), tzinfo=UTC)
            last = max(opened + timedelta(days=30), self.ends_at - timedelta(days=200))
            drawn = (opened + (last - opened) * self.chance.random()).date()
            # Whoever joins does so at work, and is answered at once.
            joins = datetime.combine(place.working_day(drawn), time(9 + self.chance.randrange(7), 40), place.zone)
            self.at(joins, partial(self.acting.patient, place))
        self._every(timedelta(days=7), self.running.watch)
        self._every(timedelta(days=28), lambda: self.judge.accounts(self.running.studies))
        for _ in range(round(self.scale.outages * self.scale.years)):
            moment = BEGINS + (self.ends_at - BEGINS) * self.chance.random()
            self.at(moment, self._outage)

    def _every(self, length: timedelta, act: Callable[[], None]) -> None:
        def again() -> None:
            act()
            self.later(length + self.some(timedelta(hours=11)), again)

        self.later(self.some(length), again)

    def _add_site(self, number: int) -> None:
        country, region, zone = COUNTRIES[number % len(COUNTRIES)]
        opened = (BEGINS + (self.ends_at - BEGINS) * (0.7 * self.chance.random())).date()
        # Some join while their patients are under way already, and before it rings there.
        rings_from = opened + DAY * self.chance.choice((0, 0, 0, 90))
        place = Place(f"{601 + number}", country, region, ZoneInfo(zone), opened, rings_from)
        place.site_id = sites.add_site(
            self.records,
            study_code=None,
            number=place.number,
            name=f"Hospital {place.number}",
            country=country,
            region=region,
            zone_name=zone,
            disclosure="code",
            rings_from=place.rings_from,
            by=None,
            **self.running.times,
        )
        release_everywhere(self.records, now=self.running.times["now"])
        self.places.append(place)
        self.judge.places[place.site_id] = place

    def opens(self, place: Place) -> None:
        """Its people join, with the first patient: until then there is nothing to tell them."""
        if place.people:
            return
        for name, (role, functions) in list(zip(NAMES, TEAMS, strict=True))[: self.chance.randint(2, 4)]:
            somebody = self.enrol(place, name, role, functions, self.chance.choice(self.scale.habits))
            self._live(somebody)
        if self.chance.random() < 0.3:
            self.running.within(lambda tx: self._site_hours(tx, place, (time(9), time(16, 30))))
        for _ in range(round((self.ends_at - self.now) / YEAR)):
            self.later((self.ends_at - self.now) * self.chance.random(), lambda: self._close_site(place))

    def enrol(
        self, place: Place | None, name: str, role: Role, functions: frozenset[SiteFunction], habit: Habit
    ) -> Somebody:
        """Invited, opened the link, said yes."""
        somebody = Somebody(name, role, functions, self.chance.choice(("en", "ja")), next(self._chats), place, habit)
        invitation = self.running.sure(
            lambda: inviting.invite(
                self.records,
                study_code=None,
                site_number=None if place is None else place.number,
                role=role,
                name=name,
                language=somebody.language,
                functions=functions,
                by=None,
                **self.running.times,
            )
        )

        def join(tx: Tx) -> None:
            asked = people.claim_invite(
                tx, token_hash=token_hash(invitation.token), chat_id=somebody.chat, **self.running.times
            )
            assert asked is not None
            assert people.enrol(tx, asked.invite_id, chat_id=somebody.chat, **self.running.times)
            cap = self.chance.choice(self.scale.caps)
            weekday = self.chance.choice((0, 0, 2)) if self.chance.random() < self.scale.weekly else None
            hours.set_digest_on(tx, invitation.person_id, weekday, by=None, **self.running.times)
            hours.set_daily_cap(tx, invitation.person_id, cap, by=None, **self.running.times)
            somebody.cap = cap or somebody.cap

        self.running.within(join)
        somebody.person_id = invitation.person_id
        somebody.joined_at = self.now
        somebody.since = self.now.date() if place is None else place.today(self.now)
        self.judge.people[somebody.person_id] = somebody
        if place is not None:
            place.people.append(somebody)
        return somebody

    # --- what people do beside answering ------------------------------------------------------------------------------

    def _live(self, somebody: Somebody) -> None:
        """Holidays, other hours, a blocked bot: spread over the years to come."""
        left = self.ends_at - self.now
        for _ in range(round(2 * (left / YEAR))):
            self.later(left * self.chance.random(), lambda: self._goes_away(somebody))
        if self.chance.random() < 0.4:
            self.later(left * self.chance.random(), lambda: self._other_hours(somebody))
        if self.chance.random() < 0.15:
            self.later(left * self.chance.random(), lambda: self._blocks(somebody))
        if self.chance.random() < 0.1:
            self.later(left * self.chance.random(), lambda: self._leaves(somebody))

    def _goes_away(self, somebody: Somebody) -> None:
        place = somebody.place
        if place is None or somebody.left:
            return
        today = place.today(self.now)
        first = today + DAY * self.chance.choice((0, 0, 1, 5, 12))
        last = first + DAY * self.chance.randint(0, 24)
        colleagues = [
            one
            for one in place.people
            if one is not somebody
            and one.can_be_told
            and not any(gone.first <= last and first <= gone.last for gone in one.away)
        ]
        cover = self.chance.choice(colleagues) if colleagues and self.chance.random() < 0.6 else None
        if any(gone.first <= last and first <= gone.last for gone in somebody.away):
            return
        gone = Away(first, last, None if cover is None else cover.person_id, self.now)

        def set_away(tx: Tx) -> None:
            away.set_away(
                tx, somebody.person_id, last, gone.cover, first=first, by=somebody.person_id, **self.running.times
            )

        somebody.away.append(gone)
        self.running.within(set_away)
        if self.chance.random() < 0.25:
            noon = datetime.combine(first + (last - first) / 2, time(12), tzinfo=place.zone)
            self.at(max(noon, self.now), lambda: self._comes_back(somebody, gone))

    def _comes_back(self, somebody: Somebody, gone: Away) -> None:
        place = somebody.place
        if place is None or somebody.left or not gone.first <= place.today(self.now) <= gone.last:
            return
        self.running.within(lambda tx: away.back(tx, somebody.person_id, by=somebody.person_id, **self.running.times))
        gone.last = place.today(self.now) - DAY

    def _other_hours(self, somebody: Somebody) -> None:
        span = self.chance.choice(((time(7), time(13)), (time(10), time(19, 30)), (time(8, 30), time(17))))
        quiet = self.chance.choice((None, (time(11, 30), time(12, 30))))
        if somebody.left:
            return
        self.running.within(
            lambda tx: hours.set_hours(
                tx, somebody.person_id, hours=span, quiet=quiet, by=somebody.person_id, **self.running.times
            )
        )
        somebody.hours, somebody.quiet = span, quiet

    def _blocks(self, somebody: Somebody) -> None:
        somebody.blocked = True

        def unblock() -> None:
            if somebody.left:
                return
            somebody.blocked = False
            self.running.within(lambda tx: people.reachable_again(tx, somebody.person_id, **self.running.times))
            somebody.known_blocked = False

        self.later(timedelta(days=self.chance.randint(3, 60)), unblock)

    def _leaves(self, somebody: Somebody) -> None:
        """Their access ends, and somebody new takes their place."""
        if somebody.left or somebody.place is None:
            return
        place = somebody.place
        self.running.within(lambda tx: people.end_access(tx, somebody.person_id, by=None, **self.running.times))
        somebody.left_on = place.today(self.now)
        name = f"{somebody.name} {next(self._order)}"
        self.later(
            timedelta(days=self.chance.choice((0, 1, 30))),
            lambda: self._live(self.enrol(place, name, somebody.role, somebody.functions, PROMPT)),
        )

    def _close_site(self, place: Place) -> None:
        first = place.today(self.now) + DAY * self.chance.randint(0, 20)
        last = first + DAY * self.chance.randint(0, 12)

        def close(tx: Tx) -> None:
            row = site_rows.site_by_id(tx, place.site_id)
            assert row is not None
            closings.close_site(tx, self.running.studies, row, first, last, by=None, **self.running.times)

        self.running.within(close)
        place.closes(first, last)

    def _site_hours(self, tx: Tx, place: Place, span: tuple[time, time]) -> None:
        row = site_rows.site_by_id(tx, place.site_id)
        assert row is not None
        closings.set_site_hours(tx, row, span, by=None, **self.running.times)
        place.hours = span

    # --- outages ------------------------------------------------------------------------------------------------------

    def _outage(self) -> None:
        """The machine is off; what people do meanwhile lies at Telegram until it is on again."""
        drawn = self.chance.random()
        if drawn < 0.3:
            self.phones.down = True
            self.later(self.some(timedelta(hours=2)), self._network_is_back)
            return
        self.running.beat()
        self.clock.wait(timedelta(hours=self.chance.randint(25, 90)) if drawn > 0.9 else self.some(timedelta(hours=14)))
        self.running.start()
        with self.records.read() as tx:
            held = tx.connection.scalar(_HELD)
        if held is not None:
            self.later(self.some(timedelta(hours=40)), lambda: self._release(held))

    def _network_is_back(self) -> None:
        self.phones.down = False

    def _release(self, outage_id: UUID) -> None:
        by = self.managers[0].person_id
        self.running.within(lambda tx: outages.release(tx, outage_id, by, **self.running.times))
        self.judge.released_at = self.now


_FIRST_HOLD: Final = sa.select(sa.func.min(schema.notice.c.hold_until)).where(
    schema.OPEN_NOTICE, schema.notice.c.state == "waiting"
)
_HELD: Final = sa.select(schema.outage.c.id).where(
    schema.outage.c.held == sa.true(), schema.outage.c.released_at.is_(None)
)
