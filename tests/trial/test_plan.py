from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.trial.vocabulary import PLAIN_WEEK, course, courses, day, dream, happened, planned, small, study_with
from trial.plan import CancelReason, ExistingTask, changes, planned_tasks
from trial.tasks import TaskKind, TaskState
from trial.timeline import Certainty, Course, EventDate

OPERATED = happened(first_registration="2026-02-02", second_registration="2026-02-02", surgery="2026-03-02")


def plan(study, patient):
    return planned_tasks(study, patient, PLAIN_WEEK)


def tasks(study, patient):
    return {task.key: task for visit in plan(study, patient) for task in visit.tasks}


def as_records(wanted, *, states=None):
    """Tasks as the records have them once they were planned."""
    states = states or {}
    return [
        ExistingTask(*task.key, states.get(task.key, TaskState.OPEN), task.firm, task.opens, task.due, task.closes)
        for task in wanted.values()
    ]


def carried_out(existing, found):
    """The records after the changes."""
    moved = dict(found.move) | dict(found.revive)
    cancelled = dict(found.cancel)
    after = []
    for task in existing:
        goal = moved.get(task.key)
        if goal is not None:
            after.append(ExistingTask(*task.key, TaskState.OPEN, goal.firm, goal.opens, goal.due, goal.closes))
        elif task.key in cancelled:
            after.append(replace(task, state=TaskState.CANCELLED))
        else:
            after.append(task)
    return after + as_records({task.key: task for _, task in found.add})


def changed(study, existing, patient):
    return changes(plan(study, patient), existing, study=study, course=patient)


def test_uploads_have_no_dates_until_the_scan_took_place():
    before = tasks(dream(), course(happened(first_registration="2026-02-02")))["baseline_imaging", "upload_ct"]
    after = tasks(dream(), course(happened(first_registration="2026-02-02"), held={"baseline_imaging": "2026-01-28"}))

    assert (before.opens, before.due, before.closes) == (None, None, None)
    upload = after["baseline_imaging", "upload_ct"]
    assert (day("2026-01-28"), day("2026-02-04"), day("2026-02-04")) == (upload.opens, upload.due, upload.closes)
    assert ("baseline_imaging", "hold") not in after


def test_what_was_held_keeps_its_form_when_another_answer_takes_its_rhythm_away():
    held = course(
        happened(entry="2026-02-02", operation="2026-08-31"), facts={"arm": "b"}, held={"fu_9mo": "2027-06-02"}
    )

    assert ("fu_9mo", "hold") not in tasks(small(), held)
    assert day("2027-06-16") == tasks(small(), held)["fu_9mo", "form"].due


def test_nobody_is_asked_to_hold_a_visit_whose_event_is_known():
    known = tasks(dream(), course(OPERATED))

    assert ("surgery", "hold") not in known
    assert day("2026-03-23") == known["surgery", "pathology_report"].due


def test_a_booked_operation_is_asked_for_on_its_day():
    dates = course(
        happened(first_registration="2026-02-02", second_registration="2026-02-02"), planned(surgery="2026-04-20")
    )
    hold = tasks(dream(), dates)["surgery", "hold"]

    assert (True, day("2026-02-09"), day("2026-04-20"), day("2026-04-20")) == (
        hold.firm,
        hold.opens,
        hold.due,
        hold.closes,
    )


def test_a_visit_that_hangs_on_an_unknown_fact_rings_nobody_but_the_fact_does():
    wanted = tasks(dream(), course(OPERATED))
    hold, fact = wanted["fu_6mo", "hold"], wanted["fact:lesion_left_in_place", "fact"]

    assert (hold.firm, hold.due) == (False, None)
    assert (TaskKind.FACT, True, day("2026-03-09")) == (fact.kind, fact.firm, fact.due)


def test_a_fact_is_not_asked_before_its_event_happened():
    wanted = tasks(dream(), course(happened(first_registration="2026-02-02")))

    assert ("fact:lesion_left_in_place", "fact") not in wanted


def test_an_awaited_event_is_a_task():
    wanted = tasks(small(), course(happened(entry="2026-02-02")))
    asked = wanted["event:last_dose", "event"]

    assert (TaskKind.EVENT, True, day("2026-02-16")) == (asked.kind, asked.firm, asked.due)
    assert ("event:operation", "event") not in wanted  # a visit records it


def test_an_event_that_counts_from_a_missing_one_is_asked_after_it():
    study = study_with(events="  a: {label: A, estimate: registration + 4w}\n  b: {label: B, estimate: a + 4w}")

    assert ("event:b", "event") not in tasks(study, course(happened(registration="2026-02-02")))
    assert ("event:b", "event") in tasks(study, course(happened(registration="2026-02-02", a="2026-03-02")))


def test_a_planned_event_is_asked_for_on_its_planned_day():
    wanted = tasks(small(), course(happened(entry="2026-02-02"), planned(last_dose="2026-04-01")))

    assert day("2026-04-01") == wanted["event:last_dose", "event"].due


@given(courses(dream()))
def test_planning_twice_changes_nothing(patient):
    existing = carried_out([], changed(dream(), [], patient))

    assert not changed(dream(), existing, patient)


TASK_STATES = st.sampled_from([TaskState.OPEN, TaskState.OPEN, TaskState.DONE, TaskState.NOT_DONE, TaskState.PAUSED])


@given(courses(small()), courses(small()), courses(small()), st.randoms(use_true_random=False))
def test_a_course_may_change_as_it_will_and_planning_settles(first, second, third, chance):
    existing = []
    for patient in (first, second, third):
        existing = carried_out(existing, changed(small(), existing, patient))

        assert not changed(small(), existing, patient)
        existing = [
            replace(task, state=chance.choice([TaskState.OPEN, TaskState.DONE, TaskState.NOT_DONE, TaskState.PAUSED]))
            if task.state is TaskState.OPEN
            else task
            for task in existing
        ]


@given(courses(small()), courses(small()), st.lists(TASK_STATES, min_size=40, max_size=40))
def test_answered_and_paused_tasks_are_never_touched(first, second, states):
    wanted = tasks(small(), first)
    existing = as_records(wanted, states=dict(zip(wanted, states, strict=False)))
    found = changed(small(), existing, second)

    touched = {key for key, _ in (*found.move, *found.cancel, *found.revive)}
    assert {task.key for task in existing if task.state is not TaskState.OPEN}.isdisjoint(touched)


@given(st.integers(-60, 400).filter(bool))
def test_an_operation_that_moves_takes_exactly_its_own_with_it(days):
    facts, held = (
        {"lesion_left_in_place": "yes"},
        {"baseline_imaging": "2026-01-28", "preoperative_imaging": "2026-02-05"},
    )
    before = course(
        happened(first_registration="2026-02-02", second_registration="2026-02-02", surgery="2026-05-04"),
        facts=facts,
        held=held,
    )
    moved = Course(
        {**before.events, "surgery": EventDate(day("2026-05-04") + timedelta(days=days), Certainty.HAPPENED)},
        before.facts,
        before.held,
    )
    existing = as_records(tasks(dream(), before))
    found = changed(dream(), existing, moved)

    depends = {
        key for key, task in tasks(dream(), before).items() if key[0].startswith(("surgery", "fu_")) and task.due
    }
    assert depends == {key for key, _ in found.move}
    assert (found.add, found.cancel, found.revive) == ((), (), ())


@given(courses(dream()), st.sampled_from(["second_registration", "surgery"]), st.integers(1, 300))
def test_nothing_moves_that_does_not_count_from_the_event(patient, event, days):
    assume(patient.happened(event) is not None)
    moved = Course(
        {**patient.events, event: EventDate(patient.events[event].day + timedelta(days=days), Certainty.HAPPENED)},
        patient.facts,
        patient.held,
    )
    found = changed(dream(), as_records(tasks(dream(), patient)), moved)

    depends = {
        "second_registration": {"reevaluation_imaging", "decision", "preoperative_imaging", "surgery", "fu"},
        "surgery": {"preoperative_imaging", "surgery", "fu", "fact:lesion_left_in_place"},
    }[event]
    touched = [key for key, _ in (*found.move, *found.cancel, *found.revive)] + [task.key for _, task in found.add]
    assert all(occurrence.split("_6mo")[0] in depends or occurrence.startswith("fu_") for occurrence, _ in touched)


@pytest.mark.parametrize(
    ("after", "key", "reason"),
    [
        (course(OPERATED, happened(death="2026-06-01")), ("fu_6mo", "hold"), CancelReason.PATIENT_ENDED),
        (course(OPERATED, happened(lost="2026-06-01")), ("fu_6mo", "hold"), CancelReason.PATIENT_ENDED),
        (course(OPERATED, happened(recurrence="2026-06-01")), ("fu_6mo", "hold"), CancelReason.STOPPED),
        (course(OPERATED, facts={"lesion_left_in_place": "no"}), ("fu_6mo", "hold"), CancelReason.FACT_EXCLUDES),
        (
            course(OPERATED, facts={"lesion_left_in_place": "no"}),
            ("fact:lesion_left_in_place", "fact"),
            CancelReason.ALREADY_KNOWN,
        ),
        (
            course(OPERATED, held={"baseline_imaging": "2026-01-28"}),
            ("baseline_imaging", "hold"),
            CancelReason.ALREADY_KNOWN,
        ),
        (
            course(happened(first_registration="2026-02-02", second_registration="2026-02-02")),
            ("fu_6mo", "hold"),
            None,
        ),
        (
            course(happened(first_registration="2026-02-02", second_registration="2026-02-02")),
            ("fact:lesion_left_in_place", "fact"),
            CancelReason.NO_LONGER_PLANNED,
        ),
    ],
)
def test_what_is_no_longer_wanted_is_cancelled_with_its_reason(after, key, reason):
    existing = as_records(tasks(dream(), course(OPERATED)))

    assert reason == dict(changed(dream(), existing, after).cancel).get(key)


def test_an_event_told_elsewhere_is_not_asked_for_any_more():
    existing = as_records(tasks(small(), course(happened(entry="2026-02-02"))))
    told = course(happened(entry="2026-02-02", last_dose="2026-03-30"))

    assert dict(changed(small(), existing, told).cancel)["event:last_dose", "event"] == CancelReason.ALREADY_KNOWN


def test_a_missed_visit_has_nothing_to_upload():
    patient = course(happened(first_registration="2026-02-02"))
    existing = as_records(tasks(dream(), patient), states={("baseline_imaging", "hold"): TaskState.NOT_DONE})
    found = changed(dream(), existing, patient)

    assert found.cancel == (
        (("baseline_imaging", "upload_ct"), CancelReason.VISIT_NOT_HELD),
        (("baseline_imaging", "upload_mri"), CancelReason.VISIT_NOT_HELD),
    )
    settled = carried_out(existing, found)
    assert not changed(dream(), settled, patient)


def test_what_an_undone_answer_had_cancelled_comes_back():
    before = course(OPERATED, facts={"lesion_left_in_place": "yes"})
    existing = as_records(tasks(dream(), before))
    answered = course(OPERATED, happened(recurrence="2026-06-01"), facts=before.facts)
    stopped = carried_out(existing, changed(dream(), existing, answered))
    found = changed(dream(), stopped, before)

    assert {"fu_6mo", "fu_12mo", "fu_18mo", "fu_24mo"} == {occurrence for (occurrence, _), _ in found.revive}
    assert sorted(existing, key=str) == sorted(carried_out(stopped, found), key=str)


@pytest.mark.parametrize("end", ["death", "withdrawn"])
def test_after_the_end_nothing_is_planned(end):
    ended = course(OPERATED, happened(**{end: "2026-06-01"}), held={"baseline_imaging": "2026-01-28"})

    assert plan(dream(), ended) == ()


def test_scans_made_before_the_operation_was_called_off_are_still_uploaded():
    called_off = course(
        happened(first_registration="2026-02-02", second_registration="2026-02-02", not_operated="2026-03-02"),
        held={"preoperative_imaging": "2026-02-10", "baseline_imaging": "2026-01-28"},
    )

    assert {"upload_ct", "upload_mri"} == {name for _, name in tasks(dream(), called_off)}
    assert {"baseline_imaging", "preoperative_imaging"} == {occurrence for occurrence, _ in tasks(dream(), called_off)}
