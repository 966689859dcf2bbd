"""The tick: tasks whose alarm went take the step of their ladder, and who is responsible gets a reminder.

A reminder that may go out at once goes into a card notice in the same transaction; one that is held back waits for
`group_waiting`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from records import people, plans, reminders, schema
from records.database import Records
from records.people import MembershipRow
from records.plans import Alarm
from records.reminders import DueTask, NewReminder, Placed, Told
from records.transaction import Tx
from scheduler.alarms import (
    LATER,
    NOBODY,
    SILENT,
    WAITED,
    Next,
    SiteTime,
    last_rung,
    next_alarm,
    next_morning,
    ring_now,
)
from scheduler.definitions import Definitions, calendar_of, zone_of, zone_rules_version
from scheduler.grouping import Pair, card_notices
from trial.hours import PersonHours, next_permitted
from trial.ladder import TaskDates
from trial.moments import Instant
from trial.people import Role
from trial.study import Ladder, Step
from trial.tasks import SiteFunction, TaskState

Place = tuple[UUID, str]
"""A site, and the function there that a task is for."""

AT_MOST: Final = 50
"""Tasks in one transaction: short, because answers go between two of them."""


@dataclass(frozen=True, slots=True)
class Due:
    """Whether anything is."""

    tasks: bool
    reminders: bool


@dataclass(frozen=True, slots=True)
class Rung:
    """What one transaction did."""

    tasks: int
    reminders: int


def look(records: Records, *, now: Instant) -> Due:
    """What a tick asks first: mostly nothing is due, and then it writes nothing."""
    with records.read() as tx:
        return Due(tasks=reminders.any_task_due(tx, now=now), reminders=reminders.any_reminder_due(tx, now=now))


def ring_due(records: Records, studies: Definitions, *, now: Instant, elapsed: Instant, limit: int = AT_MOST) -> Rung:
    """Rings tasks whose moment has come, in one transaction: `limit` of them, and what else is due of their visits.

    Fewer than `limit`: nothing more is due. What one person is told about one visit is one notice.
    """
    with records.begin() as tx:
        due = reminders.due_tasks(tx, now=now, limit=limit)
        return _ring(tx, studies, due, now=now, elapsed=elapsed) if due else Rung(0, 0)


@dataclass(frozen=True, slots=True)
class _Step:
    """A step that runs now, and where the alarm goes then."""

    name: str
    announced: date
    then: Next


@dataclass(frozen=True, slots=True)
class _Ringing:
    due: DueTask
    site: SiteTime
    step: _Step
    told: frozenset[Told]


@dataclass(frozen=True, slots=True)
class _There:
    """Who is to be told at a site, and from when on."""

    people: tuple[UUID, ...]
    not_before: Instant


def _ring(tx: Tx, studies: Definitions, due: Sequence[DueTask], *, now: Instant, elapsed: Instant) -> Rung:
    told = reminders.told(tx, [one.id for one in due])
    alarms, ringing = _decided(tx, studies, due, told, now=now)
    places = _there(tx, ringing, now=now)
    calls = [(ring, there, _call(ring, there)) for ring in ringing for there in (places[_place(ring)],)]
    at_once = [_pair(one) for _, there, call in calls if there.not_before <= now for one in call]
    into = card_notices(tx, at_once, now=now, elapsed=elapsed)
    new: list[Placed] = []
    for ring, there, call in calls:
        placed = [Placed(one, into[_pair(one)] if there.not_before <= now else None) for one in call]
        nobody = not there.people
        alarms.append(_alarm(ring.due, Next(NOBODY, next_morning(ring.site, now)) if nobody else ring.step.then))
        # A second morning with nobody there is no news: one event says it, and the task's alarm shows it.
        if not (nobody and ring.due.next_step == NOBODY):
            _record(tx, ring, "task.nobody_reachable" if nobody else "task.rung", placed, now=now, elapsed=elapsed)
        new += placed
    plans.set_alarms(tx, alarms)
    return Rung(tasks=len(due), reminders=reminders.add_reminders(tx, new, created_at=now))


def _decided(
    tx: Tx, studies: Definitions, due: Sequence[DueTask], told: Mapping[UUID, frozenset[Told]], *, now: Instant
) -> tuple[list[Alarm], list[_Ringing]]:
    """The alarms of those tasks that do not ring, and those that do."""
    sites: dict[UUID, SiteTime] = {}
    decisions: dict[tuple[object, ...], _Step | Next] = {}
    alarms: list[Alarm] = []
    ringing: list[_Ringing] = []
    for one in due:
        site = sites.get(one.site_id)
        if site is None:
            site = sites[one.site_id] = SiteTime(
                zone_of(one.zone), calendar_of(one.country, one.region), one.rings_from
            )
        known = told.get(one.id, frozenset()) if told else frozenset()
        steps = _steps(known) if one.next_step in WAITED else frozenset()
        case = _case(one, steps)
        decided = decisions.get(case)
        if decided is None:
            decided = decisions[case] = _decide(tx, studies, one, site, steps, now=now)
        if isinstance(decided, _Step):
            ringing.append(_Ringing(one, site, decided, known))
        else:
            alarms.append(_alarm(one, decided))
    return alarms, ringing


def _steps(told: Iterable[Told]) -> frozenset[tuple[str, date]]:
    return frozenset((one.step, one.announced_due) for one in told)


def _case(task: DueTask, rung: frozenset[tuple[str, date]]) -> tuple[object, ...]:
    """All that `_decide` looks at. What hangs on one visit mostly shares it, so each case is decided once."""
    return (
        task.site_id,
        task.study_version_id,
        task.patient_state,
        task.state,
        task.ladder,
        task.opens,
        task.due,
        task.closes,
        task.firm,
        task.next_step,
        rung,
    )


def _decide(
    tx: Tx, studies: Definitions, task: DueTask, site: SiteTime, rung: frozenset[tuple[str, date]], *, now: Instant
) -> _Step | Next:
    """The step to ring, or where the alarm goes without one."""
    ladder = studies.of_version(tx, task.study_version_id).ladders.get(task.ladder)
    if ladder is None or task.patient_state != "followed" or task.state != TaskState.OPEN:
        return SILENT
    dates = TaskDates(task.opens, task.due, task.closes, task.firm)
    after = last_rung(ladder, dates, rung) if task.next_step in WAITED else _step_before(ladder, task.next_step)
    found = ring_now(ladder, dates, site, after=after, promised=task.next_step in WAITED, now=now)
    if found is None:
        return next_alarm(ladder, dates, site, after=after)
    name, announced = found
    done = after if name == LATER else Step(name)
    return _Step(name, announced, next_alarm(ladder, dates, site, after=done, rung_on=site.today(now)))


def _step_before(ladder: Ladder, step: str | None) -> Step | None:
    before = None
    for one in ladder.steps:
        if one.step.value == step:
            break
        before = one.step
    return before


def _alarm(due: DueTask, then: Next) -> Alarm:
    return Alarm(due.id, then.step, then.at, zone_rules_version())


def _record(tx: Tx, one: _Ringing, action: str, placed: Sequence[Placed], *, now: Instant, elapsed: Instant) -> None:
    tx.audit(
        action,
        table=schema.task,
        object_id=one.due.id,
        by=None,
        at=now,
        recorded_at=elapsed,
        after={
            "step": one.step.name,
            "announced_due": one.step.announced.isoformat(),
            # In which notice each of them is told; null: it is held back, and `reminders.grouped` says it then.
            "told": {str(to.new.person_id): None if to.notice_id is None else str(to.notice_id) for to in placed},
        },
    )


# --- who is told ------------------------------------------------------------------------------------------------------


def _there(tx: Tx, ringing: Sequence[_Ringing], *, now: Instant) -> Mapping[Place, _There]:
    """For each site and function of these, who is responsible now."""
    by_site: dict[UUID, list[MembershipRow]] = defaultdict(list)
    for row in people.memberships_at(tx, {one.due.site_id for one in ringing}):
        if row.membership.site_id is not None:
            by_site[row.membership.site_id].append(row)
    there: dict[Place, _There] = {}
    for one in ringing:
        place = _place(one)
        if place not in there:
            there[place] = _There(
                responsible(by_site[one.due.site_id], SiteFunction(one.due.function), one.site.today(now)),
                next_permitted(now, PersonHours(one.site.zone, one.site.calendar)),
            )
    return there


def _place(one: _Ringing) -> Place:
    return one.due.site_id, one.due.function


def _call(one: _Ringing, there: _There) -> list[NewReminder]:
    """A reminder for each responsible person who was not told just this before."""
    return [
        NewReminder(
            task_id=one.due.id,
            visit_id=one.due.visit_id,
            person_id=person_id,
            step=one.step.name,
            announced_due=one.step.announced,
            not_before=there.not_before,
        )
        for person_id in there.people
        if not one.told or Told(one.step.name, one.step.announced, person_id) not in one.told
    ]


def _pair(one: NewReminder) -> Pair:
    return one.person_id, one.visit_id


def responsible(rows: Sequence[MembershipRow], function: SiteFunction, today: date) -> tuple[UUID, ...]:
    """Who of a site is told about a task of this function: those who have the function, else the coordinators who
    coordinate, else every coordinator. Only people who can be told; empty where there is nobody.
    """
    there = [row for row in rows if row.can_be_told and row.membership.valid_on(today)]
    coordinators = [row for row in there if row.membership.role is Role.COORDINATOR]
    choices = (
        [row for row in there if function in row.membership.functions],
        [row for row in coordinators if SiteFunction.COORDINATION in row.membership.functions],
        coordinators,
    )
    chosen: list[MembershipRow] = next((rows for rows in choices if rows), [])
    return tuple(dict.fromkeys(row.person_id for row in chosen))
