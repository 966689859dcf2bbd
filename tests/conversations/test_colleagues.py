"""Two people of one site, the same press twice, old buttons, nudges, and rights as they are when a press arrives."""

import asyncio
from datetime import timedelta

import pytest

from tests.phones import NotAllowed
from tests.trials import Person, Trial
from trial.tasks import SiteFunction

BRUSSELS = "Europe/Brussels"
PATIENT = "302-001"
NOT_YOURS = "You cannot answer this item here. The trial office can help."
CLOSED = "This item is closed; nothing has changed."


async def two_with_one_card(trial: Trial) -> tuple[Person, Person]:
    """Amina is responsible and was told; Berta found it in her list and goes through it."""
    amina, berta = await trial.joins("Amina", site="302"), await trial.joins("Berta", site="302", language="ja")
    trial.patient(PATIENT, site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    trial.answers_for("Amina", PATIENT, SiteFunction.IMAGING)
    await trial.forward_to("2027-04-12 08:30", zone=BRUSSELS)
    assert [one for one in berta.shown() if PATIENT in one.text] == []
    await berta.says("/today")
    await berta.taps("1件ずつ")
    for person in (amina, berta):
        person.news()
    return amina, berta


async def test_both_see_who_answered(quick: Trial) -> None:
    amina, berta = await two_with_one_card(quick)

    await amina.taps("CT")
    await amina.taps("Yesterday")

    hers = berta.card(PATIENT)
    assert "前回の回答：4月11日(日)にアップロード（申告） · Amina · 4月12日(月)" in hers.text
    assert "取り消す" not in "".join(hers.labels)
    assert hers.labels == ["⬆️ アップロード済み", "⏰ 後で", "⋯ その他"]
    assert "• Upload CT: uploaded on Sun 11 Apr (as claimed)\nAmina · 08:30" in amina.card(PATIENT).text


async def test_two_presses_at_once_are_one_answer_and_a_word_who_was_first(trial: Trial) -> None:
    amina, berta = await two_with_one_card(trial)
    await amina.taps("CT")
    await berta.taps("CT")

    amina.press("Today")
    berta.press("今日")
    lines = [(await person.expects_toast()).text for person in (amina, berta)]
    await trial.settled()

    assert sum(line in {"Recorded.", "記録しました。"} for line in lines) == 1, lines
    assert {"Already recorded by Berta on Mon 12 Apr.", "Amina様が4月12日(月)に記録済みです。"} & set(lines)
    assert "uploaded on Mon 12 Apr (as claimed)" in amina.card(PATIENT).text
    assert "4月12日(月)にアップロード（申告）" in berta.card(PATIENT).text


async def test_an_answer_to_what_a_colleague_has_closed_otherwise_changes_nothing(quick: Trial) -> None:
    amina, berta = await two_with_one_card(quick)
    await berta.taps("CT")
    yesterday = berta.card(PATIENT).button("昨日").data
    await amina.taps("CT")
    await amina.taps("Today")

    line = await berta.taps("", data=yesterday)

    assert line == "この項目は終了しています。変更はありません。"
    assert "4月12日(月)にアップロード（申告）" in berta.card(PATIENT).text


async def test_words_for_what_a_colleague_has_closed_meanwhile_are_not_taken_in_silence(quick: Trial) -> None:
    amina, berta = await two_with_one_card(quick)
    await amina.taps("Other")
    await amina.taps("Not done")
    await amina.taps("Upload CT")
    await amina.taps("Another reason")
    await berta.taps("CT")
    await berta.taps("今日")

    await amina.says("The archive is down")

    assert "nothing has been recorded" in amina.latest().text
    assert "not done" not in amina.card(PATIENT).text


async def test_the_same_press_twice_is_one_answer(quick: Trial) -> None:
    amina, berta = await two_with_one_card(quick)
    await amina.taps("CT")
    today = amina.card(PATIENT).button("Today").data

    assert await amina.taps("Today") == "Recorded."
    assert await amina.taps("", data=today) == "Already recorded by Amina on Mon 12 Apr."

    assert amina.card(PATIENT).text.count("↑") == 1
    assert berta.card(PATIENT).text.count("↑") == 1


async def test_the_same_update_delivered_twice_is_handled_once(quick: Trial) -> None:
    amina, _ = await two_with_one_card(quick)
    await amina.taps("CT")
    await amina.taps("Today")
    pressed = [line["update_id"] for line in quick.simulator.phones.updates()][-1]
    amina.news()

    again = quick.simulator.phones.repeat(pressed, under_new_id=True)
    await quick.taken_in(again)
    await quick.settled()

    assert amina.news() == []


async def test_a_colleague_may_take_the_answer_back(quick: Trial) -> None:
    amina, berta = await two_with_one_card(quick)
    await amina.taps("CT")
    await amina.taps("Today")
    undo = amina.card(PATIENT).button("Undo").data

    assert await berta.taps("", data=undo) == "取り消しました。"

    assert "○ Upload CT · due by Fri 16 Apr" in amina.card(PATIENT).text
    assert [label for label in amina.card(PATIENT).labels if "Undo" in label] == []


async def test_a_nudge_that_is_pressed_becomes_the_card(trial: Trial) -> None:
    amina, _ = await two_with_one_card(trial)
    card = amina.card(PATIENT)
    await trial.forward_to("2027-04-16 08:30", zone=BRUSSELS)
    nudge = amina.latest()
    assert nudge.text.startswith("🔔 Site 302 · one more note\n")
    assert card.message_id == nudge.reply_to
    assert nudge.labels == ["⬆️ CT uploaded", "⬆️ MRI uploaded", "⏰ Later", "⋯ Other"]

    await amina.taps("CT", nudge)
    await amina.taps("Today")

    shown = {message.message_id: message for message in amina.shown()}
    assert "uploaded on Fri 16 Apr (as claimed)" in shown[nudge.message_id].text
    assert shown[card.message_id].buttons == []


async def test_pressing_the_card_takes_the_buttons_off_its_nudge(quick: Trial) -> None:
    amina, _ = await two_with_one_card(quick)
    card = amina.card(PATIENT)
    await quick.forward_to("2027-04-16 08:30", zone=BRUSSELS)
    nudge = amina.latest()

    await amina.taps("CT", card)
    await amina.taps("Today")

    shown = {message.message_id: message for message in amina.shown()}
    assert "uploaded on Fri 16 Apr (as claimed)" in shown[card.message_id].text
    assert shown[nudge.message_id].buttons == []


async def test_a_new_nudge_takes_the_buttons_off_the_one_before(quick: Trial) -> None:
    amina, _ = await two_with_one_card(quick)
    await quick.forward_to("2027-04-16 08:30", zone=BRUSSELS)
    await quick.forward_to("2027-04-19 08:30", zone=BRUSSELS)

    with_buttons = [message for message in amina.shown() if message.buttons]

    assert [m.text.split("\n")[0] for m in with_buttons] == ["🔔 Site 302 · 2 items", "🔔 Site 302 · one more note"]
    assert "3 days past" in with_buttons[-1].text


async def test_a_new_ring_does_not_stand_below_an_old_receipt(quick: Trial) -> None:
    amina, _ = await two_with_one_card(quick)
    await amina.taps("CT")
    await amina.taps("Today")

    await quick.waits(timedelta(minutes=11))
    await quick.forward_to("2027-04-16 08:30", zone=BRUSSELS)

    card = amina.reads("Upload CT · uploaded")
    assert "Your answer is recorded." not in card.text
    assert "Last answer: uploaded on Mon 12 Apr (as claimed) · Amina · Mon 12 Apr" in card.text


async def test_a_message_that_we_do_not_remember_is_taken_as_the_card_when_it_is_pressed(quick: Trial) -> None:
    amina, _ = await two_with_one_card(quick)
    data = amina.card(PATIENT).button("CT").data
    note = amina.reads("🔒")

    await amina.taps("", note, data=data)

    assert "Upload CT: On which day?" in next(m for m in amina.shown() if m.message_id == note.message_id).text


async def test_a_card_that_was_cleared_from_the_chat_comes_again(quick: Trial) -> None:
    amina, berta = await two_with_one_card(quick)
    await quick.somebody_clears(amina, amina.card(PATIENT))

    await berta.taps("CT")
    await berta.taps("今日")

    assert "Last answer: uploaded on Mon 12 Apr (as claimed) · Berta · Mon 12 Apr" in amina.card(PATIENT).text
    assert amina.card(PATIENT).labels == ["⬆️ Uploaded", "⏰ Later", "⋯ Other"]


async def test_a_card_cannot_be_forwarded_and_a_forwarded_button_does_nothing(quick: Trial) -> None:
    amina, _ = await two_with_one_card(quick)
    stranger = quick.phone("Somebody")
    await stranger.opens("")
    card = amina.card(PATIENT)

    with pytest.raises(NotAllowed):
        amina.forward(card, stranger)
    await quick.settled()
    before = amina.card(PATIENT).text
    line = await stranger.taps("", stranger.latest(), data=card.button("CT").data)

    assert line == NOT_YOURS
    assert PATIENT not in "".join(message.text for message in stranger.shown())
    assert before == amina.card(PATIENT).text


async def test_another_sites_coordinator_cannot_answer(quick: Trial) -> None:
    amina, _ = await two_with_one_card(quick)
    clara = await quick.joins("Clara", site="417")
    await amina.taps("CT")
    today = amina.card(PATIENT).button("Today").data

    line = await clara.taps("", clara.latest(), data=today)

    assert line == NOT_YOURS
    assert "○ Upload CT · due by Fri 16 Apr" in amina.card(PATIENT).text
    assert [message for message in clara.shown() if PATIENT in message.text] == []


async def test_a_manager_who_was_phoned_answers_under_their_own_name(quick: Trial) -> None:
    amina, _ = await two_with_one_card(quick)
    manager = await quick.joins("Office", site=None)
    await amina.taps("CT")
    today = amina.card(PATIENT).button("Today").data

    line = await manager.taps("", manager.latest(), data=today)

    assert line == "Recorded."
    assert "Last answer: uploaded on Mon 12 Apr (as claimed) · Office · Mon 12 Apr" in amina.card(PATIENT).text


async def test_somebody_who_joins_late_gets_what_rang_for_nobody(quick: Trial) -> None:
    quick.patient(PATIENT, site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    await quick.runs_until("2027-04-14 11:00", zone=BRUSSELS)

    amina = await quick.joins("Amina", site="302")

    assert amina.card(PATIENT).labels == ["⬆️ CT uploaded", "⬆️ MRI uploaded", "⏰ Later", "⋯ Other"]
    assert "Due by Fri 16 Apr · 2 working days left" in amina.card(PATIENT).text


async def test_somebody_who_joins_in_the_evening_gets_it_in_the_morning(quick: Trial) -> None:
    quick.patient(PATIENT, site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    await quick.forward_to("2027-04-14 20:00", zone=BRUSSELS)
    amina = await quick.joins("Amina", site="302")
    assert [message for message in amina.shown() if PATIENT in message.text] == []

    told = await quick.runs_until("2027-04-15 17:00", zone=BRUSSELS)

    assert [f"{one.at:%Y-%m-%d %H:%M}" for one in told] == ["2027-04-15 08:30"]


async def test_whoever_blocks_the_bot_is_left_alone_and_a_colleague_is_asked(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    quick.patient(PATIENT, site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    amina.block()
    await asyncio.sleep(0)
    await quick.taken_in(quick.simulator.phones.updates()[-1]["update_id"])
    await quick.forward_to("2027-04-12 08:30", zone=BRUSSELS)
    assert [message for message in amina.shown() if PATIENT in message.text] == []

    berta = await quick.joins("Berta", site="302")
    assert berta.card(PATIENT).labels == ["⬆️ CT uploaded", "⬆️ MRI uploaded", "⏰ Later", "⋯ Other"]
