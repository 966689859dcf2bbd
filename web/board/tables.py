"""Lists as CSV: the same rows as the page, all of them, for whoever may take them out of the house.

Fields have English names that stay, dates are ISO, moments are UTC, and no cell begins like a formula. The rows are read in
one transaction and noted in the audit trail before the first byte leaves: whoever reads slowly holds up nobody, and nothing
goes out that is not on record.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final, TypeVar

from fastapi.responses import Response, StreamingResponse

from office.board.exporting import exporter, note_export
from office.board.viewer import Viewer
from records.transaction import Tx
from trial.moments import Instant
from trial.spreadsheets import safe
from web.board.desk import BoardDesk
from web.board.pages import HEADERS, missing
from web.board.visitors import Visitor

Row = TypeVar("Row")

Cell = str | int | date | datetime | None
"""A moment is written in UTC, a day as it is; None is an empty cell."""

Columns = Mapping[str, Callable[[Row], Cell]]
"""The fields of a file in their order, each with what it says of a row."""

Read = Callable[[Tx, Viewer, Instant, Instant], Iterable[Row]]
"""All rows of a list for this viewer, at this trial time and this elapsed time."""

_BOM: Final = "\ufeff"  # without it a spreadsheet takes UTF-8 for something else
_CHUNK: Final = 500  # rows


async def exported(
    desk: BoardDesk,
    visitor: Visitor,
    name: str,
    columns: Columns[Row],
    rows: Read[Row],
    *,
    filters: Mapping[str, str] | None = None,
) -> Response:
    """The file of a list. `name` is a closed word and names it; `filters` are those of the address, as the page takes them.

    The rows are read for the sites alone whose lists this viewer may take; where there is none, nothing is here.
    """
    viewer = exporter(visitor.viewer)
    if viewer is None:
        return missing(visitor.viewer, csrf=visitor.csrf)
    count = 0

    def counted(tx: Tx, now: Instant, elapsed: Instant) -> Iterator[Sequence[Cell]]:
        nonlocal count
        for row in rows(tx, viewer, now, elapsed):
            count += 1
            yield [cell(row) for cell in columns.values()]

    lines = await desk.read(lambda tx, now, elapsed: tuple(csv_lines(tuple(columns), counted(tx, now, elapsed))))
    await desk.write(
        lambda tx, now, elapsed: note_export(tx, viewer, name, filters or {}, count, now=now, elapsed=elapsed)
    )
    return csv_response(lines, f"sitebell-{viewer.study.code}-{name}-{viewer.now.date().isoformat()}")


def csv_response(lines: Iterable[bytes], name: str) -> Response:
    """A file to be kept, sent piece by piece. `name` holds nothing of a patient."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_") else "-" for letter in name)
    return StreamingResponse(
        iter(lines),
        media_type="text/csv; charset=utf-8",
        headers={
            **HEADERS,
            "Content-Disposition": f'attachment; filename="{plain}.csv"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The file in pieces, its fields' names first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    text.write(_BOM)
    writer.writerow(columns)
    for number, row in enumerate(rows, start=1):
        writer.writerow([safe(_written(cell)) for cell in row])
        if number % _CHUNK == 0:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    written = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return written


def _written(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            return cell.astimezone(UTC).isoformat(timespec="seconds")
        case date():
            return cell.isoformat()
        case _:
            return str(cell)
