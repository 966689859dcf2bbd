"""A picture that is a file of its own: real colours for every program that opens it, and dark ones where the reader wants them."""

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from charts.drawing import DARK, LIGHT, colour, drawn_svg, specification

if TYPE_CHECKING:
    import altair as alt

MARGIN: Final = 24


def heading(title: str | list[str], subtitle: str | list[str], *, width: int, offset: int) -> "alt.TitleParams":
    """What stands above such a picture."""
    import altair as alt  # noqa: PLC0415 - takes most of a second, and only a drawing needs it

    return alt.TitleParams(
        title,
        subtitle=subtitle,
        anchor="start",
        frame="group",
        color=colour("ink"),
        subtitleColor=colour("soft"),
        fontSize=17,
        subtitleFontSize=13,
        subtitlePadding=5,
        offset=offset,
        limit=width,
    )


def standalone(chart: "alt.VConcatChart", *, title: str, words: str) -> str:
    """The file's text. A browser that prefers dark shows it so; nothing in it runs, and nothing is fetched."""
    text = drawn_svg(specification(chart, background=colour("card"), padding=MARGIN))
    for name, value in LIGHT.items():
        text = text.replace(colour(name), value)
    named = f'<title id="t">{escape(title)}</title><desc id="d">{escape(words)}</desc>{_dark()}'
    opened = text.index(">", text.index("<svg")) + 1
    attributes = text[:opened].replace("<svg ", '<svg role="img" aria-labelledby="t d" ', 1)
    return f"{attributes}{named}{text[opened:]}\n"


def _dark() -> str:
    """Each colour's dark one, wherever it stands as an attribute. Of two that are one colour in light, the first counts."""
    values = {LIGHT[name]: DARK[name] for name in reversed(LIGHT)}
    rules = "".join(
        f'[{attribute}="{light}"]{{{attribute}:{dark}}}'
        for light, dark in values.items()
        for attribute in ("fill", "stroke")
    )
    return f"<style>@media (prefers-color-scheme:dark){{{rules}}}</style>"
