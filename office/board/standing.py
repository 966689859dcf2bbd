"""How the sites of a study stand: what is due, late, overdue and returned, by each site's own date."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from records import studies as versions
from records.board import figures
from records.board.figures import LateCount
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import Definitions, calendar_of, zone_of
from trial.follow_up import overdue_until
from trial.moments import Instant, local_day
from trial.returns import Age, Returns, by_age
from trial.tasks import TaskKind, TaskState

SITES_DRAWN: Final = 12
WEEK: Final = timedelta(days=6)
"""This week is today and the six days after it, as in the digest."""


@dataclass(frozen=True, slots=True)
class SiteFigures:
    """One site's tasks on its own `today`. What is overdue is late, too; `earlier` is late from before Sitebell, and counted
    nowhere else.
    """

    site: SiteRow
    today: date
    followed: int
    patients: int
    due_this_week: int
    late: int
    overdue: int
    earlier: int
    oldest_days: int | None
    ages: Mapping[Age, int]
    returns: Returns


@dataclass(slots=True)
class _Tally:
    late: int = 0
    overdue: int = 0
    earlier: int = 0
    ages: list[tuple[int, int]] = field(default_factory=list)


def figures_of(
    tx: Tx,
    studies: Definitions,
    everywhere: Sequence[SiteRow],
    *,
    kinds: frozenset[TaskKind] = frozenset(TaskKind),
    now: Instant,
) -> Mapping[UUID, SiteFigures]:
    """The figures of these sites; of these kinds of task alone."""
    ids = [site.id for site in everywhere]
    today = {site.id: local_day(now, zone_of(site.zone)) for site in everywhere}
    late = _late(tx, studies, everywhere, today, kinds)
    received, lost = defaultdict[UUID, int](int), defaultdict[UUID, int](int)
    for one in figures.states_at(tx, ids):
        if one.kind in kinds and one.state is TaskState.DONE:
            received[one.site_id] += one.count
        elif one.kind in kinds and one.state is TaskState.NOT_DONE:
            lost[one.site_id] += one.count
    due = _due_this_week(tx, ids, today, kinds)
    followed, patients = defaultdict[UUID, int](int), defaultdict[UUID, int](int)
    for there in figures.patients_at(tx, ids):
        patients[there.site_id] += there.count
        followed[there.site_id] += there.count if there.state == "followed" else 0
    return {
        site.id: SiteFigures(
            site=site,
            today=today[site.id],
            followed=followed[site.id],
            patients=patients[site.id],
            due_this_week=due[site.id],
            late=late[site.id].late,
            overdue=late[site.id].overdue,
            earlier=late[site.id].earlier,
            oldest_days=max((days for days, _ in late[site.id].ages), default=None),
            ages=by_age(late[site.id].ages),
            returns=Returns(received[site.id], late[site.id].overdue, lost[site.id]),
        )
        for site in everywhere
    }


def _due_this_week(
    tx: Tx, ids: Sequence[UUID], today: Mapping[UUID, date], kinds: frozenset[TaskKind]
) -> Mapping[UUID, int]:
    found = defaultdict[UUID, int](int)
    if ids:
        for one in figures.due_at(tx, ids, first=min(today.values()), last=max(today.values()) + WEEK):
            if one.kind in kinds and today[one.site_id] <= one.due <= today[one.site_id] + WEEK:
                found[one.site_id] += one.count
    return found


def _late(
    tx: Tx, studies: Definitions, everywhere: Sequence[SiteRow], today: Mapping[UUID, date], kinds: frozenset[TaskKind]
) -> Mapping[UUID, _Tally]:
    places = {site.id: site for site in everywhere}
    found = defaultdict[UUID, _Tally](_Tally)
    if not everywhere:
        return found
    for one in figures.late_at(tx, list(places), before=max(today.values()), by_name=_by_name(tx, studies, everywhere)):
        site, tally = places[one.site_id], found[one.site_id]
        days = (today[site.id] - one.closes).days
        if one.kind not in kinds or days <= 0:
            continue
        if is_earlier(site, due=one.due, silent=one.silent):
            tally.earlier += one.count
            continue
        tally.late += one.count
        tally.ages.append((days, one.count))
        if is_overdue(tx, studies, site, one, today[site.id]):
            tally.overdue += one.count
    return found


def _by_name(tx: Tx, studies: Definitions, everywhere: Sequence[SiteRow]) -> bool:
    """Whether tasks of one kind can be tolerated for so long in one visit and not in another."""
    return any(
        studies.of_version(tx, version.id).special_tolerances
        for study_id in {site.study_id for site in everywhere}
        for version in versions.versions(tx, study_id)
    )


def is_earlier(site: SiteRow, *, due: date, silent: bool) -> bool:
    """Whether something late is from before Sitebell: it fell due before its site began, and nobody has had it asked about."""
    return silent and due < site.rings_from


def is_overdue(tx: Tx, studies: Definitions, site: SiteRow, late: LateCount, today: date) -> bool:
    """Whether something open is late beyond what its study tolerates."""
    tolerance = studies.of_version(tx, late.study_version_id).tolerance(late.kind, late.definition, late.name)
    return late.closes <= overdue_until(today, tolerance, calendar_of(site.country, site.region))


def furthest_behind(sites: Sequence[SiteFigures]) -> tuple[SiteFigures, ...]:
    """Those to be drawn of which something was due: the ones that returned least, by number."""
    due = [one for one in sites if one.returns.rate is not None]
    least = sorted(due, key=lambda one: (one.returns.rate or 0, one.site.number))[:SITES_DRAWN]
    return tuple(sorted(least, key=lambda one: one.site.number))
