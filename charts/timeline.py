"""A course drawn: a row for each kind of visit, windows as bars, targets as ticks, what took place as points.

A full bar is certain, an outlined one counts from an estimate, a dashed one hangs on something that nobody knows yet: none
of it is told by colour alone. Weekends and holidays are shaded where a day is wide enough to be seen.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from textwrap import wrap
from typing import Any, Final

from charts.drawing import DRAWINGS_KEPT, Picture, chart_of, colour, picture
from charts.spans import Row, Span, Surety
from charts.standalone import heading, standalone
from charts.timeline_key import (
    BAR,
    HOLIDAY,
    LOOKS,
    POINT,
    ROUND,
    SIGN,
    TODAY,
    TRIANGLE,
    WEEKEND,
    Key,
    breadth,
    key_chart,
)

WIDE: Final = 350
"""Pixels of the days alone: the words beside them come on top."""
NARROW: Final = 320
SHEET: Final = 760
"""The same, of a picture in a file of its own."""
ROW: Final = 46
ROW_BESIDE: Final = 34
_WORDS: Final = 300
_MARGIN: Final = timedelta(days=14)
_DAY: Final = timedelta(days=1)
_WORDS_ABOVE: Final = -11
_BAR_BELOW: Final = 9
_SHORT_ABOVE: Final = 12
_TASKS_BELOW: Final = 11
_LABEL: Final = 56
"""Pixels that a month needs on the axis; below, a character of the words beside a row, and of the title."""
_LETTER: Final = 7.6
_BETWEEN: Final = 4  # pixels between two of the words above bars
_SURE: Final = 0.94  # whoever looks may have a broader type than the machine that drew
_HEADLINE: Final = 9.8
_WEEKENDS_FROM: Final = 1.2
_HOLIDAYS_FROM: Final = 0.45
"""Pixels of a day from which on they are drawn."""
_SATURDAY: Final = 5
_MONTHS_APART: Final = (1, 2, 3, 6, 12, 24, 60, 120)

_COLOURS: Final = {"overdue": "overdue", "due": "due", "present": "accent"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands around a timeline that is a file of its own; `words` say what it shows where nobody sees it."""

    title: str
    subtitle: str
    words: str
    key: Key


@lru_cache(maxsize=DRAWINGS_KEPT)
def timeline(
    rows: tuple[Row, ...], words: str, *, today: date | None, width: int = WIDE, holidays: tuple[date, ...] = ()
) -> Picture:
    """The rows from top to bottom, for a page. Where the picture is wide, their words stand beside their windows, else
    above them. A row of which no day is known has its words alone.
    """
    drawing = _Drawing(rows, today, width, holidays)
    return picture(drawing.layers(), words)


def timeline_sheet(
    rows: tuple[Row, ...],
    sheet: Sheet,
    *,
    today: date | None = None,
    holidays: tuple[date, ...] = (),
    width: int = SHEET,
) -> str:
    """The same as an SVG file of its own, in light and dark, with its title and what its signs mean."""
    import altair as alt  # noqa: PLC0415 - takes most of a second, and only a drawing needs it

    drawing = _Drawing(rows, today, width, holidays)
    title = heading(wrap(sheet.title, round(width / _HEADLINE)), sheet.subtitle, width=width, offset=18)
    whole = alt.vconcat(drawing.layers(), key_chart(sheet.key, drawing.signs(), width), spacing=26).properties(
        title=title
    )
    return standalone(whole, title=sheet.title, words=sheet.words)


@dataclass(frozen=True, slots=True)
class _Drawing:
    rows: tuple[Row, ...]
    today: date | None
    width: int
    holidays: tuple[date, ...]

    # --- what is seen ---------------------------------------------------------------------------------------------------

    @property
    def range(self) -> tuple[date, date]:
        known = [day for row in self.rows for span in row.spans for day in span.days]
        known += [] if self.today is None else [self.today]
        known = known or [date(2000, 1, 1)]
        return min(known) - _MARGIN, max(known) + _MARGIN

    @property
    def day_px(self) -> float:
        first, last = self.range
        return self.width / (last - first).days

    def shaded(self) -> tuple[list[date], list[date]]:
        """Saturdays, each of which begins a weekend, and public holidays, as far as either can be seen."""
        first, last = self.range
        saturday = first + _DAY * ((_SATURDAY - first.weekday()) % 7)
        weekends = [saturday + _DAY * number for number in range(0, (last - saturday).days + 1, 7)]
        holidays = [day for day in self.holidays if first <= day <= last]
        return (
            weekends if self.day_px >= _WEEKENDS_FROM else [],
            holidays if self.day_px >= _HOLIDAYS_FROM else [],
        )

    def spans(self) -> Iterator[tuple[int, Span]]:
        yield from ((place, span) for place, row in enumerate(self.rows) for span in row.spans)

    # --- the picture ----------------------------------------------------------------------------------------------------

    def layers(self) -> Any:
        import altair as alt  # noqa: PLC0415 - as above

        beside = self.width >= WIDE
        first, last = self.range
        scale = alt.Scale(type="utc", domain=[first.isoformat(), last.isoformat()])
        axis = _months(first, last, self.width)
        offset = 0 if beside else _BAR_BELOW
        y = alt.Y(
            "place:O",
            # Also those of which nothing is drawn.
            scale=alt.Scale(domain=list(range(len(self.rows)))),
            axis=_words_beside(self.rows) if beside else None,
        )

        def at(field: str) -> Any:
            return alt.X(f"{field}:T", scale=scale, axis=axis)

        base = chart_of(_of_span(place, span) for place, span in self.spans()).encode(y=y)
        bars = [
            base.transform_filter(f"datum.first != null && datum.last != null && datum.surety == '{surety.value}'")
            .mark_bar(height=BAR, cornerRadius=ROUND, yOffset=offset, y2Offset=offset, **LOOKS[surety])
            .encode(
                x=at("first"),
                x2="last:T",
                **{"color" if surety is Surety.FIRM else "stroke": alt.Color("colour:N", scale=None)},
            )
            for surety in Surety
        ]
        targets = (
            base.transform_filter("datum.target != null")
            .mark_tick(thickness=2, height=BAR + 6, yOffset=offset, color=colour("ink"))
            .encode(x=at("target"))
        )
        happened = (
            base.transform_filter("datum.happened != null").mark_point(yOffset=offset, **POINT).encode(x=at("happened"))
        )
        tasks = (
            chart_of({"place": place, "task": _noon(day)} for place, span in self.spans() for day in span.tasks)
            .mark_point(yOffset=offset + _TASKS_BELOW, **TRIANGLE)
            .encode(y=y, x=at("task"))
        )
        shorts = (
            chart_of(self._shorts())
            .mark_text(fontSize=10, yOffset=offset - _SHORT_ABOVE, color=colour("soft"))
            .encode(y=y, x=at("target"), text="short:N")
        )
        layers = [*self._ground(at), *bars, tasks, targets, happened, shorts]
        if not beside:
            every = chart_of({"place": place, "words": row.words} for place, row in enumerate(self.rows))
            layers.append(
                every.mark_text(
                    align="left",
                    fontSize=13,
                    yOffset=_WORDS_ABOVE,
                    color=colour("ink"),
                    limit=round(self.width * _SURE),
                ).encode(y=y, x=alt.value(0), text="words:N")
            )
        row = ROW_BESIDE if beside else ROW
        return alt.layer(*layers).properties(width=self.width, height=row * max(1, len(self.rows)))

    def _ground(self, at: Any) -> list[Any]:
        import altair as alt  # noqa: PLC0415 - as above

        weekends, holidays = self.shaded()
        shaded = [
            {"from": _text(day), "to": _text(day + length), "opacity": opacity}
            for days, length, opacity in ((weekends, _DAY * 2, WEEKEND), (holidays, _DAY, HOLIDAY))
            for day in days
        ]
        found = []
        if shaded:
            found.append(
                chart_of(shaded)
                .mark_rect(color=colour("line"))
                .encode(x=at("from"), x2="to:T", opacity=alt.Opacity("opacity:Q", scale=None))
            )
        if self.today is not None:
            found.append(chart_of([{"today": _noon(self.today)}]).mark_rule(**TODAY).encode(x=at("today")))
        return found

    def _shorts(self) -> Iterator[dict[str, Any]]:
        """What stands above the bars: in a row in which there is no room for all of it, nothing."""
        for place, row in enumerate(self.rows):
            named = sorted((span.target, span.short) for span in row.spans if span.short and span.target is not None)
            fit = all(
                (later - sooner).days * self.day_px >= (len(this) + len(that)) / 2 * SIGN + _BETWEEN
                for (sooner, this), (later, that) in pairwise(named)
            )
            if self.width >= WIDE and fit:
                yield from ({"place": place, "target": _noon(day), "short": short} for day, short in named)

    def signs(self) -> Iterator[str]:
        """Those that occur, by their names in the key."""
        spans = [span for _, span in self.spans()]
        drawn = {span.surety for span in spans if span.first is not None}
        yield from (surety.value for surety in Surety if surety in drawn)
        weekends, holidays = self.shaded()
        for sign, occurs in (
            ("target", any(span.target is not None for span in spans)),
            ("happened", any(span.happened is not None for span in spans)),
            ("task", any(span.tasks for span in spans)),
            ("today", self.today is not None),
            ("weekend", bool(weekends)),
            ("holiday", bool(holidays)),
        ):
            if occurs:
                yield sign


def _months(first: date, last: date, width: int) -> Any:
    """Figures alone, so that no language has to name a month; as many of them as there is room for."""
    import altair as alt  # noqa: PLC0415 - as above

    room = max(2, width // _LABEL)
    count = (last.year - first.year) * 12 + last.month - first.month
    apart = next((months for months in _MONTHS_APART if count / months < room), _MONTHS_APART[-1])
    begins = ((first.year * 12 + first.month) // apart + 1) * apart  # in months since year 0, from January on 0
    values = [date(month // 12, month % 12 + 1, 1) for month in range(begins, last.year * 12 + last.month, apart)]
    return alt.Axis(
        values=[day.isoformat() for day in values],
        format="%Y" if apart >= 12 else "%Y-%m",
        grid=True,
        gridColor=colour("line"),
        labelColor=colour("soft"),
        labelFontSize=12,
        labelOverlap="greedy",
        labelSeparation=8,
    )


def _words_beside(rows: Sequence[Row]) -> Any:
    import altair as alt  # noqa: PLC0415 - as above

    listed = json.dumps([row.words for row in rows])
    extent = min(_WORDS, round(max((breadth(row.words) for row in rows), default=0) * _LETTER))
    return alt.Axis(
        labelExpr=f"{listed}[datum.value]", labelLimit=_WORDS, minExtent=extent, maxExtent=extent, labelAlign="right"
    )


def _of_span(place: int, span: Span) -> dict[str, Any]:
    return {
        "place": place,
        "first": _text(span.first),
        # A bar ends with the last day, not before it.
        "last": None if span.last is None else _text(span.last + _DAY),
        "target": _noon(span.target),
        "happened": _noon(span.happened),
        "surety": span.surety.value,
        "colour": colour(_COLOURS.get(span.state, "edge")),
    }


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _noon(day: date | None) -> str | None:
    """The middle of a day: where a sign stands for it."""
    return None if day is None else f"{day.isoformat()}T12:00Z"
