"""The tick: tasks whose alarm went take the step of their ladder, and the one who is responsible gets a reminder.

A reminder that may go out at once goes into a card notice in the same transaction; one that is held back waits for
`group_waiting`, or for its person's digest.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from records import agenda, claims, office_items, outages, plans, reminders, schema, teams, told
from records.claims import CLAIM_STEPS
from records.database import Records
from records.office_items import NewItem
from records.plans import Alarm
from records.reminders import DueTask, Told
from records.sealing import Json
from records.transaction import Tx
from scheduler.alarms import (
    LATER,
    NOBODY,
    ON_HOLD,
    SILENT,
    WAITED,
    WAITS_FOR_HELP,
    Next,
    SiteTime,
    last_rung,
    next_alarm,
    next_morning,
    ring_now,
)
from scheduler.amending import any_release_due
from scheduler.choosing import Asked, Chosen, Nobody, choose
from scheduler.claims import ring_claim
from scheduler.definitions import Definitions, zone_rules_version
from scheduler.holds import due_on_hold, standing
from scheduler.opening import open_item
from scheduler.placing import Call, Put, place
from scheduler.there import There, assigned_to, there
from trial.ladder import TaskDates
from trial.messages import ItemKind
from trial.moments import Instant
from trial.study import NUDGE, Ladder, Step
from trial.tasks import SiteFunction, TaskState

AT_MOST: Final = 50
"""Tasks in one transaction: short, because answers go between two of them."""


@dataclass(frozen=True, slots=True)
class Due:
    """Whether anything is."""

    tasks: bool
    reminders: bool
    digests: bool
    versions: bool  # of a protocol, at a site


@dataclass(frozen=True, slots=True)
class Rung:
    """What one transaction did."""

    tasks: int
    reminders: int


def look(records: Records, *, now: Instant) -> Due:
    """What a tick asks first: mostly nothing is due, and then it writes nothing."""
    with records.read() as tx:
        return Due(
            tasks=reminders.any_task_due(tx, now=now),
            reminders=reminders.any_reminder_due(tx, now=now),
            digests=teams.any_digest_due(tx, now=now),
            versions=any_release_due(tx, now=now),
        )


def ring_due(records: Records, studies: Definitions, *, now: Instant, elapsed: Instant, limit: int = AT_MOST) -> Rung:
    """Rings tasks whose moment has come, in one transaction: `limit` of them, and what else is due of their visits.

    Fewer than `limit`: nothing more is due. What one person is told about one visit is one notice.
    """
    with records.begin() as tx:
        due = reminders.due_tasks(tx, now=now, limit=limit)
        return _ring(tx, studies, due, now=now, elapsed=elapsed) if due else Rung(0, 0)


@dataclass(frozen=True, slots=True)
class _Step:
    """A step whose moment has come, and the ladder that it is on."""

    name: str
    announced: date
    ladder: Ladder
    dates: TaskDates
    after: Step | None  # what was rung last


@dataclass(frozen=True, slots=True)
class _Ringing:
    due: DueTask
    place: There
    step: _Step
    told: frozenset[Told]


def _ring(tx: Tx, studies: Definitions, due: Sequence[DueTask], *, now: Instant, elapsed: Instant) -> Rung:
    places = there(tx, {one.site_id for one in due}, now=now)
    stands = standing(tx, now=now)
    resting = due_on_hold(stands, due, places, now=now) if stands else {}
    _rest(tx, due, resting)
    awake = [one for one in due if one.id not in resting] if resting else due
    claimed = [one for one in awake if one.next_step in CLAIM_STEPS]
    ladders = [one for one in awake if one.next_step not in CLAIM_STEPS] if claimed else awake
    known = reminders.told(tx, [one.id for one in ladders])
    helped = office_items.asking_for_help(tx, {one.visit_id for one in ladders})
    alarms, ringing = _decided(tx, studies, ladders, places, known, helped, now=now)
    taken = _chosen(tx, ringing, now=now)
    rings = told.rings_without_news(tx, [ring.due.id for ring, chosen in taken if isinstance(chosen, Chosen)])
    calls = [call for ring, chosen in taken for call in _calls(ring, chosen, rings)]
    for one in claimed:
        calls += ring_claim(tx, studies, one, places[one.site_id], now=now, elapsed=elapsed)
    # What is worst goes out first where one person's day has no room for all of it.
    calls.sort(key=_urgency)
    puts = place(tx, calls, held=outages.held_outage(tx) is not None, now=now, elapsed=elapsed)
    by_task: dict[UUID, list[Put]] = {}
    for put in puts:
        by_task.setdefault(put.call.task.id, []).append(put)
    for ring, chosen in taken:
        alarms.append(_alarm(ring.due, _then(ring, chosen, now)))
        _record(tx, ring, chosen, by_task.get(ring.due.id, ()), now=now, elapsed=elapsed)
    plans.set_alarms(tx, alarms)
    return Rung(tasks=len(due), reminders=len(puts))


def _rest(tx: Tx, due: Sequence[DueTask], resting: Mapping[UUID, Next]) -> None:
    """Moves the alarms of what is on hold behind its hold."""
    alarms: list[Alarm] = []
    for one in due:
        then = resting.get(one.id)
        if then is None:
            continue
        if one.next_step in CLAIM_STEPS and then.step is not None and then.at is not None:
            claims.watch_claim(tx, one.id, step=then.step, at=then.at, tzdata=zone_rules_version())
        else:
            alarms.append(_alarm(one, then))
    plans.set_alarms(tx, alarms)


# --- which step -------------------------------------------------------------------------------------------------------


def _decided(
    tx: Tx,
    studies: Definitions,
    due: Sequence[DueTask],
    places: Mapping[UUID, There],
    told_of: Mapping[UUID, frozenset[Told]],
    helped: Collection[UUID],
    *,
    now: Instant,
) -> tuple[list[Alarm], list[_Ringing]]:
    """The alarms of those tasks that do not ring, and those that do."""
    waited = [one.id for one in due if one.next_step in WAITED]
    passed_over = agenda.steps_passed_over(tx, waited)
    decisions: dict[tuple[object, ...], _Step | Next] = {}
    alarms: list[Alarm] = []
    ringing: list[_Ringing] = []
    for one in due:
        site = places[one.site_id]
        known = told_of.get(one.id, frozenset())
        if one.visit_id in helped:
            alarms.append(_alarm(one, WAITS_FOR_HELP))
            continue
        steps = _steps(known).union(passed_over.get(one.id, ())) if one.next_step in WAITED else frozenset()
        case = _case(one, steps)
        decided = decisions.get(case)
        if decided is None:
            decided = decisions[case] = _decide(tx, studies, one, site.time, steps, now=now)
        if isinstance(decided, _Step):
            ringing.append(_Ringing(one, site, decided, known))
        else:
            alarms.append(_alarm(one, decided))
    return alarms, ringing


def _steps(told_of: Iterable[Told]) -> frozenset[tuple[str, date]]:
    return frozenset((one.step, one.announced_due) for one in told_of)


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
    waited = task.next_step if task.next_step in WAITED else None
    after = _step_before(ladder, task.next_step) if waited is None else last_rung(ladder, dates, rung)
    found = ring_now(ladder, dates, site, after=after, waited=waited, now=now)
    if found is None:
        return next_alarm(ladder, dates, site, after=after)
    name, announced = found
    return _Step(name, announced, ladder, dates, after)


def _step_before(ladder: Ladder, step: str | None) -> Step | None:
    before = None
    for one in ladder.steps:
        if one.step.value == step:
            break
        before = one.step
    return before


# --- who is told ------------------------------------------------------------------------------------------------------


def _chosen(tx: Tx, ringing: Sequence[_Ringing], *, now: Instant) -> list[tuple[_Ringing, Chosen | Nobody]]:
    assigned = assigned_to(tx, {(ring.due.patient_id, ring.place.time.today(now)) for ring in ringing})
    known: dict[tuple[object, ...], Chosen | Nobody] = {}  # what hangs on one visit is mostly asked alike
    taken: list[tuple[_Ringing, Chosen | Nobody]] = []
    for ring in ringing:
        function = SiteFunction(ring.due.function)
        person_id = assigned.get((ring.due.patient_id, function))
        before = frozenset(
            one.person_id for one in ring.told if one.announced_due == ring.due.due or one.step in {LATER, NUDGE}
        )
        case = (ring.due.site_id, function, person_id, before, id(ring.step))
        chosen = known.get(case)
        if chosen is None:
            asked = Asked(function, ring.place.colleagues, person_id, before, ring.place.time.today(now))
            step = ring.step
            chosen = known[case] = choose(step.name, step.ladder, step.dates, ring.place.time, asked, now=now)
        taken.append((ring, chosen))
    return taken


def _calls(ring: _Ringing, chosen: Chosen | Nobody, rings: Mapping[tuple[UUID, UUID], int]) -> list[Call]:
    """A call for each of those who were not told just this before."""
    if isinstance(chosen, Nobody):
        return []
    return [
        Call(
            task=ring.due,
            reader=ring.place.readers[to.person_id],
            step=chosen.step,
            announced=ring.step.announced,
            to=to,
            rings=rings.get((ring.due.id, to.person_id), 0),
            woken=ring.due.next_step == ON_HOLD,
        )
        for to in chosen.told
        if Told(chosen.step, ring.step.announced, to.person_id) not in ring.told
    ]


_ORDER: Final = {step.value: place for place, step in enumerate(Step)}


def _urgency(call: Call) -> int:
    """The later the step, the sooner it is placed; a day that somebody has asked for stands before all of them."""
    return -_ORDER.get(call.step, len(_ORDER))


# --- what is left behind ----------------------------------------------------------------------------------------------


def _then(ring: _Ringing, chosen: Chosen | Nobody, now: Instant) -> Next:
    site = ring.place.time
    if isinstance(chosen, Nobody):
        return Next(NOBODY, next_morning(site, now))
    done = ring.step.after if chosen.step == LATER else Step(chosen.step)
    return next_alarm(ring.step.ladder, ring.step.dates, site, after=done, rung_on=site.today(now))


def _alarm(due: DueTask, then: Next) -> Alarm:
    return Alarm(due.id, then.step, then.at, zone_rules_version())


def _record(
    tx: Tx, one: _Ringing, chosen: Chosen | Nobody, puts: Sequence[Put], *, now: Instant, elapsed: Instant
) -> None:
    if isinstance(chosen, Nobody):
        _tell_office(
            tx, one, ItemKind.NOBODY_REACHABLE, f"nobody_reachable:{one.due.site_id}", now=now, elapsed=elapsed
        )
        # A second morning with nobody there is no news: one event says it, and the task's alarm shows it.
        if one.due.next_step != NOBODY:
            _audit(tx, one, "task.nobody_reachable", one.step.name, {}, now=now, elapsed=elapsed)
        return
    for step in chosen.passed_over:
        _audit(tx, one, "task.step_skipped", step, {"because": "nobody_to_tell"}, now=now, elapsed=elapsed)
    if chosen.ends:
        key = f"ladder_ended:{one.due.id}:{one.step.announced.isoformat()}"
        item = _tell_office(tx, one, ItemKind.LADDER_ENDED, key, now=now, elapsed=elapsed)
        ended: dict[str, Json] = {"item": None if item is None else str(item)}
        _audit(tx, one, "task.ladder_ended", chosen.step, ended, now=now, elapsed=elapsed)
    if not chosen.told:
        return
    told_now: dict[str, Json] = {
        # In which notice each of them is told; null: it is held back, and `reminders.grouped` or `digest.made` says it.
        "told": {
            str(put.placed.new.person_id): None if put.placed.notice_id is None else str(put.placed.notice_id)
            for put in puts
        },
        "in_digest": [str(put.placed.new.person_id) for put in puts if not put.placed.new.single],
    }
    _audit(tx, one, "task.rung", chosen.step, told_now, now=now, elapsed=elapsed)


def _audit(
    tx: Tx, one: _Ringing, action: str, step: str, what: Mapping[str, Json], *, now: Instant, elapsed: Instant
) -> None:
    tx.audit(
        action,
        table=schema.task,
        object_id=one.due.id,
        by=None,
        at=now,
        recorded_at=elapsed,
        after={"step": step, "announced_due": one.step.announced.isoformat(), **what},
    )


def _tell_office(tx: Tx, one: _Ringing, kind: ItemKind, key: str, *, now: Instant, elapsed: Instant) -> UUID | None:
    """Opens an item, unless one about the same thing is open."""
    about_task = kind is ItemKind.LADDER_ENDED
    new = NewItem(
        study_id=one.due.study_id,
        kind=kind,
        key=key,
        site_id=one.due.site_id,
        patient_id=one.due.patient_id if about_task else None,
        visit_id=one.due.visit_id if about_task else None,
        task_id=one.due.id if about_task else None,
    )
    return open_item(tx, new, now=now, elapsed=elapsed)
