"""The short line that answers a press may be slow on its way: nobody else waits for it."""

from tests.trials import Person, Trial
from trial.tasks import SiteFunction

BRUSSELS = "Europe/Brussels"
PATIENT = "302-001"
LONG_S = 60.0  # longer than any of these tests waits for anything
NOT_YOURS = "You cannot answer this item here. The trial office can help."


async def two_with_one_card(trial: Trial) -> tuple[Person, Person]:
    """Amina is responsible and was told; Berta found it in her list and goes through it."""
    amina, berta = await trial.joins("Amina", site="302"), await trial.joins("Berta", site="302")
    trial.patient(PATIENT, site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    trial.answers_for("Amina", PATIENT, SiteFunction.IMAGING)
    await trial.forward_to("2027-04-12 08:30", zone=BRUSSELS)
    await berta.says("/today")
    await berta.taps("Go through")
    return amina, berta


async def test_a_slow_line_does_not_hold_up_the_next_answer(quick: Trial) -> None:
    amina, berta = await two_with_one_card(quick)
    quick.simulator.phones.fault("delay", "answerCallbackQuery", seconds=LONG_S)

    amina.press("CT")
    await amina.expects_toast()  # on its way back to us now, for a long time
    await berta.taps("MRI")
    await berta.taps("Today")

    assert "uploaded on Mon 12 Apr (as claimed)" in berta.card(PATIENT).text


async def test_a_slow_line_to_somebody_who_may_not_press_does_not_hold_up_what_comes_next(quick: Trial) -> None:
    amina, berta = await two_with_one_card(quick)
    quick.revoke("Berta", site="302")
    quick.simulator.phones.fault("delay", "answerCallbackQuery", seconds=LONG_S)

    berta.press("CT")
    assert (await berta.expects_toast()).text == NOT_YOURS
    await amina.taps("CT")
    await amina.taps("Today")

    assert "Upload CT: uploaded on Mon 12 Apr (as claimed)" in amina.card(PATIENT).text
