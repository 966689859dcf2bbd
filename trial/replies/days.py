"""Which day a reply means: the one plausible reading of what was written, or none."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from trial.replies.said import DayMention

INFERRED_WITHIN = timedelta(days=183)
"""How far from today a day may lie whose year was not written: of one date in two years, at most one does."""

WRITTEN_WITHIN = timedelta(days=366)
"""How far from today and from the window a day may lie that was written with its year: beyond it, a slip is likelier."""

AROUND_WINDOW = timedelta(days=31)
"""How far from its own window a day without a year may lie, where today is long after it."""


class NoDay(StrEnum):
    """Why no one day was found."""

    NOT_SAID = "not_said"
    SEVERAL = "several"
    FUTURE = "future"  # said to be done, and has not come
    PAST = "past"  # said to come, and has come
    FAR = "far"
    BEFORE_VISIT = "before_visit"  # handed over before there was anything to hand over


@dataclass(frozen=True, slots=True)
class Frame:
    """What a day is judged against: local dates at the site, all inclusive."""

    today: date
    opens: date | None = None
    closes: date | None = None
    held: date | None = None  # nothing that follows from the visit is older


@dataclass(frozen=True, slots=True)
class NoOneDay:
    """No day, why, and those that it may have been."""

    why: NoDay
    days: tuple[date, ...] = ()


def day_done(mentions: tuple[DayMention, ...], frame: Frame) -> date | NoOneDay:
    """The one day, today or before, on which something was done."""
    days = plausible(mentions, frame)
    past = tuple(day for day in days if day <= frame.today)
    after_visit = tuple(day for day in past if frame.held is None or day >= frame.held)
    if past and not after_visit:
        return NoOneDay(NoDay.BEFORE_VISIT, past)
    return _only(after_visit, mentions, otherwise=NoDay.FUTURE if _any(mentions, frame, later=True) else NoDay.FAR)


def day_to_come(mentions: tuple[DayMention, ...], frame: Frame, *, sure: bool) -> date | NoOneDay:
    """The one day to come for which something is booked, or until which to wait.

    `sure`: the words say that the day lies ahead. "Booked on Friday" does not: was it booked then, or is it for then?
    """
    read = plausible(mentions, frame)
    days = tuple(day for day in read if day > frame.today)
    if days and len(days) < len(read) and not sure:
        return NoOneDay(NoDay.SEVERAL, read)
    return _only(days, mentions, otherwise=NoDay.FAR if not _any(mentions, frame, later=False) else NoDay.PAST)


def plausible(mentions: tuple[DayMention, ...], frame: Frame) -> tuple[date, ...]:
    """The days that a reasonable writer can have meant on this day, the earliest first."""
    return tuple(sorted({day for one in mentions for day in one.days if _near(day, frame, inferred=one.inferred)}))


def _only(days: tuple[date, ...], mentions: tuple[DayMention, ...], *, otherwise: NoDay) -> date | NoOneDay:
    if not all(mention.days for mention in mentions) or not mentions:
        return NoOneDay(NoDay.NOT_SAID)
    # Of "Friday 13 March" only what both words can mean.
    common = tuple(day for day in days if all(day in mention.days for mention in mentions))
    if len(common) == 1:
        return common[0]
    return NoOneDay(NoDay.SEVERAL, common or days) if days else NoOneDay(otherwise)


def _near(day: date, frame: Frame, *, inferred: bool) -> bool:
    if abs(day - frame.today) <= (INFERRED_WITHIN if inferred else WRITTEN_WITHIN):
        return True
    around = AROUND_WINDOW if inferred else WRITTEN_WITHIN
    if frame.opens is None or frame.closes is None:
        return False
    return frame.opens - around <= day <= frame.closes + around


def _any(mentions: tuple[DayMention, ...], frame: Frame, *, later: bool) -> bool:
    """Whether some reading lies on this side of today within a year."""
    days = (day for mention in mentions for day in mention.days if abs(day - frame.today) <= WRITTEN_WITHIN)
    return any(day > frame.today if later else day <= frame.today for day in days)
