"""Which step a task takes when its moment has come, and who is told. Decides, and touches nothing.

Before a task is late, a step with nobody to tell waits for a morning on which somebody is there. From then on it is passed
over, and the log says so: the next step keeps its day, and comes no sooner because somebody is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from scheduler.alarms import LATER, SiteTime
from trial.ladder import TaskDates, rings
from trial.moments import Instant
from trial.responsibility import Colleague, Told, whom
from trial.study import Ladder, Step
from trial.tasks import SiteFunction

_NOT_YET_LATE: Final = frozenset({Step.HEADS_UP, Step.WINDOW_OPEN, Step.DUE})


@dataclass(frozen=True, slots=True)
class Chosen:
    """The step that is taken, and who is told: one of the ladder, or `later`. The manager's is told to the office."""

    step: str
    told: tuple[Told, ...] = ()
    passed_over: tuple[Step, ...] = ()  # steps with nobody to tell: this one, or those before the manager's

    @property
    def ends(self) -> bool:
        return self.step == Step.MANAGER


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nobody at the site can be told."""


@dataclass(frozen=True, slots=True)
class Asked:
    """All that decides who is told, beside the ladder."""

    function: SiteFunction
    team: Sequence[Colleague]
    assigned: UUID | None
    told_before: frozenset[UUID]
    today: date


def choose(
    step: str, ladder: Ladder, dates: TaskDates, site: SiteTime, asked: Asked, *, now: Instant
) -> Chosen | Nobody:
    """Who is told at this step."""
    if step == LATER:
        # Somebody asked for it, so it goes to whoever should answer, however far the ladder has come.
        told = _whom(Step.DUE, asked)
        return Chosen(LATER, told) if told else Nobody()
    coming = Step(step)
    if coming is Step.MANAGER:
        return Chosen(coming)
    told = _whom(coming, asked)
    if told:
        return Chosen(coming, told)
    if _anybody_here(asked):
        return Nobody() if coming in _NOT_YET_LATE else Chosen(coming, passed_over=(coming,))
    # The office hears of just that, and the task rings whoever comes; its own moment for the manager ends it in any case.
    if not _manager_s_moment_came(ladder, dates, site, now):
        return Nobody()
    return Chosen(Step.MANAGER, passed_over=_before_the_manager(ladder, coming))


def _whom(step: Step, asked: Asked) -> tuple[Told, ...]:
    return whom(
        step,
        asked.function,
        asked.team,
        (),
        assigned=asked.assigned,
        today=asked.today,
        told_before=asked.told_before,
    )


def _anybody_here(asked: Asked) -> bool:
    return any(one.since <= asked.today and one.is_here(asked.today) for one in asked.team)


def _before_the_manager(ladder: Ladder, step: Step) -> tuple[Step, ...]:
    steps = [one.step for one in ladder.steps]
    return tuple(steps[steps.index(step) : steps.index(Step.MANAGER)])


def _manager_s_moment_came(ladder: Ladder, dates: TaskDates, site: SiteTime, now: Instant) -> bool:
    coming = rings(ladder, dates, after=None, calendar=site.calendar, zone=site.zone)
    return any(ring.step is Step.MANAGER and ring.at <= now for ring in coming)
