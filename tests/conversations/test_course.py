"""One patient's course: surgery and what hangs on it, a fact that decides, an operation that does not take place, a death."""

from datetime import date, timedelta

from tests.trials import Person, Trial
from trial.tasks import SiteFunction
from trial.timeline import Certainty

BRUSSELS = "Europe/Brussels"
TOKYO = "Asia/Tokyo"
PATIENT = "302-001"


async def surgery_lies_ahead(trial: Trial) -> Person:
    """Second registration was on 15 March: surgery is expected on 12 April, from 22 March to 10 May."""
    amina = await trial.joins("Amina", site="302")
    trial.patient(
        PATIENT,
        site="302",
        first_registration="2026-12-07",
        second_registration="2027-03-15",
        held={"preoperative_imaging": "2027-04-05"},
    )
    return amina


async def test_a_surgery_that_is_only_expected_has_a_heads_up_alone(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    quick.patient(PATIENT, site="302", first_registration="2027-01-25", held={"baseline_imaging": "2027-01-22"})

    told = await quick.runs_until("2027-06-04 12:00", zone=BRUSSELS)

    surgery = [one for one in told if "Liver surgery" in one.message.text]
    assert [f"{one.at:%Y-%m-%d %H:%M}" for one in surgery] == ["2027-05-03 08:30"]
    assert "Expected around Mon 31 May" in surgery[0].message.text
    assert "provisional, may still move" in surgery[0].message.text
    assert "Is there a date for it yet?" in surgery[0].message.text
    assert amina.card(PATIENT, "Liver surgery").labels == ["📅 Booked", "✅ Done", "⏰ Later", "⋯ Other"]


async def test_a_surgery_that_was_booked_moves_what_hangs_on_it(quick: Trial) -> None:
    amina = await surgery_lies_ahead(quick)
    await quick.forward_to("2027-04-12 08:30", zone=BRUSSELS)
    card = amina.card(PATIENT, "Liver surgery")

    await amina.taps("Booked", card)
    await amina.taps("Pick")
    await amina.taps("29")
    assert "• booked for Thu 29 Apr" in amina.card(PATIENT, "Liver surgery").text
    amina.news()
    quiet = await quick.runs_until("2027-04-28 17:00", zone=BRUSSELS)
    asked = await quick.runs_until("2027-04-29 17:00", zone=BRUSSELS)

    assert [one for one in quiet if "Liver surgery" in one.message.text] == []
    assert "Was it done?" in [one for one in asked if "Liver surgery" in one.message.text][-1].message.text


async def test_a_surgery_that_was_done_makes_its_reports_due_and_asks_what_was_left(trial: Trial) -> None:
    amina = await surgery_lies_ahead(trial)
    await trial.forward_to("2027-04-12 08:30", zone=BRUSSELS)
    await amina.taps("Done", amina.card(PATIENT, "Liver surgery"))
    await amina.taps("Yesterday")
    card = amina.card(PATIENT, "Liver surgery")
    assert card.text.startswith("🔔 Site 302 · 3 items\n")
    assert "○ Send the pathology report · due by Sun 2 May" in card.text
    assert card.labels[:4] == ["📨 IOUS sent", "📨 Surgery record sent", "⏰ Later", "⋯ Other"]
    await amina.taps("Other")
    assert "📨 Pathology sent" in amina.card(PATIENT, "Liver surgery").labels
    await trial.runs_until("2027-04-16 12:00", zone=BRUSSELS)

    question = amina.card(PATIENT, "Was at least one disappeared lesion left in place?")
    assert question.labels == ["Yes", "No", "⏰ Later", "⋯ Other"]
    await amina.taps("Yes", question)
    assert "• Disappeared lesion left in place: Yes" in amina.card(PATIENT, "lesion").text
    told = await trial.runs_until("2028-01-01 12:00", zone=BRUSSELS)

    follow_up = [one.message.text for one in told if "Follow-up imaging, 6 months" in one.message.text]
    assert "Planned for Mon 11 Oct" in follow_up[0]
    assert "Window Mon 13 Sept – Mon 8 Nov" in follow_up[0]


async def test_without_a_lesion_left_there_is_no_follow_up_imaging(quick: Trial) -> None:
    amina = await surgery_lies_ahead(quick)
    await quick.forward_to("2027-04-12 08:30", zone=BRUSSELS)
    await amina.taps("Done", amina.card(PATIENT, "Liver surgery"))
    await amina.taps("Today")
    await quick.runs_until("2027-04-19 12:00", zone=BRUSSELS)

    await amina.taps("No", amina.card(PATIENT, "Was at least one"))

    told = await quick.runs_until("2029-06-01 12:00", zone=BRUSSELS)
    assert [one for one in told if "Follow-up" in one.message.text] == []


async def test_an_answer_to_a_question_can_be_taken_back_and_given_again(quick: Trial) -> None:
    amina = await surgery_lies_ahead(quick)
    await quick.forward_to("2027-04-12 08:30", zone=BRUSSELS)
    await amina.taps("Done", amina.card(PATIENT, "Liver surgery"))
    await amina.taps("Today")
    await quick.runs_until("2027-04-19 12:00", zone=BRUSSELS)
    await amina.taps("No", amina.card(PATIENT, "Was at least one"))

    await amina.taps("Undo")
    assert "Was at least one disappeared lesion left in place?" in amina.card(PATIENT, "lesion").text
    await amina.taps("Yes")

    assert "left in place: Yes" in amina.card(PATIENT, "lesion").text


async def test_not_operated_leaves_the_schedule_cleanly(quick: Trial) -> None:
    amina = await surgery_lies_ahead(quick)
    await quick.forward_to("2027-04-12 08:30", zone=BRUSSELS)
    await amina.taps("Other", amina.card(PATIENT, "Liver surgery"))
    await amina.taps("Not done")
    assert amina.card(PATIENT, "Liver surgery").labels[:4] == [
        "Found unresectable",
        "Disease progressed",
        "Patient declined",
        "Not fit for surgery",
    ]
    await amina.taps("Disease progressed")

    card = amina.card(PATIENT, "Liver surgery")
    assert card.text.startswith("✅ Site 302 · nothing open\n")
    assert "• not done (Disease progressed)" in card.text
    assert "This is not a safety report. Please report it as the protocol says." in card.text
    assert "Send the pathology report" not in card.text
    # What happened before stays to be done.
    amina.news()
    told = await quick.runs_until("2028-01-01 12:00", zone=BRUSSELS)
    assert {"Pre-operative CT and MRI"} == {one.message.text.split("\n")[4].split(" · ")[0] for one in told}


async def test_a_death_stops_every_ring_at_once_at_every_phone(trial: Trial) -> None:
    manager = await trial.joins("Office", site=None)
    amina = await trial.joins("Amina", site="302", language="ja")
    berta = await trial.joins("Berta", site="302")
    trial.patient(PATIENT, site="302", first_registration="2027-01-25", held={"baseline_imaging": "2027-04-08"})
    trial.answers_for("Amina", PATIENT, SiteFunction.IMAGING)
    # Three working days after the last day for the uploads a colleague is told, too.
    await trial.runs_until("2027-04-20 12:00", zone=BRUSSELS)
    for person in (amina, berta, manager):
        person.news()

    await berta.taps("Other", berta.card(PATIENT, "Baseline"))
    await berta.taps("No longer followed")
    assert "This is not a safety report." in berta.card(PATIENT, "Baseline").text
    assert berta.card(PATIENT, "Baseline").labels == [
        "Death",
        "Consent withdrawn",
        "Lost to follow-up",
        "Moved to another site",
        "Not operated",
        "Another reason",
        "‹ Back",
    ]
    await berta.taps("Death")
    assert berta.card(PATIENT, "Baseline").labels == ["✓ Confirm", "‹ Back"]
    await berta.taps("Confirm")

    assert berta.card(PATIENT, "Baseline").text.startswith("🔕 Site 302 · reminders paused\n")
    assert "✅" not in berta.card(PATIENT, "Baseline").text
    assert berta.card(PATIENT, "Baseline").labels == ["↩ Undo (10 minutes)"]
    hers = [message for message in amina.shown() if PATIENT in message.text]
    assert hers
    assert [message.text for message in hers if not message.text.startswith("🔕") and not message.reply_to] == []
    assert all("これは安全性報告ではありません。" in message.text for message in hers if not message.reply_to)
    assert [message.labels for message in hers if message.labels] == []
    assert "Said: no longer followed (death) · Berta · Tue 20 Apr" in manager.latest().text
    assert "This is not a safety report." in manager.latest().text
    await trial.waits(timedelta(minutes=11))
    for person in (amina, berta, manager):
        person.news()
    assert await trial.runs_until("2029-01-01 12:00", zone=BRUSSELS) == []


async def test_a_death_that_was_a_slip_is_taken_back(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    quick.patient(PATIENT, site="302", first_registration="2027-01-25", held={"baseline_imaging": "2027-04-08"})
    await quick.forward_to("2027-04-12 08:30", zone=BRUSSELS)
    await amina.taps("Other", amina.card(PATIENT, "Baseline"))
    await amina.taps("No longer followed")
    await amina.taps("Death")
    await amina.taps("Confirm")

    await amina.taps("Undo")

    card = amina.card(PATIENT, "Baseline")
    assert card.text.startswith("🔔 Site 302 · 2 items\n")
    assert card.labels == ["⬆️ CT uploaded", "⬆️ MRI uploaded", "⏰ Later", "⋯ Other"]
    told = await quick.runs_until("2027-04-20 12:00", zone=BRUSSELS)
    assert "Baseline CT and MRI" in "".join(one.message.text for one in told)


async def test_a_withdrawal_that_the_office_records_takes_the_buttons_off(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    quick.patient(PATIENT, site="302", first_registration="2027-01-25", held={"baseline_imaging": "2027-04-08"})
    await quick.forward_to("2027-04-12 08:30", zone=BRUSSELS)
    old = amina.card(PATIENT, "Baseline")

    quick.event(PATIENT, "withdrawn", "2027-04-12")
    await quick.settled()

    assert [message.labels for message in amina.shown() if message.labels] == []
    assert await amina.taps("", old, data=old.button("CT").data) == "This item is closed; nothing has changed."
    assert await quick.runs_until("2028-01-01 12:00", zone=BRUSSELS) == []


async def test_a_surgery_before_the_second_registration_is_refused(quick: Trial) -> None:
    amina = await surgery_lies_ahead(quick)
    await quick.forward_to("2027-04-12 08:30", zone=BRUSSELS)
    await amina.taps("Done", amina.card(PATIENT, "Liver surgery"))
    today = amina.card(PATIENT, "Liver surgery").button("Today").data
    assert today is not None

    line = await amina.taps("", data=today.replace("20270412", "20270301"))

    assert line == "That day is before the registration. Please choose a later one."


async def test_a_planned_date_of_the_office_shows_on_the_card_and_rings_once_for_it(quick: Trial) -> None:
    amina = await surgery_lies_ahead(quick)
    await quick.forward_to("2027-04-12 08:30", zone=BRUSSELS)
    quick.event(PATIENT, "surgery", "2027-04-20", certainty=Certainty.PLANNED)
    await quick.settled()
    before = await quick.runs_until("2027-04-19 12:00", zone=BRUSSELS)

    quick.event(PATIENT, "surgery", "2027-04-20", certainty=Certainty.PLANNED)
    on_the_day = await quick.runs_until("2027-04-20 17:00", zone=BRUSSELS)

    known = {one.message.message_id for one in before} | {1, 2, 3, 4, 5, 6}
    rung = [one for one in on_the_day if one.message.message_id not in known]
    assert [date(2027, 4, 20)] == [one.at.date() for one in rung]
    assert "planned for Tue 20 Apr" in amina.reads("Liver surgery", "Window").text
