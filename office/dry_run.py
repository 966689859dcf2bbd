"""A dry run: how many messages each person of a site would get in its first week, by the rules themselves.

The week is lived through in a transaction that is rolled back, and nobody answers. Whoever was invited counts as joined.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from uuid import UUID

from office.earlier import silent_at
from office.named import site_named, study_named
from office.teams import Team, team_of
from records import outages, rehearsals
from records.database import Records
from records.outbox import NoticeKind
from records.rehearsals import Put
from records.sites import SiteRow
from scheduler.amending import amend_due
from scheduler.definitions import Definitions, zone_of
from scheduler.digesting import digest_due, set_digest_alarm
from scheduler.grouping import group_waiting
from scheduler.ringing import ring_due
from scheduler.upcoming import next_due
from trial.calendars import DAY
from trial.moments import Instant, at_local, instant, local_day
from trial.problems import Problem, ProblemError

DAYS: Final = 7
PATIENTS_AT_ONCE: Final = 100

MOST_MOMENTS: Final = 2_000
"""Moments at which something is due in one week: far more than any site has, so a run that goes in a circle ends."""


@dataclass(frozen=True, slots=True)
class DryDay:
    """What one person gets on one local day of the site."""

    day: date
    singles: int
    digests: int


@dataclass(frozen=True, slots=True)
class DryPerson:
    name: str
    days: tuple[DryDay, ...]

    @property
    def singles(self) -> int:
        return sum(one.singles for one in self.days)

    @property
    def digests(self) -> int:
        return sum(one.digests for one in self.days)


@dataclass(frozen=True, slots=True)
class DryRun:
    """The week from `first` to `last`, local dates at the site, both inclusive."""

    site_number: str
    first: date
    last: date
    people: tuple[DryPerson, ...]
    earlier: int  # open tasks from before Sitebell: they ring nobody


class NeverEnding(RuntimeError):
    """A week in which something is always due: a mistake of ours, told rather than waited for."""


def dry_run(
    records: Records,
    definitions: Definitions,
    *,
    study_code: str | None,
    site_number: str,
    now: Instant,
    elapsed: Instant,
) -> DryRun:
    """The site's first week: from the day on which it begins to ring, or from today where it rings already.

    Nothing is written that is kept.

    Raises:
        ProblemError: there is no such site, or sending is held, so that nothing would be sent at all.
    """
    with records.rehearse() as stage:
        with stage.begin() as tx:
            site = site_named(tx, study_named(tx, study_code), site_number)
            if outages.held_outage(tx) is not None:
                raise ProblemError(Problem("dry run", "nothing is sent since an outage", "release it first"))
            zone = zone_of(site.zone)
            first = max(site.rings_from, local_day(now, zone))
            begins = max(now, at_local(first, time(), zone))
            ends = at_local(first + DAY * DAYS, time(), zone)
            rehearsals.silence_elsewhere(tx, site.id, until=ends)
            rehearsals.let_everybody_join(tx, site.id)
            rehearsals.let_all_arrive(tx, at=now)
            earlier = len(silent_at(tx, site, now=begins))
            team = team_of(tx, site, now=begins)
            for person_id in team.present:
                set_digest_alarm(tx, person_id, now=begins)
        _live(stage, definitions, begins, ends, elapsed=elapsed)
        with stage.read() as tx:
            put = rehearsals.put_since(tx, team.present, since=begins)
    days = tuple(first + DAY * number for number in range(DAYS))
    return DryRun(site.number, days[0], days[-1], _people(team, site, put, days), earlier)


def _live(stage: Records, definitions: Definitions, begins: Instant, ends: datetime, *, elapsed: Instant) -> None:
    """Stops at every moment at which something is due; each message has arrived before the next moment."""
    now = begins
    for _ in range(MOST_MOMENTS):
        moment = next_due(stage, now)
        if moment is None or moment >= ends:
            return
        now = moment
        then = instant(elapsed + (now - begins))
        while amend_due(stage, definitions, now=now, elapsed=then, limit=PATIENTS_AT_ONCE):
            continue
        while ring_due(stage, definitions, now=now, elapsed=then).tasks:
            continue
        while group_waiting(stage, now=now, elapsed=then):
            continue
        while digest_due(stage, now=now, elapsed=then):
            continue
        with stage.begin() as tx:
            rehearsals.let_all_arrive(tx, at=now)
    raise NeverEnding


def _people(team: Team, site: SiteRow, put: tuple[Put, ...], days: tuple[date, ...]) -> tuple[DryPerson, ...]:
    counted: dict[tuple[UUID, date, str], int] = {}
    for one in put:
        key = (one.person_id, local_day(one.at, zone_of(site.zone)), one.kind)
        counted[key] = counted.get(key, 0) + 1
    return tuple(
        DryPerson(team.names.get(person_id, ""), tuple(_day(counted, person_id, day) for day in days))
        for person_id in team.present
    )


def _day(counted: Mapping[tuple[UUID, date, str], int], person_id: UUID, day: date) -> DryDay:
    return DryDay(
        day,
        singles=counted.get((person_id, day, NoticeKind.CARD.value), 0),
        digests=counted.get((person_id, day, NoticeKind.DIGEST.value), 0),
    )
