"""A day outside the window: taken as said, marked on the card, and shown to the trial office once."""

from datetime import date

import pytest

from office.answers import Recorded
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind


@pytest.fixture
def amina(trial: Trial):
    return trial.enrolled("Amina")


@pytest.fixture
def hold(trial: Trial, amina):
    """The re-evaluation, whose window was 11 May to 8 June. It is 12 June."""
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-06-12 10:00")
    task = trial.task(patient, "reevaluation_imaging")
    assert (task.opens, task.closes) == (date(2026, 5, 11), date(2026, 6, 8))
    return task


@pytest.mark.parametrize(("day", "outside"), [("2026-05-10", True), ("2026-05-11", False), ("2026-06-08", False)])
@pytest.mark.parametrize("kind", [AnswerKind.DONE, AnswerKind.BOOKED])
def test_a_day_outside_is_taken_and_marked(trial: Trial, amina, hold, kind, day, outside):
    said = trial.says(amina, hold, kind, day=day)

    assert isinstance(said, Recorded)
    last = trial.card(amina, hold.visit_id).last
    assert last is not None
    assert (last.day, last.outside_window) == (date.fromisoformat(day), outside)
    assert ("outside_window" in trial.items()) is outside
    assert trial.audit_holds()


def test_the_office_is_shown_a_visit_once(trial: Trial, amina, hold):
    trial.says(amina, hold, AnswerKind.BOOKED, day="2026-06-15")
    first = trial.items()["outside_window"]

    trial.says(amina, hold, AnswerKind.DONE, day="2026-06-11")

    assert trial.items()["outside_window"] == first
    assert (first.visit_id, first.details) == (hold.visit_id, {"day": "2026-06-15"})


def test_taking_it_back_leaves_nothing_to_look_at(trial: Trial, amina, hold):
    said = trial.says(amina, hold, AnswerKind.DONE, day="2026-06-11")
    assert isinstance(said, Recorded)

    trial.undoes(amina, said.answer_id)

    assert "outside_window" not in trial.items()


def test_an_upload_after_its_last_day_is_late_and_not_outside(trial: Trial, amina, hold):
    trial.says(amina, hold, AnswerKind.DONE, day="2026-05-20")
    upload = trial.task(hold.patient_id, "reevaluation_imaging", "upload_ct")

    trial.says(amina, upload, AnswerKind.UPLOADED, day="2026-06-12")

    last = trial.card(amina, hold.visit_id).last
    assert last is not None
    assert not last.outside_window
    assert "outside_window" not in trial.items()
