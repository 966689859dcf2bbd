"""Every date that a study file gives, against tables worked out by hand."""

import csv
import io
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.commands.study import app

HERE = Path(__file__).resolve().parent

SMALL = {
    "A: entered only": "--event entry=2026-02-02 --fact scanner=yes",
    "B: operated and relapsed": (
        "--event entry=2026-02-02 --event last_dose=2026-06-08 --event operation=2026-08-31 "
        "--event relapse=2027-10-05 --fact arm=a --fact scanner=yes --done call_1=2028-01-10 --done before=2026-07-02"
    ),
    "C: operation declined then moved away": (
        "--event entry=2026-02-02 --event last_dose=2026-05-01 --event declined=2026-05-31 "
        "--event moved_away=2027-06-30 --fact arm=b --fact scanner=no"
    ),
    "D: operated before the scan could be and nothing asked yet": (
        "--event entry=2026-01-31 --event last_dose=2026-06-15 --event operation=2026-06-22"
    ),
    "E: a scan on request in Japan's week of holidays": (
        "--event entry=2026-04-20 --fact scanner=yes --done base=2026-04-17 --done extra=2026-04-28 --country JP"
    ),
}
NATIVE = {
    "A: registered only": "--event registration=2026-02-02 --fact modality=mri",
    "B: operated 2026-08-31, R1": (
        "--event registration=2026-02-02 --event chemo_end=2026-06-08 --event surgery=2026-08-31 "
        "--fact modality=mri --fact arm=standard --fact resection=R1"
    ),
    "C: intensified arm, relapse 2027-10-05, surv_1 actual 2028-01-10, resection unknown": (
        "--event registration=2026-02-02 --event chemo_end=2026-06-08 --event surgery=2026-08-31 "
        "--event relapse=2027-10-05 --fact modality=mri --fact arm=intensified --done surv_1=2028-01-10"
    ),
}


def previewed(study: Path, options: str) -> list[list[str]]:
    result = CliRunner().invoke(app, ["preview", str(study), "--format", "csv", *options.split()])
    assert (result.exit_code, result.stderr) == (0, "")
    return list(csv.reader(io.StringIO(result.stdout)))[1:]


def expected(table: Path) -> dict[str, list[list[str]]]:
    with table.open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    return {case: [row[1:] for row in rows if row[0] == case] for case in dict.fromkeys(row[0] for row in rows)}


@pytest.mark.parametrize("case", SMALL)
def test_our_own_study_gives_its_dates(case):
    assert expected(HERE / "small-expected.csv")[case] == previewed(HERE / "small.yaml", SMALL[case])


def test_every_course_of_the_table_is_tried():
    assert set(SMALL) == set(expected(HERE / "small-expected.csv"))


def test_the_published_example_gives_its_dates(shared_folder):
    tables = expected(shared_folder / "studies" / "EXPECTED-NATIVE-EXAMPLE.csv")

    assert set(NATIVE) == set(tables)
    assert sum(map(len, tables.values())) == 54
    for case, rows in tables.items():
        assert rows == previewed(shared_folder / "studies" / "NATIVE-EXAMPLE.yaml", NATIVE[case])
