"""Counting: what a reader of the figures may take from them."""

from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from office.study_files import read_study
from records.rehearsed import ItemOpened, MessageSent, RingSent, TaskLeft
from rehearsal.figures import Figures, Home, Left, Reader, Span, figures
from rehearsal.invention import Behaviour
from tests.trials import DREAM
from trial.calendars import WorkingCalendar
from trial.moments import Instant, instant
from trial.people import Role

BERLIN = ZoneInfo("Europe/Berlin")
LEAD, COLLEAGUE, TASK = UUID(int=1), UUID(int=2), UUID(int=3)
MARCH = Span(date(2027, 3, 1), date(2027, 4, 4))
"""Five ISO weeks, with Easter at their end: 26 and 29 March are public holidays in Germany."""


def at(day: int, hour: int = 10) -> Instant:
    return instant(datetime(2027, 3, day, hour, tzinfo=UTC))


def message(person: UUID, day: int, hour: int = 10) -> MessageSent:
    return MessageSent(person, "card", at(day, hour))


def ring(step: str, closes: date, sent: int) -> RingSent:
    return RingSent(TASK, "001", LEAD, "task", step, closes, date(2027, 3, 1), closes, closes, at(sent))


def task(
    closes: date,
    ended: Instant | None,
    *,
    kind: str = "upload",
    state: str = "done",
    firm: bool = True,
    known: Instant | None = None,
) -> TaskLeft:
    return TaskLeft("001", "fu", kind, state, firm, closes, closes, True, known or at(1), ended)


def counted(
    *,
    messages: tuple[MessageSent, ...] = (),
    rings: tuple[RingSent, ...] = (),
    tasks: tuple[TaskLeft, ...] = (),
    items: tuple[ItemOpened, ...] = (),
) -> Figures:
    left = Left(
        readers=(
            Reader(LEAD, Role.COORDINATOR, first=True, zone=BERLIN),
            Reader(COLLEAGUE, Role.COORDINATOR, first=False, zone=BERLIN),
        ),
        homes={"001": Home(WorkingCalendar("DE"), BERLIN, Behaviour.LATE)},
        messages=messages,
        rings=rings,
        tasks=tasks,
        items=items,
    )
    return figures(left, read_study(DREAM).ladders, MARCH)


def test_weeks_without_a_message_count_and_a_week_is_the_reader_s_own():
    # 23:30 UTC on Sunday the 7th is Monday in Berlin.
    found = counted(messages=(message(LEAD, 2), message(LEAD, 3), message(LEAD, 4), message(LEAD, 7, 23)))
    lead, colleague = found.loads

    assert (lead.who, lead.people, lead.messages) == ("coordinator asked first", 1, 4)
    assert (lead.median, lead.most, lead.busiest, lead.busiest_week) == (0, 3, 3, date(2027, 3, 1))
    assert (colleague.messages, colleague.busiest_week) == (0, None)
    assert [week.messages for week in found.weeks] == [3, 1, 0, 0, 0]


def test_a_ring_is_moved_where_its_day_is_a_weekend_or_a_holiday_at_the_site():
    # Late is a working day behind the last one, due is on it: Saturday the 20th, Good Friday the 26th, Wednesday the 24th.
    found = counted(
        rings=(
            ring("due", date(2027, 3, 20), 19),
            ring("due", date(2027, 3, 26), 25),
            ring("due", date(2027, 3, 24), 24),
            ring("late", date(2027, 3, 20), 22),
        )
    )

    assert (found.moved.rings, found.moved.weekends, found.moved.holidays) == (4, 1, 1)


def test_late_is_what_nobody_had_answered_when_its_last_day_was_over():
    ended = date(2027, 3, 10)
    found = counted(
        tasks=(
            task(ended, at(10, 20)),
            task(ended, at(11)),
            task(ended, None, state="open"),
            # Given up, provisional, an event that has not happened, and one whose last day is still to come.
            task(ended, None, state="cancelled"),
            task(ended, None, firm=False, state="open"),
            task(ended, None, kind="event", state="open"),
            task(date(2027, 5, 1), None, state="open"),
        )
    )

    [late] = found.lateness
    assert (late.behaviour, late.ended, late.late, late.before) == (Behaviour.LATE, 3, 2, 0)


def test_what_was_over_before_its_patient_was_entered_is_nobody_s_lateness():
    # 23:30 UTC on the 9th is the 10th in Berlin, and that day was still to use.
    midnight = instant(datetime(2027, 3, 9, 23, 30, tzinfo=UTC))
    found = counted(
        tasks=(
            task(date(2027, 3, 9), at(12), known=midnight),
            task(date(2027, 3, 10), at(12), known=midnight),
        )
    )

    [late] = found.lateness
    assert (late.ended, late.late, late.before) == (1, 1, 1)


def test_the_office_hears_of_a_ladder_s_end_in_the_month_in_which_it_ended():
    found = counted(items=(ItemOpened("ladder_ended", at(30)), ItemOpened("site_silent", at(31))))

    assert [(month.first, month.ladders, month.others) for month in found.months] == [
        (date(2027, 3, 1), 1, 1),
        (date(2027, 4, 1), 0, 0),
    ]


def test_the_busiest_weeks_are_those_with_the_most_last_days():
    days = (date(2027, 3, 9), date(2027, 3, 16), date(2027, 3, 18))
    found = counted(tasks=tuple(task(day, None, state="open") for day in days))

    assert [(week.monday, week.due) for week in found.busiest_weeks] == [
        (date(2027, 3, 15), 2),
        (date(2027, 3, 8), 1),
    ]
