"""Digests and lists: what a phone shows of them, what they count, and that any of them fits one message."""

import pytest
from hypothesis import given, settings

from locales import Text, languages, render
from locales.digests import LINES_LONGEST as DIGEST_LINES
from locales.lists import LINES_LONGEST as LIST_LINES
from locales.texts import utf16_length
from tests.locales.messages import digests, task_lists
from tests.locales.room_messages import CODE, DAY, LATER, SITE, STUDY, digest, digest_line, list_line
from trial.messages import DigestKind, ListKind, Standing, TaskList

LANGUAGES = tuple(languages())
in_every_language = pytest.mark.parametrize("language", LANGUAGES)

TELEGRAM_LONGEST = 4096


def bold(text: Text) -> list[str]:
    units = text.text.encode("utf-16-le")
    return [units[span.offset * 2 : (span.offset + span.length) * 2].decode("utf-16-le") for span in text.bold]


# --- the digest -------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(asked=digests)
@in_every_language
def test_any_digest_fits(language, asked):
    said = render(asked, language)

    assert 0 < utf16_length(said.text) <= TELEGRAM_LONGEST
    assert len(said.text.splitlines()) <= 4 + 1 + 1 + DIGEST_LINES + 1


@in_every_language
def test_a_digest_shows_eight_lines_and_counts_the_rest(language):
    many = tuple(digest_line(code=f"Q-{number}") for number in range(12))
    said = render(digest(items=12, lines=many), language).text

    assert said.count("Q-") == 8
    assert said.endswith({"en": "and 4 more", "de": "und noch 4", "fr": "et 4 de plus", "ja": "ほか4件"}[language])


@in_every_language
def test_only_what_there_is_gets_counted(language):
    nothing, everything = (
        render(digest(late=count, closing=count, opening=count, to_upload=count), language).text for count in (0, 1)
    )

    assert everything.splitlines()[1].count(" · ") == 3
    assert len(everything.splitlines()) == len(nothing.splitlines()) + 1


@in_every_language
def test_what_is_late_stands_out_in_a_digest(language):
    late = render(digest(lines=(digest_line(standing=Standing.LATE, late=41, left=None),)), language)

    assert any("41" in words for words in bold(late))


@in_every_language
def test_a_hand_over_says_for_whom_and_until_when(language):
    said = render(digest(why=DigestKind.HAND_OVER, of="Berta", until=LATER), language).text

    assert "Berta" in said
    assert "23" in said


@in_every_language
def test_each_kind_of_digest_says_why_it_comes(language):
    assert len({render(digest(why=why), language).text for why in DigestKind}) == len(DigestKind)


# --- lists ------------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(asked=task_lists)
@in_every_language
def test_any_list_fits(language, asked):
    assert 0 < utf16_length(render(asked, language).text) <= TELEGRAM_LONGEST


@in_every_language
def test_a_list_counts_what_it_leaves_out_itself_and_what_was_left_out_before(language):
    lines = (list_line(),) * (LIST_LINES + 2)
    said = render(TaskList(ListKind.WEEK, SITE, STUDY, DAY, lines, 3), language).text

    assert said.endswith({"en": "and 5 more", "de": "und noch 5", "fr": "et 5 de plus", "ja": "ほか5件"}[language])


@in_every_language
def test_the_list_of_one_patient_says_the_code_once(language):
    said = render(TaskList(ListKind.PATIENT, SITE, STUDY, DAY, (list_line(),) * 3, 0, code=CODE), language).text

    assert said.count(CODE) == 1


@in_every_language
def test_an_empty_list_says_so(language):
    for which in ListKind:
        assert len(render(TaskList(which, SITE, STUDY, DAY, (), 0), language).text.splitlines()) == 5
