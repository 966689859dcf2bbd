"""All days that a mention of a day can mean. Which of them is meant is decided by `trial.replies.days`."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from locales.replies.names import Habits, Order
from trial.replies.said import DayMention

NO_DAY = DayMention(())
"""A time, but no day: last week, in March."""

_DAY_OF_MONTH_WITHIN = timedelta(days=20)
"""How far from today "the 12th" may lie: no second month's 12th does."""

_CENTURY = 2000
_SUNDAY = 6


def exactly(year: int, month: int, day: int) -> DayMention | None:
    """A date written in full; None where there is no such day."""
    found = _day(year, month, day)
    return None if found is None else DayMention((found,))


def one_of(days: Iterator[date] | tuple[date, ...], *, inferred: bool) -> DayMention | None:
    found = tuple(sorted(set(days)))
    return DayMention(found, inferred=inferred) if found else None


def yearless(month: int, day: int, today: date) -> Iterator[date]:
    """This day of the year before, of this and of the next year."""
    for year in range(today.year - 1, today.year + 2):
        if found := _day(year, month, day):
            yield found


def two_numbers(first: int, second: int, habits: Habits, today: date) -> DayMention | None:
    """12/3: by the orders that are usual here, or by the other one where these give no date."""
    usual = one_of(_two_numbers(first, second, habits.orders, today), inferred=True)
    unusual = one_of(_two_numbers(first, second, frozenset(Order) - habits.orders, today), inferred=True)
    if usual is None or unusual is None:
        return usual or unusual
    return replace(usual, unusual=unusual.days)


def three_numbers(numbers: tuple[int, int, int], habits: Habits, *, era: int | None) -> DayMention | None:
    """12/3/2026, 12/3/26, 26/3/12, 8/3/12 (a year of the era that counts years from `era`)."""
    first, second, last = numbers
    short = last < 100
    year = _CENTURY + last if short else last
    days = {_day(year, month, day) for day, month in _ordered(first, second, habits.orders)}
    others = (_day(year, month, day) for day, month in _ordered(first, second, frozenset(Order) - habits.orders))
    if short and habits.year_first:
        days.add(_day(_CENTURY + first, second, last))
        days.add(None if era is None else _day(era + first, second, last))
    found = tuple(sorted(day for day in days if day is not None))
    unusual = tuple(day for day in others if day is not None)
    return DayMention(found, inferred=short and len(found) > 1, unusual=unusual) if found else None


def counted_year(year: int, month: int, day: int, *, era: int | None) -> DayMention | None:
    """8年3月12日: a year of the era, or of the century."""
    bases = [_CENTURY] if era is None else [_CENTURY, era]
    days = tuple(found for base in bases if (found := _day(base + year, month, day)))
    return DayMention(days, inferred=len(days) > 1) if days else None


def day_of_month(day: int, today: date) -> DayMention | None:
    """The 12th: the one that lies near, before or after today."""
    near = (today + timedelta(days=step) for step in range(-_DAY_OF_MONTH_WITHIN.days, _DAY_OF_MONTH_WITHIN.days + 1))
    return one_of((found for found in near if found.day == day), inferred=True)


def day_of_other_month(day: int, months: int, today: date) -> DayMention | None:
    """The 12th of this month (0), of the last (-1), of the next (1)."""
    place = today.year * 12 + today.month - 1 + months
    return exactly(place // 12, place % 12 + 1, day)


def weekday_about(weekday: int, today: date) -> DayMention:
    """A bare weekday: the one before today, today, the one after."""
    back = (today.weekday() - weekday) % 7
    before, after = today - timedelta(days=back or 7), today + timedelta(days=7 - back)
    return DayMention((before, after) if back else (before, today, after), inferred=True)


def last_weekday(weekday: int, today: date) -> DayMention:
    """Last Friday: the one before today, and that of the week before, where people differ."""
    before = today - timedelta(days=(today.weekday() - weekday) % 7 or 7)
    return _sorted({before, *weekday_of_week(weekday, -1, today).days})


def next_weekday(weekday: int, today: date) -> DayMention:
    """Next Friday: the one after today, and that of the next week, where people differ."""
    after = today + timedelta(days=(weekday - today.weekday()) % 7 or 7)
    return _sorted({after, *weekday_of_week(weekday, 1, today).days})


def weekday_of_week(weekday: int, weeks: int, today: date) -> DayMention:
    """The weekday of a week from this one on, whether weeks begin on Monday or on Sunday."""
    from_monday = today - timedelta(days=today.weekday())
    from_sunday = today - timedelta(days=(today.weekday() + 1) % 7)
    away = timedelta(weeks=weeks)
    return _sorted(
        {
            from_monday + away + timedelta(days=weekday),
            from_sunday + away + timedelta(days=0 if weekday == _SUNDAY else weekday + 1),
        }
    )


def on_weekday(mention: DayMention, weekday: int, today: date) -> DayMention:
    """A date with its weekday: only the days on which both agree; none, where the nearest one contradicts it."""
    agreed = tuple(day for day in mention.days if day.weekday() == weekday)
    nearest = min((abs(day - today) for day in mention.days), default=None)
    # Some other year's 12 March is always a Friday: whoever writes a wrong weekday does not mean that year.
    if nearest not in {abs(day - today) for day in agreed}:
        return NO_DAY
    return DayMention(agreed, mention.inferred)  # the weekday has settled the order of numbers


def _sorted(days: set[date]) -> DayMention:
    return DayMention(tuple(sorted(days)), inferred=len(days) > 1)


def _two_numbers(first: int, second: int, orders: frozenset[Order], today: date) -> Iterator[date]:
    for day, month in _ordered(first, second, orders):
        yield from yearless(month, day, today)


def _ordered(first: int, second: int, orders: frozenset[Order]) -> Iterator[tuple[int, int]]:
    """(day, month) in each of these orders."""
    if Order.DAY_FIRST in orders:
        yield first, second
    if Order.MONTH_FIRST in orders:
        yield second, first


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
