"""A funnel: of so many that were due, how many came to each stage."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

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
    import altair as alt  # noqa: PLC0415 - takes most of a second, and only a drawing needs it

    rows = [
        {
            "stage": one.label,
            "share": one.share,
            "whole": 1,
            "text": one.words,
            "colour": colour("behind" if one.waits else "accent"),
        }
        for one in steps
    ]
    y = alt.Y("stage:N", sort=None, axis=alt.Axis(labelFontWeight=600, labelLimit=120, minExtent=96))
    scale = alt.Scale(domain=[0, 1.7])
    base = alt.Chart(alt.InlineData(values=rows)).encode(y=y)
    room = base.mark_bar(height=14, cornerRadius=4, color=colour("line")).encode(
        x=alt.X("whole:Q", axis=None, scale=scale)
    )
    bars = base.mark_bar(height=14, cornerRadius=4).encode(
        x=alt.X("share:Q", axis=None, scale=scale), color=alt.Color("colour:N", scale=None)
    )
    texts = base.mark_text(align="left", dx=10, color=colour("soft"), fontSize=13).encode(
        x=alt.X("whole:Q", axis=None, scale=scale), text="text:N"
    )
    return picture((room + bars + texts).properties(width=WIDTH, height=ROW * len(rows)), words)
