"""The grid of patients and visits: states by each site's own day, and nothing of a site that is not the viewer's."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from office.board import patients as board
from office.board.patients import PatientFilter, PatientGrid, all_lines, in_order, patient_grid
from office.board.viewer import viewer_of
from office.claims import query, verify
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind, LeavingKind
from trial.grid import Cell, CellNote, CellState
from trial.people import Role


@pytest.fixture
def manager(trial: Trial):
    return trial.manager()


@pytest.fixture
def amina(trial: Trial):
    return trial.enrolled("Amina")


def grid_of(trial: Trial, person, **wanted: str | int) -> PatientGrid:
    with trial.records.read() as tx:
        viewer = viewer_of(tx, person, now=trial.clock.now())
        assert viewer is not None
        return patient_grid(tx, trial.studies, viewer, PatientFilter(**wanted), now=trial.clock.now())


def cells(grid: PatientGrid, code: str) -> dict[str, Cell]:
    [line] = [line for line in grid.lines if line.code == code]
    return {occurrence: visit.cell for occurrence, visit in line.cells.items()}


def test_a_visit_goes_from_not_yet_to_due_to_late_to_overdue(trial: Trial, manager):
    trial.patient("417-001", first_registration="2026-03-02")
    seen = []
    for wall in ("2026-03-02 09:00", "2026-05-12 09:00", "2026-06-09 09:00", "2026-07-08 09:00"):
        trial.forward_to(wall)
        seen.append(cells(grid_of(trial, manager), "417-001")["reevaluation_imaging"])

    assert seen == [
        Cell(CellState.NOT_YET),
        Cell(CellState.DUE),
        Cell(CellState.DUE, CellNote.LATE),
        Cell(CellState.OVERDUE),
    ]


def test_a_visit_is_present_once_all_of_it_came_and_was_seen(trial: Trial, manager, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20")
    held = cells(grid_of(trial, manager), "417-001")["baseline_imaging"]
    said = [
        trial.says(amina, trial.task(patient, "baseline_imaging", name), AnswerKind.UPLOADED, day="2026-02-20")
        for name in ("upload_ct", "upload_mri")
    ]
    claimed = cells(grid_of(trial, manager), "417-001")["baseline_imaging"]
    trial.does(verify, trial.studies, said[0].answer_id, manager)
    trial.does(query, trial.studies, said[1].answer_id, manager)
    queried = cells(grid_of(trial, manager), "417-001")["baseline_imaging"]
    trial.does(verify, trial.studies, said[1].answer_id, manager)
    seen = cells(grid_of(trial, manager), "417-001")["baseline_imaging"]

    assert [held.state, claimed, queried, seen] == [
        CellState.DUE,
        Cell(CellState.DUE, CellNote.CLAIMED),
        Cell(CellState.DUE, CellNote.QUERIED),
        Cell(CellState.PRESENT),
    ]


def test_what_will_never_come_and_what_does_not_apply_are_two_things(trial: Trial, manager, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.NOT_DONE, reason="mri_not_possible")
    trial.says(amina, trial.task(patient, "reevaluation_imaging"), AnswerKind.NOT_APPLICABLE, reason="mri_not_possible")

    found = cells(grid_of(trial, manager), "417-001")
    assert found["baseline_imaging"].state is CellState.UNOBTAINABLE
    assert found["reevaluation_imaging"].state is CellState.NOT_APPLICABLE


def test_a_patient_who_is_said_to_have_left_is_paused_and_still_stands_there(trial: Trial, manager, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    task = trial.task(patient, "baseline_imaging")
    trial.says(amina, task, AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.LOST)

    assert cells(grid_of(trial, manager), "417-001")["baseline_imaging"] == Cell(
        CellState.NOT_APPLICABLE, CellNote.PAUSED
    )
    assert [line.state for line in grid_of(trial, manager, state="paused").lines] == ["paused"]
    assert grid_of(trial, manager, state="followed").lines == ()


def test_what_fell_due_before_a_site_began_is_marked(trial: Trial, manager):
    trial.site("611", "Houston", "US", "America/Chicago", rings_from="2026-03-02")
    trial.patient("611-001", site="611", first_registration="2026-01-05")

    assert cells(grid_of(trial, manager), "611-001")["baseline_imaging"].note is CellNote.EARLIER


def test_the_day_is_the_site_s_own(trial: Trial, manager):
    trial.patient("417-001", first_registration="2026-03-02")
    trial.patient("501-001", site="501", first_registration="2026-03-02")
    trial.forward_to("2026-03-02 17:00")  # the 3rd has begun in Tokyo
    grid = grid_of(trial, manager)

    assert cells(grid, "417-001")["baseline_imaging"] == Cell(CellState.DUE)
    assert cells(grid, "501-001")["baseline_imaging"] == Cell(CellState.DUE, CellNote.LATE)


def test_columns_stand_in_the_order_of_the_study_and_repeated_visits_by_their_offset(trial: Trial, manager):
    trial.patient("417-001", first_registration="2025-06-02", second_registration="2025-09-01", surgery="2025-10-01")

    occurrences = [column.occurrence for column in grid_of(trial, manager).columns]
    assert occurrences == [
        "baseline_imaging",
        "reevaluation_imaging",
        "preoperative_imaging",
        "surgery",
        "fu_6mo",
        "fu_12mo",
        "fu_18mo",
        "fu_24mo",
        "fact:lesion_left_in_place",
    ]


def test_a_page_has_fifty_patients_by_site_and_in_the_order_in_which_they_came(
    trial: Trial, manager, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(board, "PAGE", 2)
    for code, site in (("501-001", "501"), ("417-002", "417"), ("417-001", "417")):
        trial.patient(code, site=site, first_registration="2026-02-16")
        trial.wait(minutes=1)
    pages = [grid_of(trial, manager, page=number) for number in (1, 2, 3)]

    assert [[line.code for line in page.lines] for page in pages] == [["417-001", "417-002"], ["501-001"], []]
    assert [(page.first, page.total, page.before, page.after) for page in pages[:2]] == [
        (1, 3, None, 2),
        (3, 3, 1, None),
    ]


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.INVESTIGATOR, Role.MONITOR])
def test_whoever_belongs_to_one_site_sees_its_patients_alone(trial: Trial, role):
    trial.patient("417-001", first_registration="2026-02-16")
    trial.patient("501-001", site="501", first_registration="2026-02-16")
    grid = grid_of(trial, trial.enrolled("Somebody", site="501", role=role))

    assert ([line.code for line in grid.lines], grid.total, grid.all_patients) == (["501-001"], 1, 1)
    assert [site.number for site in grid.sites] == ["501"]
    assert grid_of(trial, trial.enrolled("Another", site="501", role=role), site="417").lines == ()


def test_an_administrator_sees_no_patient(trial: Trial):
    trial.patient("417-001", first_registration="2026-02-16")
    grid = grid_of(trial, trial.enrolled("Administrator A", site=None, role=Role.ADMINISTRATOR))

    assert (grid.lines, grid.all_patients, grid.sites) == ((), 0, ())


def test_a_page_takes_the_same_number_of_statements_however_many_patients_it_has(trial: Trial, manager):
    def statements() -> int:
        count = 0

        def counted(*_: object) -> None:
            nonlocal count
            count += 1

        with trial.records.read() as tx:
            viewer = viewer_of(tx, manager, now=trial.clock.now())
            sa.event.listen(tx.connection.engine, "before_cursor_execute", counted)
            try:
                patient_grid(tx, trial.studies, viewer, PatientFilter(), now=trial.clock.now())
            finally:
                sa.event.remove(tx.connection.engine, "before_cursor_execute", counted)
        return count

    def patients(first: int, last: int) -> Iterator[None]:
        for number in range(first, last):
            yield trial.patient(f"417-{number:03}", first_registration="2026-02-16")

    list(patients(1, 3))
    few = statements()
    list(patients(3, 12))

    assert statements() == few


def test_the_file_has_every_visit_of_every_patient_of_the_filter(trial: Trial, manager, monkeypatch):
    monkeypatch.setattr(board, "PAGE", 2)
    for number in range(1, 6):
        trial.patient(f"417-{number:03}", first_registration="2026-02-16")
    trial.patient("501-001", site="501", first_registration="2026-02-16")
    trial.clock.wait(timedelta(days=100))
    with trial.records.read() as tx:
        viewer = viewer_of(tx, manager, now=trial.clock.now())
        lines = list(all_lines(tx, trial.studies, viewer, PatientFilter(site="417"), now=trial.clock.now()))
    shown = [line for number in (1, 2, 3) for line in grid_of(trial, manager, site="417", page=number).lines]

    assert [line.code for line in lines] == [line.code for line in shown]
    assert [[visit.cell for visit in in_order(line)] for line in lines] == [
        [visit.cell for visit in in_order(line)] for line in shown
    ]
