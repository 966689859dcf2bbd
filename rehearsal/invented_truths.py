"""What is true at the sites of an invented trial: as in any rehearsal, but events lie around the days that the plan expects."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from office.cards import CardTaskView, CardView
from records import plans
from records.database import Records
from rehearsal.truths import Truths
from scheduler.definitions import Definitions
from scheduler.planning import read_chart
from trial.calendars import DAY, WorkingCalendar
from trial.occurrences import EVENT
from trial.tasks import TaskKind
from trial.timeline import EventDates

SPREAD: Final = (-7, 21)
"""Days around its estimate on which an event happens; the estimate itself is likeliest."""


@dataclass(frozen=True, slots=True)
class InventedTruths(Truths):
    """Facts are drawn evenly, events around their estimates."""

    records: Records
    studies: Definitions

    def day(self, view: CardView, task: CardTaskView, calendar: WorkingCalendar) -> date | None:
        if task.kind is not TaskKind.EVENT or task.day is not None or task.due is None:
            return Truths.day(self, view, task, calendar)
        with self.records.read() as tx:
            visit = plans.visit_by_id(tx, view.visit_id)
            chart = read_chart(tx, self.studies, view.patient_id)
        event = "" if visit is None else visit.occurrence.removeprefix(f"{EVENT}:")
        definition = chart.study.events[event]
        expected = EventDates(chart.study, chart.course, calendar).of_event(event)
        around = task.due if expected is None else expected.day
        drawn = around + DAY * round(self._draw("day", view, task).triangular(*SPREAD, 0))
        known = [chart.course.happened(name) for name in (chart.study.registration, definition.not_before) if name]
        return max([drawn, *(day for day in known if day is not None)])

    def value(self, view: CardView, task: CardTaskView) -> str:
        return self._draw("value", view, task).choice([value.id for value in task.values])
