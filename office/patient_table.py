"""Patients by the table: every problem is found, with its line and column, before anything is written.

The columns are `site` and `code`, and as many of `event:NAME`, `fact:NAME` and `held:OCCURRENCE` as the table has; an empty
cell says nothing. All rows are added in one transaction, or none.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from office.board.viewer import Viewer
from office.entering import add_patient_by, problems_of_new
from office.judging import Refusal
from office.patients import NewPatient
from records import studies
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import Definitions
from trial.access import Action
from trial.moments import Instant
from trial.occurrences import definition_of
from trial.problems import Problem, ProblemError, Wrong, nearest
from trial.study import Study

MOST_ROWS: Final = 500
"""Of one table: all of it is one transaction, and answers wait for it. Ours."""

SITE: Final = "site"
CODE: Final = "code"
_NEEDED: Final = (SITE, CODE)
_BOM: Final = "\ufeff"
_SEPARATORS: Final = ",;\t"


@dataclass(frozen=True, slots=True)
class LineProblem:
    """What is wrong in a line of the table, counted from 1; `column` empty: the line as a whole."""

    line: int
    column: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class TableLine:
    """One line, read."""

    line: int
    site: SiteRow
    new: NewPatient = field(repr=False)


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a table would do. Nothing was written; with problems nothing would be."""

    rows: tuple[TableLine, ...]
    problems: tuple[LineProblem, ...]


def dry_run(tx: Tx, definitions: Definitions, viewer: Viewer, text: str, *, now: Instant) -> DryRun:
    """Reads the table and judges each line as if it were entered by hand."""
    version = studies.version_in_use(tx, viewer.study.id, today=now.date())
    if version is None:
        raise ProblemError(Problem("study", "it has no version yet", "take one in with sitebell study add"))
    study = definitions.of_version(tx, version.id)
    lines, problems = _table(text, study)
    if problems:
        return DryRun((), problems)
    rows: list[TableLine] = []
    found: list[LineProblem] = []
    seen: dict[str, int] = {}
    for line, cells in lines:
        read = _read(viewer, line, cells)
        if not isinstance(read, TableLine):
            found += read
            continue
        found += _twice(seen, read)
        found += _judged(read, problems_of_new(tx, definitions, read.site, read.new, now=now))
        rows.append(read)
    return DryRun(tuple(rows), tuple(found))


def add_all(
    tx: Tx, definitions: Definitions, rows: Iterable[TableLine], *, by: UUID, now: Instant, elapsed: Instant
) -> tuple[UUID, ...] | Refusal:
    """Adds every row; the first that cannot be added ends all of it.

    Raises:
        ProblemError: what is wrong with a row, which was right when the table was looked at; the transaction must not go
            on.
    """
    added: list[UUID] = []
    for row in rows:
        one = add_patient_by(tx, definitions, row.site, row.new, by=by, now=now, elapsed=elapsed)
        if isinstance(one, Refusal):
            return one
        added.append(one)
    return tuple(added)


# --- the table --------------------------------------------------------------------------------------------------------


def _table(text: str, study: Study) -> tuple[list[tuple[int, Mapping[str, str]]], tuple[LineProblem, ...]]:
    """The lines below the head, each by its columns; or what is wrong with the table as such."""
    plain = text.removeprefix(_BOM)
    head, _, _ = plain.partition("\n")
    # A spreadsheet separates by what its country does.
    separator = max(_SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(plain, newline=""), delimiter=separator, strict=True)
    lines: list[tuple[int, Mapping[str, str]]] = []
    columns: list[str] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = [cell.strip() for cell in cells]
                problems = tuple(_head_problems(columns, study, reader.line_num))
                if problems:
                    return [], problems
                continue
            if len(cells) > len(columns):
                return [], (_line_problem(reader.line_num, "", "it has more cells than the head", Wrong.UNFIT),)
            padded = [*cells, *[""] * (len(columns) - len(cells))]
            lines.append((reader.line_num, dict(zip(columns, (cell.strip() for cell in padded), strict=True))))
    except csv.Error:
        return [], (
            _line_problem(reader.line_num, "", "it is no CSV: a quotation mark may be open", Wrong.UNREADABLE_CSV),
        )
    if not lines:
        return [], (_line_problem(1, "", "there is no line below the head", Wrong.MISSING),)
    if len(lines) > MOST_ROWS:
        what = f"there are {len(lines)} lines, and {MOST_ROWS} at most are taken at once"
        return [], (_line_problem(lines[MOST_ROWS][0], "", what, Wrong.TOO_MANY, str(MOST_ROWS)),)
    return lines, ()


def _head_problems(columns: list[str], study: Study, line: int) -> Iterator[LineProblem]:
    for needed in _NEEDED:
        if needed not in columns:
            yield _line_problem(line, needed, "the table has no such column", Wrong.NO_COLUMN, needed)
    for place, column in enumerate(columns):
        if column in columns[:place]:
            yield _line_problem(line, column, "there are two columns of this name", Wrong.TWO_COLUMNS)
        elif column not in _NEEDED and not _is_known(column, study):
            yield LineProblem(
                line,
                column,
                Problem("column", "the study has nothing of this name", _names(column, study), Wrong.UNKNOWN_COLUMN),
            )


def _is_known(column: str, study: Study) -> bool:
    kind, _, name = column.partition(":")
    match kind:
        case "event":
            return name in study.events
        case "fact":
            return name in study.open_facts
        case "held":
            definition = definition_of(study, name)
            return definition is not None and not definition.rounds
        case _:
            return False


def _names(column: str, study: Study) -> str:
    known = [*_NEEDED, *(f"event:{name}" for name in study.events), *(f"fact:{name}" for name in study.open_facts)]
    return nearest(
        column,
        [*known, *(f"held:{name}" for name, visit in study.visits.items() if not visit.repeats and not visit.rounds)],
    )


# --- a line -----------------------------------------------------------------------------------------------------------


def _read(viewer: Viewer, line: int, cells: Mapping[str, str]) -> TableLine | tuple[LineProblem, ...]:
    problems = [_line_problem(line, needed, "it is empty", Wrong.MISSING) for needed in _NEEDED if not cells[needed]]
    site = viewer.site(cells[SITE])
    if cells[SITE] and (site is None or not viewer.may(Action.RECORD, site)):
        problems.append(_line_problem(line, SITE, "you may add nobody at such a site", Wrong.UNKNOWN))
    events: dict[str, date] = {}
    held: dict[str, date] = {}
    facts: dict[str, str] = {}
    for column, cell in cells.items():
        kind, colon, name = column.partition(":")
        if not colon or not cell:
            continue
        if kind == "fact":
            facts[name] = cell
            continue
        day = _day(cell)
        if day is None:
            problems.append(_line_problem(line, column, "this is no date such as 2027-04-12", Wrong.UNREADABLE))
            continue
        (events if kind == "event" else held)[name] = day
    if problems or site is None:
        return tuple(problems)
    return TableLine(line, site, NewPatient(cells[CODE], events, facts, held))


def _twice(seen: dict[str, int], row: TableLine) -> Iterator[LineProblem]:
    before = seen.setdefault(row.new.code, row.line)
    if before != row.line:
        yield _line_problem(row.line, CODE, f"line {before} has the same code", Wrong.TWICE, str(before))


def _judged(row: TableLine, problems: Iterable[Problem]) -> Iterator[LineProblem]:
    for problem in problems:
        yield LineProblem(row.line, _column_of(problem.where), problem)


def _column_of(where: str) -> str:
    """The column that a field of a patient stands in."""
    kind, _, name = where.partition(" ")
    match kind:
        case "event" | "fact":
            return f"{kind}:{name}"
        case "visit" | "held":
            return f"held:{name}"
        case _:
            return CODE


def _line_problem(line: int, column: str, what: str, wrong: Wrong, about: str = "") -> LineProblem:
    return LineProblem(line, column, Problem(f"line {line}", what, "see the example", wrong, about))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
