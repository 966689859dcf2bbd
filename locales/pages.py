"""The words of the item's page: what frames it, and the card in parts that a page can set in their places."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from locales.cards import CardParts, card_parts, question, safety_line
from locales.notes import finding_words, write_again
from locales.voices import Phrase, phrase, voice_for
from trial.guard import Finding
from trial.labels import Labels
from trial.messages import Asking, Card, Phase


class PageWord(StrEnum):
    """What the page says around the item. None of it tells what the item is about."""

    TITLE = "title"
    TITLE_RECORDED = "title_recorded"
    TITLE_NOT_RECORDED = "title_not_recorded"
    LINK_HEADING = "link_heading"
    LINK_TEXT = "link_text"
    OPEN = "open"
    REFUSED_HEADING = "refused_heading"
    REFUSED_TEXT = "refused_text"
    BROKEN_HEADING = "broken_heading"
    BROKEN_TEXT = "broken_text"
    CLOSED_HEADING = "closed_heading"
    CLOSED_TEXT = "closed_text"
    NOT_TAKEN = "not_taken"
    ANOTHER_DAY = "another_day"
    RECORD = "record"
    REASON_HINT = "reason_hint"
    LEAVING_TEXT = "leaving_text"
    LEAVE_PAGE = "leave_page"
    NO_SIGNATURE = "no_signature"


_WORDS: Mapping[PageWord, Phrase] = {
    PageWord.TITLE: phrase("page", "One item"),
    PageWord.TITLE_RECORDED: phrase("page", "Recorded"),
    PageWord.TITLE_NOT_RECORDED: phrase("page", "Not recorded"),
    PageWord.LINK_HEADING: phrase("page", "One item waits for you"),
    PageWord.LINK_TEXT: phrase(
        "page", "The link opens it once, on this device, for half an hour. Please do not pass the link on."
    ),
    PageWord.OPEN: phrase("page", "Open the item"),
    PageWord.REFUSED_HEADING: phrase("page", "There is nothing to open here"),
    PageWord.REFUSED_TEXT: phrase(
        "page",
        "A link works once and for ten minutes; nothing has changed. For a new one, please press “Open this item” "
        "in the chat.",
    ),
    PageWord.BROKEN_HEADING: phrase("page", "This page cannot be shown at the moment"),
    PageWord.BROKEN_TEXT: phrase("page", "Nothing was recorded. Please try again in a few minutes."),
    PageWord.CLOSED_HEADING: phrase("page", "The page is closed"),
    PageWord.CLOSED_TEXT: phrase("page", "What was recorded stays recorded. You can go back to the chat."),
    PageWord.NOT_TAKEN: phrase("page", "That could not be recorded; nothing has changed. Please look at it again."),
    PageWord.ANOTHER_DAY: phrase("page", "Another day"),
    PageWord.RECORD: phrase("page", "Record it"),
    PageWord.REASON_HINT: phrase(
        "page", "Another reason in a few words, without names, birth dates or hospital numbers"
    ),
    PageWord.LEAVING_TEXT: phrase(
        "page",
        "All reminders for this patient will stop at once. The investigator or the trial manager confirms "
        "reason and date later.",
    ),
    PageWord.LEAVE_PAGE: phrase("page", "Close this page"),
    PageWord.NO_SIGNATURE: phrase("page", "An answer is an acknowledgement, not an electronic signature."),
}


@dataclass(frozen=True, slots=True)
class Stopped:
    """What the guard stopped, and what to do."""

    head: str
    findings: tuple[str, ...]
    instead: str


def page_word(word: PageWord, language: str) -> str:
    return voice_for(language).word(_WORDS[word])


def page_card(card: Card, language: str) -> CardParts:
    """The card's own words, part by part."""
    return card_parts(voice_for(language), card)


def page_question(asking: Asking, phase: Phase, asked: Labels | None, language: str) -> str | None:
    """What one task of the item asks; `asked` is the study's own question for a fact."""
    voice = voice_for(language)
    if asking is Asking.WHICH_VALUE and asked is not None:
        return voice.label(asked)
    return question(voice, asking, phase)


def page_label(labels: Labels, language: str) -> str:
    """Words of the study file, whole: a page has room for them."""
    return voice_for(language).label(labels)


def page_safety(language: str) -> str:
    return safety_line(voice_for(language))


def stopped(findings: Iterable[Finding], language: str) -> Stopped:
    """Names the classes of what the guard found, never the words."""
    voice = voice_for(language)
    return Stopped(
        head=voice.say("Your message was not stored. It was stopped by:"),
        findings=finding_words(voice, findings),
        instead=write_again(voice),
    )
