"""Which days a card offers: today and yesterday, a sheet of the month, and until when somebody may wait."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from bot import presses
from bot.layout import Rows
from office.cards import CardView
from tests.bot.card_views import TODAY, shown, task, view
from trial.answers import AnswerKind
from trial.messages import ButtonKind
from trial.tasks import TaskKind


def test_what_is_past_is_said_for_today_or_yesterday_and_what_is_booked_for_today_or_tomorrow() -> None:
    hold = view(task(TaskKind.HOLD))

    _, done = shown(hold, presses.ChooseDay(UUID(int=10), AnswerKind.DONE))
    _, booked = shown(hold, presses.ChooseDay(UUID(int=10), AnswerKind.BOOKED))

    assert [one.text.day for one in done[0]] == [TODAY, date(2027, 4, 11)]
    assert [one.text.day for one in booked[0]] == [TODAY, date(2027, 4, 13)]


def sheet(kind: AnswerKind, first: date, *, today: date = TODAY) -> Rows:
    on_that_day = view(task(TaskKind.HOLD), today=today)
    return shown(on_that_day, presses.Month(UUID(int=10), kind, first))[1]


def days(rows: Rows) -> list[date]:
    return [one.press.day for row in rows for one in row if isinstance(one.press, presses.Say)]


@pytest.mark.parametrize("month", [date(2027, month, 1) for month in range(1, 13)] + [date(2028, 2, 1)])
def test_the_sheet_of_a_past_month_has_each_of_its_days_once_under_its_weekday(month: date) -> None:
    rows = sheet(AnswerKind.DONE, month, today=date(2028, 3, 5))

    following = (month + timedelta(days=31)).replace(day=1)
    assert days(rows) == [month + timedelta(days=one) for one in range((following - month).days)]
    for row in rows[2:-1]:
        assert len(row) == 7
        for weekday, one in enumerate(row):
            assert not isinstance(one.press, presses.Say) or one.press.day.weekday() == weekday


def test_a_day_to_come_cannot_be_picked_for_what_was_done_nor_a_past_one_for_a_booking() -> None:
    assert days(sheet(AnswerKind.DONE, date(2027, 4, 1)))[-1] == TODAY
    assert days(sheet(AnswerKind.BOOKED, date(2027, 4, 1)))[0] == TODAY


def test_the_sheet_turns_only_where_there_are_days_to_pick() -> None:
    heads = {
        (kind, month): [one.text.kind for one in sheet(kind, date(2027, month, 1))[0]]
        for kind in (AnswerKind.DONE, AnswerKind.BOOKED)
        for month in (3, 4, 5)
    }

    assert heads[AnswerKind.DONE, 4] == [ButtonKind.PREVIOUS, ButtonKind.MONTH]
    assert heads[AnswerKind.DONE, 3] == [ButtonKind.PREVIOUS, ButtonKind.MONTH, ButtonKind.NEXT]
    assert heads[AnswerKind.BOOKED, 4] == [ButtonKind.MONTH, ButtonKind.NEXT]
    assert heads[AnswerKind.BOOKED, 5] == [ButtonKind.PREVIOUS, ButtonKind.MONTH, ButtonKind.NEXT]


def test_the_sheet_turns_over_new_year() -> None:
    rows = sheet(AnswerKind.BOOKED, date(2027, 12, 1))

    turns = [one.press for one in rows[0] if isinstance(one.press, presses.Month)]
    assert [turn.first for turn in turns] == [date(2027, 11, 1), date(2028, 1, 1)]


def until(view: CardView) -> list[date]:
    _, rows = shown(view, presses.ChooseDay(UUID(int=10), AnswerKind.LATER))
    return days(rows)


@pytest.mark.parametrize(
    ("today", "closes", "offered"),
    [
        (date(2027, 4, 14), date(2027, 5, 28), [date(2027, 4, 15), date(2027, 4, 19), date(2027, 5, 25)]),
        (date(2027, 4, 14), date(2027, 4, 17), [date(2027, 4, 15)]),
        (
            date(2027, 4, 11),
            date(2027, 5, 28),
            [date(2027, 4, 12), date(2027, 5, 25)],
        ),  # on a Sunday Monday is tomorrow
        (date(2027, 4, 19), date(2027, 4, 19), [date(2027, 4, 20), date(2027, 4, 26)]),  # the last day: nothing is left
        (date(2027, 4, 21), date(2027, 4, 19), [date(2027, 4, 22), date(2027, 4, 26)]),  # late already
    ],
)
def test_later_is_never_past_the_window_while_a_day_of_it_is_left(
    today: date, closes: date, offered: list[date]
) -> None:
    assert until(view(task(TaskKind.HOLD, closes=closes), today=today)) == offered
