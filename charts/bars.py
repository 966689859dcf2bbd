"""Bars: what is late by age, and what came back by site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from charts.drawing import DRAWINGS_KEPT, Picture, chart_of, colour, picture, png

WIDTH: Final = 400
ROW: Final = 30
CHAT_MARGIN: Final = 20
WHOLE: Final = (0, 1.7)
"""From nothing to all, and room behind it for words."""
_AGE_COLOURS: Final = ("age-0", "age-8", "age-31", "age-91")


@dataclass(frozen=True, slots=True)
class Age:
    """One class of age: what it is called, and how many."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Share:
    """One site: what it is called, its part from 0 to 1, the words behind its bar, and whether it is below the line."""

    label: str
    share: float
    words: str
    below: bool


@lru_cache(maxsize=DRAWINGS_KEPT)
def ages(classes: tuple[Age, ...], words: str) -> Picture:
    """One bar of all that is late, the youngest class first; each part with its label and number."""
    return picture(_ages(classes), words)


@lru_cache(maxsize=DRAWINGS_KEPT)
def returns_by_site(shares: tuple[Share, ...], words: str, *, line: float) -> Picture:
    """A bar for each site with the line drawn; below it a bar is of another colour, and its words begin with an arrow."""
    return picture(_returns(shares, line), words)


@lru_cache(maxsize=DRAWINGS_KEPT)
def both_for_a_chat(classes: tuple[Age, ...], shares: tuple[Share, ...], *, line: float) -> bytes:
    """What is late by age, and below it what came back by site, as PNG; one of the two where the other has nothing."""
    import altair as alt  # noqa: PLC0415 - as below

    drawn = [_ages(classes)] if any(one.count for one in classes) else []
    drawn += [_returns(shares, line)] if shares else []
    return png(alt.vconcat(*drawn, spacing=24), margin=CHAT_MARGIN)


def _ages(classes: tuple[Age, ...]) -> Any:
    import altair as alt  # noqa: PLC0415 - takes most of a second, and only a drawing needs it

    total = sum(one.count for one in classes) or 1
    rows: list[dict[str, Any]] = []
    begins = 0.0
    for one, name in zip(classes, _AGE_COLOURS, strict=True):
        if one.count:
            share = one.count / total
            text = f"{one.label} · {one.count}" if share > 0.2 else str(one.count)
            rows.append({"from": begins, "to": begins + share, "colour": colour(name), "text": text})
            begins += share
    base = chart_of(rows).encode(x=alt.X("from:Q", axis=None, scale=alt.Scale(domain=[0, 1])), x2="to:Q")
    bars = base.mark_bar(height=26).encode(color=alt.Color("colour:N", scale=None))
    labels = (
        base.transform_calculate(middle="(datum.from + datum.to) / 2")
        .mark_text(color=colour("on-age"), fontWeight=600, fontSize=12)
        .encode(x=alt.X("middle:Q", axis=None, scale=alt.Scale(domain=[0, 1])), x2=alt.Undefined, text="text:N")
    )
    return (bars + labels).properties(width=WIDTH, height=26)


def _returns(shares: tuple[Share, ...], line: float) -> Any:
    import altair as alt  # noqa: PLC0415 - as above

    rows = [
        {
            "label": one.label,
            "share": one.share,
            "words": ("↓ " if one.below else "") + one.words,
            "colour": colour("behind" if one.below else "accent"),
        }
        for one in shares
    ]
    bars = bars_of_all(rows, height=12, radius=6)
    rule = (
        chart_of([{"line": line}])
        .mark_rule(color=colour("ink"), strokeWidth=1.5, strokeDash=[4, 3])
        .encode(x=alt.X("line:Q", axis=None, scale=alt.Scale(domain=list(WHOLE))))
    )
    return (bars + rule).properties(width=WIDTH, height=ROW * len(rows))


def bars_of_all(rows: Sequence[Mapping[str, Any]], *, height: int, radius: int) -> Any:
    """For each row its `label`, the room of all, a bar as long as its `share` of it in its `colour`, and its `words`."""
    import altair as alt  # noqa: PLC0415 - as above

    y = alt.Y("label:N", sort=None, axis=alt.Axis(labelFontWeight=600, labelLimit=120, minExtent=96))
    base = chart_of({**row, "whole": 1} for row in rows).encode(y=y)

    def at(field: str) -> Any:
        return alt.X(f"{field}:Q", axis=None, scale=alt.Scale(domain=list(WHOLE)))

    room = base.mark_bar(height=height, cornerRadius=radius, color=colour("line")).encode(x=at("whole"))
    bars = base.mark_bar(height=height, cornerRadius=radius).encode(
        x=at("share"), color=alt.Color("colour:N", scale=None)
    )
    texts = base.mark_text(align="left", dx=10, color=colour("soft"), fontSize=13).encode(x=at("whole"), text="words:N")
    return room + bars + texts
