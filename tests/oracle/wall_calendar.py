"""A calendar as it hangs on the wall: every day in a row. Whoever counts on it puts a finger on a day and walks.

Nothing here knows what trial/ knows: no arithmetic of months, no division. A month is over when the same number comes
again, or the month's last day where that number is missing.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

import holidays

FIRST, LAST = date(1990, 1, 1), date(2110, 12, 31)
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
NUMBERS = [day.day for day in DAYS]
ENDS_MONTH = [NUMBERS[place + 1] == 1 if place + 1 < len(DAYS) else True for place in range(len(DAYS))]
PLACE = {day: place for place, day in enumerate(DAYS)}
A_WEEK, A_YEAR = 7, 12

OFFSET = re.compile(r"([+-]?)\s*(\d+)\s*(wd|d|w|mo|y)")


@cache
def read_offset(text: str) -> tuple[int, str]:
    """`-2w` as 14 steps back of a day: how many steps, and of what (`d`, `mo` or `wd`)."""
    found = OFFSET.fullmatch(text.strip())
    assert found is not None, text
    sign, amount, unit = found.groups()
    steps = int(amount) * {"w": A_WEEK, "y": A_YEAR}.get(unit, 1)
    return (-steps if sign == "-" else steps), {"w": "d", "y": "mo"}.get(unit, unit)


def months_from(start: date, step: int = 1) -> Iterator[date]:
    """The days on which one more month is over (or lies back), walking day by day."""
    number, place = start.day, PLACE[start]
    while True:
        place += step
        if NUMBERS[place] == number or (ENDS_MONTH[place] and NUMBERS[place] < number):
            yield DAYS[place]


def days_from(start: date, step: int = 1) -> Iterator[date]:
    """The days after (or before) this one."""
    place = PLACE[start]
    while True:
        place += step
        yield DAYS[place]


def working_days_from(start: date, country: str | None, step: int = 1) -> Iterator[date]:
    """The working days after (or before) this one."""
    for day in days_from(start, step):
        if day.weekday() < 5 and (country is None or day not in public_holidays(country, day.year)):
            yield day


@cache
def public_holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))


def counted(start: date, offset: str, country: str | None = None) -> date:
    """The day so far from `start`: its own day for nothing."""
    steps, kind = read_offset(offset)
    if steps == 0:
        return start
    direction = 1 if steps > 0 else -1
    walk = {
        "d": lambda: days_from(start, direction),
        "mo": lambda: months_from(start, direction),
        "wd": lambda: working_days_from(start, country, direction),
    }[kind]()
    for number, day in enumerate(walk, start=1):
        if number == abs(steps):
            return day
    raise AssertionError("the wall has an end")
