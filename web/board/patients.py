"""The grid of patients and their visits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from locales.board import BoardWords, board_words
from locales.board_patients import CELL_SIGNS, cell_meaning, cell_word, done_words, note_word, patient_state
from office.board.patients import (
    STATES,
    PatientFilter,
    PatientLine,
    VisitCell,
    VisitColumn,
    all_lines,
    in_order,
    patient_grid,
)
from office.board.viewer import Viewer
from trial.access import Action
from trial.grid import CellState
from web.board.desk import BoardDesk
from web.board.pages import missing, page
from web.board.tables import Columns, exported
from web.board.visitors import Door

ADDRESS: Final = "/patients"
_DIGITS_OF_PAGES: Final = 7
_LEGEND: Final = (
    CellState.PRESENT,
    CellState.DUE,
    CellState.OVERDUE,
    CellState.NOT_APPLICABLE,
    CellState.NOT_YET,
    CellState.UNOBTAINABLE,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One visit of one patient, for a file."""

    line: PatientLine
    visit: VisitCell


COLUMNS: Final[Columns[Row]] = {
    "study": lambda row: row.line.site.study_code,
    "site": lambda row: row.line.site.number,
    "site_name": lambda row: row.line.site.name,
    "country": lambda row: row.line.site.country,
    "patient": lambda row: row.line.code,
    "patient_state": lambda row: row.line.state,
    "protocol": lambda row: row.line.study.version,
    "visit": lambda row: row.visit.occurrence,
    "target": lambda row: row.visit.target,
    "first_day": lambda row: row.visit.earliest,
    "last_day": lambda row: row.visit.latest,
    "state": lambda row: row.visit.cell.state.value,
    "note": lambda row: None if row.visit.cell.note is None else row.visit.cell.note.value,
    "days_late": lambda row: row.visit.days_late,
}


@dataclass(frozen=True, slots=True)
class _Cell:
    name: str
    sign: str
    word: str
    note: str
    address: str
    label: str


@dataclass(frozen=True, slots=True)
class _Meaning:
    name: str
    sign: str
    word: str
    words: str


def patients_routes(desk: BoardDesk, door: Door) -> APIRouter:
    router = APIRouter()

    @router.get(ADDRESS)
    async def show(request: Request) -> Response:
        visitor = await door.visitor(request)
        viewer, wanted = visitor.viewer, filter_of(request)
        if wanted is None or not _is_theirs(viewer, wanted):
            return missing(viewer, csrf=visitor.csrf)
        grid = await desk.read(lambda tx, now, _elapsed: patient_grid(tx, desk.studies, viewer, wanted, now=now))
        words = board_words(viewer.language)
        return page(
            "board/patients.html",
            viewer,
            csrf=visitor.csrf,
            grid=grid,
            rows=[(line, list(_cells(line, grid.columns, words))) for line in grid.lines],
            columns=[words.label(column.label) for column in grid.columns],
            legend=[
                _Meaning(one.value, CELL_SIGNS[one], cell_word(words.voice, one), cell_meaning(words.voice, one))
                for one in _LEGEND
            ],
            states=[(state, patient_state(words.voice, state)) for state in STATES],
            state_of=lambda state: patient_state(words.voice, state),
            countries=sorted({site.country for site in grid.sites}),
            before=None if grid.before is None else address_of(replace(wanted, page=grid.before)),
            after=None if grid.after is None else address_of(replace(wanted, page=grid.after)),
            rows_as_csv=address_of(replace(wanted, page=1), ".csv"),
            done_words=done_words(words.voice, request.query_params.get("done")),
            may_add=viewer.may_somewhere(Action.RECORD),
            may_export=viewer.may_somewhere(Action.EXPORT),
        )

    @router.get(f"{ADDRESS}.csv")
    async def rows(request: Request) -> Response:
        visitor, wanted = await door.visitor(request), filter_of(request)
        if wanted is None or not _is_theirs(visitor.viewer, wanted):
            return missing(visitor.viewer, csrf=visitor.csrf)
        asked = {"site": wanted.site, "country": wanted.country, "state": wanted.state}
        return await exported(
            desk,
            visitor,
            "patients",
            COLUMNS,
            lambda tx, viewer, now, _elapsed: (
                Row(line, visit)
                for line in all_lines(tx, desk.studies, viewer, wanted, now=now)
                for visit in in_order(line)
            ),
            filters={name: value for name, value in asked.items() if value},
        )

    return router


def filter_of(request: Request) -> PatientFilter | None:
    """What the address asks for; None where it asks for what there is not."""
    asked = request.query_params
    state, number = asked.get("state") or None, asked.get("page") or "1"
    if not (number.isascii() and number.isdecimal() and len(number) < _DIGITS_OF_PAGES and int(number)):
        return None
    if state is not None and state not in STATES:
        return None
    return PatientFilter(asked.get("site") or None, asked.get("country") or None, state, int(number))


def _is_theirs(viewer: Viewer, wanted: PatientFilter) -> bool:
    """Whether the sites that are asked for are among those whose patients they may see. Where there is none, so is nothing."""
    return bool(viewer.seen) and any(
        wanted.site in {None, site.number} and wanted.country in {None, site.country} for site in viewer.seen
    )


def address_of(wanted: PatientFilter, ending: str = "") -> str:
    """The address of a page of the grid."""
    asked = {"site": wanted.site, "country": wanted.country, "state": wanted.state}
    pairs = {name: value for name, value in asked.items() if value}
    if wanted.page > 1:
        pairs["page"] = str(wanted.page)
    return f"{ADDRESS}{ending}" + (f"?{urlencode(pairs)}" if pairs else "")


def _cells(line: PatientLine, columns: Sequence[VisitColumn], words: BoardWords) -> Iterator[_Cell | None]:
    """A cell for each column; None where the patient has no such visit."""
    for column in columns:
        visit = line.cells.get(column.occurrence)
        yield None if visit is None else _cell(line, column, visit, words)


def _cell(line: PatientLine, column: VisitColumn, visit: VisitCell, words: BoardWords) -> _Cell:
    state = visit.cell.state
    return _Cell(
        name=state.value,
        sign=CELL_SIGNS[state],
        word=cell_word(words.voice, state),
        note=note_word(words.voice, visit.cell.note, days_late=visit.days_late),
        address=f"{ADDRESS}/{line.id}#visit-{visit.visit_id}",
        label=words.label(column.label),
    )
