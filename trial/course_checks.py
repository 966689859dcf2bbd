"""Whether what was entered about one patient can be true. Sentences name the field, never the patient or the day."""

from collections.abc import Iterator
from datetime import date

from trial.moments import FIRST_YEAR, LAST_YEAR
from trial.occurrences import definition_of
from trial.problems import Problem, Wrong, nearest
from trial.study import EventDefinition, Study
from trial.timeline import Certainty, Course, EventDate


def course_problems(study: Study, course: Course, today: date) -> tuple[Problem, ...]:
    """Everything about the course that cannot be true on `today`, the local date at the site."""
    return (*_events(study, course, today), *_facts(study, course), *_held(study, course, today))


def _events(study: Study, course: Course, today: date) -> Iterator[Problem]:
    for event in study.events.values():
        if event.required and event.name not in course.events:
            yield Problem(
                f"event {event.name}", "its date is missing", "every patient of this study has one", Wrong.MISSING
            )
    for name, entered in course.events.items():
        field = f"event {name}"
        definition = study.events.get(name)
        if definition is None:
            yield Problem(field, "the study has no such event", nearest(name, study.events), Wrong.UNKNOWN)
        elif not _in_range(entered.day):
            yield Problem(field, f"the year is not between {FIRST_YEAR} and {LAST_YEAR}", "check the year", Wrong.YEAR)
        elif entered.certainty is Certainty.HAPPENED and entered.day > today:
            yield Problem(
                field,
                "it is said to have happened, but its date lies in the future",
                "give the day, or say it is planned",
                Wrong.FUTURE,
            )
        else:
            yield from _order(definition, entered, study, course)


def _order(definition: EventDefinition, entered: EventDate, study: Study, course: Course) -> Iterator[Problem]:
    """An event cannot lie before the registration, nor before the one that the study says it follows."""
    bounds = [] if definition.required else [study.registration]
    if definition.not_before is not None:
        bounds.insert(0, definition.not_before)
    for bound in dict.fromkeys(bounds):
        earliest = course.happened(bound)
        if earliest is not None and entered.day < earliest:
            yield Problem(
                f"event {definition.name}",
                f"its date lies before {bound}",
                f"give a day on or after {bound}",
                Wrong.BEFORE,
                bound,
            )
            return


def _facts(study: Study, course: Course) -> Iterator[Problem]:
    for name, value in course.facts.items():
        fact = study.facts.get(name)
        if fact is None:
            yield Problem(f"fact {name}", "the study has no such fact", nearest(name, study.facts), Wrong.UNKNOWN)
        elif value not in fact.values:
            yield Problem(f"fact {name}", "this is none of its values", nearest(value, fact.values), Wrong.UNKNOWN)


def _held(study: Study, course: Course, today: date) -> Iterator[Problem]:
    for occurrence, day in course.held.items():
        field = f"visit {occurrence}"
        definition = definition_of(study, occurrence)
        if definition is None or definition.rounds:
            example = "a visit that repeats carries its offset, such as fu_6mo"
            yield Problem(
                field, "the study has no such visit", f"{nearest(occurrence, study.visits)}; {example}", Wrong.UNKNOWN
            )
        elif not _in_range(day):
            yield Problem(field, f"the year is not between {FIRST_YEAR} and {LAST_YEAR}", "check the year", Wrong.YEAR)
        elif day > today:
            yield Problem(
                field,
                "it is said to have been held, but its date lies in the future",
                "give the day it was held",
                Wrong.FUTURE,
            )


def _in_range(day: date) -> bool:
    return FIRST_YEAR <= day.year <= LAST_YEAR
