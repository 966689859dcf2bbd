"""Away until a day, with a colleague who stands in; and back again. Local dates at the person's site, inclusive."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from uuid import UUID

from office.covering import handed_over
from office.named import NobodyThere, workplace_of
from office.rights import allowed_at
from office.teams import Team, team_of
from office.telling import tell_in_hours
from records import absences, schema
from records.absences import AbsenceRow
from records.transaction import Tx
from scheduler.absences import come_back, hand_over_absent
from trial.access import Action
from trial.messages import AwayCover, AwaySet, BackAgain, CoverAsked
from trial.moments import Instant, at_local
from trial.problems import Problem, ProblemError
from trial.responsibility import Absence

LONGEST_AWAY = timedelta(days=350)
"""Whoever is away for longer hands their tasks over for good, and an absence never holds a reminder back for a year."""


@dataclass(frozen=True, slots=True)
class Stander:
    """A colleague who can stand in."""

    person_id: UUID
    name: str


def standers_in(tx: Tx, person_id: UUID, *, first: date, last: date, now: Instant) -> tuple[Stander, ...]:
    """Colleagues of the same site who can be told, and are not away on any of these days; the longest there first."""
    site = workplace_of(tx, person_id, now=now)
    team = team_of(tx, site, now=now)
    return tuple(
        Stander(one, team.names.get(one, ""))
        for one in team.reachable
        if one != person_id and not _away(team, one, first, last)
    )


def cover_question(tx: Tx, person_id: UUID, last: date, *, first: date | None = None, now: Instant) -> AwayCover:
    """Who stands in for you?

    Raises:
        ProblemError: these days cannot be.
    """
    team = team_of(tx, workplace_of(tx, person_id, now=now), now=now)
    begins = first or team.today
    _check_days(begins, last, team.today)
    return AwayCover(first=begins, last=last)


def set_away(
    tx: Tx,
    person_id: UUID,
    last: date,
    cover: UUID | None,
    *,
    first: date | None = None,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> AwaySet:
    """This person is away until this day, from today on unless `first` is given; `cover` stands in and is told so.

    The last word holds: absences that share a day with this one are over. `by` None: at the command line.

    Raises:
        ProblemError: nobody of a site, no right to say so, days that cannot be, or a cover who is not there.
    """
    site = workplace_of(tx, person_id, now=now)
    if by != person_id and not allowed_at(tx, by, Action.COVER, site, now=now):
        raise ProblemError(Problem("away", "only colleagues of the same site can say so", "ask somebody there"))
    team = team_of(tx, site, now=now)
    begins = first or team.today
    _check_days(begins, last, team.today)
    _check_cover(team, person_id, cover, begins, last)
    for absence in _absences(team, person_id):
        if absence.first <= last and begins <= absence.last_away:
            _end(tx, absence, back_on=begins, by=by, now=now, elapsed=elapsed)
    absence_id = absences.add_absence(tx, person_id, first=begins, last=last, cover_id=cover, recorded_at=now)
    tx.audit(
        "absence.added",
        table=schema.absence,
        object_id=absence_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={
            "person": str(person_id),
            "first": begins.isoformat(),
            "last": last.isoformat(),
            "cover": None if cover is None else str(cover),
        },
    )
    if cover is not None:
        asked = CoverAsked(name=team.names.get(person_id, ""), first=begins, last=last)
        tell_in_hours(tx, team.place.readers[cover], asked, now=now, elapsed=elapsed)
    hand_over_absent(tx, person_id, now=now)
    items = len(handed_over(tx, person_id, Absence(begins, last, cover), now=now))
    return AwaySet(first=begins, last=last, cover=None if cover is None else team.names.get(cover), items=items)


def back(tx: Tx, person_id: UUID, *, by: UUID | None, now: Instant, elapsed: Instant) -> BackAgain | None:
    """This person is there again from today on; None when they are not away.

    Raises:
        ProblemError: nobody of a site, or no right to say so.
    """
    site = workplace_of(tx, person_id, now=now)
    if by != person_id and not allowed_at(tx, by, Action.COVER, site, now=now):
        raise ProblemError(Problem("back", "only colleagues of the same site can say so", "ask somebody there"))
    team = team_of(tx, site, now=now)
    absent = [absence for absence in _absences(team, person_id) if absence.covers(team.today)]
    ended = [one for one in absent if _end(tx, one, back_on=team.today, by=by, now=now, elapsed=elapsed)]
    if not ended:
        return None
    went = at_local(min(absence.first for absence in ended), time(), team.place.time.zone)
    come_back(tx, person_id, since=went, now=now, elapsed=elapsed)
    return BackAgain()


def away_now(tx: Tx, person_id: UUID, *, now: Instant) -> AwaySet | None:
    """The absence that holds today, as its own message tells it; None: they are here, or belong to no site.

    What it hands over was counted when it was recorded and has been handed over since: it is not counted anew.
    """
    try:
        site = workplace_of(tx, person_id, now=now)
    except NobodyThere:
        return None
    team = team_of(tx, site, now=now)
    absence = next((one for one in _absences(team, person_id) if one.covers(team.today)), None)
    if absence is None:
        return None
    cover = None if absence.cover_id is None else team.names.get(absence.cover_id)
    return AwaySet(first=absence.first, last=absence.last_away, cover=cover, items=0)


def _check_days(first: date, last: date, today: date) -> None:
    if last < first or last < today:
        raise ProblemError(Problem("away", "the last day lies before the first, or before today", "give a later day"))
    if last - first > LONGEST_AWAY:
        raise ProblemError(
            Problem("away", f"it is longer than {LONGEST_AWAY.days} days", "end the person's access, or give less")
        )


def _check_cover(team: Team, person_id: UUID, cover: UUID | None, first: date, last: date) -> None:
    if cover is None:
        return
    if cover == person_id or cover not in team.reachable:
        raise ProblemError(
            Problem("cover", "this is no colleague of the same site who can be told", "name a colleague who has joined")
        )
    if _away(team, cover, first, last):
        raise ProblemError(Problem("cover", "this colleague is away then, too", "name somebody who is there"))


def _away(team: Team, person_id: UUID, first: date, last: date) -> bool:
    return any(one.first <= last and first <= one.last_away for one in _absences(team, person_id))


def _absences(team: Team, person_id: UUID) -> tuple[AbsenceRow, ...]:
    """What is not over, without what never was."""
    reader = team.place.readers.get(person_id)
    return () if reader is None else tuple(one for one in reader.absences if one.first <= one.last_away)


def _end(tx: Tx, absence: AbsenceRow, *, back_on: date, by: UUID | None, now: Instant, elapsed: Instant) -> bool:
    if not absences.end_absence(tx, absence.id, back_on=back_on):
        return False
    tx.audit(
        "absence.ended",
        table=schema.absence,
        object_id=absence.id,
        by=by,
        at=now,
        recorded_at=elapsed,
        before={"last": absence.last.isoformat()},
        after={"back_on": back_on.isoformat()},
    )
    return True
