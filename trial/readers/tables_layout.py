"""Where things stand in somebody's spreadsheet: its parts, their headings, and what each column is. Pure.

A part is a sheet of its own or rows under its name; rows above a heading are looked at for the study's details. A schedule
whose visits stand in columns is turned.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from trial.moments import Unit
from trial.problems import nearest
from trial.readers.tables_cells import REMARK, Cell, Kind, Row, Sheet, named
from trial.readers.tables_days import NO_HEADING, Heading, read_when
from trial.readers.tables_told import Told, shown
from trial.readers.tables_units import SYMMETRIC_SIGN, UNIT, Unreadable, unit_of
from trial.readers.tables_words import ACTIVITY, COLUMNS, PARTS, STUDY_ROWS, Part, meaning

IN_LANGUAGES = frozenset({"label", "title", "ask", "values", "short", "hold"})
LANGUAGE = re.compile(r"(?P<name>.+?)\s*[(\[](?P<language>[a-z]{2,3}(?:-[a-z]{2,4})?)[)\]]")
DAY_COLUMN = re.compile(r"(?:study |visit )?(?P<unit>days?|weeks?|months?|years?)(?: numbers?| no| nr)?")
DAY_AFTER_COLUMN = re.compile(
    r"(?:time |timing |when )?(?:in )?(?P<unit>days?|weeks?|months?|years?) (?:after|from|since|post|following|relative to) (?:the )?(?P<event>.+)"
)
UNIT_IN_HEADING = re.compile(rf"(?P<name>.+?)\s*[(\[,]?\s*(?:in\s+)?(?P<sign>±|\+/-|\+-)?\s*(?P<unit>{UNIT})\s*[)\]]?")
ANYTHING = 2
"""So many known columns make a row a heading."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. `heading` says what numbers in it mean; `sign` stands before each of them."""

    key: str
    index: int
    cell: Cell
    language: str = "en"
    heading: Heading = NO_HEADING
    unit: Unit | None = None
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    part: Part
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def all(self, key: str) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.key == key)

    def column(self, key: str) -> Column | None:
        return next((column for column in self.columns if column.key == key and column.language == "en"), None)

    def cell(self, row: Row, key: str) -> Cell:
        column = self.column(key)
        return Cell(f"row {row.number}") if column is None else row.at(column.index)

    def texts(self, row: Row, key: str) -> dict[str, Cell]:
        """The cells of a text in all its languages, English first."""
        found = {column.language: row.at(column.index) for column in self.columns if column.key == key}
        return {
            language: cell for language, cell in sorted(found.items(), key=lambda one: one[0] != "en") if cell.filled
        }


@dataclass(slots=True)
class Layout:
    """`study`: the names and values of the study's details."""

    study: list[tuple[Cell, Cell]] = field(default_factory=list)
    tables: dict[Part, Table] = field(default_factory=dict)


def layout_of(sheets: Sequence[Sheet], told: Told) -> Layout:
    """What stands where. A sheet that is named after a part is that part; else the first one with a schedule is taken."""
    layout = Layout()
    named_parts = {sheet.name: PARTS.get(named(sheet.name)) for sheet in sheets}
    for sheet in sheets:
        _read_sheet(layout, sheet, named_parts[sheet.name], told)
    return layout


def _read_sheet(layout: Layout, sheet: Sheet, part: Part | None, told: Told) -> None:
    found_any = False
    for title, rows in _parts(sheet, part):
        found_any = _read_part(layout, Sheet(sheet.name, rows), title, told) or found_any
    if not found_any and any(row.filled and not row.is_remark for row in sheet.rows):
        where = f"sheet {sheet.name}" if sheet.name else "the table"
        told.noted("sheet", where, "no schedule, events or facts were found in it", "it was not read")


def _parts(sheet: Sheet, part: Part | None) -> Iterable[tuple[Part | None, tuple[Row, ...]]]:
    """The rows of each part: a row that holds nothing but a part's name begins one."""
    rows: list[Row] = []
    for row in sheet.rows:
        title = PARTS.get(named(row.filled[0].text)) if len(row.filled) == 1 else None
        if title is None:
            rows.append(row)
            continue
        yield part, tuple(rows)
        part, rows = title, []
    yield part, tuple(rows)


def _read_part(layout: Layout, sheet: Sheet, part: Part | None, told: Told) -> bool:
    rows = [row for row in sheet.rows if row.filled and not row.is_remark]
    if not rows:
        return False
    if part is Part.STUDY:
        layout.study += _pairs(rows, told)
        return True
    wanted = part or Part.VISITS
    start = _heading(rows, wanted)
    if start is None and wanted is Part.VISITS:
        turned = [row for row in sheet.turned().rows if row.filled and not row.is_remark]
        start = _heading(turned, wanted)
        if start is not None:
            rows = turned
            told.noted("turned", _sheet_place(sheet), "visits stand in columns", "each column was read as a visit")
    if start is None:
        layout.study += _pairs(rows, told, strict=part is None)
        if part is not None:
            told.refused(
                "no_heading",
                _sheet_place(sheet),
                f"no row names the columns of the {part}",
                f"name them in one row: {', '.join(list(COLUMNS[part])[:4])}; sitebell study template shows all",
            )
        return bool(layout.study) or part is not None
    layout.study += _pairs(rows[:start], told)
    if wanted in layout.tables:
        told.asked(
            "second_table", _sheet_place(sheet), f"a second table of {wanted} stands here", "only the first was read",
            ask=f"Does the second table of {wanted} ({_sheet_place(sheet)}) belong to this version of the protocol?",
        )  # fmt: skip
        return True
    layout.tables[wanted] = _table(wanted, rows[start], rows[start + 1 :], told)
    return True


def _sheet_place(sheet: Sheet) -> str:
    return f"sheet {sheet.name}" if sheet.name else "the table"


def _heading(rows: Sequence[Row], part: Part) -> int | None:
    """The place of the first row that names columns."""
    for place, row in enumerate(rows[:60]):
        keys = [column_of(part, cell, 0).key for cell in row.filled]
        known = {key for key in keys if key != ACTIVITY}
        if len(known) >= ANYTHING and known & {"label", "when" if part is Part.VISITS else "id"}:
            return place
        if part is Part.VISITS and keys[:1] == ["label"] and len(keys) > 1 and _are_days(rows[place + 1 :]):
            return place
    return None


def _are_days(rows: Sequence[Row]) -> bool:
    """Whether most rows begin with a day: `Week 4`. Their names then say when they are."""
    first = [row.filled[0] for row in rows if row.filled]
    return sum(1 for cell in first if names_a_day(cell)) * 2 > len(first)


def names_a_day(cell: Cell) -> bool:
    """Whether a visit's own name says when it is, such as `Week 4`."""
    try:
        timing = read_when(cell)
    except Unreadable:
        return False
    return not timing.loose


def column_of(part: Part, cell: Cell, index: int) -> Column:
    """What the column under this heading is."""
    key = meaning(named(cell.text), COLUMNS[part])
    if key is not None:
        return Column(key, index, cell)
    if (found := LANGUAGE.fullmatch(cell.plain)) and (
        key := meaning(named(found["name"]), COLUMNS[part])
    ) in IN_LANGUAGES:
        language, _, region = found["language"].partition("-")
        return Column(str(key), index, cell, language=f"{language}-{region.upper()}" if region else language)
    if part is Part.VISITS and (special := _day_column(cell, index) or _unit_column(cell, index)):
        return special
    return Column(ACTIVITY, index, cell)


def _day_column(cell: Cell, index: int) -> Column | None:
    text = named(cell.text)
    if found := DAY_AFTER_COLUMN.fullmatch(text):
        return Column("when", index, cell, heading=Heading(unit_of(found["unit"]), event=found["event"]))
    if found := DAY_COLUMN.fullmatch(text):
        return Column("when", index, cell, heading=Heading(unit_of(found["unit"]), numbered=True))
    return None


def _unit_column(cell: Cell, index: int) -> Column | None:
    """`Window (± days)`, `Timing (weeks)`, `Upload due (working days)`."""
    found = UNIT_IN_HEADING.fullmatch(cell.plain)
    if found is None:
        if SYMMETRIC_SIGN.fullmatch(cell.plain):
            return Column("window", index, cell, sign="±")
        return None
    name = named(found["name"])
    key = meaning(name, COLUMNS[Part.VISITS]) or (
        "window" if SYMMETRIC_SIGN.fullmatch(found["name"].strip(" (")) else None
    )
    try:
        unit = unit_of(found["unit"])
    except Unreadable:
        return None
    if key == "when":
        numbered = not found["unit"].rstrip(".").endswith("s")
        return Column("when", index, cell, heading=Heading(unit, numbered=numbered))
    if key in {"window", "window_before", "window_after", "due"}:
        sign = "±" if found["sign"] or name == "" else ""
        return Column(key, index, cell, unit=unit, sign=sign)
    return None


def _table(part: Part, heading: Row, rows: Sequence[Row], told: Told) -> Table:
    columns: list[Column] = []
    for index, cell in enumerate(heading.cells):
        if not cell.filled:
            continue
        column = column_of(part, cell, index)
        same = [one for one in columns if (one.key, one.language) == (column.key, column.language)]
        if same and column.key not in {"when", ACTIVITY}:
            told.noted(
                "column", cell.where, f"{shown(cell.label)} means the same as {same[0].cell.where}", "it was not read"
            )
            continue
        if column.key == ACTIVITY and part is not Part.VISITS:
            known = sorted(words[0] for words in COLUMNS[part].values())
            told.noted(
                "column",
                cell.where,
                f"the column {shown(cell.label)} is not known",
                f"not read; {nearest(cell.plain, known)}",
            )
            continue
        columns.append(column)
    names = [named(cell.text) for cell in heading.filled]
    kept = tuple(row for row in rows if [named(cell.text) for cell in row.filled] != names)
    return Table(part, tuple(columns), kept)


def _pairs(rows: Sequence[Row], told: Told, *, strict: bool = True) -> list[tuple[Cell, Cell]]:
    """Details of the study: a name in one cell, its value in the next that is filled."""
    found, others = [], []
    for row in rows:
        first, *rest = (cell for cell in row.filled if not cell.label.startswith(REMARK))
        if _detail(first) is not None and not rest and ":" not in first.label:
            continue
        if _detail(first) is not None and rest:
            found.append((first, rest[0]))
        elif _detail(first) is None and ":" in first.label and not rest:
            name, _, value = first.label.partition(":")
            cell = Cell(first.where, name)
            if _detail(cell) is not None and value.strip():
                found.append((cell, Cell(first.where, value, Kind.TEXT)))
            else:
                others.append(first)
        elif strict:
            others.append(first)
    if others and strict:
        places = ", ".join(cell.where for cell in others[:5])
        told.noted("remark", places, f"{shown(others[0].label)} is no detail of the study", "it was taken for a remark")
    return found


def _detail(cell: Cell) -> str | None:
    found = LANGUAGE.fullmatch(cell.plain)
    return meaning(named(found["name"] if found else cell.text), STUDY_ROWS)
