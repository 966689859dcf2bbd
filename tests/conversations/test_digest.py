"""The Monday digest: an overview, worst first, gone through in one message."""

from tests.phones import ChatMessage
from tests.trials import Person, Trial
from trial.tasks import SiteFunction

BRUSSELS = "Europe/Brussels"


async def three_patients(trial: Trial) -> Person:
    """Uploads that wait, and two scans whose windows are open: told on Monday morning, in Leuven."""
    amina = await trial.joins("Amina", site="302", digest_on=0)
    trial.patient("302-001", site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    trial.patient("302-002", site="302", first_registration="2027-02-01", held={"baseline_imaging": "2027-01-29"})
    trial.patient("302-003", site="302", first_registration="2027-01-25", held={"baseline_imaging": "2027-01-22"})
    await trial.runs_until("2027-04-12 12:00", zone=BRUSSELS)
    return amina


def digest(person: Person) -> ChatMessage:
    """The digest as it stands now: everything is gone through in that one message."""
    return person.reads("Site 302 ·", "this week")


def places(message: ChatMessage) -> list[str]:
    """Labels of the row that turns to other items."""
    return [button.label for button in message.buttons if button.row == message.buttons[-1].row]


async def test_what_is_not_urgent_comes_together_on_monday_worst_first(trial: Trial) -> None:
    amina = await three_patients(trial)

    told = [one for one in amina.shown() if "302-" in one.text]

    assert len(told) == 1
    lines = told[0].text.splitlines()
    assert lines[0] == "🔔 Site 302 · 4 items this week"
    assert "302-" not in "\n".join(lines[:3])
    assert lines[5:7] == [
        "○ 302-001 · Baseline CT and MRI · 4 working days left",
        "○ 302-003 · Re-evaluation CT and MRI after chemotherapy · 21 days left",
    ]
    assert told[0].labels == ["Go through them"]


async def test_the_digest_is_gone_through_and_answered_in_one_message(trial: Trial) -> None:
    amina = await three_patients(trial)
    first = digest(amina)
    amina.news()

    await amina.taps("Go through", first)
    await amina.taps("CT")
    await amina.taps("Yesterday")

    (shown,) = amina.news()
    assert shown.message_id == first.message_id
    assert shown.text.startswith("🔔 Site 302 · 1 of 4\nYour answer is recorded.")
    assert "• Upload CT: uploaded on Sun 11 Apr (as claimed)" in shown.text
    assert shown.labels[-3:] == ["↩ Undo (10 minutes)", "☰ Overview", "Next item ›"]


async def test_back_next_and_overview_stay_in_the_same_message(quick: Trial) -> None:
    amina = await three_patients(quick)
    message = digest(amina)

    await amina.taps("Go through", message)
    await amina.taps("Next item")
    second = next(one for one in amina.shown() if one.message_id == message.message_id)
    assert "302-003" in second.text
    assert places(second) == ["‹ Previous item", "☰ Overview", "Next item ›"]
    await amina.taps("Previous")
    assert "302-001" in next(one for one in amina.shown() if one.message_id == message.message_id).text
    await amina.taps("Overview")

    assert digest(amina).message_id == message.message_id
    assert len([one for one in amina.shown() if "302-" in one.text]) == 1


async def test_an_item_that_was_answered_is_passed_over_on_the_way_on(quick: Trial) -> None:
    amina = await three_patients(quick)
    await amina.taps("Go through", digest(amina))
    await amina.taps("CT")
    await amina.taps("Today")
    await amina.taps("Uploaded")
    await amina.taps("Today")
    await amina.taps("Next item")
    await amina.taps("Overview")

    overview = digest(amina)

    assert overview.text.startswith("🔔 Site 302 · 3 items this week\n")
    assert "302-001" not in overview.text
    await amina.taps("Go through", overview)
    assert "2 of 4" in amina.card("302-003").text


async def test_an_answer_in_the_digest_can_be_taken_back_there(quick: Trial) -> None:
    amina = await three_patients(quick)
    await amina.taps("Go through", digest(amina))
    await amina.taps("CT")
    await amina.taps("Today")

    assert await amina.taps("Undo") == "Taken back."

    assert "○ Upload CT · due by Fri 16 Apr" in amina.card("302-001").text
    assert amina.card("302-001").labels[:2] == ["⬆️ CT uploaded", "⬆️ MRI uploaded"]


async def test_a_reason_in_words_is_asked_for_and_shown_in_the_digest(quick: Trial) -> None:
    amina = await three_patients(quick)
    message = digest(amina)
    await amina.taps("Go through", message)
    await amina.taps("Next item")
    await amina.taps("Other")
    await amina.taps("Not applicable")
    await amina.taps("Another reason")

    await amina.says("Scanner out of order")

    shown = amina.card("302-003", "not applicable")
    assert shown.message_id == message.message_id
    assert "not applicable (“Scanner out of order”)" in shown.text


async def test_a_press_in_a_digest_does_not_make_it_the_place_of_the_card(quick: Trial) -> None:
    amina = await three_patients(quick)
    message = digest(amina)
    await amina.taps("Go through", message)
    await amina.taps("CT")
    await amina.taps("Today")

    await quick.runs_until("2027-04-16 12:00", zone=BRUSSELS)

    ring = amina.card("302-001", "due today")
    assert ring.message_id != message.message_id
    assert ring.reply_to is None
    assert "1 of 4" in next(one for one in amina.shown() if one.message_id == message.message_id).text


async def test_a_digest_that_was_cleared_from_the_chat_comes_again_when_it_changes(quick: Trial) -> None:
    amina = await three_patients(quick)
    berta = await quick.joins("Berta", site="302")
    message = digest(amina)
    await amina.taps("Go through", message)
    data = amina.card("302-001").button("CT").data
    await quick.somebody_clears(amina, amina.card("302-001"))

    await berta.taps("", berta.latest(), data=data)
    await berta.taps("Today")

    again = amina.card("302-001")
    assert again.message_id > message.message_id
    assert "Last answer: uploaded on Mon 12 Apr (as claimed) · Berta · Mon 12 Apr" in again.text
    assert "1 of 4" in again.text


async def test_why_under_an_item_of_the_digest_names_its_reader_the_rule_and_the_dates(trial: Trial) -> None:
    amina = await trial.joins("Amina", site="302", digest_on=0)
    berta = await trial.joins("Berta", site="302", digest_on=0)
    trial.patient("302-003", site="302", first_registration="2027-01-25", held={"baseline_imaging": "2027-01-22"})
    trial.answers_for("Berta", "302-003", SiteFunction.IMAGING)
    await trial.runs_until("2027-04-12 12:00", zone=BRUSSELS)
    # Hers since Tuesday: no reminder has told her of it, and the next digest lists it.
    trial.answers_for("Amina", "302-003", SiteFunction.IMAGING)
    await trial.runs_until("2027-04-19 12:00", zone=BRUSSELS)
    assert berta.card("302-003")

    await amina.taps("Go through", digest(amina))
    await amina.taps("Other")
    await amina.taps("Why this?")

    said = amina.latest().text.splitlines()
    assert said[0] == "ℹ️ Why you got this"
    assert said[3] == "DREAM · 302-003"
    assert said[5].startswith("Window ")
    assert said[-5:] == [
        "You are told because you are responsible for it.",
        "The Monday digest lists everything that is open for you or opens this week.",
        "Protocol version 1.1",
        "",
        "Also told: Berta",
    ]


async def test_nobody_else_goes_through_somebodys_digest(quick: Trial) -> None:
    amina = await three_patients(quick)
    berta = await quick.joins("Berta", site="302")
    data = digest(amina).button("Go through").data

    line = await berta.taps("", berta.latest(), data=data)

    assert line == "You cannot answer this item here. The trial office can help."
    assert [one for one in berta.shown() if "302-001" in one.text] == []


async def test_whoever_wants_each_thing_by_itself_gets_no_digest(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    quick.patient("302-003", site="302", first_registration="2027-01-25", held={"baseline_imaging": "2027-01-22"})

    await quick.runs_until("2027-04-12 12:00", zone=BRUSSELS)

    assert amina.card("302-003").text.startswith("🔔 Site 302 · 1 item\n")


async def test_what_was_answered_before_the_morning_needs_no_digest(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302", digest_on=0)
    berta = await quick.joins("Berta", site="302")
    quick.patient("302-001", site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    quick.answers_for("Amina", "302-001", SiteFunction.IMAGING)
    await quick.forward_to("2027-04-12 07:00", zone=BRUSSELS)
    await berta.says("/today")
    await berta.taps("Go through")
    for button in ("CT", "Today", "Uploaded", "Today"):
        await berta.taps(button)

    told = await quick.runs_until("2027-04-16 12:00", zone=BRUSSELS)

    assert [one for one in told if one.person is amina] == []


async def test_what_would_close_before_the_next_digest_comes_at_once_with_the_days_that_are_left(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="417", digest_on=0)
    await quick.forward_to("2027-04-28 09:00", zone="Asia/Tokyo")
    # Closes on Friday, and Thursday is a holiday.
    quick.patient("417-001", site="417", first_registration="2027-04-26", held={"baseline_imaging": "2027-04-22"})
    await quick.runs_until("2027-04-28 12:00", zone="Asia/Tokyo")

    card = amina.card("417-001")

    assert card.text.startswith("🔔 Site 417 · 2 items\n")
    # After this Wednesday only the Friday is left.
    assert "Due by Fri 30 Apr\nThu 29 Apr is a day off: 1 working day left\n" in card.text


async def test_more_than_a_days_share_comes_together_on_the_next_morning(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    for number in range(1, 11):
        held = {"baseline_imaging": "2027-04-09"}
        quick.patient(f"302-0{number:02}", site="302", first_registration="2027-04-12", held=held)
    told = await quick.runs_until("2027-04-12 17:00", zone=BRUSSELS)
    assert len([one for one in told if one.person is amina]) == 8

    (overflow,) = await quick.runs_until("2027-04-13 12:00", zone=BRUSSELS)

    assert overflow.message.text.startswith("🔔 Site 302 · 2 items from before\n2 to upload\n")
    assert "These would have been too many for one day, so they waited. Worst first." in overflow.message.text
    assert overflow.message.labels == ["Go through them"]
    await amina.taps("Go through")
    await amina.taps("Other")
    await amina.taps("Why this?")
    assert "You are told because you are responsible for it." in amina.latest().text


async def test_the_digest_in_japanese(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="417", language="ja", digest_on=0)
    quick.patient("417-001", site="417", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    await quick.runs_until("2027-04-12 12:00", zone="Asia/Tokyo")

    overview = amina.card("417-001")
    assert overview.text.startswith("🔔 施設417 · ")
    await amina.taps(0, overview)

    assert overview.message_id == amina.card("417-001").message_id
    assert "画像のアップロードはお済みですか？" in amina.card("417-001").text
