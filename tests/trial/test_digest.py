"""The weekly digest: when it comes, what stands in it, and what cannot wait for it."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trial.vocabulary import ZONES, at, day
from trial.calendars import WorkingCalendar
from trial.digest import (
    Concern,
    DigestCounts,
    DigestItem,
    at_risk,
    concern,
    counts,
    days_off,
    next_digest,
    working_days_left,
    worst_first,
    worst_of_each_visit,
)
from trial.hours import PersonHours
from trial.moments import instant, zone
from trial.tasks import TaskKind

BERLIN = zone("Europe/Berlin")
GERMANY, JAPAN = WorkingCalendar("DE"), WorkingCalendar("JP")
MONDAY = day("2026-03-02")
MIDWEEK = 2


def item(
    number: int = 1,
    *,
    opens: int | None = -7,
    closes: int | None = 30,
    kind: TaskKind = TaskKind.HOLD,
    firm: bool = True,
    queried: bool = False,
    visit: int | None = None,
) -> DigestItem:
    """A task whose window lies so many days from Monday."""
    last = None if closes is None else MONDAY + timedelta(days=closes)
    return DigestItem(
        visit_id=UUID(int=visit or number),
        task_id=UUID(int=100 + number),
        kind=kind,
        opens=None if opens is None else MONDAY + timedelta(days=opens),
        due=last,
        closes=last,
        firm=firm,
        queried=queried,
    )


# --- what stands in it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (item(closes=-1), Concern.LATE),
        (item(closes=0), Concern.CLOSING),
        (item(closes=6), Concern.CLOSING),
        (item(closes=7), Concern.OTHER),
        (item(opens=6, closes=6), Concern.CLOSING),
        (item(opens=1), Concern.OPENING),
        (item(opens=7), Concern.OTHER),
        (item(kind=TaskKind.UPLOAD, closes=3), Concern.TO_UPLOAD),
        (item(kind=TaskKind.UPLOAD, closes=-3), Concern.LATE),
        (item(kind=TaskKind.UPLOAD, closes=-3, queried=True), Concern.TO_UPLOAD),  # it was answered: it is not late
        (item(kind=TaskKind.UPLOAD, opens=None, closes=None), Concern.OTHER),  # its scan has not taken place
        (item(closes=-1, firm=False), Concern.OTHER),
    ],
)
def test_an_item_has_one_concern(one, expected):
    assert expected is concern(one, MONDAY)


def test_the_worst_comes_first_and_of_the_late_the_longest_late():
    opening, closing, upload = item(1, opens=2), item(2, closes=4), item(3, kind=TaskKind.UPLOAD, closes=1)
    late, very_late, other = item(4, closes=-1), item(5, closes=-41), item(6)

    assert worst_first([opening, other, late, upload, closing, very_late], MONDAY) == (
        very_late,
        late,
        closing,
        upload,
        opening,
        other,
    )


def test_what_opens_first_comes_first_of_what_opens():
    assert worst_first([item(1, opens=3, closes=20), item(2, opens=2, closes=40)], MONDAY)[0].task_id == UUID(int=102)


def test_a_digest_is_gone_through_visit_by_visit():
    mri, ct, other = item(1, visit=1, closes=-2), item(2, visit=1, closes=-9), item(3, visit=3)

    assert worst_of_each_visit([mri, other, ct], MONDAY) == (ct, other)


def test_each_item_is_counted_once():
    items = [
        item(1, closes=-1),
        item(2, closes=2),
        item(3, opens=1),
        item(4, kind=TaskKind.UPLOAD, closes=2),
        item(5, kind=TaskKind.UPLOAD, closes=-2),
        item(6),
    ]

    assert counts(items, MONDAY) == DigestCounts(late=2, closing_this_week=1, opening_this_week=1, waiting_upload=1)


OFFSETS = st.none() | st.integers(-20, 20)
ITEMS = st.lists(
    st.builds(
        item,
        st.integers(1, 50),
        opens=OFFSETS,
        closes=OFFSETS,
        kind=st.sampled_from(TaskKind),
        firm=st.booleans(),
        queried=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: one.task_id,
)


@given(items=ITEMS, random=st.randoms())
def test_worst_first_is_one_order_and_late_comes_before_closing_before_opening(items, random):
    found = worst_first(items, MONDAY)

    assert found == worst_first(random.sample(items, len(items)), MONDAY)
    assert sorted(found, key=lambda one: one.task_id) == sorted(items, key=lambda one: one.task_id)
    concerns = [concern(one, MONDAY) for one in found]
    assert concerns == sorted(concerns)
    numbers = counts(items, MONDAY)
    assert numbers.late + numbers.closing_this_week + numbers.opening_this_week + numbers.waiting_upload <= len(items)


# --- when it comes ----------------------------------------------------------------------------------------------------


def day_of_the_next(today: date, calendar: WorkingCalendar, weekday: int = 0) -> date:
    """On which day it comes, asked at midnight in Berlin."""
    midnight = instant(datetime.combine(today, time.min, BERLIN))
    return next_digest(midnight, PersonHours(BERLIN, calendar), weekday).astimezone(BERLIN).date()


@pytest.mark.parametrize(
    ("today", "comes"),
    [
        ("2026-03-02", "2026-03-02"),  # a Monday
        ("2026-03-03", "2026-03-09"),
        ("2026-04-03", "2026-04-07"),  # from Good Friday to the day after Easter Monday
        ("2026-04-07", "2026-04-07"),
        ("2026-04-08", "2026-04-13"),
    ],
)
def test_a_digest_comes_on_monday_or_the_working_day_after_it(today, comes):
    assert day(comes) == day_of_the_next(day(today), GERMANY)


def test_after_a_closing_of_three_weeks_there_is_one_digest_day():
    closed = JAPAN.with_closings([(day("2026-04-20"), day("2026-05-08"))])

    assert {day_of_the_next(day("2026-04-14") + timedelta(days=number), closed) for number in range(28)} == {
        day("2026-05-11")
    }


def test_a_study_may_choose_another_weekday():
    assert day("2026-03-04") == day_of_the_next(MONDAY, GERMANY, MIDWEEK)


def comes(now: str, hours: PersonHours) -> str:
    return next_digest(at(now), hours).astimezone(hours.zone).strftime("%Y-%m-%d %H:%M")


USUAL = PersonHours(BERLIN, GERMANY)


@pytest.mark.parametrize(
    ("now", "moment"),
    [
        ("2026-03-02 08:29", "2026-03-02 08:30"),
        ("2026-03-02 08:30", "2026-03-09 08:30"),
        ("2026-03-08 23:00", "2026-03-09 08:30"),
        ("2026-04-06 12:00", "2026-04-07 08:30"),  # Easter Monday
        ("2026-04-07 08:30", "2026-04-13 08:30"),
    ],
)
def test_it_comes_when_work_begins(now, moment):
    assert moment == comes(now, USUAL)


def test_it_comes_in_the_persons_own_hours():
    assert comes("2026-03-02 08:30", PersonHours(BERLIN, GERMANY, first=time(10))) == "2026-03-02 10:00"
    assert comes("2026-03-02 08:00", PersonHours(BERLIN, GERMANY, quiet=(time(8), time(9)))) == "2026-03-02 09:00"


def test_somebody_away_on_monday_gets_it_on_their_first_morning_back():
    back_on_thursday = PersonHours(BERLIN, GERMANY, away=((day("2026-02-26"), day("2026-03-04")),))

    assert comes("2026-02-27 12:00", back_on_thursday) == "2026-03-05 08:30"
    assert comes("2026-03-05 08:30", back_on_thursday) == "2026-03-09 08:30"


def test_of_two_mondays_away_there_is_one_digest():
    back_in_two_weeks = PersonHours(BERLIN, GERMANY, away=((day("2026-02-27"), day("2026-03-10")),))

    assert comes("2026-02-27 12:00", back_in_two_weeks) == "2026-03-11 08:30"
    assert comes("2026-03-11 08:30", back_in_two_weeks) == "2026-03-16 08:30"


def test_an_absence_between_two_mondays_moves_nothing():
    assert comes("2026-03-02 09:00", PersonHours(BERLIN, GERMANY, away=((day("2026-03-03"), day("2026-03-06")),))) == (
        "2026-03-09 08:30"
    )


SPANS = st.builds(
    lambda first, length: (first, first + timedelta(days=length)),
    st.dates(date(2025, 1, 1), date(2028, 1, 1)),
    st.integers(0, 40),
)


@given(
    now=st.datetimes(
        min_value=datetime(2025, 1, 1),  # noqa: DTZ001 - Hypothesis takes bounds without a zone
        max_value=datetime(2028, 1, 1),  # noqa: DTZ001 - Hypothesis takes bounds without a zone
        timezones=st.just(UTC),
    ).map(instant),
    where=st.sampled_from(ZONES),
    calendar=st.sampled_from([GERMANY, JAPAN, WorkingCalendar()]),
    away=st.lists(SPANS, max_size=2).map(tuple),
    weekday=st.integers(0, 4),
)
def test_a_digest_comes_on_a_morning_on_which_the_person_works_and_at_most_once_a_week(
    now, where, calendar, away, weekday
):
    hours = PersonHours(zone(where), calendar, away=away)
    first = next_digest(now, hours, weekday)
    second = next_digest(first, hours, weekday)

    for moment in (first, second):
        local = moment.astimezone(hours.zone)
        assert hours.works_on(local.date())
        assert local.time() == hours.morning
    assert now < first < second
    weeks = [
        (moment.astimezone(hours.zone).date() - timedelta(days=weekday)).isocalendar()[:2] for moment in (first, second)
    ]
    assert weeks[0] != weeks[1]


# --- what cannot wait for it ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("closes", "risky"),
    [
        ("2026-03-06", True),  # the Friday before
        ("2026-03-09", True),  # the day of the digest itself
        ("2026-03-10", False),
        ("2026-03-20", False),
    ],
)
def test_a_window_that_closes_before_anybody_could_act_on_the_digest_is_told_singly(closes, risky):
    assert risky == at_risk(day(closes), day("2026-03-09"), GERMANY)


def test_a_window_is_at_risk_over_the_holidays_after_the_digest():
    assert at_risk(day("2026-05-06"), day("2026-05-01"), JAPAN)  # Golden Week lies between
    assert not at_risk(day("2026-05-07"), day("2026-05-01"), JAPAN)


def test_the_window_closes_on_friday_and_thursday_is_a_holiday():
    tuesday, friday = day("2026-05-12"), day("2026-05-15")  # Ascension Day lies between

    assert working_days_left(tuesday, friday, GERMANY) == 2
    assert days_off(tuesday, friday, GERMANY) == (day("2026-05-14"),)


def test_today_is_not_left_and_the_last_day_is():
    monday, wednesday = day("2026-03-09"), day("2026-03-11")

    assert working_days_left(monday, wednesday, GERMANY) == (wednesday - monday).days == 2
    assert working_days_left(wednesday, wednesday, GERMANY) == 0
    assert working_days_left(day("2026-03-13"), day("2026-03-15"), GERMANY) == 0  # a Sunday, on the Friday before


def test_a_window_that_has_closed_leaves_nothing():
    assert working_days_left(day("2026-05-18"), day("2026-05-15"), GERMANY) == 0
    assert days_off(day("2026-05-18"), day("2026-05-15"), GERMANY) == ()


def test_the_sites_own_closed_days_are_days_off():
    closed = GERMANY.with_closings([(day("2026-05-15"), day("2026-05-17"))])

    assert days_off(day("2026-05-13"), day("2026-05-19"), closed) == (day("2026-05-14"), day("2026-05-15"))
    assert working_days_left(day("2026-05-13"), day("2026-05-19"), closed) == 2
