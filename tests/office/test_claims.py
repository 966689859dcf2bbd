"""Claimed uploads: verified, queried, and what a site answers to a query."""

from datetime import date

import pytest

from office import claims
from office.answers import Recorded
from office.claims import Checked, list_claims
from office.helping import close_item
from office.judging import Refusal
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind, HelpKind
from trial.claims import ClaimState
from trial.messages import Standing
from trial.problems import ProblemError
from trial.tasks import TaskState

WORDS = "series 4 is missing"


@pytest.fixture
def amina(trial: Trial):
    return trial.enrolled("Amina")


@pytest.fixture
def manager(trial: Trial):
    return trial.manager()


@pytest.fixture
def claimed(trial: Trial, amina) -> Recorded:
    """The CT of the baseline scans is said to be uploaded."""
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-03-02")
    trial.forward_to("2026-03-04 10:00")
    said = trial.says(
        amina, trial.task(patient, "baseline_imaging", "upload_ct"), AnswerKind.UPLOADED, day="2026-03-03"
    )
    assert isinstance(said, Recorded)
    return said


def upload(trial: Trial, claimed: Recorded):
    return trial.task(claimed.patient_id, "baseline_imaging", "upload_ct")


def shown(trial: Trial, person, claimed: Recorded):
    view = trial.card(person, claimed.visit_id).task(claimed.task_id)
    assert view is not None
    return view


def queried(trial: Trial, claimed: Recorded, by, words: str | None = WORDS) -> Checked:
    done = trial.does(claims.query, trial.studies, claimed.answer_id, by, words)
    assert isinstance(done, Checked)
    return done


def test_a_claim_is_watched_until_somebody_has_seen_it(trial: Trial, amina, claimed):
    task = upload(trial, claimed)

    assert (task.state, task.next_step) == (TaskState.DONE, "unseen")
    assert task.next_attention_at is not None
    assert f"{task.next_attention_at:%Y-%m-%d}" == "2026-03-11"  # five working days on
    assert shown(trial, amina, claimed).standing is Standing.CLAIMED


def test_a_verified_upload_rings_nobody_and_its_card_says_so(trial: Trial, amina, manager, claimed):
    trial.shows_card(amina, claimed.visit_id)

    done = trial.does(claims.verify, trial.studies, claimed.answer_id, manager)

    assert isinstance(done, Checked)
    view = shown(trial, amina, claimed)
    assert (view.standing, view.open, view.answers) == (Standing.VERIFIED, False, ())
    assert upload(trial, claimed).next_attention_at is None
    assert trial.notices(kind="edit", visit_id=claimed.visit_id)
    assert trial.does(claims.verify, trial.studies, claimed.answer_id, manager) is Refusal.CLOSED
    assert trial.audit_holds()


def test_a_query_asks_whoever_claimed_it_with_the_offices_own_words(trial: Trial, amina, manager, claimed):
    queried(trial, claimed, manager)
    trial.tick()

    view = shown(trial, amina, claimed)
    assert (view.standing, view.open, view.query) == (Standing.QUERIED, True, WORDS)
    assert view.answers == (AnswerKind.UPLOADED, AnswerKind.LATER, AnswerKind.NEED_HELP)
    assert view.day == date(2026, 3, 3)
    assert trial.card(amina, claimed.visit_id).query == WORDS
    (rung,) = trial.reminders(task_id=claimed.task_id, step="queried")
    assert rung.person_id == amina
    assert upload(trial, claimed).state is TaskState.DONE


@pytest.mark.parametrize("day", ["2026-03-03", "2026-03-04"])
def test_uploaded_again_and_already_sent_both_answer_a_query(trial: Trial, amina, manager, claimed, day):
    queried(trial, claimed, manager)

    said = trial.says(amina, upload(trial, claimed), AnswerKind.UPLOADED, day=day)

    assert isinstance(said, Recorded)
    view = shown(trial, amina, claimed)
    assert (view.standing, view.query, view.day) == (Standing.CLAIMED, None, date.fromisoformat(day))
    assert upload(trial, claimed).next_step == "unseen"
    assert trial.audit_holds()


def test_a_query_that_is_put_off_comes_back_on_that_day(trial: Trial, amina, manager, claimed):
    queried(trial, claimed, manager)
    trial.tick()

    said = trial.says(amina, upload(trial, claimed), AnswerKind.LATER, until="2026-03-09")
    trial.live_until("2026-03-09 12:00")

    assert isinstance(said, Recorded)
    assert len(trial.reminders(task_id=claimed.task_id, step="queried")) == 2
    assert shown(trial, amina, claimed).standing is Standing.QUERIED


def test_help_with_a_query_waits_for_the_office_and_then_asks_again(trial: Trial, amina, manager, claimed):
    queried(trial, claimed, manager)
    trial.tick()
    trial.says(amina, upload(trial, claimed), AnswerKind.NEED_HELP, needs=HelpKind.CALL_ME)
    waiting = upload(trial, claimed).next_attention_at

    trial.does(close_item, trial.studies, trial.items()["help"].id, manager)

    assert waiting is None
    moment = upload(trial, claimed).next_attention_at
    assert moment is not None
    assert f"{moment:%Y-%m-%d %H:%M}" == "2026-03-05 07:30"


def test_an_answer_to_a_query_that_is_taken_back_leaves_the_query(trial: Trial, amina, manager, claimed):
    queried(trial, claimed, manager)
    said = trial.says(amina, upload(trial, claimed), AnswerKind.UPLOADED, day="2026-03-04")
    assert isinstance(said, Recorded)

    trial.undoes(amina, said.answer_id)

    assert shown(trial, amina, claimed).standing is Standing.QUERIED
    assert upload(trial, claimed).next_step == "queried"


def test_an_upload_that_nobody_has_seen_is_asked_about_once_and_then_told_to_the_office(trial: Trial, amina, claimed):
    trial.live_until("2026-03-11 12:00")
    asked = shown(trial, amina, claimed)
    trial.live_until("2026-04-30 12:00")

    assert (asked.standing, asked.asked_again, asked.open) == (Standing.CLAIMED, True, True)
    assert len(trial.reminders(task_id=claimed.task_id, step="unseen")) == 1
    assert trial.items()["claim_unseen"].task_id == claimed.task_id


def test_saying_that_it_is_there_closes_what_the_office_was_told(trial: Trial, amina, claimed):
    trial.live_until("2026-04-30 12:00")

    said = trial.says(amina, upload(trial, claimed), AnswerKind.UPLOADED, day="2026-03-03")

    assert isinstance(said, Recorded)
    assert "claim_unseen" not in trial.items()


def test_a_claim_that_nobody_asks_about_takes_no_second_answer(trial: Trial, amina, claimed):
    assert trial.says(amina, upload(trial, claimed), AnswerKind.UPLOADED, day="2026-03-04") is Refusal.CLOSED
    assert trial.says(amina, upload(trial, claimed), AnswerKind.LATER, until="2026-03-09") is Refusal.CLOSED


def test_only_the_trial_office_judges_a_claim_and_only_one_that_stands(trial: Trial, amina, manager, claimed):
    assert trial.does(claims.verify, trial.studies, claimed.answer_id, amina) is Refusal.NOT_ALLOWED
    assert trial.does(claims.query, trial.studies, claimed.answer_id, amina) is Refusal.NOT_ALLOWED
    assert trial.does(claims.verify, trial.studies, claimed.task_id, manager) is Refusal.UNKNOWN
    trial.undoes(amina, claimed.answer_id)
    assert trial.does(claims.verify, trial.studies, claimed.answer_id, manager) is Refusal.CLOSED


def test_words_of_a_query_go_through_the_privacy_guard(trial: Trial, manager, claimed):
    with pytest.raises(ProblemError, match="privacy guard"):
        trial.does(claims.query, trial.studies, claimed.answer_id, manager, "born 12.03.1960")
    assert trial.audited("claim.queried") == []


def test_the_list_has_each_claim_once_with_where_it_stands(trial: Trial, amina, manager, claimed):
    queried(trial, claimed, manager)
    again = trial.says(amina, upload(trial, claimed), AnswerKind.UPLOADED, day="2026-03-04")
    assert isinstance(again, Recorded)
    trial.does(claims.verify, trial.studies, again.answer_id, manager)

    (listed,) = list_claims(trial.records, trial.studies, study_code="DREAM")

    assert (listed.answer_id, listed.code, listed.state) == (again.answer_id, "417-001", ClaimState.VERIFIED)
    assert (listed.uploaded_on, listed.said_by) == (date(2026, 3, 4), "Amina")
    assert list_claims(trial.records, trial.studies, study_code="DREAM", state=ClaimState.QUERIED) == ()
