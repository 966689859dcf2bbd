"""What a site says on the phone: the trial office takes it down, the site's own card shows it, and anybody there may object."""

from tests.trials import Person, Trial

BRUSSELS = "Europe/Brussels"
PATIENT = "302-001"
TASK = "baseline_imaging/hold"


async def taken_down(trial: Trial) -> tuple[Person, Person]:
    """The baseline scans are late in Leuven; the office calls, and is told on Tuesday that they were on Friday."""
    amina, office = await trial.joins("Amina", site="302"), await trial.joins("Office", site=None)
    trial.patient(PATIENT, site="302", first_registration="2027-04-12")
    await trial.forward_to("2027-04-13 11:00", zone=BRUSSELS)
    trial.takes_down("Office", PATIENT, TASK, day="2027-04-09", told_by="Study nurse")
    await trial.settled()
    office.news()
    return amina, office


async def test_the_site_reads_on_its_card_who_is_said_to_have_said_it(trial: Trial) -> None:
    amina, _ = await taken_down(trial)

    card = amina.card(PATIENT)
    assert "✓ CT and MRI performed · done on Fri 9 Apr" in card.text
    assert "Study nurse by phone, Tue 13 Apr" in card.text
    assert "taken down by the trial office" in card.text


async def test_the_site_says_days_later_that_it_is_not_so_and_the_office_hears_of_it(trial: Trial) -> None:
    amina, office = await taken_down(trial)
    await trial.runs_until("2027-04-16 11:00", zone=BRUSSELS)
    office.news()

    # A short note came meanwhile; what was said stands on the card above it.
    card = amina.card(PATIENT, "taken down by the trial office")
    assert await amina.taps("This is not so", card) == "Taken back."

    assert "◐ CT and MRI performed · late, was due by Mon 12 Apr" in amina.card(PATIENT, "performed").text
    await trial.settled()
    assert any("the site says that an answer taken down here is not so" in one.text for one in office.news())
