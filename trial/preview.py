"""Every date that a study gives for an imagined course, one row for each visit."""

from dataclasses import dataclass
from datetime import date

from trial.calendars import WorkingCalendar
from trial.study import Study
from trial.tasks import VisitStatus
from trial.timeline import Course, timeline


@dataclass(frozen=True, slots=True)
class Row:
    """One visit. `tasks` are due as they would be with the visit held on its target, or on the day it was held."""

    occurrence: str
    status: VisitStatus
    target: date
    earliest: date | None
    latest: date | None
    tasks: tuple[tuple[str, date], ...]

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as it stands in tables and files: occurrence, status, target, earliest, latest, tasks."""
        days = ("" if day is None else day.isoformat() for day in (self.target, self.earliest, self.latest))
        return self.occurrence, self.status.value, *days, "; ".join(f"{name} due {day}" for name, day in self.tasks)


def preview(study: Study, course: Course, calendar: WorkingCalendar) -> tuple[Row, ...]:
    """The rows, earliest target first.

    Raises:
        DateOutOfRange: a date falls outside years 1900-2200.
    """
    return tuple(
        Row(
            occurrence=visit.id,
            status=visit.status,
            target=visit.target,
            earliest=visit.earliest,
            latest=visit.latest,
            tasks=tuple(
                (task.name, task.due.add_to(course.held.get(visit.id, visit.target), calendar))
                for task in study.visits[visit.definition_id].tasks
            ),
        )
        for visit in timeline(study, course, calendar)
    )
