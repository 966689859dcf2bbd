"""Cards that are answered by typing: what is wholly understood is recorded at once, everything else becomes one question.

The day is Tuesday, 14 March 2028; the scans were made on Friday, the 10th.
"""

from datetime import timedelta

import pytest

from tests.trials import SITES, Person, Trial

BRUSSELS, TOKYO = "Europe/Brussels", "Asia/Tokyo"
DAY = "2028-03-14"
UNREAD = "I am not sure what this text answers, so nothing has been recorded."
WHICH = "Which of these do you mean? Nothing has been recorded yet."


async def on_that_day(
    trial: Trial, *codes: str, site: str = "302", language: str = "en", digest_on: int | None = None
) -> Person:
    """Somebody with cards of these patients, whose CT and MRI are to be uploaded."""
    zone = SITES[site][3]
    await trial.forward_to("2028-03-13 12:00", zone=zone)
    person = await trial.joins("Amina", site=site, language=language, digest_on=digest_on)
    for code in codes or (f"{site}-014",):
        trial.patient(code, site=site, first_registration="2028-03-13", held={"baseline_imaging": "2028-03-10"})
    await trial.forward_to(f"{DAY} 09:30", zone=zone)
    person.news()
    return person


def uploaded(person: Person, code: str = "302-014") -> list[str]:
    """What the newest card of a patient says of its uploads."""
    lines = [line for line in person.card(code).text.splitlines() if line[:1] in {"○", "↑"}]
    return [line.split(" as claimed")[0].removeprefix("↑ Upload ").removeprefix("○ Upload ") for line in lines]


OPEN = ["CT · due by Fri 17 Mar", "MRI (with DW-MRI) · due by Fri 17 Mar"]
CT_DONE = "CT · uploaded on Mon 13 Mar"
MRI_DONE = "MRI (with DW-MRI) · uploaded on Mon 13 Mar"


# --- clear: at once, with the way back --------------------------------------------------------------------------------


async def test_a_clear_reply_to_a_card_is_recorded_at_once_and_can_be_taken_back(trial: Trial) -> None:
    amina = await on_that_day(trial)
    first = amina.card("302-014")

    await amina.says("MRI uploaded yesterday, thank you", reply_to=first)

    card = amina.card("302-014")
    assert card.message_id > first.message_id
    assert card.text.startswith("🔔 Site 302 · 1 item\nYour answer is recorded.")
    assert uploaded(amina) == ["CT · due by Fri 17 Mar", MRI_DONE]
    assert card.labels[-1] == "↩ Undo (10 minutes)"
    # The card further up keeps its words and loses its buttons.
    assert [one.message_id for one in amina.shown() if "302-014" in one.text and one.buttons] == [card.message_id]

    assert await amina.taps("Undo") == "Taken back."
    assert uploaded(amina) == OPEN


async def test_everything_that_is_said_at_once_is_recorded_and_each_answer_can_be_taken_back(quick: Trial) -> None:
    amina = await on_that_day(quick)

    await amina.says("CT and MRI uploaded yesterday", reply_to=amina.card("302-014"))
    assert uploaded(amina) == [CT_DONE, MRI_DONE]

    await amina.taps("Undo")
    assert uploaded(amina) == [CT_DONE, OPEN[1]]
    await amina.taps("Undo")
    assert uploaded(amina) == OPEN


async def test_without_a_reply_the_one_open_card_is_meant(quick: Trial) -> None:
    amina = await on_that_day(quick)

    await amina.says("both uploaded yesterday")

    assert uploaded(amina) == [CT_DONE, MRI_DONE]


async def test_one_is_done_and_the_other_comes_tomorrow(quick: Trial) -> None:
    amina = await on_that_day(quick, site="611")

    await amina.says("MRI 3/12 done, CT tomorrow", reply_to=amina.card("611-014"))

    assert "↑ Upload MRI (with DW-MRI) · uploaded on Sun 12 Mar as claimed" in amina.card("611-014").text
    told = await quick.runs_until("2028-03-15 12:00", zone=SITES["611"][3])
    assert {f"{one.at:%Y-%m-%d}" for one in told if one.message.buttons} == {"2028-03-15"}


@pytest.mark.parametrize(
    ("site", "language", "words", "read"),
    [
        ("302", "en", "MRI uploaded 12/3", "Sun 12 Mar"),
        ("611", "en", "MRI uploaded 3/12", "Sun 12 Mar"),
        ("417", "ja", "MRIは3/12にアップロードしました", "3月12日(日)"),
        ("417", "ja", "ＭＲＩを令和10年3月12日にｱｯﾌﾟﾛｰﾄﾞしました。よろしくお願いいたします。", "3月12日(日)"),
    ],
)
async def test_a_day_is_read_as_it_is_written_there(
    quick: Trial, site: str, language: str, words: str, read: str
) -> None:
    amina = await on_that_day(quick, site=site, language=language)

    await amina.says(words, reply_to=amina.card(f"{site}-014"))

    (claimed,) = [line for line in amina.card(f"{site}-014").text.splitlines() if line.startswith("↑")]
    assert "MRI" in claimed
    assert read in claimed


async def test_two_patients_in_one_text_get_an_answer_each(quick: Trial) -> None:
    amina = await on_that_day(quick, "302-014", "302-017")

    await amina.says("CT and MRI of 302-014 and 302-017 uploaded yesterday")

    for code in ("302-014", "302-017"):
        assert uploaded(amina, code) == [CT_DONE, MRI_DONE]
        assert amina.card(code).labels == ["↩ Undo (10 minutes)"]


async def test_a_day_outside_the_window_is_taken_and_marked_and_the_manager_is_told(quick: Trial) -> None:
    greta = await quick.joins("Greta", site=None)
    await quick.forward_to("2028-03-13 12:00", zone=BRUSSELS)
    amina = await quick.joins("Amina", site="302")
    quick.patient("302-014", site="302", first_registration="2027-12-06", held={"baseline_imaging": "2027-12-03"})
    await quick.forward_to(f"{DAY} 09:30", zone=BRUSSELS)
    greta.news()

    await amina.says("done on 3 February", reply_to=amina.card("302-014", "Re-evaluation"))

    assert "outside the window" in amina.card("302-014", "Re-evaluation").text
    await quick.runs_until("2028-03-16 12:00", zone=BRUSSELS)
    assert [one for one in greta.shown() if "302-014" in one.text and "outside" in one.text]


# --- not wholly understood: one question ------------------------------------------------------------------------------


async def test_uploaded_without_a_day_asks_for_the_day_and_takes_it_in_words(quick: Trial) -> None:
    amina = await on_that_day(quick, site="417", language="ja")

    await amina.says("MRIをアップロードしました", reply_to=amina.card("417-014"))
    card = amina.card("417-014")
    assert "日付をお選びください。" in card.text
    assert card.labels[0].startswith("今日")

    await amina.says("昨日です")
    assert "3月13日(月)" in amina.card("417-014").text


async def test_uploaded_without_more_asks_which_and_one_tap_is_enough(quick: Trial) -> None:
    amina = await on_that_day(quick, site="417", language="ja")

    await amina.says("アップロードしました", reply_to=amina.card("417-014"))
    (asked,) = [one for one in amina.news() if one.buttons]
    assert asked.text.startswith("次のどれについてのご連絡でしょうか。まだ記録していません。")
    assert asked.labels == ["⬆️ CT 済み", "⬆️ MRI 済み"]
    await amina.taps("MRI", asked)
    assert amina.card("417-014").message_id == asked.message_id
    await amina.taps("昨日")

    assert "3月13日(月)" in amina.card("417-014").text


async def test_a_text_that_fits_several_cards_asks_which_and_one_tap_records_it(trial: Trial) -> None:
    amina = await on_that_day(trial, "302-014", "302-017")

    await amina.says("CT uploaded yesterday")
    (asked,) = amina.news()
    assert asked.text.startswith(WHICH)
    assert asked.labels == ["⬆️ 302-014 uploaded · Mon 13 Mar", "⬆️ 302-017 uploaded · Mon 13 Mar"]
    assert uploaded(amina, "302-017") == OPEN

    assert await amina.taps("302-017", asked) == "Recorded."
    assert uploaded(amina, "302-017") == [CT_DONE, OPEN[1]]
    # It is the card from here on, and the one further up has no buttons any more.
    assert [one.message_id for one in amina.shown() if "302-017" in one.text and one.buttons] == [asked.message_id]
    assert uploaded(amina, "302-014") == OPEN


async def test_a_task_that_is_left_open_is_asked_for_and_not_its_day_again(quick: Trial) -> None:
    amina = await on_that_day(quick)

    await amina.says("uploaded yesterday", reply_to=amina.card("302-014"))
    (asked,) = amina.news()
    assert asked.labels == ["⬆️ CT uploaded · Mon 13 Mar", "⬆️ MRI uploaded · Mon 13 Mar"]
    await amina.taps("CT", asked)

    assert uploaded(amina) == [CT_DONE, OPEN[1]]


async def test_what_was_said_in_other_words_is_confirmed_with_one_tap(quick: Trial) -> None:
    amina = await on_that_day(quick)

    await amina.says("MRI sent yesterday", reply_to=amina.card("302-014"))
    (asked,) = amina.news()
    assert asked.text.startswith("Is this what you mean? Nothing has been recorded yet.")
    assert asked.labels == ["⬆️ 302-014 · MRI uploaded · Mon 13 Mar"]
    await amina.taps(0, asked)

    assert uploaded(amina) == [OPEN[0], MRI_DONE]


async def test_a_day_that_may_be_two_is_asked_for_with_both(quick: Trial) -> None:
    await quick.forward_to("2028-03-13 07:00", zone=BRUSSELS)
    quick.patient("302-017", site="302", first_registration="2028-03-13")
    amina = await on_that_day(quick)

    # Written by somebody who writes English, at a site in Belgium: the 5th of April, or the 4th of May?
    await amina.says("booked for 5/4", reply_to=amina.card("302-017"))
    (asked,) = amina.news()
    assert asked.text.startswith(WHICH)
    assert asked.labels == ["📅 Booked: 302-017 · Wed 5 Apr", "📅 Booked: 302-017 · Thu 4 May"]
    await amina.taps("4 May", asked)

    assert "booked for Thu 4 May" in amina.card("302-017").text


async def test_two_patients_without_a_day_are_each_asked_for_it(quick: Trial) -> None:
    amina = await on_that_day(quick, "302-014", "302-017")

    await amina.says("CT of 302-014 and 302-017 uploaded")

    for code in ("302-014", "302-017"):
        card = amina.card(code)
        assert "Upload CT: On which day?" in card.text
        await amina.taps("Yesterday", card)
        assert uploaded(amina, code) == [CT_DONE, OPEN[1]]


async def test_what_is_not_wholly_understood_is_not_recorded_and_the_card_asks_again(quick: Trial) -> None:
    amina = await on_that_day(quick)

    for words in (
        "is it uploaded?",
        "I think the MRI was uploaded yesterday",
        "MRI uploaded yesterday, no, CT not MRI",
        "half of the MRI uploaded yesterday",
        "昨日 uploaded MRI",
        "lovely weather today",
    ):
        before = amina.card("302-014")
        await amina.says(words, reply_to=before)

        note, card = amina.reads(UNREAD), amina.card("302-014")
        assert note.message_id > before.message_id, words
        assert card.message_id > before.message_id, words
        assert card.labels == ["⬆️ CT uploaded", "⬆️ MRI uploaded", "⏰ Later", "⋯ Other"]
        assert uploaded(amina) == OPEN


async def test_each_question_is_asked_on_the_card(quick: Trial) -> None:
    amina = await on_that_day(quick)

    for words, asked, first in (
        ("MRI uploaded tomorrow", "Upload MRI (with DW-MRI): On which day?", "Today · Tue 14 Mar"),
        ("MRI not uploaded yet", "Upload MRI (with DW-MRI): When may I ask again?", "Tomorrow · Wed 15 Mar"),
        ("we did not upload the MRI", "Upload MRI (with DW-MRI): What was the reason?", "MRI not possible"),
        ("the patient died", "Shall I record it?", "✓ Confirm"),
        ("the portal is down", "", "Portal does not work"),
    ):
        await amina.says(words, reply_to=amina.card("302-014"))

        card = amina.card("302-014")
        assert asked in card.text
        assert card.labels[0].startswith(first), words
        assert uploaded(amina) == OPEN

    assert UNREAD not in "".join(one.text for one in amina.shown())


async def test_where_one_of_two_answers_cannot_be_taken_neither_is(quick: Trial) -> None:
    await quick.forward_to("2028-03-13 07:00", zone=BRUSSELS)
    quick.patient("302-017", site="302", first_registration="2028-03-13")
    amina = await on_that_day(quick)

    # The second day lies before the patient's visit could be: only the trial's own rules know that.
    await amina.says("302-014 CT uploaded yesterday, 302-017 done on 1 February")

    assert amina.reads(UNREAD)
    assert uploaded(amina) == OPEN
    assert "1 Feb" not in amina.card("302-017").text
    assert amina.card("302-014").labels == ["⬆️ CT uploaded", "⬆️ MRI uploaded", "⏰ Later", "⋯ Other"]


async def test_a_day_that_the_trial_does_not_take_is_asked_for_again(quick: Trial) -> None:
    await quick.forward_to("2028-03-13 07:00", zone=BRUSSELS)
    quick.patient("302-017", site="302", first_registration="2028-03-13")
    amina = await on_that_day(quick)

    await amina.says("done on 1 February", reply_to=amina.card("302-017"))

    assert amina.reads("That day cannot be right here, so nothing has been recorded.")
    assert "On which day?" in amina.card("302-017").text


async def test_a_word_of_thanks_is_left_alone(quick: Trial) -> None:
    amina = await on_that_day(quick)

    await amina.says("Thank you very much!")

    assert amina.news() == []


# --- in a digest, and for somebody else -------------------------------------------------------------------------------


async def test_a_reply_to_the_item_that_a_digest_shows_answers_that_item(quick: Trial) -> None:
    await quick.forward_to("2028-03-13 07:00", zone=BRUSSELS)
    amina = await quick.joins("Amina", site="302", digest_on=0)
    for code in ("302-014", "302-017"):
        quick.patient(code, site="302", first_registration="2028-03-13", held={"baseline_imaging": "2028-03-10"})
    await quick.runs_until("2028-03-13 12:00", zone=BRUSSELS)
    digest = amina.reads("Site 302 ·", "this week")
    await amina.taps("Go through", digest)
    amina.news()

    await amina.says("CT uploaded today", reply_to=digest)

    (shown,) = amina.news()
    assert shown.message_id == digest.message_id
    assert shown.text.startswith("🔔 Site 302 · 1 of 2\n")
    assert "Your answer is recorded." in shown.text
    assert "↑ Upload CT · uploaded on Mon 13 Mar as claimed" in shown.text
    assert "Next item ›" in shown.labels


async def test_a_text_about_what_stands_only_in_the_digest_is_understood(quick: Trial) -> None:
    await quick.forward_to("2028-03-13 07:00", zone=BRUSSELS)
    amina = await quick.joins("Amina", site="302", digest_on=0)
    for code in ("302-014", "302-017"):
        quick.patient(code, site="302", first_registration="2028-03-13", held={"baseline_imaging": "2028-03-10"})
    await quick.runs_until("2028-03-13 12:00", zone=BRUSSELS)

    await amina.says("CT uploaded today", reply_to=amina.reads("Site 302 ·", "this week"))

    asked = amina.reads(WHICH)
    assert asked.labels == ["⬆️ 302-014 uploaded · Mon 13 Mar", "⬆️ 302-017 uploaded · Mon 13 Mar"]


async def test_somebody_who_stands_in_answers_by_typing(quick: Trial) -> None:
    await quick.forward_to("2028-03-13 07:00", zone=BRUSSELS)
    amina = await quick.joins("Amina", site="302")
    berta = await quick.joins("Berta", site="302")
    await amina.says("/away")
    await amina.taps("Until Fri 17 Mar")
    await amina.taps("Berta")
    quick.patient("302-014", site="302", first_registration="2028-03-13", held={"baseline_imaging": "2028-03-10"})
    await quick.runs_until(f"{DAY} 12:00", zone=BRUSSELS)

    await berta.says("CT and MRI uploaded yesterday", reply_to=berta.card("302-014"))

    assert uploaded(berta) == [CT_DONE, MRI_DONE]
    assert "Berta · 12:00" in berta.card("302-014").text


# --- what is not let in -----------------------------------------------------------------------------------------------


async def test_what_the_guard_stops_is_deleted_and_answers_nothing(quick: Trial) -> None:
    amina = await on_that_day(quick)
    words = "MRI uploaded yesterday, patient born 1951-03-14"

    await amina.says(words, reply_to=amina.card("302-014"))

    assert "what may be a birth date" in amina.latest().text
    assert [message for message in amina.messages() if message.text == words] == []
    assert uploaded(amina) == OPEN


async def test_a_colleague_of_another_site_answers_nothing_by_naming_the_patient(quick: Trial) -> None:
    amina = await on_that_day(quick)
    clara = await quick.joins("Clara", site="417")

    await clara.says("302-014 MRI uploaded yesterday")

    assert clara.latest().text.startswith(UNREAD)
    assert uploaded(amina) == OPEN


async def test_a_manager_and_somebody_whose_access_ended_answer_nothing_by_typing(quick: Trial) -> None:
    amina = await on_that_day(quick)
    card = amina.card("302-014")
    greta = await quick.joins("Greta", site=None)
    quick.revoke("Amina", site="302")
    await quick.settled()

    await greta.says("302-014 MRI uploaded yesterday")
    await amina.says("MRI uploaded yesterday", reply_to=card)

    assert greta.latest().text.startswith(UNREAD)
    assert amina.latest().text.startswith("Your access has ended")
    assert card.message_id == amina.card("302-014").message_id


async def test_in_a_group_a_reply_answers_nothing(quick: Trial) -> None:
    amina = await on_that_day(quick)
    group = amina.create_group("Site 302", amina, bot_sees_all=True)

    update = amina.type("302-014 CT and MRI uploaded yesterday", chat=group)
    assert update is not None
    await quick.taken_in(update)
    await quick.settled()

    assert uploaded(amina) == OPEN


async def test_the_words_of_help_about_replying_are_true(quick: Trial) -> None:
    await quick.forward_to("2028-03-13 12:00", zone=BRUSSELS)
    amina = await quick.joins("Amina", site="302")
    quick.patient("302-014", site="302", first_registration="2028-03-13")
    await quick.forward_to(f"{DAY} 09:30", zone=BRUSSELS)
    await amina.says("/help")
    assert "A reply to a card works too: “done yesterday”, “uploaded on 12 April”." in amina.latest().text

    await amina.says("done yesterday", reply_to=amina.card("302-014"))
    assert "✓ CT and MRI performed · done on Mon 13 Mar" in amina.card("302-014").text
    await quick.waits(timedelta(days=30))
    await amina.says("CT and MRI uploaded on 12 April", reply_to=amina.card("302-014"))

    assert uploaded(amina)[0].startswith("CT · uploaded on Wed 12 Apr")
