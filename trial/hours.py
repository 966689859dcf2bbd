"""When a person may be written to: in working hours, on working days, by the wall clock of the site."""

from datetime import time
from zoneinfo import ZoneInfo

from trial.calendars import DAY, WorkingCalendar
from trial.moments import Instant, at_local

FIRST_RING = time(8, 30)
LAST_RING = time(17, 0)


def next_permitted(
    now: Instant,
    zone: ZoneInfo,
    calendar: WorkingCalendar,
    *,
    first: time = FIRST_RING,
    last: time = LAST_RING,
) -> Instant:
    """`now`, where it is a working day between `first` and `last` (both inclusive), else the next `first` of one."""
    here = now.astimezone(zone)
    day, wall = here.date(), here.time()
    if calendar.is_working(day):
        if first <= wall <= last:
            return now
        if wall < first:
            # Where clocks were put back, the first showing of `first` may have passed already.
            return max(now, at_local(day, first, zone))
    return at_local(calendar.on_or_after(day + DAY), first, zone)
