"""The signs of a timeline: how each looks, and the key that says what it means."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from unicodedata import east_asian_width

from charts.drawing import chart_of, colour
from charts.spans import Surety

BAR: Final = 10
ROUND: Final = 3
SIGN: Final = 6.6
"""Pixels of a character of small words."""
WEEKEND: Final = 0.45
HOLIDAY: Final = 0.9
"""How strongly they are shaded."""
_BROAD: Final = 1.8
_ROW: Final = 22
_GAP: Final = 48
_LONG: Final = 22

LOOKS: Final[dict[Surety, dict[str, Any]]] = {
    Surety.FIRM: {},
    Surety.ESTIMATED: {"fill": colour("card"), "strokeWidth": 1.5},
    Surety.OPEN: {"fill": colour("card"), "strokeWidth": 1.5, "strokeDash": [3, 2]},
}
POINT: Final[dict[str, Any]] = {
    "shape": "circle",
    "size": 90,
    "filled": True,
    "opacity": 1,
    "fill": colour("ink"),
    "stroke": colour("card"),
    "strokeWidth": 1.5,
}
TRIANGLE: Final[dict[str, Any]] = {
    "shape": "triangle-up",
    "size": 32,
    "filled": True,
    "opacity": 1,
    "fill": colour("soft"),
    "stroke": colour("card"),
    "strokeWidth": 0.5,
}
TODAY: Final[dict[str, Any]] = {"color": colour("overdue"), "strokeWidth": 1.5, "strokeDash": [4, 3]}


@dataclass(frozen=True, slots=True)
class Key:
    """What each sign of a picture means; only those that occur in it are explained."""

    firm: str
    estimated: str
    open: str
    target: str
    happened: str
    task: str
    today: str
    weekend: str
    holiday: str


def breadth(words: str) -> float:
    """How many letters broad this is; those of Chinese and Japanese are nearly twice as broad as others."""
    return sum(_BROAD if east_asian_width(sign) in "WF" else 1.0 for sign in words)


def key_chart(key: Key, signs: Iterable[str], width: int) -> Any:
    """These signs, by their names in the key, each with its words, in as many lines as they need."""
    import altair as alt  # noqa: PLC0415 - takes most of a second, and only a drawing needs it

    placed: list[dict[str, Any]] = []
    x = line = 0
    for sign in signs:
        words: str = getattr(key, sign)
        length = _GAP + round(breadth(words) * SIGN)
        if x and x + length > width:
            x, line = 0, line + 1
        placed.append({"sign": sign, "words": words, "x": x, "to": x + _LONG, "middle": x + _LONG // 2, "line": line})
        x += length
    axis: dict[str, Any] = {"axis": None, "scale": alt.Scale(domain=[0, width], nice=False)}
    begin, middle = alt.X("x:Q", **axis), alt.X("middle:Q", **axis)
    base = chart_of(placed).encode(y=alt.Y("line:O", axis=None))

    def of(sign: str) -> Any:
        return base.transform_filter(f"datum.sign == '{sign}'")

    bars = [
        of(surety.value)
        .mark_bar(
            height=BAR,
            cornerRadius=ROUND,
            **({"color": colour("due")} if surety is Surety.FIRM else {"stroke": colour("edge")}),
            **LOOKS[surety],
        )
        .encode(x=begin, x2="to:Q")
        for surety in Surety
    ]
    shades = [
        of(sign).mark_bar(height=14, color=colour("line"), opacity=opacity).encode(x=begin, x2="to:Q")
        for sign, opacity in (("weekend", WEEKEND), ("holiday", HOLIDAY))
    ]
    marks = [
        of("target").mark_tick(thickness=2, height=BAR + 6, color=colour("ink")).encode(x=middle),
        of("happened").mark_point(**POINT).encode(x=middle),
        of("task").mark_point(**TRIANGLE).encode(x=middle),
        of("today").mark_point(shape="stroke", angle=90, size=256, opacity=1, **TODAY).encode(x=middle),
    ]
    words_beside = base.mark_text(align="left", dx=30, fontSize=12, color=colour("soft")).encode(
        x=begin, text="words:N"
    )
    return alt.layer(*bars, *shades, *marks, words_beside).properties(width=width, height=_ROW * (line + 1))
