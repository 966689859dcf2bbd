"""Lists as files: what is written is what a spreadsheet shows, nothing in it runs, and nobody takes it along unseen."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from records import schema
from records.transaction import entry_row
from tests.office.vocabulary import Trial
from tests.web.board.doors import Doors, doors_of
from trial.people import Role
from trial.spreadsheets import FORMULA_SIGNS
from web.board.tables import csv_lines, csv_response

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
cells = st.one_of(
    st.none(),
    texts,
    st.sampled_from(FORMULA_SIGNS).flatmap(lambda sign: texts.map(lambda text: sign + text)),
    st.integers(),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
)


def read_back(written: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))


@given(st.lists(st.lists(cells, min_size=2, max_size=2), max_size=6))
@example([["=1+1", '"a"\r\nb'], ["＝1", "\ta"], [None, -3]])
def test_what_is_written_is_read_back_and_no_cell_begins_like_a_formula(rows: list[list[object]]):
    written = b"".join(csv_lines(("first", "second"), rows))  # type: ignore[arg-type]  # of all kinds
    head, *found = read_back(written)

    assert written.startswith(b"\xef\xbb\xbffirst,second\r\n")
    assert head == ["first", "second"]
    assert len(found) == len(rows)
    assert not any(cell.startswith(FORMULA_SIGNS) for row in found for cell in row)
    for row, back in zip(rows, found, strict=True):
        for cell, text in zip(row, back, strict=True):
            if isinstance(cell, str):
                assert text.removeprefix("'") == cell.removeprefix("'")


def test_days_are_iso_and_moments_are_utc():
    tokyo = datetime.fromisoformat("2026-03-02T17:30:00+09:00")
    (_, row) = read_back(b"".join(csv_lines(("day", "at", "count"), [(date(2026, 3, 2), tokyo, 3)])))

    assert row == ["2026-03-02", "2026-03-02T08:30:00+00:00", "3"]


def test_a_long_file_comes_in_pieces():
    pieces = list(csv_lines(("number",), ([number] for number in range(1200))))

    assert len(pieces) == 3
    assert len(read_back(b"".join(pieces))) == 1201


def test_the_name_of_a_file_is_plain():
    response = csv_response([], 'sitebell-DREAM "x"\r\nSet-Cookie: a=b')

    assert response.headers["Content-Disposition"] == 'attachment; filename="sitebell-DREAM--x---Set-Cookie--a-b.csv"'


# --- over HTTP --------------------------------------------------------------------------------------------------------


@pytest.fixture
def doors(trial: Trial) -> Iterator[Doors]:
    with doors_of(trial) as open_doors:
        yield open_doors


@pytest.fixture
def manager(trial: Trial) -> UUID:
    trial.enrolled("Amina")
    trial.enrolled("Tomoko", site="501")
    trial.patient("417-001", first_registration="2026-01-12")
    trial.patient("501-001", site="501", first_registration="2026-01-12")
    return trial.manager()


@pytest.mark.parametrize("name", ["late", "uploads"])
def test_a_list_is_taken_along_with_its_filters_and_leaves_a_trace(doors: Doors, manager: UUID, name: str):
    asked = {"late": "state=overdue", "uploads": "stage=due"}[name]
    with doors.as_(manager) as http:
        answer = http.get(f"/{name}.csv?site=417&{asked}")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="sitebell-DREAM-{name}-2026-03-02.csv"'
    assert rows
    assert {row["patient"] for row in rows} == {"417-001"}
    (entry,) = doors.trial.audited("list.exported")
    assert entry.actor == str(manager)
    after = opened(doors.trial, entry.sequence, entry.sealed)
    assert after["list"] == name
    assert after["rows"] == len(rows)
    assert after["filters"] == {"site": "417", **dict([asked.split("=")])}


def opened(trial: Trial, sequence: int, sealed: bytes) -> dict[str, object]:
    with trial.records.read() as tx:
        after = tx.unseal(schema.audit, entry_row(sequence), sealed)["after"]
    assert isinstance(after, dict)
    return after


@pytest.mark.parametrize("name", ["late", "uploads", "sites"])
def test_whoever_may_not_take_lists_along_finds_no_file(doors: Doors, manager: UUID, name: str):
    administrator = doors.trial.enrolled("Administrator A", site=None, role=Role.ADMINISTRATOR)
    with doors.as_(administrator) as http:
        answer = http.get(f"/{name}.csv")

    assert answer.status_code == 404
    assert doors.trial.audited("list.exported") == []


def test_somebody_of_a_site_takes_along_its_rows_alone(doors: Doors, manager: UUID):
    berta = doors.trial.enrolled("Berta")
    with doors.as_(berta) as http:
        mine, theirs = http.get("/late.csv"), http.get("/late.csv?site=501")

    assert "417-001" in mine.text
    assert "501-001" not in mine.text
    assert theirs.status_code == 404
