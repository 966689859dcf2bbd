"""Holds: the trial office lets something be until a day. The site hears nothing of it, may ask, and may answer."""

from datetime import date

from office.holds import Lifted, Target, lift_hold, place_hold
from records import patients, sites, studies
from tests.trials import Trial

BRUSSELS = "Europe/Brussels"
PATIENT = "302-001"


def holds(trial: Trial, until: str, reason: str, *, code: str | None = None, site: str = "302") -> object:
    """The office puts a patient on hold, or the site."""
    trial.note(f"The office puts {code or site} on hold until {until}: {reason}")
    with trial.records.begin() as tx:
        (study,) = studies.studies(tx)
        patient = None if code is None else patients.patient_by_code(tx, study.id, code)
        target = Target(study, sites.site_by_number(tx, study.id, site), None if patient is None else patient.id)
        return place_hold(
            tx,
            trial.service.studies,
            target,
            date.fromisoformat(until),
            reason,
            by=None,
            now=trial.clock.now(),
            elapsed=trial.clock.elapsed(),
        )


def lifts(trial: Trial, hold_id: object, reason: str) -> None:
    trial.note(f"The office lifts the hold: {reason}")
    with trial.records.begin() as tx:
        lifted = lift_hold(
            tx,
            trial.service.studies,
            hold_id,
            reason,
            by=None,
            now=trial.clock.now(),
            elapsed=trial.clock.elapsed(),
        )
    assert isinstance(lifted, Lifted)


async def test_a_site_that_moves_house_hears_nothing_and_gets_one_digest_after(trial: Trial) -> None:
    amina = await trial.joins("Amina", site="302")
    holds(trial, "2027-06-02", "The department moves house")
    for number in range(1, 5):
        trial.patient(f"302-00{number}", site="302", first_registration="2027-04-12")

    quiet = await trial.runs_until("2027-06-02 23:00", zone=BRUSSELS)
    told = await trial.runs_until("2027-06-03 12:00", zone=BRUSSELS)

    assert quiet == []
    assert [f"{one.at:%Y-%m-%d %H:%M}" for one in told] == ["2027-06-03 08:30"]
    assert told[0].person is amina
    assert "Sending was held for a while; this is what waited, in one message." in told[0].message.text
    assert all(f"302-00{number}" in told[0].message.text for number in range(1, 5))


async def test_who_asks_sees_what_is_on_hold_and_what_they_answer_is_kept(trial: Trial) -> None:
    amina = await trial.joins("Amina", site="302")
    trial.patient(PATIENT, site="302", first_registration="2027-04-12")
    holds(trial, "2027-06-11", "Between two clinics", code=PATIENT)
    await trial.forward_to("2027-04-13 10:00", zone=BRUSSELS)

    await amina.says(f"/patient {PATIENT}")
    listed = amina.reads("One patient")

    assert "on hold until Fri 11 Jun" in listed.text
    assert "Between two clinics" not in listed.text


async def test_an_answer_during_a_hold_is_kept_and_not_asked_for_again(trial: Trial) -> None:
    amina = await trial.joins("Amina", site="302")
    trial.patient(PATIENT, site="302", first_registration="2027-04-12")
    await trial.forward_to("2027-04-13 10:00", zone=BRUSSELS)
    card = amina.card(PATIENT, "Baseline CT and MRI")
    amina.news()
    holds(trial, "2027-04-30", "Between two clinics", code=PATIENT)
    await trial.settled()
    assert "Reminders are on hold until Fri 30 Apr" in amina.card(PATIENT, "Baseline CT and MRI").text

    await amina.taps("Done", card)
    await amina.taps("Today")
    receipt = amina.card(PATIENT, "Baseline CT and MRI").text
    told = await trial.runs_until("2027-05-03 12:00", zone=BRUSSELS)

    assert "done on Tue 13 Apr" in receipt
    assert all("Was it done?" not in one.message.text for one in told)


async def test_a_hold_that_is_lifted_is_over_for_the_chat_too(trial: Trial) -> None:
    amina = await trial.joins("Amina", site="302")
    trial.patient(PATIENT, site="302", first_registration="2027-04-12")
    await trial.forward_to("2027-04-13 10:00", zone=BRUSSELS)
    hold_id = holds(trial, "2027-06-11", "Between two clinics", code=PATIENT)
    await trial.settled()
    quiet = await trial.runs_until("2027-05-05 12:00", zone=BRUSSELS)
    assert "Reminders are on hold until" in amina.card(PATIENT, "Baseline CT and MRI").text

    lifts(trial, hold_id, "Back at the site")
    await trial.settled()

    assert quiet == []
    assert "on hold" not in amina.card(PATIENT, "Baseline CT and MRI").text
    assert any("what waited" in one.text for one in amina.shown())
