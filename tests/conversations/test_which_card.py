"""Texts that name no patient, while several cards are open: what fits is offered, and nothing is recorded before a tap.

The day is Tuesday, 14 March 2028; the scans were made on Friday, the 10th.
"""

import pytest

from tests.phones import ChatMessage
from tests.trials import SITES, Person, Trial

OSAKA = SITES["417"][3]
WORDS = {
    "de": "CT und MRT gestern hochgeladen",
    "en": "CT and MRI uploaded yesterday",
    "fr": "Scanner et IRM déposés hier",
    "ja": "CTとMRIを昨日アップロードしました",
}
CT_AND_MRI = {"de": ("CT", "MRT"), "en": ("CT", "MRI"), "fr": ("scanner", "IRM"), "ja": ("CT", "MRI")}
IS_THIS = {
    "de": "Meinen Sie das? Es ist noch nichts erfasst.",
    "fr": "Est-ce bien cela ? Rien n’a encore été enregistré.",
    "en": "Is this what you mean? Nothing has been recorded yet.",
    "ja": "次の内容でよろしいでしょうか。まだ記録していません。",
}
WHICH = {
    "de": "Was davon meinen Sie? Es ist noch nichts erfasst.",
    "fr": "De quoi s’agit-il ? Rien n’a encore été enregistré.",
    "en": "Which of these do you mean? Nothing has been recorded yet.",
    "ja": "次のどれについてのご連絡でしょうか。まだ記録していません。",
}
ON_MONDAY = {"de": "am Mo., 13. März", "en": "uploaded on Mon 13 Mar", "fr": "lun. 13 mars", "ja": "3月13日(月)"}
UNDO = {"de": "Rückgängig", "en": "Undo", "fr": "Annuler", "ja": "取り消"}
in_each_language = pytest.mark.parametrize("language", sorted(WORDS))


async def with_four_cards(trial: Trial, language: str, *, scanned: tuple[str, ...]) -> Person:
    """Amina has four cards; the uploads of these patients are open, the others' scans have not been made yet."""
    await trial.forward_to("2028-03-13 12:00", zone=OSAKA)
    amina = await trial.joins("Amina", site="417", language=language)
    for number in range(1, 5):
        code = f"417-00{number}"
        held = {"baseline_imaging": "2028-03-10"} if code in scanned else {}
        trial.patient(code, site="417", first_registration="2028-03-13", held=held)
    await trial.forward_to("2028-03-14 09:30", zone=OSAKA)
    assert [amina.card(f"417-00{number}").buttons for number in range(1, 5)]
    amina.news()
    return amina


def claimed(person: Person, code: str) -> list[str]:
    """The lines of a patient's card that say uploaded."""
    return [line for line in person.card(code, "DREAM").text.splitlines() if line.startswith("↑")]


def question(person: Person) -> ChatMessage:
    (asked,) = person.news()
    return asked


@in_each_language
async def test_the_one_card_that_fits_is_offered_and_one_tap_records_all_that_was_said(
    quick: Trial, language: str
) -> None:
    amina = await with_four_cards(quick, language, scanned=("417-003",))

    await amina.says(WORDS[language])

    asked = question(amina)
    assert asked.text.startswith(IS_THIS[language])
    assert "417-003" not in asked.text[:60]
    *_, title, ct, mri = asked.text.splitlines()
    assert title.startswith("417-003 · ")
    assert [word in line for word, line in zip(CT_AND_MRI[language], (ct, mri), strict=True)] == [True, True]
    assert all(ON_MONDAY[language] in line for line in (ct, mri))
    assert len(asked.labels) == 1
    assert "417-003" in asked.labels[0]
    assert claimed(amina, "417-003") == []

    await amina.taps(0, asked)
    assert len(claimed(amina, "417-003")) == 2
    assert all(ON_MONDAY[language] in line for line in claimed(amina, "417-003"))
    assert amina.card("417-003").message_id == asked.message_id

    for left in (1, 0):
        await amina.taps(UNDO[language])
        assert len(claimed(amina, "417-003")) == left


@in_each_language
async def test_where_two_cards_fit_each_has_a_button(quick: Trial, language: str) -> None:
    amina = await with_four_cards(quick, language, scanned=("417-002", "417-003"))

    await amina.says(WORDS[language])

    asked = question(amina)
    assert asked.text.startswith(WHICH[language])
    assert ["417-002" in asked.labels[0], "417-003" in asked.labels[1], len(asked.labels)] == [True, True, 2]
    assert claimed(amina, "417-002") == claimed(amina, "417-003") == []
    await amina.taps("417-003", asked)
    assert (len(claimed(amina, "417-002")), len(claimed(amina, "417-003"))) == (0, 2)

    await amina.taps(UNDO[language])
    await amina.taps(UNDO[language])
    assert claimed(amina, "417-003") == []


@in_each_language
async def test_a_button_pressed_twice_records_once(quick: Trial, language: str) -> None:
    amina = await with_four_cards(quick, language, scanned=("417-003",))
    await amina.says(WORDS[language])
    asked = question(amina)
    data = asked.buttons[0].data

    await amina.taps(0, asked)
    line = await amina.taps(0, asked, data=data)

    assert "Amina" in line
    assert len(claimed(amina, "417-003")) == 2


async def test_of_one_card_with_two_uploads_the_open_one_is_asked_for_by_name(quick: Trial) -> None:
    amina = await with_four_cards(quick, "en", scanned=("417-003",))

    await amina.says("uploaded yesterday")

    asked = question(amina)
    assert asked.labels == ["⬆️ 417-003 · CT uploaded · Mon 13 Mar", "⬆️ 417-003 · MRI uploaded · Mon 13 Mar"]
    await amina.taps("MRI", asked)
    assert claimed(amina, "417-003") == [
        "↑ Upload MRI (with DW-MRI) · uploaded on Mon 13 Mar as claimed, not yet seen in the archive"
    ]


async def test_words_that_name_another_visit_are_not_offered_as_an_answer_about_this_one(quick: Trial) -> None:
    amina = await with_four_cards(quick, "en", scanned=("417-003",))

    await amina.says("follow-up imaging, 12 months done yesterday", reply_to=amina.card("417-001"))

    assert not any("Is this what you mean?" in one.text for one in amina.shown())
    assert amina.reads("I am not sure what this text answers")


async def test_without_a_day_the_one_card_that_fits_is_confirmed_before_its_day_is_asked_for(quick: Trial) -> None:
    amina = await with_four_cards(quick, "en", scanned=("417-003",))

    await amina.says("MRI uploaded")

    asked = question(amina)
    assert asked.labels == ["⬆️ 417-003 uploaded"]
    await amina.taps(0, asked)
    await amina.taps("Yesterday")
    assert len(claimed(amina, "417-003")) == 1


async def test_in_other_words_about_both_uploads_one_tap_confirms_both(quick: Trial) -> None:
    amina = await with_four_cards(quick, "en", scanned=("417-003",))

    await amina.says("CT and MRI sent yesterday", reply_to=amina.card("417-003"))

    asked = question(amina)
    assert asked.labels == ["⬆️ 417-003 uploaded · Mon 13 Mar"]
    await amina.taps(0, asked)
    assert len(claimed(amina, "417-003")) == 2
