"""The timeline: a bar for each window, each target at its day, and nothing told by colour alone."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest

import charts
from charts import Key, Row, Sheet, Span, Surety
from charts.drawing import LIGHT
from charts.timeline import NARROW, WIDE
from tests.charts.test_pictures import SVG, bars, elements, texts

DAY = timedelta(days=1)
TODAY = date(2026, 5, 20)
KEY = Key("firm", "provisional", "ask first", "target", "held", "task due", "today", "weekend", "holiday")


def span(first: date, days: int, state: str = "not_yet", surety: Surety = Surety.FIRM, short: str = "") -> Span:
    middle = first + DAY * (days // 2)
    return Span(state, first, first + DAY * (days - 1), middle, None, short, surety, (first + DAY * days,))


ROWS = (
    Row("Baseline", (Span("present", date(2026, 2, 2), date(2026, 3, 2), date(2026, 3, 2), date(2026, 2, 20)),)),
    Row("Operation", (span(date(2026, 4, 1), 31, "overdue"),)),
    Row("Later", (span(date(2026, 10, 1), 32, surety=Surety.ESTIMATED),)),
    Row("Nothing is known of it", ()),
)
COMING_AGAIN = Row(
    "Follow-up, 6–24 months",
    tuple(span(date(2027, 1, 1) + DAY * 182 * nth, 56, surety=Surety.OPEN, short=str(6 * nth + 6)) for nth in range(4)),
)
SHEET = Sheet("A study & its title", "EXAMPLE 1.0", "three visits", KEY)


def drawn(svg: str) -> list[ET.Element]:
    return list(ET.fromstring(svg).iter())  # noqa: S314 - drawn by ourselves


def middle(mark: ET.Element) -> float:
    """Where a mark stands from left to right, in pixels of the days."""
    found = re.match(r"translate\((-?[\d.]+)", mark.get("transform", ""))
    if found:
        return float(found[1])
    tick = re.match(r"M(-?[\d.]+),-?[\d.]+h([\d.]+)v", mark.get("d", ""))
    if tick:
        return float(tick[1]) + float(tick[2]) / 2
    edges = [float(number) for number in re.findall(r"-?[\d.]+", mark.get("d", ""))][0::2]
    return (min(edges) + max(edges)) / 2


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_timeline_has_a_row_for_each_kind_and_a_bar_for_each_window(width: int):
    picture = charts.timeline((*ROWS, COMING_AGAIN), "said", today=TODAY, width=width)

    wanted = [row.words for row in (*ROWS, COMING_AGAIN)]
    assert [words for words in texts(picture) if words in wanted] == wanted
    assert [len(bars(picture, colour)) for colour in ("accent", "overdue")] == [1, 1]
    outlined = [one for one in elements(picture) if one.get("stroke") == "var(--edge)" and one.get("d")]
    assert len(outlined) == 1 + len(COMING_AGAIN.spans)


def test_a_longer_window_is_a_longer_bar_and_every_colour_is_the_page_s():
    picture = charts.timeline(ROWS, "said", today=TODAY)

    [baseline], [operation] = bars(picture, "accent"), bars(picture, "overdue")
    assert operation == pytest.approx(baseline * 31 / 29, rel=0.02)
    found = {element.get(name, "none") for element in elements(picture) for name in ("fill", "stroke")}
    assert found - {"none", "transparent"} <= {f"var(--{name})" for name in LIGHT}


def test_each_target_stands_at_its_day():
    picture = charts.timeline((COMING_AGAIN,), "said", today=None, width=WIDE)
    days = [one.target for one in COMING_AGAIN.spans if one.target is not None]

    ticks = [middle(mark) for mark in elements(picture) if mark.get("aria-roledescription") == "tick"]
    scale = (ticks[-1] - ticks[0]) / (days[-1] - days[0]).days
    assert ticks == pytest.approx([ticks[0] + (day - days[0]).days * scale for day in days], abs=0.6)
    assert len(ticks) == 4


def test_how_far_a_window_can_be_relied_on_is_seen_without_colour():
    svg = charts.timeline_sheet((*ROWS, COMING_AGAIN), SHEET)

    dashes = [one for one in drawn(svg) if one.get("stroke-dasharray") and one.get("d")]
    hollow = [one for one in drawn(svg) if one.get("fill") == LIGHT["card"] and one.get("stroke") == LIGHT["edge"]]
    # Each sign of the key, too.
    assert len(dashes) == len(COMING_AGAIN.spans) + 1
    assert len(hollow) == len(COMING_AGAIN.spans) + 1 + 2


def test_a_visit_that_comes_again_and_again_is_one_row_and_says_which_it_is_where_there_is_room():
    sixty = Row("Dose, 1–60", tuple(span(TODAY + DAY * 21 * nth, 3, short=str(nth + 1)) for nth in range(60)))
    few, many = (charts.timeline_sheet((row,), SHEET) for row in (COMING_AGAIN, sixty))

    assert {"6", "12", "18", "24"} <= {one.text for one in drawn(few)}
    assert "1" not in {one.text for one in drawn(many)}
    assert sum(one.get("fill") == LIGHT["edge"] and bool(one.get("d")) for one in drawn(many)) == 60


def test_a_visit_that_comes_less_often_later_says_each_time_which_it_is():
    months = (*range(3, 27, 3), *range(36, 132, 12))
    row = Row("Follow-up", tuple(span(TODAY + DAY * 30 * month, 3, short=str(month)) for month in months))

    assert {str(month) for month in months} <= {one.text for one in drawn(charts.timeline_sheet((row,), SHEET))}


def test_the_target_of_a_single_day_stands_in_its_middle():
    day = span(TODAY, 1, "overdue")
    picture = charts.timeline((Row("Call", (day,)), Row("Far", (span(TODAY + DAY * 40, 3),))), "said", today=None)

    [tick, _] = [mark for mark in elements(picture) if mark.get("aria-roledescription") == "tick"]
    [bar] = [one for one in elements(picture) if one.get("fill") == "var(--overdue)" and one.get("d")]
    assert middle(tick) == pytest.approx(middle(bar), abs=0.2)


def test_weekends_and_holidays_are_shaded_where_a_day_can_be_seen():
    short = charts.timeline_sheet(ROWS[:2], SHEET, holidays=(date(2026, 4, 3), date(2026, 4, 6)))
    long = charts.timeline_sheet((*ROWS, COMING_AGAIN), SHEET, holidays=(date(2026, 4, 3),))

    shades = [one.get("opacity") for one in drawn(short) if one.get("fill") == LIGHT["line"]]
    assert shades.count("0.9") == 2 + 1  # and the sign of the key
    assert shades.count("0.45") > 15
    assert {"weekend", "holiday"} <= {one.text for one in drawn(short)}
    # Of what cannot be seen the key says nothing.
    assert not {"weekend", "today"} & {one.text for one in drawn(long)}


def test_today_is_a_line_where_it_is_wanted():
    with_today, without = (charts.timeline_sheet(ROWS, SHEET, today=day) for day in (TODAY, None))

    lines = [[one for one in drawn(svg) if one.get("stroke-dasharray") == "4,3"] for svg in (with_today, without)]
    # And the sign of the key.
    assert [len(found) for found in lines] == [2, 0]


def test_a_timeline_of_nothing_known_is_drawn_all_the_same():
    assert texts(charts.timeline(ROWS[3:], "said", today=TODAY))
    assert drawn(charts.timeline_sheet((), SHEET))


def test_a_sheet_is_a_file_of_its_own_that_says_what_it_shows_runs_nothing_and_fetches_nothing():
    svg = charts.timeline_sheet(ROWS, SHEET, today=TODAY)
    root = ET.fromstring(svg)  # noqa: S314 - as above

    assert svg == charts.timeline_sheet(ROWS, SHEET, today=TODAY)
    assert root.get("role") == "img"
    assert [root.findtext(f"{SVG}{name}") for name in ("title", "desc")] == ["A study & its title", "three visits"]
    for element in root.iter():
        assert element.tag.removeprefix(SVG) not in {"script", "image", "foreignObject", "use", "a"}
        assert not [name for name in element.attrib if name.startswith("on") or name.endswith("href")]
    assert "var(" not in svg
    assert "prefers-color-scheme:dark" in svg
    assert not re.search(r"url\((?!#)", svg)
