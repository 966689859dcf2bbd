"""Which step a task takes when its moment has come, and who is told. Decides, and touches nothing.

A step with nobody to tell gives way to the next one at once: whoever is next shall not hear of it later because somebody
is missing. Before a task is late there is no such hurry, and it waits for a morning on which somebody is there.
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
    told: tuple[Told, ...]
    skipped: tuple[Step, ...] = ()

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
    """Who is told at this step, or at the first one after it that has somebody."""
    if step == LATER:
        # Somebody asked for it, so it goes to whoever should answer, however far the ladder has come.
        told = _whom(Step.DUE, asked)
        return Chosen(LATER, told) if told else Nobody()
    skipped: list[Step] = []
    for coming in _from(ladder, Step(step)):
        if coming is Step.MANAGER:
            return (
                Chosen(coming.value, (), tuple(skipped))
                if _manager_hears(ladder, dates, site, asked, now)
                else Nobody()
            )
        told = _whom(coming, asked)
        if told:
            return Chosen(coming.value, told, tuple(skipped))
        if coming in _NOT_YET_LATE:
            return Nobody()
        skipped.append(coming)
    # A study may leave the manager out: then its ladder ends where everybody has been told.
    return Chosen(skipped[-1].value, (), tuple(skipped)) if Step(step).escalates and _anybody_here(asked) else Nobody()


def _from(ladder: Ladder, step: Step) -> list[Step]:
    steps = [one.step for one in ladder.steps]
    return steps[steps.index(step) :]


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


def _manager_hears(ladder: Ladder, dates: TaskDates, site: SiteTime, asked: Asked, now: Instant) -> bool:
    """Whether the ladder goes on to its end. Where nobody is there at all the office hears of just that, and the task
    rings whoever comes; its own moment for the manager ends it in any case.
    """
    if _anybody_here(asked):
        return True
    ends = next(
        (
            ring.at
            for ring in rings(ladder, dates, after=None, calendar=site.calendar, zone=site.zone)
            if ring.step is Step.MANAGER
        ),
        None,
    )
    return ends is not None and ends <= now
