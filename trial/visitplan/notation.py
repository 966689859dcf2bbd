"""The small notations of a study file: anchors, windows, repeats, limits, due dates. Each problem says what to write."""

import re
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from trial.expressions import BadExpression, Condition, comparisons, events_in, parse_condition
from trial.moments import CalendarOffset, DateOutOfRange, Unit, in_range
from trial.problems import nearest
from trial.study import Anchor, Mark, Pick, Repeat, Segment, Window
from trial.visitplan.documents import Entry, Path, Reading

ANCHOR = re.compile(
    r"(?:(?P<event>[A-Za-z0-9_]+)|(?P<pick>[a-z_]+)\s*\((?P<events>[^()]*)\))\s*(?P<offset>[+-].*)?", re.DOTALL
)
REPEAT = re.compile(r"every\s+(?P<every>\S+)\s+until\s+(?P<until>\S+)(?:\s+after\s+(?P<after>[A-Za-z0-9_]+))?")
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
SIGNED = re.compile(r"[+-].*|0[a-z]*")

NO_OFFSET = CalendarOffset(0, Unit.DAY)
SMALLER = {Unit.WEEK: (Unit.DAY, 7), Unit.YEAR: (Unit.MONTH, 12)}
ON_THE_DAY = Window(NO_OFFSET, NO_OFFSET)
NOWHERE = Anchor(("",))
"""Stands for an anchor that could not be read, until the problems are raised."""

SAMPLE_DAYS = (date(2023, 1, 31), date(2024, 2, 29), date(2025, 6, 15), date(2026, 8, 31))
"""Anchors on which offsets of different units are compared: month ends, a leap day, an ordinary day."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a study file names, for checking what refers to it."""

    events: Collection[str]
    facts: Mapping[str, Collection[str]]  # with their values
    ladders: Collection[str]
    visits: Collection[str] = ()  # those that do not repeat


@dataclass(frozen=True, slots=True)
class Notation:
    """Reads the notations of one document."""

    reading: Reading
    names: Names

    def anchor(self, path: Path, text: str, *, working_days: bool = False, visits: bool = False) -> Anchor:
        """`surgery`, `registration + 18w`, `first_of(surgery, no_surgery) + 3mo`; with `visits`, `visit(scan) + 4w` too."""
        found = None if ISO_DATE.fullmatch(text) else ANCHOR.fullmatch(text.strip())
        if found is None:
            self.reading.problem(path, f"{text!r} is no day", "write an event and an offset, such as surgery + 6w")
            return NOWHERE
        offset = None
        if found["offset"] is not None:
            offset = self.reading.offset(path, found["offset"], working_days=working_days)
        if found["event"] is not None:
            return Anchor((self.event(path, found["event"]),), Pick.ONLY, offset)
        if found["pick"] == Pick.VISIT and visits:
            name = found["events"].strip()
            if name not in self.names.visits:
                hint = f"{nearest(name, self.names.visits)}; a visit that repeats cannot be counted from"
                self.reading.problem(path, f"the visit {name!r} is not known", hint)
            return Anchor((name,), Pick.VISIT, offset)
        if found["pick"] not in {Pick.FIRST_OF, Pick.LAST_OF}:
            self.reading.problem(
                path, f"{found['pick']!r} is not known", nearest(found["pick"], (Pick.FIRST_OF, Pick.LAST_OF))
            )
            return NOWHERE
        events = tuple(self.event(path, name.strip()) for name in found["events"].split(","))
        return Anchor(events, Pick(found["pick"]), offset)

    def event(self, path: Path, name: str) -> str:
        if name not in self.names.events:
            self.reading.problem(path, f"the event {name!r} is not known", nearest(name, self.names.events))
        return name

    def ladder(self, entry: Entry, usual: str) -> str:
        """The entry's ladder, or the usual one."""
        name = entry.text("ladder") or usual
        if name not in self.names.ladders:
            entry.problem("ladder", f"the ladder {name!r} is not known", nearest(name, self.names.ladders))
        return name

    def limit(self, path: Path, text: str) -> Anchor | date:
        """A calendar date, or a day that counts from an event."""
        if not ISO_DATE.fullmatch(text):
            return self.anchor(path, text)
        return self.day(path, text) or NOWHERE

    def day(self, path: Path, text: str) -> date | None:
        """A calendar date, YYYY-MM-DD."""
        try:
            return in_range(date.fromisoformat(text) if ISO_DATE.fullmatch(text) else date.min)
        except (ValueError, DateOutOfRange):
            self.reading.problem(path, f"{text!r} is no date", "write YYYY-MM-DD, between 1900 and 2200")
            return None

    def window(self, path: Path, text: str) -> Window:
        """`-14d .. +14d`: signed offsets from the target, both inclusive, with the target inside."""
        earliest, dots, latest = (part.strip() for part in text.partition(".."))
        if not (earliest and dots and latest) or "." in latest:
            self.reading.problem(path, f"{text!r} is no window", "write first .. last day, such as -14d .. +14d")
            return ON_THE_DAY
        unsigned = [end for end in (earliest, latest) if not SIGNED.fullmatch(end)]
        for end in unsigned:
            self.reading.problem(path, f"{end!r} has no sign", "write + or - before it, such as -14d .. +14d")
        window = Window(self.reading.offset(path, earliest), self.reading.offset(path, latest))
        if unsigned:
            return window
        if can_lie_after(window.earliest, window.latest):
            self.reading.problem(
                path,
                "the window is reversed: its first day lies after its last",
                f"write {window.latest.signed} .. {window.earliest.signed}",
            )
        elif can_lie_after(window.earliest, NO_OFFSET) or can_lie_after(NO_OFFSET, window.latest):
            self.reading.problem(
                path, "the window does not hold its own target", "move the target (when) to a day inside the window"
            )
        return window

    def repeat(self, path: Path, texts: tuple[str, ...], anchor: Anchor | None) -> Repeat:
        """`every 3mo until 24mo`, one after another, all in one kind of unit."""
        segments = [self._segment(path, text, anchor) for text in texts]
        if len({segment.every.unit in {Unit.DAY, Unit.WEEK} for segment in segments}) > 1:
            self.reading.problem(
                path,
                "a repeat cannot change between days or weeks and months or years",
                "keep to one of them, or write two visits",
            )
        return tuple(segments)

    def _segment(self, path: Path, text: str, anchor: Anchor | None) -> Segment:
        found = REPEAT.fullmatch(text.strip())
        if found is None:
            self.reading.problem(path, f"{text!r} is no repeat", "write such as every 3mo until 24mo")
            return Segment(CalendarOffset(1, Unit.YEAR), CalendarOffset(1, Unit.YEAR))
        every = self.reading.offset(path, found["every"])
        until = self.reading.offset(path, found["until"])
        if every.amount < 1:
            self.reading.problem(path, "the interval is not longer than nothing", "write such as every 3mo until 24mo")
            every = CalendarOffset(1, Unit.YEAR)
        elif can_lie_after(every, until):
            self.reading.problem(
                path,
                f"until {until} comes before the first visit at {every}",
                "write a later until, or a shorter interval",
            )
        counted_from = () if anchor is None or anchor.pick is Pick.VISIT else anchor.events
        if found["after"] is not None and found["after"] not in counted_from:
            self.reading.problem(
                path,
                f"until counts from the visit's own anchor, not from {found['after']}",
                nearest(found["after"], counted_from),
            )
        return Segment(every, until)

    def mark(self, path: Path, text: str) -> tuple[Mark, CalendarOffset]:
        """A step of a ladder: `opens - 7d`, `due`, `closes + 1wd`."""
        base, offset = self._counted(path, text, tuple(Mark), "closes + 1d")
        return Mark(base), offset

    def after_visit(self, path: Path, text: str) -> CalendarOffset:
        """A due date of an upload or a report: `visit + 5wd`."""
        _, offset = self._counted(path, text, ("visit",), "visit + 5wd")
        if offset.amount < 0:
            self.reading.problem(path, "nothing can be due before its visit", "write such as visit + 5wd")
        return offset

    def _counted(self, path: Path, text: str, bases: tuple[str, ...], example: str) -> tuple[str, CalendarOffset]:
        base, sign, rest = re.fullmatch(r"\s*([^\s+-]*)\s*([+-]?)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
        if base not in bases or (rest and not sign):
            self.reading.problem(
                path, f"{text!r} is no day here", f"write such as {example} (counting from {', '.join(bases)})"
            )
            return bases[0], NO_OFFSET
        return base, self.reading.offset(path, sign + rest, working_days=True) if sign else NO_OFFSET

    def condition(self, path: Path, text: str) -> Condition | None:
        """A condition whose events, facts and values are all known."""
        try:
            condition = parse_condition(text)
        except BadExpression as problem:
            self.reading.problem(path, "the condition cannot be read", str(problem))
            return None
        for event in events_in(condition):
            self.event(path, event)
        for comparison in comparisons(condition):
            values = self.names.facts.get(comparison.fact)
            if values is None:
                hint = nearest(comparison.fact, self.names.facts)
                if comparison.fact in self.names.events:
                    hint = f"it is an event: write happened({comparison.fact})"
                self.reading.problem(path, f"the fact {comparison.fact!r} is not known", hint)
                continue
            for value in comparison.values:
                if value not in values:
                    self.reading.problem(
                        path, f"the fact {comparison.fact} has no value {value!r}", nearest(value, values)
                    )
        return condition


class NoWorkingDays:
    """Stands in where an offset in working days was refused already."""

    def add_working_days(self, day: date, amount: int) -> date:  # noqa: ARG002 - the Protocol's signature
        return day


PLAIN = NoWorkingDays()


def can_lie_after(first: CalendarOffset, second: CalendarOffset) -> bool:
    """Whether `first` lies after `second` from any of the sample days."""
    return any(first.add_to(day, PLAIN) > second.add_to(day, PLAIN) for day in SAMPLE_DAYS)


def in_one_unit(rhythms: Sequence[Repeat]) -> list[Repeat]:
    """The rhythms of one visit: where one counts in months, the others do too, and 1y and 12mo are one occurrence."""
    units = {segment.every.unit for rhythm in rhythms for segment in rhythm}
    return [
        tuple(Segment(_in_smaller(segment.every, units), segment.until) for segment in rhythm) for rhythm in rhythms
    ]


def _in_smaller(offset: CalendarOffset, units: AbstractSet[Unit]) -> CalendarOffset:
    small, factor = SMALLER.get(offset.unit, (offset.unit, 1))
    return CalendarOffset(offset.amount * factor, small) if small in units else offset
