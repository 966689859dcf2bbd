"""A column for each month: how much of what was due came back, and how much of that in time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from charts.drawing import DRAWINGS_KEPT, Picture, chart_of, colour, picture

WIDTH: Final = 400
HEIGHT: Final = 132
_ROOM_BELOW: Final = -0.16  # under the columns, for the months
_ROOM_ABOVE: Final = 1.12


@dataclass(frozen=True, slots=True)
class Month:
    """One month: its short name, the parts from 0 to 1 that came back in time and in all, and whether it is below the line.

    `share` None: nothing was due.
    """

    label: str
    share: float | None
    in_time: float
    below: bool


@lru_cache(maxsize=DRAWINGS_KEPT)
def returns_by_month(months: tuple[Month, ...], words: str, *, line: float) -> Picture:
    """The months in a row with the line drawn. What came in time is full, what came late is faint; below the line a month
    is of another colour. A month in which nothing was due has no column.
    """
    import altair as alt  # noqa: PLC0415 - takes most of a second, and only a drawing needs it

    rows: list[dict[str, Any]] = [
        {
            "place": place,
            "label": one.label,
            "share": one.share or 0,
            "in_time": min(one.in_time, one.share or 0),
            "text": "" if one.share is None else ("↓" if one.below else ""),
            "zero": 0,
            "below": _ROOM_BELOW / 2,
            "colour": colour("behind" if one.below else "accent"),
        }
        for place, one in enumerate(months)
    ]
    x = alt.X("place:O", axis=None, scale=alt.Scale(paddingInner=0.3, paddingOuter=0.15))
    scale = alt.Scale(domain=[_ROOM_BELOW, _ROOM_ABOVE], nice=False, zero=False)
    every = chart_of(rows).encode(x=x)
    base = chart_of(row for row, one in zip(rows, months, strict=True) if one.share is not None).encode(x=x)
    fill = alt.Color("colour:N", scale=None)
    whole = base.mark_bar(opacity=0.4, cornerRadiusEnd=3).encode(
        y=alt.Y("zero:Q", axis=None, scale=scale), y2="share:Q", color=fill
    )
    timely = base.mark_bar(cornerRadiusEnd=3).encode(
        y=alt.Y("zero:Q", axis=None, scale=scale), y2="in_time:Q", color=fill
    )
    arrows = base.mark_text(dy=-7, fontSize=12, color=colour("soft")).encode(
        y=alt.Y("share:Q", axis=None, scale=scale), text="text:N"
    )
    labels = every.mark_text(fontSize=11, color=colour("soft")).encode(
        y=alt.Y("below:Q", axis=None, scale=scale), text="label:N"
    )
    rule = (
        chart_of([{"line": line}])
        .mark_rule(color=colour("ink"), strokeWidth=1.5, strokeDash=[4, 3])
        .encode(y=alt.Y("line:Q", axis=None, scale=scale))
    )
    ground = (
        chart_of([{"line": 0}])
        .mark_rule(color=colour("line"), strokeWidth=1)
        .encode(y=alt.Y("line:Q", axis=None, scale=scale))
    )
    return picture((ground + whole + timely + arrows + labels + rule).properties(width=WIDTH, height=HEIGHT), words)
