"""No date is lost between calendars and clocks, in any zone there is, 2020 to 2035."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise

import pytest

from trial.hours import EARLIEST, LATEST
from trial.moments import at_local, local_day, zone, zone_names

FIRST, LAST = date(2020, 1, 1), date(2035, 12, 31)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
WALLS = [time(hour, minute) for hour in (*range(7), 12, 20, 21, 22, 23) for minute in (0, 30)] + [time(23, 59, 59)]
WORKING = [wall for wall in WALLS if EARLIEST <= wall <= LATEST]


@cache
def zones() -> tuple[str, ...]:
    """One name for all zones whose clocks show the same, week for week."""
    found: dict[tuple[timedelta | None, ...], str] = {}
    for name in zone_names():
        found.setdefault(offsets(name), name)
    return tuple(found.values())


def offsets(name: str) -> tuple[timedelta | None, ...]:
    where = zone(name)
    weeks = ((LAST - FIRST) // WEEK) + 1
    return tuple(
        datetime.combine(FIRST + WEEK * week, time(), UTC).astimezone(where).utcoffset() for week in range(weeks)
    )


def days_of(name: str) -> Iterator[date]:
    """Every day of the weeks in which the clocks are changed, with a day on either side, and the first of each quarter."""
    found = offsets(name)
    for week, (before, after) in enumerate(pairwise(found)):
        if before != after:
            yield from (FIRST + WEEK * week + DAY * number for number in range(-1, 9))
    yield from (date(year, month, 1) for year in range(FIRST.year, LAST.year + 1) for month in (1, 4, 7, 10))


def test_there_are_zones_on_either_side_of_the_date_line():
    assert len(zones()) > 60
    assert {"Pacific/Apia", "Pacific/Pago_Pago", "Asia/Tokyo", "America/Nuuk"} <= {*zone_names()}


def test_no_event_date_loses_a_day_in_any_zone():
    lost = [
        (name, day, wall)
        for name in zones()
        for day in days_of(name)
        for wall in WALLS
        if local_day(at_local(day, wall, zone(name)), zone(name)) != day
    ]

    assert lost == []


def test_hours_in_which_people_are_written_to_are_there_on_every_day_in_any_zone():
    moved = [
        (name, day, wall)
        for name in zones()
        for day in days_of(name)
        for wall in WORKING
        if at_local(day, wall, zone(name)).astimezone(zone(name)).time() != wall
    ]

    assert moved == []


@pytest.mark.parametrize(
    ("where", "skipped"),
    [
        ("Pacific/Apia", "2011-12-30"),  # from east of the line to west of it
        ("Pacific/Kwajalein", "1993-08-21"),
        ("Pacific/Kiritimati", "1994-12-31"),
    ],
)
def test_only_a_day_that_a_place_never_had_becomes_the_next(where, skipped):
    around = [date.fromisoformat(skipped) + DAY * number for number in (-2, -1, 0, 1, 2)]
    shown = [local_day(at_local(each, time(10), zone(where)), zone(where)) for each in around]

    assert shown == [each + DAY if each == date.fromisoformat(skipped) else each for each in around]
