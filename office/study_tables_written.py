"""Schedules as files: a table of a study, or the template, as a workbook or as CSV. No cell is ever a formula."""

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as WorkbookCell
from openpyxl.cell.cell import MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from trial.readers.tables.cells import REMARK
from trial.readers.tables.template import HOW_TO, choices, explanation, template
from trial.readers.tables.words import EXAMPLE, Part
from trial.spreadsheets import safe

Rows = Sequence[Sequence[str]]
Parts = Mapping[Part, Rows]

CSV = "csv"
WORKBOOK = "xlsx"
ENDINGS = (WORKBOOK, CSV)

ROWS_TO_FILL = 200
TEXT_FORMAT = "@"
NARROWEST, WIDEST = 14, 40
MARK_WIDTH = 12
LINE_POINTS = 15
DEEPEST_LINES = 8
ACCENT, PAPER, LINE, SOFT = "0B5D5B", "F7F6F2", "E3E0D8", "5D6965"
RULE = Side(style="thin", color=LINE)


def table_file(parts: Parts, ending: str) -> bytes:
    """The file of a table: `xlsx` with a sheet for each part, or `csv` with one part under the other."""
    return _workbook(parts, how_to=()) if ending == WORKBOOK else _csv(parts, how_to=())


def template_file(ending: str) -> bytes:
    """The template to fill in, as a file of this kind."""
    return _workbook(template(), how_to=HOW_TO) if ending == WORKBOOK else _csv(template(), how_to=HOW_TO)


def _csv(parts: Parts, *, how_to: Sequence[str]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows((line,) for line in how_to)
    for part, rows in parts.items():
        if how_to or part is not next(iter(parts)):
            writer.writerow(())
        writer.writerow((part.value.capitalize(),))
        writer.writerows([safe(cell) for cell in row] for row in rows)
    # With its mark, because Excel takes a CSV without one for the machine's old encoding.
    return out.getvalue().encode("utf-8-sig")


def _workbook(parts: Parts, *, how_to: Sequence[str]) -> bytes:
    book = Workbook()
    first = book.active
    if isinstance(first, Worksheet):
        book.remove(first)
    if how_to:
        _how_to(book.create_sheet("How to fill it in"), how_to)
    for part, rows in parts.items():
        sheet = book.create_sheet(part.value.capitalize())
        if part is Part.STUDY:
            _study(sheet, rows)
        else:
            _table(sheet, part, rows)
        if part is Part.VISITS:
            book.active = sheet
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _how_to(sheet: Worksheet, lines: Sequence[str]) -> None:
    for number, line in enumerate(lines, 1):
        _text(sheet, number, 1, line, Font(color=SOFT))
    sheet.column_dimensions["A"].width = 110
    sheet.sheet_view.showGridLines = False


def _study(sheet: Worksheet, rows: Rows) -> None:
    for number, row in enumerate(rows, 1):
        for column, text in enumerate(row, 1):
            _text(
                sheet,
                number,
                column,
                text,
                Font(bold=column == 1, color=ACCENT if column == 1 else SOFT if column > 2 else None),
            )
    for letter, width in (("A", 18), ("B", 60), ("C", 70)):
        sheet.column_dimensions[letter].width = width


def _table(sheet: Worksheet, part: Part, rows: Rows) -> None:
    heading, *lines = rows
    for column, text in enumerate(heading, 1):
        cell = _text(sheet, 1, column, text, Font(bold=True, color="FFFFFF"))
        cell.fill = PatternFill("solid", fgColor=ACCENT)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    for number, line in enumerate(lines, 2):
        soft = any(line[0].lower().startswith(start) for start in (REMARK, EXAMPLE))
        for column, text in enumerate(line, 1):
            cell = _text(sheet, number, column, text, Font(italic=soft, color=SOFT if soft else None))
            cell.border = Border(bottom=RULE)
            if soft:
                cell.fill = PatternFill("solid", fgColor=PAPER)
    values = [line for line in lines if not line[0].startswith(REMARK)]
    widths = [_width(part, text, [line[column] for line in values]) for column, text in enumerate(heading)]
    for column, (text, width) in enumerate(zip(heading, widths, strict=True), 1):
        _column(sheet, part, column, text, width)
    for number, line in enumerate((heading, *lines), 1):
        deepest = max(-(-_length(text) // (width - 2)) for text, width in zip(line, widths, strict=True))
        sheet.row_dimensions[number].height = LINE_POINTS * min(max(deepest, 2 if number == 1 else 1), DEEPEST_LINES)
    sheet.freeze_panes = "B2"


def _width(part: Part, heading: str, texts: Sequence[str]) -> int:
    """Room for its longest value within reason; columns of tasks are narrow."""
    longest = max((_length(text) for text in (*texts, heading)), default=0)
    if part is Part.VISITS and not explanation(part, heading):
        return MARK_WIDTH
    return min(max(longest + 3, NARROWEST), WIDEST)


def _length(text: str) -> int:
    """In widths of a Latin letter: Japanese ones take two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _column(sheet: Worksheet, part: Part, column: int, heading: str, width: int) -> None:
    """Its width, text as its format, what can be chosen and what it is for."""
    letter = get_column_letter(column)
    sheet.column_dimensions[letter].width = width
    # Text, so that nobody's spreadsheet makes a date of 3-7.
    sheet.column_dimensions[letter].number_format = TEXT_FORMAT
    offered = choices(part, heading)
    rule = DataValidation(
        type="list" if offered else None,
        formula1=f'"{",".join(offered)}"' if offered else None,
        allow_blank=True,
        showErrorMessage=False,  # other words are read too, and told where they are not
        showInputMessage=True,
        promptTitle=heading[:32],
        prompt=(explanation(part, heading) or "X where it happens")[:255],
    )
    if heading == "Counts from":
        rule.type, rule.formula1 = "list", "Events!$A$2:$A$200"
    sheet.add_data_validation(rule)
    rule.add(f"{letter}2:{letter}{ROWS_TO_FILL}")


def _text(sheet: Worksheet, row: int, column: int, text: str, font: Font) -> WorkbookCell | MergedCell:
    """A cell that is text, whatever it looks like."""
    cell = sheet.cell(row, column)
    cell.value = safe(text) or None
    cell.number_format = TEXT_FORMAT
    cell.font = font
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    return cell
