from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trial.vocabulary import ZONES, at
from trial.calendars import WorkingCalendar
from trial.hours import FIRST_RING, LAST_RING, next_permitted
from trial.moments import instant, zone

BERLIN = zone("Europe/Berlin")


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
    assert at(permitted) == next_permitted(at(now), BERLIN, WorkingCalendar("DE"))


def test_a_site_may_have_hours_of_its_own():
    late = next_permitted(at("2026-03-02 10:00"), BERLIN, WorkingCalendar(), first=time(13), last=time(21))

    assert at("2026-03-02 13:00") == late


def test_the_second_showing_of_the_first_hour_is_permitted():
    second = instant(datetime(2026, 11, 1, 6, 15, tzinfo=UTC))  # 01:15 in New York for the second time, a Sunday
    everyday = WorkingCalendar()
    here = zone("America/New_York")

    assert second <= next_permitted(second, here, everyday, first=time(1, 30), last=time(3))


@given(
    now=st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - Hypothesis takes bounds without a zone
    where=st.sampled_from(ZONES),
    calendar=st.sampled_from([WorkingCalendar(), WorkingCalendar("JP"), WorkingCalendar("US")]),
)
def test_the_next_permitted_moment_is_permitted_and_the_first(now, where, calendar):
    moment = next_permitted(instant(now), zone(where), calendar)
    local = moment.astimezone(zone(where))

    assert now <= moment
    assert calendar.is_working(local.date())
    assert FIRST_RING <= local.time() <= LAST_RING
    assert moment == next_permitted(moment, zone(where), calendar)
    if moment > now:
        between = [day for day in _days(now.astimezone(zone(where)).date(), local.date()) if calendar.is_working(day)]
        assert not between or (between == [now.astimezone(zone(where)).date()] and _is_over(now, where))


def _days(first: date, last: date) -> list[date]:
    return [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal())]


def _is_over(now: datetime, where: str) -> bool:
    return now.astimezone(zone(where)).time() > LAST_RING
