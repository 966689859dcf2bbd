"""Claimed uploads: asked about once in the same thread, then told to the office; queried ones are asked at once."""

from datetime import date

import pytest

from records import answers, claims
from scheduler.claims import ask_again, ask_later, settled
from tests.scheduler.vocabulary import RingingTrial
from trial.answers import AnswerKind, LeavingKind
from trial.claims import ClaimCheckKind
from trial.messages import ItemKind
from trial.tasks import SiteFunction


@pytest.fixture
def berta(trial: RingingTrial):
    trial.sends = True
    return trial.enrolled("Berta", functions=frozenset({SiteFunction.IMAGING}))


@pytest.fixture
def upload(trial: RingingTrial, berta):
    """Claimed on Thursday 5 March."""
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.says(berta, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-03-02")
    trial.forward_to("2026-03-05 10:00")
    trial.tick()
    task = trial.task(patient, "baseline_imaging", "upload_ct")
    trial.says(berta, task, AnswerKind.UPLOADED, day="2026-03-05")
    return trial.task(patient, "baseline_imaging", "upload_ct")


def checked(trial: RingingTrial, task, kind: ClaimCheckKind) -> None:
    with trial.records.begin() as tx:
        claim = answers.standing_of_task(tx, task.id)[-1]
        claims.add_check(
            tx,
            study_id=trial.study_id,
            answer_id=claim.id,
            task_id=task.id,
            kind=kind,
            person_id=None,
            at=trial.clock.now(),
        )
        if kind is ClaimCheckKind.QUERIED:
            assert ask_again(tx, task.id, now=trial.clock.now())
        else:
            settled(tx, task.id)


def test_an_upload_that_nobody_has_seen_comes_back_to_who_claimed_it_and_then_to_the_office(
    trial: RingingTrial, berta, upload
):
    assert trial.alarm(upload) == ("unseen", "2026-03-12 08:30")

    trial.live_until("2026-03-12 12:00")
    asked = trial.reminders(task_id=upload.id, step="unseen")
    early = trial.items(ItemKind.CLAIM_UNSEEN)
    trial.live_until("2026-03-19 12:00")

    assert [(row.person_id, row.state) for row in asked] == [(berta, "grouped")]
    assert early == []
    assert len(trial.items(ItemKind.CLAIM_UNSEEN, upload)) == 1
    assert trial.alarm(upload) == (None, None)
    assert len(trial.reminders(task_id=upload.id, step="unseen")) == 1
    assert trial.audit_holds()


def test_a_site_that_has_said_so_twice_is_not_asked_a_third_time(trial: RingingTrial, berta, upload):
    trial.live_until("2026-03-12 12:00")
    trial.says(berta, upload, AnswerKind.UPLOADED, day="2026-03-12")

    trial.live_until("2026-03-31 12:00")

    assert len(trial.reminders(task_id=upload.id, step="unseen")) == 1
    assert len(trial.items(ItemKind.CLAIM_UNSEEN, upload)) == 1


def test_a_site_is_asked_anew_about_what_it_has_uploaded_after_a_query(trial: RingingTrial, berta, upload):
    trial.live_until("2026-03-12 12:00")
    checked(trial, upload, ClaimCheckKind.QUERIED)
    trial.says(berta, upload, AnswerKind.UPLOADED, day="2026-03-12")

    trial.live_until("2026-03-31 12:00")

    assert len(trial.reminders(task_id=upload.id, step="unseen")) == 2


@pytest.mark.parametrize("checks", [(), (ClaimCheckKind.QUERIED,)])
def test_about_somebody_who_has_died_no_phone_rings_and_the_office_hears_what_is_unseen(
    trial: RingingTrial, berta, upload, checks
):
    for check in checks:
        checked(trial, upload, check)
    trial.event("417-001", "death", "2026-03-05")

    trial.live_until("2026-03-31 12:00")

    assert trial.reminders(task_id=upload.id, step="unseen") == []
    assert trial.reminders(task_id=upload.id, step="queried") == []
    assert len(trial.items(ItemKind.CLAIM_UNSEEN, upload)) == (0 if checks else 1)


def test_while_it_is_not_confirmed_that_a_patient_has_left_no_claim_rings(trial: RingingTrial, berta, upload):
    hold = trial.task(upload.patient_id, "reevaluation_imaging")
    trial.says(berta, hold, AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.LOST)

    trial.live_until("2026-03-16 12:00")

    assert trial.reminders(task_id=upload.id, step="unseen") == []
    assert trial.alarm(upload) == ("unseen", "2026-03-17 08:30")


def test_what_was_seen_is_never_asked_about(trial: RingingTrial, berta, upload):
    checked(trial, upload, ClaimCheckKind.VERIFIED)

    trial.live_until("2026-03-31 12:00")

    assert trial.reminders(task_id=upload.id, step="unseen") == []
    assert trial.items(ItemKind.CLAIM_UNSEEN) == []


def test_a_query_rings_who_claimed_it_in_their_hours(trial: RingingTrial, berta, upload):
    trial.forward_to("2026-03-06 19:00")  # a Friday evening
    checked(trial, upload, ClaimCheckKind.QUERIED)

    trial.tick()
    at_once = trial.reminders(task_id=upload.id, step="queried")
    trial.live_until("2026-03-09 09:00")

    assert [row.state for row in at_once] == ["waiting"]
    assert [row.state for row in trial.reminders(task_id=upload.id, step="queried")] == ["grouped"]


def test_a_query_goes_to_whoever_is_there_when_its_claimant_is_not(trial: RingingTrial, berta, upload):
    dora = trial.enrolled("Dora")
    trial.out_of_reach(berta)
    checked(trial, upload, ClaimCheckKind.QUERIED)

    trial.tick()

    assert [row.person_id for row in trial.reminders(task_id=upload.id, step="queried")] == [dora]


def test_a_query_can_be_asked_again_on_another_day(trial: RingingTrial, berta, upload):
    checked(trial, upload, ClaimCheckKind.QUERIED)
    trial.tick()
    with trial.records.begin() as tx:
        assert ask_later(tx, upload.id, date(2026, 3, 10), now=trial.clock.now())

    trial.live_until("2026-03-10 12:00")

    assert len(trial.reminders(task_id=upload.id, step="queried")) == 2


def test_a_query_stands_in_the_digest_of_who_answers_for_it(trial: RingingTrial, berta, upload):
    carla = trial.enrolled("Carla", functions=frozenset({SiteFunction.SURGERY}))
    trial.on_mondays(berta, carla)
    checked(trial, upload, ClaimCheckKind.QUERIED)
    trial.tick()

    trial.live_until("2026-03-16 09:00")

    (digest,) = trial.digests(person_id=berta)
    assert upload.id in trial.digest_items(digest)
    assert all(upload.id not in trial.digest_items(row) for row in trial.digests(person_id=carla))


def test_a_claim_that_is_taken_back_is_watched_no_more(trial: RingingTrial, berta, upload):
    with trial.records.read() as tx:
        claim = answers.standing_of_task(tx, upload.id)[-1]

    trial.undoes(berta, claim.id)
    trial.live_until("2026-03-31 12:00")

    assert trial.reminders(task_id=upload.id, step="unseen") == []
