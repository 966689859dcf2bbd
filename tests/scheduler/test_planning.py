from datetime import date
from zoneinfo import ZoneInfo

import pytest

from scheduler.planning import plan_patient
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind
from trial.plan import PlanChanges
from trial.tasks import TaskState


@pytest.fixture
def amina(trial: Trial):
    return trial.enrolled("Amina")


def plan_again(trial: Trial, patient) -> PlanChanges:
    with trial.records.begin() as tx:
        return plan_patient(tx, trial.studies, patient, **trial.times, because="test")


def test_planning_twice_changes_nothing(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.tick()
    before = trial.tasks(patient)

    assert plan_again(trial, patient) == PlanChanges()
    assert trial.tasks(patient) == before


def test_a_provisional_visit_gives_its_heads_up_alone(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")  # surgery is only estimated

    trial.live_until("2027-03-02 12:00")

    surgery = trial.task(patient, "surgery")
    assert not surgery.firm
    assert {row.step for row in trial.reminders(task_id=surgery.id)} == {"heads_up"}


def test_what_was_sent_stays_recorded_when_the_plan_moves(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02", second_registration="2026-03-02")
    trial.live_until("2026-03-10 12:00")
    surgery = trial.task(patient, "surgery")
    before = trial.reminders(task_id=surgery.id)
    assert before

    trial.event("417-001", "surgery", "2026-04-20", planned=True)

    assert trial.task(patient, "surgery").due == date(2026, 4, 20)
    assert trial.reminders(task_id=surgery.id)[: len(before)] == before


def test_a_waiting_reminder_for_a_date_that_moved_is_void(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02", second_registration="2026-03-02")
    trial.forward_to("2026-03-09 19:00")
    trial.tick()
    surgery = trial.task(patient, "surgery")

    trial.event("417-001", "surgery", "2026-04-20", planned=True)

    assert [(row.state, row.void_because) for row in trial.reminders(task_id=surgery.id)] == [("void", "due_moved")]


def test_death_cancels_everything_and_rings_nobody_again(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-03-03 18:00")
    trial.tick()

    trial.event("417-001", "death", "2026-03-03")
    trial.live_until("2027-03-02 12:00")

    assert trial.state(patient) == "ended"
    assert {(task.state, task.cancelled_because) for task in trial.tasks(patient).values()} == {
        (TaskState.CANCELLED, "patient_ended")
    }
    assert trial.notices(kind="card") == []
    assert {row.state for row in trial.reminders()} == {"void"}


def test_an_amended_answer_keeps_its_visit_when_the_plan_no_longer_wants_it(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20")

    trial.event("417-001", "death", "2026-03-02")

    assert trial.task(patient, "baseline_imaging").state is TaskState.DONE
    assert trial.visits(patient)["baseline_imaging"].status == "firm"
    assert trial.visits(patient)["surgery"].status == "cancelled"


def test_a_corrected_event_brings_back_what_it_had_cancelled(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02", second_registration="2026-03-02")
    said = trial.says(amina, trial.task(patient, "surgery"), AnswerKind.NOT_DONE, reason="progression")
    assert trial.task(patient, "preoperative_imaging").state is TaskState.CANCELLED

    trial.undoes(amina, said.answer_id)

    assert trial.task(patient, "preoperative_imaging").state is TaskState.OPEN
    assert trial.visits(patient)["preoperative_imaging"].status == "firm"


def test_cards_of_changed_visits_are_brought_up_to_date(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02", second_registration="2026-03-02")
    shown = trial.visits(patient)
    trial.shows_card(amina, shown["surgery"].id, message_id=1)
    trial.shows_card(amina, shown["baseline_imaging"].id, message_id=2)

    trial.event("417-001", "surgery", "2026-04-20", planned=True)

    assert [row.visit_id for row in trial.notices(kind="edit")] == [shown["surgery"].id]


def test_every_change_of_the_plan_says_why(trial: Trial, amina):
    trial.patient("417-001", first_registration="2026-03-02")
    trial.event("417-001", "second_registration", "2026-03-02")

    assert len(trial.audited("plan.changed")) == 2
    assert trial.audit_holds()


def alarm(trial: Trial, patient, occurrence: str, name: str = "hold") -> tuple[str | None, str]:
    task = trial.task(patient, occurrence, name)
    at = task.next_attention_at
    return task.next_step, "never" if at is None else f"{at.astimezone(ZoneInfo('Europe/Berlin')):%Y-%m-%d %H:%M}"


def test_what_follows_from_an_answer_waits_for_the_next_working_morning(trial: Trial, amina):
    trial.forward_to("2026-03-06 10:00")  # a Friday
    patient = trial.patient("417-001", first_registration="2026-03-06")

    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-03-02")

    assert alarm(trial, patient, "baseline_imaging", "upload_ct") == ("due", "2026-03-09 08:30")


def test_what_the_office_takes_down_rings_at_once(trial: Trial, amina):
    trial.forward_to("2026-03-06 10:00")
    patient = trial.patient("417-001", first_registration="2026-03-06", held={"baseline_imaging": "2026-03-02"})

    assert alarm(trial, patient, "baseline_imaging", "upload_ct") == ("window_open", "2026-03-03 08:30")


def test_an_event_that_was_booked_is_asked_about_on_its_day(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02", second_registration="2026-03-02")
    trial.live_until("2026-03-10 12:00")

    trial.says(amina, trial.task(patient, "surgery"), AnswerKind.BOOKED, day="2026-03-25")

    assert alarm(trial, patient, "surgery") == ("due", "2026-03-25 08:30")


def test_what_a_site_says_after_it_began_is_not_from_before_sitebell(records):
    trial = Trial(records, rings_from="2026-03-09")
    amina = trial.enrolled("Amina")
    trial.forward_to("2026-03-09 10:00")
    patient = trial.patient("417-001", first_registration="2026-03-09")
    entered = trial.patient("417-002", first_registration="2026-03-02", held={"baseline_imaging": "2026-02-20"})

    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20")

    assert trial.task(patient, "baseline_imaging", "upload_ct").due == date(2026, 2, 27)
    assert alarm(trial, patient, "baseline_imaging", "upload_ct") == ("late", "2026-03-10 08:30")
    assert alarm(trial, entered, "baseline_imaging", "upload_ct") == (None, "never")
