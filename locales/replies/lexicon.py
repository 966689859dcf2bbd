"""The words of one language: `<language>.toml`, read and checked. A language is data; nothing here knows one."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from locales.replies.spelling import Accents, spelled, spellings
from trial.answers import LeavingKind
from trial.replies.said import Act, Mark, Quantity, Thing

FOLDER = Path(__file__).parent


class BrokenWords(ValueError):
    """A language's file of words cannot be used; says which one and why."""


class Role(StrEnum):
    """What words do that say nothing about a task."""

    AND = "and"
    BREAK = "break"  # but: a new clause
    OF = "of"  # beside a day: the day of the thing, not of what was done
    FOR = "for"  # before a day: the day for which something is booked
    AT = "at"  # before a day: no day, but a time that looks like one, 12.03
    BRACKET = "bracket"  # opens one
    YES = "yes"
    OPENS = "opens"  # begins a question, and is a link elsewhere
    OPENS_BEFORE_NAME = "opens_before_name"  # the same where the name of a thing follows
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
    "will_perform": frozenset({Act.PERFORM, Mark.FUTURE}),
    "will_upload": frozenset({Act.UPLOAD, Mark.FUTURE}),
    "will_send": frozenset({Act.SEND, Mark.FUTURE}),
    "past": frozenset({Mark.PAST}),
    "future": frozenset({Mark.FUTURE}),
    "negated": frozenset({Mark.NEGATED}),
    "not_yet": frozenset({Mark.NOT_YET}),
    "hedged": frozenset({Mark.HEDGED}),
    "asked": frozenset({Mark.ASKED}),
    "asked_first": frozenset({Role.OPENS}),
    "asked_before_name": frozenset({Role.OPENS_BEFORE_NAME}),
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
    "for": frozenset({Role.FOR}),
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
    {
        "status",
        "verb_last",
        "accents",
        "words",
        "days",
        "weekdays",
        "counted",
        "dates",
        "months",
        "numbers",
        "same",
        "same_tasks",
        "false_friends",
    }
)
_WORD = re.compile(r"\w+")
_DATES = frozenset(
    {"ordinals", "between", "articles", "dotted_day_first", "ambiguous_weekdays", "signs", "eras", "clock", "weekdays"}
)
_PLACEHOLDERS = {"weekdays": "{weekday}", "counted": "{n}"}


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language. All words are `spelled`; patterns hold `{weekday}` or `{n}`."""

    language: str
    status: str
    verb_last: bool  # "CT on Monday, MRI today uploaded": the first borrows the verb of the second
    accents: Accents
    words: Mapping[str, Meaning]
    days: Mapping[str, tuple[str, ...]]
    weekdays: Mapping[str, tuple[str, ...]]
    weekday_names: Mapping[str, int]  # beside those of CLDR
    ambiguous_weekdays: frozenset[str]  # names that are other words too: weekdays only before a date or in brackets
    month_names: Mapping[str, int]
    counted: Mapping[str, tuple[str, ...]]
    clock: tuple[str, ...]
    ordinals: tuple[str, ...]  # what follows a day's number
    between: tuple[str, ...]  # what may stand between a day's number and its month
    articles: tuple[str, ...]  # what may stand before a date and belongs to it: am 12. März
    dotted_day_first: bool  # numbers with dots are day and month wherever the site is: 12.3.
    signs: tuple[str, str, str] | None  # after year, month and day
    eras: Mapping[str, int]  # the year before an era's first
    numbers: Mapping[str, int]
    same: tuple[frozenset[str], ...]  # words for one thing: a label with one of them answers to all
    same_tasks: tuple[frozenset[str], ...]  # names of one task: a task that is called like one answers to all
    false_friends: frozenset[str]  # its own words that mean a death or a withdrawal in another language

    def without_false_friends(self, text: str) -> str:
        """The text for a reader of another language: these words are not known to them."""
        return _WORD.sub(
            lambda word: "\N{REPLACEMENT CHARACTER}" if spelled(word[0]) in self.false_friends else word[0], text
        )


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
    _known(language, "dates", dates, _DATES)
    signs = dates.get("signs")
    accents = Accents.of(read.get("accents", {}))
    return Lexicon(
        language=language,
        status=read.get("status", "draft"),
        verb_last=read.get("verb_last", False),
        accents=accents,
        words=_words(language, read.get("words", {}), accents),
        days=_table(language, "days", read, DAYS, accents),
        weekdays=_table(language, "weekdays", read, WEEKDAYS, accents),
        weekday_names=_numbered(dates.get("weekdays", {}), accents),
        ambiguous_weekdays=frozenset(_spelled(dates.get("ambiguous_weekdays", ()), accents)),
        month_names=_numbered(read.get("months", {}), accents),
        counted=_table(language, "counted", read, COUNTED, accents),
        clock=_spelled(dates.get("clock", ()), accents),
        ordinals=_spelled(dates.get("ordinals", ()), accents),
        between=_spelled(dates.get("between", ()), accents),
        articles=_spelled(dates.get("articles", ()), accents),
        dotted_day_first=dates.get("dotted_day_first", False),
        signs=None if signs is None else (signs[0], signs[1], signs[2]),
        eras=_numbered(dates.get("eras", {}), accents),
        numbers=_numbered(read.get("numbers", {}), accents),
        same=_groups(read.get("same", ()), accents),
        same_tasks=_groups(read.get("same_tasks", ()), accents),
        false_friends=frozenset(map(spelled, read.get("false_friends", ()))),
    )


def _words(language: str, read: Mapping[str, Iterable[str]], accents: Accents) -> Mapping[str, Meaning]:
    _known(language, "words", read, MEANINGS.keys())
    words: dict[str, Meaning] = {}
    for heading, phrases in read.items():
        for phrase in phrases:
            plain = spelled(phrase, accents)
            if words.setdefault(plain, MEANINGS[heading]) != MEANINGS[heading]:
                raise BrokenWords(f"{language}: {plain!r} stands under {heading} and under another heading")
    # Without its accents a phrase is known too, unless another one is spelled like that: würde, wurde.
    for heading, phrases in read.items():
        for phrase in phrases:
            words.setdefault(spelled(phrase), MEANINGS[heading])
    return words


def _table(
    language: str, name: str, read: Mapping[str, Mapping[str, Iterable[str]]], headings: Iterable[str], accents: Accents
) -> Mapping[str, tuple[str, ...]]:
    table = read.get(name, {})
    _known(language, name, table, frozenset(headings))
    for heading, phrases in table.items():
        for phrase in phrases:
            if (placeholder := _PLACEHOLDERS.get(name, "")) not in phrase:
                raise BrokenWords(f"{language}: {phrase!r} under {name}, {heading} needs {placeholder}")
    return {heading: _spelled(table.get(heading, ()), accents) for heading in headings}


def _known(language: str, where: str, read: Iterable[str], headings: Iterable[str]) -> None:
    if strange := sorted(set(read) - set(headings)):
        raise BrokenWords(f"{language}: {where} has no heading {', '.join(strange)}")


def _spelled(phrases: Iterable[str], accents: Accents) -> tuple[str, ...]:
    return tuple(plain for phrase in phrases for plain in spellings(phrase, accents))


def _groups(read: Iterable[Iterable[str]], accents: Accents) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(_spelled(group, accents)) for group in read)


def _numbered(table: Mapping[str, int], accents: Accents) -> Mapping[str, int]:
    return {plain: number for name, number in table.items() for plain in spellings(name, accents)}
