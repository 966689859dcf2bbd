"""From a chart to a picture: one way for all, so that fonts, colours and the words for screen readers are the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

if TYPE_CHECKING:
    import altair as alt

LIGHT: Final = {
    "card": "#ffffff",
    "ink": "#1c2321",
    "soft": "#5d6965",
    "line": "#e3e0d8",
    "accent": "#0b5d5b",
    "due": "#22588f",
    "overdue": "#a52a2a",
    "edge": "#7d8884",
    "behind": "#b7791f",
    "age-0": "#8f5d0e",
    "age-8": "#9c4a12",
    "age-31": "#b02d2d",
    "age-91": "#741c1c",
    "on-age": "#ffffff",
}
"""What PNG is drawn in; a page has its own values of the same names."""
DARK: Final = {
    "card": "#1c2120",
    "ink": "#e8ebe9",
    "soft": "#a3aeaa",
    "line": "#2d3432",
    "accent": "#5cb8b2",
    "due": "#8dbbea",
    "overdue": "#f09a94",
    "edge": "#7b8682",
    "behind": "#e0b05c",
    "age-0": "#e0b05c",
    "age-8": "#e59a5c",
    "age-31": "#ee8a84",
    "age-91": "#f4b5b0",
    "on-age": "#141817",
}
"""The same of the page in dark, for pictures that are files of their own."""

FONT: Final = "system-ui, sans-serif"
DRAWINGS_KEPT: Final = 128
"""Of each kind of chart: building one takes as long as all the rest of its page."""

_PNG_SCALE: Final = 2.0
_NAMED: Final = re.compile(r"""(\bid="|url\(#)""")


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG to be set into a page, and what it shows in words."""

    svg: str
    words: str


def colour(name: str) -> str:
    """A colour of the page."""
    if name not in LIGHT:
        raise KeyError(name)
    return f"var(--{name})"


def chart_of(rows: Iterable[Mapping[str, Any]]) -> Any:
    """A chart of these rows, which stand in it."""
    import altair as alt  # noqa: PLC0415 - takes most of a second, and only a drawing needs it

    return alt.Chart(alt.InlineData(values=list(rows)))


def picture(chart: alt.LayerChart | alt.Chart, words: str) -> Picture:
    """Draws a chart; `words` stand for it where nobody sees it."""
    text = specification(chart)
    # The page says what it shows; what the library says of every mark would be read out one by one.
    return Picture(drawn_svg(text).replace("<svg ", '<svg aria-hidden="true" ', 1), words)


def png(chart: alt.VConcatChart, *, margin: int) -> bytes:
    """Charts for a chat, in the light colours: whatever a phone lays behind them, they stand on paper."""
    import vl_convert  # noqa: PLC0415 - 30 MB that only a drawing needs

    text = specification(chart, background=colour("card"), padding=margin)
    for name, value in LIGHT.items():
        text = text.replace(f"var(--{name})", value)
    return bytes(vl_convert.vegalite_to_png(json.loads(text), scale=_PNG_SCALE))


def specification(
    chart: alt.LayerChart | alt.Chart | alt.VConcatChart, *, background: str = "transparent", padding: int = 0
) -> str:
    """As text, in which colours can be replaced."""
    dressed: Any = (
        chart.configure(font=FONT, background=background, padding=padding)
        .configure_view(stroke=None)
        .configure_axis(
            domain=False,
            ticks=False,
            grid=False,
            title=None,
            labelColor=colour("ink"),
            labelFontSize=13,
            labelPadding=8,
        )
    )
    return json.dumps(dressed.to_dict(), sort_keys=True)


def drawn_svg(text: str) -> str:
    """A specification, drawn."""
    import vl_convert  # noqa: PLC0415 - as above

    drawn: str = vl_convert.vegalite_to_svg(json.loads(text))
    # Every picture of a page has ids of its own: the library begins with the same ones each time.
    return _NAMED.sub(rf"\g<1>p{crc32(text.encode()):08x}-", drawn)
