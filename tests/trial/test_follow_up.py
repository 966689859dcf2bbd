from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.trial.vocabulary import PLAIN_WEEK, day
from trial.calendars import WorkingCalendar
from trial.follow_up import FollowUp, follow_up, is_late, overdue_until
from trial.ladder import TaskDates
from trial.moments import CalendarOffset
from trial.tasks import TaskState

WINDOW = TaskDates(day("2026-03-02"), day("2026-03-16"), day("2026-03-30"), firm=True)
FORTNIGHT = CalendarOffset.parse("14d")


def on(today, state=TaskState.OPEN, dates=WINDOW, tolerance=FORTNIGHT):
    return follow_up(state, dates, day(today), tolerance=tolerance, calendar=PLAIN_WEEK)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2026-03-01", FollowUp.SCHEDULED),
        ("2026-03-02", FollowUp.EXPECTED),
        ("2026-03-30", FollowUp.EXPECTED),
        ("2026-04-13", FollowUp.EXPECTED),
        ("2026-04-14", FollowUp.OVERDUE),
    ],
)
def test_an_open_task_is_scheduled_expected_then_overdue(today, expected):
    assert expected is on(today)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (TaskState.DONE, FollowUp.RECEIVED),
        (TaskState.NOT_DONE, FollowUp.UNOBTAINABLE),
        (TaskState.NOT_APPLICABLE, None),
        (TaskState.CANCELLED, None),
        (TaskState.PAUSED, None),
    ],
)
def test_an_answer_stands_whatever_the_day(state, expected):
    assert [expected] * 3 == [on(today, state) for today in ("2026-01-01", "2026-03-16", "2027-01-01")]


def test_a_provisional_task_is_never_overdue():
    provisional = TaskDates(WINDOW.opens, WINDOW.due, WINDOW.closes, firm=False)

    assert FollowUp.SCHEDULED is on("2027-01-01", dates=provisional)
    assert not is_late(TaskState.OPEN, provisional, day("2027-01-01"))


def test_a_task_without_dates_is_scheduled():
    assert FollowUp.SCHEDULED is on("2027-01-01", dates=TaskDates(None, None, None, firm=True))


def test_late_begins_after_the_last_day_and_ends_with_an_answer():
    assert not is_late(TaskState.OPEN, WINDOW, day("2026-03-30"))
    assert is_late(TaskState.OPEN, WINDOW, day("2026-03-31"))
    assert not is_late(TaskState.DONE, WINDOW, day("2026-03-31"))


def test_a_tolerance_may_count_in_working_days():
    two_days = CalendarOffset.parse("2wd")

    assert FollowUp.EXPECTED is on("2026-04-01", tolerance=two_days)
    assert FollowUp.OVERDUE is on("2026-04-02", tolerance=two_days)


@given(
    st.dates(day("2020-01-01"), day("2030-12-31")),
    st.integers(0, 40),
    st.sampled_from(["d", "wd", "w", "mo", "y"]),
    st.integers(1, 200),
    st.sampled_from([None, "DE", "JP"]),
)
@example(day("2026-03-31"), 1, "mo", 28, None)
@example(day("2026-03-30"), 0, "d", 1, "DE")
def test_what_ended_by_a_day_is_overdue_and_what_ended_later_is_not(today, amount, unit, late, country):
    tolerance = CalendarOffset.parse(f"{min(amount, 5) if unit == 'y' else amount}{unit}")
    calendar = WorkingCalendar(country)
    closes = today - timedelta(days=late)
    state = follow_up(
        TaskState.OPEN, TaskDates(closes, closes, closes, firm=True), today, tolerance=tolerance, calendar=calendar
    )

    assert (state is FollowUp.OVERDUE) == (closes <= overdue_until(today, tolerance, calendar))
