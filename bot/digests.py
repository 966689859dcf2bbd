"""The digest: an overview, then one item after the other in the same message, each as the card of its visit.

What it shows is read when it is sent. An item keeps its place, so that "3 of 7" stays the third while others are answered.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from bot import cards, presses
from bot.buttons import UnknownPress, decode
from bot.discreet import Door, compose_item, is_discreet
from bot.layout import Button, Rows, button
from bot.presses import Press
from office.cards import card_view, counts_working_days, time_left
from office.standings import Claim, claim_of, standing_of
from records import absences, answers, claims, digests, listings, people, sites
from records.digests import DigestItemRow, DigestRow
from records.listings import ListedTask
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import Definitions, zone_of
from scheduler.there import site_time_of
from trial.access import Action, Actor, may
from trial.calendars import WorkingCalendar
from trial.digest import DigestItem, counts, worst_of_each_visit
from trial.ladder import TaskDates
from trial.messages import ButtonKind, Card, Digest, DigestLine, Nudge, TaskOnlyCard, TaskOnlyDigest, TimeLeft
from trial.moments import Instant, local_day
from trial.occurrences import label_of
from trial.tasks import TaskKind, TaskState

LINES: Final = 8
"""What a phone shows without scrolling; the rest is gone through."""

FOLLOWED: Final = "followed"


@dataclass(frozen=True, slots=True)
class DigestFace:
    """What the digest shows now, and the languages that its study may send. `open`: items that wait for an answer."""

    message: Digest | Card | TaskOnlyDigest | TaskOnlyCard
    rows: Rows
    approved: tuple[str, ...]
    open: int


@dataclass(frozen=True, slots=True)
class _Opened:
    """A digest with what its reader may see of it today. `open` are tasks that take an answer."""

    row: DigestRow
    items: tuple[DigestItemRow, ...]
    tasks: Mapping[UUID, ListedTask]
    open: frozenset[UUID]
    claims: Mapping[UUID, Claim]  # that are asked about again, by task
    site: SiteRow
    discreet: bool  # one of its sites has chats that name nothing
    today: date

    @property
    def places(self) -> Mapping[UUID, int]:
        """Position of each visit, the worst first."""
        return {item.visit_id: item.position for item in self.items}

    @property
    def open_places(self) -> tuple[int, ...]:
        return tuple(sorted({item.position for item in self.items if item.task_id in self.open}))

    @property
    def worst(self) -> tuple[DigestItem, ...]:
        """Of each visit with something open its worst task."""
        return worst_of_each_visit(
            (
                DigestItem(
                    visit_id=task.visit_id,
                    task_id=task.id,
                    kind=task.kind,
                    opens=task.opens,
                    due=task.due,
                    closes=task.closes,
                    firm=task.firm,
                    queried=task.id in self.claims,
                )
                for task in self.tasks.values()
                if task.id in self.open
            ),
            self.today,
        )


def face(tx: Tx, studies: Definitions, row: DigestRow, door: Door) -> DigestFace | None:
    """The digest as it stands now; None when its reader may see nothing of it any more."""
    actor = people.actor(tx, row.person_id)
    opened = None if actor is None else _open(tx, row, actor, now=door.now)
    if opened is None:
        return None
    shown = None if row.place == 0 else _item(tx, studies, opened, door)
    return shown or _overview(tx, studies, opened)


def _open(tx: Tx, row: DigestRow, actor: Actor, *, now: Instant) -> _Opened | None:
    items = digests.items_of(tx, row.id)
    listed = {task.id: task for task in listings.tasks_by_ids(tx, {item.task_id for item in items})}
    places = {site_id: sites.site_by_id(tx, site_id) for site_id in {task.site_id for task in listed.values()}}
    seen = {site_id: site for site_id, site in places.items() if site is not None and _may_see(actor, site, now)}
    if not seen:
        return None
    tasks = {task_id: task for task_id, task in listed.items() if task.site_id in seen}
    items = tuple(item for item in items if item.task_id in tasks)
    first = seen[tasks[items[0].task_id].site_id]
    asked_again = _asked_again(tx, tasks.values())
    still = frozenset(
        task.id for task in tasks.values() if task.state is TaskState.OPEN and task.patient_state == FOLLOWED
    )
    discreet = any(is_discreet(site.disclosure) for site in seen.values())
    today = local_day(now, zone_of(first.zone))
    return _Opened(row, items, tasks, still | asked_again.keys(), asked_again, first, discreet, today)


def _may_see(actor: Actor, site: SiteRow, now: Instant) -> bool:
    today = local_day(now, zone_of(site.zone))
    return may(actor, Action.SEE, study_id=site.study_id, site_id=site.id, today=today)


def _asked_again(tx: Tx, tasks: Collection[ListedTask]) -> Mapping[UUID, Claim]:
    """Claimed uploads that the office asks about, or that nobody has seen in time."""
    claimed = [
        task
        for task in tasks
        if task.kind is TaskKind.UPLOAD and task.state is TaskState.DONE and task.patient_state == FOLLOWED
    ]
    checks = claims.checks_of_tasks(tx, {task.id for task in claimed})
    found = {
        task.id: claim_of(answers.standing_of_task(tx, task.id), checks[task.id])
        for task in claimed
        if task.id in checks
    }
    return {task_id: claim for task_id, claim in found.items() if claim is not None and claim.asked_again}


# --- the overview -----------------------------------------------------------------------------------------------------


def _overview(tx: Tx, studies: Definitions, opened: _Opened) -> DigestFace:
    worst = opened.worst
    first = opened.tasks[opened.items[0].task_id]
    rows: Rows = ()
    if opened.open_places:
        rows = ((button(ButtonKind.GO_THROUGH, presses.GoTo(opened.row.id, opened.open_places[0])),),)
    message = _counts_of(tx, opened, worst) if opened.discreet else _lines_of(tx, studies, opened, worst)
    return DigestFace(message, rows, studies.of_version(tx, first.study_version_id).languages, len(worst))


def _lines_of(tx: Tx, studies: Definitions, opened: _Opened, worst: Sequence[DigestItem]) -> Digest:
    numbers = counts(worst, opened.today)
    places = opened.places
    in_order = sorted(worst, key=lambda item: places[item.visit_id])
    shown = [opened.tasks[item.task_id] for item in in_order[:LINES]]
    calendars = _calendars(tx, shown, opened.today)
    return Digest(
        why=opened.row.kind,
        site_number=opened.site.number,
        study=opened.site.study_code,
        items=len(worst),
        late=numbers.late,
        closing=numbers.closing_this_week,
        opening=numbers.opening_this_week,
        to_upload=numbers.waiting_upload,
        lines=tuple(_line(tx, studies, opened, task, calendars.get(task.site_id)) for task in shown),
        of=_of(tx, opened.row),
        until=None if opened.row.of_person is None else _away_until(tx, opened.row.of_person, opened.today),
    )


def _counts_of(tx: Tx, opened: _Opened, worst: Sequence[DigestItem]) -> TaskOnlyDigest:
    numbers = counts(worst, opened.today)
    return TaskOnlyDigest(
        why=opened.row.kind,
        site_number=opened.site.number,
        items=len(worst),
        late=numbers.late,
        closing=numbers.closing_this_week,
        opening=numbers.opening_this_week,
        to_upload=numbers.waiting_upload,
        of=_of(tx, opened.row),
    )


def _of(tx: Tx, row: DigestRow) -> str | None:
    """Whose items they are, for a hand-over."""
    person = None if row.of_person is None else people.person_by_id(tx, row.of_person)
    return None if person is None else person.name


def _calendars(tx: Tx, tasks: Collection[ListedTask], today: date) -> Mapping[UUID, WorkingCalendar]:
    """Of each site with an end so near that its working days are counted."""
    near = {task.site_id for task in tasks if counts_working_days(task.closes, today)}
    found = (sites.site_by_id(tx, site_id) for site_id in near)
    return {site.id: site_time_of(tx, site).calendar for site in found if site is not None}


def _line(
    tx: Tx, studies: Definitions, opened: _Opened, task: ListedTask, calendar: WorkingCalendar | None
) -> DigestLine:
    today, last, claim = opened.today, task.closes or task.due, opened.claims.get(task.id)
    said = [one for one in answers.standing_of_visit(tx, task.visit_id) if one.task_id == task.id]
    dates = TaskDates(task.opens, task.due, task.closes, task.firm)
    begun = task.firm and task.closes is not None and (task.opens is None or task.opens <= today)
    # Of a claim that is asked about in time or not is no question.
    time = time_left(task.closes, today, calendar) if begun and claim is None else TimeLeft()
    study = studies.of_version(tx, task.study_version_id)
    return DigestLine(
        code=task.code,
        visit=label_of(study, task.occurrence) or {"en": task.occurrence},
        standing=standing_of(task.kind, task.state, dates, today, said=said, claim=claim),
        due=last,
        late=time.days_late,
        left=time.days_left,
        working_days_left=time.working_days_left,
        days_off=time.days_off,
    )


def _away_until(tx: Tx, person_id: UUID, today: date) -> date | None:
    away = absences.absences_of(tx, {person_id}, today=today).get(person_id, ())
    return max((one.last_away for one in away if one.covers(today)), default=None)


# --- one item ---------------------------------------------------------------------------------------------------------


def _item(tx: Tx, studies: Definitions, opened: _Opened, door: Door) -> DigestFace | None:
    row = opened.row
    visit_id = next((item.visit_id for item in opened.items if item.position == row.place), None)
    view = (
        None
        if visit_id is None
        else card_view(tx, studies, visit_id, row.person_id, now=door.now, elapsed=door.elapsed)
    )
    if view is None or not view.allowed:
        return None
    total = max(opened.places.values())
    place, shown = (row.place, total), face_of(row.screen)
    if is_discreet(view.disclosure):
        composed = compose_item(view, shown, door, place=place)
    else:
        composed = cards.compose(view, shown, elapsed=door.elapsed, place=place)
    if isinstance(composed.message, Nudge):
        raise TypeError("a card was composed and is none")
    # Of what was handed over no reminder has told yet for whom it is.
    message = replace(composed.message, covering=composed.message.covering or _of(tx, row))
    return DigestFace(
        message, (*composed.rows, *filter(None, (_turns(opened),))), view.approved, len(opened.open_places)
    )


def _turns(opened: _Opened) -> tuple[Button, ...]:
    """Back by one, the overview, and on to the next item that still waits for an answer."""
    row, places = opened.row, sorted(set(opened.places.values()))
    before = [place for place in places if place < row.place]
    behind = [place for place in opened.open_places if place > row.place]
    found: list[Button] = []
    if before:
        found.append(button(ButtonKind.EARLIER_ITEM, presses.GoTo(row.id, before[-1])))
    if set(opened.open_places) - {row.place}:
        found.append(button(ButtonKind.OVERVIEW, presses.GoTo(row.id, 0)))
    if behind:
        found.append(button(ButtonKind.NEXT_ITEM, presses.GoTo(row.id, behind[0])))
    return tuple(found)


def position_of(items: Sequence[DigestItemRow], visit_id: UUID) -> int | None:
    """The place of a visit in a digest; None when it does not stand there."""
    return next((item.position for item in items if item.visit_id == visit_id), None)


def face_of(screen: str) -> Press | None:
    """The face that a card or a digest's item shows; one of an earlier version falls back to the first."""
    if not screen:
        return None
    try:
        return decode(screen)
    except UnknownPress:
        return None
