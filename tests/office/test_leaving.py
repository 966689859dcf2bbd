"""Patients who leave: told by a site, confirmed by investigator or manager, and taken back."""

from datetime import date, timedelta

import pytest

from office import leaving
from office.answers import Recorded
from office.judging import Refusal
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind, LeavingKind
from trial.leaving import kinds_to_confirm
from trial.messages import LeavingConfirmed, LeavingTakenBack, LeavingToConfirm
from trial.people import Role
from trial.problems import ProblemError
from trial.tasks import TaskState

LEFT_ON = date(2026, 4, 20)


@pytest.fixture
def amina(trial: Trial):
    return trial.enrolled("Amina")


@pytest.fixture
def investigator(trial: Trial):
    return trial.enrolled("Coordinator I", role=Role.INVESTIGATOR)


@pytest.fixture
def manager(trial: Trial):
    return trial.manager()


@pytest.fixture
def patient(trial: Trial, amina):
    """Baseline scans done and one of the two uploaded; the re-evaluation to come. Today is 21 April."""
    found = trial.patient("417-001", first_registration="2026-03-02")
    trial.says(amina, trial.task(found, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20")
    trial.says(amina, trial.task(found, "baseline_imaging", "upload_ct"), AnswerKind.UPLOADED, day="2026-03-02")
    trial.forward_to("2026-04-21 10:00")
    return found


def left(
    trial: Trial, person, patient, kind: LeavingKind = LeavingKind.DEATH, *, about: str = "reevaluation_imaging"
) -> Recorded:
    said = trial.says(person, trial.task(patient, about), AnswerKind.NO_LONGER_FOLLOWED, leaving=kind)
    assert isinstance(said, Recorded)
    return said


def confirmed(trial: Trial, patient, by, kind: LeavingKind, day: date = LEFT_ON):
    if kind is LeavingKind.LOST:
        trial.does(leaving.log_attempt, trial.studies, patient, LEFT_ON, by)
    return trial.does(leaving.confirm, trial.studies, patient, kind, day, by)


def states(trial: Trial, patient) -> dict[str, str]:
    return {name: task.state.value for name, task in trial.tasks(patient).items()}


# --- told by a site ---------------------------------------------------------------------------------------------------


def test_those_who_confirm_are_asked_at_once_and_told_who_said_what(
    trial: Trial, amina, investigator, manager, patient
):
    left(trial, amina, patient, LeavingKind.WITHDRAWN)

    asked = LeavingToConfirm(
        study="DREAM",
        site_number="417",
        code="417-001",
        told=LeavingKind.WITHDRAWN,
        told_by="Amina",
        told_on=date(2026, 4, 21),
        confirming=None,
        attempts=(),
    )
    assert trial.said_to(investigator)[-1] == trial.said_to(manager)[-1] == asked
    assert trial.state(patient) == "paused"
    assert trial.items()["leaving"].told_at is not None


def test_a_site_says_only_what_it_can_know(trial: Trial, amina, patient):
    hold = trial.task(patient, "reevaluation_imaging")

    said = trial.says(amina, hold, AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.WITHDRAWN_FROM_VISITS)

    assert said is Refusal.UNFIT


def test_the_site_takes_its_own_word_back_within_ten_minutes(trial: Trial, amina, manager, patient):
    before = states(trial, patient)
    said = left(trial, amina, patient)

    trial.undoes(amina, said.answer_id)

    assert states(trial, patient) == before
    assert "leaving" not in trial.items()


# --- confirmed --------------------------------------------------------------------------------------------------------

UPLOAD_STAYS = {LeavingKind.WITHDRAWN_FROM_VISITS, LeavingKind.LOST, LeavingKind.NOT_OPERATED}


@pytest.mark.parametrize(
    "kind",
    [
        LeavingKind.DEATH,
        LeavingKind.WITHDRAWN_FROM_VISITS,
        LeavingKind.WITHDRAWN_FROM_EVERYTHING,
        LeavingKind.LOST,
        LeavingKind.TRANSFERRED,
    ],
)
def test_each_kind_closes_what_it_should_and_nothing_else(trial: Trial, amina, investigator, patient, kind):
    before = states(trial, patient)
    left(trial, amina, patient)

    done = confirmed(trial, patient, investigator, kind)

    assert done == LeavingConfirmed("DREAM", "417", "417-001", kind, LEFT_ON, "Coordinator I")
    after = states(trial, patient)
    answered = {name for name, state in before.items() if state == "done"}
    assert answered == {"baseline_imaging/hold", "baseline_imaging/upload_ct"}
    assert {name for name, state in after.items() if state == "done"} == answered
    still_open = {name for name, state in after.items() if state == "open"}
    assert still_open == ({"baseline_imaging/upload_mri"} if kind in UPLOAD_STAYS else set())
    assert set(after.values()) <= {"done", "open", "cancelled"}
    assert trial.state(patient) == ("followed" if kind in UPLOAD_STAYS else "ended")
    assert "leaving" not in trial.items()


def test_not_operated_leaves_what_the_scans_still_owe(trial: Trial, amina, investigator, patient):
    trial.event("417-001", "second_registration", "2026-03-30")
    left(trial, amina, patient, LeavingKind.NOT_OPERATED, about="surgery")

    done = confirmed(trial, patient, investigator, LeavingKind.NOT_OPERATED)

    assert isinstance(done, LeavingConfirmed)
    assert trial.task(patient, "baseline_imaging", "upload_mri").state is TaskState.OPEN
    assert trial.task(patient, "surgery").state is TaskState.CANCELLED


def test_every_kind_that_the_study_can_confirm_is_tried_here(trial: Trial):
    assert set(kinds_to_confirm(trial.study)) == UPLOAD_STAYS | {
        LeavingKind.DEATH,
        LeavingKind.WITHDRAWN_FROM_EVERYTHING,
        LeavingKind.TRANSFERRED,
    }


def test_what_stays_open_goes_on_ringing(trial: Trial, amina, investigator, patient):
    left(trial, amina, patient)
    confirmed(trial, patient, investigator, LeavingKind.WITHDRAWN_FROM_VISITS)

    upload = trial.task(patient, "baseline_imaging", "upload_mri")

    assert upload.next_attention_at is not None
    assert trial.task(patient, "reevaluation_imaging").next_attention_at is None


def test_it_is_told_to_whoever_said_it_and_to_all_who_could_have_confirmed(
    trial: Trial, amina, investigator, manager, patient
):
    left(trial, amina, patient)

    done = confirmed(trial, patient, investigator, LeavingKind.DEATH)

    assert trial.said_to(amina)[-1] == trial.said_to(manager)[-1] == done
    assert not isinstance(trial.said_to(investigator)[-1], LeavingConfirmed)


def test_at_night_nobody_is_told(trial: Trial, amina, manager, patient):
    left(trial, amina, patient)
    trial.forward_to("2026-04-21 23:00")

    confirmed(trial, patient, manager, LeavingKind.DEATH)

    (row,) = [row for row in trial.notices(person_id=amina, kind="message") if row.created_at == trial.clock.now()]
    assert row.hold_until - trial.clock.elapsed() == timedelta(hours=9, minutes=30)


def test_lost_needs_a_logged_attempt(trial: Trial, amina, investigator, patient):
    left(trial, amina, patient, LeavingKind.LOST)

    early = trial.does(leaving.confirm, trial.studies, patient, LeavingKind.LOST, LEFT_ON, investigator)
    logged = trial.does(leaving.log_attempt, trial.studies, patient, date(2026, 4, 17), investigator)
    again = trial.does(leaving.log_attempt, trial.studies, patient, date(2026, 4, 17), investigator)
    done = trial.does(leaving.confirm, trial.studies, patient, LeavingKind.LOST, LEFT_ON, investigator)

    assert early is Refusal.UNFIT
    assert isinstance(logged, LeavingToConfirm)
    assert logged == again
    assert logged.attempts == (date(2026, 4, 17),)
    assert isinstance(done, LeavingConfirmed)
    assert trial.audit_holds()


def test_the_kind_that_was_chosen_stands_on_the_question(trial: Trial, amina, investigator, patient):
    left(trial, amina, patient, LeavingKind.LOST)

    chosen = trial.does(leaving.choose_kind, trial.studies, patient, LeavingKind.LOST, investigator)
    logged = trial.does(leaving.log_attempt, trial.studies, patient, LEFT_ON, investigator)

    assert isinstance(chosen, LeavingToConfirm)
    assert isinstance(logged, LeavingToConfirm)
    assert (chosen.confirming, logged.confirming) == (LeavingKind.LOST, LeavingKind.LOST)
    assert trial.state(patient) == "paused"
    assert trial.audit_holds()


@pytest.mark.parametrize(
    ("kind", "day", "refusal"),
    [
        (LeavingKind.WITHDRAWN, LEFT_ON, Refusal.UNFIT),
        (LeavingKind.OTHER, LEFT_ON, Refusal.UNFIT),
        (LeavingKind.DEATH, date(2026, 4, 22), Refusal.FUTURE_DAY),
        (LeavingKind.DEATH, date(2026, 3, 1), Refusal.BEFORE_REGISTRATION),
    ],
)
def test_what_cannot_be_is_not_confirmed(trial: Trial, amina, investigator, patient, kind, day, refusal):
    left(trial, amina, patient)

    assert confirmed(trial, patient, investigator, kind, day) is refusal
    assert trial.state(patient) == "paused"


def test_a_coordinator_confirms_nothing_and_nothing_is_confirmed_twice(trial: Trial, amina, investigator, patient):
    left(trial, amina, patient)

    assert confirmed(trial, patient, amina, LeavingKind.DEATH) is Refusal.NOT_ALLOWED
    assert isinstance(confirmed(trial, patient, investigator, LeavingKind.DEATH), LeavingConfirmed)
    assert confirmed(trial, patient, investigator, LeavingKind.DEATH) is Refusal.CLOSED
    chosen = trial.does(leaving.choose_kind, trial.studies, patient, LeavingKind.LOST, investigator)
    assert chosen is Refusal.CLOSED


def test_an_investigator_of_another_site_has_no_say(trial: Trial, amina, patient):
    tomoko = trial.enrolled("Tomoko", site="501", role=Role.INVESTIGATOR)
    left(trial, amina, patient)

    assert confirmed(trial, patient, tomoko, LeavingKind.DEATH) is Refusal.NOT_ALLOWED


def test_without_a_report_of_the_site_the_confirmation_is_the_report(trial: Trial, manager, patient):
    done = confirmed(trial, patient, manager, LeavingKind.TRANSFERRED)

    assert isinstance(done, LeavingConfirmed)
    assert trial.state(patient) == "ended"
    back = trial.does(leaving.take_back, trial.studies, patient, manager)
    assert isinstance(back, LeavingTakenBack)
    assert trial.state(patient) == "followed"


# --- taken back -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [None, LeavingKind.DEATH, LeavingKind.WITHDRAWN_FROM_VISITS])
def test_a_correction_brings_everything_back_and_keeps_what_was_said(
    trial: Trial, amina, investigator, manager, patient, kind
):
    before = states(trial, patient)
    left(trial, amina, patient)
    if kind is not None:
        confirmed(trial, patient, investigator, kind)
    trial.wait(days=30)

    back = trial.does(leaving.take_back, trial.studies, patient, investigator, reason="another patient was meant")

    assert back == LeavingTakenBack("DREAM", "417", "417-001", "Coordinator I")
    assert states(trial, patient) == before
    assert trial.state(patient) == "followed"
    assert trial.task(patient, "reevaluation_imaging").next_attention_at is not None
    assert trial.said_to(amina)[-1] == trial.said_to(manager)[-1] == back
    assert len(trial.audited("answer.undone")) == 1
    assert trial.audit_holds()


def test_a_patient_who_leaves_a_second_time_is_paused_again(trial: Trial, amina, investigator, patient):
    left(trial, amina, patient)
    confirmed(trial, patient, investigator, LeavingKind.WITHDRAWN_FROM_VISITS)
    upload = trial.task(patient, "baseline_imaging", "upload_mri")

    trial.says(amina, upload, AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.DEATH)

    assert trial.state(patient) == "paused"
    assert isinstance(confirmed(trial, patient, investigator, LeavingKind.DEATH), LeavingConfirmed)
    assert trial.state(patient) == "ended"


def test_what_the_office_recorded_by_itself_is_taken_back_too(trial: Trial, manager, patient):
    before = states(trial, patient)
    trial.event("417-001", "death", "2026-04-20")
    ended = trial.state(patient)

    back = trial.does(leaving.take_back, trial.studies, patient, manager)

    assert (ended, trial.state(patient)) == ("ended", "followed")
    assert isinstance(back, LeavingTakenBack)
    assert states(trial, patient) == before
    assert trial.audit_holds()


def test_nobody_who_is_followed_is_taken_back(trial: Trial, investigator, patient):
    assert trial.does(leaving.take_back, trial.studies, patient, investigator) is Refusal.CLOSED


def test_a_reason_goes_through_the_privacy_guard(trial: Trial, amina, investigator, patient):
    left(trial, amina, patient)

    with pytest.raises(ProblemError, match="privacy guard"):
        trial.does(leaving.take_back, trial.studies, patient, investigator, reason="call 0170 1234567")
    assert trial.state(patient) == "paused"
