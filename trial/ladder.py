"""When a task rings: its steps, moved to working days, at the hour when people start work. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from trial.calendars import WorkingCalendar
from trial.hours import FIRST_RING, next_permitted
from trial.moments import Instant, at_local
from trial.study import Ladder, LadderStep, Mark, Step


@dataclass(frozen=True, slots=True)
class TaskDates:
    """A task's local dates at the site, inclusive; None where the date that they count from is not known yet."""

    opens: date | None
    due: date | None
    closes: date | None
    firm: bool


@dataclass(frozen=True, slots=True)
class Ring:
    """One step's moment. With `announced_due` it is what makes a reminder the same reminder."""

    step: Step
    at: Instant
    announced_due: date


def next_ring(
    ladder: Ladder,
    dates: TaskDates,
    *,
    after: Step | None,
    calendar: WorkingCalendar,
    zone: ZoneInfo,
    not_before: Instant | None = None,
) -> Ring | None:
    """The next step after `after`, or None when the ladder has ended or the dates are not known.

    Steps that were missed before `not_before` are passed over but for the last of them, which rings then, at a permitted
    moment: a late reminder is still sent, but never as a flood. Steps that fall on one moment are one ring.
    """
    coming = tuple(rings(ladder, dates, after=after, calendar=calendar, zone=zone))
    if not coming:
        return None
    moment = coming[0].at
    if not_before is not None:
        moment = max(moment, next_permitted(not_before, zone, calendar))
    last = [ring for ring in coming if ring.at <= moment][-1]
    return Ring(last.step, moment, last.announced_due)


def due_now(
    ladder: Ladder,
    dates: TaskDates,
    *,
    after: Step | None,
    now: Instant,
    calendar: WorkingCalendar,
    zone: ZoneInfo,
) -> Ring | None:
    """The last step after `after` whose moment has come, or None. Earlier ones that were missed are passed over."""
    last = None
    for ring in rings(ladder, dates, after=after, calendar=calendar, zone=zone):
        if ring.at > now:
            break
        last = ring
    return last


def later_ring(until: date, *, calendar: WorkingCalendar, zone: ZoneInfo, closes: date | None = None) -> Instant:
    """When to ring again for somebody who said: later, on this day. Never after the window's last working day."""
    day = calendar.on_or_after(until)
    if closes is not None and day > closes:
        day = calendar.on_or_before(min(until, closes))
    return at_local(day, FIRST_RING, zone)


def rings(
    ladder: Ladder, dates: TaskDates, *, after: Step | None, calendar: WorkingCalendar, zone: ZoneInfo
) -> Iterator[Ring]:
    """Every step after `after`, in order. A task that is not firm has its heads-up alone."""
    if dates.due is None:
        return
    passed = after is None
    latest: date | None = None
    for step in ladder.steps:
        day = _working_day(step, dates, calendar)
        if day is not None and passed and (dates.firm or step.step is Step.HEADS_UP):
            latest = day if latest is None else max(latest, day)
            yield Ring(step.step, at_local(latest, FIRST_RING, zone), dates.due)
        passed = passed or step.step is after


def _working_day(step: LadderStep, dates: TaskDates, calendar: WorkingCalendar) -> date | None:
    """The step's day: what warns of an end moves to the working day before, what tells of a start to the one after."""
    base = _marked(step.mark, dates)
    if base is None:
        return None
    day = step.offset.add_to(base, calendar)
    match step.step:
        case Step.DUE:
            before = calendar.on_or_before(day)
            # A warning before the window has opened would ask for what cannot be done yet.
            opens = dates.opens
            return before if opens is None or before >= opens else calendar.on_or_after(day)
        case Step.HEADS_UP | Step.WINDOW_OPEN | Step.LATE:
            return calendar.on_or_after(day)


def _marked(mark: Mark, dates: TaskDates) -> date | None:
    match mark:
        case Mark.OPENS:
            return dates.opens
        case Mark.DUE:
            return dates.due
        case Mark.CLOSES:
            return dates.closes
