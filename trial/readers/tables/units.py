"""Durations and windows as people write them in tables, turned into the notation of study files. Pure.

Nothing is converted from one unit into another, and nothing is guessed: what has two readings says so (`Doubtful`) or is
`Unreadable`, with a sentence that tells what to type.
"""

import re
from dataclasses import dataclass, replace

from trial.moments import CalendarOffset, Unit
from trial.readers.tables.cells import Cell, Kind, plain
from trial.readers.tables.told import shown
from trial.visitplan.notation import PLAIN, SAMPLE_DAYS

UNITS: dict[Unit, str] = {
    Unit.WORKING_DAY: r"(?:working|business)[ -]?days?|work ?days?|wds?",
    Unit.DAY: r"days?|d",
    Unit.WEEK: r"weeks?|wks?|w",
    Unit.MONTH: r"months?|mths?|mons?|mos?|m",  # a plan knows no minutes
    Unit.YEAR: r"years?|yrs?|y",
}
HOURS = r"hours?|hrs?|h|minutes?|min"
UNIT = rf"(?:(?:{'|'.join(UNITS.values())}|{HOURS})\b\.?)"
NUMBER = r"\d{1,5}(?:[.,]\d+)?"
COUNTED_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

MONTHS = "jan|feb|mar|mär|mrz|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez"
DATE_LIKE = re.compile(
    rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}(?: 00:00(?::00)?)?|\d{{1,2}}[./]\d{{1,2}}[./](?:\d{{4}}|\d\d)"
    rf"|\d{{1,2}}[-. ]+(?:{MONTHS})[a-zä.]*(?:[- ]+\d{{2,4}})?|(?:{MONTHS})[a-zä.]*[- ]+\d{{1,4}}|\d{{1,2}}月\d{{1,2}}日"
)

SYMMETRIC_SIGN = re.compile(r"±|\+ ?/? ?-")
NO_WINDOW = frozenset({"", "-", "--", "none", "no window", "n/a", "na", "not applicable", "0"})
SYMMETRIC = re.compile(rf"(?:±|\+ ?/? ?-|- ?/? ?\+|plus or minus)\s*(?P<number>{NUMBER})\s*(?P<unit>{UNIT})?")
TWO_ENDED = re.compile(
    rf"(?:from\s+)?(?P<sign>[+-]?)\s*(?P<number>{NUMBER})\s*(?P<unit>{UNIT})?\s*(?P<side>before|prior|after)?"
    rf"\s*(?:/|\bto\b|\.\.+|,|;|\band\b|\buntil\b|~|-)\s*"
    rf"(?P<sign2>[+-]?)\s*(?P<number2>{NUMBER})\s*(?P<unit2>{UNIT})?\s*(?P<side2>before|prior|after)?"
)
ONE_ENDED = re.compile(
    rf"(?P<within>within|up to|max\.?|at most)?\s*(?P<sign>[+-]?)\s*(?P<number>{NUMBER})\s*(?P<unit>{UNIT})?"
    r"\s*(?P<side>before|prior|after|later|earlier)?"
)
LATER = re.compile(rf"(?:from|as of)\s+(?P<offset>{NUMBER}\s*{UNIT})\s*(?:on)?\s*:?\s*(?P<window>.+)")
LONGEST_CELL = 400
NO_UNIT = "window_unit"
BEFORE = frozenset({"before", "prior", "earlier"})


class Unreadable(ValueError):
    """A cell that says nothing that a plan could use."""

    def __init__(self, what: str, instead: str, *, where: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.instead = instead
        self.where = where  # its cell, where that is another than the one that was asked for


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A cell has more than one reading: which was taken, and the question."""

    code: str
    what: str
    instead: str
    ask: str


@dataclass(frozen=True, slots=True)
class WindowRead:
    """A window in the notation of study files; `later`: another one from an offset on."""

    text: str
    later: tuple[tuple[str, str], ...] = ()
    doubt: Doubtful | None = None


def unit_of(text: str) -> Unit:
    """The unit of a word.

    Raises:
        Unreadable: plans do not count in it.
    """
    word = text.rstrip(".")
    for unit, pattern in UNITS.items():
        if re.fullmatch(pattern, word):
            return unit
    raise Unreadable("plans count in days", "write 1 d for 24 hours")


def amount(number: str) -> int:
    """A whole number: `7`, `7.0`, `7,0`.

    Raises:
        Unreadable: it is not whole.
    """
    whole, _, rest = number.replace(",", ".").partition(".")
    if rest.strip("0"):
        raise Unreadable(
            f"{number} is no whole number", "write it in a smaller unit, such as 10 d for a week and a half"
        )
    return int(whole)


def duration(number: str, unit: str | None, usual: Unit | None) -> CalendarOffset:
    """So much of a unit; the unit of the column's heading where the cell has none.

    Raises:
        Unreadable: there is no unit, or it is not one of a plan's.
    """
    found = usual if unit is None else unit_of(unit)
    if found is None:
        raise Unreadable(f"{number} has no unit", f"write {number} d for days, or w, mo or y")
    return CalendarOffset(amount(number), found)


def signed(offset: CalendarOffset, sign: str) -> CalendarOffset:
    return CalendarOffset(-offset.amount, offset.unit) if sign == "-" else offset


def counted(text: str) -> str:
    """Numbers in words as digits: `two weeks` is `2 weeks`."""
    for number, word in enumerate(COUNTED_WORDS, 1):
        text = re.sub(rf"\b{word}\b", str(number), text)
    return text


def refuse_dates(cell: Cell, example: str) -> None:
    """Spreadsheets make dates of texts such as 3-7; what was typed is gone then.

    Raises:
        Unreadable: the cell holds a date.
    """
    if cell.kind is Kind.DATE or DATE_LIKE.fullmatch(cell.plain):
        raise Unreadable(
            f"it holds the date {cell.label.removesuffix(' 00:00:00')}",
            f"format the column as text and type the cell again, such as {example}",
        )


def read_window(cell: Cell, usual: Unit | None) -> WindowRead | None:
    """The window of a cell, or None where it has none. `usual` is the unit of a number that has none; else it is days, and asked.

    Raises:
        Unreadable: with what to type instead.
    """
    text = cell.plain.strip("()[]. ")
    if text in NO_WINDOW:
        return None
    refuse_dates(cell, "-3 to +7 days")
    if len(text) > LONGEST_CELL:
        raise Unreadable("so much text is no window", "move the remarks to a column Note")
    first, *rest = (part.strip() for part in re.split(r"\s*[;,]\s*(?=from\b|as of\b)", counted(text)))
    bare = usual is None and not re.search(r"[^\W\d_]", first.replace("to", ""))
    window = _window(first, Unit.DAY if bare else usual)
    if bare and window.doubt is None and re.search(r"[1-9]", first):
        ask = f"Is the window {cell.label} in days?"
        window = replace(window, doubt=Doubtful(NO_UNIT, f"{shown(cell.label)} has no unit", "read as days", ask))
    later = []
    for part in rest:
        found = LATER.fullmatch(part)
        if found is None:
            raise Unreadable(f"{part!r} says no later window", "write such as ±14 d, from 30 mo: ±30 d")
        inner = _window(found["window"], usual)
        if inner.doubt is not None:
            raise Unreadable(f"{part!r} has no sign", "write such as ±14 d, from 30 mo: ±30 d")
        offset = re.fullmatch(rf"({NUMBER})\s*({UNIT})", found["offset"])
        later.append((str(duration(offset[1], offset[2], None)) if offset else "", inner.text))
    return WindowRead(window.text, tuple(later), window.doubt)


def _window(text: str, usual: Unit | None) -> WindowRead:
    if found := SYMMETRIC.fullmatch(text):
        each = _end(duration(found["number"], found["unit"], usual))
        return WindowRead(_shown(signed(each, "-"), each))
    if found := TWO_ENDED.fullmatch(text):
        return _two_ended(found, usual)
    if found := ONE_ENDED.fullmatch(text):
        return _one_ended(found, usual)
    raise Unreadable(f"{text!r} is no window", "write such as ±7 d, -3/+7 d or 0 to +14 d")


def _two_ended(found: re.Match[str], usual: Unit | None) -> WindowRead:
    signs = [_sign(found["sign"], found["side"]), _sign(found["sign2"], found["side2"])]
    if not signs[0] and found["number"].strip("0"):
        # "3-7" and "3/+7": what stands first is most often before the day, yet it could as well be after.
        raise Unreadable(f"{found[0]!r} does not say what is before the day", "write such as -3/+7 d")
    unit, unit2 = found["unit"] or found["unit2"], found["unit2"] or found["unit"]
    first = _end(duration(found["number"], unit, usual))
    last = _end(duration(found["number2"], unit2, usual))
    window = signed(first, signs[0] or "-"), signed(last, signs[1] or "+")
    days = [end.add_to(SAMPLE_DAYS[2], PLAIN) for end in window]
    if not days[0] <= SAMPLE_DAYS[2] <= days[1]:
        raise Unreadable(
            f"the window {_shown(*window)} does not hold the visit's own day",
            "move the day of the visit into its window, and count the window from there",
        )
    return WindowRead(_shown(*window))


def _one_ended(found: re.Match[str], usual: Unit | None) -> WindowRead:
    end, sign = _end(duration(found["number"], found["unit"], usual)), _sign(found["sign"], found["side"])
    none = CalendarOffset(0, end.unit)
    if sign:
        return WindowRead(_shown(signed(end, "-"), none) if sign == "-" else _shown(none, end))
    if not end.amount:
        return WindowRead(_shown(none, none))
    if found["within"]:
        read, other = _shown(none, end), f"±{end}"
    else:
        read, other = _shown(signed(end, "-"), end), f"0 to +{end}"
    return WindowRead(
        read,
        doubt=Doubtful(
            "window_side",
            f"{found[0]!r} does not say before or after",
            f"read as {read}",
            f"Is the window {read}, or {other}?",
        ),
    )


def _end(offset: CalendarOffset) -> CalendarOffset:
    if offset.unit is Unit.WORKING_DAY:
        raise Unreadable("holidays never move a window", "count it in days, such as ±7 d")
    return offset


def _sign(sign: str, side: str | None) -> str:
    return sign or ("-" if side in BEFORE else "+" if side else "")


def _shown(first: CalendarOffset, last: CalendarOffset) -> str:
    return f"{first.signed} .. {last.signed}"


def read_due(text: str, usual: Unit | None) -> str | None:
    """When an upload or a form is due, counted from the visit: `visit + 5wd`. None where nothing stands there.

    Raises:
        Unreadable: with what to type instead.
    """
    said = re.sub(
        r"^visit\s*\+\s*|^within\s+|^due\s+|\s*(?:after|of|from)\s+(?:the\s+)?visit$", "", counted(plain(text))
    )
    if said in NO_WINDOW - {"0"}:
        return None
    if said in {"same day", "at the visit", "visit", "on the day"}:
        return "visit"
    found = re.fullmatch(rf"({NUMBER})\s*({UNIT})?", said)
    if found is None:
        raise Unreadable(f"{text!r} is no due day", "write such as 5 working days")
    return f"visit + {duration(found[1], found[2], usual)}"
