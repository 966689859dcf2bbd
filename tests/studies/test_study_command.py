"""`sitebell study check` and `preview`, as a study builder meets them."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from app.commands.study import app

CHECKOUT = Path(__file__).resolve().parents[2]
DREAM = str(CHECKOUT / "studies" / "dream.yaml")
ENTERED = ("--event", "first_registration=2026-02-02")
ROWS = [
    "Baseline CT and MRI",
    "Re-evaluation CT and MRI after chemotherapy",
    "Decision on resection and second registration",
    "Pre-operative CT and MRI",
    "Liver surgery",
    "Follow-up imaging, 6–24 months",
]


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def test_a_sound_file_is_ok_and_its_unverified_numbers_are_listed():
    result = run("check", DREAM)

    assert result.exit_code == 0
    assert result.stdout.startswith("ok: DREAM 1.1: 11 events, 1 fact, 6 visits, 10 tasks; languages: en, de, fr, ja\n")
    assert "visits[baseline_imaging].window: -28d .. 0d\n" in result.stdout
    assert "claims.unseen_after: 5wd\n" in result.stdout
    assert "cover: closes + 3wd, backup: closes + 5wd, investigator: closes + 8wd" in result.stdout
    assert "  line " in result.stdout


def test_warnings_stand_after_ok_with_their_line_and_do_not_count(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(
        'format: visitplan/1\nstudy: {id: X, title: X, version: "1", subject_id: "[A-Z]{2}\\\\d{3}"}\n'
        "events: {r: {label: R, required: true}}\n"
        'campaigns: [{id: s, label: "S", rounds: [2027-06-01 .. 2027-06-30], tasks: [{id: f, label: F}]}]\n'
        "visits: [{id: v, label: V, when: r}]\n",
        encoding="utf-8",
    )
    result = run("check", str(path))

    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        [
            "ok: X 1: 1 event, 0 facts, 1 visit, 1 campaign, 1 task; languages: en",
            "1 warning:",
            (
                "  line 2: study.subject_id: codes of this form could hold a patient's initials; fix the letters in subject_id,"
                r" such as 'NO-\d{3}', or use digits alone."
            ),
        ],
    )


def test_a_bad_file_is_told_in_sentences_and_ends_with_two(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text("format: visitplan/1\nvisits: []\n", encoding="utf-8")
    result = run("check", str(path))

    assert (result.exit_code, result.stdout) == (2, "")
    assert all(line.startswith("plan.yaml") for line in result.stderr.splitlines())


def test_a_preview_shows_every_date_as_a_table():
    result = run("preview", DREAM, *ENTERED)

    assert result.exit_code == 0
    head, first, *_ = result.stdout.splitlines()
    assert head.split() == ["occurrence", "status", "target", "earliest", "latest", "tasks"]
    assert first.startswith("baseline_imaging      firm")


def test_a_preview_can_be_read_by_programs():
    rows = json.loads(run("preview", DREAM, *ENTERED, "--format", "json").stdout)

    assert rows[0] == {
        "occurrence": "baseline_imaging",
        "status": "firm",
        "target": "2026-02-02",
        "earliest": "2026-01-05",
        "latest": "2026-02-02",
        "tasks": "upload_ct due 2026-02-09; upload_mri due 2026-02-09",
    }


def test_the_same_dates_are_drawn():
    wanted = ("--done", "baseline_imaging=2026-01-30", "--fact", "lesion_left_in_place=yes", "--country", "JP")
    svg = run("preview", DREAM, *ENTERED, *wanted, "--today", "2026-02-20", "--format", "svg").stdout
    root = ET.fromstring(svg)  # noqa: S314 - drawn by ourselves
    said = [element.text for element in root.iter() if element.tag.endswith("}text")]

    assert root.get("role") == "img"
    # A row for each kind of visit, in the order of the file; what comes again says which it is.
    assert [text for text in said if text in ROWS] == ROWS
    assert {"DREAM 1.1 · JP · First registration 2026-02-02", "6", "12", "18", "24"} <= set(said)
    assert {"window, firm", "window, provisional", "target", "held", "task due", "today", "public holiday"} <= set(said)
    desc = next(element.text or "" for element in root.iter() if element.tag.endswith("}desc"))
    assert "surgery: provisional, target 2026-06-08, 2026-05-18 to 2026-07-06" in desc


def test_holidays_of_a_country_move_what_counts_working_days():
    dated = ("--done", "baseline_imaging=2026-05-01", "--format", "csv")

    assert "upload_ct due 2026-05-08" in run("preview", DREAM, *ENTERED, *dated).stdout
    assert "upload_ct due 2026-05-13" in run("preview", DREAM, *ENTERED, *dated, "--country", "JP").stdout


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "event first_registration: its date is missing"),
        ((*ENTERED, "--event", "surgery=2026-13-01"), "--event surgery: '2026-13-01' is no date; write YYYY-MM-DD"),
        ((*ENTERED, "--event", "surgery=20260301"), "--event surgery: '20260301' is no date; write YYYY-MM-DD"),
        ((*ENTERED, "--event", "surgery"), "--event: 'surgery' has no name, = and value; write such as surgery="),
        ((*ENTERED, "--event", "sugery=2026-03-01"), "event sugery: the study has no such event; did you mean surgery"),
        ((*ENTERED, "--event", "surgery=2026-01-01"), "event surgery: its date lies before first_registration"),
        ((*ENTERED, "--event", "surgery=2999-01-01"), "event surgery: the year is not between 1900 and 2200"),
        ((*ENTERED, "--fact", "lesion_left_in_place=maybe"), "fact lesion_left_in_place: this is none of its values"),
        ((*ENTERED, "--done", "fu=2026-03-01"), "visit fu: the study has no such visit"),
        ((*ENTERED, *ENTERED), "--event first_registration: it is given twice; give it once"),
        ((*ENTERED, "--format", "png"), "--format: there is no format 'png'; the formats are table, csv, json, svg."),
        ((*ENTERED, "--country", "XX"), "country: 'XX' is not known; give an ISO 3166 code"),
        (("--event", "first_registration=2199-12-01"), "date: a date falls outside the years 1900 to 2200"),
    ],
)
def test_what_cannot_be_previewed_is_told_in_a_sentence(options, sentence):
    result = run("preview", DREAM, *options)

    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_all_mistakes_of_one_call_are_told_together():
    result = run("preview", DREAM, "--event", "surgery=soon", "--fact", "x=1", "--format", "png")

    assert len(result.stderr.splitlines()) == 4
