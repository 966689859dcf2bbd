"""Published protocols, imported and previewed by the commands, give the dates that were worked out by hand."""

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.commands.study import app
from tests.readers.usdm_files import ANCHOR_DAY

PUBLISHED = {
    "ddfra_cdisc_pilot": {"Main Timeline": "dose", "Adverse Event Timeline": "ae", "Early Termination Timeline": "et"},
    "ddfra_lilly_nct03421379": {"Main Timeline": "p1_treatment"},
    "ddfra_observational": {"Main Timeline": "dose"},
}
"""The event that each timeline counts from. Timelines that are not named are what is done within a visit."""


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def expected(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "studies" / f"EXPECTED-{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_protocol_gives_its_dates_row_for_row(name, shared_folder, tmp_path):
    plan = tmp_path / "plan.yaml"
    imported = run("import", shared_folder / "studies" / f"{name}.json", "--out", plan)
    assert (imported.exit_code, imported.stderr) == (0, "")

    table = [row for row in expected(shared_folder, name) if row["timeline"] in PUBLISHED[name] and row["anchor"]]
    events = [f"--event={event}={ANCHOR_DAY}" for event in PUBLISHED[name].values()]
    rows = list(csv.DictReader(run("preview", plan, "--format=csv", *events).stdout.splitlines()))

    dates = {row["occurrence"]: (row["target"], row["earliest"], row["latest"]) for row in rows}
    assert dates == {
        row["instance"].lower().replace(" ", "_"): (
            row["date_if_anchor_2026_01_31"],
            row["earliest_date"],
            row["latest_date"],
        )
        for row in table
    }
    main = [row["instance"].lower().replace(" ", "_") for row in table if row["main"] == "1"]
    assert [row["occurrence"] for row in rows if row["occurrence"] in main] == main


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_a_published_protocol_leaves_open_is_asked(name, shared_folder, tmp_path):
    plan = tmp_path / "plan.yaml"
    told = run("import", shared_folder / "studies" / f"{name}.json", "--out", plan).stdout
    checked = run("check", plan)

    assert checked.exit_code == 0
    assert "questions without an answer:" in checked.stdout
    for row in expected(shared_folder, name):
        if "LABEL CLASH" in row["note"]:
            assert f"{row['instance']} (" in told
            assert f"timing gives study day {row['study_day']}" in told
        if "authoring slip" in row["note"]:
            assert f"{row['instance']} (Period 1, Day 1: another period)" in checked.stdout
        if "same encounter as previous row" in row["note"]:
            assert f"{row['encounter_label']} stands at {row['instance'][:-1]}, {row['instance']}" in checked.stdout
        if "floats on actual WASHOUT" in row["note"]:
            assert f"{row['instance']} (" in told
            assert "which may itself be held early or late" in told
        if row["kind"] == "decision":
            assert f"under the condition “{row['branches'].split(' -> ')[0].removeprefix('IF ')}”" in checked.stdout


def test_a_broken_protocol_is_refused_with_every_reason_and_writes_nothing(shared_folder, tmp_path):
    name = "sdr_allergan_3111-302-001_BROKEN"
    plan = tmp_path / "plan.yaml"
    result = run("import", shared_folder / "studies" / f"{name}.json", "--out", plan)

    assert (result.exit_code, result.stdout, plan.exists()) == (2, "", False)
    told = result.stderr
    assert "the timeline has no entry (entryId)" in told
    assert "DAY_1: 2 nodes have this name" in told
    assert "all 6 timings have the value P1D, whatever their nodes are called" in told
    assert "it has 2 timings" in told
    for row in expected(shared_folder, name):
        if "no timing from" in row["note"]:
            assert f"{row['instance']} (" in told
            assert "it has no timing" in told
        day = row["instance"].removeprefix("DAY_")
        if not row["encounter_label"].endswith(f" {day}"):
            assert f"its encounter is called {row['encounter_label']}, which is another day" in told


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("soa1_lzzt_protocoldesign.json", "a schedule of activities in FHIR, which is not read yet"),
        ("timing_lzzt.xml", "a study in CDISC's ODM, which is not read yet"),
        ("simple_timing_constraints.xml", "a study in CDISC's ODM, which is not read yet"),
        (
            "README.md",
            "this is in no format that can be imported; give a file in one of these: a schedule of activities",
        ),
    ],
)
def test_a_protocol_in_another_format_is_told_plainly(file, what, shared_folder, tmp_path):
    result = run("import", shared_folder / "studies" / file, "--out", tmp_path / "plan.yaml")

    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert what in result.stderr
