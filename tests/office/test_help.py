"""Help: a task waits until the trial office has looked at it, and then goes on."""

from datetime import timedelta

import pytest

from office.answers import AlreadyAnswered, Recorded
from office.helping import ItemClosed, close_item
from office.item_card import card_of
from office.judging import Refusal
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind, HelpKind
from trial.messages import Asking, HelpClosed, HelpNeeded


@pytest.fixture
def amina(trial: Trial):
    return trial.enrolled("Amina")


@pytest.fixture
def manager(trial: Trial):
    return trial.manager()


@pytest.fixture
def hold(trial: Trial, amina):
    """The baseline scans are open and have been rung."""
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-03-03 10:00")
    trial.tick()
    return trial.task(patient, "baseline_imaging")


def asked(trial: Trial, person, task, needs: HelpKind = HelpKind.PORTAL_DOWN) -> Recorded:
    said = trial.says(person, task, AnswerKind.NEED_HELP, needs=needs)
    assert isinstance(said, Recorded)
    return said


def now_of(trial: Trial, task):
    return trial.task(task.patient_id, task.occurrence, task.name)


def test_the_managers_are_asked_and_the_task_waits(trial: Trial, amina, manager, hold):
    rung = len(trial.reminders(task_id=hold.id))

    asked(trial, amina, hold, HelpKind.QUERY)

    assert trial.said_to(manager)[-1] == HelpNeeded(
        "DREAM",
        "417",
        "417-001",
        {
            "en": "Baseline CT and MRI",
            "de": "Baseline-CT und -MRT",
            "fr": "Scanner et IRM du bilan initial",
            "ja": "ベースライン画像検査(CT・MRI)",
        },
        HelpKind.QUERY,
        "Amina",
    )
    assert trial.items()["help"].told_at is not None
    trial.live_until("2026-06-01 10:00")
    assert len(trial.reminders(task_id=hold.id)) == rung
    assert now_of(trial, hold).next_step == "help"


def test_it_shows_on_the_card_until_somebody_has_looked(trial: Trial, amina, manager, hold):
    asked(trial, amina, hold)
    waiting = trial.card(amina, hold.visit_id)

    trial.does(close_item, trial.studies, trial.items()["help"].id, manager)

    assert waiting.asked_for_help is HelpKind.PORTAL_DOWN
    assert waiting.last is not None
    assert waiting.last.help is HelpKind.PORTAL_DOWN
    assert trial.card(amina, hold.visit_id).asked_for_help is None


def test_whoever_waits_for_one_task_is_not_asked_about_another_of_the_visit(trial: Trial, amina, manager, hold):
    trial.says(amina, hold, AnswerKind.DONE, day="2026-03-02")
    uploads = [
        now_of(trial, trial.task(hold.patient_id, hold.occurrence, name)) for name in ("upload_ct", "upload_mri")
    ]
    before = card_of(trial.card(amina, hold.visit_id))

    asked(trial, amina, uploads[1])  # as the item's page lets them

    assert before.asking is not Asking.NOTHING
    assert card_of(trial.card(amina, hold.visit_id)).asking is Asking.NOTHING


def test_closing_it_rings_on_the_next_working_morning_and_tells_who_asked(trial: Trial, amina, manager, hold):
    asked(trial, amina, hold)
    trial.forward_to("2026-03-06 15:00")  # a Friday

    closed = trial.does(close_item, trial.studies, trial.items()["help"].id, manager)

    assert isinstance(closed, ItemClosed)
    assert isinstance(trial.said_to(amina)[-1], HelpClosed)
    moment = now_of(trial, hold).next_attention_at
    assert moment is not None
    assert f"{moment:%Y-%m-%d %H:%M}" == "2026-03-09 07:30"
    assert "help" not in trial.items()


def test_whoever_asked_is_not_woken_by_the_answer(trial: Trial, amina, manager, hold):
    asked(trial, amina, hold)
    trial.forward_to("2026-03-06 23:00")

    trial.does(close_item, trial.studies, trial.items()["help"].id, manager)

    row = trial.notices(person_id=amina, kind="message")[-1]
    assert row.hold_until - trial.clock.elapsed() == timedelta(days=2, hours=9, minutes=30)


def test_an_item_is_closed_once_and_by_the_trial_office_alone(trial: Trial, amina, manager, hold):
    asked(trial, amina, hold)
    item = trial.items()["help"].id

    assert trial.does(close_item, trial.studies, item, amina) is Refusal.NOT_ALLOWED
    assert isinstance(trial.does(close_item, trial.studies, item, manager), ItemClosed)
    assert trial.does(close_item, trial.studies, item, manager) is Refusal.CLOSED
    assert trial.does(close_item, trial.studies, hold.id, manager) is Refusal.UNKNOWN


def test_asking_twice_is_one_item_and_asking_after_it_was_looked_at_is_another(trial: Trial, amina, manager, hold):
    first = asked(trial, amina, hold)
    again = trial.says(amina, hold, AnswerKind.NEED_HELP, needs=HelpKind.PORTAL_DOWN)
    item = trial.items()["help"].id
    trial.does(close_item, trial.studies, item, manager)

    anew = asked(trial, amina, hold)

    assert isinstance(again, AlreadyAnswered)
    assert again.answer_id == first.answer_id
    assert anew.answer_id != first.answer_id
    assert trial.items()["help"].id != item


def test_an_answer_makes_the_item_pointless(trial: Trial, amina, manager, hold):
    asked(trial, amina, hold)

    trial.says(amina, hold, AnswerKind.DONE, day="2026-03-02")

    assert "help" not in trial.items()


def test_taking_it_back_rings_as_before(trial: Trial, amina, manager, hold):
    before = now_of(trial, hold)

    trial.undoes(amina, asked(trial, amina, hold).answer_id)

    assert now_of(trial, hold) == before
    assert "help" not in trial.items()


def test_an_answer_that_asks_for_help_says_which(trial: Trial, amina, hold):
    assert trial.says(amina, hold, AnswerKind.NEED_HELP) is Refusal.UNFIT


def test_a_replan_leaves_what_waits_for_help_alone(trial: Trial, amina, manager, hold):
    asked(trial, amina, hold)

    trial.event("417-001", "second_registration", "2026-06-08", planned=True)

    assert now_of(trial, hold).next_step == "help"
    assert trial.audit_holds()
