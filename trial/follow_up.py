"""How a task stands for a day: scheduled, expected, received, overdue or unobtainable. Computed, never stored.

Source: TRISST (Cragg, Trials 2019;20:241, table 1). The return rate is received / (received + overdue + unobtainable).
"""

from bisect import bisect_left
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, assert_never

from trial.calendars import WorkingCalendar
from trial.ladder import TaskDates
from trial.moments import CalendarOffset
from trial.tasks import TaskState


class FollowUp(StrEnum):
    """TRISST's states; each task that counts is in exactly one."""

    SCHEDULED = "scheduled"  # not open yet, or its dates are not certain
    EXPECTED = "expected"  # open, or late but within the tolerance
    RECEIVED = "received"
    OVERDUE = "overdue"  # late beyond the tolerance of its class
    UNOBTAINABLE = "unobtainable"  # will never come; stays in the denominator


def is_late(state: TaskState, dates: TaskDates, today: date) -> bool:
    """Past its window or due date and still open. Late rings; overdue reports."""
    return state is TaskState.OPEN and dates.firm and dates.closes is not None and today > dates.closes


_LONGEST_TOLERANCE: Final = timedelta(days=3660)


@lru_cache(maxsize=4096)
def overdue_until(today: date, tolerance: CalendarOffset, calendar: WorkingCalendar) -> date:
    """The latest last day of something open that is overdue on `today`: what ended then or before is, what ended later is not.

    The same rule as `follow_up`, asked once for many tasks of one kind; no tolerance is longer than ten years.
    """
    days = range((today - _LONGEST_TOLERANCE).toordinal(), today.toordinal())
    first_within = bisect_left(days, True, key=lambda day: today <= tolerance.add_to(date.fromordinal(day), calendar))
    return date.fromordinal(days.start + first_within) - timedelta(days=1)


def follow_up(
    state: TaskState, dates: TaskDates, today: date, *, tolerance: CalendarOffset, calendar: WorkingCalendar
) -> FollowUp | None:
    """The state on `today` at the site; None for what does not count: not applicable, cancelled, paused to be confirmed.

    `tolerance` is the study's reporting rule for the task's class, counted from the last day of its window.
    """
    match state:
        case TaskState.DONE:
            return FollowUp.RECEIVED
        case TaskState.NOT_DONE:
            return FollowUp.UNOBTAINABLE
        case TaskState.NOT_APPLICABLE | TaskState.CANCELLED | TaskState.PAUSED:
            return None
        case TaskState.OPEN:
            return _open(dates, today, tolerance, calendar)
        case _:
            assert_never(state)


def _open(dates: TaskDates, today: date, tolerance: CalendarOffset, calendar: WorkingCalendar) -> FollowUp:
    if not dates.firm or dates.opens is None or dates.closes is None or today < dates.opens:
        return FollowUp.SCHEDULED
    if today <= tolerance.add_to(dates.closes, calendar):
        return FollowUp.EXPECTED
    return FollowUp.OVERDUE
