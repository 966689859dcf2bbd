"""Where things stand in somebody's spreadsheet: its parts, their headings, and what each column is. Pure.

A part is a sheet of its own or rows under its name; rows above a heading are looked at for the study's details. A schedule
whose visits stand in columns is turned, and a heading of two rows is made one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, zip_longest

from trial.moments import Unit
from trial.problems import nearest
from trial.readers.tables.cells import REMARK, Cell, Row, Sheet, named
from trial.readers.tables.day_names import read_name
from trial.readers.tables.days import CYCLE, NAMES, NO_HEADING, Heading, length
from trial.readers.tables.told import Told, shown
from trial.readers.tables.units import SYMMETRIC_SIGN, UNIT, Unreadable, unit_of
from trial.readers.tables.words import ACTIVITY, COLUMNS, GROUP, PARTS, STUDY_ROWS, Part, meaning

IN_LANGUAGES = frozenset({"label", "title", "ask", "values", "short", "hold"})
LANGUAGE = re.compile(r"(?P<name>.+?)\s*[(\[](?P<language>[a-z]{2,3}(?:-[a-z]{2,4})?)[)\]]")
DAY_COLUMN = re.compile(
    r"(?:(?:study|visit|trial|target|nominal|planned|scheduled|protocol) )?(?P<unit>days?|weeks?|months?|years?)(?: numbers?| no| nr)?"
)
DAY_AFTER_COLUMN = re.compile(
    r"(?:time |timing |when )?(?:in )?(?P<unit>days?|weeks?|months?|years?) (?:after|from|since|post|following|relative to) (?:the )?(?P<event>.+)"
)
TIME_AFTER_COLUMN = re.compile(
    r"time (?:after|from|since|post) (?:the )?(?P<event>[^,()\[\]]+?)[\s,(\[]+(?:in )?(?P<unit>days?|weeks?|months?|years?)[)\]]?"
)
UNIT_IN_HEADING = re.compile(rf"(?P<name>.+?)\s*[(\[,]?\s*(?:in\s+)?(?P<sign>±|\+/-|\+-)?\s*(?P<unit>{UNIT})\s*[)\]]?")
WINDOW_SIDE = re.compile(rf"(?P<name>[^-+/±]+?)\s*[(\[]?\s*(?P<side>[-+])\s*(?P<unit>{UNIT})?\s*[)\]]?")
ANYTHING = 2
"""So many known columns make a row a heading."""
DEEPEST_HEADING = 60
OF_DAYS = frozenset(
    {"from", "window", "window_before", "window_after", "repeat", "basis", "only_if", "not_before", "not_after"}
)
"""Columns on which dates hang: a second one is never passed over in silence."""


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
    turned: bool = False  # its visits stood in columns

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
    found = _found(sheet, rows, wanted)
    if found is None:
        layout.study += _pairs(rows, told, strict=part is None)
        if part is not None:
            columns = ", ".join(words[0].capitalize() for words in list(COLUMNS[part].values())[:4])
            told.refused(
                "no_heading",
                _sheet_place(sheet),
                f"no row names the columns of the {part}",
                f"name them in one row: {columns}; sitebell study template shows all",
            )
        return bool(layout.study) or part is not None
    layout.study += _pairs(rows if found.turned else found.rows[: found.start], told, strict=not found.turned)
    if found.turned:
        told.noted("turned", _sheet_place(sheet), "visits stand in columns", "each column was read as a visit")
    if wanted in layout.tables:
        told.asked(
            "second_table", _sheet_place(sheet), f"a second table of {wanted} stands here", "only the first was read",
            ask=f"Does the second table of {wanted} ({_sheet_place(sheet)}) belong to this version of the protocol?",
        )  # fmt: skip
        return True
    layout.tables[wanted] = _table(wanted, found, told)
    return True


def _sheet_place(sheet: Sheet) -> str:
    return f"sheet {sheet.name}" if sheet.name else "the table"


@dataclass(frozen=True, slots=True)
class _Found:
    """Where the heading of a table stands among its rows."""

    rows: Sequence[Row]
    start: int
    turned: bool


def _found(sheet: Sheet, rows: Sequence[Row], part: Part) -> _Found | None:
    """The heading by its words, in a row or in a column; else by the days below it."""
    if (start := _heading(rows, part)) is not None:
        return _Found(rows, start, turned=False)
    if part is not Part.VISITS:
        return None
    sideways = [row for row in _with_one_heading(sheet).turned().rows if row.filled and not row.is_remark]
    if (start := _heading(sideways, part)) is not None:
        return _Found(sideways, start, turned=True)
    for candidates, turned in ((rows, False), (sideways, True)):
        if (start := _heading_by_days(candidates)) is not None:
            return _Found(candidates, start, turned=turned)
    return None


def _with_one_heading(sheet: Sheet) -> Sheet:
    """The sheet with a heading of two rows made one: `Months after surgery` over 3, 6, 12; `Cycle 1` over D1, D8."""
    rows = list(sheet.rows)
    for place, (above, below) in enumerate(pairwise(sheet.rows)):
        names = [cell for cell in below.cells[1:] if cell.filled and not cell.merged]
        corner = below.at(0)
        if (corner.filled and not corner.merged) or len(names) < ANYTHING or not above.filled:
            continue
        if sum(any(map(str.isdigit, cell.plain)) for cell in names) * 2 <= len(names):
            continue
        # Where nothing is merged, as in CSV, what is empty belongs to what stands left of it.
        spans = any(cell.merged for cell in above.cells)
        group, merged = "", [_corner(above.at(0))]
        for over, cell in zip_longest(above.cells[1:], below.cells[1:], fillvalue=Cell("")):
            group = over.label or ("" if spans else group)
            merged.append(replace(cell if cell.filled else over, text=_under(group, cell), merged=False))
        rows[place], rows[place + 1] = Row(above.number, ()), Row(below.number, tuple(merged))
        break
    return Sheet(sheet.name, tuple(rows))


def _corner(cell: Cell) -> Cell:
    return replace(cell, text=cell.text if cell.filled else "Visit", merged=False)


def _under(group: str, cell: Cell) -> str:
    """What a cell says below a heading: `3` under `Months after surgery` is `3 months after surgery`."""
    if not cell.filled or not group:
        return cell.label or group
    number, heading = cell.plain.removesuffix(".0"), column_of(Part.VISITS, Cell("", group), 0).heading
    if heading.unit is not None and number.lstrip("+-").isdecimal():
        if heading.numbered:
            return f"{NAMES[heading.unit].capitalize()} {number}"
        return f"{length(int(number), heading.unit)}{f' after {heading.event}' if heading.event else ''}"
    return cell.label if named(group) == named(cell.text) else f"{group}, {cell.label}"


def _heading(rows: Sequence[Row], part: Part) -> int | None:
    """The place of the first row that names columns."""
    for place, row in enumerate(rows[:DEEPEST_HEADING]):
        columns = [
            column_of(part, cell, index) for index, cell in enumerate(row.cells) if cell.filled and not cell.merged
        ]
        known = {column.key for column in columns} - {ACTIVITY}
        if len(known) < ANYTHING or not known & {"label", *((GROUP, "when") if part is Part.VISITS else ("id",))}:
            continue
        group = next((column.index for column in columns if column.key == GROUP), None)
        below = rows[place + 1].at(group) if group is not None and place + 1 < len(rows) else None
        if "label" in known or below is None or (below.filled and not below.merged):
            return place
        # `Examination` and `Months after surgery` over an empty cell and numbers: the first row of a heading of two.
    return None


def _heading_by_days(rows: Sequence[Row]) -> int | None:
    """The place of the row above the first that is named by its day, where most are: `Week 4`."""
    first = [row.filled[0] for row in rows[:DEEPEST_HEADING]]
    days = [place for place, cell in enumerate(first) if names_a_day(cell) or CYCLE.search(cell.plain)]
    above = enumerate(rows[: days[0] if days else 0])
    headings = [place for place, row in above if any(cell.filled and not cell.merged for cell in row.cells[1:])]
    if not headings or len(days) * 2 <= len(rows) - headings[-1] - 1:
        return None
    return headings[-1]


def names_a_day(cell: Cell) -> bool:
    """Whether a visit's own name says when it is, such as `Week 4`."""
    return read_name(cell) is not None


def column_of(part: Part, cell: Cell, index: int) -> Column:
    """What the column under this heading is."""
    if part is Part.VISITS and (side := _side_column(cell, index)):
        return side
    key = meaning(named(cell.text), COLUMNS[part])
    if key is not None:
        return Column(key, index, cell)
    if (found := LANGUAGE.fullmatch(cell.plain)) and (
        key := meaning(named(found["name"]), COLUMNS[part])
    ) in IN_LANGUAGES:
        language, _, region = found["language"].partition("-")
        return Column(str(key), index, cell, language=f"{language}-{region.upper()}" if region else language)
    if part is Part.VISITS:
        return _day_column(cell, index) or _unit_column(cell, index) or Column(ACTIVITY, index, cell)
    return Column(ACTIVITY, index, cell)


def _side_column(cell: Cell, index: int) -> Column | None:
    """`Window -`, `Window (+ days)`."""
    found = WINDOW_SIDE.fullmatch(cell.plain)
    if found is None or meaning(named(found["name"]), COLUMNS[Part.VISITS]) != "window":
        return None
    key = "window_before" if found["side"] == "-" else "window_after"
    return Column(key, index, cell, unit=unit_of(found["unit"]) if found["unit"] else None)


def _day_column(cell: Cell, index: int) -> Column | None:
    text = named(cell.text)
    if found := DAY_AFTER_COLUMN.fullmatch(text):
        return Column("when", index, cell, heading=Heading(unit_of(found["unit"]), event=found["event"]))
    if found := DAY_COLUMN.fullmatch(text):
        return Column("when", index, cell, heading=Heading(unit_of(found["unit"]), numbered=True))
    if found := TIME_AFTER_COLUMN.fullmatch(cell.plain):
        return Column("when", index, cell, heading=Heading(unit_of(found["unit"]), event=found["event"]))
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


def _table(part: Part, found: _Found, told: Told) -> Table:
    heading, rows = found.rows[found.start], found.rows[found.start + 1 :]
    columns: list[Column] = []
    for index, cell in enumerate(heading.cells):
        if not cell.filled:
            continue
        column = column_of(part, cell, index)
        same = [one for one in columns if (one.key, one.language) == (column.key, column.language)]
        if same and column.key not in {"when", ACTIVITY}:
            what = f"{shown(column.cell.label)} means the same as {same[0].cell.where}"
            if column.key in OF_DAYS:
                told.asked("column", cell.where, what, "it was not read", ask=f"{what}: which of them holds?")
            else:
                told.noted("column", cell.where, what, "it was not read")
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
    if part is Part.VISITS and not {"label", "when"} & {column.key for column in columns}:
        # What heads the names is no name of a column that is known: `Procedure`, an empty corner.
        first = next((column for column in columns if column.key == GROUP), Column("label", 0, heading.at(0)))
        columns = [replace(first, key="label"), *(one for one in columns if one.index != first.index)]
    names = [named(cell.text) for cell in heading.filled]
    kept = tuple(row for row in rows if [named(cell.text) for cell in row.filled] != names)
    return Table(part, tuple(columns), kept, found.turned)


def _pairs(rows: Sequence[Row], told: Told, *, strict: bool = True) -> list[tuple[Cell, Cell]]:
    """Details of the study: a name in one cell, its value in the next that is filled."""
    found: list[tuple[Cell, Cell]] = []
    others: list[Cell] = []
    for row in rows:
        first, *rest = (cell for cell in row.filled if not cell.label.startswith(REMARK))
        name, _, said = first.label.partition(":")
        key, value = (first, rest[0]) if rest else (Cell(first.where, name), Cell(first.where, said))
        if _detail(key) is None:
            others.append(first)
        elif value.filled:
            found.append((key, value))
    if others and strict:
        places = ", ".join(cell.where for cell in others[:5])
        told.noted("remark", places, f"{shown(others[0].label)} is no detail of the study", "it was taken for a remark")
    return found


def _detail(cell: Cell) -> str | None:
    found = LANGUAGE.fullmatch(cell.plain)
    return meaning(named(found["name"] if found else cell.text), STUDY_ROWS)
