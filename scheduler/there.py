"""Who is at a site now: its time, its people, when each of them may be written to, and who answers for what."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from records import assignments, closings, sites, teams
from records.absences import AbsenceRow
from records.sites import SiteRow
from records.teams import Teammate, WorksIn
from records.transaction import Tx
from scheduler.alarms import SiteTime
from scheduler.definitions import calendar_of, zone_of
from trial.calendars import WorkingCalendar
from trial.hours import DAILY_CAP, FIRST_RING, LAST_RING, PersonHours
from trial.moments import Instant, instant
from trial.people import Role
from trial.responsibility import Absence, Colleague
from trial.tasks import SiteFunction

_EVER: Final = date.min  # a ladder counts working days from a date that may have passed long ago
_WEST: Final = timedelta(hours=12)  # where a day begins last


@dataclass(frozen=True, slots=True)
class Reader:
    """One of a site's people as somebody to write to."""

    person_id: UUID
    hours: PersonHours
    cap: int  # single notices a day
    digest_on: int | None
    next_digest_at: Instant | None
    can_be_told: bool
    absences: tuple[AbsenceRow, ...]

    def away_on(self, day: date) -> bool:
        return any(absence.covers(day) for absence in self.absences)


@dataclass(frozen=True, slots=True)
class There:
    """A site, and who works there: whose membership has not ended."""

    site: SiteRow
    time: SiteTime
    colleagues: tuple[Colleague, ...]
    readers: Mapping[UUID, Reader]

    def anybody_here(self, day: date) -> bool:
        """Whether anybody of the site can be told anything on this day."""
        return any(colleague.since <= day and colleague.is_here(day) for colleague in self.colleagues)


def there(tx: Tx, site_ids: Collection[UUID], *, now: Instant) -> Mapping[UUID, There]:
    """These sites as they are now, in four statements."""
    wanted = set(site_ids)
    places = sites.sites_by_ids(tx, wanted)
    earliest = (now - _WEST).date()
    shut = closings.closings_at(tx, wanted, since=_EVER)
    mates = teams.team_at(tx, wanted, today=earliest)
    return {
        site_id: _there(
            site,
            site_time(site, ((one.first, one.last) for one in shut.get(site_id, ()))),
            mates.get(site_id, ()),
            now,
        )
        for site_id, site in places.items()
    }


def site_time(site: SiteRow, closed: Iterable[tuple[date, date]] = ()) -> SiteTime:
    """How time runs at a site; `closed` are first and last days of its closings, both inclusive."""
    calendar = calendar_of(site.country, site.region).with_closings(closed)
    return SiteTime(zone_of(site.zone), calendar, site.rings_from)


def site_time_of(tx: Tx, site: SiteRow) -> SiteTime:
    """How time runs at a site, its own closed days included."""
    shut = closings.closings_at(tx, (site.id,), since=_EVER).get(site.id, ())
    return site_time(site, ((one.first, one.last) for one in shut))


def _there(site: SiteRow, time: SiteTime, mates: Iterable[Teammate], now: Instant) -> There:
    today = time.today(now)
    # Monitors belong to a site, too: they look at it, and nothing there is told to them or asked of them.
    held = [
        mate
        for mate in mates
        if mate.membership.is_site_staff and (mate.membership.until is None or today <= mate.membership.until)
    ]
    readers: dict[UUID, Reader] = {}
    for mate in held:
        if mate.person_id not in readers:
            readers[mate.person_id] = _reader(mate, site, time)
    return There(
        site=site,
        time=time,
        colleagues=tuple(
            Colleague(
                person_id=mate.person_id,
                role=mate.membership.role,
                functions=mate.membership.functions,
                since=mate.membership.since,
                can_be_told=mate.can_be_told,
                absences=tuple(Absence(one.first, one.last_away, one.cover_id) for one in mate.absences),
                enrolled_at=mate.enrolled_at,
            )
            for mate in held
        ),
        readers=readers,
    )


def _reader(mate: Teammate, site: SiteRow, time: SiteTime) -> Reader:
    first, last = mate.time.hours or site.hours or (FIRST_RING, LAST_RING)
    return Reader(
        person_id=mate.person_id,
        hours=PersonHours(
            zone=time.zone,
            calendar=time.calendar,
            first=first,
            last=last,
            quiet=mate.time.quiet,
            away=_away(mate),
        ),
        cap=DAILY_CAP if mate.time.daily_cap is None else mate.time.daily_cap,
        digest_on=mate.time.digest_on,
        next_digest_at=mate.time.next_digest_at,
        can_be_told=mate.can_be_told,
        absences=mate.absences,
    )


def _away(mate: Teammate) -> tuple[tuple[date, date], ...]:
    return tuple((one.first, one.last_away) for one in mate.absences if one.first <= one.last_away)


def managers(tx: Tx, study_id: UUID, *, now: Instant) -> tuple[Reader, ...]:
    """The managers of a study who can be told, each by the clock and the holidays of where they work."""
    today = now.date()
    found: dict[UUID, Reader] = {}
    for mate in teams.office_team(tx, study_id, today=today):
        if mate.membership.role is not Role.MANAGER or not mate.membership.valid_on(today) or not mate.can_be_told:
            continue
        first, last = mate.time.hours or (FIRST_RING, LAST_RING)
        zone, calendar = _office_time(mate.time.works_in)
        hours = PersonHours(zone, calendar, first, last, mate.time.quiet, _away(mate))
        found.setdefault(
            mate.person_id,
            Reader(mate.person_id, hours, DAILY_CAP, None, None, can_be_told=True, absences=mate.absences),
        )
    return tuple(found.values())


def _office_time(place: WorksIn | None) -> tuple[ZoneInfo, WorkingCalendar]:
    """How time runs for somebody of the trial office; by Greenwich's clock until it was said where they work."""
    if place is None:
        return zone_of("UTC"), WorkingCalendar()
    return zone_of(place.zone), calendar_of(place.country, place.region)


def assigned_to(tx: Tx, patients: Collection[tuple[UUID, date]]) -> Mapping[tuple[UUID, SiteFunction], UUID]:
    """Who is responsible for a patient's tasks of a function, where it is not whoever has the function.

    `patients` come with today's date at their site.
    """
    if not patients:
        return {}
    days = dict(patients)
    rows = assignments.assignments_of(tx, tuple(days), today=min(days.values()))
    return {
        (one.patient_id, one.function): one.person_id
        for several in rows.values()
        for one in several
        if one.valid_on(days[one.patient_id])
    }


def beginning_of_day(reader: Reader, now: Instant) -> Instant:
    """When this person's day began, by the wall clock of their site."""
    here = now.astimezone(reader.hours.zone)
    return instant(here.replace(hour=0, minute=0, second=0, microsecond=0, fold=0))
