"""One plain spelling of a text, so that the rules read digits and words however they were typed."""

import re
import unicodedata

BLANK = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands for a character that a rule has already explained: no digit, no letter, no separator."""

Span = tuple[int, int]
"""First character and the one after the last, as in a slice."""

_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u2800")  # letters and symbols that show as nothing
_DASHES = frozenset("\u30fc\u2212\u2500\u2043\uff70")  # long vowel mark, minus: typed as hyphens in numbers
_TILDES = frozenset("\u301c\u223c\u02dc")
_IDEOGRAPHIC_VALUES = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {"零": 0}
_IDEOGRAPHIC_DIGITS = re.compile(r"[〇零一二三四五六七八九]{4,}")
_IDEOGRAPHIC_NUMBER = re.compile(r"[〇零一二三四五六七八九十百]{1,8}(?=[年月日])")
_SPACES = re.compile(r" {2,}")


def fold(text: str) -> str:
    """The text in one plain spelling: digits of every script as 0-9, no accents, lower case, single spaces.

    What shows as nothing (zero-width characters, bidi controls, soft hyphens, stacked marks) is gone; every kind of
    dash is "-" and every kind of space or line end is " ". Ideographic numerals before 年, 月 and 日, and four or more
    in a row, become digits.
    """
    plain = "".join(map(_plain, unicodedata.normalize("NFKD", text)))
    plain = _SPACES.sub(" ", unicodedata.normalize("NFC", plain).casefold())
    plain = _IDEOGRAPHIC_NUMBER.sub(_number, plain.replace("元年", "1年"))
    return _IDEOGRAPHIC_DIGITS.sub(_digits, plain)


def blank(text: str, span: Span) -> str:
    """The text with this span explained away; every other character keeps its place."""
    start, end = span
    return text[:start] + BLANK * (end - start) + text[end:]


_SPELLINGS = (
    dict.fromkeys(_DASHES, "-")
    | dict.fromkeys(_TILDES, "~")
    | dict.fromkeys(_INVISIBLE, "")
    | {"\N{FRACTION SLASH}": "/"}
)


def _plain(character: str) -> str:
    if character.isascii() and character.isprintable():
        return character
    if character in _SPELLINGS:
        return _SPELLINGS[character]
    match unicodedata.category(character):
        case "Nd":
            return str(unicodedata.decimal(character))
        case "Pd":
            return "-"
        case "Zs" | "Zl" | "Zp":
            return " "
        case "Cc":
            return " " if character.isspace() else ""
        case "Mn" | "Mc" | "Me" | "Cf":
            return ""
        case _:
            return character


def _digits(found: re.Match[str]) -> str:
    return "".join(str(_IDEOGRAPHIC_VALUES[character]) for character in found[0])


def _number(found: re.Match[str]) -> str:
    if "十" not in found[0] and "百" not in found[0]:
        return _digits(found)
    total = pending = 0
    for character in found[0]:
        if character in "十百":
            total += max(pending, 1) * (10 if character == "十" else 100)
            pending = 0
        else:
            pending = _IDEOGRAPHIC_VALUES[character]
    return str(total + pending)
