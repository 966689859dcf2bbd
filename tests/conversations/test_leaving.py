"""A patient who leaves: silent at once at every phone, and confirmed afterwards by investigator or manager."""

from datetime import timedelta

from tests.phones import ChatMessage
from tests.trials import Person, Trial
from trial.people import Role

BRUSSELS = "Europe/Brussels"
PATIENT = "302-003"
SECOND = timedelta(seconds=1)
SAFETY = "This is not a safety report."


async def a_window_is_open(trial: Trial) -> tuple[Person, Person, Person]:
    """A scan is due in Leuven: the coordinator, the investigator, and the trial office, at work as Greenwich has it."""
    amina = await trial.joins("Amina", site="302")
    ines = await trial.joins("Ines", site="302", role=Role.INVESTIGATOR)
    office = await trial.joins("Office", site=None)
    trial.patient(PATIENT, site="302", first_registration="2027-01-18", held={"baseline_imaging": "2027-01-15"})
    await trial.forward_to("2027-04-12 11:00", zone=BRUSSELS)
    for person in (amina, ines, office):
        person.news()
    return amina, ines, office


async def is_said_to_have_left(amina: Person, kind: str) -> None:
    await amina.taps("Other", amina.card(PATIENT, "Re-evaluation"))
    await amina.taps("No longer")
    await amina.taps(kind)
    await amina.taps("Confirm")


def question(person: Person) -> ChatMessage:
    return person.reads("Said: no longer followed")


async def test_a_site_chooses_from_what_it_can_know(quick: Trial) -> None:
    amina, _, _ = await a_window_is_open(quick)

    await amina.taps("Other", amina.card(PATIENT, "Re-evaluation"))
    await amina.taps("No longer")

    assert amina.card(PATIENT, "Why is the patient").labels == [
        "Death",
        "Consent withdrawn",
        "Lost to follow-up",
        "Moved to another site",
        "Not operated",
        "Another reason",
        "‹ Back",
    ]


async def test_investigator_and_office_are_asked_in_neutral_words(trial: Trial) -> None:
    amina, ines, office = await a_window_is_open(trial)

    await is_said_to_have_left(amina, "Death")

    assert "🔕 Site 302 · reminders paused" in amina.card(PATIENT, "Re-evaluation").text
    for person in (ines, office):
        asked = question(person)
        assert asked.text.startswith("🔔 Site 302 · 1 item to confirm\nPlease read on where nobody can look")
        assert "Said: no longer followed (death) · Amina · Mon 12 Apr" in asked.text
        assert SAFETY in asked.text
        assert asked.labels == [
            "Death",
            "Withdrawn from visits",
            "Withdrawn from the study",
            "Lost to follow-up",
            "Moved to another site",
            "Not operated",
            "↩ Still followed",
        ]


async def test_kind_and_day_are_confirmed_and_everybody_concerned_is_told(quick: Trial) -> None:
    amina, ines, office = await a_window_is_open(quick)
    await is_said_to_have_left(amina, "Death")

    await ines.taps("Death", question(ines))
    assert question(ines).labels == ["Today · Mon 12 Apr", "Yesterday · Sun 11 Apr", "🗓 Pick a day", "‹ Back"]
    await ines.taps("Pick")
    assert await ines.taps("9") == "Recorded."

    for person in (amina, ines, office):
        told = person.reads("1 item confirmed")
        assert "No longer followed: death · Fri 9 Apr" in told.text
        assert "Confirmed by Ines" in told.text
        assert SAFETY in told.text
    told = await quick.runs_until("2027-07-30 12:00", zone=BRUSSELS)
    assert [one for one in told if PATIENT in one.message.text] == []


async def test_the_office_hears_of_a_confirmation_when_it_is_at_work(quick: Trial) -> None:
    amina, ines, office = await a_window_is_open(quick)
    await is_said_to_have_left(amina, "Death")
    await quick.forward_to("2027-04-13 08:30", zone=BRUSSELS)
    await ines.taps("Death", question(ines))
    await ines.taps("Today")
    office.news()

    told = await quick.runs_until("2027-04-13 12:00", zone=BRUSSELS)

    # To the second: what is held goes by the other clock.
    assert [f"{one.at + SECOND:%H:%M}" for one in told if one.person is office] == ["10:30"]
    assert "No longer followed: death · Tue 13 Apr" in office.latest().text


async def test_a_lost_patient_needs_an_attempt_to_reach_them(quick: Trial) -> None:
    amina, ines, _ = await a_window_is_open(quick)
    await is_said_to_have_left(amina, "Lost")

    await ines.taps("Lost", question(ines))
    assert "This needs at least one logged attempt to reach the patient." in question(ines).text
    await ines.taps("Yesterday")
    assert "Attempts to reach the patient: Sun 11 Apr" in question(ines).text
    await ines.taps("Log an attempt")
    await ines.taps("Today")
    assert "Attempts to reach the patient: Sun 11 Apr and Mon 12 Apr" in question(ines).text
    await ines.taps("Today")

    confirmed = ines.reads("1 item confirmed")
    assert "No longer followed: lost to follow-up · Mon 12 Apr" in confirmed.text
    assert SAFETY not in confirmed.text


async def test_whoever_comes_second_hears_that_it_is_confirmed(quick: Trial) -> None:
    amina, ines, office = await a_window_is_open(quick)
    await is_said_to_have_left(amina, "Death")
    await office.taps("Death", question(office))
    await ines.taps("Death", question(ines))
    await ines.taps("Today")

    line = await office.taps("Yesterday", question(office))

    assert line == "This has been confirmed already; nothing has changed."
    assert "Confirmed by Ines" in office.reads("1 item confirmed").text


async def test_still_followed_takes_it_back_and_the_reminders_go_on(quick: Trial) -> None:
    amina, ines, office = await a_window_is_open(quick)
    await is_said_to_have_left(amina, "Another reason")

    assert await office.taps("Still followed", question(office)) == "Recorded."

    for person in (amina, ines, office):
        assert "The patient is still followed." in person.reads("1 item corrected").text
    assert "paused" not in amina.card(PATIENT, "Re-evaluation").text
    told = await quick.runs_until("2027-04-26 12:00", zone=BRUSSELS)
    assert any(PATIENT in one.message.text for one in told if one.person is amina)


async def test_a_confirmation_can_be_corrected_by_whoever_gave_it(quick: Trial) -> None:
    amina, ines, _ = await a_window_is_open(quick)
    await is_said_to_have_left(amina, "Death")
    await ines.taps("Death", question(ines))
    await ines.taps("Today")

    assert await ines.taps("Still followed", ines.reads("1 item confirmed")) == "Recorded."

    assert "Taken back by Ines" in amina.reads("1 item corrected").text
    assert "no longer needed" not in amina.card(PATIENT, "Re-evaluation").text


async def test_a_coordinator_cannot_confirm(quick: Trial) -> None:
    amina, ines, _ = await a_window_is_open(quick)
    await is_said_to_have_left(amina, "Death")
    data = question(ines).button("Death").data

    line = await amina.taps("", amina.latest(), data=data)

    assert line == "You cannot answer this item here. The trial office can help."


async def test_the_site_takes_it_back_within_ten_minutes(quick: Trial) -> None:
    amina, ines, _ = await a_window_is_open(quick)
    await is_said_to_have_left(amina, "Death")

    assert await amina.taps("Undo") == "Taken back."

    line = await ines.taps("Death", question(ines))
    assert line == "This has been confirmed already; nothing has changed."


async def test_the_same_in_japanese(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="417", language="ja")
    ines = await quick.joins("Ines", site="417", role=Role.INVESTIGATOR, language="ja")
    quick.patient("417-003", site="417", first_registration="2027-01-18", held={"baseline_imaging": "2027-01-15"})
    await quick.forward_to("2027-04-12 11:00", zone="Asia/Tokyo")

    await amina.taps("その他", amina.card("417-003"))
    for button in ("追跡終了", "死亡", "確認する"):
        await amina.taps(button)
    asked = ines.latest()
    assert "死亡" in asked.text
    assert "これは安全性報告ではありません。" in asked.text
    await ines.taps("死亡", asked)
    assert await ines.taps("今日") == "記録しました。"

    for person in (amina, ines):
        assert "4月12日(月)" in person.latest().text
        assert "Ines" in person.latest().text
        assert "これは安全性報告ではありません。" in person.latest().text
