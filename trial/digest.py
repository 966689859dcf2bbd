"""The weekly digest: when it comes, what stands in it and in which order, and what cannot wait for it. Pure.

"This week" is today and the six days after it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from uuid import UUID

from trial.calendars import DAY, WorkingCalendar
from trial.hours import PersonHours
from trial.moments import Instant, at_local, local_day
from trial.tasks import TaskKind

MONDAY = 0
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DigestItem:
    """One task that is open, or whose claimed upload is asked about again (`queried`); dates local, inclusive."""

    visit_id: UUID
    task_id: UUID
    kind: TaskKind
    opens: date | None
    due: date | None
    closes: date | None
    firm: bool
    queried: bool = False


class Concern(IntEnum):
    """Why an item stands in the digest, the worst first. Each item is counted once."""

    LATE = 0
    CLOSING = 1  # its window ends this week
    TO_UPLOAD = 2  # images that are there and not uploaded, or asked for again
    OPENING = 3  # its window opens this week
    OTHER = 4


@dataclass(frozen=True, slots=True)
class DigestCounts:
    """How many items there are of each concern that has a name."""

    late: int
    closing_this_week: int
    opening_this_week: int
    waiting_upload: int


def concern(item: DigestItem, today: date) -> Concern:
    """The worst that is to be said of this item today."""
    if item.queried:
        return Concern.TO_UPLOAD
    if not item.firm or item.closes is None:
        return Concern.OTHER
    if today > item.closes:
        return Concern.LATE
    opens = item.opens or item.closes
    if item.kind is TaskKind.UPLOAD and opens <= today:
        return Concern.TO_UPLOAD
    if item.closes < today + WEEK:
        return Concern.CLOSING
    if today < opens < today + WEEK:
        return Concern.OPENING
    return Concern.OTHER


def worst_first(items: Iterable[DigestItem], today: date) -> tuple[DigestItem, ...]:
    """Late before closing before to be uploaded before opening; within each, what ends first, and then by id."""
    return tuple(sorted(items, key=lambda item: _rank(item, today)))


def worst_of_each_visit(items: Iterable[DigestItem], today: date) -> tuple[DigestItem, ...]:
    """Worst first, and of each visit its worst item alone: a digest is gone through visit by visit."""
    found: dict[UUID, DigestItem] = {}
    for item in worst_first(items, today):
        found.setdefault(item.visit_id, item)
    return tuple(found.values())


def _rank(item: DigestItem, today: date) -> tuple[Concern, date, date, UUID]:
    worst = concern(item, today)
    ends = item.closes or item.due or date.max
    counts_from = ends if worst is not Concern.OPENING else item.opens or ends
    return worst, counts_from, ends, item.task_id


def counts(items: Sequence[DigestItem], today: date) -> DigestCounts:
    """The digest's one line of numbers."""
    concerns = [concern(item, today) for item in items]
    return DigestCounts(
        late=concerns.count(Concern.LATE),
        closing_this_week=concerns.count(Concern.CLOSING),
        opening_this_week=concerns.count(Concern.OPENING),
        waiting_upload=concerns.count(Concern.TO_UPLOAD),
    )


# --- when it comes ----------------------------------------------------------------------------------------------------


def next_digest(now: Instant, hours: PersonHours, weekday: int = MONDAY) -> Instant:
    """When this person's next digest comes, later than `now`: in the morning of its day.

    Whoever is away on that day gets none; the digest waits for the first morning on which they work again.
    """
    anchor = _last(weekday, local_day(now, hours.zone))
    while (moment := _morning_from(anchor, hours)) <= now:
        anchor += WEEK
    return moment


def _last(weekday: int, today: date) -> date:
    """The last such weekday, today included."""
    return today - DAY * ((today.weekday() - weekday) % 7)


def _morning_from(day: date, hours: PersonHours) -> Instant:
    return at_local(hours.first_day(day), hours.morning, hours.zone)


# --- what cannot wait for it ------------------------------------------------------------------------------------------


def at_risk(closes: date, next_digest_day: date, calendar: WorkingCalendar) -> bool:
    """Whether a window closes before the working day after the next digest: then its step is told singly, now.

    Raises:
        DateOutOfRange: there is no working day before the year 2200 ends.
    """
    return closes < calendar.add_working_days(next_digest_day, 1)


def working_days_left(today: date, closes: date, calendar: WorkingCalendar) -> int:
    """Working days after today until the window's last day, which counts, as days that are left do; 0: today or never."""
    return calendar.working_days(today + DAY, closes)


def days_off(today: date, closes: date, calendar: WorkingCalendar) -> tuple[date, ...]:
    """Mondays to Fridays after today until the window's last day on which nobody works: holidays, closed days."""
    return calendar.days_off(today + DAY, closes)
