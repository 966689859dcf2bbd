"""A campaign: every patient of the study is asked for on fixed dates, and after its last day nothing more is entered."""

from datetime import date

import pytest

from office.board.late import LateFilters, late_rows
from office.board.patient import patient_page
from office.board.viewer import viewer_of
from tests.office import vocabulary
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind
from trial.tasks import SiteFunction, TaskKind, TaskState

SURVEY = """
campaigns:
  - id: survey
    label: {en: "Survey {round}", de: "Umfrage {round}", fr: "Enquête {round}", ja: "調査 {round}"}
    rounds:
      - {opens: 2026-06-01, due: 2026-06-19, closes: 2026-06-30}
      - 2026-12-01 .. 2026-12-31
    tasks:
      - id: form
        label: {en: Send the survey form, de: Bogen senden, fr: Envoyer le questionnaire, ja: 調査票の送付}
"""


@pytest.fixture
def trial(records, monkeypatch, tmp_path):
    """DREAM with a survey of all patients twice a year."""
    text = vocabulary.DREAM.read_text(encoding="utf-8")
    (tmp_path / "dream.yaml").write_text(text + SURVEY, encoding="utf-8")
    monkeypatch.setattr(vocabulary, "DREAM", tmp_path / "dream.yaml")
    return Trial(records)


def surveyed(trial: Trial, patient) -> dict[str, TaskState]:
    return {key: task.state for key, task in trial.tasks(patient).items() if key.startswith("survey")}


def test_every_patient_is_asked_who_is_registered_by_its_last_day(trial: Trial):
    early = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-06-30 09:00")
    late = trial.patient("417-002", first_registration="2026-06-30")
    trial.forward_to("2026-07-01 09:00")
    later = trial.patient("417-003", first_registration="2026-07-01")

    assert [sorted(surveyed(trial, patient)) for patient in (early, late, later)] == [
        ["survey_2026_06/form", "survey_2026_12/form"],
        ["survey_2026_06/form", "survey_2026_12/form"],
        ["survey_2026_12/form"],
    ]


def test_whoever_has_left_by_its_first_day_is_not_asked_about(trial: Trial):
    gone = trial.patient("417-001", first_registration="2026-03-02", death="2026-03-02")

    assert surveyed(trial, gone) == {}


def test_it_rings_and_is_answered(trial: Trial):
    amina = trial.enrolled("Amina", functions=frozenset({SiteFunction.DATA}))
    patient = trial.patient("417-001", first_registration="2026-03-02")
    task = trial.task(patient, "survey_2026_06", "form")
    assert (task.opens, task.due, task.closes) == (date(2026, 6, 1), date(2026, 6, 19), date(2026, 6, 30))

    trial.live_until("2026-06-19 12:00")
    rung = {row.step for row in trial.reminders(task_id=task.id, person_id=amina)}
    card = trial.card(amina, task.visit_id)
    trial.says(amina, task, AnswerKind.DONE, day="2026-06-19")
    before = len(trial.reminders(task_id=task.id))
    trial.live_until("2026-07-20 12:00")

    assert {"window_open", "due"} <= rung
    assert (card.visit["en"], [line.label["en"] for line in card.tasks]) == ("Survey 2026-06", ["Send the survey form"])
    assert AnswerKind.DONE in card.tasks[0].answers
    assert trial.task(patient, "survey_2026_06", "form").state is TaskState.DONE
    assert len(trial.reminders(task_id=task.id)) == before


def test_after_its_last_day_the_office_is_told_and_the_site_no_more(trial: Trial):
    manager = trial.manager()
    amina = trial.enrolled("Amina", functions=frozenset({SiteFunction.DATA}))
    patient = trial.patient("417-001", first_registration="2026-03-02", held={"baseline_imaging": "2026-03-01"})
    task = trial.task(patient, "survey_2026_06", "form")

    trial.live_until("2026-06-30 20:00")
    by_the_lock = len(trial.reminders(task_id=task.id, person_id=amina))
    trial.live_until("2026-07-20 12:00")

    assert by_the_lock > 0
    assert len(trial.reminders(task_id=task.id, person_id=amina)) == by_the_lock
    assert trial.task(patient, "survey_2026_06", "form").next_attention_at is None
    assert str(task.id) in {row.object_id for row in trial.audited("task.ladder_ended")}
    with trial.records.read() as tx:
        viewer = viewer_of(tx, manager, now=trial.clock.now())
        assert viewer is not None
        (row,) = (
            row for row in late_rows(tx, trial.studies, viewer, LateFilters(kind=TaskKind.SEND), now=trial.clock.now())
        )
        page = patient_page(tx, trial.studies, viewer, patient, **trial.times)
    assert (row.called.task.id, row.days) == (task.id, 20)
    assert page is not None
    assert [visit.label["en"] for visit in page.visits][-2:] == ["Survey 2026-06", "Survey 2026-12"]
