"""What the pages for coordinators say is what the program does: its buttons, its messages, and how replies are understood.

Three marks make that readable for a test. A button's words stand bold and in the quotation marks of the language
(**“Done”**). A block of `text` is a message as people read it. In a table of three columns whose first cell names what a
card asks about, the second is what somebody writes on Wednesday, 18 March 2026, the third what becomes of it.
"""

import re
from collections.abc import Iterator, Mapping
from uuid import UUID

import polib
import pytest

from locales import command_words, languages
from locales.answers import said
from locales.cards import _QUESTIONS
from locales.catalogues import catalogue_languages, catalogue_path
from locales.replies import read_reply
from locales.replies.scenes import SCENES, TODAY
from locales.voices import voice_for
from tests.house.checkout import CHECKOUT, files
from tests.replies.reading import HOME
from trial.labels import label_in
from trial.messages import Asking, LastWord
from trial.replies.context import TAKES_PLACE, ReplyContext, ReplyTask
from trial.replies.meaning import Action, Ask, Clear, NeedHelp, Outcome, Question, understand

LANGUAGES = tuple(catalogue_languages())
SHOWN = ("visit", "uploads", "upload")
"""The scenes whose cards the pages show; told apart by what they ask about."""

BUTTONS_MIN = 30
SHOW_A_NUMBER = "Show a number"
"""The one button here that stands on the board and not below a message."""

EXAMPLES_MIN = 8
DRAFT = "<!-- Status: draft, not yet signed by a native speaker -->\n"
"""As the catalogues say it: whoever signs the one, signs the other."""

QUOTED_BOLD = re.compile(r"\*\*[“„«「](.+?)[”“»」]\*\*")
MESSAGE = re.compile(r"```text\n(.*?)```", re.DOTALL)
ROW = re.compile(r"^\| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"

ASKED_BACK = {
    Question.WHICH_DAY: Asking.WHICH_DAY,
    Question.UNTIL_WHEN: Asking.UNTIL_WHEN,
    Question.WHY_NOT: Asking.WHICH_REASON,
    Question.CONFIRM_LEFT: Asking.CONFIRM_LEFT,
}


def page_of(language: str) -> str:
    return files()[f"docs/for-coordinators{'' if language == 'en' else f'.{language}'}.md"]


def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(catalogue_path(language)))


def golden(language: str) -> str:
    return (CHECKOUT / "tests" / "locales" / "golden" / f"{language}.txt").read_text(encoding="utf-8")


def asked_about(context: ReplyContext, language: str) -> str:
    """What a card of this scene asks about: its open tasks."""
    return ", ".join(label_in(task.label, language) for card in context.cards for task in card.tasks if task.answers)


def outcome_in_words(found: Outcome, context: ReplyContext, language: str) -> str:
    """As the card repeats it, without who and when; or the question that it asks."""
    voice = voice_for(language)
    match found:
        case Clear(actions):
            tasks = {task.task_id: task for card in context.cards for task in card.tasks}
            what = {action.task_id: said(voice, word_of(action, tasks[action.task_id])) for action in actions}
            if sum(bool(task.answers) for task in tasks.values()) == 1 or set(what) & of_the_visit(tasks):
                return next(iter(what.values()))
            return " · ".join(
                voice.say("%(task)s: %(what)s", task=voice.label(tasks[one].label), what=what[one])
                for one in tasks
                if one in what
            )
        case Ask(question):
            return voice.word(_QUESTIONS[ASKED_BACK[question]])
        case NeedHelp():
            return voice.word(_QUESTIONS[Asking.WHICH_HELP])
        case _:
            raise AssertionError(f"a page shows no reply that leads to {found}")


def of_the_visit(tasks: Mapping[UUID, ReplyTask]) -> set[UUID]:
    """What is said of the visit itself names no task: the visit stands above it."""
    return {one for one, task in tasks.items() if task.kind in TAKES_PLACE}


def word_of(action: Action, task: ReplyTask) -> LastWord:
    return LastWord(
        action.kind,
        by="",
        said_on=TODAY,
        day=action.said.until or action.said.day,
        task_kind=task.kind,
        outside_window=action.outside_window,
    )


def examples_of(language: str) -> Iterator[tuple[str, str, str]]:
    """Scene, what somebody writes, what the page says becomes of it."""
    scenes = {asked_about(SCENES[name], language): name for name in SHOWN}
    for about, text, claimed in ROW.findall(page_of(language)):
        if about in scenes:
            yield scenes[about], text, claimed


def every_example() -> list[tuple[str, str, str, str]]:
    return [(language, *example) for language in LANGUAGES for example in examples_of(language)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_button_that_a_page_quotes_is_there_in_its_language(language):
    quoted = [plain(words) for words in QUOTED_BOLD.findall(page_of(language))]
    words = {
        plain(cased)
        for entry in catalogue(language)
        if is_button(entry) or entry.msgid == SHOW_A_NUMBER
        for cased in (entry.msgstr, entry.msgstr[:1].upper() + entry.msgstr[1:])
    }

    assert len(set(quoted)) >= BUTTONS_MIN
    assert sorted(set(quoted) - words) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_names_the_buttons_that_the_english_one_names(language):
    quoted = {plain(words).casefold() for words in QUOTED_BOLD.findall(page_of("en"))}
    translated = {plain(words).casefold() for words in QUOTED_BOLD.findall(page_of(language))}
    named = [entry for entry in catalogue(language) if is_button(entry) and entry.msgid.casefold() in quoted]

    assert [entry.msgstr for entry in named if plain(entry.msgstr).casefold() not in translated] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_that_a_page_shows_is_sent_so(language):
    messages = MESSAGE.findall(page_of(language))
    sent = plain(golden(language)).replace("*", "")

    assert messages != []
    assert [message for message in messages if plain(message) not in sent] == []


@pytest.mark.parametrize(
    ("language", "scene", "text", "claimed"), every_example(), ids=lambda value: value if len(value) < 60 else ""
)
def test_a_reply_that_a_page_gives_as_an_example_leads_where_it_says(language, scene, text, claimed):
    context = SCENES[scene]
    reading = read_reply(text, language=language, country=HOME[language], context=context, today=TODAY)

    assert plain(claimed) == plain(outcome_in_words(understand(reading, context, TODAY), context, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_has_examples_of_every_card_and_of_what_is_asked_back(language):
    found = list(examples_of(language))

    assert {scene for scene, _, _ in found} == set(SHOWN)
    assert len(found) >= EXAMPLES_MIN


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_tells_what_the_english_one_tells(language):
    assert shape(page_of(language)) == shape(page_of("en"))


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_a_translated_page_is_a_draft_as_long_as_its_catalogue_is(language):
    drafted = languages()[language].status == "draft"

    assert page_of(language).startswith(DRAFT) is drafted


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_that_a_page_names_is_known(language):
    named = set(re.findall(r"`/([a-z]+)", page_of(language)))

    assert named - {command.removeprefix("/") for command in command_words(language)} == set()


def test_a_wrong_quotation_would_be_found():
    assert QUOTED_BOLD.findall("**“Done”**, **„Später“**, **「後で」**, **« Autre »**, **bold**, “quoted”") == [
        "Done",
        "Später",
        "後で",
        " Autre ",
    ]
    assert MESSAGE.findall("```text\none\ntwo\n```") == ["one\ntwo\n"]


def is_button(entry: polib.POEntry) -> bool:
    return entry.msgctxt in {"button", "leaving"}


def plain(text: str) -> str:
    """Whatever kind of space a typographer would set: pages are read in editors that show none of them."""
    return re.sub(f"[{SPACES}]", " ", text).strip()


def shape(page: str) -> tuple[int, int, frozenset[str]]:
    """Headings, rows of tables, and the commands."""
    return (
        len(re.findall(r"(?m)^#+ ", page)),
        len(re.findall(r"(?m)^\|", page)),
        frozenset(re.findall(r"`/([a-z]+)", page)),
    )
