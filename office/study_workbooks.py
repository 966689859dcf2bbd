"""Workbooks (xlsx) of strangers, opened with care: what they hold as cells, and nothing else of them.

Before openpyxl sees anything, the file is repacked from the parts that cells need. Macros, links to other files, pictures
and comments never reach it; sizes are counted while unpacking, never taken from the file's own directory.
"""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell as WorkbookCell
from openpyxl.cell.cell import MergedCell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from trial.problems import Problem, ProblemError
from trial.readers.draft import Finding, Weight
from trial.readers.tables.cells import Cell, Kind, Row, Sheet, cell_name

LARGEST_UNPACKED_BYTES = 8_000_000
MOST_PARTS = 2_000
MOST_SHEETS = 20
MOST_ELEMENTS = 60_000  # of all parts together: two or three of them make a cell
MOST_ROWS = 2_000
MOST_COLUMNS = 300
MOST_MERGED_CELLS = 50_000
MOST_MERGED_AREAS = 2_000
CHUNK_BYTES = 65_536
TOO_MUCH = "save the schedule alone as .xlsx, without formatted rows that hold nothing"

NEEDED = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|(?:[^/]+/)?(?:_rels/)?workbook[^/]*\.xml(?:\.rels)?"
    r"|(?:[^/]+/)?worksheets/[^/]+\.xml|(?:[^/]+/)?(?:sharedstrings|styles)[^/]*\.xml",
    re.IGNORECASE,
)
# Each of these finds its end or gives up before the next `<`: no file makes them look at a part over and over.
CELLS_END = re.compile(rb"</(?:\w+:)?sheetData\s*>|<(?:\w+:)?sheetData(?:\s[^<>]*)?/>")
SHEET_END = re.compile(rb"</(?P<prefix>\w+:)?worksheet\s*>")
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^<>]*?\bref\s*=\s*[\"']([^<>\"']*)[\"']")
DECLARES = re.compile(rb"<!DOCTYPE|\0")
"""Names of its own, or two bytes a sign: no spreadsheet writes that, and what it hides could not be counted."""
AREA = re.compile(r"([A-Z]{1,3}\d{1,7}):([A-Z]{1,3}\d{1,7})")
ELEMENT = re.compile(rb"<\w")
WORDED = re.compile(r'"[^"]*[^\W\d_][^"]*"|±')
DIGITS = re.compile(r"[0#?][0#?,.]*")
SIGNED = re.compile(r"[-+±\u2212\u2013]")
IGNORED = {
    "macros": re.compile(r"vbaProject", re.IGNORECASE),
    "links to other files": re.compile(r"externalLinks/", re.IGNORECASE),
    "comments": re.compile(r"comment[^/]*\.xml$", re.IGNORECASE),
    "pictures and text boxes": re.compile(r"/drawings/[^/]+\.xml$|/media/", re.IGNORECASE),
}


def refused(where: str, what: str, instead: str) -> ProblemError:
    """The one reason for which a file is refused."""
    return ProblemError(Problem(where, what, instead))


def sheets_of_workbook(content: bytes, name: str) -> tuple[tuple[Sheet, ...], tuple[Finding, ...]]:
    """The sheets of a workbook that can be seen, and what of it was not read.

    Raises:
        ProblemError: it is no workbook, or one that unpacks to more than a schedule can be.
    """
    packed, findings = _repacked(content, name)
    shown, formulas = _opened(packed, name, results=True), _opened(packed, name, results=False)
    sheets = []
    for sheet in shown.worksheets:
        if sheet.sheet_state != "visible":
            findings.append(Finding(Weight.NOTED, "hidden", f"sheet {sheet.title}", "it is hidden", "it was not read"))
            continue
        if sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS:
            where = f"{name}, sheet {sheet.title}"
            raise refused(where, f"it has more than {MOST_ROWS} rows or {MOST_COLUMNS} columns", TOO_MUCH)
        sheets.append(sheet)
    prefixed = len(sheets) > 1
    found = []
    for sheet in sheets:
        rows = tuple(_rows(sheet, formulas[sheet.title], prefix=sheet.title if prefixed else ""))
        found.append(Sheet(sheet.title, _trimmed(rows)))
        findings += _seen(sheet, formulas[sheet.title], prefix=sheet.title if prefixed else "")
    return tuple(found), tuple(findings)


def _repacked(content: bytes, name: str) -> tuple[bytes, list[Finding]]:
    """The workbook with nothing in it but what cells need."""
    out, size, elements = io.BytesIO(), 0, 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(out, "w") as kept:
            parts = archive.infolist()
            names = [part.filename for part in parts]
            if len(parts) > MOST_PARTS or len(set(names)) < len(names):
                raise refused(name, "it is packed from too many parts", "save the schedule alone as .xlsx")
            if any(part.flag_bits & 1 for part in parts):
                raise refused(name, "it is protected by a password", "save it as .xlsx without a password")
            for part in parts:
                if not NEEDED.fullmatch(part.filename):
                    continue
                text = b"".join(_unpacked(archive, part, LARGEST_UNPACKED_BYTES - size, name))
                size += len(text)
                elements += len(ELEMENT.findall(text))
                if elements > MOST_ELEMENTS:
                    raise refused(name, "it has far more cells or formats than a schedule", TOO_MUCH)
                if DECLARES.search(text):
                    raise _damaged(name)
                kept.writestr(part.filename, _cells_alone(text, name) if "worksheets/" in part.filename else text)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as problem:
        raise _damaged(name) from problem
    ignored = [what for what, pattern in IGNORED.items() if any(pattern.search(known) for known in names)]
    return out.getvalue(), [
        Finding(Weight.NOTED, "ignored", name, f"it holds {what}", "they were not read") for what in ignored
    ]


def _cells_alone(text: bytes, name: str) -> bytes:
    """A sheet's cells and merged areas, without the links, tables and rules that follow them and point to other parts."""
    ends = [found.end() for found in CELLS_END.finditer(text)]
    end = SHEET_END.fullmatch(text[text.rfind(b"</") :].strip())
    if not ends or end is None:
        raise _damaged(name)
    areas = MERGED.findall(text, ends[-1])
    if len(areas) > MOST_MERGED_AREAS or sum(_area(area, name) for area in areas) > MOST_MERGED_CELLS:
        raise refused(name, "its merged areas are larger than a schedule", TOO_MUCH)
    prefix = end["prefix"] or b""
    cells = b"".join(b'<%smergeCell ref="%s"/>' % (prefix, area) for area in areas)
    merged = b"<%smergeCells>%s</%smergeCells>" % (prefix, cells, prefix) if cells else b""
    return text[: ends[-1]] + merged + end[0]


def _area(area: bytes, name: str) -> int:
    """So many cells are merged: openpyxl makes each of them."""
    found = AREA.fullmatch(area.decode("ascii", "replace"))
    if found is None:
        raise _damaged(name)
    first, last = (coordinate_to_tuple(corner) for corner in found.groups())
    return (last[0] - first[0] + 1) * (last[1] - first[1] + 1)


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo, room: int, name: str) -> Iterator[bytes]:
    """The part piece by piece: what it says of its own size is not believed."""
    with archive.open(part) as stream:
        while piece := stream.read(CHUNK_BYTES):
            room -= len(piece)
            if room < 0:
                raise refused(name, "it unpacks to far more than a schedule can be", "save the schedule alone as .xlsx")
            yield piece


def _opened(packed: bytes, name: str, *, results: bool) -> Workbook:
    try:
        with warnings.catch_warnings():
            # openpyxl warns of what it leaves out of a file; nothing here is ever written back to it.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(packed), data_only=results, keep_links=False, rich_text=True)
    except (
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        ArithmeticError,
        AssertionError,
        OSError,
        ParseError,
    ) as problem:
        raise _damaged(name) from problem
    if len(book.worksheets) > MOST_SHEETS:
        raise refused(name, f"it has more than {MOST_SHEETS} sheets", "save the schedule alone as .xlsx")
    return book


def _damaged(name: str) -> ProblemError:
    return refused(name, "it is no workbook, or a damaged one", "open it and save it again as .xlsx")


def _rows(sheet: Worksheet, formulas: Worksheet, *, prefix: str) -> Iterator[Row]:
    """The rows with every merged area filled by what its first cell holds."""
    merged = {
        (row, column): (area.min_row, area.min_col) for area in sheet.merged_cells.ranges for row, column in area.cells
    }
    for number, line in enumerate(sheet.iter_rows(), 1):
        cells = []
        for index, cell in enumerate(line):
            place = merged.get((number, index + 1), (number, index + 1))
            source, formula = sheet.cell(*place), formulas.cell(*place)
            kind, text = _content(source, formula)
            inherited = place != (number, index + 1) or isinstance(cell, MergedCell)
            cells.append(Cell(cell_name(index, number, sheet=prefix), text, kind, merged=inherited))
        yield Row(number, tuple(cells))


def _content(cell: WorkbookCell | MergedCell, formula: WorkbookCell | MergedCell) -> tuple[Kind, str]:
    value = None if _is_struck_out(cell) else cell.value
    if formula.data_type == "f" and cell.value is None:
        return Kind.FORMULA, "a formula"
    match value:
        case None:
            return Kind.TEXT, ""
        case bool():
            return Kind.TEXT, "yes" if value else "no"
        case int() | float():
            return Kind.NUMBER, _as_shown(str(int(value)) if float(value).is_integer() else str(value), cell)
        case datetime() | date():
            return Kind.DATE, f"{value:%Y-%m-%d}"
        case time():
            return Kind.DATE, value.isoformat("minutes")
        case str() if cell.data_type == "e":
            return Kind.ERROR, value
        case CellRichText():
            return Kind.TEXT, "".join(str(run) for run in value if not _is_footnote(run))
        case _:
            return Kind.TEXT, str(value)


def _as_shown(number: str, cell: WorkbookCell | MergedCell) -> str:
    """A number with the words of its format, which whoever typed it saw: 4 as `Week 4`, 7 as `±7`."""
    usual = str(cell.number_format).split(";")[0]
    return DIGITS.sub(number, usual, count=1).replace('"', "") if WORDED.search(usual) else number


def _is_struck_out(cell: WorkbookCell | MergedCell) -> bool:
    return cell.value is not None and bool(cell.font.strike)


def _is_footnote(run: object) -> bool:
    """Whether a piece of a text is raised or struck out: `Week 4` with a raised 1 is not Week 41, a raised +3 is a window."""
    if not isinstance(run, TextBlock):
        return False
    return bool(run.font.strike) or (run.font.vertAlign == "superscript" and not SIGNED.search(str(run)))


def _trimmed(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Without the empty rows and columns at the end, of which formatting leaves many."""
    last = max((number for number, row in enumerate(rows, 1) if row.filled), default=0)
    width = max((index for row in rows for index, cell in enumerate(row.cells, 1) if cell.filled), default=0)
    return tuple(Row(row.number, row.cells[:width]) for row in rows[:last])


def _seen(sheet: Worksheet, formulas: Worksheet, *, prefix: str) -> Iterator[Finding]:
    """Hidden rows and columns, values that a formula computed, and signs that are no part of what a cell says."""
    hidden = [f"row {number}" for number, row in sheet.row_dimensions.items() if row.hidden]
    hidden += [f"column {letters}" for letters, column in sheet.column_dimensions.items() if column.hidden]
    if hidden:
        where = f"sheet {sheet.title}, {', '.join(hidden[:5])}"
        yield Finding(Weight.NOTED, "hidden", where, "it is hidden", "it was read nevertheless")
    computed, struck, raised = list[str](), list[str](), list[str]()
    for row, line in enumerate(sheet.iter_rows(), 1):
        for column, cell in enumerate(line):
            where, formula = cell_name(column, row, sheet=prefix), formulas.cell(row, column + 1)
            if formula.data_type == "f" and cell.value is not None:
                computed.append(where)
            if _is_struck_out(cell):
                struck.append(where)
            elif isinstance(cell.value, CellRichText) and any(map(_is_footnote, cell.value)):
                raised.append(where)
    for code, places, what, instead in (
        ("computed", computed, "a formula computed it", "its last result was read"),
        ("struck", struck, "it is struck out", "it was not read"),
        ("footnote", raised, "a part of it is raised or struck out", "that part was not read; see the footnote"),
    ):
        if places:
            yield Finding(Weight.NOTED, code, ", ".join(places[:5]), what, instead)
