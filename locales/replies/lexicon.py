"""The words of one language: `<language>.toml`, read and checked. A language is data; nothing here knows one."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from locales.replies.spelling import spelled
from trial.answers import LeavingKind
from trial.replies_said import Act, Mark, Quantity, Thing

FOLDER = Path(__file__).parent


class BrokenWords(ValueError):
    """A language's file of words cannot be used; says which one and why."""


class Role(StrEnum):
    """What words do that say nothing about a task."""

    AND = "and"
    BREAK = "break"  # but: a new clause
    OF = "of"  # beside a day: the day of the thing, not of what was done
    AT = "at"  # before a day: no day, but a time that looks like one, 12.03
    BRACKET = "bracket"  # opens one
    YES = "yes"
    LINK = "link"  # holds a sentence together
    COURTESY = "courtesy"  # thanks, greetings
    HELP = "help"


Part = Act | Mark | Thing | Quantity | LeavingKind | Role
Meaning = frozenset[Part]

MEANINGS: Mapping[str, Meaning] = {
    "finished": frozenset({Act.FINISH, Mark.PAST}),
    "perform": frozenset({Act.PERFORM}),
    "performed": frozenset({Act.PERFORM, Mark.PAST}),
    "upload": frozenset({Act.UPLOAD}),
    "uploaded": frozenset({Act.UPLOAD, Mark.PAST}),
    "send": frozenset({Act.SEND}),
    "sent": frozenset({Act.SEND, Mark.PAST}),
    "book": frozenset({Act.BOOK}),
    "booked": frozenset({Act.BOOK, Mark.PAST}),
    "booked_for": frozenset({Act.BOOK, Act.PLAN}),
    "planned": frozenset({Act.PLAN, Mark.FUTURE}),
    "remind": frozenset({Act.REMIND}),
    "not_applicable": frozenset({Act.NOT_APPLICABLE}),
    "past": frozenset({Mark.PAST}),
    "future": frozenset({Mark.FUTURE}),
    "negated": frozenset({Mark.NEGATED}),
    "not_yet": frozenset({Mark.NOT_YET}),
    "hedged": frozenset({Mark.HEDGED}),
    "asked": frozenset({Mark.ASKED}),
    "conditional": frozenset({Mark.CONDITIONAL}),
    "corrected": frozenset({Mark.CORRECTED}),
    "visit": frozenset({Thing.VISIT}),
    "scan": frozenset({Thing.SCAN}),
    "images": frozenset({Thing.IMAGES}),
    "report": frozenset({Thing.REPORT}),
    "both": frozenset({Quantity.BOTH}),
    "all": frozenset({Quantity.ALL}),
    "death": frozenset({LeavingKind.DEATH}),
    "withdrawn": frozenset({LeavingKind.WITHDRAWN}),
    "lost": frozenset({LeavingKind.LOST}),
    "left": frozenset({LeavingKind.OTHER}),
    "help": frozenset({Role.HELP}),
    "and": frozenset({Role.AND}),
    "break": frozenset({Role.BREAK}),
    "of": frozenset({Role.OF}),
    "at": frozenset({Role.AT}),
    "link": frozenset({Role.LINK}),
    "courtesy": frozenset({Role.COURTESY}),
    "yes": frozenset({Role.YES}),
}
"""What a translator's heading means."""

DAYS = ("today", "yesterday", "tomorrow", "before_yesterday", "after_tomorrow", "no_day")
WEEKDAYS = (
    "bare",
    "last",
    "this",
    "next",
    "week_before_last",
    "week_last",
    "week_this",
    "week_next",
    "week_after_next",
)
COUNTED = ("days_ago", "in_days", "day_of_month", "day_of_last_month", "day_of_this_month", "day_of_next_month")
HEADINGS = frozenset(
    {"status", "verb_last", "words", "days", "weekdays", "counted", "dates", "months", "numbers", "same"}
)
_PLACEHOLDERS = {"weekdays": "{weekday}", "counted": "{n}"}


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language. All words are `spelled`; patterns hold `{weekday}` or `{n}`."""

    language: str
    status: str
    verb_last: bool  # "CT on Monday, MRI today uploaded": the first borrows the verb of the second
    words: Mapping[str, Meaning]
    days: Mapping[str, tuple[str, ...]]
    weekdays: Mapping[str, tuple[str, ...]]
    weekday_names: Mapping[str, int]  # beside those of CLDR
    month_names: Mapping[str, int]
    counted: Mapping[str, tuple[str, ...]]
    clock: tuple[str, ...]
    ordinals: tuple[str, ...]  # what follows a day's number
    between: tuple[str, ...]  # what may stand between a day's number and its month
    signs: tuple[str, str, str] | None  # after year, month and day
    eras: Mapping[str, int]  # the year before an era's first
    numbers: Mapping[str, int]
    same: tuple[frozenset[str], ...]  # words for one thing: a label with one of them answers to all


@cache
def reply_languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """The languages in which replies are read."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


@cache
def lexicon(language: str) -> Lexicon:
    """The words of a language.

    Raises:
        BrokenWords: the file has a heading that means nothing, or one phrase under two headings.
    """
    return read_lexicon(language, (FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


def read_lexicon(language: str, text: str) -> Lexicon:
    """The words of a language from the text of its file.

    Raises:
        BrokenWords: as above.
    """
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BrokenWords(f"{language}: {error}") from error
    _known(language, "file", read, HEADINGS)
    dates = read.get("dates", {})
    _known(language, "dates", dates, {"ordinals", "between", "signs", "eras", "clock", "weekdays"})
    signs = dates.get("signs")
    return Lexicon(
        language=language,
        status=read.get("status", "draft"),
        verb_last=read.get("verb_last", False),
        words=_words(language, read.get("words", {})),
        days=_table(language, "days", read, DAYS),
        weekdays=_table(language, "weekdays", read, WEEKDAYS),
        weekday_names=_numbered(dates.get("weekdays", {})),
        month_names=_numbered(read.get("months", {})),
        counted=_table(language, "counted", read, COUNTED),
        clock=_spelled(dates.get("clock", ())),
        ordinals=_spelled(dates.get("ordinals", ())),
        between=_spelled(dates.get("between", ())),
        signs=None if signs is None else (signs[0], signs[1], signs[2]),
        eras=_numbered(dates.get("eras", {})),
        numbers=_numbered(read.get("numbers", {})),
        same=tuple(frozenset(_spelled(group)) for group in read.get("same", ())),
    )


def _words(language: str, read: Mapping[str, Iterable[str]]) -> Mapping[str, Meaning]:
    _known(language, "words", read, MEANINGS.keys())
    words: dict[str, Meaning] = {}
    for heading, phrases in read.items():
        for phrase in map(spelled, phrases):
            if words.setdefault(phrase, MEANINGS[heading]) != MEANINGS[heading]:
                raise BrokenWords(f"{language}: {phrase!r} stands under {heading} and under another heading")
    return words


def _table(
    language: str, name: str, read: Mapping[str, Mapping[str, Iterable[str]]], headings: Iterable[str]
) -> Mapping[str, tuple[str, ...]]:
    table = read.get(name, {})
    _known(language, name, table, frozenset(headings))
    for heading, phrases in table.items():
        for phrase in phrases:
            if (placeholder := _PLACEHOLDERS.get(name, "")) not in phrase:
                raise BrokenWords(f"{language}: {phrase!r} under {name}, {heading} needs {placeholder}")
    return {heading: _spelled(table.get(heading, ())) for heading in headings}


def _known(language: str, where: str, read: Iterable[str], headings: Iterable[str]) -> None:
    if strange := sorted(set(read) - set(headings)):
        raise BrokenWords(f"{language}: {where} has no heading {', '.join(strange)}")


def _spelled(phrases: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(spelled, phrases))


def _numbered(table: Mapping[str, int]) -> Mapping[str, int]:
    return {spelled(name): number for name, number in table.items()}
