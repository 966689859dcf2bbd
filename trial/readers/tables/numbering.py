"""How a study numbers its days and weeks, and what `Day 15` and `Week 4` mean there. Pure.

Offsets of a plan are intervals: the event's own day is 0. Many studies call that day Day 1, and some name a week after its
first day. What the table itself shows is taken (`Week 4 (Day 29)`, a Day 0); what it leaves open is asked.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from trial.moments import CalendarOffset, Unit
from trial.readers.tables.days import Numbered, Range, Timing
from trial.readers.tables.units import Unreadable

Name = TypeVar("Name", bound=StrEnum)

DAYS_OF_WEEK = 7


class FirstDay(StrEnum):
    """What the event's own day is called; the values are those of `study.day_numbers`."""

    DAY_0 = "day0"
    DAY_1 = "day1"


class WeekName(StrEnum):
    """What the number of a week says."""

    AFTER = "after"  # Week 4 is four weeks after the event
    FIRST_DAY = "first day"  # Week 4 begins three weeks after the event


@dataclass(frozen=True, slots=True)
class Numbering:
    """None: nothing says which."""

    first_day: FirstDay | None = None
    week_name: WeekName | None = None

    def interval(self, named: Numbered) -> CalendarOffset:
        """The interval from the event. Where nothing says which, Day 1 is the event's day and weeks are intervals.

        Raises:
            Unreadable: there is no such day.
        """
        number = named.number
        if named.unit is Unit.DAY and self.first_day is not FirstDay.DAY_0:
            if number == 0:
                raise Unreadable("there is no Day 0 where the event's day is Day 1", "check the day numbers")
            number -= number > 0
        if named.unit is Unit.WEEK and self.week_name is WeekName.FIRST_DAY:
            if number == 0:
                raise Unreadable("there is no Week 0 where Week 1 begins with the event", "check the week numbers")
            number -= number > 0
        return CalendarOffset(number, named.unit)

    def leaves_open(self, named: Numbered) -> bool:
        """Whether the number has two readings. Day -1 is the day before, however days are numbered."""
        match named.unit:
            case Unit.DAY:
                return self.first_day is None and named.number > 0
            case Unit.WEEK:
                return self.week_name is None and named.number > 0
            case _:
                return False


def numbering_of(timings: Iterable[Timing], said: Numbering) -> Numbering:
    """What the study says, and what its own table shows where it does not say it."""
    first_days: set[FirstDay] = set()
    week_names: set[WeekName] = set()
    for timing in timings:
        for named in _numbers(timing):
            if named.number == 0 and named.unit is Unit.DAY:
                first_days.add(FirstDay.DAY_0)
            if named.number == 0 and named.unit is Unit.WEEK:
                week_names.add(WeekName.AFTER)
        pair = {named.unit: named.number for named in (timing.when, timing.also) if isinstance(named, Numbered)}
        if {Unit.DAY, Unit.WEEK} <= set(pair) and pair[Unit.DAY] > 0 and pair[Unit.WEEK] > 0:
            first_day = {0: FirstDay.DAY_0, 1: FirstDay.DAY_1}.get(pair[Unit.DAY] % DAYS_OF_WEEK)
            if first_day is None:
                continue
            weeks = (pair[Unit.DAY] - (first_day is FirstDay.DAY_1)) // DAYS_OF_WEEK
            if weeks in {pair[Unit.WEEK], pair[Unit.WEEK] - 1}:
                first_days.add(first_day)
                week_names.add(WeekName.AFTER if weeks == pair[Unit.WEEK] else WeekName.FIRST_DAY)
    return Numbering(said.first_day or _only(first_days), said.week_name or _only(week_names))


def _numbers(timing: Timing) -> list[Numbered]:
    whens = (timing.when.first, timing.when.last) if isinstance(timing.when, Range) else (timing.when, timing.also)
    return [named for named in whens if isinstance(named, Numbered)]


def _only(found: set[Name]) -> Name | None:
    return next(iter(found)) if len(found) == 1 else None


def read_first_day(text: str) -> FirstDay:
    """`Day 1`, `day1`, `Day 0 is the first day`.

    Raises:
        Unreadable: it names neither.
    """
    digits = set(re.findall(r"\d+", text))
    if digits not in ({"0"}, {"1"}):
        raise Unreadable("it does not say what the event's own day is called", "write Day 1 or Day 0")
    return FirstDay.DAY_0 if digits == {"0"} else FirstDay.DAY_1


def read_week_name(text: str) -> WeekName:
    """`Week 4 is 28 days after`, or `Week 1 begins with the event`.

    Raises:
        Unreadable: it says neither.
    """
    if re.search(r"after|week 0|interval|completed", text):
        return WeekName.AFTER
    if re.search(r"begin|start|first|week 1", text):
        return WeekName.FIRST_DAY
    raise Unreadable(
        "it does not say what a week is named after", "write: after the event, or: Week 1 begins with the event"
    )
