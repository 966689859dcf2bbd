"""A spelled text as tokens: at every place the longest thing that is known, and what is not known as such."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache, lru_cache
from typing import Generic, TypeVar
from uuid import UUID

from locales.replies.days import DayRules, Near, day_rules
from locales.replies.lexicon import Lexicon, Meaning, Role, lexicon
from locales.replies.spelling import at_edge, is_spaced, spelled, spellings
from trial.labels import Labels, label_in
from trial.replies.context import ReplyCard, ReplyContext, ReplyTask
from trial.replies.said import Act, DayMention, Mark
from trial.tasks import TaskKind

Value = TypeVar("Value")


class Stop(Enum):
    """What ends a clause, or may."""

    FULL = auto()  # . ! ? ; and a new line
    BREAK = auto()  # but
    COMMA = auto()
    AND = auto()


@dataclass(frozen=True, slots=True)
class Named:
    """What the study and its patients call this: a code, tasks, visits, values of a fact."""

    codes: frozenset[str] = frozenset()
    tasks: frozenset[str] = frozenset()
    visits: frozenset[UUID] = frozenset()
    values: frozenset[str] = frozenset()

    def __or__(self, other: "Named") -> "Named":
        return Named(
            self.codes | other.codes,
            self.tasks | other.tasks,
            self.visits | other.visits,
            self.values | other.values,
        )


@dataclass(frozen=True, slots=True)
class Unknown:
    """A word that nobody told us."""


Token = Meaning | Named | DayMention | Stop | Unknown

_FULL_STOPS = frozenset(".!;\n。")
_QUESTION = "?"
_COMMAS = frozenset(",、")
_ANDS = frozenset("&+/・")
_BRACKETS = frozenset("([")
_SILENT = frozenset(" )]\"'「」『』:-–*•“”")
_JOINERS = frozenset("-./'_")
_PIECES = re.compile(r"[,、()（）]")
_KNOWN_MAX = 4096  # labels and codes that come again with every reply
_NUMBER_AFTER = re.compile(r"[-.]\w")


class Phrases(Generic[Value]):
    """Finds the longest phrase at a place of a text."""

    def __init__(self, phrases: Mapping[str, Value]) -> None:
        self._phrases = phrases
        self._lengths: dict[str, list[int]] = {}
        for phrase in phrases:
            lengths = self._lengths.setdefault(phrase[0], [])
            if len(phrase) not in lengths:
                lengths.append(len(phrase))
        for lengths in self._lengths.values():
            lengths.sort(reverse=True)

    def at(self, text: str, place: int) -> tuple[int, Value] | None:
        """The phrase and where it ends."""
        if not at_edge(text, place):
            return None
        for length in self._lengths.get(text[place], ()):
            end = place + length
            found = self._phrases.get(text[place:end]) if end <= len(text) else None
            if found is not None and at_edge(text, end) and not _goes_on(text, end):
                return end, found
        return None


@dataclass(frozen=True, slots=True)
class Scanner:
    """Everything that is known in one language about one context."""

    words: Phrases[Meaning]
    names: Phrases[Named]
    days: DayRules
    near: Near

    def tokens(self, text: str) -> Iterator[Token]:
        place = 0
        while place < len(text):
            place, token = self._next(text, place)
            if token is not None:
                yield token

    def _next(self, text: str, place: int) -> tuple[int, Token | None]:
        """The token that begins here, and where it ends. Of two that are equally long, the study's own words win."""
        found: list[tuple[int, Token | None]] = []
        if (name := self.names.at(text, place)) is not None:
            found.append(name)
        if (word := self.words.at(text, place)) is not None:
            found.append(word)
        if (day := self.days.mention_at(text, place, self.near)) is not None:
            found.append(day)
        if (clock := self.days.clock_at(text, place)) is not None:
            found.append((clock, None))
        if found:
            return max(found, key=lambda one: one[0])
        return _mark(text, place)


def scanner(language: str, context: ReplyContext, near: Near) -> Scanner:
    """A scanner for a language that has a file of words."""
    return Scanner(_words(language), Phrases(_names(lexicon(language), context)), day_rules(language), near)


@cache
def _words(language: str) -> Phrases[Meaning]:
    return Phrases(lexicon(language).words)


def _mark(text: str, place: int) -> tuple[int, Token | None]:
    character = text[place]
    if character in _FULL_STOPS:
        return place + 1, Stop.FULL
    if character == _QUESTION:
        return place + 1, frozenset({Mark.ASKED})
    if character in _COMMAS:
        return place + 1, Stop.COMMA
    if character in _ANDS:
        return place + 1, Stop.AND
    if character in _BRACKETS:
        return place + 1, frozenset({Role.BRACKET})
    if character in _SILENT:
        return place + 1, None
    # The whole word or number, so that no piece of it is taken for something known.
    end = place + 1
    while is_spaced(character) and end < len(text) and (is_spaced(text[end]) or _joins(text, end)):
        end += 1
    return end, Unknown()


def _joins(text: str, place: int) -> bool:
    """Whether this sign holds one word together: a hyphen between two letters."""
    return text[place] in _JOINERS and place + 1 < len(text) and is_spaced(text[place + 1])


def _goes_on(text: str, end: int) -> bool:
    """Whether a code or a number that ends here is only the beginning of a longer one: 302-014-2."""
    return text[end - 1].isdigit() and _NUMBER_AFTER.match(text, end) is not None and is_spaced(text[end + 1])


def _names(words: Lexicon, context: ReplyContext) -> dict[str, Named]:
    """What the cards in front of the writer are called, in the reply's language and in English."""
    codes: dict[str, set[str]] = {}
    tasks: dict[str, set[str]] = {}
    visits: dict[str, set[UUID]] = {}
    values: dict[str, set[str]] = {}
    # The cards of a hundred patients are about few visits, and share their labels.
    of_visit: dict[int, tuple[str, ...]] = {}
    seen: set[tuple[tuple[str, TaskKind, int, int], ...]] = set()
    for card in context.cards:
        codes.setdefault(_spelled(card.code), set()).add(card.code)
        if (visit := id(card.visit)) not in of_visit:
            of_visit[visit] = _visit_phrases(tuple(_in_both(card.visit, words.language)), words.language)
        for phrase in of_visit[visit]:
            visits.setdefault(phrase, set()).add(card.visit_id)
        alike = tuple((task.name, task.kind, id(task.label), id(task.short)) for task in card.tasks)
        if alike in seen:
            continue
        seen.add(alike)
        for task in card.tasks:
            for phrase in _task_phrases(card, task, words.language):
                tasks.setdefault(phrase, set()).add(task.name)
    for value, label in _values(context.front):
        for phrase in _in_both(label, words.language):
            values.setdefault(phrase, set()).add(value)
    return {
        phrase: Named(
            codes=frozenset(codes.get(phrase, ())),
            tasks=frozenset(tasks.get(phrase, ())),
            visits=frozenset(visits.get(phrase, ())),
            values=frozenset(values.get(phrase, ())),
        )
        for phrase in codes.keys() | tasks.keys() | visits.keys() | values.keys()
        if phrase
    }


def _values(card: ReplyCard | None) -> Iterator[tuple[str, Labels]]:
    if card is not None:
        for task in card.tasks:
            yield from task.values


def _task_phrases(card: ReplyCard, task: ReplyTask, language: str) -> Iterator[str]:
    """The labels of a task, without the verb that ends them: "liver resection" of "Liver resection performed"."""
    for text in (*_in_both(task.label, language), *_in_both(task.short, language)):
        thing = _without_verb(text, language)
        # A visit of parts that have tasks of their own answers to the parts: "CT and MRI" may mean either's upload.
        if thing == text or not card.parts(task):
            yield thing
            yield from (name for group in lexicon(language).same_tasks if thing in group for name in group)


@lru_cache(maxsize=_KNOWN_MAX)
def _without_verb(text: str, language: str) -> str:
    words = lexicon(language)
    # Where verbs come last they may be infinitives: the CT of "CT hochladen".
    set_apart = words.verb_last and " " in text
    verbs = [
        word
        for word, meaning in words.words.items()
        if _ends_with(text, word) and (Mark.PAST in meaning or (set_apart and _is_bare_verb(meaning)))
    ]
    return text.removesuffix(max(verbs, key=len)).strip() if verbs else text


def _is_bare_verb(meaning: Meaning) -> bool:
    return len(meaning) == 1 and all(isinstance(part, Act) for part in meaning)


def _ends_with(text: str, word: str) -> bool:
    return text != word and text.endswith(word) and at_edge(text, len(text) - len(word))


@lru_cache(maxsize=_KNOWN_MAX)
def _visit_phrases(labels: tuple[str, ...], language: str) -> tuple[str, ...]:
    """The label, those of its pieces that tell one visit from another, and other words for what it names."""
    groups = [group for group in lexicon(language).same if any(_holds(text, word) for text in labels for word in group)]
    pieces = (_spelled(piece) for text in labels for piece in _PIECES.split(text) if any(map(str.isdigit, piece)))
    return (*labels, *pieces, *(word for group in groups for word in group))


def _holds(text: str, word: str) -> bool:
    place = text.find(word)
    return place >= 0 and at_edge(text, place) and at_edge(text, place + len(word))


def _in_both(label: Labels, language: str) -> Iterable[str]:
    return dict.fromkeys((*_spellings(label_in(label, language), language), *_spellings(label["en"], language)))


@lru_cache(maxsize=_KNOWN_MAX)
def _spellings(text: str, language: str) -> tuple[str, ...]:
    return spellings(text, lexicon(language).accents)


@lru_cache(maxsize=_KNOWN_MAX)
def _spelled(text: str) -> str:
    return spelled(text)
