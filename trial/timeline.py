"""From a study definition and one patient's course to the dates of every visit. Pure; dates are local at the site.

Targets count from events, windows are inclusive, months are clipped to the month's end and counted from the event, never
visit to visit unless the study says so. Weekends and holidays move reminders, never a target or a window.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from trial.calendars import WorkingCalendar
from trial.expressions import Known, asks, holds
from trial.labels import Labels
from trial.moments import CalendarOffset
from trial.occurrences import definition_of, filled
from trial.study import Anchor, Basis, EndsKind, Pick, Repeat, Study, VisitDefinition, Window
from trial.tasks import VisitStatus


class Certainty(StrEnum):
    """How far the date of an event can be relied on."""

    ESTIMATED = "estimated"  # counted from another event
    PLANNED = "planned"  # the site said when it is to be
    HAPPENED = "happened"  # the site said when it was


@dataclass(frozen=True, slots=True)
class EventDate:
    day: date
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Course:
    """What is known of one patient. Events are planned or happened; estimates are computed, never given.

    `held`: occurrence id -> the day on which the visit took place.
    """

    events: Mapping[str, EventDate] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, date] = field(default_factory=dict)

    def happened(self, event: str) -> date | None:
        known = self.events.get(event)
        return known.day if known is not None and known.certainty is Certainty.HAPPENED else None

    def planned(self, event: str) -> date | None:
        known = self.events.get(event)
        return known.day if known is not None and known.certainty is Certainty.PLANNED else None

    @property
    def known(self) -> Known:
        """What conditions look at."""
        days = {name: event.day for name, event in self.events.items() if event.certainty is Certainty.HAPPENED}
        return Known(happened=days, facts=self.facts)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One visit of one patient. Its id carries its offset (`fu_6mo`), so an amendment never renumbers.

    `earliest` and `latest` are None where the study's limits leave no day at all: a question for the trial office, with
    the status `ask first` and nothing in `asks`.
    """

    id: str
    definition_id: str
    label: Labels
    status: VisitStatus
    target: date
    earliest: date | None
    latest: date | None
    asks: tuple[str, ...] = ()  # facts that decide whether it takes place
    records: str | None = None  # the event that holding it dates


def timeline(study: Study, course: Course, calendar: WorkingCalendar) -> tuple[Occurrence, ...]:
    """Visits of one patient, earliest target first, then in the order of the study file.

    A visit whose event has no date, not even an estimate, yields none. After a visit's stop events there is none with a
    later target, and after an event that ends the course none that was not certain by then. A visit that took place
    stays, whatever is learned afterwards; where no rhythm has it any more, its own day is its target.

    Raises:
        DateOutOfRange: a date falls outside years 1900-2200.
    Source: USDM Timing (windowLower, windowUpper) and the format's semantics in docs/study-files.md.
    """
    dates = EventDates(study, course, calendar)
    end = ended_on(study, course)
    found = [
        occurrence
        for visit in study.visits.values()
        for occurrence in _occurrences(visit, dates)
        if not _stopped(occurrence, visit, dates, end)
    ]
    return tuple(sorted(found, key=lambda occurrence: occurrence.target))


def ended_on(study: Study, course: Course, kinds: frozenset[EndsKind] = frozenset(EndsKind)) -> date | None:
    """The day of the first event that ends this patient's course, or None."""
    days = [
        day
        for event in study.events.values()
        if event.ends in kinds and (day := course.happened(event.name)) is not None
    ]
    return min(days, default=None)


class EventDates:
    """The best known date of each event: happened, else planned, else estimated from another event."""

    def __init__(self, study: Study, course: Course, calendar: WorkingCalendar) -> None:
        self.study = study
        self.course = course
        self.calendar = calendar
        self.known = course.known
        self._estimates: dict[str, EventDate | None] = {}

    def of_event(self, name: str) -> EventDate | None:
        said = self.course.events.get(name)
        if said is not None:
            return said
        if name not in self._estimates:
            self._estimates[name] = self._estimate(name)
        return self._estimates[name]

    def of_anchor(self, anchor: Anchor) -> EventDate | None:
        """The anchor's day with its offset, as certain as the event that it counts from."""
        base = self.base(anchor)
        if base is None or anchor.offset is None:
            return base
        return EventDate(anchor.offset.add_to(base.day, self.calendar), base.certainty)

    def limit(self, limit: Anchor | date | None) -> date | None:
        """The day of an extra limit; None while its event has only an estimate."""
        if not isinstance(limit, Anchor):
            return limit
        found = self.of_anchor(limit)
        return None if found is None or found.certainty is Certainty.ESTIMATED else found.day

    def _estimate(self, name: str) -> EventDate | None:
        estimate = self.study.events[name].estimate
        found = None if estimate is None else self.of_anchor(estimate)
        return None if found is None else EventDate(found.day, Certainty.ESTIMATED)

    def base(self, anchor: Anchor) -> EventDate | None:
        """The event's own day that the anchor counts from."""
        if anchor.pick is Pick.ONLY:
            return self.of_event(anchor.events[0])
        if anchor.pick is Pick.VISIT:
            return self._of_visit(self.study.visits[anchor.events[0]])
        days = [day for name in anchor.events if (day := self.course.happened(name)) is not None]
        if not days or (anchor.pick is Pick.LAST_OF and len(days) < len(anchor.events)):
            return None
        return EventDate(min(days) if anchor.pick is Pick.FIRST_OF else max(days), Certainty.HAPPENED)

    def _of_visit(self, visit: VisitDefinition) -> EventDate | None:
        """The day on which a visit was held or is to be; else its target, as certain as what that counts from."""
        held = self.course.held.get(visit.id)
        if held is not None:
            return EventDate(held, Certainty.HAPPENED)
        recorded = None if visit.records is None else self.course.events.get(visit.records)
        if recorded is not None:
            return recorded
        return None if visit.when is None else self.of_anchor(visit.when)


@dataclass(frozen=True, slots=True)
class _Slot:
    """One place of a visit on the line, before conditions and limits."""

    id: str
    target: date


def _occurrences(visit: VisitDefinition, dates: EventDates) -> Iterator[Occurrence]:
    if visit.rounds:
        yield from _rounds(visit, dates)
        return
    anchor = None if visit.when is None else dates.of_anchor(visit.when)
    slots = [] if anchor is None else list(_slots(visit, anchor.day, dates))
    if dates.course.held:
        slots += [(slot, ()) for slot in _held_besides(visit, anchor, {slot.id for slot, _ in slots}, dates)]
    if not slots:
        return
    excluded = visit.only_if is not None and holds(visit.only_if, dates.known) is False
    unknown = () if visit.only_if is None else asks(visit.only_if, dates.known)
    firm = anchor is None or anchor.certainty is Certainty.HAPPENED
    usual = VisitStatus.FIRM if firm else VisitStatus.PROVISIONAL
    limits = None if anchor is None else _limits(visit, anchor, dates)
    for slot, open_facts in slots:
        if excluded and slot.id not in dates.course.held:
            continue
        questions = tuple(dict.fromkeys(unknown + open_facts)) if open_facts else unknown
        earliest, latest = (slot.target,) * 2 if limits is None else limits.cut(slot.target, dates.calendar)
        impossible = earliest > latest
        yield Occurrence(
            id=slot.id,
            definition_id=visit.id,
            label=filled(visit.label, visit, slot.id),
            status=VisitStatus.ASK_FIRST if questions or impossible else usual,
            target=slot.target,
            earliest=None if impossible else earliest,
            latest=None if impossible else latest,
            asks=questions,
            records=visit.records,
        )


def _rounds(visit: VisitDefinition, dates: EventDates) -> Iterator[Occurrence]:
    """The rounds of a campaign that this patient is in: registered by the last day, not ended by the first."""
    registered = dates.course.happened(dates.study.registration)
    unknown = () if visit.only_if is None else asks(visit.only_if, dates.known)
    if registered is None or (visit.only_if is not None and holds(visit.only_if, dates.known) is False):
        return
    for one in visit.rounds:
        identity = f"{visit.id}_{one.name}"
        if registered <= one.closes:
            yield Occurrence(
                id=identity,
                definition_id=visit.id,
                label=filled(visit.label, visit, identity),
                status=VisitStatus.ASK_FIRST if unknown else VisitStatus.FIRM,
                # Nobody can have sent by then what was not to be sent yet.
                target=one.due if registered <= one.due else one.closes,
                earliest=one.opens,
                latest=one.closes,
                asks=unknown,
            )


def _held_besides(
    visit: VisitDefinition, anchor: EventDate | None, told: set[str], dates: EventDates
) -> Iterator[_Slot]:
    """Where the visit was held although no place of it is left: on request, in a rhythm that another answer took away."""
    for identity, day in dates.course.held.items():
        if identity in told or definition_of(dates.study, identity) is not visit:
            continue
        if anchor is None or visit.basis is Basis.PREVIOUS:
            yield _Slot(identity, day)
        else:
            offset = CalendarOffset.parse(identity.removeprefix(f"{visit.id}_"))
            yield _Slot(identity, offset.add_to(anchor.day, dates.calendar))


def _slots(visit: VisitDefinition, anchor: date, dates: EventDates) -> Iterator[tuple[_Slot, tuple[str, ...]]]:
    """Every place of the visit, with the unknown facts that decide whether there is one.

    Where a `repeat_if` hangs on an unknown fact, what all rhythms share is certain, and only the rest is asked.
    """
    if not visit.repeats:
        yield _Slot(visit.id, anchor), ()
        return
    rhythms, unknown = _rhythms(visit, dates.known)
    runs = [tuple(_run(visit, rhythm, anchor, dates)) for rhythm in rhythms]
    if len(runs) == 1:
        yield from ((slot, ()) for slot in runs[0])
        return
    shared = set.intersection(*(set(run) for run in runs))  # the same place on the same day
    for slot in {slot.id: slot for run in runs for slot in run}.values():
        yield slot, () if slot in shared else unknown


def _rhythms(visit: VisitDefinition, known: Known) -> tuple[list[Repeat], tuple[str, ...]]:
    """The repeats that may apply, and the unknown facts that decide between them."""
    rhythms: list[Repeat] = []
    unknown: list[str] = []
    for condition, repeat in visit.repeat_if:
        verdict = holds(condition, known)
        if verdict is None:
            unknown += asks(condition, known)
        if verdict is not False:
            rhythms.append(repeat)
        if verdict:
            return rhythms, tuple(unknown)
    return [*rhythms, visit.repeat], tuple(unknown)


def _run(visit: VisitDefinition, repeat: Repeat, anchor: date, dates: EventDates) -> Iterator[_Slot]:
    """The places of one rhythm, in order."""
    match visit.basis:
        case Basis.ANCHOR:
            for offset, target in _places(repeat, anchor, dates.calendar):
                yield _Slot(f"{visit.id}_{offset}", target)
        case Basis.PREVIOUS:
            previous, count = anchor, 0
            for segment in repeat:
                last = segment.until.add_to(anchor, dates.calendar)
                while (target := segment.every.add_to(previous, dates.calendar)) <= last:
                    count += 1
                    slot = _Slot(f"{visit.id}_{count}", target)
                    yield slot
                    previous = dates.course.held.get(slot.id, target)


def offsets(repeat: Repeat, anchor: date, calendar: WorkingCalendar) -> Iterator[CalendarOffset]:
    """Offsets of a repeated visit from its anchor."""
    return (offset for offset, _ in _places(repeat, anchor, calendar))


def _places(repeat: Repeat, anchor: date, calendar: WorkingCalendar) -> Iterator[tuple[CalendarOffset, date]]:
    """Offsets and their days. Each is counted from the anchor itself, so clipping never adds up."""
    amount = 0
    for segment in repeat:
        last = segment.until.add_to(anchor, calendar)
        every, unit = segment.every.amount, segment.every.unit
        offset = CalendarOffset(amount + every, unit)
        while (target := offset.add_to(anchor, calendar)) <= last:
            yield offset, target
            amount = offset.amount
            offset = CalendarOffset(amount + every, unit)


@dataclass(frozen=True, slots=True)
class _Limits:
    """What the days of every occurrence of a visit are cut by. `windows`: from which target on which window holds."""

    windows: tuple[tuple[date, Window], ...]
    not_before: date | None
    not_after: date | None

    def cut(self, target: date, calendar: WorkingCalendar) -> tuple[date, date]:
        """First and last allowed day; the first lies after the last where the limits leave none."""
        window = _window_for(target, self.windows)
        earliest, latest = window.earliest.add_to(target, calendar), window.latest.add_to(target, calendar)
        return (
            earliest if self.not_before is None else max(earliest, self.not_before),
            latest if self.not_after is None else min(latest, self.not_after),
        )


def _limits(visit: VisitDefinition, anchor: EventDate, dates: EventDates) -> _Limits:
    windows = _windows(visit, anchor.day, dates.calendar)
    return _Limits(windows, dates.limit(visit.not_before), dates.limit(visit.not_after))


def window_at(visit: VisitDefinition, target: date, anchor: date, calendar: WorkingCalendar) -> Window:
    """The visit's window for the occurrence with this target."""
    return _window_for(target, _windows(visit, anchor, calendar))


def _windows(visit: VisitDefinition, anchor: date, calendar: WorkingCalendar) -> tuple[tuple[date, Window], ...]:
    changed = [(offset.add_to(anchor, calendar), window) for offset, window in visit.window_from]
    # In their order on the calendar: whether 30d or 1mo comes first differs from month to month.
    return ((date.min, visit.window), *sorted(changed, key=lambda pair: pair[0]))


def _window_for(target: date, windows: tuple[tuple[date, Window], ...]) -> Window:
    found = windows[0][1]
    for first, window in windows:
        if target >= first:
            found = window
    return found


def _stopped(occurrence: Occurrence, visit: VisitDefinition, dates: EventDates, end: date | None) -> bool:
    course = dates.course
    if occurrence.id in course.held:
        return False
    if visit.rounds and occurrence.earliest is not None:
        return end is not None and (end <= occurrence.earliest or occurrence.status is not VisitStatus.FIRM)
    if end is not None and (occurrence.status is not VisitStatus.FIRM or _began_after(end, visit.when, dates)):
        # What it hangs on had not happened when the course ended, and now never counts.
        return True
    days = [day for event in visit.stop if (day := course.happened(event)) is not None]
    if end is not None:
        days.append(end)
    return any(occurrence.target > day for day in days)


def _held_or_recorded(visit: VisitDefinition, course: Course) -> Iterator[date]:
    """The days on which a visit was held, by what was said of it and of the event that it records."""
    recorded = None if visit.records is None else course.happened(visit.records)
    return (day for day in (course.held.get(visit.id), recorded) if day is not None)


def _began_after(end: date, anchor: Anchor | None, dates: EventDates) -> bool:
    """Whether what a visit counts from had not happened by the end.

    Another visit need not have been held by then: it was certain from the day of its own event on.
    """
    while anchor is not None and anchor.pick is Pick.VISIT:
        visit = dates.study.visits[anchor.events[0]]
        if any(day <= end for day in _held_or_recorded(visit, dates.course)):
            return False
        anchor = visit.when
    event = None if anchor is None else dates.base(anchor)
    return event is None or event.certainty is not Certainty.HAPPENED or event.day > end
