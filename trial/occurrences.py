"""Occurrence ids and what stands on them: `fu_6mo` is visit `fu`, six months on."""

from string import ascii_lowercase
from types import MappingProxyType

from trial.labels import Labels
from trial.moments import CalendarOffset
from trial.study import HOLD, Basis, Study, VisitDefinition

EVENT = "event"
"""Name of the task to tell an awaited event's date; its occurrence is `event:<name>`."""

FACT = "fact"
"""Name of the task to tell a fact; its occurrence is `fact:<name>`."""


def definition_of(study: Study, occurrence_id: str) -> VisitDefinition | None:
    """The visit that an occurrence id belongs to, whether or not the plan still wants it."""
    known = study.visits.get(occurrence_id)
    if known is not None:
        return None if known.repeats else known
    stem, _, suffix = occurrence_id.rpartition("_")
    repeated = study.visits.get(stem)
    if repeated is None or not repeated.repeats:
        return None
    if repeated.basis is Basis.PREVIOUS:
        return repeated if suffix.isdecimal() else None
    try:
        CalendarOffset.parse(suffix)
    except ValueError:
        return None
    return repeated


def label_of(study: Study, occurrence_id: str) -> Labels | None:
    """The words for one occurrence (a visit, `event:...`, `fact:...`), or None where the study does not know it."""
    kind, colon, name = occurrence_id.partition(":")
    if colon:
        asked = study.events.get(name) if kind == EVENT else study.facts.get(name) if kind == FACT else None
        return None if asked is None else asked.label
    visit = definition_of(study, occurrence_id)
    return None if visit is None else filled(visit.label, visit, occurrence_id)


def task_label_of(study: Study, occurrence_id: str, task: str) -> Labels | None:
    """The words for one task of an occurrence, or None where the study does not know it."""
    visit = definition_of(study, occurrence_id)
    if visit is None:
        return label_of(study, occurrence_id)
    if task == HOLD:
        return filled(visit.hold_label, visit, occurrence_id)
    return next((definition.label for definition in visit.tasks if definition.name == task), None)


def task_short_of(study: Study, occurrence_id: str, task: str) -> Labels | None:
    """The words for one task where a button has little room; the task's label where the study gives no others."""
    visit = definition_of(study, occurrence_id)
    definitions = () if visit is None else visit.tasks
    found = next((definition.short for definition in definitions if definition.name == task), None)
    return found or task_label_of(study, occurrence_id, task)


def filled(label: Labels, visit: VisitDefinition, occurrence_id: str) -> Labels:
    """The label with `{offset}` (`6mo`) and `{number}` (`6`) of this occurrence."""
    if not visit.repeats:
        return label
    offset = occurrence_id.removeprefix(f"{visit.id}_")
    number = offset.rstrip(ascii_lowercase)
    return MappingProxyType(
        {language: text.replace("{number}", number).replace("{offset}", offset) for language, text in label.items()}
    )
