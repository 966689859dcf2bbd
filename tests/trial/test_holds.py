"""What a hold covers, and until when."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial.calendars import WorkingCalendar
from trial.holds import BadHold, Hold, HoldScope, TaskPlace, covers, covers_site, first_day_after, held_until, wakes_at
from trial.tasks import TaskKind

STUDY, OTHER_STUDY = UUID(int=1), UUID(int=2)
SITES = (UUID(int=11), UUID(int=12))
PATIENTS = (UUID(int=21), UUID(int=22))
FRIDAY = date(2026, 5, 8)

days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
tasks = st.builds(
    TaskPlace,
    study_id=st.sampled_from((STUDY, OTHER_STUDY)),
    site_id=st.sampled_from(SITES),
    patient_id=st.sampled_from(PATIENTS),
    kind=st.sampled_from(TaskKind),
)


def hold_of(scope: HoldScope, task: TaskPlace, until: date) -> Hold:
    """The hold of this scope that is about this very task."""
    return Hold(
        task.study_id,
        scope,
        until,
        site_id=task.site_id if scope in {HoldScope.SITE, HoldScope.PATIENT} else None,
        patient_id=task.patient_id if scope is HoldScope.PATIENT else None,
        kind=task.kind if scope is HoldScope.TASKS else None,
    )


holds = st.builds(hold_of, st.sampled_from(HoldScope), tasks, days)


@given(st.sampled_from(HoldScope), tasks, days)
def test_a_hold_covers_what_it_names_through_its_last_day(scope, task, until):
    hold = hold_of(scope, task, until)

    assert covers(hold, task, until)
    assert not covers(hold, task, until + timedelta(days=1))


@given(holds, tasks, days)
def test_what_a_hold_does_not_name_it_leaves_alone(hold, task, day):
    named = {
        HoldScope.STUDY: True,
        HoldScope.SITE: hold.site_id == task.site_id,
        HoldScope.PATIENT: hold.patient_id == task.patient_id,
        HoldScope.TASKS: hold.kind is task.kind,
    }[hold.scope]

    assert covers(hold, task, day) == (named and hold.study_id == task.study_id and day <= hold.until)


@given(st.lists(holds, max_size=5), tasks, days)
def test_a_task_is_on_hold_while_any_hold_covers_it(several, task, day):
    until = held_until(several, task, day)

    assert (until is not None) == any(covers(hold, task, day) for hold in several)
    if until is not None:
        assert day <= until
        assert held_until(several, task, until) == until
        assert held_until(several, task, until + timedelta(days=1)) is None


@given(st.lists(holds, max_size=5), holds, tasks, days)
def test_one_more_hold_never_ends_another(several, more, task, day):
    before, after = held_until(several, task, day), held_until([*several, more], task, day)

    assert before is None or (after is not None and after >= before)


@given(holds, days)
def test_a_site_is_on_hold_where_each_of_its_tasks_is(hold, day):
    for site in SITES:
        all_of_them = all(
            covers(hold, TaskPlace(STUDY, site, patient, kind), day) for patient in PATIENTS for kind in TaskKind
        )
        if covers_site(hold, STUDY, site, day):
            assert all_of_them


def test_what_was_on_hold_is_told_on_the_first_working_day_after_it():
    holiday = FRIDAY + timedelta(days=3)
    calendar = WorkingCalendar().with_closings([(holiday, holiday)])

    assert first_day_after(FRIDAY, calendar) == date(2026, 5, 12)
    assert f"{wakes_at(FRIDAY, calendar, ZoneInfo('Asia/Tokyo')):%m-%d %H:%M}" == "05-11 23:30"


def test_a_hold_names_what_its_scope_is_about_and_nothing_else():
    fits = Hold(STUDY, HoldScope.PATIENT, FRIDAY, site_id=SITES[0], patient_id=PATIENTS[0])

    for wrong in ({"site_id": None}, {"patient_id": None}, {"kind": TaskKind.UPLOAD}, {"scope": HoldScope.STUDY}):
        with pytest.raises(BadHold):
            replace(fits, **wrong)
