"""Joining and leaving: three taps, one language or another, a link that is good for one chat, and the manager who looks on."""

from datetime import timedelta

import pytest

from locales import languages
from tests.trials import Trial

OFFICE_AT_WORK = "2027-04-12 11:00"
"""At Leuven; the clock of the trial office is that of Greenwich."""

DEAD_LINK = "This link cannot be used: it may have expired, or may have been used already."


async def test_three_taps_lead_from_the_link_to_the_privacy_notice(trial: Trial) -> None:
    amina = trial.phone("Amina", language="ja", zone="Asia/Tokyo")

    await amina.opens(trial.invitation("Amina", site="417", language="ja"))
    question = amina.reads("施設417 Osaka")
    assert "臨床研究コーディネーター" in question.text
    assert "日本語" in question.text
    await amina.taps("はい")
    await amina.taps("確認しました")

    assert [message.text[:5] for message in amina.shown()] == ["✅ 記録し", "🔒 このチ"]
    assert amina.reads("🔒").buttons == []


async def test_another_language_can_be_chosen_before_joining(quick: Trial) -> None:
    amina = quick.phone("Amina", language="en")
    await amina.opens(quick.invitation("Amina", site="417", language="ja"))

    await amina.taps("言語を変更")
    assert sorted(amina.latest().labels) == ["Deutsch", "English", "français", "日本語"]
    await amina.taps("English")
    assert "Is all of this right?" in amina.latest().text
    assert "English" in amina.latest().text
    await amina.taps("Yes")
    await amina.taps("Got it")

    assert "Never write names" in amina.latest().text


async def test_somebody_else_says_so_and_the_link_is_dead(quick: Trial) -> None:
    await quick.forward_to(OFFICE_AT_WORK, zone="Europe/Brussels")
    manager = await quick.joins("Office", site=None)
    stranger = quick.phone("Somebody")
    link = quick.invitation("Amina", site="302")
    await stranger.opens(link)

    await stranger.taps("That is not me")

    assert "Nobody was enrolled" in stranger.latest().text
    assert stranger.latest().buttons == []
    assert "not meant for them" in manager.latest().text
    assert "Amina · Site 302" in manager.latest().text
    await quick.waits(timedelta(minutes=2))
    await stranger.opens(link)
    assert DEAD_LINK in stranger.latest().text


@pytest.mark.parametrize("language", languages())
async def test_every_useless_link_gets_the_same_answer(quick: Trial, language: str) -> None:
    amina = await quick.joins("Amina", site="302")
    used = quick.invitation("Berta", site="302")
    berta = quick.phone("Berta")
    await berta.opens(used)
    await berta.taps("Yes")
    held = quick.invitation("Clara", site="302")
    clara = quick.phone("Clara")
    await clara.opens(held)
    expired = quick.invitation("Dora", site="302")
    await quick.waits(timedelta(days=8))
    clara_again = quick.invitation("Clara", site="302")
    await clara.opens(clara_again)
    said = []

    for number, link in enumerate([used, expired, clara_again, "nothing-of-the-kind"]):
        newcomer = quick.phone(f"Newcomer {number}", language=language)
        await newcomer.opens(link)
        said.append([message.text for message in newcomer.shown()])

    assert len({tuple(texts) for texts in said}) == 1, said
    assert len(said[0]) == 1
    assert (DEAD_LINK in said[0][0]) is (language == "en")
    assert amina.news() == []


async def test_a_used_link_does_its_owner_no_harm(quick: Trial) -> None:
    amina = quick.phone("Amina", zone="Europe/Brussels")
    link = quick.invitation("Amina", site="302")
    await amina.opens(link)
    await amina.opens(link)
    assert len([message for message in amina.shown() if "Is all of this right?" in message.text]) == 2
    await amina.taps("Yes")
    await amina.taps("Got it", amina.reads("Practice item"))

    await amina.opens(link)

    assert "How this works" in amina.latest().text


async def test_two_quick_taps_on_the_practice_item_are_one(quick: Trial) -> None:
    amina = quick.phone("Amina")
    await amina.opens(quick.invitation("Amina", site="302"))
    await amina.taps("Yes")
    practice = amina.reads("Practice item")
    data = practice.button(0).data

    await amina.taps("Got it", practice)
    await amina.taps("Got it", practice, data=data)

    assert len([message for message in amina.shown() if message.text.startswith("🔒")]) == 1


async def test_the_manager_sees_who_joined_and_lets_them_stay(quick: Trial) -> None:
    await quick.forward_to(OFFICE_AT_WORK, zone="Europe/Brussels")
    manager = await quick.joins("Office", site=None)

    await quick.joins("Amina", site="417", language="ja")
    note = manager.reads("Somebody has joined")
    assert "Amina\nStudy coordinator · Site 417" in note.text
    await manager.taps("That is right", note)

    assert manager.latest().text == "✓ Noted: Amina keeps access."


async def test_the_manager_ends_access_with_one_tap_and_nothing_goes_there_any_more(trial: Trial) -> None:
    await trial.forward_to(OFFICE_AT_WORK, zone="Europe/Brussels")
    manager = await trial.joins("Office", site=None)
    amina = await trial.joins("Amina", site="417")
    trial.patient("417-003", site="417", first_registration="2027-04-09", held={"baseline_imaging": "2027-04-09"})
    await trial.forward_to("2027-04-13 08:30", zone="Asia/Tokyo")
    card = amina.card("417-003")
    amina.news()

    await manager.taps("End access", manager.reads("Somebody has joined"))

    assert manager.latest().text == "✓ Access of Amina has ended."
    assert "Your access has ended" in amina.latest().text
    assert len(amina.news()) == 1
    line = await amina.taps("CT", card)
    assert line == "You cannot answer this item here. The trial office can help."
    await amina.opens("")
    await amina.says("/help")
    await amina.says("it was done yesterday")
    await trial.forward_to("2027-04-30 08:30", zone="Asia/Tokyo")
    assert amina.news() == []
    assert card.text == amina.card("417-003").text


async def test_a_decision_on_a_newcomer_is_not_contradicted_by_a_colleague(quick: Trial) -> None:
    await quick.forward_to(OFFICE_AT_WORK, zone="Europe/Brussels")
    first, second = await quick.joins("Office A", site=None), await quick.joins("Office B", site=None)
    amina = await quick.joins("Amina", site="302")
    await first.taps("End access", first.reads("Study coordinator"))

    await second.taps("That is right", second.reads("Study coordinator"))

    assert "Your access has ended" in amina.latest().text
    assert "keeps access" not in second.latest().text


async def test_somebody_revoked_can_be_invited_again(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    quick.revoke("Amina", site="302")
    await quick.settled()
    assert "Your access has ended" in amina.latest().text

    await amina.opens(quick.invitation("Amina", site="302"))
    await amina.taps("Yes")
    await amina.taps("Got it")

    assert "🔒" in amina.latest().text


@pytest.mark.parametrize(
    ("language", "help_begins", "notice_begins"),
    [("en", "🔔 How this works", "🔒 What is kept"), ("ja", "🔔 使い方のご案内です", "🔒 このチャットについて")],
)
async def test_start_help_and_privacy_explain_in_the_persons_language(
    quick: Trial, language: str, help_begins: str, notice_begins: str
) -> None:
    amina = await quick.joins("Amina", site="417", language=language)

    await amina.opens("")
    await amina.says("/help")
    await amina.says("/anything")
    await amina.says("/privacy")

    begins = [message.text[: len(help_begins)] for message in amina.shown()[-4:-1]]
    assert [help_begins] * 3 == begins
    assert amina.latest().text.startswith(notice_begins)
