"""Pictures: what they show, that a page may hold them, and that their colours are the page's."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import charts
from charts.bars import Age, Share
from charts.drawing import DARK, LIGHT
from charts.trend import Month

LOOK = Path(__file__).resolve().parents[2] / "web" / "static" / "look.css"
SVG = "{http://www.w3.org/2000/svg}"

CLASSES = (Age("0–7", 6), Age("8–30", 5), Age("31–90", 0), Age("> 90", 1))
SITES = (
    Share("302 BE", 0.88, "88 % · 14 of 16", below=False),
    Share("417 JP", 0.71, "71 % · 10 of 14", below=True),
)


def elements(picture: charts.Picture) -> list[ET.Element]:
    return list(ET.fromstring(picture.svg).iter())  # noqa: S314 - drawn by ourselves


def texts(picture: charts.Picture) -> list[str]:
    return [element.text or "" for element in elements(picture) if element.tag == f"{SVG}text"]


def bars(picture: charts.Picture, colour: str) -> list[float]:
    """The widths of all bars in this colour, from left to right and top to bottom."""
    found = []
    for element in elements(picture):
        if element.tag == f"{SVG}path" and element.get("fill") == f"var(--{colour})":
            edges = [float(number) for number in re.findall(r"-?[\d.]+", element.get("d", ""))]
            found.append(max(edges[0::2]) - min(edges[0::2]))
    return found


def heights(picture: charts.Picture, colour: str) -> list[float]:
    """The heights of all columns in this colour, from left to right, layer by layer."""
    found = []
    for element in elements(picture):
        if element.tag == f"{SVG}path" and element.get("fill") == f"var(--{colour})":
            edges = [float(number) for number in re.findall(r"-?[\d.]+", element.get("d", ""))]
            found.append(max(edges[1::2]) - min(edges[1::2]))
    return found


def test_late_tasks_are_shown_by_age_with_their_numbers():
    picture = charts.ages(CLASSES, "0–7: 6; 8–30: 5; 31–90: 0; > 90: 1")

    assert texts(picture) == ["0–7 · 6", "8–30 · 5", "1"]
    assert picture.words == "0–7: 6; 8–30: 5; 31–90: 0; > 90: 1"


def test_a_site_below_the_line_has_another_colour_and_an_arrow():
    picture = charts.returns_by_site(SITES, "said", line=0.8)

    assert "88 % · 14 of 16" in texts(picture)
    assert "↓ 71 % · 10 of 14" in texts(picture)
    assert len(bars(picture, "accent")) == 1
    assert len(bars(picture, "behind")) == 1


def test_a_month_has_a_column_for_what_came_and_one_for_what_came_in_time():
    months = (
        Month("Jan", 1.0, 0.5, below=False),
        Month("Feb", 0.6, 0.6, below=True),
        Month("Mar", None, 0.0, below=False),
    )

    picture = charts.returns_by_month(months, "said", line=0.8)

    assert [text for text in texts(picture) if text] == ["↓", "Jan", "Feb", "Mar"]
    whole, in_time = heights(picture, "accent")
    assert whole == pytest.approx(2 * in_time)
    late, timely = heights(picture, "behind")
    assert late == pytest.approx(timely)
    assert late == pytest.approx(0.6 * whole)


def test_a_name_never_becomes_markup():
    picture = charts.returns_by_site((Share("<script>", 0.5, '"><b onload=x>', below=False),), "said", line=0.8)

    assert "<script" not in picture.svg
    assert '"><b' not in picture.svg
    assert "<script>" in texts(picture)


def test_a_picture_holds_nothing_that_a_strict_page_forbids():
    for picture in (charts.ages(CLASSES, "said"), charts.returns_by_site(SITES, "said", line=0.8)):
        assert elements(picture)[0].get("aria-hidden") == "true"
        for element in elements(picture):
            assert element.tag.removeprefix(SVG) in {"svg", "g", "path", "rect", "text", "line", "defs", "clipPath"}
            assert not {name for name in element.attrib if name == "style" or name.startswith("on")}


def test_two_pictures_of_a_page_never_share_an_id():
    named = [
        {element.get("id") for element in elements(picture)} - {None}
        for picture in (charts.ages(CLASSES, "said"), charts.returns_by_site(SITES, "said", line=0.8))
    ]

    assert any(named)
    assert named[0] & named[1] == set()


def test_every_colour_of_a_picture_is_one_of_the_page():
    for picture in (charts.ages(CLASSES, "said"), charts.returns_by_site(SITES, "said", line=0.8)):
        drawn = {
            element.get(name, "none")
            for element in elements(picture)
            for name in ("fill", "stroke")
            if element.get("d") != ""
        }
        assert drawn - {"none", "transparent"} <= {f"var(--{name})" for name in LIGHT}


# --- the colours ------------------------------------------------------------------------------------------------------


def themes() -> tuple[dict[str, str], dict[str, str]]:
    """The light and the dark values of look.css."""
    light, dark = LOOK.read_text(encoding="utf-8").split("@media (prefers-color-scheme: dark)")
    read = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", text)) for text in (light, dark)]
    return read[0], read[1]


def contrast(one: str, other: str) -> float:
    """WCAG 2's contrast of two colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


WORDS_ON = (
    *(
        (ink, ground)
        for ink in ("ink", "soft", "accent", "due", "late", "overdue", "received")
        for ground in ("paper", "card")
    ),
    *((state, f"{state}-tint") for state in ("due", "late", "overdue", "received")),
    *((ink, f"{state}-tint") for ink in ("ink", "accent") for state in ("due", "late", "overdue", "received")),
    *(("on-age", f"age-{age}") for age in (0, 8, 31, 91)),
    ("on-accent", "accent"),
)


def test_words_can_be_read_in_light_and_in_dark():
    for theme in themes():
        pale = {pair: round(contrast(theme[pair[0]], theme[pair[1]]), 2) for pair in WORDS_ON}
        assert {pair: found for pair, found in pale.items() if found < 4.5} == {}


def test_both_themes_name_the_same_colours():
    light, dark = themes()

    assert light.keys() == dark.keys()


def test_pictures_apart_from_the_page_have_its_colours_in_light_and_in_dark():
    light, dark = themes()

    assert {name: light[name] for name in LIGHT} == LIGHT
    assert {name: dark[name] for name in LIGHT} == DARK


def test_a_chat_gets_both_as_png_on_paper():
    drawn = charts.both_for_a_chat(CLASSES, SITES, line=0.8)

    assert drawn.startswith(b"\x89PNG\r\n\x1a\n")
    # Smaller without one of the two, and still a picture.
    assert 24 < len(charts.both_for_a_chat(CLASSES, (), line=0.8)) < len(drawn)
