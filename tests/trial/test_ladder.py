from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.trial.vocabulary import ZONES, at, day, dream
from trial.calendars import WorkingCalendar
from trial.follow_up import is_late
from trial.hours import FIRST_RING, PersonHours, next_permitted
from trial.ladder import TaskDates, due_now, later_ring, next_ring, rings
from trial.moments import local_day, zone
from trial.study import Step
from trial.tasks import TaskState
from trial.visitplan.ladders import USUAL_LADDERS

BERLIN = zone("Europe/Berlin")
GERMANY = WorkingCalendar("DE")
VISIT = dream().ladders["visit"]
TASK = dream().ladders["task"]
MARCH = TaskDates(day("2026-03-09"), day("2026-03-18"), day("2026-03-25"), firm=True)  # Monday, Wednesday, Wednesday


def schedule(ladder, dates, *, calendar=GERMANY, where=BERLIN):
    found = rings(ladder, dates, after=None, calendar=calendar, zone=where)
    return [(ring.step, ring.at.astimezone(where).strftime("%Y-%m-%d %H:%M")) for ring in found]


def test_a_ladder_rings_when_people_start_work():
    assert schedule(VISIT, MARCH) == [
        (Step.HEADS_UP, "2026-03-02 08:30"),
        (Step.WINDOW_OPEN, "2026-03-09 08:30"),
        (Step.DUE, "2026-03-18 08:30"),
        (Step.LATE, "2026-03-26 08:30"),
        (Step.COVER, "2026-03-30 08:30"),
        (Step.BACKUP, "2026-04-01 08:30"),
        (Step.INVESTIGATOR, "2026-04-08 08:30"),  # Easter lies between
        (Step.MANAGER, "2026-04-10 08:30"),
    ]


def test_what_warns_of_an_end_rings_on_the_working_day_before():
    easter = TaskDates(day("2026-03-30"), day("2026-04-05"), day("2026-04-12"), firm=True)

    assert (Step.DUE, "2026-04-02 08:30") in schedule(VISIT, easter)  # before Good Friday


def test_what_tells_of_a_start_rings_on_the_working_day_after():
    easter = TaskDates(day("2026-04-03"), day("2026-04-15"), day("2026-04-17"), firm=True)

    assert (Step.WINDOW_OPEN, "2026-04-07 08:30") in schedule(VISIT, easter)
    assert (Step.LATE, "2026-04-20 08:30") in schedule(VISIT, easter)


def test_nothing_warns_of_an_end_before_the_start():
    weekend = TaskDates(day("2026-03-07"), day("2026-03-08"), day("2026-03-20"), firm=True)

    assert (Step.DUE, "2026-03-09 08:30") in schedule(VISIT, weekend)


def test_a_provisional_task_has_its_heads_up_alone():
    provisional = TaskDates(MARCH.opens, MARCH.due, MARCH.closes, firm=False)

    assert schedule(VISIT, provisional) == [(Step.HEADS_UP, "2026-03-02 08:30")]


def test_a_task_without_dates_rings_nobody():
    unknown = TaskDates(None, None, None, firm=True)

    assert schedule(TASK, unknown) == []
    assert next_ring(TASK, unknown, after=None, calendar=GERMANY, zone=BERLIN) is None
    assert due_now(TASK, unknown, after=None, now=at("2026-03-02 09:00"), calendar=GERMANY, zone=BERLIN) is None


def next_of(after, not_before=None):
    return next_ring(
        VISIT,
        MARCH,
        after=after,
        calendar=GERMANY,
        zone=BERLIN,
        not_before=None if not_before is None else at(not_before),
    )


def due_at(after, now):
    return due_now(VISIT, MARCH, after=after, now=at(now), calendar=GERMANY, zone=BERLIN)


def test_the_steps_ring_one_after_another_and_end():
    assert (Step.HEADS_UP, at("2026-03-02 08:30")) == (next_of(None).step, next_of(None).at)
    assert (Step.WINDOW_OPEN, at("2026-03-09 08:30")) == (next_of(Step.HEADS_UP).step, next_of(Step.HEADS_UP).at)
    assert (Step.MANAGER, at("2026-04-10 08:30")) == (
        next_of(Step.INVESTIGATOR).step,
        next_of(Step.INVESTIGATOR).at,
    )
    assert next_of(Step.MANAGER) is None


def test_nobody_else_hears_over_golden_week_of_what_is_late():
    april = TaskDates(day("2026-03-23"), day("2026-04-20"), day("2026-04-24"), firm=True)  # it closes on a Friday

    assert schedule(VISIT, april, calendar=WorkingCalendar("JP"), where=zone("Asia/Tokyo"))[3:] == [
        (Step.LATE, "2026-04-27 08:30"),
        (Step.COVER, "2026-04-30 08:30"),  # Wednesday was Showa Day
        (Step.BACKUP, "2026-05-07 08:30"),
        (Step.INVESTIGATOR, "2026-05-12 08:30"),
        (Step.MANAGER, "2026-05-14 08:30"),
    ]


def test_a_reminder_announces_the_due_date():
    assert day("2026-03-18") == next_of(None).announced_due


def test_a_late_reminder_is_still_sent():
    ring = next_of(None, "2026-04-10 10:00")

    assert (Step.LATE, at("2026-04-10 10:00")) == (ring.step, ring.at)


def test_missed_steps_are_one_ring_and_never_a_flood():
    assert next_of(None, "2026-03-19 11:00").step == Step.DUE
    assert due_at(None, "2026-03-19 11:00").step == Step.DUE
    assert due_at(Step.DUE, "2026-03-19 11:00") is None


def test_whoever_should_answer_is_told_first_however_late_it_is():
    """An outage over the whole ladder, or a patient who joins late: nobody hears of a colleague's delay before they do."""
    assert next_of(None, "2026-05-11 10:00").step is Step.LATE
    assert due_at(None, "2026-05-11 10:00").step is Step.LATE


def test_what_tells_somebody_else_is_never_passed_over():
    assert next_of(Step.LATE, "2026-05-11 10:00").step is Step.COVER
    assert due_at(Step.LATE, "2026-05-11 10:00").step is Step.COVER
    assert due_at(Step.COVER, "2026-05-11 10:00").step is Step.BACKUP


def test_after_a_late_step_the_others_keep_their_distance():
    late_on_a_monday = {"after": Step.LATE, "rung_on": day("2026-05-11")}
    ring = next_ring(VISIT, MARCH, calendar=GERMANY, zone=BERLIN, not_before=at("2026-05-11 10:00"), **late_on_a_monday)

    assert (Step.COVER, at("2026-05-13 08:30")) == (ring.step, ring.at)  # two working days from late to cover


def test_a_step_that_was_rung_on_its_day_moves_nothing():
    for before, step in pairwise(step.step for step in VISIT.steps):
        rung_on = local_day(next(ring.at for ring in all_of(MARCH) if ring.step is before), BERLIN)
        planned = next(ring.at for ring in all_of(MARCH) if ring.step is step)
        ring = next_ring(VISIT, MARCH, after=before, calendar=GERMANY, zone=BERLIN, rung_on=rung_on)
        assert (step, planned) == (ring.step, ring.at)


def all_of(dates):
    return list(rings(VISIT, dates, after=None, calendar=GERMANY, zone=BERLIN))


def test_what_was_missed_rings_at_a_permitted_moment():
    assert at("2026-03-23 08:30") == next_of(None, "2026-03-21 22:00").at  # a Saturday night


def test_a_step_that_has_not_come_does_not_ring():
    assert due_at(None, "2026-03-02 08:29") is None
    assert due_at(None, "2026-03-02 08:30").step == Step.HEADS_UP


def test_later_rings_on_the_day_named_or_the_working_day_after():
    assert at("2026-03-12 08:30") == later_ring(day("2026-03-12"), calendar=GERMANY, zone=BERLIN)
    assert at("2026-03-16 08:30") == later_ring(day("2026-03-14"), calendar=GERMANY, zone=BERLIN)


def test_later_is_never_after_the_last_day():
    assert at("2026-03-13 08:30") == later_ring(
        day("2026-03-20"), calendar=GERMANY, zone=BERLIN, closes=day("2026-03-14")
    )


DATES = st.builds(
    lambda opens, first, second, firm: TaskDates(
        opens, opens + timedelta(days=first), opens + timedelta(days=first + second), firm
    ),
    st.dates(min_value=date(2024, 1, 1), max_value=date(2030, 12, 31)),
    st.integers(0, 60),
    st.integers(0, 60),
    st.booleans(),
)
LADDERS = [VISIT, TASK, dream().ladders["question"], *USUAL_LADDERS.values()]
CALENDARS = st.sampled_from([WorkingCalendar(), GERMANY, WorkingCalendar("JP"), WorkingCalendar("US", "CA")])


@given(dates=DATES, where=st.sampled_from(ZONES), calendar=CALENDARS, ladder=st.sampled_from([VISIT, TASK]))
@example(
    dates=TaskDates(date(2026, 3, 29), date(2026, 3, 29), date(2026, 3, 29), firm=True),
    where="Europe/Berlin",
    calendar=WorkingCalendar(),
    ladder=VISIT,
)
@example(
    dates=TaskDates(date(2024, 3, 30), date(2024, 3, 31), date(2024, 4, 1), firm=True),
    where="America/Nuuk",
    calendar=WorkingCalendar(),
    ladder=VISIT,
)
def test_every_ring_falls_on_a_working_day_at_a_wall_time_that_exists(dates, where, calendar, ladder):
    here = zone(where)
    found = list(rings(ladder, dates, after=None, calendar=calendar, zone=here))

    for ring in found:
        local = ring.at.astimezone(here)
        assert calendar.is_working(local.date())
        assert local.time() == FIRST_RING
        assert ring.announced_due == dates.due
        assert ring.step is Step.HEADS_UP or dates.firm
    assert sorted(ring.at for ring in found) == [ring.at for ring in found]


@given(dates=DATES, calendar=CALENDARS)
def test_a_warning_comes_in_time_wherever_a_working_day_is_left(dates, calendar):
    for ring in rings(VISIT, dates, after=None, calendar=calendar, zone=BERLIN):
        rung = local_day(ring.at, BERLIN)
        if ring.step is Step.DUE:
            assert rung >= dates.opens
            assert rung <= dates.due or calendar.on_or_after(dates.opens) > dates.due
        if ring.step is Step.LATE:
            assert rung > dates.closes


@given(dates=DATES, where=st.sampled_from(ZONES), calendar=CALENDARS, hours=st.integers(-24 * 40, 24 * 200))
def test_the_alarm_and_the_ring_agree(dates, where, calendar, hours):
    """Whatever a task's one alarm clock is set to, something rings when it goes off, and nothing is rung twice."""
    here = zone(where)
    started = at("2026-03-02 10:00", where) + timedelta(hours=hours)
    after, rung = None, []
    alarm = next_ring(VISIT, dates, after=after, calendar=calendar, zone=here, not_before=started)
    while alarm is not None:
        assert alarm.at >= started
        assert alarm.at == next_permitted(alarm.at, PersonHours(here, calendar))
        ring = due_now(VISIT, dates, after=after, now=alarm.at, calendar=calendar, zone=here)
        assert ring is not None
        assert ring.step is alarm.step
        rung.append(ring.step)
        after = ring.step
        alarm = next_ring(VISIT, dates, after=after, calendar=calendar, zone=here, not_before=started)

    assert len(set(rung)) == len(rung) <= len(VISIT.steps)
    assert rung[-1] is (Step.MANAGER if dates.firm else Step.HEADS_UP)
    assert [step for step in rung if step.escalates] == [step for step in Step if step.escalates and dates.firm]
    assert not dates.firm or Step.LATE in rung


@given(dates=DATES, where=st.sampled_from(ZONES), calendar=CALENDARS, ladder=st.sampled_from(LADDERS))
def test_somebody_else_hears_in_order_and_never_before_it_is_late(dates, where, calendar, ladder):
    here = zone(where)
    found = [ring for ring in rings(ladder, dates, after=None, calendar=calendar, zone=here) if ring.step.escalates]

    assert [ring.step for ring in found] == [one.step for one in ladder.steps if one.step.escalates and dates.firm]
    assert all(earlier.at < later.at for earlier, later in pairwise(found))
    for ring in found:
        assert is_late(TaskState.OPEN, dates, local_day(ring.at, here))


@given(
    dates=DATES.filter(lambda dates: dates.firm),
    calendar=CALENDARS,
    ladder=st.sampled_from(LADDERS),
    delays=st.lists(st.integers(0, 40), min_size=8, max_size=8),
)
def test_however_late_each_step_is_nobody_is_told_sooner_after_another_than_the_ladder_says(
    dates, calendar, ladder, delays
):
    planned = {
        ring.step: local_day(ring.at, BERLIN)
        for ring in rings(ladder, dates, after=None, calendar=calendar, zone=BERLIN)
    }
    after, rung_on = None, None
    for delay in delays:
        ring = next_ring(ladder, dates, after=after, calendar=calendar, zone=BERLIN, rung_on=rung_on)
        if ring is None:
            break
        day = calendar.on_or_after(local_day(ring.at, BERLIN) + timedelta(days=delay))
        if ring.step.escalates:
            distance = calendar.working_days(planned[after] + timedelta(days=1), planned[ring.step])
            assert calendar.working_days(rung_on + timedelta(days=1), day) >= distance
        after, rung_on = ring.step, day


def test_only_what_tells_of_a_start_waits_for_the_digest():
    assert [step for step in Step if step.digested] == [Step.HEADS_UP, Step.WINDOW_OPEN]


@pytest.mark.parametrize("name", ["visit", "task", "question"])
def test_the_study_brings_its_own_ladders(name):
    assert name in dream().ladders
