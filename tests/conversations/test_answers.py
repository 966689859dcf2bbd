"""What can be answered about a visit and its scans, and what becomes of it."""

from tests.phones import ChatMessage
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


async def uploads_are_due(trial: Trial) -> Person:
    amina = await trial.joins("Amina", site="302")
    trial.patient(PATIENT, site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    await trial.forward_to("2027-04-12 08:30", zone=BRUSSELS)
    amina.news()
    return amina


async def a_window_is_open(trial: Trial) -> Person:
    """Re-evaluation imaging: registration was twelve weeks ago, the window has four weeks."""
    amina = await trial.joins("Amina", site="302")
    trial.patient(PATIENT, site="302", first_registration="2027-02-01", held={"baseline_imaging": "2027-01-29"})
    await trial.forward_to("2027-04-12 08:30", zone=BRUSSELS)
    amina.news()
    return amina


def rows(message: ChatMessage) -> int:
    return 1 + max(button.row for button in message.buttons)


async def test_a_scan_done_today_is_said_in_two_taps_and_its_uploads_become_due(quick: Trial) -> None:
    amina = await a_visit_is_due(quick)
    assert "Window Mon 15 Mar – Mon 12 Apr · closes today" in amina.card(PATIENT).text
    assert "Is it booked?" in amina.card(PATIENT).text

    await amina.taps("Done")
    assert amina.card(PATIENT).labels == ["Today · Mon 12 Apr", "Yesterday · Sun 11 Apr", "🗓 Pick a day", "‹ Back"]
    line = await amina.taps("Today")

    assert line == "Recorded."
    card = amina.card(PATIENT)
    assert card.text.startswith("🔔 Site 302 · 2 items\nYour answer is recorded.")
    assert "✓ CT and MRI performed · done on Mon 12 Apr" in card.text
    assert "○ Upload CT · due by Mon 19 Apr" in card.text
    assert "Have the images been uploaded?" in card.text
    assert card.labels == ["⬆️ CT uploaded", "⬆️ MRI uploaded", "⏰ Later", "⋯ Other", "↩ Undo (10 minutes)"]
    assert len(amina.news()) == 1


async def test_the_card_says_only_what_can_be_answered_now(quick: Trial) -> None:
    amina = await a_visit_is_due(quick)

    card = amina.card(PATIENT)

    assert card.text.startswith("🔔 Site 302 · 1 item\n")
    assert "· Upload CT · date not known yet" in card.text
    assert card.labels == ["📅 Booked", "✅ Done", "⏰ Later", "⋯ Other"]
    assert rows(card) == 2


async def test_a_day_is_picked_from_the_sheet_over_the_turn_of_a_month(quick: Trial) -> None:
    amina = await a_visit_is_due(quick)

    await amina.taps("Done")
    await amina.taps("Pick")
    april = amina.card(PATIENT)
    assert april.labels[:9] == ["‹ Mar", "April 2027", "Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
    assert april.labels[-8:] == ["12", "·", "·", "·", "·", "·", "·", "‹ Back"]
    await amina.taps("‹ Mar")
    assert amina.card(PATIENT).labels[:3] == ["‹ Feb", "March 2027", "Apr ›"]
    assert await amina.taps("March 2027") == ""
    await amina.taps("29")

    assert "done on Mon 29 Mar" in amina.card(PATIENT).text


async def test_booked_is_kept_quiet_until_the_day_after(quick: Trial) -> None:
    amina = await a_window_is_open(quick)

    await amina.taps("Booked")
    await amina.taps("Pick")
    assert next(label for label in amina.card(PATIENT).labels[9:] if label != "·") == "12"  # not for a day that is over
    await amina.taps("27")
    card = amina.card(PATIENT)
    assert "• booked for Tue 27 Apr" in card.text
    assert "Is it booked?" not in card.text
    told = await quick.runs_until("2027-04-29 12:00", zone=BRUSSELS)

    rung = [one for one in told if "Re-evaluation" in one.message.text]
    assert sorted({f"{one.at:%Y-%m-%d %H:%M}" for one in rung}) == ["2027-04-28 08:30"]
    nudge = amina.reads("Re-evaluation", "one more note")
    assert "Was it done?" in nudge.text
    assert nudge.labels == ["✅ Done", "📅 Booked", "⏰ Later", "⋯ Other"]
    assert "Last answer: booked for Tue 27 Apr · Amina · Mon 12 Apr" in amina.reads("Re-evaluation", "Window").text


async def test_each_upload_has_its_button_and_its_day(trial: Trial) -> None:
    amina = await uploads_are_due(trial)
    assert amina.card(PATIENT).labels == ["⬆️ CT uploaded", "⬆️ MRI uploaded", "⏰ Later", "⋯ Other"]

    await amina.taps("MRI")
    assert "Upload MRI (with DW-MRI): On which day?" in amina.card(PATIENT).text
    await amina.taps("Yesterday")
    card = amina.card(PATIENT)
    assert "↑ Upload MRI (with DW-MRI) · uploaded on Sun 11 Apr as claimed, not yet seen in the archive" in card.text
    assert "○ Upload CT · due by Fri 16 Apr" in card.text
    assert "Upload CT: Have the images been uploaded?" in card.text
    await amina.taps("Uploaded")
    await amina.taps("Today")

    card = amina.card(PATIENT)
    assert card.text.startswith("✅ Site 302 · nothing open\n")
    assert "• Upload CT: uploaded on Mon 12 Apr (as claimed)\nAmina · 08:30 · not yet seen in the archive" in card.text
    assert card.labels == ["↩ Undo (10 minutes)"]


async def test_an_upload_has_a_last_day_and_no_window(quick: Trial) -> None:
    amina = await uploads_are_due(quick)

    assert "Due by Fri 16 Apr · 4 working days left" in amina.card(PATIENT).text
    assert "Window" not in amina.card(PATIENT).text


async def test_later_asks_again_on_the_day_that_was_chosen(quick: Trial) -> None:
    amina = await a_window_is_open(quick)

    await amina.taps("Later")
    assert "When may I ask again?" in amina.card(PATIENT).text
    assert amina.card(PATIENT).labels == [
        "Tomorrow · Tue 13 Apr",
        "Next Monday · Mon 19 Apr",
        "3 days to end · 7 May",
        "‹ Back",
    ]
    await amina.taps("Next Monday")
    assert "• to be reminded on Mon 19 Apr" in amina.card(PATIENT).text
    assert "Is it booked?" not in amina.card(PATIENT).text
    told = await quick.runs_until("2027-04-20 12:00", zone=BRUSSELS)

    assert sorted({f"{one.at:%Y-%m-%d %H:%M}" for one in told}) == ["2027-04-19 08:30"]
    assert amina.latest().labels == ["📅 Booked", "✅ Done", "⏰ Later", "⋯ Other"]


async def test_later_is_kept_also_for_what_was_due_before_the_site_joined(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    quick.patient(PATIENT, site="302", first_registration="2027-04-12")
    await quick.forward_to("2027-04-12 08:30", zone=BRUSSELS)
    await amina.taps("Done")
    await amina.taps("Pick")
    await amina.taps("1", amina.card(PATIENT))
    await amina.taps("CT")
    await amina.taps("Today")

    await amina.taps("Later")
    await amina.taps("Tomorrow")
    told = await quick.runs_until("2027-04-14 12:00", zone=BRUSSELS)

    assert sorted({f"{one.at:%Y-%m-%d %H:%M}" for one in told}) == ["2027-04-13 08:30"]


async def test_later_never_reaches_past_the_window(quick: Trial) -> None:
    amina = await a_window_is_open(quick)
    await quick.forward_to("2027-05-06 09:00", zone=BRUSSELS)
    await amina.taps("Later")

    assert amina.latest().labels == ["Tomorrow · Fri 7 May", "Next Monday · Mon 10 May", "‹ Back"]


async def test_on_the_last_day_later_means_tomorrow(quick: Trial) -> None:
    amina = await a_visit_is_due(quick)

    await amina.taps("Later")
    await amina.taps("Tomorrow")

    assert "• to be reminded on Tue 13 Apr" in amina.card(PATIENT).text
    told = await quick.runs_until("2027-04-14 12:00", zone=BRUSSELS)
    assert sorted({f"{one.at:%Y-%m-%d %H:%M}" for one in told}) == ["2027-04-13 08:30"]


async def test_not_done_with_a_reason_of_the_study(quick: Trial) -> None:
    amina = await a_window_is_open(quick)

    await amina.taps("Other")
    assert amina.card(PATIENT).labels == [
        "— Not done",
        "— Not applicable",
        "🔕 No longer followed",
        "🆘 I need help",
        "ℹ️ Why this?",
        "‹ Back",
    ]
    await amina.taps("Not done")
    assert amina.card(PATIENT).labels == [
        "Chemotherapy goes on",
        "MRI not possible for this patient",
        "✏️ Another reason",
        "‹ Back",
    ]
    await amina.taps("Chemotherapy")

    card = amina.card(PATIENT)
    assert card.text.startswith("✅ Site 302 · nothing open\n")
    assert "• not done (Chemotherapy goes on)\nAmina · 08:30" in card.text
    assert "— CT and MRI performed · not done" in card.text
    assert "Upload CT · no longer needed" not in card.text
    assert "This is not a safety report." in card.text
    told = await quick.runs_until("2027-05-18 12:00", zone=BRUSSELS)
    assert [one for one in told if "Re-evaluation" in one.message.text] == []


async def test_not_applicable_with_a_reason_in_words(quick: Trial) -> None:
    amina = await a_window_is_open(quick)
    await amina.taps("Other")
    await amina.taps("Not applicable")
    await amina.taps("Another reason")
    assert "up to 300 characters" in amina.card(PATIENT).text
    assert amina.card(PATIENT).labels == ["‹ Back"]

    await amina.says("Scanner out of order until June, agreed with 302-001's physician")

    card = amina.card(PATIENT)
    assert "not applicable (“Scanner out of order until June, agreed with 302-001's physician”)" in card.text
    assert "This is not a safety report." in card.text
    assert card.labels == ["↩ Undo (10 minutes)"]


async def test_what_the_guard_stops_is_deleted_and_can_be_written_again(quick: Trial) -> None:
    amina = await a_window_is_open(quick)
    await amina.taps("Other")
    await amina.taps("Not done")
    await amina.taps("Another reason")

    for words, why in (
        ("please call +32 2 555 12 12", "what looks like a telephone number"),
        ("born 14/03/1951, see the file", "what may be a birth date"),
        ("MRN 00482910377 has it", "a long number, as hospitals give to patients"),
        ("the scanner failed " * 20, "more than 300 characters"),
    ):
        await amina.says(words)

        assert [message for message in amina.messages() if not message.from_bot and message.text == words] == [], why
        assert why in amina.latest().text
        assert "I have removed it from this chat." in amina.latest().text
        assert words not in amina.latest().text
    await amina.says("Scanner out of order")
    assert "not done (“Scanner out of order”)" in amina.card(PATIENT).text


async def test_back_takes_the_question_for_words_back(quick: Trial) -> None:
    amina = await a_window_is_open(quick)
    await amina.taps("Other")
    await amina.taps("Not done")
    await amina.taps("Another reason")
    await amina.taps("Back")

    await amina.says("Scanner out of order")

    assert "I am not sure what this text answers" in amina.shown()[-2].text
    assert "What was the reason?" in amina.latest().text
    assert "not done" not in amina.latest().text


async def test_a_report_that_was_sent_is_called_sent(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    quick.patient(
        PATIENT,
        site="302",
        first_registration="2027-01-11",
        second_registration="2027-03-15",
        held={"surgery": "2027-04-09"},
    )
    await quick.forward_to("2027-04-12 08:30", zone=BRUSSELS)
    card = amina.card(PATIENT, "Liver surgery")
    assert card.labels == ["📨 IOUS sent", "📨 Surgery record sent", "⏰ Later", "⋯ Other"]

    await amina.taps("IOUS", card)
    await amina.taps("Today")

    card = amina.card(PATIENT, "Liver surgery")
    assert "✓ Send the intraoperative ultrasound (IOUS) record · sent on Mon 12 Apr" in card.text
    assert "• Send the intraoperative ultrasound (IOUS) record: sent on Mon 12 Apr" in card.text


async def test_an_answer_does_not_ring_at_whoever_has_just_given_it(quick: Trial) -> None:
    amina = await a_visit_is_due(quick)
    await amina.taps("Done")
    await amina.taps("Pick")
    await amina.taps("8")
    amina.news()

    told = await quick.runs_until("2027-04-12 17:00", zone=BRUSSELS)

    assert told == []
    assert len([message for message in amina.shown() if PATIENT in message.text]) == 1


async def test_a_surgery_that_was_just_booked_is_not_asked_for_again(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    quick.patient(PATIENT, site="302", first_registration="2026-12-07", second_registration="2027-03-15")
    await quick.forward_to("2027-04-12 08:30", zone=BRUSSELS)
    surgery = amina.card(PATIENT, "Liver surgery")
    await amina.taps("Booked", surgery)
    await amina.taps("Pick")
    await amina.taps("29")

    told = await quick.runs_until("2027-04-28 17:00", zone=BRUSSELS)

    assert [one for one in told if "Liver surgery" in one.message.text] == []
    assert [surgery.message_id] == [one.message_id for one in amina.shown() if "Liver surgery" in one.text]


async def test_a_scan_of_tomorrow_and_one_before_the_window_are_refused(quick: Trial) -> None:
    amina = await a_visit_is_due(quick)
    await amina.taps("Done")
    today = amina.card(PATIENT).button("Today").data
    assert today is not None

    future = await amina.taps("", data=today.replace("20270412", "20270413"))
    before = await amina.taps("", data=today.replace("20270412", "20270314"))

    assert future == "That day is still to come. Please choose today or an earlier day."
    assert before == "That day is before the registration. Please choose a later one."
    assert "○ CT and MRI performed · due by Mon 12 Apr" in amina.card(PATIENT).text


async def test_dates_and_times_are_those_of_the_site(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="611")
    quick.patient("611-001", site="611", first_registration="2027-04-11", held={"baseline_imaging": "2027-04-09"})
    await quick.forward_to("2027-04-12 16:45", zone="America/Chicago")

    await amina.taps("CT")
    assert "Today · Mon 12 Apr" in amina.card("611-001").labels
    await amina.taps("Today")

    assert "Amina · 16:45" in amina.card("611-001").text


async def test_the_same_in_japanese(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="417", language="ja")
    quick.patient("417-001", site="417", first_registration="2027-04-12")
    await quick.forward_to("2027-04-12 08:30", zone="Asia/Tokyo")
    card = amina.card("417-001")
    assert card.text.startswith("🔔 施設417 · 確認のお願い 1件\n")
    assert "許容範囲 3月15日(月)～4月12日(月) · 本日まで" in card.text
    assert "予約はお済みですか？" in card.text
    assert card.labels == ["📅 予約済み", "✅ 実施済み", "⏰ 後で", "⋯ その他"]

    await amina.taps("実施済み")
    assert amina.card("417-001").labels == ["今日 · 4月12日(月)", "昨日 · 4月11日(日)", "🗓 日付を選ぶ", "‹ 戻る"]
    assert await amina.taps("昨日") == "記録しました。"
    card = amina.card("417-001")
    assert "• 4月11日(日)に実施\nAmina · 08:30" in card.text
    assert card.labels == ["⬆️ CT 済み", "⬆️ MRI 済み", "⏰ 後で", "⋯ その他", "↩ 取り消す（10分以内）"]
    await amina.taps("その他")
    assert amina.card("417-001").labels == [
        "— 未実施",
        "— 該当なし",
        "🔕 追跡終了",
        "🆘 サポートを依頼",
        "ℹ️ お知らせの理由",
        "‹ 戻る",
    ]
    await amina.taps("追跡終了")
    await amina.taps("死亡")
    await amina.taps("確認する")

    assert "🔕 施設417 · リマインダー停止中" in amina.card("417-001").text
    assert "これは安全性報告ではありません。" in amina.card("417-001").text
