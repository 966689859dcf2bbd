"""Ladders of a study file: those that are there without being written, and what is wrong with the order of one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import combinations
from operator import lt

from trial.calendars import DAY, WorkingCalendar
from trial.moments import CalendarOffset
from trial.study import Ladder, LadderStep, Mark, Step

PLAIN_WEEK = WorkingCalendar()
SAMPLE_DAYS = tuple(date(2024, 2, 1) + DAY * number for number in range(60))
"""Days from which two offsets are compared: every weekday, the end of a short month and of a long one, no holidays."""


def _ladder(name: str, *steps: tuple[Step, Mark, str]) -> Ladder:
    return Ladder(name, tuple(LadderStep(step, mark, CalendarOffset.parse(offset)) for step, mark, offset in steps))


USUAL_LADDERS = {
    ladder.name: ladder
    for ladder in (
        _ladder(
            "visit",
            (Step.HEADS_UP, Mark.OPENS, "-7d"),
            (Step.WINDOW_OPEN, Mark.OPENS, "0d"),
            (Step.DUE, Mark.DUE, "0d"),
            (Step.LATE, Mark.CLOSES, "1d"),
            (Step.COVER, Mark.CLOSES, "3wd"),
            (Step.BACKUP, Mark.CLOSES, "5wd"),
            (Step.INVESTIGATOR, Mark.CLOSES, "8wd"),
            (Step.MANAGER, Mark.CLOSES, "10wd"),
        ),
        _ladder(
            "task",
            (Step.WINDOW_OPEN, Mark.OPENS, "1wd"),
            (Step.DUE, Mark.DUE, "0d"),
            (Step.LATE, Mark.CLOSES, "1wd"),
            (Step.COVER, Mark.CLOSES, "3wd"),
            (Step.BACKUP, Mark.CLOSES, "5wd"),
            (Step.INVESTIGATOR, Mark.CLOSES, "8wd"),
            (Step.MANAGER, Mark.CLOSES, "10wd"),
        ),
        _ladder(
            "campaign",
            (Step.HEADS_UP, Mark.OPENS, "-7d"),
            (Step.WINDOW_OPEN, Mark.OPENS, "0d"),
            (Step.DUE, Mark.DUE, "0d"),
            # After the last day nothing more is entered: nobody at the site is asked for what cannot be done.
            (Step.MANAGER, Mark.CLOSES, "1wd"),
        ),
        _ladder(
            "question",
            (Step.DUE, Mark.DUE, "0d"),
            (Step.LATE, Mark.CLOSES, "5wd"),
            (Step.COVER, Mark.CLOSES, "8wd"),
            (Step.BACKUP, Mark.CLOSES, "10wd"),
            (Step.INVESTIGATOR, Mark.CLOSES, "13wd"),
            (Step.MANAGER, Mark.CLOSES, "15wd"),
        ),
    )
}
"""The ladders of a study file that brings none of these names: for holding visits, for tasks, for campaigns, for events
and facts."""


@dataclass(frozen=True, slots=True)
class OutOfOrder:
    """A step that can come too early, and the sentence that says so."""

    step: Step
    what: str
    instead: str


def out_of_order(steps: Sequence[LadderStep]) -> Iterator[OutOfOrder]:
    """Steps of a ladder that can come before an earlier one, for a task of whatever length; each is told once.

    `opens` never lies after `due`, nor `due` after `closes`. What counts forward from one of them to the next is in order
    enough: steps of a short task that meet are one ring.
    """
    told: set[Step] = set()
    for step in steps:
        if step.step.escalates and not _is_late(step):
            told.add(step.step)
            yield OutOfOrder(
                step.step, "somebody else would be told before the task is late", "write such as closes + 3wd"
            )
    marks = list(Mark)
    for earlier, later in combinations(steps, 2):
        if later.step in told:
            continue
        if marks.index(later.mark) < marks.index(earlier.mark):
            what = f"it counts from {later.mark}, which can lie before {earlier.mark}, where {earlier.step} counts from"
            problem = OutOfOrder(later.step, what, f"count it from {earlier.mark}")
        elif later.mark is earlier.mark and _can_come_before(later.offset, earlier.offset):
            what = f"{_shown(later)} can come before {earlier.step}, which is {_shown(earlier)}"
            problem = OutOfOrder(later.step, what, f"write {_shown(earlier)} or a later day")
        else:
            continue
        told.add(later.step)
        yield problem


def _is_late(step: LadderStep) -> bool:
    return step.mark is Mark.CLOSES and step.offset.amount > 0


def _can_come_before(one: CalendarOffset, other: CalendarOffset) -> bool:
    return any(map(lt, _sampled(one), _sampled(other)))


@lru_cache(maxsize=1024)
def _sampled(offset: CalendarOffset) -> tuple[date, ...]:
    """Where the offset leads from each of the sample days. A few offsets stand in all ladders, and each meets each."""
    return tuple(offset.add_to(day, PLAIN_WEEK) for day in SAMPLE_DAYS)


def _shown(step: LadderStep) -> str:
    amount = step.offset.amount
    if not amount:
        return step.mark.value
    return f"{step.mark} {'+' if amount > 0 else '-'} {abs(amount)}{step.offset.unit}"
