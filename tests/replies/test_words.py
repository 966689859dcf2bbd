"""A language's file of words is refused where it would be misread."""

import pytest

from locales.replies.lexicon import MEANINGS, BrokenWords, lexicon, read_lexicon, reply_languages
from locales.replies.spelling import Accents, spelled
from trial.replies.said import Act, Mark


def test_a_heading_that_means_nothing_is_refused():
    with pytest.raises(BrokenWords, match="uploded"):
        read_lexicon("xx", '[words]\nuploded = ["x"]')


def test_one_phrase_under_two_headings_is_refused():
    with pytest.raises(BrokenWords, match="'sent'"):
        read_lexicon("xx", '[words]\nsent = ["sent"]\nuploaded = ["Sent"]')


def test_a_file_that_is_no_toml_is_refused():
    with pytest.raises(BrokenWords, match="xx"):
        read_lexicon("xx", "[words")


@pytest.mark.parametrize(
    "text", ["[days]\nsometime = []", "[dates]\ncentury = []", "[counted]\nin_years = []", "[other]"]
)
def test_a_table_has_only_its_own_headings(text):
    with pytest.raises(BrokenWords, match="has no heading"):
        read_lexicon("xx", text)


@pytest.mark.parametrize("pattern", ['[weekdays]\nbare = ["on"]', '[counted]\ndays_ago = ["days ago"]'])
def test_a_pattern_without_its_placeholder_is_refused(pattern):
    with pytest.raises(BrokenWords, match="needs"):
        read_lexicon("xx", pattern)


def test_what_a_phrase_means_is_its_heading():
    words = read_lexicon("xx", '[words]\nuploaded = ["Téléversé", "ＵＰ済み"]').words

    assert words == {"televerse": {Act.UPLOAD, Mark.PAST}, "up済み": {Act.UPLOAD, Mark.PAST}}


@pytest.mark.parametrize("language", reply_languages())
def test_every_language_can_say_everything(language):
    said = set(lexicon(language).words.values())

    optional = {
        "past",
        "booked_for",
        "at",
        "asked_first",
        "asked_before_name",
        "for",
        "will_perform",
        "will_upload",
        "will_send",
    }
    assert {heading for heading, meaning in MEANINGS.items() if meaning not in said} <= optional


@pytest.mark.parametrize("language", reply_languages())
def test_no_link_word_could_deny_or_limit(language):
    limiting = {
        "only",
        "except",
        "without",
        "half",
        "part",
        "some",
        "by",
        "until",
        "or",
        "seulement",
        "uniquement",
        "sauf",
        "sans",
        "moitie",
        "partie",
        "quelques",
        "avant",
        "depuis",
        "jusqu'a",
        "ou",
        "vers",
        "environ",
        "presque",
        "のみ",
        "だけ",
        "以外",
        "一部",
        "まで",
        "頃",
    }

    assert limiting & lexicon(language).words.keys() == set()


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("ＭＲＩ　３／１２", "mri 3/12"),
        ("ｱｯﾌﾟﾛｰﾄﾞ", "アップロード"),
        ("令和八年三月十二日", "令和8年3月12日"),
        ("令和元年十二月三十一日", "令和1年12月31日"),
        ("二十日", "20日"),
        ("十日", "10日"),
        ("三日前", "3日前"),
        ("二次登録", "二次登録"),
        ("月曜日", "月曜日"),
        ("téléversé à l’hôpital", "televerse a l'hopital"),
        ("up\u200bloaded\u00a0\u00a0yesterday", "uploaded yesterday"),
        ("12\u201314", "12-14"),
        ("\u0663/\u0661\u0662", "3/12"),
        ("a\r\nb", "a\n\nb"),
    ],
)
def test_a_text_has_one_plain_spelling(typed, plain):
    assert spelled(typed) == plain
    assert spelled(plain) == plain


ACCENTS = Accents.of({"ü": "ue", "dépose": "deposera"})


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("würde", "wuerde"),
        ("WU\u0308RDE", "wuerde"),  # the letter and its accent apart
        ("wurde", "wurde"),
        ("durchgeführt", "durchgefuehrt"),
        ("dépose", "deposera"),
        ("déposent", "deposent"),
        ("déposé", "depose"),
    ],
)
def test_an_accent_that_tells_words_apart_is_read(typed, plain):
    assert spelled(typed, ACCENTS) == plain


def test_a_phrase_is_known_without_its_accents_where_no_other_is_spelled_so():
    words = read_lexicon("xx", '[accents]\n"ü" = "ue"\n[words]\nlink = ["wurde"]\nhedged = ["würde", "dürfte"]').words

    assert words["wuerde"] == words["durfte"] == words["duerfte"] == {Mark.HEDGED}
    assert words["wurde"] != {Mark.HEDGED}
