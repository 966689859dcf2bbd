"""What is not wholly understood is not acted on, and some things never are without a question."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from locales.replies import LENGTH_MAX, read_reply, reply_languages
from locales.replies.examples import examples
from locales.replies.lexicon import MEANINGS, lexicon
from locales.replies.scenes import HELD, SCENES, TODAY, task_id
from tests.replies.reading import actions, outcome, question
from trial.answers import AnswerKind, LeavingKind
from trial.replies.context import Asked, ReplyContext
from trial.replies.meaning import Ask, Clear, NeedHelp, NotUnderstood, Question, understand
from trial.replies.said import Act, Clause, DayMention, Mark, Reading

SCENE = st.sampled_from(sorted(SCENES))
LANGUAGES = reply_languages()
LANGUAGE = st.sampled_from(LANGUAGES)
CLEAR = [one for language in LANGUAGES for one in examples(language) if one.sort == "clear"]
WORDS = {language: sorted(lexicon(language).words) for language in LANGUAGES}
YES_OR_NO = {"yes", "no", "ja", "nein", "oui", "non", "はい", "いいえ"}
DAYS = ["yesterday", "today", "tomorrow", "3/12", "12 March", "昨日", "3月12日", "13日", "on Friday", "来週"]
NAMES = ["MRI", "CT", "302-014", "302-017", "images", "画像", "pathology", "both"]
DAYS_OF = {
    "de": [
        "gestern",
        "heute",
        "morgen",
        "am 12.3.",
        "12. März",
        "am 13.",
        "Freitag",
        "letzten Freitag",
        "nächste Woche",
    ],
    "fr": ["hier", "aujourd'hui", "demain", "le 12/3", "le 12 mars", "le 13", "vendredi", "la semaine prochaine"],
}
NAMES_OF = {
    "de": ["MRT", "CT", "302-014", "302-017", "Bilder", "Pathologiebefund", "OP", "beide"],
    "fr": ["IRM", "scanner", "TDM", "302-014", "302-017", "images", "anapath", "les deux"],
}


@given(st.text(max_size=80), SCENE, LANGUAGE)
@example("302-014 " * 30, "two", "en")
@example("３" * LENGTH_MAX, "uploads", "ja")
def test_garbage_is_never_acted_on(text, scene, language):
    # A plain yes is an answer where a card asks yes or no, and "JA" is no garbage in German.
    assume("".join(filter(str.isalpha, text)).casefold() not in YES_OR_NO)
    # Anything else that says something by chance would have to hold a day and a verb.
    assert actions(outcome(text, scene, language=language)) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_all_single_words_only_yes_and_no_are_answers_and_only_to_such_a_question(language):
    alone = {(word, scene) for word in WORDS[language] for scene in SCENES}
    taken = {(word, scene) for word, scene in alone if actions(outcome(word, scene, language=language))}

    assert {scene for _, scene in taken} == {"fact"}
    assert {word for word, _ in taken} <= YES_OR_NO


@given(st.lists(st.sampled_from(NAMES + DAYS + WORDS["en"]), max_size=7).map(" ".join), SCENE)
def test_whatever_english_words_say_together_every_answer_has_a_day_and_its_own_task(text, scene):
    _check(text, scene, "en")


@given(st.lists(st.sampled_from(NAMES + DAYS + WORDS["ja"]), max_size=7).map("".join), SCENE)
def test_whatever_japanese_words_say_together_every_answer_has_a_day_and_its_own_task(text, scene):
    _check(text, scene, "ja")


@pytest.mark.parametrize("language", sorted(DAYS_OF))
@given(st.data(), SCENE)
def test_whatever_words_say_together_every_answer_has_a_day_and_its_own_task(language, data, scene):
    words = st.sampled_from(NAMES_OF[language] + DAYS_OF[language] + WORDS[language])
    _check(data.draw(st.lists(words, max_size=7).map(" ".join)), scene, language)


def _check(text: str, scene: str, language: str) -> None:
    context = SCENES[scene]
    reading = read_reply(text, language=language, country="GB", context=context, today=TODAY)
    found = understand(reading, context, TODAY)
    fitting = {task.task_id: task.answers for card in context.cards for task in card.tasks}
    written = {day for clause in reading.clauses for mention in clause.mentions for day in mention.days}
    marks = {mark for clause in reading.clauses for mark in clause.marks}
    recorded = actions(found)

    assert len({action.task_id for action in recorded}) == len(recorded)
    for action in recorded:
        assert action.kind in fitting[action.task_id]
        if action.kind is AnswerKind.STATED:
            continue
        day = action.said.until if action.kind is AnswerKind.LATER else action.said.day
        assert day in written
        assert (day <= TODAY) is (action.kind in {AnswerKind.DONE, AnswerKind.UPLOADED})
    if recorded:
        assert reading.whole
        assert marks <= {Mark.PAST, Mark.FUTURE}
        assert not any(clause.leaving or clause.help for clause in reading.clauses)


@pytest.mark.parametrize("word", ["perhapsish", "zzz", "未知語", "87", "%", "❓"])
@given(st.sampled_from(CLEAR), st.integers(0, 40))
def test_one_unknown_word_anywhere_turns_a_clear_reply_into_a_question(word, one, place):
    words = one.text.split(" ")
    text = " ".join([*words[: place % (len(words) + 1)], word, *words[place % (len(words) + 1) :]])

    assert actions(outcome(text, one.scene, language=one.language, country=one.country)) == ()


@pytest.mark.parametrize("negation", ["not {}", "{}, not", "never {}", "{} not yet", "I think {}", "{}?", "if {}"])
@pytest.mark.parametrize("one", [one for one in CLEAR if one.language == "en"], ids=lambda one: one.text)
def test_a_doubted_reply_is_never_acted_on(negation, one):
    assert actions(outcome(negation.format(one.text), one.scene, country=one.country)) == ()


@pytest.mark.parametrize(
    "doubt", ["{}か", "{}とは思いません", "{}かもしれません", "まだ{}", "もし{}なら", "{}？", "{}わけではありません"]
)
@pytest.mark.parametrize("one", [one for one in CLEAR if one.language == "ja"], ids=lambda one: one.text)
def test_a_doubted_japanese_reply_is_never_acted_on(doubt, one):
    assert actions(outcome(doubt.format(one.text.rstrip("。")), one.scene, language="ja")) == ()


DOUBTS = {
    "de": [
        "nicht {}",
        "{}, nicht",
        "{} noch nicht",
        "ich glaube, {}",
        "vielleicht {}",
        "{}?",
        "falls {}",
        "angeblich {}",
        "würde {}",
        "ist das {}",
    ],
    "fr": ["ne {}", "{}, pas", "jamais {}", "{} pas encore", "je pense que {}", "peut-être {}", "{} ?", "si {}"],
}


@pytest.mark.parametrize("language", sorted(DOUBTS))
def test_a_reply_that_is_doubted_in_its_own_language_is_never_acted_on(language):
    doubted = [(doubt.format(one.text), one) for doubt in DOUBTS[language] for one in CLEAR if one.language == language]

    assert doubted
    assert [
        text for text, one in doubted if actions(outcome(text, one.scene, language=language, country=one.country))
    ] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_alone_records_anything(language):
    recorded = {
        (word, scene)
        for word in lexicon(language).words
        for scene in SCENES
        if scene != "fact" and actions(outcome(word, scene, language=language))
    }

    assert recorded == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "heading",
    ["negated", "not_yet", "hedged", "asked", "conditional", "corrected", "help", "death", "withdrawn", "lost"],
)
def test_no_word_that_doubts_or_denies_is_lost_beside_a_clear_statement(language, heading):
    stated = {
        "de": "{} gestern hochgeladen",
        "en": "{} uploaded yesterday",
        "fr": "{} déposé hier",
        "ja": "{} 昨日アップロードしました",
    }[language]
    words = [word for word, meaning in lexicon(language).words.items() if meaning == MEANINGS[heading]]

    assert words
    assert [word for word in words if actions(outcome(stated.format(word), language=language))] == []


@pytest.mark.parametrize(
    "text",
    [
        "The patient died",
        "patient passed away in hospital Z",
        "亡くなりました",
        "患者が昨日急に死亡",
        "Le patient est décédé",
        "patiente decedee brutalement hier",
        "Die Patientin ist überraschend verstorben",
        "Pat. letzte Nacht gestorben",
    ],
)
def test_a_death_is_asked_about_even_beside_unknown_words_and_in_another_language(text):
    for language in LANGUAGES:
        found = outcome(text, "visit", language=language)

        assert isinstance(found, Ask)
        assert (found.question, found.leaving) == (Question.CONFIRM_LEFT, LeavingKind.DEATH)
        assert found.tasks == (task_id("302-014", "hold"),)


@pytest.mark.parametrize("text", ["on dépose plus tôt", "depose plus tot", "au plus tôt vendredi"])
def test_early_in_french_is_no_death_in_german(text):
    assert question(outcome(text, language="fr")) != Question.CONFIRM_LEFT
    assert question(outcome("Patient ist tot", language="fr")) != Question.CONFIRM_LEFT
    assert question(outcome("Patient ist tot", language="de")) == Question.CONFIRM_LEFT


def test_a_name_alone_is_heard_in_the_writers_language_only():
    """A scanner is the CT in French, and a machine in English."""
    assert isinstance(outcome("Scanner out of order", "uploads"), NotUnderstood)
    assert question(outcome("Scanner bidule", "uploads", language="fr")) == Question.NOT_WHOLLY


def test_a_death_without_a_patient_asks_whose():
    found = outcome("patient died", "two")

    assert isinstance(found, Ask)
    assert (found.question, found.leaving, len(found.visits)) == (Question.WHICH_PATIENT, LeavingKind.DEATH, 2)


def test_a_patient_named_in_a_reply_to_another_patients_card_is_confirmed_first():
    both = SCENES["two"]
    context = replace(both, replied_to=both.cards[0].visit_id)
    found = outcome("302-017 uploaded yesterday", context)

    assert isinstance(found, Ask)
    assert found.question is Question.CONFIRM
    assert [action.visit_id for action in found.actions] == [both.cards[1].visit_id]
    assert isinstance(outcome("302-014 and 302-017 uploaded yesterday", context), Clear)


def test_the_question_that_stands_under_a_card_gives_a_bare_day_its_meaning():
    asked = replace(SCENES["uploads"], asked=Asked(task_id("302-014", "upload_mri"), AnswerKind.UPLOADED))

    (action,) = actions(outcome("yesterday", asked))
    assert (action.task_id, action.kind, action.said.day) == (
        task_id("302-014", "upload_mri"),
        AnswerKind.UPLOADED,
        date(2026, 3, 17),
    )
    assert question(outcome("tomorrow", asked)) == Question.FUTURE_DAY
    assert question(outcome("yesterday", "uploads")) == Question.WHICH_ANSWER


def test_a_question_about_a_task_names_it():
    found = outcome("MRI uploaded", "uploads")

    assert isinstance(found, Ask)
    assert (found.question, found.tasks, found.kind) == (
        Question.WHICH_DAY,
        (task_id("302-014", "upload_mri"),),
        AnswerKind.UPLOADED,
    )


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("302-014 and 302-017 uploaded", "en"),
        ("302-014 et 302-017 déposés", "fr"),
        ("302-014と302-017をアップロードしました", "ja"),
    ],
)
def test_one_question_is_asked_about_everything_that_lacks_the_same(text, language):
    found = outcome(text, "two", language=language)

    assert isinstance(found, Ask)
    assert (found.question, found.kind) == (Question.WHICH_DAY, AnswerKind.UPLOADED)
    assert found.tasks == (task_id("302-014", "upload_images"), task_id("302-017", "upload_images"))
    assert found.visits == tuple(card.visit_id for card in SCENES["two"].cards)


def test_what_lacks_nothing_is_not_asked_about_beside_what_does():
    found = outcome("both uploaded 10 March", "uploads")
    assert isinstance(found, Ask)
    assert (found.question, len(found.tasks)) == (Question.BEFORE_VISIT, 2)


def test_one_clause_that_needs_a_question_stops_all_of_them():
    assert question(outcome("CT uploaded yesterday, MRI uploaded", "uploads")) == Question.WHICH_DAY


def test_a_cry_for_help_is_heard_and_one_within_a_statement_is_asked_about():
    assert isinstance(outcome("help"), NeedHelp)
    assert question(outcome("uploaded yesterday, but there is a problem")) == Question.HELP_WANTED


def test_a_text_longer_than_the_guard_lets_pass_is_not_read():
    text = "uploaded yesterday" + " " * LENGTH_MAX

    assert isinstance(outcome(text), NotUnderstood)


def test_without_any_card_there_is_nothing_to_answer():
    assert question(outcome("uploaded yesterday", ReplyContext(()))) == Question.CLOSED


def test_a_reading_is_judged_without_any_words():
    clause = Clause(frozenset({Act.UPLOAD}), frozenset({Mark.PAST}), mentions=(DayMention((HELD,)),))

    assert question(understand(Reading((clause,)), SCENES["upload"], TODAY)) == Question.CONFIRM
    assert isinstance(
        understand(Reading((replace(clause, mentions=(DayMention((TODAY,)),)),)), SCENES["upload"], TODAY), Clear
    )
