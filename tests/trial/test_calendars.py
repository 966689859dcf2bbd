from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial.calendars import UnknownCountry, WorkingCalendar

CALENDARS = st.sampled_from(
    [WorkingCalendar(), WorkingCalendar("JP"), WorkingCalendar("DE", "BY"), WorkingCalendar("US", "CA")]
)
ANY_DAY = st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 12, 31))


def test_golden_week_is_no_working_time():
    calendar = WorkingCalendar("JP")

    assert date(2026, 5, 7) == calendar.on_or_after(date(2026, 5, 2))
    assert date(2026, 5, 1) == calendar.on_or_before(date(2026, 5, 6))


def test_a_holiday_of_one_region_counts_there_alone():
    epiphany = date(2026, 1, 6)

    assert not WorkingCalendar("DE", "BY").is_working(epiphany)
    assert WorkingCalendar("DE", "BE").is_working(epiphany)


def test_a_site_may_be_closed_on_days_of_its_own():
    calendar = WorkingCalendar("FR", closed=frozenset({date(2026, 3, 2)}))

    assert date(2026, 3, 3) == calendar.on_or_after(date(2026, 3, 2))


def test_closings_are_added_as_first_and_last_days():
    calendar = WorkingCalendar("JP").with_closings(
        [(date(2026, 4, 24), date(2026, 4, 28)), (date(2026, 12, 28), date(2027, 1, 4))]
    )

    assert date(2026, 4, 23) == calendar.on_or_before(date(2026, 4, 29))
    assert date(2026, 4, 30) == calendar.on_or_after(date(2026, 4, 24))  # after Showa Day
    assert date(2027, 1, 5) == calendar.on_or_after(date(2026, 12, 28))
    assert WorkingCalendar("JP") == WorkingCalendar("JP").with_closings([])


def test_working_days_and_days_off_are_counted_with_both_ends():
    germany = WorkingCalendar("DE")
    wednesday, friday = date(2026, 5, 13), date(2026, 5, 15)  # Ascension Day lies between

    assert germany.working_days(wednesday, friday) == 2
    assert germany.days_off(wednesday, friday) == (date(2026, 5, 14),)
    assert germany.working_days(friday, wednesday) == 0
    assert germany.days_off(friday, wednesday) == ()


def test_working_days_are_counted_from_the_day_after():
    assert date(2026, 2, 9) == WorkingCalendar().add_working_days(date(2026, 2, 2), 5)
    assert date(2027, 3, 12) == WorkingCalendar().add_working_days(date(2027, 2, 28), 10)


@given(calendar=CALENDARS, day=ANY_DAY, amount=st.integers(-30, 30))
def test_as_many_working_days_lie_between_as_were_asked_for(calendar, day, amount):
    result = calendar.add_working_days(day, amount)
    step = timedelta(days=1 if amount > 0 else -1)
    passed = [day + step * number for number in range(1, abs((result - day).days) + 1)]

    assert abs(amount) == sum(calendar.is_working(each) for each in passed)
    assert amount == 0 or calendar.is_working(result)


@given(calendar=CALENDARS, day=ANY_DAY)
def test_moving_to_a_working_day_never_passes_one(calendar, day):
    after, before = calendar.on_or_after(day), calendar.on_or_before(day)

    assert before <= day <= after
    assert [
        each
        for each in (before + timedelta(days=number) for number in range(1, (after - before).days))
        if calendar.is_working(each) and each != day
    ] == []


@pytest.mark.parametrize(
    ("country", "region", "hint"),
    [
        ("XX", None, "two capital letters"),
        ("FRA", None, "did you mean FR"),
        ("de", None, "two capital letters"),
        ("DE", "BAY", "did you mean BY|valid: .*BY"),
        (None, "BY", "give the country as well"),
    ],
)
def test_an_unknown_country_or_region_says_what_would_be_right(country, region, hint):
    with pytest.raises(UnknownCountry, match=hint):
        WorkingCalendar(country, region)


@given(calendar=CALENDARS, closed=ANY_DAY, first=ANY_DAY, days=st.integers(-3, 800))
def test_every_day_is_a_weekend_a_day_off_or_a_working_day(calendar, closed, first, days):
    calendar = calendar.with_closings([(closed, closed + timedelta(days=9))])
    last = first + timedelta(days=days)
    each = [first + timedelta(days=number) for number in range(days + 1)]

    assert calendar.working_days(first, last) == sum(calendar.is_working(day) for day in each)
    assert list(calendar.days_off(first, last)) == [
        day for day in each if day.weekday() < 5 and not calendar.is_working(day)
    ]
