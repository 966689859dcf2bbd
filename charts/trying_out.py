"""What a study would be like, on one sheet: week by week, who is rung how often, what is late, what comes to the office."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from charts.drawing import chart_of, colour
from charts.standalone import heading, standalone

WIDTH: Final = 760
_BESIDE: Final = 190
_HEIGHT: Final = 110
_ROW: Final = 28
_PANEL_GAP: Final = 30
_WORDS_ROOM: Final = 1.75
"""How much longer a row is than its longest bar, for the words behind it."""
_EDGE: Final = 14


@dataclass(frozen=True, slots=True)
class Weekly:
    """One week by its Monday: what has its last day in it, and messages."""

    monday: date
    due: int
    messages: int


@dataclass(frozen=True, slots=True)
class Monthly:
    first: date
    count: int


@dataclass(frozen=True, slots=True)
class Reach:
    """Messages a week of one group: usual, nearly always no more than `most`, and the fullest week of anybody."""

    label: str
    usual: float
    most: int
    fullest: int
    words: str


@dataclass(frozen=True, slots=True)
class Part:
    """A share from 0 to 1, and the words behind its bar."""

    label: str
    share: float
    words: str


@dataclass(frozen=True, slots=True)
class TriedOut:
    """All panels with their headings, and what the sheet says where nobody sees it."""

    title: str
    subtitle: tuple[str, ...]
    words: str
    weeks: tuple[Weekly, ...]
    weeks_heading: str
    reaches: tuple[Reach, ...]
    reaches_heading: str
    parts: tuple[Part, ...]
    parts_heading: str
    months: tuple[Monthly, ...]
    months_heading: str


def tried_out_sheet(found: TriedOut) -> str:
    """The sheet as an SVG file of its own, in light and dark."""
    import altair as alt  # noqa: PLC0415 - takes most of a second, and only a drawing needs it

    panels = [
        (_weeks(found.weeks), found.weeks_heading),
        (_reaches(found.reaches), found.reaches_heading),
        *([(_parts(found.parts), found.parts_heading)] if found.parts else []),
        (_months(found.months), found.months_heading),
    ]
    headed = [
        panel.properties(
            title=alt.TitleParams(
                heading,
                anchor="start",
                frame="group",
                fontSize=13,
                fontWeight="normal",
                color=colour("soft"),
                offset=10,
            )
        )
        for panel, heading in panels
    ]
    title = heading(found.title, list(found.subtitle), width=WIDTH, offset=20)
    return standalone(
        alt.vconcat(*headed, spacing=_PANEL_GAP).properties(title=title), title=found.title, words=found.words
    )


def _weeks(weeks: Sequence[Weekly]) -> Any:
    """A column for what ends in each week, and a line for messages."""
    import altair as alt  # noqa: PLC0415 - as above

    rows = [{"week": one.monday.isoformat(), "due": one.due, "messages": one.messages} for one in weeks]
    highest = max((max(one.due, one.messages) for one in weeks), default=0)
    base = chart_of(rows).encode(x=_time("week"))
    columns = base.mark_bar(color=colour("accent"), width=max(1.0, (WIDTH - 2 * _EDGE) / max(1, len(rows)) - 1)).encode(
        y=_amount("due", highest)
    )
    line = base.mark_line(color=colour("behind"), strokeWidth=1.5, strokeDash=[4, 2]).encode(
        y=_amount("messages", highest)
    )
    return alt.layer(columns, line).properties(width=WIDTH, height=_HEIGHT)


def _months(months: Sequence[Monthly]) -> Any:

    rows = [{"month": one.first.isoformat(), "count": one.count} for one in months]
    highest = max((one.count for one in months), default=0)
    return (
        chart_of(rows)
        .mark_bar(color=colour("accent"), width=max(2.0, (WIDTH - 2 * _EDGE) / max(1, len(rows)) - 4))
        .encode(x=_time("month"), y=_amount("count", highest))
        .properties(width=WIDTH, height=_HEIGHT - 40)
    )


def _reaches(reaches: Iterable[Reach]) -> Any:
    """A full bar up to the usual week, a faint one up to nearly all, and a tick at the fullest."""
    import altair as alt  # noqa: PLC0415 - as above

    rows = [
        {
            "label": one.label,
            "usual": one.usual,
            "most": one.most,
            "fullest": one.fullest,
            "words": one.words,
            "zero": 0,
        }
        for one in reaches
    ]
    longest = max((float(str(row["fullest"])) for row in rows), default=0.0) or 1.0
    x = alt.Scale(domain=[0, longest * _WORDS_ROOM], nice=False)
    base = chart_of(rows).encode(y=_label())

    def at(field: str) -> Any:
        return alt.X(f"{field}:Q", axis=None, scale=x)

    most = base.mark_bar(height=12, color=colour("accent"), opacity=0.35).encode(x=at("most"))
    usual = base.mark_bar(height=12, color=colour("accent")).encode(x=at("usual"))
    fullest = base.mark_tick(thickness=2, height=18, color=colour("ink")).encode(x=at("fullest"))
    said = base.mark_text(align="left", dx=10, fontSize=12, color=colour("soft")).encode(
        x=at("fullest"), text="words:N"
    )
    return alt.layer(most, usual, fullest, said).properties(width=WIDTH, height=_ROW * max(1, len(rows)))


def _parts(parts: Iterable[Part]) -> Any:
    import altair as alt  # noqa: PLC0415 - as above

    rows = [{"label": one.label, "share": one.share, "whole": 1, "words": one.words} for one in parts]
    x = alt.Scale(domain=[0, _WORDS_ROOM], nice=False)
    base = chart_of(rows).encode(y=_label())

    def at(field: str) -> Any:
        return alt.X(f"{field}:Q", axis=None, scale=x)

    room = base.mark_bar(height=12, color=colour("line")).encode(x=at("whole"))
    bars = base.mark_bar(height=12, color=colour("behind")).encode(x=at("share"))
    said = base.mark_text(align="left", dx=10, fontSize=12, color=colour("soft")).encode(x=at("whole"), text="words:N")
    return alt.layer(room, bars, said).properties(width=WIDTH, height=_ROW * max(1, len(rows)))


def _time(field: str) -> Any:
    import altair as alt  # noqa: PLC0415 - as above

    axis = alt.Axis(format="%Y-%m", labelColor=colour("soft"), labelFontSize=12, labelOverlap="greedy", tickCount=8)
    return alt.X(f"{field}:T", axis=axis, scale=alt.Scale(type="utc", padding=_EDGE))


def _amount(field: str, highest: int) -> Any:
    """An axis of whole numbers."""
    import altair as alt  # noqa: PLC0415 - as above

    axis = alt.Axis(
        tickCount=max(1, min(3, highest)),
        grid=True,
        gridColor=colour("line"),
        labelColor=colour("soft"),
        labelFontSize=12,
        minExtent=_BESIDE,
    )
    # Where nothing is counted, the line of nothing still lies at the bottom.
    return alt.Y(f"{field}:Q", axis=axis, scale=alt.Undefined if highest else alt.Scale(domain=[0, 1]))


def _label() -> Any:
    import altair as alt  # noqa: PLC0415 - as above

    return alt.Y("label:N", sort=None, axis=alt.Axis(labelLimit=_BESIDE, minExtent=_BESIDE))
