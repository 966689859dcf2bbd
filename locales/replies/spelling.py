"""One plain spelling of a reply, so that its words are found however they were typed."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

_DASHES = frozenset("\u2212\u2043\u2500")  # signs that are typed for hyphens and are no dashes to Unicode
_APOSTROPHES = frozenset("\u2018\u2019\u02bc\u00b4`")
_VALUES = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {"零": 0}
_IDEOGRAPHIC = re.compile(r"[〇零一二三四五六七八九十]{1,4}(?=年|月(?!曜)|日(?!曜)|週間?|か月|ヶ月|カ月)")
_SPACES = re.compile(r" {2,}")


@dataclass(frozen=True, slots=True)
class Accents:
    """Accents of one language that tell words apart, and what is read in their place: würde as wuerde, not as wurde."""

    instead: Mapping[str, str]
    found: re.Pattern[str]

    @classmethod
    def of(cls, table: Mapping[str, str]) -> "Accents":
        """One letter is replaced wherever it stands; what is longer, as a whole word only."""
        instead = {unicodedata.normalize("NFC", key).casefold(): value for key, value in table.items()}
        patterns = (re.escape(key) if len(key) == 1 else rf"\b{re.escape(key)}\b" for key in instead)
        return cls(instead, re.compile("|".join(sorted(patterns, key=len, reverse=True)) or "(?!)"))

    def read(self, text: str) -> str:
        return self.found.sub(lambda found: self.instead[found[0]], text.casefold())


NO_ACCENTS = Accents.of({})


def spelled(text: str, accents: Accents = NO_ACCENTS) -> str:
    """The text in compatibility form, lower case, with single spaces.

    Full-width digits and half-width katakana are ordinary ones; accents of Latin letters are gone, because they are often
    not typed, except for what `accents` reads; ideographic numbers before a unit of time are digits; what shows as
    nothing is gone; line ends stay.
    """
    plain = "".join(map(_plain, accents.read(unicodedata.normalize("NFKC", text))))
    plain = unicodedata.normalize("NFC", "".join(map(_unaccented, plain)).casefold())
    plain = _IDEOGRAPHIC.sub(_number, plain.replace("元年", "1年"))
    return _SPACES.sub(" ", plain).strip()


def spellings(phrase: str, accents: Accents) -> tuple[str, ...]:
    """A phrase as it is read, and as it is read where its accents are not typed."""
    return tuple(dict.fromkeys((spelled(phrase, accents), spelled(phrase))))


def is_spaced(character: str) -> bool:
    """Whether words with this character are set apart by spaces: letters and digits, not kana and ideographs."""
    return character.isalnum() and not _unspaced(character)


def at_edge(text: str, place: int) -> bool:
    """Whether a word may begin or end here: not between two letters of one word."""
    return not (0 < place < len(text) and is_spaced(text[place - 1]) and is_spaced(text[place]))


def _unspaced(character: str) -> bool:
    return "\u3005" <= character <= "\u30ff" or "\u3400" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff"


def _plain(character: str) -> str:
    if character in _DASHES:
        return "-"
    if character in _APOSTROPHES:
        return "'"
    match unicodedata.category(character):
        case "Nd":
            return str(unicodedata.decimal(character))
        case "Pd":
            return "-"
        case "Zl" | "Zp":
            return "\n"
        case "Zs":
            return " "
        case "Cc":
            return "\n" if character in "\n\r\v\f\x85" else " " if character == "\t" else ""
        case "Cf" | "Me" | "Sk":
            return ""
        case _:
            # What picks one look of an emoji says nothing.
            return "" if "\ufe00" <= character <= "\ufe0f" else character


def _unaccented(character: str) -> str:
    if character.isascii() or _unspaced(character):
        return character
    return "".join(part for part in unicodedata.normalize("NFD", character) if unicodedata.category(part) != "Mn")


def _number(found: re.Match[str]) -> str:
    digits = found[0]
    if "十" not in digits:
        return "".join(str(_VALUES[character]) for character in digits)
    tens, _, ones = digits.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return digits  # no number that anybody writes
    return str((_VALUES[tens] if tens else 1) * 10 + (_VALUES[ones] if ones else 0))
