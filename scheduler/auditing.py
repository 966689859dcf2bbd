"""Whether every step that was due really ran. Looks, and changes nothing.

A step is accounted for when somebody has a reminder of it (a void one has its reason), when the log says that there was
nobody to tell, when it was the manager's and the office has an item, when a later step stands for it (a ladder that was
late says what is true now, once), or when the task's alarm still stands before it: held back by an answer, by help that
somebody waits for, or because nobody is there.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from records import agenda, answers, office_items, sites
from records.agenda import AgendaTask
from records.database import Records
from records.office_items import NewItem
from records.transaction import Tx
from scheduler.alarms import WAITED, WAITS_FOR_HELP, before_sitebell, next_morning
from scheduler.definitions import Definitions
from scheduler.opening import open_item
from scheduler.there import There, there
from trial.answers import AnswerKind
from trial.hours import FIRST_RING
from trial.ladder import TaskDates, rings
from trial.messages import ItemKind
from trial.moments import Instant, at_local, instant
from trial.study import Ladder, Step

LOOK_BACK: Final = timedelta(days=14)
"""So far back a daily run looks: further than it would ever be late. What it finds again is one open item."""

GRACE: Final = timedelta(minutes=15)
"""A step that has just come is not missing yet: a tick may be under way, or was late."""

_PROMISES: Final = frozenset({AnswerKind.BOOKED, AnswerKind.LATER})
_AHEAD: Final = timedelta(days=60)  # no ladder warns earlier than so long before a task opens
_SITES_AT_ONCE: Final = 50  # one statement for them all; what stands open at a thousand sites is not held at once


@dataclass(frozen=True, slots=True)
class MissingStep:
    """A step whose moment has passed and of which nothing is recorded."""

    study_id: UUID
    site_id: UUID
    task_id: UUID
    step: Step
    announced_due: date
    at: Instant


def missing_steps(
    tx: Tx, studies_by_version: Definitions, *, since: Instant, now: Instant, study_id: UUID | None = None
) -> tuple[MissingStep, ...]:
    """Steps of open tasks whose moment lies after `since`, and by some grace before `now`, of which nothing is recorded."""
    places = there(tx, [site.id for site in sites.sites(tx, study_id)], now=now)
    found: list[MissingStep] = []
    everywhere = list(places)
    for first in range(0, len(everywhere), _SITES_AT_ONCE):
        some = [places[site_id] for site_id in everywhere[first : first + _SITES_AT_ONCE]]
        for place, tasks in _coming(tx, some, now=now):
            found += _missing_at(tx, studies_by_version, place, tasks, since=since, until=instant(now - GRACE))
    return tuple(sorted(found, key=lambda one: (one.at, one.task_id)))


def _coming(tx: Tx, places: Sequence[There], *, now: Instant) -> Iterable[tuple[There, Sequence[AgendaTask]]]:
    """What stands open at each of these sites and may have rung by now."""
    days = {place.site.id: place.time.today(now) + _AHEAD for place in places}
    tasks: dict[UUID, list[AgendaTask]] = defaultdict(list)
    for task in agenda.open_at(tx, days, begun_by=max(days.values())):
        if task.begun_by(days[task.site_id]):
            tasks[task.site_id].append(task)
    return [(place, tasks[place.site.id]) for place in places if place.site.id in tasks]


def missing_lately(records: Records, studies_by_version: Definitions, *, now: Instant) -> tuple[MissingStep, ...]:
    """What is missing of the last days: once a day, and for `sitebell doctor`."""
    with records.read() as tx:
        return missing_steps(tx, studies_by_version, since=instant(now - LOOK_BACK), now=now)


def report(records: Records, missing: Sequence[MissingStep], *, now: Instant, elapsed: Instant) -> int:
    """Opens an item for each study in which a step is missing, about the first of them; how many items were opened."""
    opened = 0
    with records.begin() as tx:
        for study_id in dict.fromkeys(one.study_id for one in missing):
            of_study = [one for one in missing if one.study_id == study_id]
            first = of_study[0]
            item = NewItem(
                study_id,
                ItemKind.TICK_MISSING,
                f"step_missing:{first.task_id}:{first.step.value}:{first.announced_due.isoformat()}",
                site_id=first.site_id,
                task_id=first.task_id,
                details={"steps": len(of_study), "first": first.at.isoformat()},
            )
            opened += open_item(tx, item, now=now, elapsed=elapsed) is not None
    return opened


def _missing_at(
    tx: Tx,
    studies_by_version: Definitions,
    place: There,
    tasks: Sequence[AgendaTask],
    *,
    since: Instant,
    until: Instant,
) -> Iterable[MissingStep]:
    due: dict[UUID, list[tuple[Step, Instant]]] = {}
    for task in tasks:
        ladder = studies_by_version.of_version(tx, task.study_version_id).ladders.get(task.ladder)
        if ladder is not None and not _waits(task, place, until):
            steps = _due_steps(ladder, task, place, until)
            if any(at > since for _, at in steps):
                due[task.id] = steps
    passed_over = agenda.steps_passed_over(tx, due)
    recorded = agenda.steps_recorded(tx, due) | {
        (task_id, step, announced) for task_id, steps in passed_over.items() for step, announced in steps
    }
    ended = office_items.keys_about(tx, due)
    kept_quiet = _kept_quiet(tx, place, [task for task in tasks if task.id in due], since=since)
    for task in tasks:
        if task.id in due and task.due is not None:
            accounted = _accounted(task, task.due, recorded, ended)
            missing = _unaccounted(
                due[task.id],
                accounted,
                task,
                until,
                kept_quiet=(task.id, task.next_attention_at) in kept_quiet,
            )
            if missing and _promised(tx, task, until):
                missing = [(step, at) for step, at in missing if step.escalates]
            yield from (
                MissingStep(task.study_id, task.site_id, task.id, step, task.due, at)
                for step, at in missing
                if at > since
            )


def _waits(task: AgendaTask, place: There, until: Instant) -> bool:
    """Whether something keeps the task quiet that is no step of its ladder, or it never began to ring."""
    if task.next_step == WAITS_FOR_HELP.step:
        return True
    if task.next_step in WAITED and task.next_attention_at is not None and task.next_attention_at > until:
        return True
    return before_sitebell(task.due, place.time) and not task.rung and task.next_attention_at is None


def _kept_quiet(
    tx: Tx, place: There, tasks: Sequence[AgendaTask], *, since: Instant
) -> frozenset[tuple[UUID, Instant]]:
    """For each task the mornings until which it is left alone: after somebody has answered about its patient, and after
    the office has helped.
    """
    answered = agenda.answered_since(tx, {task.patient_id for task in tasks}, since=since)
    helped: dict[UUID, set[Instant]] = {}
    for visit_id, at in office_items.helped_at(tx, {task.visit_id for task in tasks}):
        helped.setdefault(visit_id, set()).add(at)
    return frozenset(
        (task.id, next_morning(place.time, at))
        for task in tasks
        for at in {*answered.get(task.patient_id, ()), *helped.get(task.visit_id, ())}
    )


def _due_steps(ladder: Ladder, task: AgendaTask, place: There, until: Instant) -> list[tuple[Step, Instant]]:
    dates = TaskDates(task.opens, task.due, task.closes, task.firm)
    coming = rings(ladder, dates, after=None, calendar=place.time.calendar, zone=place.time.zone)
    # What a site missed before it began is told with the first step that it rings.
    begins = at_local(place.time.rings_from, FIRST_RING, place.time.zone)
    return [(ring.step, ring.at) for ring in coming if begins <= ring.at <= until]


def _accounted(
    task: AgendaTask, due: date, recorded: frozenset[tuple[UUID, str, date]], ended: frozenset[str]
) -> frozenset[Step]:
    steps = {step for step in Step if (task.id, step.value, due) in recorded}
    if f"ladder_ended:{task.id}:{due.isoformat()}" in ended:
        steps.add(Step.MANAGER)
    return frozenset(steps)


_PLACE: Final[Mapping[Step, int]] = {step: place for place, step in enumerate(Step)}


def _unaccounted(
    due: Sequence[tuple[Step, Instant]],
    accounted: frozenset[Step],
    task: AgendaTask,
    until: Instant,
    *,
    kept_quiet: bool,
) -> list[tuple[Step, Instant]]:
    """Those of the steps that are due of which nothing is recorded, and before which no alarm stands."""
    last = max((_PLACE[step] for step in accounted), default=-1)
    standing = _standing(task, until)
    # What was missed while it was left alone is told by the last of these steps, when it rings.
    merged = standing is not None and (kept_quiet or any(step is standing for step, _ in due))
    missing = []
    for step, at in due:
        if step in accounted:
            continue
        if _PLACE[step] < last and not step.escalates:
            continue  # a later step stands for it
        if standing is not None and (_PLACE[standing] <= _PLACE[step] or (merged and not step.escalates)):
            continue  # an alarm that tells it is set, for later
        missing.append((step, at))
    return missing


def _promised(tx: Tx, task: AgendaTask, until: Instant) -> bool:
    """Whether the site has booked a day or asked to be reminded, and the alarm that says all of it then is set."""
    if _standing(task, until) is None:
        return False
    said = answers.standing_of_task(tx, task.id)
    return bool(said) and said[-1].kind in _PROMISES


def _standing(task: AgendaTask, until: Instant) -> Step | None:
    """The step at which the task's alarm stands, unless that should have rung by now."""
    at = task.next_attention_at
    return Step(task.next_step) if at is not None and at > until and task.next_step in set(Step) else None
