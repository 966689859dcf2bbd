"""What waits for the trial office, in full: each thing with what it is about, and how it can be closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from office import leaving_reports
from office.board.viewer import Viewer
from records import listings, office_items, people
from records.board import grid
from records.board.grid import GridPatient
from records.listings import ListedTask
from records.office_items import ItemRow
from records.sealing import Json
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import Definitions, zone_of
from trial.access import Action
from trial.answers import HelpKind, LeavingKind
from trial.labels import Labels
from trial.leaving import attempts_missing, kinds_to_confirm
from trial.messages import ItemKind
from trial.moments import Instant, local_day
from trial.occurrences import label_of, task_label_of
from trial.tasks import TaskKind

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class LeavingLine:
    """A patient who is said to have left: what was said, the kinds that can be confirmed, and the attempts to reach them.

    `attempts_missing`: so many have to be logged before `lost` can be confirmed.
    """

    told: LeavingKind | None
    kinds: tuple[LeavingKind, ...]
    attempts: tuple[date, ...]
    attempts_missing: int


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One thing. `opened_on` and `today` are dates at its site, Greenwich's without one. `name`: one of our people."""

    id: UUID
    kind: ItemKind
    site: SiteRow | None
    patient_id: UUID | None
    visit: Labels | None
    task: Labels | None  # where the visit has several that could be meant
    opened_on: date
    today: date
    help: HelpKind | None
    day: date | None
    since: date | None
    leaving: LeavingLine | None
    name: str | None = field(repr=False)
    code: str | None = field(repr=False)

    @property
    def days_open(self) -> int:
        return (self.today - self.opened_on).days


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which things; None: all. `page` counts from 1."""

    kind: ItemKind | None = None
    site: str | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class ItemsPage:
    """One page, the longest open first. `total` of the filter, `everything` of all that is this viewer's to close."""

    lines: tuple[ItemLine, ...]
    first: int
    total: int
    everything: int
    filter: ItemFilter
    kinds: tuple[ItemKind, ...]

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1


def items_page(tx: Tx, studies: Definitions, viewer: Viewer, wanted: ItemFilter, *, now: Instant) -> ItemsPage:
    everything = theirs(tx, viewer)
    chosen = _chosen(viewer, everything, wanted)
    first = (wanted.page - 1) * PAGE
    return ItemsPage(
        lines=_lines(tx, studies, viewer, chosen[first : first + PAGE], now=now),
        first=first + 1,
        total=len(chosen),
        everything=len(everything),
        filter=wanted,
        kinds=tuple(sorted({item.kind for item in everything})),
    )


def item_lines(
    tx: Tx, studies: Definitions, viewer: Viewer, wanted: ItemFilter, *, now: Instant
) -> tuple[ItemLine, ...]:
    """All of the filter."""
    return _lines(tx, studies, viewer, _chosen(viewer, theirs(tx, viewer), wanted), now=now)


def theirs(tx: Tx, viewer: Viewer) -> tuple[ItemRow, ...]:
    """The open items that this viewer may close or confirm, the longest open first."""
    sites = {site.id: site for site in viewer.sites}
    whole = viewer.may_in_study(Action.MANAGE)
    return tuple(
        item
        for item in office_items.open_items(tx, viewer.study.id)
        if (item.site_id is None and whole)
        or (item.site_id in sites and viewer.may(closed_by(item.kind), sites[item.site_id]))
    )


def closed_by(kind: ItemKind) -> Action:
    """What somebody must be allowed to do to close an item of this kind."""
    return Action.CONFIRM if kind is ItemKind.LEAVING else Action.MANAGE


def _chosen(viewer: Viewer, everything: Sequence[ItemRow], wanted: ItemFilter) -> list[ItemRow]:
    site = None if wanted.site is None else viewer.site(wanted.site)
    return [
        item
        for item in everything
        if wanted.kind in {None, item.kind} and (wanted.site is None or (site is not None and item.site_id == site.id))
    ]


def _lines(
    tx: Tx, studies: Definitions, viewer: Viewer, items: Sequence[ItemRow], *, now: Instant
) -> tuple[ItemLine, ...]:
    sites = {site.id: site for site in viewer.sites}
    seen = {site.id for site in viewer.seen}
    tasks = {
        task.visit_id: task
        for task in listings.tasks_of_visits(tx, {one.visit_id for one in items if one.visit_id is not None})
    }
    about = {
        one.id: one for one in listings.tasks_by_ids(tx, {one.task_id for one in items if one.task_id is not None})
    }
    patients = grid.opened(tx, [one.patient_id for one in items if one.patient_id is not None])
    names = people.names_of(tx, {one.person_id for one in items if one.person_id is not None})
    lines = []
    for item in items:
        site = None if item.site_id is None else sites.get(item.site_id)
        zone = zone_of("UTC" if site is None else site.zone)
        task = None if item.visit_id is None else tasks.get(item.visit_id)
        patient_id = item.patient_id or (None if task is None else task.patient_id)
        shown = item.site_id in seen and patient_id is not None
        patient = None if patient_id is None else patients.get(patient_id)
        code = patient.code if patient is not None else (None if task is None else task.code)
        label = None if task is None else label_of(studies.of_version(tx, task.study_version_id), task.occurrence)
        lines.append(
            ItemLine(
                id=item.id,
                kind=item.kind,
                site=site,
                patient_id=patient_id if shown else None,
                visit=label if shown else None,
                task=_task_label(tx, studies, about.get(item.task_id)) if shown and item.task_id is not None else None,
                opened_on=local_day(item.opened_at, zone),
                today=local_day(now, zone),
                help=_help(item.details),
                day=_day(item.details, "day"),
                since=_day(item.details, "since"),
                leaving=_leaving(tx, studies, item, patient) if shown else None,
                name=None if item.person_id is None else names.get(item.person_id),
                code=code if shown else None,
            )
        )
    return tuple(lines)


def _task_label(tx: Tx, studies: Definitions, task: ListedTask | None) -> Labels | None:
    """A visit is held or an event dated by itself; an upload or a form is one of several."""
    if task is None or task.kind not in {TaskKind.UPLOAD, TaskKind.SEND}:
        return None
    return task_label_of(studies.of_version(tx, task.study_version_id), task.occurrence, task.name)


def _leaving(tx: Tx, studies: Definitions, item: ItemRow, patient: GridPatient | None) -> LeavingLine | None:
    """Few patients leave in a week: what was tried to reach them is read one by one."""
    if item.kind is not ItemKind.LEAVING or patient is None:
        return None
    told = item.details.get("told")
    attempts = leaving_reports.attempted(tx, patient.id)
    return LeavingLine(
        told=LeavingKind(told) if isinstance(told, str) else None,
        kinds=kinds_to_confirm(studies.of_version(tx, patient.study_version_id)),
        attempts=attempts,
        attempts_missing=attempts_missing(LeavingKind.LOST, len(attempts)),
    )


def _help(details: Mapping[str, Json]) -> HelpKind | None:
    value = details.get("help")
    return HelpKind(value) if isinstance(value, str) else None


def _day(details: Mapping[str, Json], name: str) -> date | None:
    value = details.get(name)
    return date.fromisoformat(value) if isinstance(value, str) else None
