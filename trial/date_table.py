"""Every date that a version gives, for every kind of patient: what somebody looks at before they release it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product

from trial.calendars import WorkingCalendar
from trial.expressions import comparisons
from trial.preview import Row, preview
from trial.study import Study
from trial.timeline import Certainty, Course, EventDate, EventDates

MOST_KINDS = 24
"""Facts multiply. Beyond so many kinds each value of each fact is shown once, beside the first values of the others."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of patient: everything happens on its estimated day, and these facts are known."""

    facts: Mapping[str, str]
    rows: tuple[Row, ...]

    @property
    def name(self) -> str:
        return ", ".join(f"{fact} {value}" for fact, value in self.facts.items())


def date_table(study: Study, *, registered: date, calendar: WorkingCalendar) -> tuple[Kind, ...]:
    """The dates of each kind of patient who is registered on this day. What hangs on an event without an estimate is not
    in it: nobody knows when it will be.

    Raises:
        DateOutOfRange: a date falls outside years 1900-2200.
    """
    course = _expected(study, registered, calendar)
    return tuple(Kind(facts, preview(study, Course(course.events, facts, {}), calendar)) for facts in _kinds(study))


def _expected(study: Study, registered: date, calendar: WorkingCalendar) -> Course:
    """Every event that has an estimate has happened on it; those that end a course have not."""
    events = {
        event.name: EventDate(registered, Certainty.HAPPENED) for event in study.events.values() if event.required
    }
    dates = EventDates(study, Course(events), calendar)
    for event in study.events.values():
        found = dates.of_event(event.name)
        if found is not None and event.ends is None:
            events[event.name] = EventDate(found.day, Certainty.HAPPENED)
    return Course(events)


def _kinds(study: Study) -> Iterator[Mapping[str, str]]:
    values = {name: tuple(study.facts[name].values) for name in study.facts if name in _deciding(study)}
    kinds = 1
    for found in values.values():
        kinds *= len(found)
    if kinds <= MOST_KINDS:
        for chosen in product(*values.values()):
            yield dict(zip(values, chosen, strict=True))
        return
    usual = {name: found[0] for name, found in values.items()}
    yield usual
    for name, found in values.items():
        for value in found[1:]:
            yield usual | {name: value}


def _deciding(study: Study) -> frozenset[str]:
    """Facts that a date hangs on."""
    conditions = [
        condition
        for visit in study.visits.values()
        for condition in (visit.only_if, *(condition for condition, _ in visit.repeat_if))
        if condition is not None
    ]
    return frozenset(comparison.fact for condition in conditions for comparison in comparisons(condition))


# --- two versions -----------------------------------------------------------------------------------------------------

Days = tuple[date, date | None, date | None]
"""Target, first and last day of the window."""


@dataclass(frozen=True, slots=True)
class DateChange:
    """An occurrence that has other dates in another version, or stands in one of the two only."""

    kind: str
    occurrence: str
    before: Days | None
    after: Days | None


def date_changes(before: Study, after: Study, *, registered: date) -> tuple[DateChange, ...]:
    """What becomes of every date of imagined patients, for each kind that the new version has; earliest first.

    Raises:
        DateOutOfRange: a date falls outside years 1900-2200.
    """
    calendar = WorkingCalendar()
    expected = _expected(before, registered, calendar).events
    found: list[DateChange] = []
    for kind in date_table(after, registered=registered, calendar=calendar):
        known = {name: value for name, value in kind.facts.items() if name in before.facts}
        old = _days_of(preview(before, Course(expected, known), calendar))
        new = _days_of(kind.rows)
        changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        in_order = sorted(changed, key=lambda name: ((new.get(name) or old[name])[0], name))
        found += [DateChange(kind.name, name, old.get(name), new.get(name)) for name in in_order]
    return tuple(found)


def _days_of(rows: tuple[Row, ...]) -> dict[str, Days]:
    return {row.occurrence: (row.target, row.earliest, row.latest) for row in rows}
