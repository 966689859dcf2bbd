"""The day of each visit, however its timings are chained: as a reader who adds them up one by one would find it."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.readers.usdm_files import dates, draft_of, fixed, kept, timeline, timing, usdm, visit
from trial.readers.usdm.timing import BadTiming, Interval, interval_of, kind_of, label_window_of


@st.composite
def chains(draw):
    """For each node but the first: which earlier one it counts from, in which direction, how far, and its window."""
    count = draw(st.integers(1, 8))
    return [
        (
            draw(st.integers(0, number)),
            draw(st.sampled_from(["after", "before"])),
            draw(st.sampled_from([("P{}D", 1), ("P{}W", 7)])),
            draw(st.integers(0, 60)),
            draw(st.tuples(st.integers(0, 5), st.integers(0, 5))),
        )
        for number in range(count)
    ]


@settings(max_examples=60)
@given(chain=chains(), day=st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_a_chain_of_days_and_weeks_is_added_up(chain, day):
    names = ["N", *(f"N{number}" for number in range(len(chain)))]
    nodes = [visit(name, then=then) for name, then in zip(names, [*names[1:], ""], strict=True)]
    timings, expected = [fixed("N")], {"n": (day, day, day)}
    for name, (reference, kind, (form, length), amount, (lower, upper)) in zip(names[1:], chain, strict=True):
        to = names[reference]
        window = {"lower": f"P{lower}D", "upper": f"P{upper}D"}
        timings.append(timing(name, kind, form.format(amount), to, **window))
        target = expected[to.lower()][0] + timedelta(days=amount * length * (1 if kind == "after" else -1))
        expected[name.lower()] = (target, target - timedelta(days=lower), target + timedelta(days=upper))
    study = kept(draft_of(usdm(timeline("Main", nodes, timings)))).study

    shown = {name: tuple(str(one) for one in days) for name, days in expected.items()}
    assert dates(study, on=day) == shown


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("P14D", Interval(days=14)),
        ("p14d", Interval(days=14)),
        ("P2W", Interval(days=14, in_weeks=True)),
        ("P3M", Interval(months=3)),
        ("P1Y6M", Interval(months=18)),
        ("P1M2DT3H", Interval(months=1, days=2, dropped=True)),
        ("PT0M", Interval()),
        ("PT15M", Interval(dropped=True)),
        ("PT24H", Interval(days=1)),
        ("PT36H", Interval(days=1, dropped=True)),
        ("PT2880M", Interval(days=2)),
        ("PT86399S", Interval(dropped=True)),
        ("P1DT24H", Interval(days=2)),
        ("PT1.5H", Interval(dropped=True)),
        ("PT24.0H", Interval(days=1)),
        ("P0Y0M14DT0H0M0S", Interval(days=14)),
    ],
)
def test_a_duration_is_read_in_months_and_days(text, interval):
    assert interval_of(text) == interval


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1", "14D", "P1DT", "P1H", "PT1D", "P1W1D", "P-1D", "-P1D", "+P1D", "P1D ago", "P1.5D"]
)
def test_what_is_no_duration_is_never_read_as_one(text):
    with pytest.raises(BadTiming):
        interval_of(text)


@pytest.mark.parametrize(
    ("interval", "written"),
    [
        (Interval(), "0d"),
        (Interval(days=-14, in_weeks=True), "-2w"),
        (Interval(days=14), "14d"),
        (Interval(months=18), "18mo"),
        (Interval(months=-24), "-2y"),
        (Interval(months=-14), "-14mo"),
        (Interval(months=1, days=2), "1mo 2d"),
        (Interval(days=7, in_weeks=True) + Interval(days=7), "14d"),
        (Interval(days=7, in_weeks=True) + Interval(days=7, in_weeks=True), "2w"),
    ],
)
def test_an_interval_keeps_the_unit_that_it_was_given_in(interval, written):
    assert str(interval) == written


@pytest.mark.parametrize(
    ("label", "low", "high"),
    [
        ("-3..3 days", -3, 3),
        ("0.. 11 Days", 0, 11),
        ("-0..+27 days", 0, 27),
        ("-1 week to +2 weeks", -7, 14),
        ("± 3 days", -3, 3),
        ("+/-3 d", -3, 3),
        ("-3/+3 days", -3, 3),
        ("\u22123..3 days", -3, 3),
        ("2..5 days", 2, 5),
    ],
)
def test_a_label_of_a_window_is_read_as_a_person_would(label, low, high):
    found = label_window_of(label)

    assert found is not None
    assert (found.low.days, found.high.days, found.same_side) == (low, high, low > 0)


@pytest.mark.parametrize(
    "label", ["", "-", "n/a", "3 days", "within 3 days", "-3..3", "3..x days", "-3..3 fortnights", "0..9999 months"]
)
def test_a_label_of_a_window_is_not_guessed_at(label):
    assert label_window_of(label) is None


@pytest.mark.parametrize("word", ["", "Afterwards", "Fixed", "C20135", "None"])
def test_a_type_that_is_not_known_is_none(word):
    assert kind_of(word) is None
