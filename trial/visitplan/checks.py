"""What can only be seen of a study as a whole: circles, clashes, rhythms that run into each other, missing languages."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import islice, pairwise

from trial.answers import LeavingKind
from trial.calendars import WorkingCalendar
from trial.labels import Labels
from trial.occurrences import definition_of
from trial.study import Basis, Pick, Repeat, Study, VisitDefinition
from trial.timeline import offsets, window_at
from trial.visitplan.documents import Path, Reading, twice
from trial.visitplan.notation import SAMPLE_DAYS

MOST_OCCURRENCES = 400
MOST_IN_ALL = 3_000
"""Occurrences of all visits together: a patient's plan is made in one go, and again at every answer."""

LONGEST_CHAIN = 40
"""Visits that count from each other, one after the other. Ours."""

CALENDAR = WorkingCalendar()


def check_study(study: Study, reading: Reading, visits: Mapping[str, Path]) -> None:
    """Tell `reading` what is wrong with the study as a whole; `visits` gives their paths.

    Parts that could not be read are left alone: they would only be told twice.
    """
    if reading.is_sound("events"):
        _registration(study, reading)
    _circles(study, reading)
    _visit_circles(study, reading, visits)
    _recorded_twice(study, reading)
    _left_twice(study, reading)
    _mixed_up_ids(study, reading, visits)
    _rhythms(study, reading, visits)
    _languages(study, reading, visits)


def _registration(study: Study, reading: Reading) -> None:
    if not any(event.required for event in study.events.values()):
        reading.problem(("events",), "no event is required", "add required: true to the event that every patient has")


def _circles(study: Study, reading: Reading) -> None:
    """An estimate that leads back to its own event. `first_of` and `last_of` look at what happened, so they end a way."""
    told: set[str] = set()
    for name in study.events:
        way = [name]
        while way[-1] not in way[:-1] and (following := _counts_from(way[-1], study)) is not None:
            way.append(following)
        if len(way) > 1 and way[-1] == name and not told & set(way):
            told |= set(way)
            reading.problem(
                ("events", name, "estimate"),
                f"the estimates run in a circle: {' -> '.join(way)}",
                "let one of them count from the registration",
            )


def _counts_from(event: str, study: Study) -> str | None:
    definition = study.events.get(event)
    estimate = None if definition is None else definition.estimate
    return estimate.events[0] if estimate is not None and estimate.pick is Pick.ONLY else None


def _visit_circles(study: Study, reading: Reading, visits: Mapping[str, Path]) -> None:
    """A visit that counts from a visit, and so on, back to itself."""
    for name, visit in study.visits.items():
        way, following = [name], visit
        while following.when is not None and following.when.pick is Pick.VISIT:
            before = following.when.events[0]
            if before not in study.visits or before in way:
                way.append(before)
                break
            way.append(before)
            following = study.visits[before]
        path = (*visits[name], "when")
        if len(way) > 1 and way[-1] == name:
            reading.problem(
                path, f"the visits run in a circle: {' -> '.join(way)}", "let one of them count from an event"
            )
        elif len(way) > LONGEST_CHAIN and reading.is_sound(*path):
            reading.problem(
                path,
                f"it counts from {len(way)} visits, one after the other",
                "let it count from an event or a nearer one",
            )


def _recorded_twice(study: Study, reading: Reading) -> None:
    records = [visit.records for visit in study.visits.values() if visit.records is not None]
    for event in twice(records):
        reading.problem(("visits",), f"two visits record the event {event}", "let one of them record it")


def _left_twice(study: Study, reading: Reading) -> None:
    """Two events for one kind of leaving: nobody could say which of them to record."""
    first: dict[LeavingKind, str] = {}
    for event in study.events.values():
        if event.leaving is not None and (known := first.setdefault(event.leaving, event.name)) != event.name:
            reading.problem(
                ("events", event.name, "leaving"),
                f"{event.leaving} is what the event {known} stands for already",
                "leave it out at one of them",
            )


def _mixed_up_ids(study: Study, reading: Reading, visits: Mapping[str, Path]) -> None:
    """`fu_6mo` as a visit's own id, beside a repeated visit `fu`."""
    for visit in study.visits.values():
        others = {identity: other for identity, other in study.visits.items() if other is not visit}
        if definition_of(replace(study, visits=others), visit.id) is not None:
            reading.problem(
                (*visits[visit.id], "id"), f"the id {visit.id} is also that of an occurrence", "choose another id"
            )


def _rhythms(study: Study, reading: Reading, visits: Mapping[str, Path]) -> None:
    count = 0
    for visit in study.visits.values():
        count += 1
        if not reading.is_sound(*visits[visit.id]):
            continue
        count += _rhythm(visit, visits[visit.id], reading)
        if count > MOST_IN_ALL:
            reading.problem(
                ("visits",),
                f"there would be more than {MOST_IN_ALL} occurrences in all",
                "end repeats earlier with until",
            )
            return


def _rhythm(visit: VisitDefinition, path: Path, reading: Reading) -> int:
    """Tell what is wrong with the repeats of a visit; how many occurrences they have together."""
    count = 0
    for key, repeat in [("repeat", visit.repeat), *(("repeat_if", repeat) for _, repeat in visit.repeat_if)]:
        targets: list[date] = []
        for anchor in SAMPLE_DAYS:
            targets = list(islice(_targets(visit, repeat, anchor), MOST_OCCURRENCES + 1))
            if len(targets) > MOST_OCCURRENCES:
                reading.problem(
                    (*path, key),
                    f"there would be more than {MOST_OCCURRENCES} occurrences",
                    "end it earlier with until",
                )
                return count
            for earlier, later in pairwise(targets):
                last = window_at(visit, earlier, anchor, CALENDAR).latest.add_to(earlier, CALENDAR)
                first = window_at(visit, later, anchor, CALENDAR).earliest.add_to(later, CALENDAR)
                if last >= first:
                    reading.problem(
                        (*path, "window" if not visit.window_from else "window_from"),
                        f"the windows of consecutive occurrences overlap, {(later - earlier).days} days apart",
                        "make the window narrower, or the interval longer",
                    )
                    return count
        count += len(targets)
        if count > MOST_IN_ALL:
            break
    return count


def _targets(visit: VisitDefinition, repeat: Repeat, anchor: date) -> Iterator[date]:
    if visit.basis is Basis.ANCHOR:
        yield from (offset.add_to(anchor, CALENDAR) for offset in offsets(repeat, anchor, CALENDAR))
        return
    previous = anchor
    for segment in repeat:
        last = segment.until.add_to(anchor, CALENDAR)
        while (target := segment.every.add_to(previous, CALENDAR)) <= last:
            yield target
            previous = target


def _languages(study: Study, reading: Reading, visits: Mapping[str, Path]) -> None:
    """A language that is approved for sending has every label."""
    for path, labels in _labels(study, visits):
        for language in study.languages:
            if language not in labels and reading.is_sound(*path):
                reading.problem(
                    path,
                    f"the text in {language} is missing, a language that the study sends",
                    f"add {language}: ..., or take {language} out of study.languages",
                )


def _labels(study: Study, visits: Mapping[str, Path]) -> Iterator[tuple[Path, Labels]]:
    yield ("study", "title"), study.title
    for name, event in study.events.items():
        yield ("events", name, "label"), event.label
    for name, fact in study.facts.items():
        yield ("facts", name, "label"), fact.label
        yield ("facts", name, "ask"), fact.question
        for value, label in fact.values.items():
            yield ("facts", name, "values", value), label
    for visit in study.visits.values():
        path = visits[visit.id]
        yield (*path, "label"), visit.label
        yield (*path, "hold"), visit.hold_label
        yield from (((*path, "reasons", place, "label"), reason.label) for place, reason in enumerate(visit.reasons))
        yield from (((*path, "tasks"), task.label) for task in visit.tasks)
