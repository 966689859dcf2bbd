"""What stands on buttons, and the sheet of a month from which a day is picked.

Telegram shares a row's width among its buttons: own words fit half of a phone's width, words of the study file a row.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from locales.answers import LEAVING
from locales.catalogues import language_name
from locales.texts import one_line
from locales.voices import Phrase, Voice, phrase, voice_for
from trial.answers import HelpKind
from trial.labels import label_in
from trial.messages import ButtonKind, ButtonText

HALF_ROW = 24
"""Columns of half a phone's width; a Chinese character or an emoji takes two."""
FULL_ROW = 40
"""Columns of a whole row."""

_FILLER = "·"  # Telegram takes no empty button


@dataclass(frozen=True, slots=True)
class Face:
    """A sign and words; the sign carries nothing that the words do not say."""

    sign: str
    words: Phrase


@dataclass(frozen=True, slots=True)
class MonthSheet:
    """The two head lines of a month, and with which day its weeks begin (0 = Monday)."""

    title: str
    weekdays: tuple[str, ...]
    first_weekday: int


_FACES: Mapping[ButtonKind, Face] = {
    ButtonKind.DONE: Face("✅", phrase("button", "Done")),
    ButtonKind.BOOKED: Face("📅", phrase("button", "Booked")),
    ButtonKind.UPLOADED: Face("⬆️", phrase("button", "Uploaded")),
    ButtonKind.SENT: Face("📨", phrase("button", "Sent")),
    ButtonKind.HAPPENED: Face("✅", phrase("button", "Took place")),
    ButtonKind.PLANNED: Face("📅", phrase("button", "Planned")),
    ButtonKind.LATER: Face("⏰", phrase("button", "Later")),
    ButtonKind.OTHER: Face("⋯", phrase("button", "Other")),
    ButtonKind.NOT_DONE: Face("—", phrase("button", "Not done")),
    ButtonKind.NOT_APPLICABLE: Face("—", phrase("button", "Not applicable")),
    ButtonKind.NO_LONGER_FOLLOWED: Face("🔕", phrase("button", "No longer followed")),
    ButtonKind.UNDO: Face("↩", phrase("button", "Undo (10 minutes)")),
    ButtonKind.CONTEST: Face("↩", phrase("button", "This is not so")),
    ButtonKind.TODAY: Face("", phrase("button", "Today")),
    ButtonKind.YESTERDAY: Face("", phrase("button", "Yesterday")),
    ButtonKind.PICK: Face("🗓", phrase("button", "Pick a day")),
    ButtonKind.BACK: Face("‹", phrase("button", "Back")),
    ButtonKind.TOMORROW: Face("", phrase("button", "Tomorrow")),
    ButtonKind.NEXT_MONDAY: Face("", phrase("button", "Next Monday")),
    ButtonKind.BEFORE_END: Face("", phrase("button", "3 days to end")),
    ButtonKind.PREVIOUS: Face("‹", phrase("button", "Previous month")),
    ButtonKind.NEXT: Face("›", phrase("button", "Next month")),
    ButtonKind.OTHER_REASON: Face("✏️", phrase("button", "Another reason")),
    ButtonKind.CONFIRM: Face("✓", phrase("button", "Confirm")),
    ButtonKind.YES: Face("✓", phrase("button", "Yes, that is me")),
    ButtonKind.NOT_ME: Face("", phrase("button", "That is not me")),
    ButtonKind.CHANGE_LANGUAGE: Face("🌐", phrase("button", "Another language")),
    ButtonKind.GOT_IT: Face("✅", phrase("button", "Got it")),
    ButtonKind.REVOKE: Face("⛔", phrase("button", "End access")),
    ButtonKind.KEEP: Face("✓", phrase("button", "That is right")),
    ButtonKind.HELP: Face("🆘", phrase("button", "I need help")),
    ButtonKind.UPLOADED_AGAIN: Face("⬆️", phrase("button", "Uploaded again")),
    ButtonKind.ALREADY_SENT: Face("📨", phrase("button", "Already sent")),
    ButtonKind.IS_THERE: Face("✅", phrase("button", "It is there")),
    ButtonKind.GO_THROUGH: Face("", phrase("button", "Go through them")),
    ButtonKind.OVERVIEW: Face("☰", phrase("button", "Overview")),
    ButtonKind.EARLIER_ITEM: Face("‹", phrase("button", "Previous item")),
    ButtonKind.NEXT_ITEM: Face("›", phrase("button", "Next item")),
    ButtonKind.NOBODY: Face("", phrase("button", "Nobody")),
    ButtonKind.BACK_AGAIN: Face("✓", phrase("button", "I am back")),
    ButtonKind.STILL_FOLLOWED: Face("↩", phrase("button", "Still followed")),
    ButtonKind.LOG_ATTEMPT: Face("📞", phrase("button", "Log an attempt")),
    ButtonKind.LOOKED_AT: Face("✓", phrase("button", "Looked at")),
    ButtonKind.WEEKLY: Face("", phrase("button", "Monday digest")),
    ButtonKind.EACH_BY_ITSELF: Face("", phrase("button", "Each by itself")),
    ButtonKind.WHY: Face("ℹ️", phrase("button", "Why this?")),
    ButtonKind.OPEN_ITEM: Face("🔒", phrase("button", "Open this item")),
    ButtonKind.TO_THE_PAGE: Face("🔗", phrase("button", "To its page")),
    ButtonKind.TO_THE_BOARD: Face("🔗", phrase("button", "Open the board")),
    ButtonKind.LET_IN: Face("✓", phrase("button", "Yes, let it in")),
    ButtonKind.KEEP_OUT: Face("✗", phrase("button", "No")),
}

_HELP: Mapping[HelpKind, Phrase] = {
    HelpKind.PORTAL_DOWN: phrase("button", "Portal does not work"),
    HelpKind.QUERY: phrase("button", "I have a question"),
    HelpKind.CALL_ME: phrase("button", "Please call me"),
}

# Only the study file's words or a name of ours: nothing of our own stands before them.
_WORDS_ALONE = frozenset({ButtonKind.WORDS, ButtonKind.NAME, ButtonKind.HOURS, ButtonKind.MEANT})
_DAYS_ALONE = frozenset({ButtonKind.DAY, ButtonKind.WEEKDAY, ButtonKind.MONTH, ButtonKind.UNTIL_DAY})


def button(asked: ButtonText, language: str) -> str:
    """A button's text; never empty. What does not fit is cut with an ellipsis."""
    voice = voice_for(language)
    match asked.kind:
        case ButtonKind.LANGUAGE:
            return fitted(language_name(asked.language or voice.language), HALF_ROW)
        case ButtonKind.LEAVING:
            return _sentence_case(voice.word(LEAVING[asked.leaving])) if asked.leaving is not None else _FILLER
        case ButtonKind.HELP_KIND:
            return voice.word(_HELP[asked.help]) if asked.help is not None else _FILLER
        case ButtonKind.NEXT_ITEM:
            return f"{voice.word(_FACES[asked.kind].words)} ›"
        case kind if kind in _WORDS_ALONE:
            return fitted(one_line(label_in(asked.words, voice.language)), FULL_ROW) if asked.words else _FILLER
        case kind if kind in _DAYS_ALONE:
            return _day_alone(voice, kind, asked.day) if asked.day is not None else _FILLER
        case ButtonKind.PREVIOUS if asked.day is not None:
            return f"‹ {voice.month_name(asked.day)}"
        case ButtonKind.NEXT if asked.day is not None:
            return f"{voice.month_name(asked.day)} ›"
        case _:
            return _faced(voice, asked, _FACES[asked.kind])


def month_sheet(month: date, language: str) -> MonthSheet:
    """Month and year, and the short names of the days in the order of this language's calendars."""
    voice = voice_for(language)
    first = voice.locale.first_week_day
    monday = month - timedelta(days=month.weekday())
    days = (monday + timedelta(days=(first + step) % 7) for step in range(7))
    return MonthSheet(voice.month(month), tuple(map(voice.weekday, days)), first)


def columns(text: str) -> int:
    """Width in columns: two for East Asian wide characters and emoji, none for what is invisible."""
    return sum(map(_columns_of, text))


def fitted(text: str, width: int) -> str:
    if columns(text) <= width:
        return text
    kept = ""
    for character in text:
        if columns(kept + character) > width - 1:
            break
        kept += character
    return kept.rstrip() + "…"


def _day_alone(voice: Voice, kind: ButtonKind, day: date) -> str:
    match kind:
        case ButtonKind.DAY:
            return voice.day_number(day)
        case ButtonKind.WEEKDAY:
            return voice.weekday(day)
        case ButtonKind.MONTH:
            return voice.month(day)
        case _:
            return voice.say("Until %(day)s", day=day)


def _faced(voice: Voice, asked: ButtonText, face: Face) -> str:
    own = f"{face.sign} {voice.word(face.words)}".lstrip()
    if asked.words is not None:
        words = one_line(label_in(asked.words, voice.language))
        # What tells two buttons apart comes first: half a phone's width cuts off the end.
        if asked.kind is ButtonKind.UPLOADED:
            named = voice.say("%(what)s uploaded", what=words)
            said = f"{face.sign} {named}"
        elif asked.kind is ButtonKind.IS_THERE:
            named = voice.say("%(what)s is there", what=words)
            said = f"{face.sign} {named}"
        elif asked.kind is ButtonKind.SENT:
            named = voice.say("%(what)s sent", what=words)
            said = f"{face.sign} {named}"
        else:
            said = voice.say("%(button)s: %(words)s", button=own, words=words)
        # A day is kept whole: it is what a tap records.
        dated = "" if asked.day is None else f" · {voice.day(asked.day)}"
        return fitted(said, FULL_ROW - columns(dated)) + dated
    if asked.day is None:
        return own
    longest_first = (f"{own} · {voice.day(asked.day)}", f"{own} · {voice.short_day(asked.day)}")
    return next((dated for dated in longest_first if columns(dated) <= HALF_ROW), own)


def _sentence_case(words: str) -> str:
    return words[:1].upper() + words[1:]


def _columns_of(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
