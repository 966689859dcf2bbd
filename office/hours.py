"""When somebody may be written to: their own hours and quiet time, how much in a day, and whether in a weekly digest."""

from datetime import time
from typing import Final
from uuid import UUID

from office.named import NobodyThere, workplace_of
from office.rights import allowed_at, allowed_in_study
from office.sites import place_problems
from records import schema, teams
from records.people import memberships_of
from records.sites import SiteRow
from records.teams import PersonTime, Span, WorksIn
from records.transaction import Tx
from scheduler.digesting import choose_digest, set_digest_alarm
from trial.access import Action
from trial.digest import MONDAY
from trial.hours import FIRST_RING, LAST_RING, check_hours
from trial.messages import HoursQuestion
from trial.moments import Instant
from trial.problems import Problem, ProblemError

MOST_A_DAY: Final = 50
"""A cap above this is none."""

SUNDAY: Final = 6


def time_of(tx: Tx, person_id: UUID) -> PersonTime:
    """What somebody has chosen themselves; None in it: what holds for everybody there.

    Raises:
        ProblemError: there is no such person.
    """
    known = teams.times_of(tx, (person_id,)).get(person_id)
    if known is None:
        raise ProblemError(Problem("person", "there is nobody of this id", "name somebody who was invited"))
    return known


def hours_question(tx: Tx, person_id: UUID, *, now: Instant) -> HoursQuestion:
    """When may I write to you? With what holds now.

    Raises:
        ProblemError: there is no such person.
    """
    known = time_of(tx, person_id)
    first, last = known.hours or _usual(tx, person_id, now=now)
    return HoursQuestion(
        first=_shown(first),
        last=_shown(last),
        quiet=None if known.quiet is None else (_shown(known.quiet[0]), _shown(known.quiet[1])),
        weekly=known.digest_on is not None,
    )


def set_hours(
    tx: Tx,
    person_id: UUID,
    *,
    hours: Span | None,
    quiet: Span | None,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> HoursQuestion:
    """Between which local wall times somebody may be written to, and when not in between; None: the site's, no quiet time.

    Raises:
        BadHours: nobody could be written to in them.
        ProblemError: there is no such person, or no right to say so.
    """
    known = time_of(tx, person_id)
    _check_right(tx, person_id, by, now=now)
    first, last = hours or _usual(tx, person_id, now=now)
    check_hours(first, last, quiet=quiet)
    teams.set_hours(tx, person_id, hours=hours, quiet=quiet)
    tx.audit(
        "person.hours",
        table=schema.person,
        object_id=person_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        before={"hours": _span(known.hours), "quiet": _span(known.quiet)},
        after={"hours": _span(hours), "quiet": _span(quiet)},
    )
    set_digest_alarm(tx, person_id, now=now)
    return hours_question(tx, person_id, now=now)


def set_digest_on(
    tx: Tx, person_id: UUID, weekday: int | None = MONDAY, *, by: UUID | None, now: Instant, elapsed: Instant
) -> HoursQuestion:
    """The weekday (Monday is 0) on which what is not urgent comes together; None: each thing by itself, from now on.

    Raises:
        ProblemError: no such weekday or person, or no right to say so.
    """
    known = time_of(tx, person_id)
    _check_right(tx, person_id, by, now=now)
    if weekday is not None and not MONDAY <= weekday <= SUNDAY:
        raise ProblemError(Problem("digest", "there is no such weekday", "give a day from Monday to Sunday"))
    choose_digest(tx, person_id, weekday, now=now)
    tx.audit(
        "person.digest",
        table=schema.person,
        object_id=person_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        before={"digest_on": known.digest_on},
        after={"digest_on": weekday},
    )
    return hours_question(tx, person_id, now=now)


def set_works_in(tx: Tx, person_id: UUID, place: WorksIn, *, by: UUID | None, now: Instant, elapsed: Instant) -> None:
    """Where somebody of the trial office works: messages come by that clock, and not on its public holidays.

    Raises:
        ProblemError: there is no such place, nobody of that id in the trial office, or no right to say so.
    """
    known = time_of(tx, person_id)
    _check_right(tx, person_id, by, now=now)
    problems = place_problems(place.zone, place.country, place.region)
    if problems:
        raise ProblemError(*problems)
    if any(one.site_id is not None for one in memberships_of(tx, person_id)):
        raise ProblemError(Problem("place", "whoever works at a site has the site's clock", "set the site's hours"))
    teams.set_works_in(tx, person_id, place)
    tx.audit(
        "person.works_in",
        table=schema.person,
        object_id=person_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        before={"works_in": _place(known.works_in)},
        after={"works_in": _place(place)},
    )


def set_daily_cap(tx: Tx, person_id: UUID, cap: int | None, *, by: UUID | None, now: Instant, elapsed: Instant) -> None:
    """How many single notices somebody gets in a day; None: as many as everybody.

    Raises:
        ProblemError: no number of notices, no such person, or no right to say so.
    """
    known = time_of(tx, person_id)
    _check_right(tx, person_id, by, now=now)
    if cap is not None and not 1 <= cap <= MOST_A_DAY:
        raise ProblemError(Problem("most a day", "it is no number of notices", f"give a number from 1 to {MOST_A_DAY}"))
    teams.set_daily_cap(tx, person_id, cap)
    tx.audit(
        "person.daily_cap",
        table=schema.person,
        object_id=person_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        before={"daily_cap": known.daily_cap},
        after={"daily_cap": cap},
    )


def _check_right(tx: Tx, person_id: UUID, by: UUID | None, *, now: Instant) -> None:
    """Everybody sets their own; the trial office sets anybody's."""
    if by is None or by == person_id:
        return
    offices = [held.study_id for held in memberships_of(tx, person_id) if held.site_id is None]
    at_a_site = any(allowed_at(tx, by, Action.ADMIT, site, now=now) for site in _workplaces(tx, person_id, now=now))
    if not at_a_site and not any(allowed_in_study(tx, by, Action.ADMIT, study_id, now=now) for study_id in offices):
        raise ProblemError(Problem("hours", "only they themselves or the trial office can say so", "ask them"))


def _workplaces(tx: Tx, person_id: UUID, *, now: Instant) -> tuple[SiteRow, ...]:
    try:
        return (workplace_of(tx, person_id, now=now),)
    except NobodyThere:
        return ()


def _usual(tx: Tx, person_id: UUID, *, now: Instant) -> Span:
    """The site's hours; those of everybody where it has set none."""
    sites = _workplaces(tx, person_id, now=now)
    return (sites[0].hours if sites else None) or (FIRST_RING, LAST_RING)


def _shown(wall: time) -> str:
    return wall.isoformat("minutes")


def _place(place: WorksIn | None) -> str | None:
    return None if place is None else " ".join(filter(None, (place.zone, place.country, place.region)))


def _span(span: Span | None) -> str | None:
    return None if span is None else f"{_shown(span[0])}-{_shown(span[1])}"
