"""The catalogues: gettext .po files, read as they stand in the checkout and refused unless they are whole.

Nothing compiled is kept beside them: a catalogue is compiled in memory when the first message needs it. Babel accepts a
translation that drops a placeholder or lacks a plural form, and gettext silently answers in English where a translation
is missing; both are errors here.
"""

import gettext
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NoReturn

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

FOLDER = Path(__file__).resolve().parent
DOMAIN = "sitebell"
SOURCE_LANGUAGE = "en"

OPENING_SHORTEST = 42
"""Characters that the second line of a card needs, so that the first 60 show neither study nor code."""

Status = Literal["source", "draft"]

_STATUS = re.compile(r"^# Status: (source|draft)\b", re.MULTILINE)
_PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")


class BrokenCatalogue(Exception):
    """A catalogue that must not be used; the sentences name the language, the message and what is wrong."""

    def __init__(self, flaws: tuple["Flaw", ...]) -> None:
        super().__init__("\n".join(map(str, flaws)))
        self.flaws = flaws


class UnknownLanguage(LookupError):
    """There is no catalogue in this language."""


class NoApprovedLanguage(LookupError):
    """None of the languages that the study has approved has a catalogue."""


class MissingMessage(LookupError):
    """Our code says something that no catalogue knows."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one message of one catalogue."""

    language: str
    message: str
    what: str

    def __str__(self) -> str:
        return f"{self.language}: {self.message!r}: {self.what}"


@dataclass(frozen=True, slots=True)
class LanguageInfo:
    """A language that Sitebell speaks. `draft` until a native speaker has signed it."""

    name: str  # in the language itself
    status: Status


def catalogue_path(language: str, folder: Path = FOLDER) -> Path:
    return folder / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def template_path(folder: Path = FOLDER) -> Path:
    return folder / f"{DOMAIN}.pot"


def catalogue_languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """The languages that have a catalogue, in alphabetical order."""
    return tuple(sorted(path.parent.parent.name for path in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po")))


def read_catalogue(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


@cache
def languages(folder: Path = FOLDER) -> Mapping[str, LanguageInfo]:
    """All languages, each with its name in itself. To be called at start.

    Raises:
        BrokenCatalogue: a catalogue is not whole, with every flaw of all of them.
    """
    template = read_catalogue(template_path(folder))
    names = catalogue_languages(folder)
    catalogues = {language: read_catalogue(catalogue_path(language, folder), language) for language in names}
    found = tuple(flaw for name, catalogue in catalogues.items() for flaw in flaws(name, catalogue, template))
    if found:
        raise BrokenCatalogue(found)
    return MappingProxyType({name: LanguageInfo(_own_name(name), _status(read)) for name, read in catalogues.items()})


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The words of one language. A message that it lacks raises MissingMessage instead of coming out in English."""
    return compiled(read_catalogue(catalogue_path(catalogued(language)), language))


def compiled(catalogue: Catalog) -> gettext.NullTranslations:
    file = io.BytesIO()
    write_mo(file, catalogue)
    file.seek(0)
    words = gettext.GNUTranslations(file)
    words.add_fallback(_NothingElse())
    return words


def catalogued(language: str) -> str:
    """The language itself, or its base language (`ja` for `ja-JP`).

    Raises:
        UnknownLanguage: neither has a catalogue.
    """
    known = languages()
    for candidate in (language, language.replace("_", "-").split("-", maxsplit=1)[0]):
        if candidate in known:
            return candidate
    raise UnknownLanguage(f"no catalogue for {language!r}; there are: {', '.join(known)}")


def speak_language(requested: str, approved: tuple[str, ...]) -> str:
    """The language to write in: the one asked for where the study has approved it, else an approved one.

    English before the study's first, because most sites read it.

    Raises:
        NoApprovedLanguage: no approved language has a catalogue.
    """
    known = languages()
    base = requested.replace("_", "-").split("-", maxsplit=1)[0]
    for candidate in (requested, base, SOURCE_LANGUAGE, *approved):
        if candidate in approved and candidate in known:
            return candidate
    raise NoApprovedLanguage(f"approved: {', '.join(approved) or 'none'}; there are: {', '.join(known)}")


@cache
def catalogue_version(folder: Path = FOLDER) -> str:
    """Changes whenever a word of any catalogue changes; kept beside every message sent."""
    digest = hashlib.sha256()
    for language in catalogue_languages(folder):
        digest.update(language.encode() + b"\0" + catalogue_path(language, folder).read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def language_name(language: str) -> str:
    """The language's name in itself, or its code where nobody knows one."""
    known = languages()
    return known[language].name if language in known else _own_name(language)


def flaws(language: str, catalogue: Catalog, template: Catalog) -> Iterator[Flaw]:
    """Everything for which a catalogue is refused, measured against the template."""
    wanted = {_key(message): message for message in template if message.id}
    there = {_key(message): message for message in catalogue if message.id}
    for key in wanted.keys() - there.keys():
        yield Flaw(language, key[1], "is missing")
    for key in there.keys() - wanted.keys():
        yield Flaw(language, key[1], "is left over: nothing says it any more")
    if _STATUS.search(catalogue.header_comment) is None:
        yield Flaw(language, "header", "lacks the line '# Status: draft' or '# Status: source'")
    forms = get_plural(language)
    if catalogue.num_plurals != forms.num_plurals:
        yield Flaw(language, "header", f"counts {catalogue.num_plurals} plural forms, the language {forms.num_plurals}")
    for key in there.keys() & wanted.keys():
        yield from _message_flaws(language, there[key], wanted[key])


def _message_flaws(language: str, message: Message, original: Message) -> Iterator[Flaw]:
    name = _key(original)[1]
    if message.fuzzy:
        yield Flaw(language, name, "is marked fuzzy")
    texts, originals = _texts(message.string), _texts(original.id)
    if message.pluralizable != original.pluralizable:
        yield Flaw(
            language, name, "has lost its plural" if original.pluralizable else "has a plural that it must not have"
        )
    if not all(text.strip() for text in texts):
        yield Flaw(language, name, "is not translated")
        return
    placeholders = {frozenset(_PLACEHOLDER.findall(text)) - {""} for text in originals}
    if len(placeholders) > 1:
        yield Flaw(language, name, "singular and plural have different placeholders")
    for text in texts:
        used = frozenset(_PLACEHOLDER.findall(text)) - {""}
        if used != next(iter(placeholders)):
            wanted = ", ".join(sorted(next(iter(placeholders)))) or "none"
            yield Flaw(language, name, f"has the placeholders {', '.join(sorted(used)) or 'none'} instead of {wanted}")
        if message.context == "opening" and len(text) < OPENING_SHORTEST:
            yield Flaw(
                language, name, f"has {len(text)} characters; an opening needs {OPENING_SHORTEST} to hide the rest"
            )
        if "%" in _PLACEHOLDER.sub("", text):
            yield Flaw(language, name, "has a % that is no placeholder; a percent sign is written %%")


def _key(message: Message) -> tuple[str | None, str]:
    return message.context, _texts(message.id)[0]


def _texts(words: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (words or "",) if isinstance(words, str | None) else tuple(words)


def _status(catalogue: Catalog) -> Status:
    found = _STATUS.search(catalogue.header_comment)
    return "source" if found is not None and found.group(1) == "source" else "draft"


def _own_name(language: str) -> str:
    try:
        return Locale.parse(language, sep="-" if "-" in language else "_").get_display_name() or language
    except (UnknownLocaleError, ValueError):
        return language


class _NothingElse(gettext.NullTranslations):
    """The end of the chain, where gettext would answer with the English it was asked in."""

    def gettext(self, message: str) -> NoReturn:
        raise MissingMessage(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> NoReturn:  # noqa: ARG002 - the base class decides
        raise MissingMessage(msgid1)

    def pgettext(self, context: str, message: str) -> NoReturn:
        raise MissingMessage(f"{context}: {message}")

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> NoReturn:  # noqa: ARG002 - as above
        raise MissingMessage(f"{context}: {msgid1}")
