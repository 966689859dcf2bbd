"""When a person may be written to: in their hours, on working days when they are there, by the site's wall clock."""

from dataclasses import dataclass, replace
from datetime import date, time
from zoneinfo import ZoneInfo

from trial.calendars import DAY, WorkingCalendar
from trial.moments import Instant, at_local
from trial.problems import Problem, ProblemError

FIRST_RING = time(8, 30)
LAST_RING = time(17, 0)
"""The hours of a site that has set none. Ours, not clinical."""

EARLIEST = time(6, 0)
LATEST = time(20, 0)
"""Outside of these nobody is written to, whatever was set. Ours, not clinical."""

DAILY_CAP = 8
"""So many single notices one person gets on one day, unless they set another number; the rest waits. Ours."""

LONGEST_WAIT = 350 * DAY
"""An absence or a closing that seems longer than this holds nothing back any more: rather a reminder that comes too early
than none for ever. With the holidays after it, what waits still goes out within a year.
"""


class BadHours(ProblemError):
    """Hours in which nobody could be written to."""


def check_hours(first: time, last: time, *, quiet: tuple[time, time] | None = None) -> None:
    """Refuses hours that cannot be kept, where they are entered.

    Raises:
        BadHours: they are no span of the day, or leave nothing beside the quiet time.
    """
    if not EARLIEST <= first < last <= LATEST:
        raise BadHours(
            Problem(
                "hours",
                f"{_shown(first)} to {_shown(last)} cannot be kept",
                f"give two times between {_shown(EARLIEST)} and {_shown(LATEST)}, the earlier one first",
            )
        )
    if not _leaves_something(first, last, quiet):
        raise BadHours(
            Problem(
                "quiet time",
                f"nothing is left of the hours {_shown(first)} to {_shown(last)}",
                "make the quiet time shorter, or move the hours",
            )
        )


@dataclass(frozen=True, slots=True)
class PersonHours:
    """When one person works at one site.

    `calendar` has the site's closing days among its closed ones. `first` and `last` are both inside the hours. `quiet` is
    from its first time until before its second; where the second is earlier, it runs over midnight. `away` are first and
    last days, both inclusive.
    """

    zone: ZoneInfo
    calendar: WorkingCalendar
    first: time = FIRST_RING
    last: time = LAST_RING
    quiet: tuple[time, time] | None = None
    away: tuple[tuple[date, date], ...] = ()

    def works_on(self, day: date) -> bool:
        return self.calendar.is_working(day) and not any(first <= day <= last for first, last in self.away)

    def first_day(self, day: date) -> date:
        """The first day from `day` on that this person works."""
        for number in range(LONGEST_WAIT.days):
            candidate = day + DAY * number
            if self.works_on(candidate):
                return candidate
        return replace(self.calendar, closed=frozenset()).on_or_after(day + LONGEST_WAIT)

    @property
    def morning(self) -> time:
        """The first permitted time of a day."""
        first, last, quiet = self._kept()
        return first if quiet is None or _permits(first, first, last, quiet) else quiet[1]

    def first_time(self, wall: time) -> time | None:
        """The first permitted time of a day from `wall` on, or None when the day is over."""
        first, last, quiet = self._kept()
        times = (wall, first) if quiet is None else (wall, first, quiet[1])
        return min((each for each in times if each >= wall and _permits(each, first, last, quiet)), default=None)

    def _kept(self) -> tuple[time, time, tuple[time, time] | None]:
        """Hours and quiet time are set by different people at different times. Where they leave nothing together, quiet
        yields to the hours: somebody who can never be told is worse.
        """
        first, last = max(self.first, EARLIEST), min(self.last, LATEST)
        if first > last:
            first, last = FIRST_RING, LAST_RING
        return first, last, self.quiet if _leaves_something(first, last, self.quiet) else None


def next_permitted(now: Instant, hours: PersonHours) -> Instant:
    """`now`, where this person may be written to, else the first moment after it; within a year."""
    here = now.astimezone(hours.zone)
    day, wall = here.date(), here.time()
    if hours.works_on(day):
        begins = hours.first_time(wall)
        if begins == wall:
            return now
        if begins is not None:
            # Where clocks were put back, the first showing of that time may have passed already.
            return max(now, at_local(day, begins, hours.zone))
    return at_local(hours.first_day(day + DAY), hours.morning, hours.zone)


def _leaves_something(first: time, last: time, quiet: tuple[time, time] | None) -> bool:
    return quiet is None or any(_permits(wall, first, last, quiet) for wall in (first, quiet[1]))


def _permits(wall: time, first: time, last: time, quiet: tuple[time, time] | None) -> bool:
    if not first <= wall <= last:
        return False
    if quiet is None:
        return True
    begins, ends = quiet
    return not begins <= wall < ends if begins <= ends else ends <= wall < begins


def _shown(wall: time) -> str:
    return wall.isoformat("minutes")
