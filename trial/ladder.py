"""When a task rings: its steps, moved to working days, at the hour when people start work. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from zoneinfo import ZoneInfo

from trial.calendars import DAY, WorkingCalendar
from trial.hours import FIRST_RING, PersonHours, next_permitted
from trial.moments import Instant, at_local, local_day
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
    rung_on: date | None = None,
) -> Ring | None:
    """The next step after `after`, or None when the ladder has ended or the dates are not known.

    Steps that were missed before `not_before` are passed over but for the last of them, which rings then, at a permitted
    moment: a late reminder is still sent, but never as a flood. Steps that fall on one moment are one ring. What tells
    somebody else of what is late is never passed over, and never takes another step's place: whoever should answer is
    told first. `rung_on` is the local day on which `after` was rung; such a step keeps its distance from that day.
    """
    coming = _at_once(rings(ladder, dates, after=after, calendar=calendar, zone=zone))
    if not coming:
        return None
    moment = coming[0].at
    if not_before is not None:
        moment = max(moment, next_permitted(not_before, PersonHours(zone, calendar)))
    if rung_on is not None and after is not None and coming[0].step.escalates:
        moment = max(moment, _distant(ladder, dates, after, coming[0], calendar=calendar, zone=zone, rung_on=rung_on))
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
    """The step after `after` whose moment has come, or None. Of several that were missed it is the last, as `next_ring`
    has it.
    """
    coming = _at_once(rings(ladder, dates, after=after, calendar=calendar, zone=zone))
    return next((ring for ring in reversed(coming) if ring.at <= now), None)


def _at_once(coming: Iterator[Ring]) -> tuple[Ring, ...]:
    """The rings of which the last may stand for all: those for whoever should answer, or one for somebody else."""
    first = next(coming, None)
    if first is None:
        return ()
    if first.step.escalates:
        return (first,)
    return (first, *takewhile(lambda ring: not ring.step.escalates, coming))


def _distant(
    ladder: Ladder,
    dates: TaskDates,
    after: Step,
    ring: Ring,
    *,
    calendar: WorkingCalendar,
    zone: ZoneInfo,
    rung_on: date,
) -> Instant:
    """As many working days after `rung_on` as the ladder has between the step that was rung then and this one."""
    all_of_them = rings(ladder, dates, after=None, calendar=calendar, zone=zone)
    before = next((one for one in all_of_them if one.step is after), ring)
    distance = calendar.working_days(local_day(before.at, zone) + DAY, local_day(ring.at, zone))
    return at_local(calendar.add_working_days(calendar.on_or_after(rung_on), distance), FIRST_RING, zone)


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
    """The step's day: what warns of an end moves to the working day before, everything else to the one after."""
    day = unmoved(step, dates, calendar)
    if day is None:
        return None
    if step.step is not Step.DUE:
        return calendar.on_or_after(day)
    before = calendar.on_or_before(day)
    # A warning before the window has opened would ask for what cannot be done yet.
    return before if dates.opens is None or before >= dates.opens else calendar.on_or_after(day)


def unmoved(step: LadderStep, dates: TaskDates, calendar: WorkingCalendar) -> date | None:
    """The step's day as the study file has it, whether or not anybody works then; None: what it counts from is not known."""
    base = _marked(step.mark, dates)
    return None if base is None else step.offset.add_to(base, calendar)


def _marked(mark: Mark, dates: TaskDates) -> date | None:
    match mark:
        case Mark.OPENS:
            return dates.opens
        case Mark.DUE:
            return dates.due
        case Mark.CLOSES:
            return dates.closes
