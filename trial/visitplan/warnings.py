"""What a study file may say, and what its author should look at once more. Warnings never stand in the way."""

import re
from collections.abc import Iterator, Mapping

from trial.expressions import Condition, comparisons
from trial.labels import Labels
from trial.moments import CalendarOffset, Unit
from trial.study import FactDefinition, Segment, Study, VisitDefinition
from trial.subject_codes import BadPattern, birth_in, forms_of, initials_in
from trial.visitplan.documents import Path, Reading

BY_DAYS = frozenset({Unit.DAY, Unit.WEEK})
SHORTEST_WORD = 3
"""A value of fewer signs stands in too many words to be looked for."""


def warn_study(study: Study, reading: Reading, visits: Mapping[str, Path]) -> None:
    """Tell `reading` what its author should look at; `visits` gives the paths of the visits."""
    _codes(study, reading)
    _unused_facts(study, reading)
    for visit in study.visits.values():
        _mixed_units(visit, visits[visit.id], reading)
    restricted = {name: fact for name, fact in study.facts.items() if fact.restricted}
    if restricted:
        _betrayed_by_dates(study, reading, visits, frozenset(restricted))
        _betrayed_by_words(study, reading, visits, restricted)


def _codes(study: Study, reading: Reading) -> None:
    try:
        forms = forms_of(study.subject_id.text)
    except BadPattern:
        return  # told as a problem
    path = ("study", "subject_id") if ("study", "subject_id") in reading.lines else ("study",)
    if initials_in(forms):
        reading.warn(
            path,
            "codes of this form could hold a patient's initials",
            r"fix the letters in subject_id, such as 'NO-\d{3}', or use digits alone",
        )
    if birth_in(forms):
        reading.warn(
            path,
            "codes of this form could hold a year or a date of birth",
            r"use another number of digits in a row in subject_id, such as '\d{3}-\d{3}'",
        )


def _unused_facts(study: Study, reading: Reading) -> None:
    used = {comparison.fact for _, condition in _conditions(study, {}) for comparison in comparisons(condition)}
    for name in study.facts:
        if name not in used:
            reading.warn(("facts", name), "no condition looks at this fact", "leave it out, or use it in an only_if")


def _mixed_units(visit: VisitDefinition, path: Path, reading: Reading) -> None:
    for key, repeat in (("repeat", visit.repeat), *(("repeat_if", repeat) for _, repeat in visit.repeat_if)):
        for segment in repeat:
            if (segment.every.unit in BY_DAYS) is not (segment.until.unit in BY_DAYS):
                reading.warn(
                    (*path, key),
                    f"every {segment.every} and until {segment.until} count in different kinds of unit",
                    f"write until {_whole(segment)}, if the protocol does",
                )


def _whole(segment: Segment) -> CalendarOffset:
    """About as far as `until`, in whole intervals."""
    days = {Unit.DAY: 1.0, Unit.WEEK: 7.0, Unit.MONTH: 365.25 / 12, Unit.YEAR: 365.25, Unit.WORKING_DAY: 1.4}
    every, until = segment.every, segment.until
    count = int(until.amount * days[until.unit] / (every.amount * days[every.unit]))
    return every.times(max(count, 1))


# --- restricted facts -------------------------------------------------------------------------------------------------


def _betrayed_by_dates(study: Study, reading: Reading, visits: Mapping[str, Path], restricted: frozenset[str]) -> None:
    for path, condition in _conditions(study, visits):
        named = sorted({comparison.fact for comparison in comparisons(condition)} & restricted)
        if named:
            reading.warn(
                path,
                f"whoever sees when this is asked for can tell the restricted fact {named[0]}",
                "have the protocol's statistician agree to it, or plan everybody alike",
            )


def _betrayed_by_words(
    study: Study, reading: Reading, visits: Mapping[str, Path], restricted: Mapping[str, FactDefinition]
) -> None:
    for name, fact in restricted.items():
        words = {word for value, labels in fact.values.items() for word in (value, *labels.values())}
        telling = {word.replace("_", " ").casefold() for word in words if len(word) >= SHORTEST_WORD}
        if not telling:
            continue
        among = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, sorted(telling)))})(?!\w)")
        for path, text in _texts(study, visits):
            if among.search(text.replace("_", " ").casefold()):
                reading.warn(
                    path, f"this names a value of the restricted fact {name}", "choose words that tell no value"
                )


def _conditions(study: Study, visits: Mapping[str, Path]) -> Iterator[tuple[Path, Condition]]:
    for visit in study.visits.values():
        path = visits.get(visit.id, ())
        if visit.only_if is not None:
            yield (*path, "only_if"), visit.only_if
        yield from (((*path, "repeat_if"), condition) for condition, _ in visit.repeat_if)
    for section, entries in (("events", study.events), ("facts", study.facts)):
        for name, entry in entries.items():
            if entry.only_if is not None:
                yield (section, name, "only_if"), entry.only_if


def _texts(study: Study, visits: Mapping[str, Path]) -> Iterator[tuple[Path, str]]:
    """Every word that somebody at a site may read."""
    for name, event in study.events.items():
        yield from _each(("events", name), name, event.label)
    for name, fact in study.facts.items():
        if not fact.restricted:
            yield from _each(("facts", name), name, fact.label, fact.question, *fact.values.values())
    for visit in study.visits.values():
        path = visits[visit.id]
        yield from _each(path, visit.id, visit.label, visit.hold_label)
        for place, reason in enumerate(visit.reasons):
            yield from _each((*path, "reasons", place), reason.id, reason.label)
        for task in visit.tasks:
            yield from _each((*path, "tasks"), task.name, task.label, task.short)


def _each(path: Path, identity: str, *labels: Labels) -> Iterator[tuple[Path, str]]:
    yield path, "\n".join([identity, *(text for label in labels for text in label.values())])
