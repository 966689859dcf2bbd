"""Time in three types that never mix: instants, local dates at a site, calendar offsets (decision 0005).

An instant is an aware datetime in UTC. A local date is a plain `date` and always the site's. A calendar offset (`6mo`,
`14d`, `5wd`) is not a timedelta: months are calendar months, clipped to the month's end.
"""

import re
import zoneinfo
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib.metadata import version
from typing import NewType, Protocol, Self
from zoneinfo import ZoneInfo

from trial.problems import Problem, ProblemError, nearest

Instant = NewType("Instant", datetime)
"""An aware datetime in UTC. Made by `instant`, `at_local` and the clock alone."""

FIRST_YEAR = 1900
LAST_YEAR = 2200


class NaiveInstant(ValueError):
    """A datetime without a time zone is no instant."""


class UnknownZone(ProblemError):
    """A time zone that the pinned zone rules do not know."""


class DateOutOfRange(ProblemError):
    """A date falls outside the years 1900 to 2200."""

    def __init__(self) -> None:
        super().__init__(
            Problem("date", f"a date falls outside the years {FIRST_YEAR} to {LAST_YEAR}", "check the year")
        )


def instant(moment: datetime) -> Instant:
    """The same moment in UTC.

    Raises:
        NaiveInstant: `moment` has no time zone.
    """
    if moment.utcoffset() is None:
        raise NaiveInstant("an instant needs its time zone")
    return Instant(moment.astimezone(UTC))


def at_local(day: date, wall: time, zone: ZoneInfo) -> Instant:
    """The moment at which the clocks of `zone` show `wall` on `day`.

    A wall time that the clocks skip moves forward by what they skip; where that would leave the day (23:30 in
    Greenland), back by as much. A wall time that comes twice is the first. Of a day that a zone never had (Samoa,
    30 December 2011), the same wall time on the day after.
    """
    shown = datetime.combine(day, wall, tzinfo=zone)
    forward = shown.astimezone(UTC)
    back = forward.astimezone(zone)
    if back.date() == day:
        return Instant(forward)
    # In a gap, the second fold reads the wall time with the rule that holds after it: the moment before the gap.
    backward = shown.replace(fold=1).astimezone(UTC)
    return Instant(backward if backward.astimezone(zone).date() == day else forward)


def local_day(at: Instant, zone: ZoneInfo) -> date:
    """The date on a calendar at the site at this moment."""
    return at.astimezone(zone).date()


def zone(name: str) -> ZoneInfo:
    """The time zone of this IANA name.

    Raises:
        UnknownZone: with the nearest names that there are.
    """
    known = _zone_names()
    if name not in known:
        instead = nearest(name, known) if name else "give an IANA name such as Europe/Paris"
        raise UnknownZone(Problem("time zone", f"{name!r} is not known", instead))
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """The zones of places, to choose from: `Europe/Paris`, and no abbreviations."""
    return tuple(sorted(name for name in _zone_names() if "/" in name and not name.startswith(("Etc/", "SystemV/"))))


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def use_pinned_zones() -> str:
    """Read zone rules from the pinned `tzdata` package alone, and return their version.

    The machine's own rules differ from machine to machine; a plan must not. Called once at start.
    """
    zoneinfo.reset_tzpath(to=[])
    ZoneInfo.clear_cache()
    _zone_names.cache_clear()
    zone_names.cache_clear()
    return version("tzdata")


class Unit(StrEnum):
    """Units of calendar offsets. `mo`, not `m`: that is for minutes elsewhere."""

    DAY = "d"
    WEEK = "w"  # seven days
    MONTH = "mo"  # a calendar month
    YEAR = "y"  # twelve calendar months
    WORKING_DAY = "wd"


class WorkingDays(Protocol):
    """What an offset in working days needs of a calendar."""

    def add_working_days(self, day: date, amount: int) -> date: ...


OFFSET = re.compile(r"([+-]?)\s*(\d{1,5})\s*(d|wd|w|mo|y)")


@dataclass(frozen=True, slots=True)
class CalendarOffset:
    """So many days, weeks, months, years or working days; never converted from one unit into another."""

    amount: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `6mo`, `+14d` or `-28d`.

        Raises:
            ValueError: with a sentence that says what would be right.
        """
        found = OFFSET.fullmatch(text.strip())
        if found is None:
            raise ValueError(why_no_offset(text))
        sign, amount, unit = found.groups()
        return cls(-int(amount) if sign == "-" else int(amount), Unit(unit))

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"

    @property
    def signed(self) -> str:
        """As a window shows it: `+14d`, `0d`, `-14d`."""
        return f"{self.amount:+d}{self.unit}" if self.amount else str(self)

    def times(self, count: int) -> Self:
        return type(self)(self.amount * count, self.unit)

    def add_to(self, day: date, calendar: WorkingDays) -> date:
        """`day` and this much: months stop on the last day of a shorter month; day 0 is `day` itself.

        Raises:
            DateOutOfRange: the result falls outside years 1900-2200.
        """
        match self.unit:
            case Unit.DAY:
                return _plus_days(day, self.amount)
            case Unit.WEEK:
                return _plus_days(day, 7 * self.amount)
            case Unit.MONTH:
                return _plus_months(day, self.amount)
            case Unit.YEAR:
                return _plus_months(day, 12 * self.amount)
            case Unit.WORKING_DAY:
                return in_range(calendar.add_working_days(day, self.amount))


def why_no_offset(text: str) -> str:
    """What is wrong with an offset and what would be right, as the end of a sentence."""
    shown = "".join(text.split())
    if re.fullmatch(r"[+-]?\s*\d+\s*m", shown):
        return f"{shown!r} could be minutes or months: write {shown}o for months"
    if re.fullmatch(r"[+-]?\s*\d+\s*(h|min|s)", shown):
        return "plans count in days: write 1d for 24 hours"
    if re.fullmatch(r"[+-]?\s*\d+", shown):
        return f"{shown!r} has no unit: write {shown}d for days, or use w, mo, y or wd"
    return f"{shown!r} is not an offset: write a whole number with one of the units d, w, mo, y, wd, such as 14d or 6mo"


def in_range(day: date) -> date:
    """`day` itself.

    Raises:
        DateOutOfRange: it falls outside years 1900-2200, where a plan can only be a slip of the pen.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise DateOutOfRange
    return day


def _plus_days(day: date, days: int) -> date:
    try:
        return in_range(day + timedelta(days=days))
    except OverflowError as problem:
        raise DateOutOfRange from problem


def _plus_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise DateOutOfRange
    # Every month has 28 days, which is cheaper to know than the length of this one.
    last = 28 if day.day <= 28 else monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
