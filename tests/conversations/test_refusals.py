"""What is politely refused: strangers, groups, media, words that nobody asked for. Nothing of it is kept."""

from datetime import timedelta

import pytest

from tests.trials import Trial

STRANGER = "I write only with people whom a trial office has invited; nothing was stored."
GROUP = "I write only in private chats; nothing from this group was stored."
MEDIA = "I cannot take photos, files, voice messages, contacts or locations; nothing was stored."
UNASKED = "I am not sure what this text answers, so nothing has been recorded."


async def test_a_stranger_is_refused_once_a_day(quick: Trial) -> None:
    somebody = quick.phone("Somebody")

    await somebody.opens("")
    await somebody.says("hello, is anybody there")
    await somebody.sends("photo")
    assert [message.text.split("\n")[0] for message in somebody.shown()] == [STRANGER]
    await quick.waits(timedelta(hours=25))
    await somebody.says("hello again")

    assert [message.text.split("\n")[0] for message in somebody.shown()] == [STRANGER] * 2


async def test_a_stranger_is_refused_in_their_own_language(quick: Trial) -> None:
    somebody = quick.phone("Somebody", language="ja")

    await somebody.opens("")

    assert somebody.latest().text.startswith("試験事務局から招待された方のみ")


async def test_what_may_hold_a_patient_is_refused_and_deleted(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")

    for kind in ("photo", "document", "voice", "contact", "location"):
        await amina.sends(kind)

        assert amina.latest().text.startswith(MEDIA), kind
        own = [message for message in amina.messages() if not message.from_bot]
        assert [message for message in own if not message.text.startswith("/")] == [], kind


async def test_a_sticker_is_refused_and_may_stay(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")

    await amina.sends("sticker")

    assert amina.latest().text.startswith(MEDIA)
    assert len([message for message in amina.messages() if not message.from_bot]) == 2


async def test_words_that_nobody_asked_for_are_answered_and_not_taken(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")

    await amina.says("the scan was done yesterday")

    assert amina.latest().text.startswith(UNASKED)
    assert "/help" in amina.latest().text


@pytest.mark.parametrize(
    ("language", "words", "said"),
    [
        ("en", "patient 0123456789 born 1951-03-14", "what may be a birth date"),
        ("ja", "電話は06-6879-5111です", "電話番号と思われる番号"),
        ("en", "x" * 301, "more than 300 characters"),
    ],
)
async def test_unasked_words_with_a_persons_details_are_deleted(
    quick: Trial, language: str, words: str, said: str
) -> None:
    amina = await quick.joins("Amina", site="417", language=language)

    await amina.says(words)

    assert said in amina.latest().text
    assert [message for message in amina.messages() if message.text == words] == []


async def test_an_edited_message_changes_nothing(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    await amina.says("the scan was done yesterday")
    own = [message for message in amina.messages() if not message.from_bot][-1]

    await amina.changes(own, "the scan was done today")

    assert amina.latest().text.startswith("A message that is edited later changes nothing in the record.")


async def test_in_a_group_nothing_is_answered_but_once_that_this_is_no_place(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    before = len(amina.shown())
    group = amina.create_group("Site 302", amina, bot_sees_all=True)

    for words in ("/start", "the scan was done", "/help"):
        update = amina.type(words, chat=group)
        assert update is not None
        await quick.taken_in(update)
    await quick.settled()

    assert [message.text.split("\n")[0] for message in amina.messages(chat=group) if message.from_bot] == [GROUP]
    assert before == len(amina.shown())


async def test_a_button_of_an_earlier_version_says_that_it_is_out_of_date(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")

    line = await amina.taps("", amina.latest(), data="0.q.whatever")

    assert line == "This button is out of date. Please use the latest card."
