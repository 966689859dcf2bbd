"""What is late, overdue or due: the tasks behind the figures, the most urgent first, each with all that a call needs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from office.board.called import Called, called
from office.board.duties import duty_of
from office.board.standing import WEEK
from office.board.viewer import Viewer
from records import listings, studies
from records.board import lateness
from records.board.lateness import FoundTask, LateRule, LateRules, SpecialRule, Tally, Which
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import Definitions, calendar_of, zone_of
from trial.follow_up import overdue_until
from trial.moments import Instant, local_day
from trial.tasks import TaskKind

AT_MOST: Final = 50
"""Rows on a page."""

_CHUNK: Final = 500  # rows that are read together for a file


@dataclass(frozen=True, slots=True)
class LateFilters:
    """Which tasks, and of whom; None: of all. `person` is who is responsible."""

    which: Which = Which.PAST
    site: SiteRow | None = None
    country: str | None = None
    person: UUID | None = None
    kind: TaskKind | None = None


@dataclass(frozen=True, slots=True)
class LateRow:
    """A task of the list. `days`: so many since its last day, or until it is due."""

    called: Called
    which: Which  # overdue, late, due or earlier
    days: int


@dataclass(frozen=True, slots=True)
class LatePage:
    """Some rows of the list, from the `first` on (1 is the worst), and how many there are of how many."""

    rows: tuple[LateRow, ...]
    first: int
    tally: Tally

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def goes_on(self) -> bool:
        return self.last < self.tally.found


def late_page(
    tx: Tx,
    definitions: Definitions,
    viewer: Viewer,
    filters: LateFilters,
    *,
    page: int = 1,
    limit: int = AT_MOST,
    now: Instant,
) -> LatePage:
    """One page of the list, of the sites alone whose patients this viewer may see."""
    where = _where(viewer, filters)
    rules = rules_of(tx, definitions, where, filters.kind, now=now)
    duty = None if filters.person is None else duty_of(tx, where, filters.person, now=now)
    offset = (page - 1) * limit
    found = lateness.tasks_found(tx, filters.which, rules, duty=duty, limit=limit, offset=offset)
    # A page that is not full is the last one, and tells how many there are in all.
    whole = offset + len(found) if len(found) < limit and (found or page == 1) else None
    return LatePage(
        rows=_rows(tx, definitions, viewer, filters.which, found, now=now),
        first=offset + 1,
        tally=lateness.tally(tx, filters.which, rules, duty=duty, found=whole),
    )


def worst(tx: Tx, definitions: Definitions, viewer: Viewer, *, limit: int, now: Instant) -> tuple[LateRow, ...]:
    """The head of the list."""
    rules = rules_of(tx, definitions, viewer.seen, now=now)
    found = lateness.tasks_found(tx, Which.PAST, rules, limit=limit)
    return _rows(tx, definitions, viewer, Which.PAST, found, now=now)


def late_rows(
    tx: Tx, definitions: Definitions, viewer: Viewer, filters: LateFilters, *, now: Instant
) -> tuple[LateRow, ...]:
    """Every row of the list."""
    where = _where(viewer, filters)
    rules = rules_of(tx, definitions, where, filters.kind, now=now)
    duty = None if filters.person is None else duty_of(tx, where, filters.person, now=now)
    found = lateness.tasks_found(tx, filters.which, rules, duty=duty)
    return tuple(
        row
        for start in range(0, len(found), _CHUNK)
        for row in _rows(tx, definitions, viewer, filters.which, found[start : start + _CHUNK], now=now)
    )


def late_row(tx: Tx, definitions: Definitions, viewer: Viewer, task_id: UUID, *, now: Instant) -> LateRow | None:
    """One task as the list shows it; None: there is none that this viewer may see."""
    listed = listings.tasks_by_ids(tx, (task_id,))
    if not any(task.site_id == site.id for task in listed for site in viewer.seen):
        return None
    (row,) = _rows(tx, definitions, viewer, Which.PAST, (FoundTask(task_id, overdue=False),), now=now)
    return row


def rules_of(
    tx: Tx,
    definitions: Definitions,
    where: Sequence[SiteRow],
    only: TaskKind | None = None,
    *,
    now: Instant,
) -> LateRules:
    """What is late at these sites now, for each version of their study, and for how long that is tolerated."""
    versions = {
        version.id: definitions.of_version(tx, version.id)
        for study_id in {site.study_id for site in where}
        for version in studies.versions(tx, study_id)
    }
    kinds = tuple(TaskKind) if only is None else (only,)
    usual: list[LateRule] = []
    special: list[SpecialRule] = []
    for site in where:
        today = local_day(now, zone_of(site.zone))
        calendar = calendar_of(site.country, site.region)
        for version_id, study in versions.items():
            usual += [
                LateRule(
                    site.id,
                    version_id,
                    kind,
                    today=today,
                    week=today + WEEK,
                    overdue_until=overdue_until(today, study.tolerances[kind], calendar),
                    rings_from=site.rings_from,
                )
                for kind in kinds
            ]
            until = {
                tolerance: overdue_until(today, tolerance, calendar)
                for tolerance in set(study.special_tolerances.values())
            }
            special += [
                SpecialRule(site.id, version_id, definition, name, until[tolerance])
                for (definition, name), tolerance in study.special_tolerances.items()
            ]
    return LateRules(usual, special)


def _where(viewer: Viewer, filters: LateFilters) -> tuple[SiteRow, ...]:
    return tuple(
        site
        for site in viewer.seen
        if (filters.site is None or site.id == filters.site.id)
        and (filters.country is None or site.country == filters.country)
    )


def _rows(
    tx: Tx, definitions: Definitions, viewer: Viewer, which: Which, found: Collection[FoundTask], *, now: Instant
) -> tuple[LateRow, ...]:
    sites = {site.id: site for site in viewer.seen}
    known = called(tx, definitions, sites, [one.task_id for one in found], now=now)
    return tuple(_row(known[one.task_id], which, one, today=_today(known[one.task_id], now)) for one in found)


def _today(one: Called, now: Instant) -> date:
    return local_day(now, zone_of(one.site.zone))


def _row(one: Called, which: Which, found: FoundTask, *, today: date) -> LateRow:
    task = one.task
    if which in {Which.PAST, Which.LATE, Which.OVERDUE}:
        which = Which.OVERDUE if found.overdue else Which.LATE
    if which is Which.DUE:
        return LateRow(one, which, 0 if task.due is None else (task.due - today).days)
    return LateRow(one, which, 0 if task.closes is None else (today - task.closes).days)
