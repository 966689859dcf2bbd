"""Schedules in spreadsheets, from the bytes of a file to a draft of a study file: workbooks (xlsx) and CSV.

A file of a stranger is looked at before it is opened: its kind by its first bytes, its size, and of a workbook what it
unpacks to. docs/schedule-tables.md says what is read and what is not.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from office.study_workbooks import MOST_COLUMNS, MOST_ROWS, refused, sheets_of_workbook
from trial.readers.draft import Draft, Finding, Weight
from trial.readers.tables.cells import Sheet, rows_of
from trial.readers.tables.read import read_sheets

LARGEST_BYTES = 5_000_000
LONGEST_CELL = 2_000
MOST_CELLS = 50_000
DELIMITERS = ";,\t|"

WORKBOOKS = frozenset({"xlsx", "xlsm"})
TEXTS = frozenset({"csv", "tsv", "txt"})
TABLES = WORKBOOKS | TEXTS
"""How the names of files end that are read here."""

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OTHERS = {
    b"%PDF": "it is a PDF; copy its table into a spreadsheet",
    b"{\\rtf": "it is a text document; copy its table into a spreadsheet",
    b"<": "it is a page or XML; save it as .xlsx or .csv",
}
KANA = re.compile(r"[\u3040-\u30ff]")


def read_table(content: bytes, name: str) -> Draft:
    """The draft that a spreadsheet gives. `name` is the file's, for what is told and for its kind.

    Raises:
        ProblemError: the file is refused as a whole: another kind, too large, protected, or without a schedule.
    """
    ending = name.rpartition(".")[2].lower()
    _refuse_others(content, name, ending)
    if ending in WORKBOOKS:
        sheets, seen = sheets_of_workbook(content, name)
    else:
        sheets, seen = _sheets_of_text(content, name)
    _refuse_large(sheets, name)
    return read_sheets(sheets, name=name, seen=seen)


def _refuse_others(content: bytes, name: str, ending: str) -> None:
    if ending == "xls":
        raise refused(name, "it is a workbook of the old kind", "open it and save it as .xlsx")
    if ending not in TABLES:
        raise refused(
            name, "its name does not end like a table's", f"give one that ends in {', '.join(sorted(TABLES))}"
        )
    if not content.strip():
        raise refused(name, "the file is empty", "give a table with one row a visit")
    if len(content) > LARGEST_BYTES:
        raise refused(name, f"the file is larger than {LARGEST_BYTES // 1_000_000} MB", "give the schedule alone")
    if content.startswith(OLE):
        raise refused(
            name, "it is protected by a password, or a workbook of the old kind", "save it as .xlsx without a password"
        )
    for start, what in OTHERS.items():
        if content.lstrip().startswith(start):
            raise refused(name, "it is no table", what)
    if content.startswith(ZIP) is not (ending in WORKBOOKS):
        kind = "a workbook" if ending in WORKBOOKS else "text"
        raise refused(name, f"its name says that it is {kind}, and its content is not", "save it again as what it is")


def _refuse_large(sheets: Sequence[Sheet], name: str) -> None:
    for sheet in sheets:
        where = f"{name}, sheet {sheet.name}" if sheet.name else name
        if any(len(row.cells) > MOST_COLUMNS for row in sheet.rows):
            raise refused(where, f"it has more than {MOST_COLUMNS} columns", "give the schedule alone")
        long = next((cell for row in sheet.rows for cell in row.cells if len(cell.text) > LONGEST_CELL), None)
        if long is not None:
            raise refused(f"{name}, {long.where}", f"the cell has more than {LONGEST_CELL} signs", "shorten it")


def _sheets_of_text(content: bytes, name: str) -> tuple[tuple[Sheet, ...], tuple[Finding, ...]]:
    text, seen = _decoded(content, name)
    first, _, rest = text.partition("\n")
    if found := re.fullmatch(r"\ufeff?\"?sep=(.)\"?\s*", first):
        delimiter, text = found[1], rest
    else:
        delimiter = _delimiter(text)
    rows = list(_rows(text, delimiter, name))
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    return (Sheet("", rows_of(rows)),), seen


def _decoded(content: bytes, name: str) -> tuple[str, tuple[Finding, ...]]:
    """The text, and how it was guessed to be written where it does not say so.

    Raises:
        ProblemError: it is no text.
    """
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", *_encodings(content)):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        if encoding in {"utf-8-sig", "utf-16"}:
            return text, ()
        shown = {"cp932": "Shift_JIS", "cp1252": "Windows-1252"}[encoding]
        return text, (
            Finding(
                Weight.NOTED, "encoding", name, f"the file is not UTF-8; read as {shown}",
                "look at its letters with accents; save it as CSV UTF-8 if they are wrong",
            ),
        )  # fmt: skip
    raise refused(name, "it is no text", "save it as CSV UTF-8, or as .xlsx")


def _encodings(content: bytes) -> tuple[str, ...]:
    """Shift_JIS where its bytes make Japanese syllables, else what Excel writes in Europe and America first."""
    japanese = content.decode("cp932", errors="ignore")
    return ("cp932", "cp1252") if KANA.search(japanese) else ("cp1252", "cp932")


def _delimiter(text: str) -> str:
    """What parts the cells: the sign that parts the most lines into equally many."""
    head = "\n".join(text.splitlines()[:80])

    def evenness(delimiter: str) -> tuple[int, int]:
        try:
            widths = Counter(len(row) for row in csv.reader(io.StringIO(head), delimiter=delimiter) if len(row) > 1)
        except csv.Error:  # this sign parts nothing; if none does, reading the rows says so
            return 0, 0
        return max(((lines, width) for width, lines in widths.items()), default=(0, 0))

    return max(DELIMITERS, key=evenness)


def _rows(text: str, delimiter: str, name: str) -> Iterator[list[str]]:
    reader, cells = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 0
    try:
        for number, row in enumerate(reader, 1):
            cells += len(row)
            if number > MOST_ROWS:
                raise refused(name, f"it has more than {MOST_ROWS} rows", "give the schedule alone, one row a visit")
            if cells > MOST_CELLS:
                raise refused(name, "it has far more cells than a schedule", "give the schedule alone")
            yield row
    except csv.Error as problem:
        raise refused(
            f"{name} line {reader.line_num}", "this is no CSV", "check the quotation marks there"
        ) from problem
