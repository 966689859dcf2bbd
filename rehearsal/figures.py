"""What an invented trial was like, counted: how often phones rang, what weekends and holidays moved, when it was busy. Pure.

A week is an ISO week and named by its Monday; a day is the local day of whoever it is about.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from records.rehearsed import ItemOpened, MessageSent, RingSent, TaskLeft
from rehearsal.invention import Behaviour
from trial.calendars import SATURDAY, WorkingCalendar
from trial.ladder import TaskDates, unmoved
from trial.messages import ItemKind
from trial.moments import local_day
from trial.people import Role
from trial.study import Ladder
from trial.tasks import TaskKind, TaskState

WEEK: Final = timedelta(days=7)
BUSIEST: Final = 5
_MOST: Final = 0.9
_TO_BE_DONE: Final = frozenset({TaskKind.HOLD, TaskKind.UPLOAD, TaskKind.SEND})
"""What is late by anybody's doing; an event that has not happened yet is awaited, and not late."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody of a site."""

    id: UUID
    role: Role
    first: bool  # asked first at their site
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Home:
    """A site."""

    calendar: WorkingCalendar
    zone: ZoneInfo
    behaviour: Behaviour


@dataclass(frozen=True, slots=True)
class Left:
    """Everything that was left at some sites of an invented trial. `homes` by site number."""

    readers: tuple[Reader, ...]
    homes: Mapping[str, Home]
    messages: tuple[MessageSent, ...]
    rings: tuple[RingSent, ...]
    tasks: tuple[TaskLeft, ...]
    items: tuple[ItemOpened, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """From the first day to the last, both inclusive."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Load:
    """Messages in a week of one of these people, weeks without any counted; `busiest` is the fullest week of anybody."""

    who: str
    people: int
    messages: int
    median: float
    most: int  # in nine weeks of ten no more
    busiest: int
    busiest_week: date | None


@dataclass(frozen=True, slots=True)
class Moved:
    """Rings, and how many of them stood on a weekend or a public holiday and came on a working day instead."""

    rings: int
    weekends: int
    holidays: int


@dataclass(frozen=True, slots=True)
class Week:
    monday: date
    due: int  # tasks with their last day in it
    messages: int


@dataclass(frozen=True, slots=True)
class Lateness:
    """Of the visits, uploads and forms of sites that answer like this whose last day has passed, those that nobody had
    answered by then. `before`: beside these, what was over before its patient was entered, and nobody could be asked about.
    """

    behaviour: Behaviour
    ended: int
    late: int
    before: int


@dataclass(frozen=True, slots=True)
class Awaited:
    """Dates of one event that were asked for; `open`: nobody has told them. `wait_days`: from the asking to the telling."""

    event: str
    asked: int
    open: int
    wait_days: float | None


@dataclass(frozen=True, slots=True)
class Month:
    """What came to the trial office: tasks whose ladder had ended, and everything else on its list."""

    first: date
    ladders: int
    others: int


@dataclass(frozen=True, slots=True)
class Figures:
    span: Span
    loads: tuple[Load, ...]
    moved: Moved
    weeks: tuple[Week, ...]
    lateness: tuple[Lateness, ...]
    months: tuple[Month, ...]
    awaited: tuple[Awaited, ...]

    @property
    def busiest_weeks(self) -> tuple[Week, ...]:
        """Those with the most due, the fullest first."""
        found = sorted(self.weeks, key=lambda week: (-week.due, week.monday))
        return tuple(week for week in found[:BUSIEST] if week.due)


def figures(left: Left, ladders: Mapping[str, Ladder], span: Span) -> Figures:
    """Everything counted. `ladders`: the study's, by name."""
    weeks = tuple(_mondays(span))
    return Figures(
        span=span,
        loads=tuple(_loads(left, weeks)),
        moved=_moved(left, ladders),
        weeks=tuple(_weeks(left, weeks)),
        lateness=tuple(_lateness(left, span)),
        months=tuple(_to_the_office(left, span)),
        awaited=tuple(_awaited(left)),
    )


def together(parts: Sequence[Left]) -> Left:
    """What was left at the sites of all parts."""
    return Left(
        readers=tuple(one for part in parts for one in part.readers),
        homes={number: home for part in parts for number, home in part.homes.items()},
        messages=tuple(one for part in parts for one in part.messages),
        rings=tuple(one for part in parts for one in part.rings),
        tasks=tuple(one for part in parts for one in part.tasks),
        items=tuple(one for part in parts for one in part.items),
    )


# --- messages ---------------------------------------------------------------------------------------------------------


def _loads(left: Left, weeks: Sequence[date]) -> Iterable[Load]:
    counts: dict[UUID, Counter[date]] = {reader.id: Counter() for reader in left.readers}
    zones = {reader.id: reader.zone for reader in left.readers}
    for message in left.messages:
        counts[message.person_id][monday_of(local_day(message.at, zones[message.person_id]))] += 1
    groups: dict[str, list[UUID]] = defaultdict(list)
    for reader in left.readers:
        groups[_group(reader)].append(reader.id)
    for who, people in groups.items():
        found = sorted((counts[one][week], week) for one in people for week in weeks)
        numbers = [number for number, _ in found]
        most, week = found[-1] if found else (0, None)
        yield Load(
            who=who,
            people=len(people),
            messages=sum(numbers),
            median=median(numbers) if numbers else 0.0,
            most=_quantile(numbers, _MOST),
            busiest=most,
            busiest_week=week if most else None,
        )


def _group(reader: Reader) -> str:
    if reader.role is Role.COORDINATOR:
        return "coordinator asked first" if reader.first else "colleague"
    return reader.role.value


def _quantile(ordered: Sequence[int], part: float) -> int:
    """The smallest of these that so large a part of them does not exceed."""
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)] if ordered else 0


def _moved(left: Left, ladders: Mapping[str, Ladder]) -> Moved:
    weekends = holidays = rings = 0
    for ring in left.rings:
        home = left.homes[ring.site_number]
        dates = TaskDates(ring.opens, ring.due, ring.closes, firm=True)
        step = next((one for one in ladders[ring.ladder].steps if one.step == ring.step), None)
        # A nudge is no step; and of a task whose dates have moved since, nobody knows where its ring stood.
        day = None if step is None or ring.due != ring.announced_due else unmoved(step, dates, home.calendar)
        rings += 1
        if day is not None and not home.calendar.is_working(day):
            weekends += day.weekday() >= SATURDAY
            holidays += day.weekday() < SATURDAY
    return Moved(rings, weekends, holidays)


def _to_the_office(left: Left, span: Span) -> Iterable[Month]:
    ended: Counter[date] = Counter()
    others: Counter[date] = Counter()
    for item in left.items:
        counted = ended if item.kind == ItemKind.LADDER_ENDED else others
        counted[item.at.date().replace(day=1)] += 1
    return (Month(first, ended[first], others[first]) for first in _firsts(span))


# --- tasks ------------------------------------------------------------------------------------------------------------


def _weeks(left: Left, weeks: Sequence[date]) -> Iterable[Week]:
    due = Counter(monday_of(task.closes) for task in left.tasks if task.closes is not None and _counts(task))
    zones = {reader.id: reader.zone for reader in left.readers}
    sent = Counter(monday_of(local_day(message.at, zones[message.person_id])) for message in left.messages)
    return (Week(monday, due[monday], sent[monday]) for monday in weeks)


def _lateness(left: Left, span: Span) -> Iterable[Lateness]:
    ended: Counter[Behaviour] = Counter()
    late: Counter[Behaviour] = Counter()
    before: Counter[Behaviour] = Counter()
    for task in left.tasks:
        home = left.homes[task.site_number]
        if task.closes is None or not _counts(task) or task.closes >= span.last or task.kind not in _TO_BE_DONE:
            continue
        if task.closes < local_day(task.known_at, home.zone):
            before[home.behaviour] += 1
            continue
        ended[home.behaviour] += 1
        in_time = task.ended_at is not None and local_day(task.ended_at, home.zone) <= task.closes
        late[home.behaviour] += not in_time
    return (
        Lateness(behaviour, ended[behaviour], late[behaviour], before[behaviour])
        for behaviour in Behaviour
        if ended[behaviour] or before[behaviour]
    )


def _awaited(left: Left) -> Iterable[Awaited]:
    asked: dict[str, list[TaskLeft]] = defaultdict(list)
    for task in left.tasks:
        if task.kind == TaskKind.EVENT and task.rung:
            asked[task.definition].append(task)
    for name, tasks in sorted(asked.items()):
        waits = [
            (local_day(task.ended_at, left.homes[task.site_number].zone) - task.due).days
            for task in tasks
            if task.ended_at is not None and task.due is not None
        ]
        still = sum(task.state == TaskState.OPEN for task in tasks)
        yield Awaited(name.partition(":")[2], len(tasks), still, median(waits) if waits else None)


def _counts(task: TaskLeft) -> bool:
    """Whether it was to be done: firm, and not given up because the plan changed or the patient left."""
    return task.firm and task.state not in {TaskState.CANCELLED, TaskState.PAUSED}


# --- days -------------------------------------------------------------------------------------------------------------


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _mondays(span: Span) -> Iterable[date]:
    monday = monday_of(span.first)
    while monday <= span.last:
        yield monday
        monday += WEEK


def _firsts(span: Span) -> Iterable[date]:
    month = span.first.replace(day=1)
    while month <= span.last:
        yield month
        month = (month + timedelta(days=32)).replace(day=1)
