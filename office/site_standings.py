"""How sites stand for the trial office: what is late there, since when, and what they said last."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from records import agenda, watching
from records.agenda import AgendaTask
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.alarms import before_sitebell
from scheduler.digesting import item_of
from scheduler.there import There, there
from trial.digest import Concern, DigestItem, concern, worst_of_each_visit
from trial.messages import SiteStanding
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class _Behind:
    """A site's visits that are late, as a digest counts them; and how many are from before the site began."""

    late: tuple[DigestItem, ...] = ()
    earlier: int = 0


def standings_of(tx: Tx, study_id: UUID, everywhere: Sequence[SiteRow], *, now: Instant) -> Mapping[UUID, SiteStanding]:
    """Each of these sites as it stands now, by its own date."""
    heard = watching.last_heard(tx, study_id)
    places = there(tx, [site.id for site in everywhere], now=now)
    behind = _behind(tx, places, now=now)
    return {
        site.id: _standing(places[site.id], behind.get(site.id, _Behind()), heard.get(site.id), now=now)
        for site in everywhere
    }


def _behind(tx: Tx, places: Mapping[UUID, There], *, now: Instant) -> Mapping[UUID, _Behind]:
    """By each site's own date: the earth has three of them at most."""
    by_day: dict[date, list[UUID]] = {}
    for place in places.values():
        by_day.setdefault(place.time.today(now), []).append(place.site.id)
    found: dict[UUID, _Behind] = {}
    for day, there_ in by_day.items():
        tasks: dict[UUID, list[AgendaTask]] = {}
        for task in agenda.firm_at(tx, there_, begun_by=day):
            tasks.setdefault(task.site_id, []).append(task)
        found |= {site_id: _split(listed, places[site_id], day) for site_id, listed in tasks.items()}
    return found


def _split(tasks: Sequence[AgendaTask], place: There, day: date) -> _Behind:
    rings = [item_of(task) for task in tasks if task.rung or not before_sitebell(task.due, place.time)]
    late = _late(rings, day)
    of_visits = {item.visit_id for item in late}
    everything = {item.visit_id for item in _late(map(item_of, tasks), day)}
    return _Behind(late, len(everything - of_visits))


def _late(items: Iterable[DigestItem], day: date) -> tuple[DigestItem, ...]:
    return tuple(item for item in worst_of_each_visit(items, day) if concern(item, day) is Concern.LATE)


def _standing(place: There, behind: _Behind, heard: Instant | None, *, now: Instant) -> SiteStanding:
    day = place.time.today(now)
    oldest = min((item.closes for item in behind.late if item.closes is not None), default=None)
    present = {one.person_id for one in place.colleagues if one.since <= day and one.can_be_told}
    return SiteStanding(
        number=place.site.number,
        name=place.site.name,
        late=len(behind.late),
        oldest_days=None if oldest is None else (day - oldest).days,
        last_heard=None if heard is None else place.time.today(heard),
        reachable=len(present),
        earlier=behind.earlier,
    )
