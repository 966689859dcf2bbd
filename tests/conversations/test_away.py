"""Away in two taps, a colleague who stands in, and back again."""

from datetime import timedelta

from tests.trials import Person, Trial
from trial.tasks import SiteFunction

BRUSSELS = "Europe/Brussels"
PATIENT = "302-001"


async def two_colleagues(trial: Trial) -> tuple[Person, Person]:
    """Uploads wait for Amina in Leuven, on a Monday morning at ten; Berta works there, too."""
    amina = await trial.joins("Amina", site="302", digest_on=0)
    berta = await trial.joins("Berta", site="302", digest_on=0)
    trial.patient(PATIENT, site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    trial.answers_for("Amina", PATIENT, SiteFunction.IMAGING)
    await trial.runs_until("2027-04-12 10:00", zone=BRUSSELS)
    for person in (amina, berta):
        person.news()
    return amina, berta


async def test_away_in_two_taps_and_a_colleague_has_what_is_open(trial: Trial) -> None:
    amina, berta = await two_colleagues(trial)

    await amina.says("/away")
    assert amina.latest().text.startswith("🗓 Until when are you away?\n")
    assert amina.latest().labels == ["Until Mon 12 Apr", "Until Fri 16 Apr", "Until Fri 23 Apr", "🗓 Pick a day"]
    await amina.taps("Fri 16 Apr")
    assert "Who stands in for you?" in amina.latest().text
    assert amina.latest().labels == ["Berta", "Nobody", "‹ Back"]
    assert await amina.taps("Berta") == "Recorded."

    said = amina.latest()
    assert said.text.startswith("✓ You are away from Mon 12 Apr to Fri 16 Apr, both days included.\n")
    assert "Reminders for you go to Berta on these days." in said.text
    assert "1 open item is handed over on the first day." in said.text
    assert said.labels == ["✓ I am back"]
    assert "Amina is away from Mon 12 Apr to Fri 16 Apr and has asked you to stand in." in berta.reads("🤝").text
    handed = berta.latest()
    assert handed.text.startswith("🔔 Site 302 · 1 item to cover\n")
    assert "You stand in for Amina until Fri 16 Apr." in handed.text
    assert handed.labels == ["Go through them"]


async def test_who_stands_in_answers_and_the_other_phone_is_silent_until_they_are_back(quick: Trial) -> None:
    amina, berta = await two_colleagues(quick)
    await amina.says("/away")
    await amina.taps("Fri 16 Apr")
    await amina.taps("Berta")
    amina.news()

    week = await quick.runs_until("2027-04-18 12:00", zone=BRUSSELS)

    assert [one for one in week if one.person is amina] == []
    card = berta.card(PATIENT, "Upload CT")
    assert card.text.startswith("🔔 Site 302 · 2 items\n")
    assert "You stand in for Amina." in card.text
    await berta.taps("CT", card)
    assert await berta.taps("Today") == "Recorded."
    back = await quick.runs_until("2027-04-19 12:00", zone=BRUSSELS)
    hers = [one for one in back if one.person is amina and PATIENT in one.message.text]
    assert hers
    assert "Upload MRI" in "".join(one.message.text for one in hers)
    assert "↑ Upload CT · uploaded on Sun 18 Apr as claimed, not yet seen in the archive" in hers[0].message.text


async def test_whoever_is_back_earlier_says_so_with_one_tap(quick: Trial) -> None:
    amina, berta = await two_colleagues(quick)
    await amina.says("/away")
    await amina.taps("Fri 23 Apr")
    await amina.taps("Berta")
    await quick.runs_until("2027-04-14 10:00", zone=BRUSSELS)

    await amina.says("/away")
    assert amina.latest().text.startswith("✓ You are away from Mon 12 Apr to Fri 23 Apr")
    assert await amina.taps("I am back") == "Recorded."

    assert amina.reads("Your absence has ended; reminders for you come here again.").labels == []
    # What waits for her comes at once, in one message.
    assert amina.latest().text.startswith("🔔 Site 302 · 1 item this week\n")
    berta.news()
    told = await quick.runs_until("2027-04-16 12:00", zone=BRUSSELS)
    assert {one.person.name for one in told if "due today" in one.message.text} == {"Amina"}


async def test_another_day_is_picked_from_the_sheet_and_never_one_that_is_over(quick: Trial) -> None:
    amina, _ = await two_colleagues(quick)
    await amina.says("/away")

    await amina.taps("Pick")

    assert amina.latest().labels[:2] == ["April 2027", "May ›"]
    assert [label for label in amina.latest().labels[9:] if label != "·"][:2] == ["12", "13"]
    await amina.taps("May ›")
    await amina.taps("7")
    assert amina.latest().text.startswith("🗓 You are away from Mon 12 Apr to Fri 7 May, both days included.\n")
    await amina.taps("Back")
    assert amina.latest().text.startswith("🗓 Until when are you away?\n")


async def test_nobody_need_be_named_and_then_the_next_in_order_is_told(quick: Trial) -> None:
    amina, berta = await two_colleagues(quick)
    await amina.says("/away")
    await amina.taps("Fri 16 Apr")
    await amina.taps("Nobody")
    assert "Berta" not in amina.latest().text

    await quick.runs_until("2027-04-16 12:00", zone=BRUSSELS)

    assert "due today" in berta.card(PATIENT, "Upload CT").text


async def test_a_button_of_last_week_asks_again_with_the_days_of_today(quick: Trial) -> None:
    amina, _ = await two_colleagues(quick)
    await amina.says("/away")
    old = amina.latest()
    await quick.forward_to("2027-04-20 10:00", zone=BRUSSELS)

    line = await amina.taps("Fri 16 Apr", old)

    assert line == "This button is out of date. Please use the latest card."
    asked = next(one for one in amina.shown() if one.message_id == old.message_id)
    assert asked.labels[:2] == ["Until Tue 20 Apr", "Until Fri 23 Apr"]


async def test_nobody_says_for_somebody_else_that_they_are_back(quick: Trial) -> None:
    amina, berta = await two_colleagues(quick)
    await amina.says("/away")
    await amina.taps("Fri 16 Apr")
    await amina.taps("Berta")
    data = amina.latest().button("I am back").data

    line = await berta.taps("", berta.latest(), data=data)

    assert line == "You cannot answer this item here. The trial office can help."
    assert "I am back" in "".join(amina.latest().labels)


async def test_whoever_is_asked_to_stand_in_at_night_hears_of_it_in_the_morning(quick: Trial) -> None:
    amina, berta = await two_colleagues(quick)
    await quick.forward_to("2027-04-12 20:00", zone=BRUSSELS)
    berta.news()

    await amina.says("/away")
    await amina.taps("Fri 16 Apr")
    await amina.taps("Berta")
    assert berta.news() == []
    await quick.waits(timedelta(hours=13))

    assert "has asked you to stand in" in berta.reads("🤝").text


async def test_the_same_in_japanese(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="417", language="ja")
    berta = await quick.joins("Berta", site="417", language="ja")
    await quick.forward_to("2027-04-12 10:00", zone="Asia/Tokyo")

    await amina.says("/away")
    await amina.taps("4月16日")
    await amina.taps("Berta")

    assert "4月12日(月)" in amina.latest().text
    assert "Berta" in amina.latest().text
    assert "Amina" in berta.latest().text
    assert "4月16日(金)" in berta.latest().text
