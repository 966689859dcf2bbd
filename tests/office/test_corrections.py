"""What a manager enters and corrects by name: each correction says why, and the reason stands in the audit trail."""

from datetime import date

import pytest

from office.entering import record_event_by, record_fact_by, take_back_by
from office.judging import Refusal
from office.taking_back import Undone
from records import audit, patients
from records.board import story
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind, LeavingKind
from trial.people import Role
from trial.problems import ProblemError, Wrong
from trial.tasks import TaskState
from trial.timeline import Certainty, EventDate

REASON = "The registration form had the day of the call."


@pytest.fixture
def manager(trial: Trial):
    return trial.manager()


@pytest.fixture
def patient(trial: Trial):
    return trial.patient("417-001", first_registration="2026-03-02")


def event(trial: Trial, by, patient, name: str, day: str, *, planned: bool = False, reason: str = ""):
    dated = EventDate(date.fromisoformat(day), Certainty.PLANNED if planned else Certainty.HAPPENED)
    return trial.does(record_event_by, trial.studies, patient, name, dated, reason=reason, by=by)


def wrong_of(refused) -> list[tuple[str, Wrong | None]]:
    return [(problem.where, problem.wrong) for problem in refused.value.problems]


def test_another_date_for_what_happened_needs_a_reason(trial: Trial, manager, patient):
    with pytest.raises(ProblemError) as refused:
        event(trial, manager, patient, "first_registration", "2026-02-27")

    assert wrong_of(refused) == [("reason", Wrong.REASON)]


def test_a_correction_moves_the_plan_and_leaves_its_reason_in_the_audit_trail(trial: Trial, manager, patient):
    before = trial.task(patient, "reevaluation_imaging").due
    assert event(trial, manager, patient, "first_registration", "2026-02-27", reason=f"  {REASON} ") is None

    assert trial.task(patient, "reevaluation_imaging").due < before
    with trial.records.read() as tx:
        entry = story.entries_of(tx, patient, (), ())[-2]
    assert (entry.action, entry.actor, entry.reason) == ("event.recorded", manager, REASON)
    assert trial.audit_holds()


def test_what_was_planned_and_happened_on_another_day_is_no_correction(trial: Trial, manager, patient):
    assert event(trial, manager, patient, "second_registration", "2026-03-30", planned=True) is None
    trial.forward_to("2026-04-01 09:00")
    assert event(trial, manager, patient, "second_registration", "2026-03-31") is None


def test_a_reason_passes_the_privacy_guard(trial: Trial, manager, patient):
    with pytest.raises(ProblemError) as refused:
        event(trial, manager, patient, "first_registration", "2026-02-27", reason="call +49 30 1234567")

    assert wrong_of(refused) == [("reason", Wrong.GUARDED)]


def test_why_a_patient_left_is_confirmed_elsewhere(trial: Trial, manager, patient):
    assert event(trial, manager, patient, "death", "2026-03-02") is Refusal.UNFIT


def test_another_value_of_a_fact_needs_a_reason(trial: Trial, manager, patient):
    fact = ("lesion_left_in_place",)
    assert trial.does(record_fact_by, trial.studies, patient, *fact, "yes", reason="", by=manager) is None
    with pytest.raises(ProblemError) as refused:
        trial.does(record_fact_by, trial.studies, patient, *fact, "no", reason="", by=manager)

    assert wrong_of(refused) == [("reason", Wrong.REASON)]
    assert trial.does(record_fact_by, trial.studies, patient, *fact, "no", reason=REASON, by=manager) is None
    with trial.records.read() as tx:
        assert [row.value for row in patients.known_of(tx, patient).facts] == ["no"]


def test_an_answer_is_taken_back_with_a_reason_however_long_ago_it_was_given(trial: Trial, manager, patient):
    amina = trial.enrolled("Amina")
    said = trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20")
    trial.wait(days=40)
    back = {"patient_id": patient, "by": manager}
    with pytest.raises(ProblemError):
        trial.does(take_back_by, trial.studies, said.answer_id, reason=" ", **back)

    undone = trial.does(take_back_by, trial.studies, said.answer_id, reason=REASON, **back)

    assert isinstance(undone, Undone)
    assert trial.task(patient, "baseline_imaging").state is TaskState.OPEN
    with trial.records.read() as tx:
        [entry] = story.entries_about(tx, "answer", [undone.answer_id])
        assert (entry.actor, entry.reason) == (manager, REASON)
        assert audit.verify(tx).holds
    assert trial.does(take_back_by, trial.studies, said.answer_id, reason=REASON, **back) is Refusal.ALREADY_UNDONE


def test_that_a_patient_left_is_taken_back_elsewhere(trial: Trial, manager, patient):
    amina = trial.enrolled("Amina")
    task = trial.task(patient, "baseline_imaging")
    left = trial.says(amina, task, AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.LOST)
    with pytest.raises(ProblemError) as refused:
        trial.does(take_back_by, trial.studies, left.answer_id, patient_id=patient, reason=REASON, by=manager)

    assert wrong_of(refused) == [("answer", Wrong.LEAVING)]


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.INVESTIGATOR, Role.MONITOR])
def test_nobody_at_a_site_corrects_outside_of_a_card(trial: Trial, patient, role):
    somebody = trial.enrolled("Somebody", role=role)
    said = trial.says(
        trial.enrolled("Amina"), trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20"
    )

    assert event(trial, somebody, patient, "surgery", "2026-03-02", reason=REASON) is Refusal.NOT_ALLOWED
    back = trial.does(take_back_by, trial.studies, said.answer_id, patient_id=patient, reason=REASON, by=somebody)
    assert back is Refusal.NOT_ALLOWED


def test_at_another_site_there_is_no_such_patient(trial: Trial, patient):
    assert event(trial, trial.enrolled("Tomoko", site="501"), patient, "surgery", "2026-03-02") is Refusal.UNKNOWN


def test_an_answer_of_another_patient_is_none_of_this_one(trial: Trial, manager, patient):
    other = trial.patient("417-002", first_registration="2026-03-02")
    said = trial.says(trial.enrolled("Amina"), trial.task(other, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20")
    back = trial.does(take_back_by, trial.studies, said.answer_id, patient_id=patient, reason=REASON, by=manager)

    assert back is Refusal.UNKNOWN
