from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.trial.vocabulary import PLAIN_WEEK, ZONES
from trial.moments import (
    CalendarOffset,
    DateOutOfRange,
    NaiveInstant,
    Unit,
    UnknownZone,
    at_local,
    instant,
    local_day,
    zone,
)

ANY_DAY = st.dates(min_value=date(2000, 1, 1), max_value=date(2060, 12, 31))


def shown(moment, where):
    return moment.astimezone(ZoneInfo(where)).isoformat()


def test_a_time_without_a_zone_is_no_instant():
    with pytest.raises(NaiveInstant):
        instant(datetime(2026, 3, 2, 8, 30))  # noqa: DTZ001 - what is refused here


def test_an_instant_is_kept_in_utc():
    moment = instant(datetime(2026, 3, 2, 8, 30, tzinfo=ZoneInfo("Asia/Tokyo")))

    assert datetime(2026, 3, 1, 23, 30, tzinfo=UTC) == moment
    assert UTC is moment.tzinfo


def test_a_wall_time_that_the_clocks_skip_moves_forward():
    moment = at_local(date(2026, 3, 29), time(2, 30), zone("Europe/Berlin"))

    assert shown(moment, "Europe/Berlin") == "2026-03-29T03:30:00+02:00"


def test_a_wall_time_that_comes_twice_is_the_first():
    moment = at_local(date(2026, 10, 25), time(2, 30), zone("Europe/Berlin"))

    assert shown(moment, "Europe/Berlin") == "2026-10-25T02:30:00+02:00"


def test_a_skipped_wall_time_stays_within_its_day():
    moment = at_local(date(2024, 3, 30), time(23, 30), zone("America/Nuuk"))

    assert shown(moment, "America/Nuuk") == "2024-03-30T22:30:00-02:00"


def test_a_day_that_a_zone_never_had_is_the_day_after():
    moment = at_local(date(2011, 12, 30), time(10), zone("Pacific/Apia"))

    assert shown(moment, "Pacific/Apia") == "2011-12-31T10:00:00+14:00"


def test_a_half_hour_shift_moves_by_half_an_hour():
    moment = at_local(date(2026, 10, 4), time(2, 15), zone("Australia/Lord_Howe"))

    assert shown(moment, "Australia/Lord_Howe") == "2026-10-04T02:45:00+11:00"


@given(day=ANY_DAY, wall=st.times(), where=st.sampled_from(ZONES))
@example(day=date(2024, 3, 30), wall=time(23, 30), where="America/Nuuk")
@example(day=date(2026, 3, 29), wall=time(2, 30), where="Europe/Berlin")
def test_a_local_time_stays_on_its_day(day, wall, where):
    assert day == local_day(at_local(day, wall, zone(where)), zone(where))


@given(day=ANY_DAY, where=st.sampled_from(ZONES), hour=st.integers(6, 20))
def test_working_hours_exist_on_every_day_in_every_zone(day, where, hour):
    local = at_local(day, time(hour, 30), zone(where)).astimezone(zone(where))

    assert (day, time(hour, 30)) == (local.date(), local.time())


def test_an_unknown_zone_is_told_with_the_nearest():
    with pytest.raises(UnknownZone, match="did you mean Europe/Paris"):
        zone("Europe/Pariss")


@pytest.mark.parametrize("name", ["", "../etc/passwd", "CET2", "/usr/share/zoneinfo/UTC"])
def test_what_is_no_zone_is_refused(name):
    with pytest.raises(UnknownZone):
        zone(name)


@pytest.mark.parametrize("text", ["6mo", "+14d", "-28d", "0d", "10wd", "2y", "18w", "+ 3mo"])
def test_an_offset_reads_back_as_itself(text):
    offset = CalendarOffset.parse(text)

    assert offset == CalendarOffset.parse(str(offset))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("6m", "write 6mo for months"),
        ("24h", "write 1d for 24 hours"),
        ("14", "write 14d for days"),
        ("two weeks", "whole number"),
        ("1.5mo", "whole number"),
        ("", "whole number"),
    ],
)
def test_a_bad_offset_says_what_would_be_right(text, hint):
    with pytest.raises(ValueError, match=hint):
        CalendarOffset.parse(text)


def month_oracle(day, months):
    """Walk from first of month to first of month, then take the day or the last one before the next first."""
    first = day.replace(day=1)
    for _ in range(abs(months)):
        first = (
            (first + timedelta(days=32)).replace(day=1) if months > 0 else (first - timedelta(days=1)).replace(day=1)
        )
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return min(first + timedelta(days=day.day - 1), last)


@given(day=ANY_DAY, months=st.integers(-120, 120))
@example(day=date(2024, 1, 31), months=1)
@example(day=date(2024, 2, 29), months=12)
@example(day=date(2023, 12, 31), months=-10)
def test_months_are_calendar_months_clipped_to_the_end(day, months):
    assert month_oracle(day, months) == CalendarOffset(months, Unit.MONTH).add_to(day, PLAIN_WEEK)


@given(day=ANY_DAY, years=st.integers(-20, 20))
def test_a_year_is_twelve_months(day, years):
    year, months = CalendarOffset(years, Unit.YEAR), CalendarOffset(12 * years, Unit.MONTH)

    assert months.add_to(day, PLAIN_WEEK) == year.add_to(day, PLAIN_WEEK)


@given(day=ANY_DAY, weeks=st.integers(-500, 500))
def test_a_week_is_seven_days(day, weeks):
    assert day + timedelta(weeks=weeks) == CalendarOffset(weeks, Unit.WEEK).add_to(day, PLAIN_WEEK)


@pytest.mark.parametrize("text", ["400y", "99999mo", "99999w", "-99999d"])
def test_a_date_out_of_range_is_refused(text):
    with pytest.raises(DateOutOfRange):
        CalendarOffset.parse(text).add_to(date(2026, 2, 2), PLAIN_WEEK)
