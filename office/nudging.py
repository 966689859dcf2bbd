"""Nudge now: the trial office has whoever answers for a task asked once more."""

from dataclasses import dataclass, field
from uuid import UUID

from office.judging import Refusal
from office.rights import allowed
from records import people, plans, schema
from records.transaction import Tx
from scheduler import nudging
from scheduler.definitions import Definitions
from scheduler.nudging import NotNudged, Nudged
from scheduler.planning import read_chart
from trial.access import Action
from trial.moments import Instant

__all__ = ["AskedAgain", "NotAsked", "NotNudged", "nudge"]


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """Somebody is asked: now, or at `at` (trial time), when they may be written to next."""

    person: str = field(repr=False)
    at: Instant
    now: bool


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Nobody is asked, and why; `person`: whom it would have been."""

    why: NotNudged
    person: str | None = field(repr=False)


def nudge(
    tx: Tx, studies: Definitions, task_id: UUID, by: UUID, *, now: Instant, elapsed: Instant
) -> AskedAgain | NotAsked | Refusal:
    """Rings the responsible person, or whoever stands in, once about this task, within their hours and their day's share.

    UNKNOWN: no such task. NOT_ALLOWED: not somebody who manages its site.
    """
    known = plans.task_by_id(tx, task_id)
    place = None if known is None else plans.visit_place(tx, known.visit_id)
    actor = people.actor(tx, by)
    if place is None:
        return Refusal.UNKNOWN
    if actor is None or not allowed(actor, Action.MANAGE, place, now=now):
        return Refusal.NOT_ALLOWED
    chart = read_chart(tx, studies, place.patient_id)
    outcome = nudging.nudge(tx, chart, task_id, now=now, elapsed=elapsed)
    if not isinstance(outcome, Nudged):
        name = None if outcome.person_id is None else people.person_by_id(tx, outcome.person_id)
        return NotAsked(outcome.why, None if name is None else name.name)
    tx.audit(
        "task.nudged",
        table=schema.task,
        object_id=task_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={
            "told": str(outcome.to.person_id),
            "why": outcome.to.why.value,
            "notice": None if outcome.notice_id is None else str(outcome.notice_id),
            "not_before": outcome.at.isoformat(),
        },
    )
    person = people.person_by_id(tx, outcome.to.person_id)
    return AskedAgain("" if person is None else person.name, outcome.at, now=outcome.at <= now)
