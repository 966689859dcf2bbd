"""Holds: the trial office lets a patient, a site, a kind of task or a whole study be, until a day. Pure.

While a hold stands nothing rings for what it covers. Dates do not move: what is late stays late and is counted, and every
answer is taken. The day is the last one of the hold, by each site's own calendar.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, assert_never
from uuid import UUID
from zoneinfo import ZoneInfo

from trial.calendars import DAY, WorkingCalendar
from trial.hours import FIRST_RING
from trial.moments import Instant, at_local
from trial.tasks import TaskKind

LONGEST_HOLD: Final = timedelta(days=365)
"""So far ahead the last day of a hold may lie: whoever needs more says so again, and why. Ours."""


class HoldScope(StrEnum):
    """What a hold covers."""

    STUDY = "study"
    SITE = "site"
    PATIENT = "patient"
    TASKS = "tasks"  # every task of one kind, in the whole study


class BadHold(ValueError):
    """A hold names what its scope is about, and nothing else."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold that stands, until its last day, inclusive.

    Raises:
        BadHold: site, patient or kind are missing, or too many.
    """

    study_id: UUID
    scope: HoldScope
    until: date
    site_id: UUID | None = None
    patient_id: UUID | None = None
    kind: TaskKind | None = None

    def __post_init__(self) -> None:
        given = (self.site_id is not None, self.patient_id is not None, self.kind is not None)
        if given != _NAMED[self.scope]:
            raise BadHold(f"a hold of scope {self.scope.value} names something else")


_NAMED: Final = {
    HoldScope.STUDY: (False, False, False),
    HoldScope.SITE: (True, False, False),
    HoldScope.PATIENT: (True, True, False),  # with the site where the patient is
    HoldScope.TASKS: (False, False, True),
}


@dataclass(frozen=True, slots=True)
class TaskPlace:
    """A task as a hold finds it."""

    study_id: UUID
    site_id: UUID
    patient_id: UUID
    kind: TaskKind


def covers(hold: Hold, task: TaskPlace, day: date) -> bool:
    """Whether a hold that stands keeps this task quiet on `day`, today at the task's site."""
    if hold.study_id != task.study_id or day > hold.until:
        return False
    match hold.scope:
        case HoldScope.STUDY:
            return True
        case HoldScope.SITE:
            return hold.site_id == task.site_id
        case HoldScope.PATIENT:
            return hold.patient_id == task.patient_id
        case HoldScope.TASKS:
            return hold.kind is task.kind
        case _:
            assert_never(hold.scope)


def covers_site(hold: Hold, study_id: UUID, site_id: UUID, day: date) -> bool:
    """Whether a hold that stands keeps everything at a site quiet on `day`, today there."""
    whole = hold.scope is HoldScope.STUDY or (hold.scope is HoldScope.SITE and hold.site_id == site_id)
    return whole and hold.study_id == study_id and day <= hold.until


def held_until(holds: Iterable[Hold], task: TaskPlace, day: date) -> date | None:
    """The last day on which a hold covers this task, of all that cover it on `day`; None: nothing keeps it quiet."""
    return max((hold.until for hold in holds if covers(hold, task, day)), default=None)


def first_day_after(until: date, calendar: WorkingCalendar) -> date:
    """The working day on which what was on hold is told: the first one after the hold's last day."""
    return calendar.on_or_after(until + DAY)


def wakes_at(until: date, calendar: WorkingCalendar, zone: ZoneInfo) -> Instant:
    """When work begins on that day."""
    return at_local(first_day_after(until, calendar), FIRST_RING, zone)
