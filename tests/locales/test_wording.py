"""What every message has to be, in every language that there is."""

from datetime import date, timedelta
from itertools import product
from typing import get_args

import pytest
from hypothesis import given, settings

import locales
from locales import Span, Text, button, languages, month_sheet, render, toast
from locales.buttons import FULL_ROW, HALF_ROW, columns
from locales.texts import utf16_length
from tests.locales.messages import DAY, SECRETS, STUDY, TASK, card, cards, every_message, last_word, nudge
from trial.answers import AnswerKind, LeavingKind
from trial.guard import Finding
from trial.labels import labels
from trial.messages import (
    Asking,
    ButtonKind,
    ButtonText,
    CardTask,
    Message,
    PatientPaused,
    Phase,
    PrivacyNotice,
    Receipt,
    Standing,
    TextBlocked,
    Toast,
)
from trial.tasks import TaskKind

LANGUAGES = tuple(languages())
in_every_language = pytest.mark.parametrize("language", LANGUAGES)

TELEGRAM_LONGEST = 4096
SEEN_ON_A_LOCKED_PHONE = 60


def bold(text: Text) -> list[str]:
    units = text.text.encode("utf-16-le")
    return [units[span.offset * 2 : (span.offset + span.length) * 2].decode("utf-16-le") for span in text.bold]


def test_every_kind_of_message_is_tried():
    assert {kind.__name__ for kind in get_args(Message)} == {type(message).__name__ for message in every_message()}


@in_every_language
def test_every_message_is_said_and_fits_telegram(language):
    for message in every_message():
        said = render(message, language)

        assert said.text.strip() == said.text
        assert said.text
        assert utf16_length(said.text) <= TELEGRAM_LONGEST
        assert "%(" not in said.text
        assert "\n\n\n" not in said.text
        assert all(words.strip() for words in bold(said))


@in_every_language
def test_a_locked_phone_shows_neither_study_nor_code_nor_procedure(language):
    for message in every_message():
        seen = render(message, language).text[:SEEN_ON_A_LOCKED_PHONE]

        assert not [secret for secret in SECRETS if secret in seen], (message, seen)


@in_every_language
def test_nothing_is_exclaimed(language):
    for message in every_message():
        assert not set("!！") & set(render(message, language).text)


def test_no_english_stands_in_for_another_language():
    """English words of ours that a rendered message shares with its English form have to be names."""
    names = {"Sitebell", "Telegram", "CRC", "English", *SECRETS, "Hospital", "A", "B", "H"}
    names |= {*locales.SITE_COMMANDS, *locales.OFFICE_COMMANDS, "Where", "is", "series", "other"}
    names |= {"http", "https", "example", "org", "Chrome", "Linux"}  # addresses, and what browsers call themselves
    for message in every_message():
        latin = "".join(
            character if character.isascii() and character.isalpha() else " "
            for character in render(message, "ja").text
        )
        assert set(latin.split()) <= names | {"Q", "Vy", "Ty"}, message


@settings(max_examples=150, deadline=None)
@given(asked=cards)
@in_every_language
def test_any_card_is_said_whatever_it_holds(language, asked):
    said = render(asked, language)

    assert 0 < utf16_length(said.text) <= TELEGRAM_LONGEST
    length = utf16_length(said.text)
    assert all(span.offset >= 0 and span.offset + span.length <= length for span in said.bold)


@in_every_language
def test_study_and_code_are_bold_where_emoji_stand_before_them(language):
    assert f"{STUDY} · Q-7" in bold(render(card(), language))


@in_every_language
def test_a_late_card_says_in_bold_by_how_much(language):
    late = render(card(phase=Phase.AFTER, days_left=None, days_late=41), language)

    assert any("41" in words for words in bold(late))


@in_every_language
def test_a_closed_card_is_not_called_late(language):
    closed = render(card(open_tasks=0, phase=Phase.AFTER, days_left=None, days_late=41), language)

    assert not any("41" in words for words in bold(closed))


@in_every_language
def test_the_three_phases_speak_in_three_tones_of_the_same_card(language):
    tones = {render(card(phase=phase), language).text for phase in Phase}

    assert len(tones) == len(Phase)


@in_every_language
def test_several_tasks_have_a_sign_and_a_word_each(language):
    for standing in Standing:
        said = render(card(tasks=(CardTask(TASK, TaskKind.UPLOAD, standing, due=DAY, day=DAY),) * 2), language).text
        lines = [line for line in said.splitlines() if (" Tx · " in line or " Ty · " in line)]

        assert len(lines) == 2
        sign, words = lines[0].split(" ", maxsplit=1)
        assert len(sign) == 1
        assert len(words.split(" · ")[1]) > 1


@in_every_language
def test_a_claim_is_told_from_what_the_archive_shows(language):
    claimed = card(tasks=(CardTask(TASK, TaskKind.UPLOAD, Standing.CLAIMED, day=DAY),))
    uploaded = card(tasks=(CardTask(TASK, TaskKind.UPLOAD, Standing.DONE, day=DAY),))

    assert render(claimed, language).text != render(uploaded, language).text
    receipt = Receipt(last_word(AnswerKind.UPLOADED, day=DAY), TASK, "08:41", undo_possible=True)
    assert {
        "en": "not yet seen in the archive",
        "de": "noch nicht gesehen",
        "fr": "pas encore vu dans",
        "ja": "照合待ち",
    }[language] in render(card(receipt=receipt), language).text


@in_every_language
def test_a_receipt_repeats_what_was_understood_by_whom_and_when(language):
    receipt = Receipt(last_word(AnswerKind.DONE, day=date(2027, 3, 1)), TASK, "08:41", undo_possible=True)
    said = render(card(receipt=receipt, open_tasks=0), language).text

    assert {
        "en": "Tx: done on Mon 1 Mar",
        "de": "Tx: durchgeführt am Mo., 1. März",
        "fr": "Tx\N{NO-BREAK SPACE}: fait le lun. 1 mars",
        "ja": "Ty：3月1日(月)に実施",
    }[language] in said
    assert "A · 08:41" in said


@in_every_language
def test_the_answer_of_the_receipt_is_not_repeated_as_last_word(language):
    word = last_word(AnswerKind.DONE, day=DAY)
    said = render(card(receipt=Receipt(word, TASK, "08:41", undo_possible=True), last=word), language).text

    assert {"en": "Last answer", "de": "Letzte Antwort", "fr": "Dernière réponse", "ja": "前回の回答"}[
        language
    ] not in said


@in_every_language
def test_a_patient_who_left_gets_no_green_tick(language):
    word = last_word(AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.DEATH)
    said = render(card(open_tasks=0, last=word, safety_line=True), language).text

    assert "✅" not in said
    assert {
        "en": "not a safety report",
        "de": "keine Sicherheitsmeldung",
        "fr": "pas une déclaration de vigilance",
        "ja": "安全性報告ではありません",
    }[language] in said


@in_every_language
def test_an_answer_is_never_called_a_signature(language):
    not_a_signature = {
        "en": "not an electronic signature",
        "de": "elektronische Signatur",
        "fr": "pas une signature électronique",
        "ja": "電子署名",
    }[language]
    receipt = Receipt(last_word(AnswerKind.DONE, day=DAY), TASK, "08:41", undo_possible=True)

    assert not_a_signature in render(PrivacyNotice(STUDY), language).text
    assert not_a_signature in render(card(receipt=receipt), language).text


@in_every_language
def test_the_privacy_notice_fits_one_screen(language):
    assert len(render(PrivacyNotice("DREAM"), language).text) <= 900


@in_every_language
def test_a_blocked_text_is_named_by_class_once_and_said_to_be_gone_or_not(language):
    twice = (Finding.PHONE_NUMBER, Finding.PHONE_NUMBER)
    gone, still_there = (render(TextBlocked(twice, deleted=deleted), language).text for deleted in (True, False))

    assert gone.count("•") == 1
    assert gone != still_there


@in_every_language
def test_the_studys_own_question_is_asked_for_a_fact(language):
    asked = card(
        asking=Asking.WHICH_VALUE,
        asked=labels(
            "Was a lesion left?",
            de="Ist ein Herd verblieben?",
            fr="Une lésion a-t-elle été laissée ?",
            ja="病変は残っていますか？",
        ),
    )

    assert {
        "en": "Was a lesion left?",
        "de": "Ist ein Herd verblieben?",
        "fr": "Une lésion a-t-elle été laissée ?",
        "ja": "病変は残っていますか？",
    }[language] in render(asked, language).text


@in_every_language
def test_years_are_written_where_a_card_spans_two(language):
    one_year = card(opens=date(2027, 12, 6), closes=date(2027, 12, 20), due=None)
    two_years = card(opens=date(2027, 12, 20), closes=date(2028, 1, 10), due=None)

    assert "2027" not in render(one_year, language).text
    assert "2027" in render(two_years, language).text
    assert "2028" in render(two_years, language).text


def test_one_item_and_two_items_are_counted_as_the_language_does():
    assert [render(card(open_tasks=count), "en").text.splitlines()[0].split(" · ")[1] for count in (1, 2)] == [
        "1 item",
        "2 items",
    ]


def test_dates_are_written_as_people_write_them():
    assert "Window Mon 5 Apr – Mon 19 Apr" in render(card(), "en").text
    assert "Fenêtre du lun. 5 avr. au lun. 19 avr." in render(card(), "fr").text
    assert "許容範囲 4月5日(月)～4月19日(月)" in render(card(), "ja").text


@in_every_language
def test_the_managers_message_about_a_patient_is_no_safety_report(language):
    said = render(PatientPaused(STUDY, "417", "417-003", LeavingKind.WITHDRAWN), language).text

    assert {
        "en": "not a safety report",
        "de": "keine Sicherheitsmeldung",
        "fr": "pas une déclaration de vigilance",
        "ja": "安全性報告ではありません",
    }[language] in said


@in_every_language
def test_a_nudge_says_what_is_left(language):
    assert len({render(nudge(days_left=left), language).text for left in (0, 1, 2)}) == 3


# --- buttons ----------------------------------------------------------------------------------------------------------


@in_every_language
def test_every_button_has_words_that_fit_half_a_phone(language):
    year = [date(2027, 1, 1) + timedelta(days=number) for number in range(365)]
    for kind, leaving, spoken in product(ButtonKind, (*LeavingKind, None), (*LANGUAGES, None)):
        days = year if leaving is None and spoken is None else [DAY]
        for day in (None, *days):
            text = button(ButtonText(kind, day=day, leaving=leaving, language=spoken), language)

            assert text.strip(), kind
            assert columns(text) <= HALF_ROW, text


@in_every_language
def test_words_of_a_study_file_are_cut_to_a_row(language):
    long = labels(
        "A very long reason that a study file gives for not doing it", ja="検査を実施しなかった理由として" * 5
    )
    for kind in ButtonKind:
        text = button(ButtonText(kind, words=long), language)

        assert columns(text) <= FULL_ROW, text
    assert button(ButtonText(ButtonKind.WORDS, words=long), language).endswith("…")


@in_every_language
def test_a_button_for_one_of_several_tasks_names_it(language):
    said = button(ButtonText(ButtonKind.UPLOADED, words=labels("CT")), language)

    assert {
        "en": "⬆️ CT uploaded",
        "de": "⬆️ CT hochgeladen",
        "fr": "⬆️ CT\N{NO-BREAK SPACE}: dépôt fait",
        "ja": "⬆️ CT 済み",
    }[language] == said


@in_every_language
def test_buttons_that_stand_together_differ(language):
    together = (
        (ButtonKind.DONE, ButtonKind.BOOKED, ButtonKind.UPLOADED, ButtonKind.SENT, ButtonKind.LATER, ButtonKind.OTHER),
        (ButtonKind.HAPPENED, ButtonKind.PLANNED, ButtonKind.LATER, ButtonKind.OTHER),
        (ButtonKind.NOT_DONE, ButtonKind.NOT_APPLICABLE, ButtonKind.NO_LONGER_FOLLOWED, ButtonKind.BACK),
        (ButtonKind.TODAY, ButtonKind.YESTERDAY, ButtonKind.PICK, ButtonKind.BACK),
        (ButtonKind.TOMORROW, ButtonKind.NEXT_MONDAY, ButtonKind.BEFORE_END, ButtonKind.PICK, ButtonKind.BACK),
        (ButtonKind.YES, ButtonKind.NOT_ME, ButtonKind.CHANGE_LANGUAGE),
        (ButtonKind.REVOKE, ButtonKind.KEEP),
    )
    for kinds in together:
        assert len({button(ButtonText(kind), language) for kind in kinds}) == len(kinds)


@in_every_language
def test_a_language_is_offered_by_its_own_name(language):
    assert button(ButtonText(ButtonKind.LANGUAGE, language="ja"), language) == "日本語"


def test_a_month_begins_its_weeks_as_its_readers_do():
    assert month_sheet(date(2027, 4, 1), "en").title == "April 2027"
    assert month_sheet(date(2027, 4, 1), "en").weekdays == ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
    assert month_sheet(date(2027, 4, 1), "ja").title == "2027年4月"
    assert month_sheet(date(2027, 4, 1), "ja").weekdays == tuple("日月火水木金土")
    assert (month_sheet(date(2027, 4, 1), "en").first_weekday, month_sheet(date(2027, 4, 1), "ja").first_weekday) == (
        0,
        6,
    )


# --- toasts -----------------------------------------------------------------------------------------------------------


@in_every_language
def test_every_toast_fits_and_only_nothing_is_silent(language):
    for kind, by, on in product(Toast, (None, "B" * 300), (None, DAY)):
        said = toast(kind, language, by=by, on=on)

        assert utf16_length(said) <= 200
        assert bool(said) == (kind is not Toast.NOTHING)
        assert not set("!！") & set(said)


@in_every_language
def test_who_was_first_is_said(language):
    said = toast(Toast.ALREADY_RECORDED, language, by="Coordinator A", on=DAY)

    assert "Coordinator A" in said
    assert "12" in said


# --- languages --------------------------------------------------------------------------------------------------------


def test_a_language_that_the_study_has_not_approved_is_not_sent():
    assert locales.speak_language("ja", ("en", "ja")) == "ja"
    assert locales.speak_language("ja", ("en",)) == "en"
    assert locales.speak_language("en", ("ja",)) == "ja"
    assert locales.speak_language("ja-JP", ("en", "ja")) == "ja"
    assert locales.speak_language("fr-CH", ("en", "fr")) == "fr"
    assert locales.speak_language("it", ("it", "en")) == "en"


def test_a_study_without_any_language_of_ours_is_told_so():
    with pytest.raises(locales.NoApprovedLanguage, match="approved: it; there are: de, en, fr, ja"):
        locales.speak_language("en", ("it",))


def test_an_unknown_language_is_an_error_and_not_english():
    with pytest.raises(locales.UnknownLanguage, match="'it'"):
        render(card(), "it")


def test_english_is_the_source_and_everything_else_a_draft():
    assert {language: (known.name, known.status) for language, known in languages().items()} == {
        "de": ("Deutsch", "draft"),
        "en": ("English", "source"),
        "fr": ("français", "draft"),
        "ja": ("日本語", "draft"),
    }


def test_spans_count_utf16_units():
    assert render(card(), "en").bold[0] == Span(
        offset=utf16_length(render(card(), "en").text.split(STUDY)[0]), length=7
    )
