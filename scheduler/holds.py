"""What is on hold: nothing rings for it while the hold stands, and what came meanwhile is told in one digest after it.

The hold is asked for when something rings, never before: its last day may move nearer, and another may overlap it. A task
that would have rung has its alarm moved behind the hold, at the word `on_hold`; what somebody was still to be told becomes
void, and is told then as it stands then.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from records import claims, holds, plans
from records.agenda import AgendaTask
from records.claims import CLAIM_STEPS
from records.plans import WakingTasks
from records.reminders import DueTask, Untold
from records.transaction import Tx
from scheduler.alarms import ON_HOLD, Next, SiteTime
from scheduler.definitions import zone_rules_version
from scheduler.there import There
from trial.holds import Hold, TaskPlace, covers, covers_site, first_day_after, held_until, wakes_at
from trial.moments import Instant, instant, local_day
from trial.tasks import TaskKind

BECAUSE: Final = "on_hold"
"""Why a reminder or a notice was not sent."""

_WEST: Final = timedelta(hours=12)  # where a day ends last
_LOOK_BACK: Final = timedelta(days=60)  # longer than any row of days off between a hold's last day and its first ring


@dataclass(frozen=True, slots=True)
class Standing:
    """The holds that stand somewhere today."""

    holds: tuple[Hold, ...]

    def __bool__(self) -> bool:
        return bool(self.holds)

    def until(self, task: TaskPlace, today: date) -> date | None:
        """The last day on which this task, whose site's day is `today`, is on hold; None: it is not."""
        return held_until(self.holds, task, today)

    def covers_site(self, study_id: UUID, site_id: UUID, today: date) -> bool:
        """Whether everything at a site is on hold today."""
        return any(covers_site(hold, study_id, site_id, today) for hold in self.holds)


def standing(tx: Tx, *, now: Instant) -> Standing:
    """One read off an index of a few rows."""
    return Standing(holds.standing(tx, today=(now - _WEST).date()))


def place_of(task: AgendaTask) -> TaskPlace:
    return TaskPlace(task.study_id, task.site_id, task.patient_id, task.kind)


def due_on_hold(
    stands: Standing, due: Iterable[DueTask], places: Mapping[UUID, There], *, now: Instant
) -> Mapping[UUID, Next]:
    """Those of these tasks that are on hold, each with the alarm behind its hold."""
    found: dict[UUID, Next] = {}
    for one in due:
        time = places[one.site_id].time
        where = TaskPlace(one.study_id, one.site_id, one.patient_id, TaskKind(one.kind))
        until = stands.until(where, time.today(now))
        if until is not None:
            step = one.next_step if one.next_step in CLAIM_STEPS else ON_HOLD
            found[one.id] = Next(step, _wakes(time, until))
    return found


def without_held(
    stands: Standing, tasks: Iterable[AgendaTask], site: SiteTime, *, now: Instant
) -> tuple[AgendaTask, ...]:
    """Those of a site's tasks that are not on hold."""
    today = site.today(now)
    return tuple(task for task in tasks if stands.until(place_of(task), today) is None)


def rest(tx: Tx, untold: Iterable[Untold], until: Mapping[UUID, Instant]) -> None:
    """What nobody was told of these tasks rings behind their holds; `until` says when that is, for each task."""
    asleep: dict[Instant, list[UUID]] = defaultdict(list)
    for one in untold:
        if one.step in CLAIM_STEPS:
            claims.watch_claim(tx, one.task_id, step=one.step, at=until[one.task_id], tzdata=zone_rules_version())
        else:
            asleep[until[one.task_id]].append(one.task_id)
    for at, task_ids in asleep.items():
        plans.ring_again(tx, task_ids, step=ON_HOLD, at=at)


def waking(
    stands: Standing, tasks: Iterable[AgendaTask], places: Mapping[UUID, There], *, now: Instant
) -> Mapping[UUID, Instant]:
    """When those of these tasks ring again that are on hold."""
    found: dict[UUID, Instant] = {}
    for task in tasks:
        time = places[task.site_id].time
        until = stands.until(place_of(task), time.today(now))
        if until is not None:
            found[task.id] = _wakes(time, until)
    return found


def wake(tx: Tx, hold: Hold, places: Mapping[UUID, There], *, now: Instant) -> int:
    """A hold was lifted: what it has kept back rings now, unless another hold covers it, which the ring asks for; how much
    there is. `places` are the sites of the hold's study.
    """
    woken = 0
    for site_id, place in places.items():
        if hold.site_id not in {None, site_id}:
            continue
        which = WakingTasks(
            site_id,
            patient_id=hold.patient_id,
            kind=hold.kind,
            step=ON_HOLD,
            claims_at=_wakes(place.time, hold.until),
        )
        woken += plans.wake(tx, which, at=now)
    return woken


def came_out(tx: Tx, rung: Sequence[tuple[AgendaTask, Instant]], places: Collection[There]) -> bool:
    """Whether any of these tasks rang because a hold of it had ended that day: for the words of a digest."""
    if not rung:
        return False
    times = {place.site.id: place.time for place in places}
    since = instant(min(at for _, at in rung) - _LOOK_BACK)
    ended = holds.ended_since(tx, {task.study_id for task, _ in rung}, since=since, day=since.date())
    return any(
        covers(hold, place_of(task), hold.until) and local_day(at, time.zone) == _ended_on(hold, lifted_at, time)
        for hold, lifted_at in ended
        for task, at in rung
        if (time := times.get(task.site_id)) is not None
    )


def _ended_on(hold: Hold, lifted_at: Instant | None, site: SiteTime) -> date:
    """The day on which what was on hold rang at this site."""
    return first_day_after(hold.until, site.calendar) if lifted_at is None else local_day(lifted_at, site.zone)


def _wakes(site: SiteTime, until: date) -> Instant:
    return wakes_at(until, site.calendar, site.zone)
