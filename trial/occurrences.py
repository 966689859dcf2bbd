"""Occurrence ids and what stands on them: `fu_6mo` is visit `fu`, six months on; `survey_2027_06` a round of a campaign."""

import re
from collections.abc import Sequence
from string import ascii_lowercase
from types import MappingProxyType

from trial.labels import Labels
from trial.moments import CalendarOffset
from trial.study import HOLD, Basis, Study, VisitDefinition

EVENT = "event"
"""Name of the task to tell an awaited event's date; its occurrence is `event:<name>`."""

FACT = "fact"
"""Name of the task to tell a fact; its occurrence is `fact:<name>`."""


_ROUND = re.compile(r"(.+)_(\d{4}_\d{2})")


def definition_of(study: Study, occurrence_id: str) -> VisitDefinition | None:
    """The visit that an occurrence id belongs to, whether or not the plan still wants it.

    A visit that this version has no more is known from the versions before it.
    """
    for version in (study, *study.earlier):
        found = _defined(version, occurrence_id)
        if found is not None:
            return found
    return None


def _defined(study: Study, occurrence_id: str) -> VisitDefinition | None:
    known = study.visits.get(occurrence_id)
    if known is not None:
        return None if known.repeats or known.rounds else known
    dated = _ROUND.fullmatch(occurrence_id)
    campaign = None if dated is None else study.visits.get(dated[1])
    if campaign is not None and campaign.rounds:
        return campaign
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
        for version in (study, *study.earlier):
            asked = version.events.get(name) if kind == EVENT else version.facts.get(name) if kind == FACT else None
            if asked is not None:
                return asked.label
        return None
    visit = definition_of(study, occurrence_id)
    return None if visit is None else filled(visit.label, visit, occurrence_id)


def label_of_all(study: Study, occurrence_ids: Sequence[str]) -> Labels | None:
    """The words for several occurrences of one visit, in their order: `Follow-up, 6–24 months` from `fu_6mo` to `fu_24mo`."""
    visit = definition_of(study, occurrence_ids[0])
    if visit is None or len(occurrence_ids) == 1:
        return label_of(study, occurrence_ids[0])
    first, last = (_suffix(visit, one) for one in (occurrence_ids[0], occurrence_ids[-1]))
    return _filled(visit.label, f"{_number(first)}–{_number(last)}", f"{first}–{last}")


def number_of(study: Study, occurrence_id: str) -> str:
    """The number of a repeated visit, `6` of `fu_6mo`; nothing where there is only one."""
    visit = definition_of(study, occurrence_id)
    return "" if visit is None or not visit.repeats else _number(_suffix(visit, occurrence_id))


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
    """The label with `{offset}` (`6mo`) and `{number}` (`6`) of this occurrence, or `{round}` (`2027-06`) of a campaign."""
    if visit.rounds:
        month = occurrence_id.removeprefix(f"{visit.id}_").replace("_", "-")
        return MappingProxyType({language: text.replace("{round}", month) for language, text in label.items()})
    if not visit.repeats:
        return label
    offset = _suffix(visit, occurrence_id)
    return _filled(label, _number(offset), offset)


def _filled(label: Labels, number: str, offset: str) -> Labels:
    return MappingProxyType(
        {language: text.replace("{number}", number).replace("{offset}", offset) for language, text in label.items()}
    )


def _suffix(visit: VisitDefinition, occurrence_id: str) -> str:
    return occurrence_id.removeprefix(f"{visit.id}_")


def _number(offset: str) -> str:
    return offset.rstrip(ascii_lowercase)
