"""When a person may be written to."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.trial.vocabulary import ZONES, at, day
from trial.calendars import WorkingCalendar
from trial.hours import (
    EARLIEST,
    FIRST_RING,
    LAST_RING,
    LATEST,
    LONGEST_WAIT,
    BadHours,
    PersonHours,
    check_hours,
    next_permitted,
)
from trial.moments import instant, zone

BERLIN = zone("Europe/Berlin")
TOKYO = zone("Asia/Tokyo")
GERMANY = WorkingCalendar("DE")
USUAL = PersonHours(BERLIN, GERMANY)


def next_of(now: str, hours: PersonHours = USUAL, where: str = "Europe/Berlin") -> str:
    return next_permitted(at(now, where), hours).astimezone(hours.zone).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("now", "permitted"),
    [
        ("2026-03-02 10:00", "2026-03-02 10:00"),  # a Monday
        ("2026-03-02 08:30", "2026-03-02 08:30"),
        ("2026-03-02 17:00", "2026-03-02 17:00"),
        ("2026-03-02 17:01", "2026-03-03 08:30"),
        ("2026-03-02 03:00", "2026-03-02 08:30"),
        ("2026-03-06 18:00", "2026-03-09 08:30"),  # a Friday evening
        ("2026-04-03 10:00", "2026-04-07 08:30"),  # Good Friday
    ],
)
def test_people_are_written_to_in_working_hours(now, permitted):
    assert permitted == next_of(now)


def test_a_moment_that_is_permitted_stays_as_it_is_to_the_microsecond():
    now = instant(datetime(2026, 3, 2, 9, 15, 30, 123456, tzinfo=UTC))

    assert now == next_permitted(now, USUAL)


def test_a_person_may_have_hours_of_their_own():
    late = PersonHours(BERLIN, GERMANY, first=time(13), last=time(19))

    assert [
        next_of("2026-03-02 10:00", late),
        next_of("2026-03-02 18:00", late),
        next_of("2026-03-02 19:01", late),
    ] == [
        "2026-03-02 13:00",
        "2026-03-02 18:00",
        "2026-03-03 13:00",
    ]


def test_quiet_time_begins_with_its_first_minute_and_ends_before_its_last():
    lunch = PersonHours(BERLIN, GERMANY, quiet=(time(12), time(13)))

    assert [next_of(f"2026-03-02 {wall}", lunch) for wall in ("11:59", "12:00", "12:30", "13:00")] == [
        "2026-03-02 11:59",
        "2026-03-02 13:00",
        "2026-03-02 13:00",
        "2026-03-02 13:00",
    ]


def test_quiet_time_may_run_over_midnight():
    evenings = PersonHours(BERLIN, GERMANY, quiet=(time(16), time(9, 30)))

    assert [next_of(f"2026-03-02 {wall}", evenings) for wall in ("08:45", "15:59", "16:00")] == [
        "2026-03-02 09:30",
        "2026-03-02 15:59",
        "2026-03-03 09:30",
    ]


def test_quiet_time_at_the_end_of_the_hours_ends_the_day():
    assert next_of("2026-03-02 15:30", PersonHours(BERLIN, GERMANY, quiet=(time(15), time(19)))) == "2026-03-03 08:30"


def test_somebody_away_is_written_to_when_they_are_back():
    away = PersonHours(BERLIN, GERMANY, away=((day("2026-03-02"), day("2026-03-06")),))

    assert next_of("2026-03-02 10:00", away) == "2026-03-09 08:30"  # a Monday: they were away until Friday


def test_a_site_that_closes_around_golden_week_is_left_in_peace():
    closed = WorkingCalendar("JP").with_closings([(day("2026-04-27"), day("2026-05-08"))])

    assert next_of("2026-04-24 18:00", PersonHours(TOKYO, closed), "Asia/Tokyo") == "2026-05-11 08:30"


def test_a_holiday_of_one_region_is_a_working_day_in_another():
    assert next_of("2026-01-06 10:00", PersonHours(BERLIN, WorkingCalendar("DE", "BY"))) == "2026-01-07 08:30"
    assert next_of("2026-01-06 10:00", PersonHours(BERLIN, WorkingCalendar("DE", "BE"))) == "2026-01-06 10:00"


def test_nobody_is_written_to_at_night_whatever_was_set():
    nights = PersonHours(BERLIN, GERMANY, first=time(0), last=time(23, 59))

    assert [next_of("2026-03-02 02:00", nights), next_of("2026-03-02 22:00", nights)] == [
        "2026-03-02 06:00",
        "2026-03-03 06:00",
    ]


def test_quiet_time_that_leaves_nothing_of_the_hours_yields_to_them():
    """The site's hours were moved into it afterwards."""
    assert next_of("2026-03-02 07:00", PersonHours(BERLIN, GERMANY, quiet=(time(8), time(18)))) == "2026-03-02 08:30"


def test_hours_that_are_no_hours_are_the_usual_ones():
    assert (
        next_of("2026-03-02 07:00", PersonHours(BERLIN, GERMANY, first=time(21), last=time(23))) == "2026-03-02 08:30"
    )


def test_an_absence_without_an_end_holds_nothing_back_for_ever():
    gone = PersonHours(BERLIN, GERMANY, away=((day("2026-03-02"), day("2199-12-31")),))

    assert next_of("2026-03-02 10:00", gone) == "2027-02-16 08:30"


@pytest.mark.parametrize(
    ("first", "last", "quiet"),
    [
        (time(8, 30), time(17), None),
        (time(6), time(20), (time(12), time(13))),
        (time(9), time(16), (time(16), time(9, 30))),
        (time(9), time(16), (time(9), time(9))),
    ],
)
def test_hours_that_can_be_kept_are_taken(first, last, quiet):
    check_hours(first, last, quiet=quiet)


@pytest.mark.parametrize(
    ("first", "last", "quiet", "told"),
    [
        (time(5, 59), time(17), None, "hours: 05:59 to 17:00 cannot be kept; give two times between 06:00 and 20:00"),
        (time(8), time(20, 1), None, "hours: 08:00 to 20:01 cannot be kept"),
        (time(17), time(8), None, "hours: 17:00 to 08:00 cannot be kept"),
        (time(9), time(9), None, "hours: 09:00 to 09:00 cannot be kept"),
        (time(9), time(16), (time(8), time(17)), "quiet time: nothing is left of the hours 09:00 to 16:00"),
        (time(9), time(16), (time(9), time(16, 1)), "quiet time: nothing is left"),
        (time(9), time(16), (time(8, 59), time(8, 58)), "quiet time: nothing is left"),
    ],
)
def test_hours_that_cannot_be_kept_are_refused_with_what_would_be_right(first, last, quiet, told):
    with pytest.raises(BadHours, match=told):
        check_hours(first, last, quiet=quiet)


# --- any hours --------------------------------------------------------------------------------------------------------

FIRST_DAY, LAST_DAY = date(2024, 1, 1), date(2030, 1, 1)
MOMENTS = st.datetimes(
    min_value=datetime(2024, 1, 1),  # noqa: DTZ001 - Hypothesis takes bounds without a zone
    max_value=datetime(2030, 1, 1),  # noqa: DTZ001 - Hypothesis takes bounds without a zone
    timezones=st.just(UTC),
).map(instant)
WALLS = st.times().map(lambda wall: wall.replace(second=0, microsecond=0))
SPANS = st.builds(
    lambda first, length: (first, first + timedelta(days=length)), st.dates(FIRST_DAY, LAST_DAY), st.integers(0, 90)
)
CALENDARS = st.builds(
    lambda calendar, closings: calendar.with_closings(closings),
    st.sampled_from([WorkingCalendar(), WorkingCalendar("JP"), WorkingCalendar("DE", "BY"), WorkingCalendar("US")]),
    st.lists(SPANS, max_size=2),
)
ANY_HOURS = st.builds(
    PersonHours,
    zone=st.sampled_from(ZONES).map(zone),
    calendar=CALENDARS,
    first=WALLS,
    last=WALLS,
    quiet=st.none() | st.tuples(WALLS, WALLS),
    away=st.lists(SPANS, max_size=2).map(tuple),
)


def can_be_kept(hours: PersonHours) -> bool:
    try:
        check_hours(hours.first, hours.last, quiet=hours.quiet)
    except BadHours:
        return False
    return True


KEPT_HOURS = ANY_HOURS.filter(can_be_kept)


def is_quiet(wall: time, quiet: tuple[time, time] | None) -> bool:
    if quiet is None:
        return False
    begins, ends = quiet
    return begins <= wall < ends if begins <= ends else wall >= begins or wall < ends


@given(now=MOMENTS, hours=ANY_HOURS)
@example(
    now=instant(datetime(2026, 11, 1, 6, 15, tzinfo=UTC)),  # 01:15 in New York, for the second time that night
    hours=PersonHours(ZoneInfo("America/New_York"), WorkingCalendar()),
)
def test_never_at_night_on_a_day_off_or_while_away_and_within_a_year(now, hours):
    found = next_permitted(now, hours)
    local = found.astimezone(hours.zone)

    assert now <= found <= now + timedelta(days=366)
    assert EARLIEST <= local.time() <= LATEST
    assert hours.calendar.is_working(local.date())
    assert not any(first <= local.date() <= last for first, last in hours.away)
    assert found == next_permitted(found, hours)


@given(now=MOMENTS, hours=KEPT_HOURS)
def test_never_outside_the_persons_hours_or_in_their_quiet_time(now, hours):
    wall = next_permitted(now, hours).astimezone(hours.zone).time()

    assert hours.first <= wall <= hours.last
    assert not is_quiet(wall, hours.quiet)


@given(now=MOMENTS, hours=KEPT_HOURS, minutes=st.integers(0, 60 * 24 * 14))
def test_no_moment_that_was_permitted_is_passed_over(now, hours, minutes):
    found = next_permitted(now, hours)
    between = now + timedelta(minutes=minutes)
    local = between.astimezone(hours.zone)
    permitted = (
        hours.works_on(local.date())
        and hours.first <= local.time() <= hours.last
        and not is_quiet(local.time(), hours.quiet)
    )

    assert not (permitted and between < found)


@given(now=MOMENTS, hours=ANY_HOURS)
def test_even_a_site_that_closed_for_good_is_written_to_within_a_year(now, hours):
    local = now.astimezone(hours.zone).date()
    for_good = PersonHours(
        hours.zone, hours.calendar.with_closings([(local, local + 2 * LONGEST_WAIT)]), hours.first, hours.last
    )

    assert next_permitted(now, for_good) <= now + timedelta(days=366)


def test_the_usual_hours_can_be_kept():
    check_hours(FIRST_RING, LAST_RING)
