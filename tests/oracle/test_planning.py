"""What follows from the dates of drawn plans: tasks that settle, and rings on their own local days."""

import random
from dataclasses import replace
from datetime import date, time, timedelta

from tests.oracle.comparing import course_of, study_of
from tests.oracle.plans import Plan, drawn
from tests.trial.test_plan import as_records, carried_out
from trial.calendars import WorkingCalendar
from trial.hours import FIRST_RING, PersonHours, next_permitted
from trial.ladder import TaskDates, rings
from trial.moments import at_local, local_day, zone, zone_names
from trial.plan import changes, planned_tasks
from trial.study import Step, Study
from trial.tasks import PlannedTask
from trial.timeline import Course

PLANS = range(300)


def calendar_of(plan: Plan) -> WorkingCalendar:
    return WorkingCalendar(plan.patient.country)


def courses_of(plan: Plan) -> list[Course]:
    """The patient's course as it fills: registered, then all that is known, then with one event taken back."""
    whole = course_of(plan.patient)
    taken_back = list(whole.events)[-1]
    return [
        Course({"entry": whole.events["entry"]}),
        whole,
        replace(
            whole, events={name: day for name, day in whole.events.items() if name == "entry" or name != taken_back}
        ),
    ]


def test_planning_twice_adds_nothing_whatever_the_study():
    for seed in PLANS:
        plan = drawn(seed)
        study = study_of(plan)
        existing = []
        for course in courses_of(plan):
            found = changed(study, existing, course, calendar_of(plan))
            existing = carried_out(existing, found)

            assert not changed(study, existing, course, calendar_of(plan)), seed


def changed(study: Study, existing, course: Course, calendar: WorkingCalendar):
    return changes(planned_tasks(study, course, calendar), existing, study=study, course=course)


def test_a_whole_plan_is_what_one_replanning_after_another_leads_to():
    """In whatever order events come in, what is open in the end is what the last plan wants."""
    for seed in PLANS:
        plan = drawn(seed)
        study, calendar = study_of(plan), calendar_of(plan)
        existing = []
        for course in courses_of(plan):
            existing = carried_out(existing, changed(study, existing, course, calendar))
        at_once = planned_tasks(study, courses_of(plan)[-1], calendar)
        wanted = as_records({task.key: task for visit in at_once for task in visit.tasks})

        assert {task for task in existing if task.state == "open"} == set(wanted), seed


def test_every_ring_is_on_its_own_local_day_when_people_work_there():
    chance = random.Random(5)  # noqa: S311 - the same zones in every run; nothing is secret
    rung = 0
    for seed in PLANS:
        plan = drawn(seed)
        study, calendar, here = study_of(plan), calendar_of(plan), zone(chance.choice(zone_names()))
        hours = PersonHours(here, calendar)
        for task in tasks_of(study, course_of(plan.patient), calendar):
            for ring in rings(study.ladders[task.ladder], dates_of(task), after=None, calendar=calendar, zone=here):
                local = ring.at.astimezone(here)
                rung += 1

                assert (local.time(), True) == (FIRST_RING, calendar.is_working(local.date())), seed
                assert ring.at == next_permitted(ring.at, hours), seed
                assert_in_time(ring.step, local.date(), task)

    assert rung > 2_000


def assert_in_time(step: Step, day: date, task: PlannedTask) -> None:
    """What rings lies on the side of the task's local dates where it belongs; weekends and holidays move it, not them."""
    if step is Step.LATE or step.escalates:
        assert day > task.closes
    if step is Step.WINDOW_OPEN:
        assert day >= task.opens
    if step is Step.DUE:
        assert task.opens <= day <= max(task.due, task.opens + timedelta(days=10))


def test_a_ring_outside_of_somebodys_hours_waits_for_them_and_for_nothing_else():
    chance = random.Random(6)  # noqa: S311 - as above
    for _ in range(400):
        here, day = zone(chance.choice(zone_names())), date(2020, 1, 1) + timedelta(days=chance.randrange(5_800))
        calendar = WorkingCalendar(chance.choice(["DE", "JP", "US", "FR", None]))
        hours = PersonHours(here, calendar, first=time(chance.randint(6, 12)), last=time(chance.randint(13, 20)))
        ring = at_local(calendar.on_or_after(day), FIRST_RING, here)
        told = next_permitted(ring, hours)

        assert local_day(told, here) == local_day(ring, here)
        assert hours.first <= told.astimezone(here).time() <= hours.last


def tasks_of(study: Study, course: Course, calendar: WorkingCalendar) -> list[PlannedTask]:
    return [task for visit in planned_tasks(study, course, calendar) for task in visit.tasks]


def dates_of(task: PlannedTask) -> TaskDates:
    return TaskDates(task.opens, task.due, task.closes, task.firm)
