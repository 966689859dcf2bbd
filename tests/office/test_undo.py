from datetime import date

import pytest

from office.answers import Recorded, Undone
from office.judging import Refusal
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind, LeavingKind
from trial.tasks import TaskState


@pytest.fixture
def amina(trial: Trial):
    return trial.enrolled("Amina")


@pytest.fixture
def patient(trial: Trial):
    return trial.patient("417-001", first_registration="2026-03-02", second_registration="2026-03-02")


def answered(outcome) -> Recorded:
    assert isinstance(outcome, Recorded)
    return outcome


def test_taking_back_brings_task_and_plan_to_where_they_were(trial: Trial, amina, patient):
    before = trial.tasks(patient)
    said = answered(trial.says(amina, before["baseline_imaging/hold"], AnswerKind.DONE, day="2026-02-20"))
    trial.wait(minutes=9)

    assert isinstance(trial.undoes(amina, said.answer_id), Undone)
    assert trial.tasks(patient) == before


def test_a_colleague_may_take_it_back_and_another_site_may_not(trial: Trial, amina, patient):
    berta, tomoko = trial.enrolled("Berta"), trial.enrolled("Tomoko", site="501")
    said = answered(trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20"))

    assert trial.undoes(tomoko, said.answer_id) is Refusal.NOT_ALLOWED
    assert isinstance(trial.undoes(berta, said.answer_id), Undone)


def test_after_ten_minutes_an_answer_stands(trial: Trial, amina, patient):
    said = answered(trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20"))
    trial.wait(minutes=10, seconds=1)

    assert trial.undoes(amina, said.answer_id) is Refusal.TOO_LATE_TO_UNDO


def test_a_demo_clock_moved_forward_does_not_end_the_ten_minutes(trial: Trial, amina, patient):
    said = answered(trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20"))
    trial.clock.forward_to(trial.clock.now().replace(month=9))

    assert isinstance(trial.undoes(amina, said.answer_id), Undone)


def test_an_answer_is_taken_back_once(trial: Trial, amina, patient):
    said = answered(trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20"))
    undone = trial.undoes(amina, said.answer_id)

    assert isinstance(undone, Undone)
    assert trial.undoes(amina, said.answer_id) is Refusal.ALREADY_UNDONE
    assert trial.undoes(amina, undone.answer_id) is Refusal.UNKNOWN


def test_an_event_that_is_taken_back_leaves_the_one_before_in_force(trial: Trial, amina, patient):
    surgery = trial.task(patient, "surgery")
    trial.says(amina, surgery, AnswerKind.BOOKED, day="2026-03-30")
    trial.forward_to("2026-03-30 16:00")
    done = answered(trial.says(amina, surgery, AnswerKind.DONE, day="2026-03-30"))

    trial.undoes(amina, done.answer_id)

    again = trial.task(patient, "surgery")
    assert (again.state, again.due) == (TaskState.OPEN, date(2026, 3, 30))
    assert trial.task(patient, "surgery", "pathology_report").due is None


def test_a_patient_followed_again_rings_again(trial: Trial, amina, patient):
    hold = trial.task(patient, "baseline_imaging")
    before = {name: task.state for name, task in trial.tasks(patient).items()}
    left = answered(trial.says(amina, hold, AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.LOST))

    trial.undoes(amina, left.answer_id)

    assert trial.state(patient) == "followed"
    assert {name: task.state for name, task in trial.tasks(patient).items()} == before
    assert trial.task(patient, "baseline_imaging").next_attention_at is not None


def test_a_cancelled_task_comes_back_with_what_cancelled_it_gone(trial: Trial, amina, patient):
    said = answered(trial.says(amina, trial.task(patient, "surgery"), AnswerKind.NOT_DONE, reason="declined"))
    assert trial.task(patient, "surgery", "pathology_report").state is TaskState.CANCELLED

    trial.undoes(amina, said.answer_id)

    assert trial.task(patient, "surgery", "pathology_report").state is TaskState.OPEN
    assert trial.task(patient, "surgery").state is TaskState.OPEN


def test_an_unchanged_due_date_does_not_ring_again_after_an_undo(trial: Trial, amina, patient):
    trial.forward_to("2026-03-03 10:00")
    trial.tick()
    hold = trial.task(patient, "baseline_imaging")
    rung = len(trial.reminders(task_id=hold.id))
    said = answered(trial.says(amina, hold, AnswerKind.DONE, day="2026-03-02"))

    trial.undoes(amina, said.answer_id)
    trial.tick()

    assert len(trial.reminders(task_id=hold.id)) == rung
