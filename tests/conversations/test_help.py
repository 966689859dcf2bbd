"""Somebody at a site cannot answer yet: the reminders wait until the trial office has looked at it."""

from tests.trials import Person, Trial

BRUSSELS = "Europe/Brussels"
PATIENT = "302-001"


async def uploads_are_due(trial: Trial) -> tuple[Person, Person]:
    """The last day for the uploads, in Leuven; and the trial office, at work as Greenwich has it."""
    amina, office = await trial.joins("Amina", site="302"), await trial.joins("Office", site=None)
    trial.patient(PATIENT, site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    await trial.forward_to("2027-04-16 11:00", zone=BRUSSELS)
    return amina, office


async def asks_for_help(amina: Person) -> str:
    await amina.taps("Other")
    await amina.taps("I need help")
    return await amina.taps("Portal")


async def test_help_is_asked_for_in_three_taps_and_the_office_is_told_at_once(trial: Trial) -> None:
    amina, office = await uploads_are_due(trial)

    await amina.taps("Other")
    assert amina.card(PATIENT).labels == [
        "— Not done",
        "— Not applicable",
        "🔕 No longer followed",
        "🆘 I need help",
        "ℹ️ Why this?",
        "‹ Back",
    ]
    await amina.taps("I need help")
    assert "What would help?" in amina.card(PATIENT).text
    assert amina.card(PATIENT).labels == ["Portal does not work", "I have a question", "Please call me", "‹ Back"]
    line = await amina.taps("Portal")

    assert line == "The trial office has been told. Reminders for this wait until it has looked."
    card = amina.card(PATIENT)
    assert card.text.startswith("🔕 Site 302 · waiting for the trial office\n")
    assert "• Upload CT: help asked for (the portal does not work)" in card.text
    assert "Have the images been uploaded?" not in card.text
    needed = office.reads("needs help")
    assert needed.text.startswith("🆘 Site 302 · 1 item needs help\n")
    assert "Amina · the portal does not work" in needed.text
    assert needed.labels == ["✓ Looked at"]


async def test_while_it_waits_nothing_rings_for_the_visit(quick: Trial) -> None:
    amina, _ = await uploads_are_due(quick)
    colleague = await quick.joins("Colleague", site="302")
    await asks_for_help(amina)

    told = await quick.runs_until("2027-04-23 12:00", zone=BRUSSELS)

    # The card says that reminders for it wait; the other upload of the visit waits with it.
    assert [one.message.text for one in told if one.person in {amina, colleague}] == []


async def test_once_the_office_has_looked_the_asker_is_told_and_the_button_goes(quick: Trial) -> None:
    amina, office = await uploads_are_due(quick)
    await asks_for_help(amina)

    assert await office.taps("Looked at") == "Recorded."

    assert office.reads("needs help").labels == []
    assert "The trial office has looked at it." in amina.reads("You asked for help").text
    told = await quick.runs_until("2027-04-19 12:00", zone=BRUSSELS)
    (nudge,) = [one.message.text for one in told if one.person is amina and "one more note" in one.message.text]
    assert "• Upload CT" in nudge
    assert "• Upload MRI" in nudge


async def test_a_second_manager_who_looks_later_hears_that_it_is_closed(quick: Trial) -> None:
    amina, office = await uploads_are_due(quick)
    second = await quick.joins("Second", site=None)
    await asks_for_help(amina)
    await office.taps("Looked at", office.reads("needs help"))

    line = await second.taps("Looked at", second.reads("needs help"))

    assert line == "This item is closed; nothing has changed."
    assert second.reads("needs help").labels == []


async def test_nobody_of_a_site_closes_what_the_office_has_to_look_at(quick: Trial) -> None:
    amina, office = await uploads_are_due(quick)
    await asks_for_help(amina)
    data = office.reads("needs help").button("Looked at").data

    line = await amina.taps("", amina.latest(), data=data)

    assert line == "You cannot answer this item here. The trial office can help."
    assert office.reads("needs help").labels == ["✓ Looked at"]


async def test_an_answer_is_still_taken_while_help_is_awaited(quick: Trial) -> None:
    amina, _ = await uploads_are_due(quick)
    await asks_for_help(amina)

    await amina.taps("CT")
    assert await amina.taps("Today") == "Recorded."

    card = amina.card(PATIENT)
    assert card.text.startswith("🔔 Site 302 · 1 item\n")
    assert "↑ Upload CT · uploaded on Fri 16 Apr as claimed" in card.text


async def test_once_it_is_answered_the_rest_of_the_visit_goes_on(quick: Trial) -> None:
    amina, _ = await uploads_are_due(quick)
    await asks_for_help(amina)
    await quick.forward_to("2027-04-19 12:00", zone=BRUSSELS)
    await amina.taps("CT", amina.card(PATIENT))
    await amina.taps("Today")

    told = await quick.runs_until("2027-04-20 12:00", zone=BRUSSELS)

    (nudge,) = [one.message.text for one in told if one.person is amina and "one more note" in one.message.text]
    assert "• Upload MRI" in nudge


async def test_help_can_be_taken_back(quick: Trial) -> None:
    amina, _ = await uploads_are_due(quick)
    await asks_for_help(amina)

    assert await amina.taps("Undo") == "Taken back."

    assert amina.card(PATIENT).text.startswith("🔔 Site 302 · 2 items\n")


async def test_help_in_japanese_reaches_an_office_that_reads_english(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="417", language="ja")
    office = await quick.joins("Office", site=None)
    quick.patient("417-001", site="417", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    await quick.forward_to("2027-04-12 10:00", zone="Asia/Tokyo")
    # Half past five in Osaka is half past eight in Greenwich.
    await quick.forward_to("2027-04-12 17:30", zone="Asia/Tokyo")

    await amina.taps("その他", amina.card("417-001"))
    await amina.taps("サポートを依頼")
    asked = amina.card("417-001")
    await amina.taps(2)

    assert len(asked.labels) == 4
    assert amina.card("417-001").text.startswith("🔕 施設417 · ")
    needed = office.reads("needs help")
    assert "Amina · a call, please" in needed.text
    await office.taps("Looked at", needed)
    await quick.runs_until("2027-04-13 09:00", zone="Asia/Tokyo")
    assert "試験事務局" in amina.reads("サポートのご依頼について").text
    # And then, on the same morning, the item itself.
    assert "画像のアップロードはお済みですか？" in amina.latest().text
