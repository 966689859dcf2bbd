"""Thirty sites in eleven countries, their calendars as the simulation itself knows them, and who works there.

Nothing here asks the code under test when somebody may be written to: working days come straight from the library of
public holidays, hours and absences from what people said. That is what every message is judged by.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import holidays

from trial.people import Role
from trial.tasks import SiteFunction

DAY: Final = timedelta(days=1)
USUAL_HOURS: Final = (time(8, 30), time(17, 0))
USUAL_CAP: Final = 8

COUNTRIES: Final = (
    ("DE", None, "Europe/Berlin"),
    ("FR", None, "Europe/Paris"),
    ("JP", None, "Asia/Tokyo"),
    ("US", "TX", "America/Chicago"),
    ("BE", None, "Europe/Brussels"),
    ("IT", None, "Europe/Rome"),
    ("JP", None, "Asia/Tokyo"),
    ("GB", "ENG", "Europe/London"),
    ("ES", None, "Europe/Madrid"),
    ("US", "NY", "America/New_York"),
    ("NL", None, "Europe/Amsterdam"),
    ("PT", None, "Europe/Lisbon"),
    ("JP", None, "Asia/Tokyo"),
    ("US", "CA", "America/Los_Angeles"),
    ("PL", None, "Europe/Warsaw"),
)
"""Country, region and zone of one site after the other; the list begins again at its end."""

TEAMS: Final = (
    (Role.COORDINATOR, frozenset({SiteFunction.COORDINATION, SiteFunction.DATA})),
    (Role.INVESTIGATOR, frozenset[SiteFunction]()),
    (Role.COORDINATOR, frozenset({SiteFunction.IMAGING})),
    (Role.COORDINATOR, frozenset({SiteFunction.SURGERY, SiteFunction.PATHOLOGY, SiteFunction.COORDINATION})),
)
"""Who joins a site, in this order: sites have two to four people."""

NAMES: Final = ("Amina", "Berta", "Carla", "Dora")


@lru_cache(maxsize=4096)
def _public_holidays(country: str, region: str | None, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=region, years=year))


@dataclass
class Place:
    """One site as the simulation knows it. `closed`: first and last days, inclusive."""

    number: str
    country: str
    region: str | None
    zone: ZoneInfo
    opened: date
    rings_from: date
    site_id: UUID = field(default_factory=lambda: UUID(int=0))
    hours: tuple[time, time] | None = None
    closed: list[tuple[date, date]] = field(default_factory=list)
    people: list["Somebody"] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    _works: dict[date, bool] = field(default_factory=dict)

    def closes(self, first: date, last: date) -> None:
        self.closed.append((first, last))
        self._works.clear()

    def today(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()

    def works_on(self, day: date) -> bool:
        works = self._works.get(day)
        if works is None:
            works = self._works[day] = (
                day.isoweekday() <= 5
                and day not in _public_holidays(self.country, self.region, day.year)
                and not any(first <= day <= last for first, last in self.closed)
            )
        return works

    def working_day(self, day: date, amount: int = 0) -> date:
        """The first working day from `day` on, and then so many more."""
        while not self.works_on(day):
            day += DAY
        for _ in range(amount):
            day = self.working_day(day + DAY)
        return day

    def working_days(self, first: date, last: date) -> int:
        """From the day after `first` to `last`, inclusive."""
        return sum(self.works_on(first + DAY * number) for number in range(1, (last - first).days + 1))

    def more_working_days(self, amount: int, first: date, last: date) -> bool:
        """Whether there are more than these from the day after `first` to `last`: years are not counted to their end."""
        day = first
        for _ in range(amount + 1):
            day = self.working_day(day + DAY)
            if day > last:
                return False
        return True


@dataclass
class Away:
    """First and last day, inclusive. `said_at`: since when Sitebell can know."""

    first: date
    last: date
    cover: UUID | None
    said_at: datetime


@dataclass
class Somebody:
    """One of a site's people, or a manager (no place), with the habits that they were given."""

    name: str
    role: Role
    functions: frozenset[SiteFunction]
    language: str
    chat: int
    place: Place | None
    habit: "Habit"
    person_id: UUID = field(default_factory=lambda: UUID(int=0))
    since: date = date.max
    joined_at: datetime = datetime(1, 1, 1, tzinfo=UTC)
    hours: tuple[time, time] | None = None
    quiet: tuple[time, time] | None = None
    cap: int = USUAL_CAP
    blocked: bool = False  # they have blocked the bot
    known_blocked: bool = False  # and we have noticed
    left_on: date | None = None
    away: list[Away] = field(default_factory=list)

    @property
    def left(self) -> bool:
        return self.left_on is not None

    def belongs_on(self, day: date) -> bool:
        """Whether they are one of the site's people on this day: their last one counts, though nothing is told any more."""
        return self.since <= day and (self.left_on is None or day <= self.left_on)

    @property
    def can_be_told(self) -> bool:
        """Whether Sitebell may think that they can."""
        return not self.left and not self.known_blocked

    def away_on(self, day: date) -> Away | None:
        return next((one for one in self.away if one.first <= day <= one.last), None)

    def is_here(self, day: date) -> bool:
        return self.since <= day and self.can_be_told and self.away_on(day) is None

    def why_not_now(self, now: datetime) -> str | None:
        """Why they must not be written to at this moment; None: they may be."""
        if self.place is None:
            return None
        here = now.astimezone(self.place.zone)
        first, last = self.hours or self.place.hours or USUAL_HOURS
        if here.isoweekday() > 5:
            return "on a weekend"
        if not self.place.works_on(here.date()):
            return "on a holiday or a closed day"
        away = self.away_on(here.date())
        if away is not None and now > away.said_at + timedelta(minutes=1):
            return "in an absence"
        # A message that was handed over in the last second of the hours still arrives.
        if not first <= here.time().replace(second=0, microsecond=0) <= last:
            return "outside of their hours"
        if self.quiet is not None and self.quiet[0] <= here.time() < self.quiet[1]:
            return "in their quiet time"
        return None


@dataclass(frozen=True, slots=True)
class Habit:
    """How somebody treats what they are told.

    `answers` is the chance that a message is acted upon at all, `delay` how long that takes at most; the others are
    chances for each answer.
    """

    name: str
    answers: float
    delay: timedelta
    twice: float = 0.03
    takes_back: float = 0.03


PROMPT: Final = Habit("prompt", 0.95, timedelta(hours=3))
STEADY: Final = Habit("steady", 0.85, timedelta(days=4))
LATE: Final = Habit("late", 0.5, timedelta(days=25), twice=0.1)
FICKLE: Final = Habit("fickle", 0.9, timedelta(days=6), twice=0.2, takes_back=0.2)
SILENT: Final = Habit("silent", 0.0, DAY)
HABITS: Final = (PROMPT, PROMPT, STEADY, STEADY, LATE, FICKLE, SILENT)
