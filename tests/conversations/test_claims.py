"""An upload is claimed until somebody has seen it in the archive: verified, queried, or asked about once more."""

from datetime import timedelta

from tests.phones import ChatMessage
from tests.trials import Person, Trial

BRUSSELS = "Europe/Brussels"
PATIENT = "302-001"


async def ct_is_claimed(trial: Trial) -> Person:
    """Amina of Leuven has said on Monday, 12 April, that the CT was uploaded the day before; the MRI is not needed."""
    amina = await trial.joins("Amina", site="302")
    trial.patient(PATIENT, site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    await trial.forward_to("2027-04-12 11:00", zone=BRUSSELS)
    await amina.taps("CT", amina.card(PATIENT))
    await amina.taps("Yesterday")
    await amina.taps("Other")
    await amina.taps("Not applicable")
    await amina.taps("MRI not possible")
    await trial.waits(timedelta(minutes=11))
    amina.news()
    return amina


def card(person: Person) -> ChatMessage:
    """The whole card, wherever it stands."""
    return person.reads(PATIENT, "CT and MRI performed")


async def test_a_claim_that_was_seen_in_the_archive_says_so_and_asks_nothing(trial: Trial) -> None:
    amina = await ct_is_claimed(trial)
    assert "↑ Upload CT · uploaded on Sun 11 Apr as claimed, not yet seen in the archive" in card(amina).text

    trial.verifies(PATIENT)
    await trial.settled()

    assert "✓ Upload CT · uploaded on Sun 11 Apr, seen in the archive" in card(amina).text
    assert card(amina).labels == []
    assert len(amina.news()) == 1
    assert [
        one for one in await trial.runs_until("2027-05-14 12:00", zone=BRUSSELS) if PATIENT in one.message.text
    ] == []


async def test_a_query_asks_in_the_offices_words_and_again_is_an_answer(trial: Trial) -> None:
    amina = await ct_is_claimed(trial)

    trial.queries(PATIENT, "Series 3 is missing")
    await trial.settled()

    asked = card(amina)
    assert asked.text.startswith("🔔 Site 302 · 1 item\n")
    assert "? Upload CT · uploaded on Sun 11 Apr as claimed, a question is open" in asked.text
    assert "The trial office asks: “Series 3 is missing”" in asked.text
    assert "Could you check?" in asked.text
    note = amina.latest()
    assert note.reply_to == asked.message_id
    assert "There is a question about the upload." in note.text
    assert note.labels == ["⬆️ Uploaded again", "📨 Already sent", "⏰ Later", "🆘 I need help"]
    await amina.taps("Uploaded again")
    assert await amina.taps("Today") == "Recorded."
    answered = card(amina)
    assert answered.text.startswith("✅ Site 302 · nothing open\n")
    assert "↑ Upload CT · uploaded on Mon 12 Apr as claimed, not yet seen in the archive" in answered.text
    await amina.says("/today")
    assert amina.latest().text.endswith("Nothing is open today.")


async def test_already_sent_answers_a_query_without_another_upload(quick: Trial) -> None:
    amina = await ct_is_claimed(quick)
    quick.queries(PATIENT)
    await quick.settled()

    assert await amina.taps("Already sent") == "Recorded."

    assert "↑ Upload CT · uploaded on Sun 11 Apr as claimed, not yet seen in the archive" in card(amina).text
    assert "a question is open" not in card(amina).text
    quick.verifies(PATIENT)
    await quick.settled()
    assert "✓ Upload CT · uploaded on Sun 11 Apr, seen in the archive" in card(amina).text


async def test_a_query_can_wait_for_another_day(quick: Trial) -> None:
    amina = await ct_is_claimed(quick)
    quick.queries(PATIENT)
    await quick.settled()

    await amina.taps("Later")
    assert amina.card(PATIENT).labels == ["Tomorrow · Tue 13 Apr", "Next Monday · Mon 19 Apr", "‹ Back"]
    await amina.taps("Tomorrow")
    told = await quick.runs_until("2027-04-14 12:00", zone=BRUSSELS)

    assert {f"{one.at:%a %H:%M}" for one in told if "question about the upload" in one.message.text} == {"Tue 08:30"}


async def test_a_query_at_night_waits_for_the_morning(quick: Trial) -> None:
    amina = await ct_is_claimed(quick)
    await quick.forward_to("2027-04-12 21:00", zone=BRUSSELS)
    known = [one.message_id for one in amina.shown()]

    quick.queries(PATIENT)
    await quick.settled()
    # What stands there is brought up to date in silence; nothing new comes.
    assert "a question is open" in card(amina).text
    assert known == [one.message_id for one in amina.shown()]
    told = await quick.runs_until("2027-04-13 12:00", zone=BRUSSELS)

    assert [f"{one.at:%a %H:%M}" for one in told if one.message.message_id not in known] == ["Tue 08:30"]


async def test_whoever_needs_help_with_a_query_says_so_on_its_first_face(quick: Trial) -> None:
    amina = await ct_is_claimed(quick)
    office = await quick.joins("Office", site=None)
    quick.queries(PATIENT)
    await quick.settled()

    await amina.taps("I need help", amina.reads("question about the upload"))
    await amina.taps("Portal")

    assert "Amina · the portal does not work" in office.reads("needs help").text
    assert [one for one in await quick.runs_until("2027-04-30 12:00", zone=BRUSSELS) if one.person is amina] == []


async def test_a_claim_that_nobody_has_seen_comes_back_once_in_the_same_thread_and_then_to_the_office(
    trial: Trial,
) -> None:
    amina = await ct_is_claimed(trial)
    office = await trial.joins("Office", site=None)
    before = card(amina)

    told = await trial.runs_until("2027-05-14 12:00", zone=BRUSSELS)
    await trial.waits(timedelta(hours=24))

    hers = [one for one in told if one.person is amina and one.message.message_id != before.message_id]
    # Five working days after it was claimed.
    assert [f"{one.at:%Y-%m-%d %H:%M}" for one in hers] == ["2027-04-19 08:30"]
    assert hers[0].message.reply_to == before.message_id
    # Nobody has asked anything: nobody has looked. Most likely it is there.
    assert hers[0].message.labels == ["✅ It is there", "⬆️ Uploaded again", "⏰ Later", "🆘 I need help"]
    assert "Nobody has seen the upload in the archive yet." in hers[0].message.text
    assert "Is it really there?" in hers[0].message.text
    assert not any("question" in one.text for one in amina.shown() if PATIENT in one.text)
    news = office.reads("uploaded as claimed, not seen in the archive")
    assert news.text.startswith("🔔 Trial office · 1 new item\n")
    assert "302-001" in news.text


async def test_it_is_there_answers_a_claim_that_nobody_has_seen(quick: Trial) -> None:
    amina = await ct_is_claimed(quick)
    await quick.forward_to("2027-04-19 08:30", zone=BRUSSELS)
    note = amina.latest()
    assert note.labels[0] == "✅ It is there"

    assert await amina.taps(0, note) == "Recorded."

    assert "↑ Upload CT · uploaded on Sun 11 Apr as claimed, not yet seen in the archive" in card(amina).text
    assert card(amina).text.startswith("✅ Site 302 · nothing open\n")


async def test_in_a_digest_a_claim_that_nobody_has_seen_is_no_question(quick: Trial) -> None:
    amina = await ct_is_claimed(quick)
    await amina.says("/quiet")
    await amina.taps("Monday digest")

    await quick.runs_until("2027-04-26 12:00", zone=BRUSSELS)

    digest = amina.reads("this week")
    assert f"↑ {PATIENT} · Baseline CT and MRI · uploaded as claimed, not yet seen in the archive" in digest.text
    assert "question" not in digest.text
    await amina.taps("Go through", digest)
    shown = amina.card(PATIENT)
    assert "Is it really there?" in shown.text
    assert shown.labels[:2] == ["✅ It is there", "⬆️ Uploaded again"]


async def test_a_claim_that_nobody_has_seen_in_japanese(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="417", language="ja")
    quick.patient("417-001", site="417", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    await quick.forward_to("2027-04-12 10:00", zone="Asia/Tokyo")
    for upload in ("CT", "アップロード済み"):
        await amina.taps(upload, amina.card("417-001"))
        await amina.taps("今日")
    await quick.waits(timedelta(minutes=11))

    await quick.forward_to("2027-04-19 08:30", zone="Asia/Tokyo")

    note = amina.latest()
    assert "アーカイブではまだどなたも確認していません" in note.text
    assert "問い合わせ" not in note.text
    assert note.labels[:2] == ["✅ CT アーカイブ済み", "✅ MRI アーカイブ済み"]
    await amina.taps("その他", note)
    labels = amina.card("417-001").labels
    assert [one for one in labels if one.startswith("⬆️")] == ["⬆️ 再アップロード済み：CT", "⬆️ 再アップロード済み：MRI"]


async def test_a_query_in_japanese(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="417", language="ja")
    quick.patient("417-001", site="417", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    await quick.forward_to("2027-04-12 10:00", zone="Asia/Tokyo")
    await amina.taps("CT", amina.card("417-001"))
    await amina.taps("昨日")
    await quick.waits(timedelta(minutes=11))
    quick.queries("417-001")
    await quick.settled()

    note = amina.latest()
    assert "Baseline" not in note.text
    assert note.text.startswith("🔔 施設417 · ")
    await amina.taps("その他", note)
    assert "📨" in "".join(amina.card("417-001").labels)
