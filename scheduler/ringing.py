"""The tick: tasks whose alarm went take the step of their ladder, and who is responsible gets a reminder."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from records import people, plans, reminders, schema
from records.database import Records
from records.people import MembershipRow
from records.plans import Alarm
from records.reminders import DueTask, NewReminder
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
from trial.hours import PersonHours, next_permitted
from trial.ladder import TaskDates
from trial.moments import Instant
from trial.people import Role
from trial.study import Ladder, Step
from trial.tasks import SiteFunction, TaskState

AT_MOST: Final = 50
"""Tasks in one transaction: short, because answers go between two of them."""


@dataclass(frozen=True, slots=True)
class Rung:
    """What one tick did."""

    tasks: int
    reminders: int


def ring_due(records: Records, studies: Definitions, *, now: Instant, elapsed: Instant, limit: int = AT_MOST) -> Rung:
    """Rings tasks whose moment has come, at most `limit` in one transaction. `Rung(0, 0)`: nothing is due."""
    with records.read() as tx:
        if not reminders.any_task_due(tx, now=now):
            return Rung(0, 0)
    with records.begin() as tx:
        due = reminders.due_tasks(tx, now=now, limit=limit)
        return _ring(tx, studies, due, now=now, elapsed=elapsed)


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


def _ring(tx: Tx, studies: Definitions, due: Sequence[DueTask], *, now: Instant, elapsed: Instant) -> Rung:
    rung = reminders.steps_rung(tx, [one.id for one in due if one.next_step in WAITED])
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
        steps = rung.get(one.id, frozenset())
        case = _case(one, steps)
        decided = decisions.get(case)
        if decided is None:
            decided = decisions[case] = _decide(tx, studies, one, site, steps, now=now)
        if isinstance(decided, _Step):
            ringing.append(_Ringing(one, site, decided))
        else:
            alarms.append(_alarm(one, decided))
    told = _tell(tx, ringing, now=now)
    new: list[NewReminder] = []
    for ring in ringing:
        to = told[ring.due.id]
        nobody = not to
        alarms.append(_alarm(ring.due, Next(NOBODY, next_morning(ring.site, now)) if nobody else ring.step.then))
        # A second morning with nobody there is no news: one event says it, and the task's alarm shows it.
        if not (nobody and ring.due.next_step == NOBODY):
            _record(tx, ring, [reminder.person_id for reminder in to], now=now, elapsed=elapsed)
        new += to
    plans.set_alarms(tx, alarms)
    return Rung(tasks=len(due), reminders=reminders.add_reminders(tx, new, created_at=now))


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


def _record(tx: Tx, one: _Ringing, to: Sequence[UUID], *, now: Instant, elapsed: Instant) -> None:
    tx.audit(
        "task.rung" if to else "task.nobody_reachable",
        table=schema.task,
        object_id=one.due.id,
        by=None,
        at=now,
        recorded_at=elapsed,
        after={
            "step": one.step.name,
            "announced_due": one.step.announced.isoformat(),
            "people": [str(person_id) for person_id in to],
        },
    )


# --- who is told ------------------------------------------------------------------------------------------------------


def _tell(tx: Tx, ringing: Sequence[_Ringing], *, now: Instant) -> Mapping[UUID, list[NewReminder]]:
    """For each task that rings, its reminders: one for each responsible person who can be told."""
    by_site: dict[UUID, list[MembershipRow]] = defaultdict(list)
    for row in people.memberships_at(tx, {one.due.site_id for one in ringing}):
        if row.membership.site_id is not None:
            by_site[row.membership.site_id].append(row)
    chosen: dict[tuple[UUID, str], tuple[UUID, ...]] = {}
    moments: dict[UUID, Instant] = {}
    told: dict[UUID, list[NewReminder]] = {}
    for one in ringing:
        task = one.due
        place = task.site_id, task.function
        if place not in chosen:
            chosen[place] = responsible(by_site[task.site_id], SiteFunction(task.function), one.site.today(now))
        if task.site_id not in moments:
            moments[task.site_id] = next_permitted(now, PersonHours(one.site.zone, one.site.calendar))
        told[task.id] = [
            NewReminder(
                task_id=task.id,
                visit_id=task.visit_id,
                person_id=person_id,
                step=one.step.name,
                announced_due=one.step.announced,
                not_before=moments[task.site_id],
            )
            for person_id in chosen[place]
        ]
    return told


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
