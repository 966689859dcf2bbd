"""Every site of a viewer with its figures, the one where most is amiss first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from office.board.standing import SiteFigures, figures_of
from office.board.viewer import Viewer
from records import office_items
from records.board import contacts
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import Definitions
from scheduler.there import There, there
from trial.calendars import DAY
from trial.messages import ItemKind
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class Silence:
    """A site that was asked and does not answer: since when, and how many of its own working days that is."""

    since: date
    working_days: int


@dataclass(frozen=True, slots=True)
class SiteLine:
    """One site. `reachable` of its `people` can be told something now; `heard_on` is a date there."""

    figures: SiteFigures
    heard_on: date | None
    silence: Silence | None
    reachable: int
    people: int

    @property
    def site(self) -> SiteRow:
        return self.figures.site

    @property
    def rings(self) -> bool:
        """Whether its first day has come."""
        return self.site.rings_from <= self.figures.today


@dataclass(frozen=True, slots=True)
class SitesPage:
    """`lines` of the country that was asked for, or all; `countries` are those to choose from."""

    lines: tuple[SiteLine, ...]
    total: int
    countries: tuple[str, ...]
    country: str | None


def sites_page(tx: Tx, studies: Definitions, viewer: Viewer, *, country: str | None = None, now: Instant) -> SitesPage:
    """The sites where this viewer may oversee."""
    chosen = [site for site in viewer.sites if country in {None, site.country}]
    return SitesPage(
        lines=site_lines(tx, studies, viewer, chosen, now=now),
        total=len(viewer.sites),
        countries=tuple(sorted({site.country for site in viewer.sites})),
        country=country,
    )


def site_lines(
    tx: Tx, studies: Definitions, viewer: Viewer, chosen: Sequence[SiteRow], *, now: Instant
) -> tuple[SiteLine, ...]:
    """These sites as they stand now, the worst first."""
    ids = [site.id for site in chosen]
    figures = figures_of(tx, studies, chosen, now=now)
    heard, places = contacts.heard_at(tx, ids), there(tx, ids, now=now)
    silent = _silent(tx, viewer.study.id, places, now=now)
    ended = contacts.ended(tx, {mate.person_id for place in places.values() for mate in place.colleagues})
    lines = [_line(figures[one], heard.get(one), silent.get(one), places[one], ended, now=now) for one in ids]
    return tuple(sorted(lines, key=_amiss))


def _line(
    figures: SiteFigures,
    heard: Instant | None,
    silence: Silence | None,
    place: There,
    ended: Collection[UUID],
    *,
    now: Instant,
) -> SiteLine:
    today = place.time.today(now)
    present = {one.person_id for one in place.colleagues if one.since <= today} - set(ended)
    return SiteLine(
        figures=figures,
        heard_on=None if heard is None else place.time.today(heard),
        silence=silence,
        reachable=sum(place.readers[one].can_be_told for one in present),
        people=len(present),
    )


def _silent(tx: Tx, study_id: UUID, places: Mapping[UUID, There], *, now: Instant) -> Mapping[UUID, Silence]:
    """As the hourly watch found it: what the trial office is told of and the board cannot differ."""
    found: dict[UUID, Silence] = {}
    for item in office_items.open_items(tx, study_id):
        place = None if item.site_id is None else places.get(item.site_id)
        since = item.details.get("since")
        if item.kind is not ItemKind.SITE_SILENT or place is None or not isinstance(since, str):
            continue
        first = date.fromisoformat(since)
        days = place.time.calendar.working_days(first + DAY, place.time.today(now))
        found[place.site.id] = Silence(first, days)
    return found


def _amiss(line: SiteLine) -> tuple[object, ...]:
    """Silence comes first, and where nobody can be told: everything else is being answered. Then what is overdue, late, and
    how much came back.
    """
    figures = line.figures
    rate = figures.returns.rate
    return (
        line.silence is None,
        -(line.silence.working_days if line.silence is not None else 0),
        line.reachable > 0 or not line.rings or not figures.followed,
        -figures.overdue,
        -figures.late,
        -(figures.oldest_days or 0),
        1 if rate is None else rate,
        figures.site.number,
    )
