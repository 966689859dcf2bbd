"""Working days at a site: Monday to Friday without public holidays and the site's own closed days."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Self

import holidays

from trial.moments import in_range
from trial.problems import Problem, ProblemError, nearest

DAY = timedelta(days=1)
SATURDAY = 5


class UnknownCountry(ProblemError):
    """A country or region whose public holidays are not known."""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """`country` is ISO 3166-1 alpha-2, `region` its subdivision; no country: Monday to Friday, no holidays.

    Raises:
        UnknownCountry: with the nearest codes that there are.
    """

    country: str | None = None
    region: str | None = None
    closed: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        _check(self.country, self.region)

    def with_closings(self, closings: Iterable[tuple[date, date]]) -> Self:
        """The same calendar with these days closed as well, first to last day of each, both inclusive."""
        days = frozenset(day for first, last in closings for day in _days(first, last))
        return replace(self, closed=self.closed | days) if days else self

    def is_working(self, day: date) -> bool:
        return (
            day.weekday() < SATURDAY
            and day not in self.closed
            and (self.country is None or day not in _public_holidays(self.country, self.region, day.year))
        )

    def working_days(self, first: date, last: date) -> int:
        """How many working days there are from `first` to `last`, both inclusive."""
        weeks, left = divmod(max(0, (last - first).days + 1), 7)
        weekdays = weeks * SATURDAY + sum((first + DAY * number).weekday() < SATURDAY for number in range(left))
        return weekdays - len(self.days_off(first, last))

    def days_off(self, first: date, last: date) -> tuple[date, ...]:
        """Mondays to Fridays from `first` to `last`, both inclusive, on which nobody works."""
        years = range(first.year, last.year + 1) if self.country is not None else ()
        off = self.closed.union(*(_public_holidays(str(self.country), self.region, year) for year in years))
        return tuple(
            sorted(day for day in off if first <= day <= last and day.weekday() < SATURDAY and not self.is_working(day))
        )

    def on_or_after(self, day: date) -> date:
        """The first working day from `day` on.

        Raises:
            DateOutOfRange: there is none before the year 2200 ends.
        """
        while not self.is_working(day):
            day = in_range(day + DAY)
        return day

    def on_or_before(self, day: date) -> date:
        """The last working day up to `day`.

        Raises:
            DateOutOfRange: there is none since the year 1900 began.
        """
        while not self.is_working(day):
            day = in_range(day - DAY)
        return day

    def add_working_days(self, day: date, amount: int) -> date:
        """The `amount`-th working day after `day` (before it, where negative); `day` itself for 0.

        Raises:
            DateOutOfRange: it falls outside years 1900-2200.
        """
        step = DAY if amount > 0 else -DAY
        left = abs(amount)
        while left:
            day = in_range(day + step)
            left -= self.is_working(day)
        return day


def _days(first: date, last: date) -> Iterable[date]:
    return (first + DAY * number for number in range((last - first).days + 1))


@lru_cache(maxsize=4096)
def _public_holidays(country: str, region: str | None, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=region, years=year))


@lru_cache(maxsize=1)
def known_countries() -> tuple[str, ...]:
    """The countries whose public holidays are known, to choose from."""
    return tuple(sorted(holidays.list_supported_countries(include_aliases=False)))


COUNTRY_CODE = re.compile(r"[A-Z]{2}")


@lru_cache(maxsize=512)
def _check(country: str | None, region: str | None) -> None:
    if country is None:
        if region is not None:
            raise UnknownCountry(Problem("region", "a region needs its country", "give the country as well"))
        return
    try:
        known = holidays.country_holidays(country) if COUNTRY_CODE.fullmatch(country) else None
    except NotImplementedError:
        known = None
    if known is None:
        # The list of all of them is slow to make and needed here alone.
        countries = holidays.list_supported_countries(include_aliases=False)
        instead = f"give an ISO 3166 code of two capital letters such as FR or JP ({nearest(country, countries)})"
        raise UnknownCountry(Problem("country", f"{country!r} is not known", instead))
    if region is not None and region not in known.subdivisions:
        raise UnknownCountry(
            Problem("region", f"{region!r} is not a region of {country}", nearest(region, known.subdivisions))
        )
