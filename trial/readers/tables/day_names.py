"""What a visit's own name says of its day, where nothing else does: `Week 4`, `Visit 3 (Day 15)`, `Baseline Day 1`. Pure."""

import re
from dataclasses import replace

from trial.readers.tables.cells import Cell
from trial.readers.tables.days import (
    CYCLE,
    IN_BRACKETS,
    ON_REQUEST,
    ON_THE_EVENT,
    WITH_WINDOW,
    OnRequest,
    Timing,
    read_when,
)
from trial.readers.tables.units import Unreadable

MOST_WORDS = 12
HAS_NUMBER = re.compile(r"\d")
ON_REQUEST_NAMED = re.compile(rf"\b(?:{ON_REQUEST.pattern})\b")
MEANS_A_DAY = re.compile(rf"\bevery\b|\bq ?\d|{CYCLE.pattern}")
DECIDES = re.compile(
    r"\b(?:after|following|post\w*|from|since|before|prior|pre\w*|until|till|every|each|q\d+\w*|or|and|then|to|cycles?|c\d+\w*|within)\b"
    r"|^of\b|[<>≤≥±]|(?:^|\s)[-+/&]|[-+/&](?:\s|$)"
)
"""Words beside a day that may give it another meaning: `post-op week 2`."""


def read_name(cell: Cell) -> Timing | None:
    """What the name says, or None. Where its rest may give its numbers another meaning, that is marked `guessed`."""
    if (timing := _named_day(cell, cell.text)) is not None:
        return timing
    if found := IN_BRACKETS.fullmatch(cell.plain):
        for text, beside in ((found["inner"], found["main"]), (found["main"], found["inner"])):
            timing = None if DECIDES.search(beside) else _named_day(cell, text)
            if timing is not None and timing.when != ON_THE_EVENT:
                return timing
    elif found := WITH_WINDOW.fullmatch(cell.plain):
        timing = read_name(replace(cell, text=found["main"]))
        return None if timing is None else replace(timing, window=found["window"])
    if not HAS_NUMBER.search(cell.plain):
        return Timing(OnRequest.ON_REQUEST) if ON_REQUEST_NAMED.search(cell.plain) else None
    return _part_of_name(cell)


def _part_of_name(cell: Cell) -> Timing | None:
    """The longest part at the end or the beginning of the name that says a day."""
    words = cell.plain.split()
    for kept in range(len(words) - 1, 0, -1) if len(words) <= MOST_WORDS else ():
        for day, rest in ((words[-kept:], words[:-kept]), (words[:kept], words[kept:])):
            timing = None if DECIDES.search(" ".join(rest)) else _named_day(cell, " ".join(day))
            if timing is not None and timing.when != ON_THE_EVENT:  # `at the hospital` names no event
                return replace(timing, guessed=True)
    return None


def refuse_name(cell: Cell) -> None:
    """Say what is missing in a name that means to say a day: `every 3 months` until when, and of which cycle.

    Raises:
        Unreadable: with what to type instead.
    """
    if MEANS_A_DAY.search(cell.plain):
        read_when(cell)


def _named_day(cell: Cell, text: str) -> Timing | None:
    try:
        timing = read_when(replace(cell, text=text)) if text else None
    except Unreadable:
        return None
    return None if timing is None or timing.loose else timing
