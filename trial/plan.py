"""From a timeline to the tasks that a site has, and from there to what must change in the records. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trial.calendars import WorkingCalendar
from trial.expressions import Condition, Known, holds
from trial.occurrences import EVENT, FACT, definition_of, filled
from trial.study import HOLD, Anchor, EndsKind, EventDefinition, FactDefinition, Study, VisitDefinition
from trial.tasks import PlannedTask, SiteFunction, TaskKind, TaskState, VisitStatus
from trial.timeline import Certainty, Course, EventDate, EventDates, Occurrence, ended_on, timeline

TaskKey = tuple[str, str]
"""Occurrence and task name: what stays the same when dates move or the protocol is amended."""


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A visit and its open tasks; no tasks where all that it needs is known already.

    `version`: of the protocol that plans it; empty where there is only one.
    """

    occurrence: Occurrence
    tasks: tuple[PlannedTask, ...]
    version: str = ""


@dataclass(frozen=True, slots=True)
class ExistingTask:
    """A task as the records have it. `function` and `ladder` None: only its dates are compared."""

    occurrence: str
    name: str
    state: TaskState
    firm: bool
    opens: date | None
    due: date | None
    closes: date | None
    function: SiteFunction | None = None
    ladder: str | None = None

    @property
    def key(self) -> TaskKey:
        return self.occurrence, self.name


class CancelReason(StrEnum):
    """Why the plan no longer wants a task."""

    NO_LONGER_PLANNED = "no_longer_planned"  # its event lost its date, or another version does not have it
    PATIENT_ENDED = "patient_ended"
    STOPPED = "stopped"  # an event came after which this visit is not held
    FACT_EXCLUDES = "fact_excludes"
    ALREADY_KNOWN = "already_known"  # another answer or system said it
    VISIT_NOT_HELD = "visit_not_held"  # nothing to upload or send


@dataclass(frozen=True, slots=True)
class PlanChanges:
    """What makes the records agree with the plan. Answered and paused tasks are never in it."""

    add: tuple[tuple[Occurrence, PlannedTask], ...] = ()
    move: tuple[tuple[TaskKey, PlannedTask], ...] = ()  # other dates, firm now, or for others to answer
    cancel: tuple[tuple[TaskKey, CancelReason], ...] = ()
    revive: tuple[tuple[TaskKey, PlannedTask], ...] = ()  # cancelled before, wanted again

    def __bool__(self) -> bool:
        return bool(self.add or self.move or self.cancel or self.revive)


def planned_tasks(study: Study, course: Course, calendar: WorkingCalendar) -> tuple[PlannedVisit, ...]:
    """Every visit, awaited event and fact to ask, each with its tasks, earliest target first.

    A visit that was held, or whose recorded event is known, has no task to hold it. Once an event ends all, there is
    nothing. Uploads and reports count from the day the visit was held and have no dates before.

    Raises:
        DateOutOfRange: a date falls outside years 1900-2200.
    """
    if ended_on(study, course, frozenset({EndsKind.ALL})) is not None:
        return ()
    dates = EventDates(study, course, calendar)
    visits = [
        _planned_visit(study.visits[occurrence.definition_id], occurrence, dates)
        for occurrence in timeline(study, course, calendar)
    ]
    questions = [] if ended_on(study, course) is not None else [*_events(study, dates), *_facts(study, dates)]
    return tuple(sorted([*visits, *questions], key=lambda planned: planned.occurrence.target))


def _planned_visit(visit: VisitDefinition, occurrence: Occurrence, dates: EventDates) -> PlannedVisit:
    if visit.rounds:
        return _round(visit, occurrence)
    course = dates.course
    held = course.held.get(occurrence.id)
    if held is None and occurrence.records is not None:
        held = course.happened(occurrence.records)
    tasks = [] if held is not None else [_hold(visit, occurrence, course)]
    for definition in visit.tasks:
        due = None if held is None else definition.due.add_to(held, dates.calendar)
        tasks.append(
            PlannedTask(
                occurrence=occurrence.id,
                name=definition.name,
                kind=definition.kind,
                label=definition.label,
                function=definition.function,
                ladder=definition.ladder,
                firm=held is not None or occurrence.status is VisitStatus.FIRM,
                opens=held,
                due=due,
                closes=due,
            )
        )
    return PlannedVisit(occurrence, tuple(tasks))


def _round(visit: VisitDefinition, occurrence: Occurrence) -> PlannedVisit:
    """A round of a campaign: its tasks are there from the beginning, on the dates of the round."""
    firm = occurrence.status is VisitStatus.FIRM
    return PlannedVisit(
        occurrence,
        tuple(
            PlannedTask(
                occurrence=occurrence.id,
                name=definition.name,
                kind=definition.kind,
                label=definition.label,
                function=definition.function,
                ladder=definition.ladder,
                firm=firm,
                opens=occurrence.earliest if firm else None,
                due=occurrence.target if firm else None,
                closes=occurrence.latest if firm else None,
            )
            for definition in visit.tasks
        ),
    )


def _hold(visit: VisitDefinition, occurrence: Occurrence, course: Course) -> PlannedTask:
    opens, closes = occurrence.earliest, occurrence.latest
    planned = None if occurrence.records is None else course.planned(occurrence.records)
    if planned is not None and not occurrence.asks:
        # The site said when it is to be: ask then. A day outside the window is for the board, not for ringing earlier.
        return _hold_task(
            visit,
            occurrence,
            firm=True,
            opens=min(opens or planned, planned),
            due=planned,
            closes=max(closes or planned, planned),
        )
    if occurrence.status is VisitStatus.ASK_FIRST or opens is None or closes is None:
        # Whether it takes place, or when it could, is open: it stands on the board and rings nobody.
        return _hold_task(visit, occurrence, firm=False, opens=None, due=None, closes=None)
    due = min(max(occurrence.target, opens), closes)
    firm = occurrence.status is VisitStatus.FIRM
    return _hold_task(visit, occurrence, firm=firm, opens=opens, due=due, closes=closes)


def _hold_task(
    visit: VisitDefinition,
    occurrence: Occurrence,
    *,
    firm: bool,
    opens: date | None,
    due: date | None,
    closes: date | None,
) -> PlannedTask:
    return PlannedTask(
        occurrence=occurrence.id,
        name=HOLD,
        kind=TaskKind.HOLD,
        label=filled(visit.hold_label, visit, occurrence.id),
        function=visit.function,
        ladder=visit.ladder,
        firm=firm,
        opens=opens,
        due=due,
        closes=closes,
    )


def _events(study: Study, dates: EventDates) -> Iterator[PlannedVisit]:
    """Awaited events that no visit records: asked for from their day on, so that no missing date hides a patient."""
    for event in study.events.values():
        if event.asked_at is None or dates.course.happened(event.name) is not None:
            continue
        asked_at = _asked_at(event.asked_at, event.only_if, dates)
        if asked_at is not None:
            due = dates.course.planned(event.name) or asked_at.day
            yield _question(f"{EVENT}:{event.name}", EVENT, TaskKind.EVENT, event, due)


def _facts(study: Study, dates: EventDates) -> Iterator[PlannedVisit]:
    for fact in study.facts.values():
        if fact.ask_at is None or fact.name in dates.course.facts:
            continue
        asked_at = _asked_at(fact.ask_at, fact.only_if, dates)
        if asked_at is not None:
            yield _question(f"{FACT}:{fact.name}", FACT, TaskKind.FACT, fact, asked_at.day)


def _asked_at(anchor: Anchor, only_if: Condition | None, dates: EventDates) -> EventDate | None:
    """When to ask; None while it counts from something that has not happened, or does not apply."""
    if only_if is not None and not holds(only_if, dates.known):
        return None
    found = dates.of_anchor(anchor)
    return found if found is not None and found.certainty is Certainty.HAPPENED else None


def _question(
    identity: str, name: str, kind: TaskKind, asked: EventDefinition | FactDefinition, due: date
) -> PlannedVisit:
    occurrence = Occurrence(
        id=identity,
        definition_id=identity,
        label=asked.label,
        status=VisitStatus.FIRM,
        target=due,
        earliest=due,
        latest=due,
        records=asked.name if kind is TaskKind.EVENT else None,
    )
    task = PlannedTask(
        occurrence=identity,
        name=name,
        kind=kind,
        label=asked.label,
        function=asked.function,
        ladder=asked.ladder,
        firm=True,
        opens=due,
        due=due,
        closes=due,
    )
    return PlannedVisit(occurrence, (task,))


NOT_HELD = frozenset({TaskState.NOT_DONE, TaskState.NOT_APPLICABLE})


def changes(
    planned: Sequence[PlannedVisit], existing: Sequence[ExistingTask], *, study: Study, course: Course
) -> PlanChanges:
    """What to add, move, cancel and revive. Planning twice changes nothing; answered tasks stay as they are.

    `study` and `course` are those that `planned` was computed from; they give each cancellation its reason.
    """
    wanted = {task.key: (visit.occurrence, task) for visit in planned for task in visit.tasks}
    standing = {task.key: task for task in existing}
    not_held = {task.occurrence for task in existing if task.name == HOLD and task.state in NOT_HELD}
    move: list[tuple[TaskKey, PlannedTask]] = []
    cancel: list[tuple[TaskKey, CancelReason]] = []
    revive: list[tuple[TaskKey, PlannedTask]] = []
    for key, task in standing.items():
        want = None if _follows_a_missed_visit(key, not_held) else wanted.get(key)
        match task.state, want:
            case TaskState.OPEN, None:
                reason = (
                    CancelReason.VISIT_NOT_HELD
                    if _follows_a_missed_visit(key, not_held)
                    else _why_not_planned(key, study, course)
                )
                cancel.append((key, reason))
            case TaskState.OPEN, (_, goal) if not _agrees(task, goal):
                move.append((key, goal))
            case TaskState.CANCELLED, (_, goal):
                revive.append((key, goal))
            case _:
                pass  # in agreement, answered, or paused until somebody confirms
    add = tuple(
        pair for key, pair in wanted.items() if key not in standing and not _follows_a_missed_visit(key, not_held)
    )
    return PlanChanges(add, tuple(move), tuple(cancel), tuple(revive))


def _follows_a_missed_visit(key: TaskKey, not_held: set[str]) -> bool:
    occurrence, name = key
    return name != HOLD and occurrence in not_held


def _agrees(task: ExistingTask, goal: PlannedTask) -> bool:
    dates = (task.firm, task.opens, task.due, task.closes) == (goal.firm, goal.opens, goal.due, goal.closes)
    return dates and (task.function or goal.function, task.ladder or goal.ladder) == (goal.function, goal.ladder)


def _why_not_planned(key: TaskKey, study: Study, course: Course) -> CancelReason:
    occurrence, name = key
    if ended_on(study, course) is not None:
        return CancelReason.PATIENT_ENDED
    if name in {EVENT, FACT} and ":" in occurrence:
        return _why_not_asked(occurrence, study, course)
    visit = definition_of(study, occurrence)
    if visit is None:
        return CancelReason.NO_LONGER_PLANNED
    if visit.only_if is not None and holds(visit.only_if, course.known) is False:
        return CancelReason.FACT_EXCLUDES
    if any(course.happened(event) is not None for event in visit.stop):
        return CancelReason.STOPPED
    if name == HOLD and _is_known(occurrence, visit, course):
        return CancelReason.ALREADY_KNOWN
    if visit.repeat_if:
        return CancelReason.FACT_EXCLUDES
    return CancelReason.NO_LONGER_PLANNED


def _is_known(occurrence: str, visit: VisitDefinition, course: Course) -> bool:
    recorded = None if visit.records is None else course.happened(visit.records)
    return occurrence in course.held or recorded is not None


def _why_not_asked(occurrence: str, study: Study, course: Course) -> CancelReason:
    kind, _, name = occurrence.partition(":")
    known: Known = course.known
    if name in (known.happened if kind == EVENT else known.facts):
        return CancelReason.ALREADY_KNOWN
    asked = study.events.get(name) if kind == EVENT else study.facts.get(name)
    if asked is not None and asked.only_if is not None and holds(asked.only_if, known) is False:
        return CancelReason.FACT_EXCLUDES
    return CancelReason.NO_LONGER_PLANNED
