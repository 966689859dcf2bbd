"""A funnel: of so many that were due, how many came to each stage."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from charts.bars import bars_of_all
from charts.drawing import DRAWINGS_KEPT, Picture, colour, picture

WIDTH: Final = 400
ROW: Final = 30


@dataclass(frozen=True, slots=True)
class Step:
    """One stage: what it is called, its part from 0 to 1 of all, the words behind its bar, and whether it asks for attention."""

    label: str
    share: float
    words: str
    waits: bool = False


@lru_cache(maxsize=DRAWINGS_KEPT)
def funnel(steps: tuple[Step, ...], words: str) -> Picture:
    """A bar for each stage below the one before it, all from the same side, so that what is lost between two is seen."""
    rows = [
        {
            "label": one.label,
            "share": one.share,
            "words": one.words,
            "colour": colour("behind" if one.waits else "accent"),
        }
        for one in steps
    ]
    bars = bars_of_all(rows, height=14, radius=4)
    return picture(bars.properties(width=WIDTH, height=ROW * len(rows)), words)
