"""When one task rings next. Decides, and touches nothing.

Beside the steps of its ladder a task's alarm can stand at four words of its own: `later`, when somebody asked to be
reminded on a day or has booked one; `nobody`, when a step's moment came and nobody at the site could be told; `again`,
when whoever was to be told could not be, and others may be there; `on_hold`, when it would have rung while the trial office
lets it be: it stands behind the hold. At `help` it waits, without a moment, until the trial
office has looked at what somebody needs. A claimed upload, whose task is done, has words of its own (`records/claims.py`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from trial.calendars import WorkingCalendar
from trial.hours import FIRST_RING
from trial.ladder import TaskDates, due_now, later_ring, next_ring, rings
from trial.moments import Instant, at_local, local_day
from trial.study import Ladder, Step

LATER: Final = "later"
"""A promise to ring again on a day that somebody chose."""

NOBODY: Final = "nobody"
"""Nobody at the site could be told: tried again every working morning, and at once when somebody is enrolled."""

AGAIN: Final = "again"
"""Whoever was to be told was not reached: rung once more, for whoever is there."""

HELP: Final = "help"
"""Somebody asked for help: nothing rings until the trial office has looked at it."""

ON_HOLD: Final = "on_hold"
"""It was on hold when it would have rung: it rings in its person's digest on the first working day after the hold."""

WAITED: Final = frozenset({LATER, NOBODY, AGAIN, ON_HOLD})
"""Words that stand for no step of the ladder: what was rung last tells which step comes."""


@dataclass(frozen=True, slots=True)
class SiteTime:
    """How time runs at a site. It rings from `rings_from`; what was due before is from before Sitebell."""

    zone: ZoneInfo
    calendar: WorkingCalendar
    rings_from: date

    def today(self, now: Instant) -> date:
        return local_day(now, self.zone)


@dataclass(frozen=True, slots=True)
class Next:
    """What a task's alarm is set to; both None: it does not ring."""

    step: str | None
    at: Instant | None


SILENT: Final = Next(None, None)
WAITS_FOR_HELP: Final = Next(HELP, None)


def before_sitebell(due: date | None, site: SiteTime) -> bool:
    """Whether a task fell due before its site began to ring: it is shown and counted, and rings nobody."""
    return due is not None and due < site.rings_from


def last_rung(ladder: Ladder, dates: TaskDates, rung: Collection[tuple[str, date]]) -> Step | None:
    """The last step of the ladder that was rung for the due date that the task has now."""
    last = None
    for step in ladder.steps:
        if (step.step.value, dates.due) in rung:
            last = step.step
    return last


def next_alarm(
    ladder: Ladder,
    dates: TaskDates,
    site: SiteTime,
    *,
    after: Step | None,
    held_until: Instant | None = None,
    quiet_until: Instant | None = None,
    rung_on: date | None = None,
) -> Next:
    """The alarm of a task after this step, which was rung on the local day `rung_on`. Nothing rings before `held_until`
    or `quiet_until`; at `held_until` something does, and whoever asked for it hears of it before anybody else. Whether a
    task from before Sitebell rings at all is for whoever plans it: an alarm that was set is kept.
    """
    if dates.due is None:
        return SILENT
    first_morning = at_local(site.rings_from, FIRST_RING, site.zone)
    ring = next_ring(
        ladder,
        dates,
        after=after,
        calendar=site.calendar,
        zone=site.zone,
        not_before=max(moment for moment in (first_morning, held_until, quiet_until) if moment is not None),
        rung_on=rung_on,
    )
    if ring is None and held_until is None:
        return SILENT
    if held_until is not None and (ring is None or ring.at > held_until or ring.step.escalates):
        return Next(LATER, held_until)
    return SILENT if ring is None else Next(ring.step.value, ring.at)


def next_morning(site: SiteTime, now: Instant) -> Instant:
    """When work begins on the next working day."""
    return at_local(site.calendar.on_or_after(site.today(now) + timedelta(days=1)), FIRST_RING, site.zone)


def hold_for_later(until: date, *, closes: date | None, site: SiteTime, now: Instant) -> Instant:
    """When to ring somebody who said: later, on this day. In the window, where a working day is left in it.

    On its last working day and after it there is no end to keep to, and the day that they said holds.
    """
    at = later_ring(until, calendar=site.calendar, zone=site.zone, closes=closes)
    if site.today(at) > site.today(now):
        return at
    return later_ring(until, calendar=site.calendar, zone=site.zone)


def hold_for_booking(day: date, *, site: SiteTime) -> Instant:
    """When to ask about something that is booked: on the first working day after it."""
    return at_local(site.calendar.add_working_days(day, 1), FIRST_RING, site.zone)


def hold_for_plan(ladder: Ladder, dates: TaskDates, *, site: SiteTime) -> Instant | None:
    """When to ask about an event that is planned, whose task is due on the day planned: at the step for what is due."""
    coming = rings(ladder, dates, after=None, calendar=site.calendar, zone=site.zone)
    return next((ring.at for ring in coming if ring.step is Step.DUE), None)


def ring_now(
    ladder: Ladder, dates: TaskDates, site: SiteTime, *, after: Step | None, waited: str | None, now: Instant
) -> tuple[str, date] | None:
    """The step that a task rings with now, and the date that makes it a ring of its own; None: nothing new to say.

    `waited` is the word at which its alarm stood, where that was no step of the ladder: then something rings in any case.
    A promise to ring again is kept with the ladder's own step where one has come meanwhile; but not with one that tells
    somebody else, who has promised nothing. What was on hold is like a promise: whoever should answer hears first.
    """
    if dates.due is None:
        return None
    ring = due_now(ladder, dates, after=after, now=now, calendar=site.calendar, zone=site.zone)
    if ring is not None and not (waited in {LATER, ON_HOLD} and ring.step.escalates):
        return ring.step.value, ring.announced_due
    return None if waited is None else (LATER, site.today(now))
