"""`sitebell study preview --format svg`: every date of an imagined patient, drawn."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Final

import charts
from charts import Key, Row, Sheet, Span, Surety
from trial import preview
from trial.calendars import WorkingCalendar
from trial.occurrences import definition_of, label_of_all, number_of
from trial.study import Study
from trial.tasks import VisitStatus
from trial.timeline import Course

KEY: Final = Key(
    firm="window, firm",
    estimated="window, provisional",
    open="window, ask first",
    target="target",
    happened="held",
    task="task due",
    today="today",
    weekend="weekend",
    holiday="public holiday",
)
SURETIES: Final = {
    VisitStatus.FIRM: Surety.FIRM,
    VisitStatus.PROVISIONAL: Surety.ESTIMATED,
    VisitStatus.ASK_FIRST: Surety.OPEN,
}


def drawn(
    study: Study, course: Course, rows: Sequence[preview.Row], calendar: WorkingCalendar, *, today: date | None
) -> str:
    """The rows as an SVG file: a row for each kind of visit, in the order of the study file."""
    order = list(study.visits)

    def kind(row: preview.Row) -> int:
        visit = definition_of(study, row.occurrence)
        return len(order) if visit is None else order.index(visit.id)

    found = [list(group) for _, group in groupby(sorted(rows, key=kind), key=kind)]
    kinds = tuple(_row(study, course, one) for one in found)
    days = [day for one in kinds for span in one.spans for day in span.days]
    holidays = calendar.days_off(min(days), max(days)) if days else ()
    where = "" if calendar.country is None else " · ".join(("", calendar.country, *filter(None, (calendar.region,))))
    given = (f"{study.events[name].label['en']} {said.day}" for name, said in course.events.items())
    sheet = Sheet(
        title=study.title["en"],
        subtitle=f"{study.id} {study.version}{where} · {', '.join(given)}",
        words=_in_words(study, rows),
        key=KEY,
    )
    return charts.timeline_sheet(kinds, sheet, today=today, holidays=holidays)


def _row(study: Study, course: Course, rows: Sequence[preview.Row]) -> Row:
    label = label_of_all(study, [row.occurrence for row in rows])
    words = rows[0].occurrence if label is None else label["en"]
    return Row(words, tuple(_span(study, course, row) for row in rows))


def _span(study: Study, course: Course, row: preview.Row) -> Span:
    held = course.held.get(row.occurrence)
    return Span(
        state="present" if held is not None else "due" if row.status is VisitStatus.FIRM else "not_yet",
        first=row.earliest,
        last=row.latest,
        target=row.target,
        happened=held,
        short=number_of(study, row.occurrence),
        surety=SURETIES[row.status],
        tasks=tuple(sorted({due for _, due in row.tasks})),
    )


def _in_words(study: Study, rows: Sequence[preview.Row]) -> str:
    """What the picture shows, for whoever does not see it."""
    said = (
        f"{row.occurrence}: {row.status.value}, target {row.target}, {row.earliest or 'no day'} to {row.latest or 'no day'}"
        for row in rows
    )
    return f"{study.id} {study.version}, {len(rows)} visits. " + "; ".join(said)
