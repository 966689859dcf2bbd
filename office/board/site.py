"""One site: its clock, how it does, what is open, who is there and whom to call first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from office.board.holds import hold_notes
from office.board.late import LateFilters, LatePage, late_page
from office.board.people import PersonLine, Reach, people_of
from office.board.sites import SiteLine, site_lines
from office.board.trend import MonthReturns, trend_of
from office.board.viewer import Viewer
from office.earlier import silent_at
from office.holds import HoldLine
from office.last_words import word_of
from records import answers, closings, listings, people
from records.answers import AnswerRow
from records.board import surroundings
from records.board.lateness import Which
from records.closings import ClosingRow
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import Definitions, calendar_of
from scheduler.there import There, there
from trial.access import Action
from trial.calendars import DAY
from trial.hours import FIRST_RING, LAST_RING
from trial.labels import Labels
from trial.messages import LastWord
from trial.moments import Instant
from trial.occurrences import label_of
from trial.responsibility import WhyTold, call_first

TASKS_SHOWN: Final = 10
SAID_SHOWN: Final = 5
_FAR: Final = 120 * DAY


@dataclass(frozen=True, slots=True)
class SiteClock:
    """`works`: whether people there may be written to at this moment, by the site's hours. `next_off`: the next Monday to
    Friday on which nobody works, and whether the site closed it itself.
    """

    now: Instant
    today: date
    works: bool
    next_off: date | None
    off_by_site: bool


@dataclass(frozen=True, slots=True)
class CallFirst:
    """Whom to telephone, and why them. `instead_of`: who is away."""

    person: PersonLine
    why: WhyTold
    instead_of: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class SaidLine:
    """One of the last answers."""

    patient_id: UUID
    visit: Labels
    word: LastWord = field(repr=False)
    at: Instant
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EarlierPatient:
    """Somebody of whom something is open from before Sitebell, and how much."""

    patient_id: UUID
    tasks: int
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SitePage:
    """`late` and `due` are None for whoever may see no patient of the site."""

    line: SiteLine
    clock: SiteClock
    trend: tuple[MonthReturns, ...]
    late: LatePage | None
    due: LatePage | None
    people: tuple[PersonLine, ...]
    call_first: CallFirst | None
    said: tuple[SaidLine, ...]
    earlier: tuple[EarlierPatient, ...]
    closings: tuple[ClosingRow, ...]
    holds: tuple[HoldLine, ...]
    disclosure_by: str | None = field(repr=False)

    @property
    def site(self) -> SiteRow:
        return self.line.site


def site_page(
    tx: Tx, studies: Definitions, viewer: Viewer, number: str, *, now: Instant, elapsed: Instant
) -> SitePage | None:
    """The site of this number; None: it is not this viewer's, or there is none."""
    site = viewer.site(number)
    if site is None:
        return None
    place = there(tx, (site.id,), now=now)[site.id]
    sees, mates = viewer.may(Action.SEE, site), people_of(tx, viewer, (site,), office=False, now=now, elapsed=elapsed)
    past, due = LateFilters(which=Which.PAST, site=site), LateFilters(which=Which.DUE, site=site)
    return SitePage(
        line=site_lines(tx, studies, viewer, (site,), now=now)[0],
        clock=_clock(place, now=now),
        trend=trend_of(tx, studies, site, now=now),
        late=late_page(tx, studies, viewer, past, limit=TASKS_SHOWN, now=now) if sees else None,
        due=late_page(tx, studies, viewer, due, limit=TASKS_SHOWN, now=now) if sees else None,
        people=mates,
        call_first=_call_first(place, mates, now=now),
        said=_said(tx, studies, site) if sees else (),
        earlier=_earlier(tx, site, now=now) if viewer.may(Action.RECORD, site) else (),
        closings=closings.closings_at(tx, (site.id,), since=place.time.today(now)).get(site.id, ()),
        holds=hold_notes(tx, viewer.study.id, (site,), now=now).of_site(site) if sees else (),
        disclosure_by=_name(tx, site.disclosure_by),
    )


def _clock(place: There, *, now: Instant) -> SiteClock:
    time = place.time
    today, here = time.today(now), now.astimezone(time.zone).time()
    first, last = place.site.hours or (FIRST_RING, LAST_RING)
    off = next(iter(time.calendar.days_off(today, today + _FAR)), None)
    public = calendar_of(place.site.country, place.site.region)
    return SiteClock(
        now=now,
        today=today,
        works=time.calendar.is_working(today) and first <= here <= last,
        next_off=off,
        off_by_site=off is not None and public.is_working(off),
    )


def _call_first(place: There, mates: Sequence[PersonLine], *, now: Instant) -> CallFirst | None:
    by_id = {mate.id: mate for mate in mates if mate.reach is not Reach.ENDED}
    told = call_first((one for one in place.colleagues if one.person_id in by_id), today=place.time.today(now))
    if told is None or told.person_id not in by_id:
        return None
    away = None if told.instead_of is None else by_id.get(told.instead_of)
    return CallFirst(by_id[told.person_id], told.why, None if away is None else away.name)


def _said(tx: Tx, studies: Definitions, site: SiteRow) -> tuple[SaidLine, ...]:
    rows = answers.latest_at_site(tx, site.id, limit=SAID_SHOWN)
    tasks = {
        task.id: task for task in listings.tasks_by_ids(tx, {one.task_id for one in rows if one.task_id is not None})
    }
    windows = surroundings.windows_of(tx, {one.visit_id for one in rows})
    names = people.names_of(tx, {one.person_id for one in rows if one.person_id is not None})

    def line(answer: AnswerRow) -> SaidLine | None:
        task = None if answer.task_id is None else tasks.get(answer.task_id)
        if task is None:
            return None
        study = studies.of_version(tx, task.study_version_id)
        word = word_of(
            study,
            task.occurrence,
            answer,
            task.kind,
            windows[answer.visit_id],
            zone=site.zone,
            by="" if answer.person_id is None else names.get(answer.person_id, ""),
        )
        label = label_of(study, task.occurrence) or {"en": task.occurrence}
        return SaidLine(answer.patient_id, label, word, answer.answered_at, task.code)

    return tuple(found for answer in rows if (found := line(answer)) is not None)


def _earlier(tx: Tx, site: SiteRow, *, now: Instant) -> tuple[EarlierPatient, ...]:
    """The one with most first."""
    counted: dict[UUID, int] = {}
    codes: dict[UUID, str] = {}
    for task in silent_at(tx, site, now=now):
        counted[task.patient_id] = counted.get(task.patient_id, 0) + 1
        codes[task.patient_id] = task.code
    found = [EarlierPatient(patient_id, count, codes[patient_id]) for patient_id, count in counted.items()]
    return tuple(sorted(found, key=lambda one: (-one.tasks, one.code)))


def _name(tx: Tx, person_id: UUID | None) -> str | None:
    person = None if person_id is None else people.person_by_id(tx, person_id)
    return None if person is None else person.name
