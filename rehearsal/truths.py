"""What really happens at the sites of a rehearsal, whatever anybody says of it: drawn once for each task, from its name.

A draw never depends on what was drawn before it: another person or another order changes nothing of a patient's course.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from office.cards import CardTaskView, CardView
from rehearsal.script import Place
from trial.calendars import DAY, WorkingCalendar
from trial.tasks import TaskKind

IN_TIME: Final = 0.93
"""The share of visits that take place inside of their window."""
LATEST_AFTER: Final = 12  # days behind the window's end
STUCK_FOR: Final = (8, 200)  # days behind the due date
READY_AFTER: Final[Mapping[TaskKind, tuple[int, int]]] = {
    TaskKind.UPLOAD: (1, 6),
    TaskKind.SEND: (3, 11),
}
"""Days from a visit until its images or forms are ready."""


@dataclass(frozen=True, slots=True)
class Truths:
    """One seed's truths. `reasons`: how often a visit ends with each coded reason."""

    seed: int
    reasons: Mapping[str, float]

    def stuck_until(self, place: Place, view: CardView, task: CardTaskView) -> date | None:
        """Until when nobody can answer this, whoever asks; `date.max`: never. None: nothing stands in the way."""
        if task.kind is TaskKind.HOLD or task.due is None:
            return None
        chance = self._draw("stuck", view, task)
        if chance.random() >= place.stuck:
            return None
        if chance.random() < place.never:
            return date.max
        return task.due + timedelta(days=round(STUCK_FOR[0] + (STUCK_FOR[1] - STUCK_FOR[0]) * chance.random() ** 2))

    def day(self, view: CardView, task: CardTaskView, calendar: WorkingCalendar) -> date | None:
        """The day on which it takes place or is ready; None: its dates are not known yet."""
        if task.day is not None:
            return task.day  # booked, and kept
        if task.due is None:
            return None
        chance = self._draw("day", view, task)
        after = READY_AFTER.get(task.kind)
        if after is not None:
            held = next((one.day for one in view.tasks if one.kind is TaskKind.HOLD and one.day is not None), None)
            return calendar.on_or_after((held or task.opens or task.due) + DAY * chance.randint(*after))
        first, last = task.opens or task.due, task.closes or task.due
        if chance.random() >= IN_TIME:
            return calendar.on_or_after(last + DAY * chance.randint(1, LATEST_AFTER))
        length = (last - first).days
        day = first + timedelta(days=round(chance.triangular(0, length, (task.due - first).days)))
        return max(first, calendar.on_or_before(day))

    def reason(self, view: CardView, task: CardTaskView) -> str | None:
        """The coded reason for which this visit does not take place, if it does not."""
        chance = self._draw("reason", view, task)
        for reason in view.reasons:
            if chance.random() < self.reasons.get(reason.id, 0.0):
                return reason.id
        return None

    def value(self, view: CardView, task: CardTaskView) -> str:
        """What a fact turns out to be: of its values the first likelier."""
        ids = [value.id for value in task.values]
        return self._draw("value", view, task).choice([*ids, ids[0]])

    def chance(self, what: str, view: CardView, task: CardTaskView) -> float:
        """A number from 0 to 1 for something about this task."""
        return self._draw(what, view, task).random()

    def _draw(self, what: str, view: CardView, task: CardTaskView) -> random.Random:
        # Dates that move make another course of it.
        key = (self.seed, what, view.patient_code, sorted(view.visit.items()), task.name, task.opens, task.closes)
        return random.Random(repr(key))  # noqa: S311 - an invented course, the same for each seed
