"""Text as it leaves the house: plain characters and where they stand out, no markup language."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

FIRST_STRONG_ISOLATE = "\u2068"
POP_ISOLATE = "\u2069"

_BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BETWEEN_PIECES = " · "


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text, counted in UTF-16 code units as Telegram counts its entities."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Text:
    """What one message says. `bold` is in order and does not overlap."""

    text: str
    bold: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Strong:
    """A piece of a line that stands out."""

    words: str


Piece = str | Strong
Line = tuple[Piece, ...]
Block = Iterable[Line]


def line(*pieces: Piece | None) -> Line:
    """One line; its pieces are set apart by a middle dot. What is None or empty is left out."""
    return tuple(piece for piece in pieces if piece is not None and _words(piece))


def compose(*blocks: Block) -> Text:
    """The blocks, an empty line between them; empty lines and empty blocks are left out."""
    kept = [[pieces for pieces in block if pieces] for block in blocks]
    characters: list[str] = []
    bold: list[Span] = []
    offset = 0
    for block_number, block in enumerate(block for block in kept if block):
        for line_number, pieces in enumerate(block):
            before = ("\n" if block_number or line_number else "") + ("\n" if block_number and not line_number else "")
            for piece in pieces:
                words = _words(piece)
                characters += before, words
                offset += utf16_length(before)
                if isinstance(piece, Strong):
                    bold.append(Span(offset, utf16_length(words)))
                offset += utf16_length(words)
                before = _BETWEEN_PIECES
    return Text("".join(characters), tuple(bold))


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units: 2 for an emoji, 1 for a letter."""
    return len(text.encode("utf-16-le")) // 2


def strip_isolates(text: str) -> str:
    """Pasted text without the invisible marks of direction that we (or others) have put around it."""
    return _BIDI_CONTROLS.sub("", text)


def one_line(text: str) -> str:
    """Somebody's own words, fit to stand inside a line of ours."""
    return " ".join(strip_isolates(text).split())


def _words(piece: Piece) -> str:
    return piece.words if isinstance(piece, Strong) else piece
