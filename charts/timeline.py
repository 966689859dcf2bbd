"""A patient's timeline: windows as bars, targets as ticks, what took place as points, and a line for today."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

from charts.drawing import DRAWINGS_KEPT, Picture, colour, picture

WIDE: Final = 350
"""Pixels of the days alone: the words beside them come on top."""
NARROW: Final = 320
ROW: Final = 42
ROW_BESIDE: Final = 30
_WORDS: Final = 300
_MARGIN: Final = timedelta(days=14)
_WORDS_ABOVE: Final = -9
_BAR_BELOW: Final = 9

_COLOURS: Final = {"overdue": "overdue", "due": "due", "present": "accent"}


@dataclass(frozen=True, slots=True)
class Span:
    """One visit: its words, window, target and day, as far as they are known; `state` is that of its cell in the grid."""

    words: str
    state: str
    first: date | None
    last: date | None
    target: date | None
    happened: date | None

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(day for day in (self.first, self.last, self.target, self.happened) if day is not None)


@lru_cache(maxsize=DRAWINGS_KEPT)
def timeline(spans: tuple[Span, ...], words: str, *, today: date, width: int = WIDE) -> Picture:
    """The visits from top to bottom in the order given. Where the picture is wide, their words stand beside their windows,
    else above them. One of which no day is known has its words alone.
    """
    import altair as alt  # noqa: PLC0415 - takes most of a second, and only a drawing needs it

    beside = width >= WIDE
    known = [day for span in spans for day in span.days] or [today]
    first, last = min([*known, today]) - _MARGIN, max([*known, today]) + _MARGIN
    scale = alt.Scale(type="utc", domain=[first.isoformat(), last.isoformat()])
    # Figures alone, so that no language has to name a month.
    axis = alt.Axis(
        format="%Y-%m",
        grid=True,
        gridColor=colour("line"),
        labelColor=colour("soft"),
        labelFontSize=12,
        labelOverlap="greedy",
        labelSeparation=12,
        tickCount=max(2, width // 110),
    )
    base = alt.Chart(alt.InlineData(values=[_row(place, span) for place, span in enumerate(spans)])).encode(
        y=alt.Y(
            "place:O",
            # Also those of which nothing is drawn.
            scale=alt.Scale(domain=list(range(len(spans)))),
            axis=_words_beside(spans) if beside else None,
        )
    )
    row, offset = (ROW_BESIDE, 0) if beside else (ROW, _BAR_BELOW)

    def at(field: str) -> Any:
        return alt.X(f"{field}:T", scale=scale, axis=axis)

    windows = (
        base.transform_filter("datum.first != null && datum.last != null")
        .mark_bar(height=10, cornerRadius=5, yOffset=offset, y2Offset=offset)
        .encode(x=at("first"), x2="last:T", color=alt.Color("colour:N", scale=None))
    )
    targets = (
        base.transform_filter("datum.target != null")
        .mark_tick(thickness=2, height=16, yOffset=offset, color=colour("ink"))
        .encode(x=at("target"))
    )
    happened = (
        base.transform_filter("datum.happened != null")
        .mark_point(
            shape="circle",
            size=90,
            filled=True,
            opacity=1,
            fill=colour("ink"),
            stroke=colour("card"),
            strokeWidth=1.5,
            yOffset=offset,
        )
        .encode(x=at("happened"))
    )
    labels = base.mark_text(align="left", fontSize=13, yOffset=_WORDS_ABOVE, color=colour("ink"), limit=width).encode(
        x=alt.value(0), text="words:N"
    )
    now = (
        alt.Chart(alt.InlineData(values=[{"today": today.isoformat()}]))
        .mark_rule(color=colour("overdue"), strokeWidth=1.5, strokeDash=[4, 3])
        .encode(x=at("today"))
    )
    layers = now + windows + targets + happened
    chart = (layers if beside else layers + labels).properties(width=width, height=row * len(spans))
    return picture(chart, words)


def _words_beside(spans: tuple[Span, ...]) -> Any:
    import altair as alt  # noqa: PLC0415 - as above

    listed = json.dumps([span.words for span in spans])
    return alt.Axis(
        labelExpr=f"{listed}[datum.value]", labelLimit=_WORDS, minExtent=_WORDS, maxExtent=_WORDS, labelAlign="right"
    )


def _row(place: int, span: Span) -> dict[str, Any]:
    return {
        "place": place,
        "words": span.words,
        "first": None if span.first is None else span.first.isoformat(),
        # A bar ends with the last day, not before it.
        "last": None if span.last is None else (span.last + timedelta(days=1)).isoformat(),
        "target": None if span.target is None else span.target.isoformat(),
        "happened": None if span.happened is None else span.happened.isoformat(),
        "colour": colour(_COLOURS.get(span.state, "edge")),
    }
