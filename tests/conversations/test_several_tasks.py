"""A visit of which several things are open: which of them an answer, a number or a receipt is about."""

import pytest

from tests.trials import Person, Trial

BRUSSELS = "Europe/Brussels"
PATIENT = "302-001"


async def both_uploads_are_late(trial: Trial) -> Person:
    """In Leuven, on Tuesday, 20 April: both scans should have been uploaded by Friday, the 16th."""
    amina = await trial.joins("Amina", site="302")
    trial.patient(PATIENT, site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    await trial.forward_to("2027-04-12 11:00", zone=BRUSSELS)
    await trial.forward_to("2027-04-20 11:00", zone=BRUSSELS)
    amina.news()
    return amina


def lines(person: Person) -> dict[str, str]:
    """How the card says that each upload stands."""
    found = [line.split(" · ", 1) for line in person.card(PATIENT, "CT and MRI performed").text.splitlines()]
    return {words[0][2:]: words[1] for words in found if len(words) > 1 and "Upload" in words[0]}


@pytest.mark.parametrize(("answer", "state"), [("Not done", "not done"), ("Not applicable", "not applicable")])
async def test_of_several_tasks_it_is_asked_which_was_not_done(quick: Trial, answer: str, state: str) -> None:
    amina = await both_uploads_are_late(quick)

    await amina.taps("Other", amina.card(PATIENT, "CT and MRI performed"))
    await amina.taps(answer)
    asked = amina.card(PATIENT, "Which of them is it about?")
    assert asked.labels == ["Upload CT", "Upload MRI (with DW-MRI)", "‹ Back"]
    await amina.taps("MRI")
    assert "Upload MRI (with DW-MRI): What was the reason?" in amina.card(PATIENT, "reason?").text
    assert await amina.taps("MRI not possible") == "Recorded."

    assert lines(amina)["Upload MRI (with DW-MRI)"].startswith(state)
    assert lines(amina)["Upload CT"].startswith("late, was due by Fri 16 Apr")

    # Of the one that is left nobody is asked which.
    await amina.taps("Other")
    await amina.taps(answer)
    assert "What was the reason?" in amina.card(PATIENT, "reason?").text


async def test_the_way_back_from_which_task_leads_to_the_other_answers(quick: Trial) -> None:
    amina = await both_uploads_are_late(quick)

    await amina.taps("Other", amina.card(PATIENT, "CT and MRI performed"))
    await amina.taps("Not done")
    await amina.taps("Back")

    assert "— Not done" in amina.card(PATIENT, "Which of these applies?").labels


async def test_in_japanese_it_is_asked_which(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="417", language="ja")
    quick.patient("417-001", site="417", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    await quick.forward_to("2027-04-12 11:00", zone="Asia/Tokyo")

    await amina.taps("その他", amina.card("417-001"))
    await amina.taps("未実施")
    assert "どの項目についてのご回答でしょうか。" in amina.card("417-001").text


# --- after a death ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "buttons", "said"),
    [
        ("en", ("Other", "No longer followed", "Death", "Confirm"), "• patient no longer followed (death)"),
        ("ja", ("その他", "追跡終了", "死亡", "確認する"), "• 追跡終了（死亡）"),
    ],
)
async def test_that_a_patient_died_is_said_of_the_patient_and_of_no_task(
    quick: Trial, language: str, buttons: tuple[str, ...], said: str
) -> None:
    amina = await quick.joins("Amina", site="417", language=language)
    quick.patient("417-001", site="417", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    await quick.forward_to("2027-04-12 11:00", zone="Asia/Tokyo")

    card = amina.card("417-001")
    for name in buttons:
        await amina.taps(name, card)
        card = next(one for one in amina.shown() if one.message_id == card.message_id)

    assert said in card.text.splitlines()


# --- how much time is left --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "left"), [("en", "2 working days left"), ("ja", "残り2営業日")])
async def test_the_digest_and_the_card_count_in_one_way(quick: Trial, language: str, left: str) -> None:
    """On a Monday, before a last day that is the Wednesday."""
    amina = await quick.joins("Amina", site="302", language=language, digest_on=0)
    quick.patient(PATIENT, site="302", first_registration="2027-04-08", held={"baseline_imaging": "2027-04-07"})

    await quick.runs_until("2027-04-12 11:00", zone=BRUSSELS)

    (line,) = [line for line in amina.latest().text.splitlines() if PATIENT in line]
    assert line.split(" · ")[-1] == left
    await amina.taps(0, amina.latest())
    (window,) = [line for line in amina.card(PATIENT).text.splitlines() if line.endswith(left)]
    assert "14" in window


@pytest.mark.parametrize(
    ("language", "named"),
    [
        (
            "en",
            [
                "• Send the intraoperative ultrasound (IOUS) record · 3 days past",
                "• Send the surgery record · 3 days past",
                "• Send the pathology report · 4 working days left",
            ],
        ),
        (
            "ja",
            [
                "• 術中超音波検査(IOUS)記録の送付 · 3日超過",
                "• 手術記録の送付 · 3日超過",
                "• 病理報告書の送付 · 残り4営業日",
            ],
        ),
    ],
)
async def test_a_nudge_says_of_each_task_how_much_time_it_has(quick: Trial, language: str, named: list[str]) -> None:
    """Operated on 9 April: two records were due on Friday, the 23rd, the pathology report is on the 30th."""
    await quick.joins("Amina", site="302", language=language)
    quick.patient(
        PATIENT,
        site="302",
        first_registration="2027-01-04",
        second_registration="2027-03-15",
        held={"baseline_imaging": "2026-12-30", "reevaluation_imaging": "2027-03-08", "surgery": "2027-04-09"},
    )
    await quick.forward_to("2027-04-12 11:00", zone=BRUSSELS)
    told = await quick.runs_until("2027-04-26 09:00", zone=BRUSSELS)

    nudge = [one.message for one in told if one.message.reply_to and any(name in one.message.text for name in named)]
    assert [line for line in nudge[-1].text.splitlines() if line.startswith("•")] == named
    (visit,) = [line for line in nudge[-1].text.splitlines() if line in {"Liver surgery", "肝臓手術"}]
    assert visit


async def test_a_nudge_about_tasks_that_end_together_says_it_once(quick: Trial) -> None:
    amina = await both_uploads_are_late(quick)

    nudge = [one for one in amina.shown() if one.reply_to and "days past" in one.text][-1]

    assert "Baseline CT and MRI · 4 days past\n• Upload CT\n• Upload MRI (with DW-MRI)\n" in nudge.text
