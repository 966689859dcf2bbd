"""An answer is taken back within ten minutes of real time; then its receipt shows itself without the way back."""

from datetime import timedelta

from tests.trials import Person, Trial

BRUSSELS = "Europe/Brussels"
PATIENT = "302-001"


async def a_visit_is_due(trial: Trial) -> Person:
    """The last day of the baseline scans, in Leuven."""
    amina = await trial.joins("Amina", site="302")
    trial.patient(PATIENT, site="302", first_registration="2027-04-12")
    await trial.forward_to("2027-04-12 08:30", zone=BRUSSELS)
    amina.news()
    return amina


async def test_an_answer_is_taken_back_within_ten_minutes(trial: Trial) -> None:
    amina = await a_visit_is_due(trial)
    await amina.taps("Done")
    await amina.taps("Today")
    await trial.waits(timedelta(minutes=9))

    line = await amina.taps("Undo")

    assert line == "Taken back."
    card = amina.card(PATIENT)
    assert card.text.startswith("🔔 Site 302 · 1 item\n")
    assert "○ CT and MRI performed · due by Mon 12 Apr" in card.text
    assert "· Upload CT · date not known yet" in card.text
    assert card.labels == ["📅 Booked", "✅ Done", "⏰ Later", "⋯ Other"]


async def test_after_ten_minutes_the_receipt_shows_itself_without_the_way_back(quick: Trial) -> None:
    amina = await a_visit_is_due(quick)
    await amina.taps("Done")
    await amina.taps("Today")
    undo = amina.card(PATIENT).button("Undo").data

    await quick.waits(timedelta(minutes=10, seconds=1))

    card = amina.card(PATIENT)
    assert card.labels == ["⬆️ CT uploaded", "⬆️ MRI uploaded", "⏰ Later", "⋯ Other"]
    assert "• done on Mon 12 Apr\nAmina · 08:30" in card.text
    line = await amina.taps("Undo", card, data=undo)
    assert line == "The ten minutes for undoing are over. The trial office can correct it."
    assert "✓ CT and MRI performed · done on Mon 12 Apr" in amina.card(PATIENT).text


async def test_taking_back_twice_is_taking_back_once(quick: Trial) -> None:
    amina = await a_visit_is_due(quick)
    await amina.taps("Done")
    await amina.taps("Today")
    card = amina.card(PATIENT)
    undo = card.button("Undo").data

    await amina.taps("Undo", card)
    assert await amina.taps("Undo", card, data=undo) == "Taken back."

    assert "○ CT and MRI performed · due by Mon 12 Apr" in amina.card(PATIENT).text
