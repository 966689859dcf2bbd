from datetime import date, timedelta

import pytest

from office.answers import Recorded
from office.cards import UNDO_WITHIN, CardView
from records import cards
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind, LeavingKind
from trial.messages import Phase, Standing
from trial.tasks import TaskKind


@pytest.fixture
def amina(trial: Trial):
    return trial.enrolled("Amina")


def standings(view: CardView) -> dict[str, Standing]:
    return {task.name: task.standing for task in view.tasks}


def test_a_card_names_what_it_is_about_in_the_studys_words(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")

    view = trial.card(amina, trial.visits(patient)["baseline_imaging"].id)

    assert (view.study_code, view.patient_code, view.site_number) == ("DREAM", "417-001", "417")
    assert view.visit["ja"] == "ベースライン画像検査(CT・MRI)"
    assert [task.name for task in view.tasks] == ["hold", "upload_ct", "upload_mri"]
    assert standings(view) == {"hold": Standing.DUE, "upload_ct": Standing.WAITING, "upload_mri": Standing.WAITING}
    assert (view.opens, view.closes, view.days_left) == (date(2026, 2, 2), date(2026, 3, 2), 0)
    assert view.phase is Phase.DURING
    assert [reason.id for reason in view.reasons] == ["mri_not_possible", "done_elsewhere"]
    assert view.allowed


def test_an_occurrence_carries_its_number_in_its_label(trial: Trial, amina):
    patient = trial.patient(
        "417-001",
        first_registration="2025-08-01",
        second_registration="2025-08-01",
        surgery="2025-09-01",
        facts={"lesion_left_in_place": "yes"},
    )

    assert trial.card(amina, trial.visits(patient)["fu_12mo"].id).visit["en"] == "Follow-up imaging, 12 months"


def test_a_card_speaks_of_before_during_and_after(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    visit = trial.visits(patient)["reevaluation_imaging"].id

    before = trial.card(amina, visit)
    trial.forward_to("2026-05-25 10:00")
    during = trial.card(amina, visit)
    trial.forward_to("2026-06-10 10:00")
    after = trial.card(amina, visit)

    assert [view.phase for view in (before, during, after)] == [Phase.BEFORE, Phase.DURING, Phase.AFTER]
    assert [standings(view)["hold"] for view in (before, during, after)] == [
        Standing.SCHEDULED,
        Standing.DUE,
        Standing.LATE,
    ]
    assert [(view.days_left, view.days_late) for view in (during, after)] == [(14, None), (None, 2)]


def test_what_is_only_estimated_is_never_late(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2027-03-02 10:00")

    view = trial.card(amina, trial.visits(patient)["surgery"].id)

    assert standings(view)["hold"] is Standing.SCHEDULED
    assert (view.firm, view.days_late) == (False, None)


def test_each_answer_gives_its_task_a_standing(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    visit = trial.visits(patient)["baseline_imaging"].id
    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.BOOKED, day="2026-03-02")
    booked = trial.card(amina, visit)
    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-03-01")
    trial.says(amina, trial.task(patient, "baseline_imaging", "upload_ct"), AnswerKind.UPLOADED, day="2026-03-02")
    trial.says(
        amina,
        trial.task(patient, "baseline_imaging", "upload_mri"),
        AnswerKind.NOT_APPLICABLE,
        reason="mri_not_possible",
    )

    view = trial.card(amina, visit)

    assert standings(booked)["hold"] is Standing.BOOKED
    assert standings(view) == {
        "hold": Standing.DONE,
        "upload_ct": Standing.CLAIMED,
        "upload_mri": Standing.NOT_APPLICABLE,
    }
    assert view.open_tasks == 0
    assert view.last is not None
    assert (view.last.kind, view.last.by) == (AnswerKind.NOT_APPLICABLE, "Amina")
    assert view.last.words is not None
    assert view.last.words["en"] == "MRI not possible for this patient"


def test_a_receipt_can_be_taken_back_for_ten_minutes(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    visit = trial.visits(patient)["baseline_imaging"].id
    said = trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20")
    assert isinstance(said, Recorded)

    fresh = trial.card(amina, visit).receipt
    trial.clock.wait(UNDO_WITHIN + timedelta(seconds=1))
    stale = trial.card(amina, visit).receipt

    assert fresh is not None
    assert stale is not None
    assert (fresh.answer_id, fresh.person_id, fresh.undo_possible) == (said.answer_id, amina, True)
    assert fresh.task is not None
    assert fresh.task["en"] == "CT and MRI performed"
    assert not stale.undo_possible


def test_an_answer_taken_back_is_no_last_word(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    said = trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20")
    trial.undoes(amina, said.answer_id)

    view = trial.card(amina, trial.visits(patient)["baseline_imaging"].id)

    assert (view.last, view.receipt) == (None, None)
    assert standings(view)["hold"] is Standing.DUE


def test_a_fact_is_asked_in_the_studys_words(trial: Trial, amina):
    patient = trial.patient(
        "417-001", first_registration="2026-02-01", second_registration="2026-02-01", surgery="2026-02-10"
    )
    visit = trial.visits(patient)["fact:lesion_left_in_place"].id

    (task,) = trial.card(amina, visit).tasks
    assert task.question is not None
    assert task.question["en"].startswith("Was at least one")
    assert [value.id for value in task.values] == ["yes", "no"]
    trial.says(amina, trial.task(patient, "fact:lesion_left_in_place", "fact"), AnswerKind.STATED, value="no")

    view = trial.card(amina, visit)
    assert standings(view) == {"fact": Standing.STATED}
    assert view.last is not None
    assert view.last.words == {"en": "No", "de": "Nein", "fr": "Non", "ja": "いいえ"}


def test_a_paused_patient_has_nothing_open(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.says(
        amina, trial.task(patient, "baseline_imaging"), AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.WITHDRAWN
    )

    view = trial.card(amina, trial.visits(patient)["surgery"].id)

    assert view.paused
    assert view.open_tasks == 0
    assert set(standings(view).values()) == {Standing.PAUSED}


def test_somebody_of_another_site_sees_nothing(trial: Trial):
    tomoko = trial.enrolled("Tomoko", site="501")
    patient = trial.patient("417-001", first_registration="2026-03-02")

    assert not trial.card(tomoko, trial.visits(patient)["baseline_imaging"].id).allowed


def test_a_card_stands_in_one_place_and_knows_the_others(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    visit = trial.visits(patient)["baseline_imaging"].id
    card_id = trial.shows_card(amina, visit, message_id=11)
    trial.shows_card(amina, visit, message_id=12)

    with trial.records.begin() as tx:
        card = cards.card_of(tx, visit, amina)
        assert card is not None
        assert (card.standing, card.with_buttons) == (12, (11,))
        assert cards.adopt(tx, card_id, chat_id=7001, message_id=11, sent_at=trial.clock.now())
        again = cards.card_of(tx, visit, amina)
        assert again is not None
        assert (again.standing, again.with_buttons) == (11, (12,))
        assert cards.stripped(tx, card_id, keep=11) == 1
        assert cards.card_by_message(tx, chat_id=7001, message_id=12) == cards.card_of(tx, visit, amina)
        assert cards.forget_standing(tx, card_id)
        gone = cards.card_of(tx, visit, amina)
    assert gone is not None
    assert gone.standing is None


def test_a_message_of_another_card_is_not_taken_over(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    visits = trial.visits(patient)
    trial.shows_card(amina, visits["baseline_imaging"].id, message_id=11)
    other = trial.shows_card(amina, visits["surgery"].id, message_id=12)

    with trial.records.begin() as tx:
        assert not cards.adopt(tx, other, chat_id=7001, message_id=11, sent_at=trial.clock.now())
        card = cards.card_by_id(tx, other)

    assert card is not None
    assert card.standing == 12


def test_a_day_of_the_trial_office_stands_on_the_card_until_the_site_says_another(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02", second_registration="2026-03-02")
    visit = trial.visits(patient)["surgery"].id

    trial.event("417-001", "surgery", "2026-04-20", planned=True)
    planned = trial.card(amina, visit)
    trial.says(amina, trial.task(patient, "surgery"), AnswerKind.BOOKED, day="2026-04-22")
    booked = trial.card(amina, visit)
    trial.event("417-001", "surgery", "2026-04-24", planned=True)
    planned_again = trial.card(amina, visit)

    assert [(standings(view)["hold"], view.tasks[0].day) for view in (planned, booked, planned_again)] == [
        (Standing.PLANNED, date(2026, 4, 20)),
        (Standing.BOOKED, date(2026, 4, 22)),
        (Standing.PLANNED, date(2026, 4, 24)),
    ]


def test_the_last_word_says_what_it_was_about(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    hold = trial.task(patient, "baseline_imaging")

    trial.says(amina, hold, AnswerKind.DONE, day="2026-03-02")

    view = trial.card(amina, hold.visit_id)
    assert view.last is not None
    assert view.last.task_kind is TaskKind.HOLD
