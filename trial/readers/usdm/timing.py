"""The arithmetic of USDM timings: durations, signed windows, and which day each node of a timeline falls on. Pure.

A timing says "its node is so long before or after another node". Sub-day parts are dropped, because a study file counts
in days; months stay months. Source: USDM 4.0, Timing (value, windowLower, windowUpper, relativeToFrom); DDF00060 to 62.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trial.moments import CalendarOffset, Unit
from trial.readers.usdm.findings import Code
from trial.visitplan.checks import LONGEST_CHAIN
from trial.visitplan.notation import PLAIN

DURATION = re.compile(
    r"P(?:(?P<weeks>\d{1,5})W"
    r"|(?:(?P<years>\d{1,5})Y)?(?:(?P<months>\d{1,5})M)?(?:(?P<days>\d{1,5})D)?"
    r"(?P<time>T(?:(?P<hours>\d{1,6})(?:[.,]\d{1,9})?H)?(?:(?P<minutes>\d{1,6})(?:[.,]\d{1,9})?M)?"
    r"(?:(?P<seconds>\d{1,6})(?:[.,]\d{1,9})?S)?)?)"
)
NOTHING_BUT_LETTERS = re.compile(r"PT?|.*T")
LABEL_WINDOW = re.compile(
    r"(?P<low>[+-]?\s*\d{1,4})\s*(?P<unit1>[A-Za-z]*)\s*(?:\.\.|to|/)\s*(?P<high>[+-]?\s*\d{1,4})\s*(?P<unit>[A-Za-z]*)"
)
LABEL_EITHER_WAY = re.compile(r"(?:±|\+\s*/?\s*-|-\s*/\s*\+)\s*(?P<size>\d{1,4})\s*(?P<unit>[A-Za-z]*)")
DASHES = str.maketrans("−–—‑", "----")
SECONDS_OF_A_DAY = 86_400
LONGEST_DAYS = 50 * 365
DAYS_OF_A_MONTH = 31  # for limits alone, never for a date


class Kind(StrEnum):
    """CDISC C201264."""

    AFTER = "after"
    BEFORE = "before"
    FIXED = "fixed"


CODES = {"c201356": Kind.AFTER, "c201357": Kind.BEFORE, "c201358": Kind.FIXED}
WORDS = {"after": Kind.AFTER, "before": Kind.BEFORE, "fixed reference": Kind.FIXED}


class BadTiming(Exception):
    """A part of a timing that says nothing that could be followed; with what is wrong and what would be right."""

    def __init__(self, code: Code, what: str, instead: str) -> None:
        super().__init__(what)
        self.code, self.what, self.instead = code, what, instead


@dataclass(frozen=True, slots=True)
class Interval:
    """Calendar months and days, never converted into one another; either may be negative.

    `in_weeks`: nothing but weeks went into the days. `dropped`: a part of a day was left away.
    """

    months: int = 0
    days: int = 0
    in_weeks: bool = False
    dropped: bool = False

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(
            self.months + other.months,
            self.days + other.days,
            in_weeks=(self.in_weeks or not self.days) and (other.in_weeks or not other.days),
            dropped=self.dropped or other.dropped,
        )

    def __neg__(self) -> "Interval":
        return Interval(-self.months, -self.days, self.in_weeks, self.dropped)

    def __bool__(self) -> bool:
        return bool(self.months or self.days)

    @property
    def mixed(self) -> bool:
        """Whether no single offset of a study file can say it."""
        return bool(self.months and self.days)

    @property
    def about_days(self) -> int:
        """Its length for limits and comparisons, never for a date."""
        return self.months * DAYS_OF_A_MONTH + self.days

    @property
    def offset(self) -> CalendarOffset:
        """As a study file writes it. Only where it is not mixed."""
        if self.months:
            years, rest = divmod(self.months, 12) if self.months > 0 else (-(-self.months // 12), -(-self.months % 12))
            return CalendarOffset(self.months, Unit.MONTH) if rest else CalendarOffset(years, Unit.YEAR)
        if self.in_weeks and self.days and not self.days % 7:
            return CalendarOffset(self.days // 7, Unit.WEEK)
        return CalendarOffset(self.days, Unit.DAY)

    def after(self, day: date) -> date:
        return CalendarOffset(self.days, Unit.DAY).add_to(
            CalendarOffset(self.months, Unit.MONTH).add_to(day, PLAIN), PLAIN
        )

    def __str__(self) -> str:
        return f"{self.months}mo {self.days}d" if self.mixed else str(self.offset)


ZERO = Interval()


def from_day(day: str, interval: Interval) -> str:
    """So long after a day, as a study file writes it: `dose`, `dose + 2w`. Only where the interval is not mixed."""
    offset = interval.offset
    return f"{day} {'-' if offset.amount < 0 else '+'} {abs(offset.amount)}{offset.unit}" if offset.amount else day


@dataclass(frozen=True, slots=True)
class SignedWindow:
    """First and last allowed day as intervals from the target: never after it, never before it."""

    earliest: Interval = ZERO
    latest: Interval = ZERO

    def __bool__(self) -> bool:
        return bool(self.earliest or self.latest)

    def __str__(self) -> str:
        return f"{self.earliest.offset.signed} .. {self.latest.offset.signed}"


NO_WINDOW = SignedWindow()


def kind_of(text: str) -> Kind | None:
    """`After`, `after timing type`, `C201356`."""
    word = text.strip().lower()
    return CODES.get(word) or WORDS.get(word.removesuffix("timing type").strip())


def interval_of(text: str) -> Interval:
    """A duration of ISO 8601, not negative. 24 hours, or 1440 minutes, count as a day, and the rest is dropped.

    Raises:
        BadTiming: it is no duration, negative, or mixes weeks with other units.
    """
    written = text.strip().upper()
    shown = repr(text.strip()[:40])
    if written.startswith(("-P", "P-", "−P")):
        raise BadTiming(
            Code.NEGATIVE, f"the duration {shown} is negative", "USDM's durations have no sign: Before or After says it"
        )
    found = DURATION.fullmatch(written)
    if found is None or NOTHING_BUT_LETTERS.fullmatch(written):
        raise BadTiming(
            Code.DURATION, f"{shown} is no duration", "write ISO 8601, such as P14D, P2W or P3M, weeks by themselves"
        )
    numbers = {name: int(value or 0) for name, value in found.groupdict().items() if name != "time"}
    days, rest = divmod(3_600 * numbers["hours"] + 60 * numbers["minutes"] + numbers["seconds"], SECONDS_OF_A_DAY)
    interval = Interval(
        months=12 * numbers["years"] + numbers["months"],
        days=7 * numbers["weeks"] + numbers["days"] + days,
        in_weeks=bool(numbers["weeks"]),
        dropped=bool(rest) or re.search(r"[.,]0*[1-9]", found["time"] or "") is not None,
    )
    if interval.about_days > LONGEST_DAYS:
        raise BadTiming(
            Code.TOO_FAR, f"{shown} is further than a study goes", "check the number; 50 years are the most"
        )
    return interval


@dataclass(frozen=True, slots=True)
class LabelWindow:
    """Two signed numbers of a window's label; `same_side`: both lie before, or both after, the target."""

    low: Interval
    high: Interval
    same_side: bool

    @property
    def window(self) -> SignedWindow | None:
        """None where the target itself lies outside of it, or where it runs backward."""
        fits = self.low.about_days <= 0 <= self.high.about_days
        return SignedWindow(self.low, self.high) if fits else None


def label_window_of(label: str) -> LabelWindow | None:
    """`-3..3 days`, `± 2 weeks`, `2..5 days`: what the label of a window says; None where it says nothing known."""
    text = label.translate(DASHES).strip()
    if (either := LABEL_EITHER_WAY.fullmatch(text)) is not None:
        size = _counted(int(either["size"]), either["unit"])
        return None if size is None else LabelWindow(-size, size, same_side=False)
    found = LABEL_WINDOW.fullmatch(text)
    if found is None:
        return None
    unit = found["unit"] or found["unit1"]
    first, second = (int(re.sub(r"\s", "", found[end])) for end in ("low", "high"))
    low, high = _counted(first, found["unit1"] or unit), _counted(second, unit)
    if low is None or high is None:
        return None
    return LabelWindow(low, high, same_side=(first > 0 and second > 0) or (first < 0 and second < 0))


def _counted(amount: int, unit: str) -> Interval | None:
    """So many of a unit; None for a unit that is not known, and for more than a study lasts."""
    found = _in_unit(amount, unit)
    return None if found is None or abs(found.about_days) > LONGEST_DAYS else found


def _in_unit(amount: int, unit: str) -> Interval | None:
    match unit.lower().rstrip("s"):
        case "day" | "d":
            return Interval(days=amount)
        case "week" | "wk" | "w":
            return Interval(days=7 * amount, in_weeks=True)
        case "month" | "mo":
            return Interval(months=amount)
        case "hour" | "hr" | "h" | "min" | "minute" | "m" | "mn":
            return Interval(dropped=bool(amount))
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Leg:
    """One timing, read: its node lies `interval` from node `to`. A fixed reference has no `to`."""

    kind: Kind
    to: str
    interval: Interval
    window: SignedWindow


@dataclass(frozen=True, slots=True)
class Place:
    """Which day a node falls on: `offset` from node `base`, and `nominal` from the anchor as long as nothing moves.

    `chained`: so many visits, one after the other, lie between it and the anchor and may move it.
    """

    base: str
    offset: Interval
    anchor: str
    nominal: Interval
    chained: int = 0


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Why a node has no day."""

    code: Code
    what: str
    instead: str


def places(
    legs: Mapping[str, Leg | Unplaced], *, held: Callable[[str], bool], called: Callable[[str], str]
) -> Mapping[str, Place | Unplaced]:
    """The day of each node. `held` says whether a node is a visit, which may take place on another day than planned.

    A node that counts from the anchor, by however many fixed steps, counts from the anchor alone. One that counts from a
    visit with a window, and lies after it, counts from that visit, because it moves with it. `called` names a node for
    people.
    """
    found: dict[str, Place | Unplaced] = {}
    for start in legs:
        way: list[str] = []
        node = start
        while node not in found:
            leg = legs.get(node)
            if node in way:
                loop = way[way.index(node) :]
                found |= dict.fromkeys(loop, _in_a_loop([called(one) for one in [*loop, node]]))
                break
            if leg is None or isinstance(leg, Unplaced):
                found[node] = leg or Unplaced(Code.NO_TIMING, "it has no timing", "say how far it lies from another")
                break
            if leg.kind is Kind.FIXED:
                found[node] = Place(node, ZERO, node, ZERO)
                break
            way.append(node)
            node = leg.to
        for one in reversed(way):
            leg = legs[one]
            if one not in found and isinstance(leg, Leg):
                found[one] = _placed(leg, found[leg.to], legs[leg.to], held=held(leg.to), called=called)
    return found


def _placed(
    leg: Leg, reference: Place | Unplaced, other: Leg | Unplaced, *, held: bool, called: Callable[[str], str]
) -> Place | Unplaced:
    if isinstance(reference, Unplaced) or isinstance(other, Unplaced):
        return Unplaced(
            Code.HANGS_ON,
            f"it counts from {called(leg.to)}, which has no day itself",
            "once that one has a day, this one has too",
        )
    nominal = reference.nominal + leg.interval
    if leg.interval.mixed:
        return Unplaced(
            Code.MIXED_UNITS,
            f"{leg.interval} mixes months and days, which no offset of a study file does",
            "say it in one unit, or by way of an event between",
        )
    if abs(nominal.about_days) > LONGEST_DAYS:
        return Unplaced(
            Code.TOO_FAR,
            "it lies further from the anchor than a study goes",
            "check the numbers; 50 years are the most",
        )
    through = reference.offset + leg.interval
    # What lies before a visit cannot wait until that visit was held: it keeps its day.
    moves = held and ((bool(other.window) and leg.kind is Kind.AFTER) or through.mixed)
    if other.kind is Kind.FIXED:
        return Place(leg.to, leg.interval, reference.anchor, nominal)
    if moves and reference.chained + 1 >= LONGEST_CHAIN:
        return Unplaced(
            Code.TOO_FAR,
            f"it moves with {LONGEST_CHAIN} visits, one after the other",
            "let it count from the anchor or a nearer visit",
        )
    if moves:
        return Place(leg.to, leg.interval, reference.anchor, nominal, reference.chained + 1)
    if through.mixed:
        return Unplaced(
            Code.MIXED_UNITS,
            f"by way of {called(leg.to)} it mixes months and days, which no offset of a study file does",
            "let it count from the anchor in one unit",
        )
    return Place(reference.base, through, reference.anchor, nominal, reference.chained)


def _in_a_loop(way: list[str]) -> Unplaced:
    shown = way if len(way) < 8 else [*way[:3], "…", *way[-2:]]
    return Unplaced(
        Code.TIMING_LOOP,
        f"the timings run in a circle: {' -> '.join(shown)}",
        "let one of them count from the fixed reference",
    )
