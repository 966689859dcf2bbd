"""Cells of somebody's spreadsheet as text with a name (`B7`), whatever file they came from. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from trial.spreadsheets import FORMULA_SIGNS
from trial.visitplan.documents import UNSEEN

DASHES = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\u207b\u208b\ufe63", "-") | {"∼": "~", "〜": "~"}
)
FOOTNOTE_SIGNS = re.compile(r"(?<=[^\s*†‡§¶])\s*[*†‡§¶]+\s*$")
RAISED_WINDOW = frozenset("⁺⁻")
REMARK = "#"
"""A row that begins with it is a remark."""


class Kind(StrEnum):
    """What the spreadsheet made of a cell."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FORMULA = "formula"  # whose result is not in the file
    ERROR = "error"  # #REF!, #N/A


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `where` is what its reader can look up: `B7`, or `Visits!B7` in a workbook of several sheets."""

    where: str
    text: str = ""
    kind: Kind = Kind.TEXT
    merged: bool = False  # it shows what the first cell of its merged area holds

    @property
    def plain(self) -> str:
        """The text in one way of writing: simple digits, hyphens and spaces; small letters."""
        return plain(self.text)

    @property
    def label(self) -> str:
        """The text as it is to be shown to people, on one line."""
        return words(self.text)

    @property
    def filled(self) -> bool:
        return bool(self.label)

    @property
    def is_lost(self) -> bool:
        """Whether it holds something that is not in the file: a formula without its result, an error."""
        return self.kind in {Kind.FORMULA, Kind.ERROR}


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    cells: tuple[Cell, ...]

    @property
    def filled(self) -> tuple[Cell, ...]:
        """Cells that hold something of their own."""
        return tuple(cell for cell in self.cells if cell.filled and not cell.merged)

    @property
    def is_remark(self) -> bool:
        return bool(self.filled) and self.filled[0].label.startswith(REMARK)

    def at(self, column: int) -> Cell:
        return self.cells[column] if column < len(self.cells) else Cell("")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows from the first to the last that holds something. `name` is empty where the file has no sheets."""

    name: str
    rows: tuple[Row, ...]

    def turned(self) -> "Sheet":
        """The same cells with rows for columns: their names stay those of the file."""
        columns = zip_longest(*(row.cells for row in self.rows), fillvalue=Cell(""))
        return Sheet(self.name, tuple(Row(number, tuple(cells)) for number, cells in enumerate(columns, 1)))


def rows_of(texts: Sequence[Sequence[str]], *, sheet: str = "") -> tuple[Row, ...]:
    """Rows of text alone, with the names that a spreadsheet would give their cells."""
    return tuple(
        Row(
            number,
            tuple(
                Cell(cell_name(column, number, sheet=sheet), text, kind_of(text)) for column, text in enumerate(line)
            ),
        )
        for number, line in enumerate(texts, 1)
    )


def kind_of(text: str) -> Kind:
    """What a spreadsheet would make of a text that it reads from a file: one that begins like a formula is one."""
    return Kind.FORMULA if text.startswith("=") else Kind.TEXT


def cell_name(column: int, row: int, *, sheet: str = "") -> str:
    """`B7`, from a column counted from 0 and a row counted from 1."""
    letters, rest = "", column + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{sheet}!{letters}{row}" if sheet else f"{letters}{row}"


def words(text: str) -> str:
    """On one line, without the apostrophe that keeps a spreadsheet from taking it for a formula."""
    found = " ".join(text.split())
    return found[1:] if found.startswith("'") and found[1:].startswith(FORMULA_SIGNS) else found


def plain(text: str) -> str:
    """One way of writing: full-width and raised signs, dashes and spaces of all kinds become the usual ones."""
    return words(unicodedata.normalize("NFKC", words(text)).translate(DASHES)).lower()


def without_footnotes(text: str) -> str:
    """Without the signs that point to footnotes: `Week 4²` and `Week 4*` are Week 4. Raised windows (`⁺³`) stay."""
    text = FOOTNOTE_SIGNS.sub("", text)
    raised = {sign for sign in text if unicodedata.decomposition(sign).startswith("<super>")}
    return text if raised & RAISED_WINDOW else "".join(sign for sign in text if sign not in raised)


def visible(text: str) -> str:
    """Without the signs that nobody sees, which come along when a table is copied from a page."""
    return "".join(sign for sign in text if sign.isprintable() or sign.isspace() or sign in UNSEEN)


def named(text: str) -> str:
    """A name for comparing: its letters and digits."""
    return re.sub(r"[\W_]+", " ", plain(text)).strip()


def identity(text: str, taken: Sequence[str], *, otherwise: str) -> str:
    """An id of a study file made from a label: small letters, digits and underscores, none of those `taken`."""
    bare = unicodedata.normalize("NFKD", plain(text)).encode("ascii", "ignore").decode()
    found = re.sub(r"[^a-z0-9]+", "_", bare).strip("_")
    found = (found if re.match(r"[a-z]", found) else f"{otherwise}_{found}".rstrip("_"))[:36].strip("_")
    return next(name for name in _numbered(found) if name not in taken)


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}_{number}"
        number += 1
