"""When a visit is, as tables say it: `Week 4`, `Day 15`, `6 weeks after surgery`, `every 3 months until 24 months`. Pure.

`Week 4` and `Day 15` are names: what day they mean depends on how the study numbers its days. `6 weeks` is an interval.
The two are kept apart here; `trial.readers.tables.numbering` turns names into intervals.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum

from trial.moments import CalendarOffset, Unit
from trial.readers.tables.cells import Cell
from trial.readers.tables.units import (
    NUMBER,
    UNIT,
    Unreadable,
    amount,
    counted,
    duration,
    refuse_dates,
    signed,
    unit_of,
)


class OnRequest(Enum):
    """A visit that is never planned."""

    ON_REQUEST = "on_request"


@dataclass(frozen=True, slots=True)
class Numbered:
    """A day that is named by its number: `Week 4`, `Day -1`."""

    unit: Unit
    number: int

    def __str__(self) -> str:
        return f"{NAMES[self.unit].capitalize()} {self.number}"


@dataclass(frozen=True, slots=True)
class Range:
    """First and last day, with none of them named as the target."""

    first: "Numbered | CalendarOffset"
    last: "Numbered | CalendarOffset"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Every so much until so much, one after another."""

    segments: tuple[tuple[CalendarOffset, CalendarOffset], ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """As study files write it."""
        return tuple(f"every {every} until {until}" for every, until in self.segments)

    @property
    def unit(self) -> Unit | None:
        """What occurrences are counted in: the smaller of two units of one kind."""
        units = {every.unit for every, _ in self.segments}
        kinds: tuple[tuple[Unit, set[Unit]], ...] = (
            (Unit.DAY, {Unit.DAY, Unit.WEEK}),
            (Unit.MONTH, {Unit.MONTH, Unit.YEAR}),
        )
        if len(units) == 1:
            return next(iter(units))
        return next((small for small, both in kinds if units == both), None)


When = Numbered | CalendarOffset | Range | Rhythm | OnRequest

NAMES: dict[Unit, str] = {
    Unit.DAY: "day",
    Unit.WEEK: "week",
    Unit.MONTH: "month",
    Unit.YEAR: "year",
    Unit.WORKING_DAY: "working day",
}


def length(amount: int, unit: Unit) -> str:
    """`1 week`, `6 weeks`."""
    return f"{amount} {NAMES[unit]}{'' if abs(amount) == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Timing:
    """What a cell says. `event`: the words for what it counts from, empty where the cell names nothing."""

    when: When
    event: str = ""
    window: str = ""  # the words for a window that stands in the same cell
    also: Numbered | None = None  # the same day by another name: Week 4 (Day 29)
    totalled: bool = False  # a rhythm whose parts were given by their lengths, which were added up
    loose: bool = False  # nothing but words that may be an event's name
    guessed: bool = False  # a part of a name


@dataclass(frozen=True, slots=True)
class Heading:
    """What the heading of a column says about the numbers below it."""

    unit: Unit | None = None
    numbered: bool = False  # "Study day", "Week": names; "Weeks after surgery": intervals
    event: str = ""


NO_HEADING = Heading()
ON_THE_EVENT = CalendarOffset(0, Unit.DAY)
LONGEST_CELL = 200
ON_REQUEST = re.compile(
    r"on[ _]request|as needed|if needed|as required|unscheduled|unplanned|any ?time|when(?:ever)? needed|ad hoc|as clinically indicated"
)
ON_THE_DAY = re.compile(r"(?:on )?(?:the )?same day|on the day(?: itself)?|0")
NAME = r"(?:study\s+)?(?:days?|weeks?|wks?|months?|mths?|mos?|years?|yrs?|d|w|m|y)"
NAMED = r"(?:study\s+)?(?P<name>days?|weeks?|wks?|months?|mths?|mos?|years?|yrs?|d|w|m|y)"
AFTER = r"(?:after|following|post|from|since|of|past)[ -]+(?:the\s+)?"
BEFORE = r"(?:before|prior to|pre)[ -]+(?:the\s+)?"
IN_BRACKETS = re.compile(r"(?P<main>.+?)\s*[(\[](?P<inner>[^()\[\]]*)[)\]]")
WITH_WINDOW = re.compile(
    r"(?P<main>.*?[^\s(\[,;])\s*[(\[,;]?\s*(?P<window>(?:±|\+/-|\+-)\s*\d[^()\[\]]*)(?:[)\]](?P<event>.*))?"
)
NUMBERED = re.compile(rf"{NAMED}\.?\s*(?P<number>[+-]?\s*\d{{1,5}})(?:\s+{AFTER}(?P<event>.+))?")
ORDINAL = re.compile(rf"(?P<number>[+-]?\d{{1,5}})(?:\s+{AFTER}(?P<event>.+))?")
INTERVAL = re.compile(
    rf"(?P<sign>[+-]?)\s*(?P<number>{NUMBER})[\s-]*(?P<unit>{UNIT})"
    rf"(?:\s*(?:(?:{AFTER}(?P<event>.+))|(?:{BEFORE}(?P<before>.+))|(?P<side>after|later|before|prior|earlier)))?"
)
COUNTED_FROM = re.compile(rf"(?P<event>[^+]*?[^\s+-])\s*(?P<sign>[+-])\s*(?P<number>{NUMBER})\s*(?P<unit>{UNIT})")
RANGE = re.compile(
    rf"(?:{NAMED}\.?\s*)?(?P<first>[+-]?\s*\d{{1,5}})\s*(?P<unit>{UNIT})?\s*(?:\bto\b|\.\.+|~|\bthrough\b|-)\s*"
    rf"(?:{NAME}\.?\s*)?(?P<last>[+-]?\s*\d{{1,5}})\s*(?P<unit2>{UNIT})?"
    rf"(?:\s*(?:(?:{AFTER}(?P<event>.+))|(?:{BEFORE}(?P<before>.+))))?"
)
WITHIN = re.compile(
    rf"(?:within|up to|at most|max\.?|≤|<=)\s*(?P<number>{NUMBER})\s*(?P<unit>{UNIT})\s+"
    rf"(?:{AFTER}(?P<event>.+)|{BEFORE}(?P<before>.+))"
)
EVENT_DAY = re.compile(
    r"(?P<on>(?:(?:on|at)\s+)?(?:(?:the\s+)?(?:day|date)\s+of\s+)?)(?:the\s+)?(?P<event>.*[^\W\d].*)"
)
NTH = re.compile(r"\b(\d+)(?:st|nd|rd|th) (day|week|month|year)\b")
CYCLE = re.compile(r"\bcycles?\b|\bc\d+,? ?d\d+\b")
FROM_EVENT = re.compile(r"\b(?:after|following|post|from|since|before|prior)\b")
TWO_NAMES = re.compile(rf"(?P<main>{NAME}\.?\s*[+-]?\d{{1,5}})\s*[/,]\s*{NAMED}\.?\s*(?P<number>[+-]?\d{{1,5}})")
FIRST_THEN = re.compile(r"(?P<first>[^,;]+?)\s*[,;]?\s*(?:\band\s+)?\bthen:?\s+(?P<rest>(?:every|each|q\s*\d).+)")
ONE_OF_SEVERAL = rf"(?:{NAME}\.?\s*)?-?\d{{1,4}}\s*(?:{UNIT})?"
SEVERAL = re.compile(rf"{ONE_OF_SEVERAL}(?:\s*(?:[,;]|\band\b|&)\s*{ONE_OF_SEVERAL}){{1,50}}")

RHYTHM_START = re.compile(
    r"(?:at\s+)?(?:every|each|q\s*\d|\d+[ -](?:monthly|weekly|yearly)|yearly|annual|monthly|weekly|quarterly|half[ -]yearly|daily)"
)
RHYTHM_PARTS = re.compile(r"\s*[,;]?\s*\b(?:and\s+)?then\b:?\s*|\s*;\s*|,\s*(?=every|q\s*\d)|\s+and\s+(?=every|q\s*\d)")
EVERY = re.compile(
    rf"(?:at\s+)?(?:(?:every|each|q)\s*(?P<number>{NUMBER})?\s*(?P<unit>{UNIT})|(?P<count>\d+)[ -](?P<often>monthly|weekly|yearly)"
    r"|(?P<word>yearly|annually|annual|monthly|weekly|quarterly|half[ -]yearly|daily))"
    rf"(?:\s*,?\s*(?P<how>until|till|up to|to|through|for|during|x|×)\s*(?:the\s+)?(?:(?P<name>month|week|year|day)\s*)?"
    rf"(?P<end>{NUMBER})\s*(?P<end_unit>{UNIT}|times|visits)?)?(?:\s+{AFTER}(?P<event>.+))?"
)
WORDS = {
    "yearly": "1y", "annually": "1y", "annual": "1y", "monthly": "1mo", "weekly": "1w", "quarterly": "3mo",
    "half yearly": "6mo", "half-yearly": "6mo", "daily": "1d",
}  # fmt: skip


def read_when(cell: Cell, heading: Heading = NO_HEADING) -> Timing:
    """What the cell says.

    Raises:
        Unreadable: with what to type instead.
    """
    refuse_dates(cell, "Day 15 or 3 months")
    text = NTH.sub(r"\2 \1", counted(cell.plain.rstrip(" ?.;,")))
    if ON_REQUEST.fullmatch(text):
        return Timing(OnRequest.ON_REQUEST)
    if len(text) > LONGEST_CELL:
        raise Unreadable("so much text is no day", "move the remarks to a column Note")
    if CYCLE.search(text) and not FROM_EVENT.search(text):
        raise Unreadable(
            f"{text!r} counts in cycles", "write each day as counted from the first, such as Day 22, or 4 weeks"
        )
    bracketed = IN_BRACKETS.fullmatch(text)
    if bracketed is None and (found := WITH_WINDOW.fullmatch(text)):
        return replace(read_text(found["main"] + (found["event"] or ""), heading), window=found["window"])
    if found := TWO_NAMES.fullmatch(text):
        return replace(read_text(found["main"], heading), also=_numbered(found))
    if bracketed is not None:
        return _in_brackets(bracketed["main"], bracketed["inner"].strip(), heading, text)
    return read_text(text, heading)


def _in_brackets(main: str, inner: str, heading: Heading, whole: str) -> Timing:
    """Beside the day in brackets, its window or its other name. `first_of(a, b) + 3mo` has brackets of its own."""
    if re.match(r"(?:first|last)[_ ]of", main):
        return read_text(whole, heading)
    timing = read_text(main, heading)
    named, window = inner, ""
    if found := WITH_WINDOW.fullmatch(inner):
        named, window = found["main"], found["window"]
    if found := NUMBERED.fullmatch(named):
        return replace(timing, also=_numbered(found), window=window)
    if inner[:1] in "+-±0" and re.search(r"\d", inner):
        return replace(timing, window=inner)
    raise Unreadable(f"{inner!r} in brackets is no day and no window", "move it to a column Note")


def read_text(text: str, heading: Heading = NO_HEADING) -> Timing:
    """A timing without a window and without brackets, in one way of writing.

    Raises:
        Unreadable: with what to type instead.
    """
    if RHYTHM_START.match(text):
        return _rhythm(text)
    if found := FIRST_THEN.fullmatch(text):
        return _first_then(found, heading)
    timing = _day(text, heading) or _number(text, heading) or _event_day(text)
    if timing is None:
        raise Unreadable(
            f"{text!r} is no day that a plan can count",
            "write such as Day 15, Week 4, 6 weeks after surgery, or every 3 months until 24 months",
        )
    return timing


def _day(text: str, heading: Heading) -> Timing | None:
    """`Week 4`, `6 weeks after surgery`, `Day -28 to -1`."""
    if found := NUMBERED.fullmatch(text):
        return Timing(_numbered(found), found["event"] or heading.event)
    if found := INTERVAL.fullmatch(text):
        sign = found["sign"] or ("-" if found["before"] or found["side"] in {"before", "prior", "earlier"} else "+")
        offset = signed(duration(found["number"], found["unit"], None), sign)
        return Timing(offset, found["event"] or found["before"] or heading.event)
    if found := RANGE.fullmatch(text):
        return _range(found, heading)
    if found := WITHIN.fullmatch(text):
        limit, event = duration(found["number"], found["unit"], heading.unit), found["event"] or found["before"]
        none = CalendarOffset(0, limit.unit)
        return Timing(Range(signed(limit, "-"), none) if found["before"] else Range(none, limit), event)
    return None


def _numbered(found: re.Match[str]) -> Numbered:
    return Numbered(unit_of(found["name"]), int(found["number"].replace(" ", "")))


def _number(text: str, heading: Heading) -> Timing | None:
    """Numbers that only the heading of their column explains, and lists of them."""
    if ON_THE_DAY.fullmatch(text) and not (heading.numbered and text == "0"):
        return Timing(ON_THE_EVENT, heading.event)
    if found := ORDINAL.fullmatch(str(amount(text)) if re.fullmatch(NUMBER, text) else text):
        return _bare(found, heading)
    if SEVERAL.fullmatch(text):
        raise Unreadable(
            f"{text!r} names several days", "give each a row, or write such as every 3 months until 12 months"
        )
    return None


def _event_day(text: str) -> Timing | None:
    """`surgery + 6w`, `day of surgery`, or an event's name."""
    if found := COUNTED_FROM.fullmatch(text):
        return Timing(signed(duration(found["number"], found["unit"], None), found["sign"]), found["event"].strip())
    if found := EVENT_DAY.fullmatch(text):
        return Timing(ON_THE_EVENT, found["event"], loose=not found["on"])
    return None


def _bare(found: re.Match[str], heading: Heading) -> Timing:
    number, event = int(found["number"]), found["event"] or heading.event
    if heading.unit is None:
        raise Unreadable(f"{number} has no unit", f"write Day {number}, {number} days, Week {number} or {number} weeks")
    when: When = Numbered(heading.unit, number) if heading.numbered else CalendarOffset(number, heading.unit)
    return Timing(when, event)


def _range(found: re.Match[str], heading: Heading) -> Timing:
    ends = [int(found[key].replace(" ", "")) for key in ("first", "last")]
    event = found["event"] or found["before"] or heading.event
    if found["name"] or (found["unit2"] is None and found["unit"] is None and heading.numbered):
        unit = unit_of(found["name"]) if found["name"] else heading.unit or Unit.DAY
        return Timing(Range(Numbered(unit, ends[0]), Numbered(unit, ends[1])), event)
    sign = "-" if found["before"] and min(ends) >= 0 else "+"
    first, last = (
        signed(duration(str(abs(end)), unit, heading.unit), "-" if end < 0 else sign)
        for end, unit in zip(ends, (found["unit"] or found["unit2"], found["unit2"] or found["unit"]), strict=True)
    )
    return Timing(Range(first, last), event)


def _rhythm(text: str) -> Timing:
    """Every so much until so much. Lengths (`for 2 years`, `x 4`) are added up; `until` counts from the event."""
    parts: list[tuple[CalendarOffset, CalendarOffset]] = []
    event, totalled = "", False
    for part in RHYTHM_PARTS.split(text):
        found = EVERY.fullmatch(part.strip())
        if found is None:
            raise Unreadable(f"{part.strip()!r} is no rhythm", "write such as every 3 months until 24 months")
        every = _every(found)
        if every.amount < 1:
            raise Unreadable(f"{part.strip()!r} has no interval", "write such as every 3 months until 24 months")
        if found["end"] is None:
            raise Unreadable(
                f"{part.strip()!r} has no end",
                f"write such as {part.strip()} until 60 months; an event that ends it belongs into a column Stop after",
            )
        event = found["event"] or event
        length = _length(found, every)
        if found["how"] in {"for", "during", "x", "×"} and parts:
            length, totalled = _sum(parts[-1][1], length, part.strip()), True
        parts.append((every, length))
    return Timing(Rhythm(tuple(parts)), event, totalled=totalled)


def _first_then(found: re.Match[str], heading: Heading) -> Timing:
    """`Month 6, then every 6 months until 60 months`: the first day is the first of the rhythm."""
    first, rest = _day(found["first"], heading), _rhythm(found["rest"])
    when = rest.when.segments[0][0] if isinstance(rest.when, Rhythm) else None
    named = None if first is None else first.when
    if (
        first is None
        or when is None
        or not (
            named == when or (isinstance(named, Numbered) and (named.unit, named.number) == (when.unit, when.amount))
        )
    ):
        raise Unreadable(f"{found['first']!r} does not begin the rhythm behind it", "give each a row of its own")
    return replace(rest, event=rest.event or first.event)


def _every(found: re.Match[str]) -> CalendarOffset:
    if found["word"]:
        return CalendarOffset.parse(WORDS[found["word"]])
    if found["often"]:
        return duration(found["count"], found["often"].removesuffix("ly"), None)
    return duration(found["number"] or "1", found["unit"], None)


def _length(found: re.Match[str], every: CalendarOffset) -> CalendarOffset:
    times = found["how"] in {"x", "×", "for"} and found["end_unit"] in {None, "times", "visits"}
    if times and not found["name"]:
        return every.times(amount(found["end"]))
    return duration(found["end"], found["end_unit"] or found["name"], None)


def _sum(one: CalendarOffset, other: CalendarOffset, part: str) -> CalendarOffset:
    if one.unit is other.unit:
        return CalendarOffset(one.amount + other.amount, one.unit)
    for small, large, factor in ((Unit.DAY, Unit.WEEK, 7), (Unit.MONTH, Unit.YEAR, 12)):
        if {one.unit, other.unit} == {small, large}:
            total = sum(end.amount * (factor if end.unit is large else 1) for end in (one, other))
            return CalendarOffset(total, small)
    raise Unreadable(f"the length of {part!r} cannot be added up", "write until when, counted from the event")
