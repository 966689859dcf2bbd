"""A nudge: somebody of the trial office has a task rung once more, by the rules that hold for every ring.

Its step is `nudge`, its date today: one person is nudged about one task at most once a day. It moves no step of the ladder.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from records import office_items, outages, reminders, told
from records.plans import TaskRow
from records.reminders import DueTask
from records.transaction import Tx
from scheduler.alarms import before_sitebell
from scheduler.grouping import has_room
from scheduler.holds import standing
from scheduler.placing import Call, place
from scheduler.planning import Chart
from scheduler.there import There, assigned_to, there
from trial.holds import TaskPlace
from trial.hours import next_permitted
from trial.moments import Instant
from trial.responsibility import Told, whom
from trial.study import NUDGE, RINGS_WITHOUT_NEWS, Step
from trial.tasks import TaskState


class NotNudged(StrEnum):
    """Why nobody is rung. Nothing has changed."""

    NOT_OPEN = "not_open"  # it is answered, cancelled or paused, or its dates are not certain
    NOT_YET = "not_yet"  # its window has not opened, or its site does not ring yet
    EARLIER = "earlier"  # it is from before Sitebell, and nobody has picked it
    HELP = "help"  # the site waits for the trial office
    ON_HOLD = "on_hold"  # the trial office lets it be until a day
    HELD = "held"  # after an outage: sending waits for its release
    NOBODY = "nobody"  # whoever answers for it cannot be told, and nobody stands in
    TODAY = "today"  # they were nudged today
    OFTEN = "often"  # they were told three times without anything new: call them
    FULL = "full"  # their day holds no more single messages


@dataclass(frozen=True, slots=True)
class Nudged:
    """Somebody is asked again, now or at `at`, their next permitted moment."""

    to: Told
    at: Instant
    notice_id: UUID | None


@dataclass(frozen=True, slots=True)
class Refused:
    """Nobody is asked. `person_id`: whom it would have been."""

    why: NotNudged
    person_id: UUID | None = None


def nudge(tx: Tx, chart: Chart, task_id: UUID, *, now: Instant, elapsed: Instant) -> Nudged | Refused:
    """Rings whoever would be told that this task is due: the responsible person, or whoever stands in."""
    task = next((one for one in chart.tasks if one.id == task_id), None)
    if task is None or task.due is None or task.state is not TaskState.OPEN or not task.firm:
        return Refused(NotNudged.NOT_OPEN)
    site = there(tx, (task.site_id,), now=now)[task.site_id]
    why_not = _why_not(tx, chart, task, site, now=now)
    if why_not is not None:
        return Refused(why_not)
    to = _asked(tx, task, site, now=now)
    if to is None:
        return Refused(NotNudged.NOBODY)
    refused = _enough(tx, task, site, to, now=now)
    if refused is not None:
        return Refused(refused, to.person_id)
    call = Call(
        task=_due(chart, task, site),
        reader=site.readers[to.person_id],
        step=NUDGE,
        announced=site.time.today(now),
        to=to,
        rings=0,
    )
    (put,) = place(tx, [call], held=False, now=now, elapsed=elapsed)
    return Nudged(to, put.placed.new.not_before, put.placed.notice_id)


def _why_not(tx: Tx, chart: Chart, task: TaskRow, site: There, *, now: Instant) -> NotNudged | None:
    """What speaks against ringing anybody about this task now."""
    today = site.time.today(now)
    if chart.patient.state != "followed":
        return NotNudged.NOT_OPEN
    if today < site.time.rings_from or (task.opens is not None and today < task.opens):
        return NotNudged.NOT_YET
    if task.next_step is None and before_sitebell(task.due, site.time):
        return NotNudged.EARLIER
    about = TaskPlace(chart.patient.study_id, task.site_id, task.patient_id, task.kind)
    if standing(tx, now=now).until(about, today) is not None:
        return NotNudged.ON_HOLD
    if task.visit_id in office_items.asking_for_help(tx, (task.visit_id,)):
        return NotNudged.HELP
    return NotNudged.HELD if outages.held_outage(tx) is not None else None


def _asked(tx: Tx, task: TaskRow, site: There, *, now: Instant) -> Told | None:
    today = site.time.today(now)
    assigned = assigned_to(tx, {(task.patient_id, today)}).get((task.patient_id, task.function))
    found = whom(Step.DUE, task.function, site.colleagues, (), assigned=assigned, today=today, told_before=frozenset())
    return found[0] if found else None


def _enough(tx: Tx, task: TaskRow, site: There, to: Told, *, now: Instant) -> NotNudged | None:
    """Whether this person has heard enough: of this, or today."""
    today = site.time.today(now)
    known = reminders.told(tx, (task.id,)).get(task.id, frozenset())
    if reminders.Told(NUDGE, today, to.person_id) in known:
        return NotNudged.TODAY
    if told.rings_without_news(tx, (task.id,)).get((task.id, to.person_id), 0) >= RINGS_WITHOUT_NEWS:
        return NotNudged.OFTEN
    reader = site.readers[to.person_id]
    # What goes out on another day has that day's room.
    at_once = next_permitted(now, reader.hours) <= now
    return NotNudged.FULL if at_once and not has_room(tx, reader, task.visit_id, now=now) else None


def _due(chart: Chart, task: TaskRow, site: There) -> DueTask:
    """The task as a tick would have found it."""
    return DueTask(
        id=task.id,
        visit_id=task.visit_id,
        site_id=task.site_id,
        study_version_id=chart.patient.study_version_id,
        function=task.function,
        ladder=task.ladder,
        state=task.state,
        firm=task.firm,
        opens=task.opens,
        due=task.due,
        closes=task.closes,
        next_step=task.next_step,
        patient_state=chart.patient.state,
        zone=site.site.zone,
        country=site.site.country,
        region=site.site.region,
        rings_from=site.site.rings_from,
        patient_id=task.patient_id,
        study_id=chart.patient.study_id,
        kind=task.kind,
    )
