"""`sitebell study table` and `template`, as a trial manager meets them."""

import csv
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from app.commands.study import app
from office.study_tables import read_table
from tests.readers.tables import visits_of
from trial.problems import ProblemError
from trial.spreadsheets import FORMULA_SIGNS

SMALL = Path(__file__).resolve().parents[1] / "studies" / "small.yaml"


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def test_a_study_becomes_a_workbook_and_what_it_does_not_hold_is_told(tmp_path):
    out = tmp_path / "schedule.xlsx"
    result = run("table", str(SMALL), "--out", str(out))

    assert result.exit_code == 0
    assert result.stdout.splitlines()[:2] == [
        "schedule.xlsx: 6 visits, 7 events, 2 facts, 3 tasks",
        "It does not hold:",
    ]
    assert "  visits[fu].repeat_if: it has no place in a table; it stays in the study file.\n" in result.stdout
    assert load_workbook(out).sheetnames == ["Study", "Visits", "Events", "Facts", "Tasks"]


def test_a_study_becomes_a_csv_in_which_no_cell_is_a_formula(tmp_path):
    study, out = tmp_path / "plan.yaml", tmp_path / "schedule.csv"
    study.write_text(SMALL.read_text().replace("label: Operation,", 'label: "=1+1",'), encoding="utf-8")
    assert run("table", str(study), "--out", str(out)).exit_code == 0
    cells = [cell for row in csv.reader(out.read_text(encoding="utf-8-sig").splitlines()) for cell in row]

    assert "'=1+1" in cells
    assert [cell for cell in cells if cell.startswith(FORMULA_SIGNS)] == []


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_the_template_is_written_and_explains_itself(tmp_path, ending):
    out = tmp_path / f"schedule.{ending}"
    result = run("template", "--out", str(out))

    assert (result.exit_code, result.stdout) == (
        0,
        f"{out.name} was written. Its lines that begin with # explain it.\n",
    )
    assert visits_of(read_table(out.read_bytes(), out.name)) == {}


def test_no_file_is_written_over(tmp_path):
    out = tmp_path / "schedule.csv"
    out.write_text("mine")
    result = run("template", "--out", str(out))

    assert isinstance(result.exception, ProblemError)
    assert "the file is there already; give a new name." in str(result.exception)
    assert out.read_text() == "mine"


@pytest.mark.parametrize(
    ("out", "sentence"),
    [("schedule.ods", "let it end in .xlsx or .csv"), ("nowhere/schedule.csv", "there is no such folder")],
)
def test_where_nothing_can_be_written_is_told(tmp_path, out, sentence):
    result = run("template", "--out", str(tmp_path / out))

    assert isinstance(result.exception, ProblemError)
    assert sentence in str(result.exception)
