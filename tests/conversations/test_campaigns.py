"""A survey of all patients on fixed dates: it rings at its opening and on its due day, and is answered in two taps."""

import pytest

from tests import trials
from tests.trials import Trial
from trial.tasks import SiteFunction

BRUSSELS = "Europe/Brussels"
SURVEY = """
campaigns:
  - id: survey
    label: {en: "Survey {round}", de: "Umfrage {round}", fr: "Enquête {round}", ja: "調査 {round}"}
    rounds: [{opens: 2027-06-01, due: 2027-06-18, closes: 2027-06-30}]
    tasks:
      - id: form
        label: {en: Send the survey form, de: Bogen senden, fr: Envoyer le questionnaire, ja: 調査票の送付}
        short: {en: Form, de: Bogen, fr: Questionnaire, ja: 調査票}
"""


@pytest.fixture(autouse=True)
def with_a_survey(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    file = tmp_path / "dream.yaml"
    file.write_text(trials.DREAM.read_text(encoding="utf-8") + SURVEY, encoding="utf-8")
    monkeypatch.setattr(trials, "DREAM", file)


async def test_a_survey_rings_on_its_dates_and_is_answered(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302", functions=frozenset({SiteFunction.DATA}))
    quick.patient("302-001", site="302", first_registration="2027-04-09", held={"baseline_imaging": "2027-04-08"})

    told = await quick.runs_until("2027-06-18 12:00", zone=BRUSSELS)
    rung = [one for one in told if "Survey 2027-06" in one.message.text]
    await amina.taps("Sent", amina.card("302-001", "Survey 2027-06"))
    await amina.taps("Today")
    later = await quick.runs_until("2027-07-20 12:00", zone=BRUSSELS)

    assert {f"{one.at:%Y-%m-%d}" for one in rung} == {"2027-05-25", "2027-06-01", "2027-06-18"}
    assert any("Due by Wed 30 Jun · 12 days left" in one.message.text for one in rung)
    assert "Has it been sent?" in rung[-1].message.text
    assert [one for one in later if "Survey" in one.message.text] == []
