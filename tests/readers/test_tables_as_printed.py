"""Schedules as protocols and papers print them, typed into a spreadsheet: read to the right dates, or told how to become right."""

import io

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from app.commands.study import app
from office.study_tables import read_table
from tests.readers.tables import bare, draft_of, sentences, told, visits_of
from trial.problems import ProblemError
from trial.readers.draft import Draft, Weight

X, NO = "X", None
# The months are those of the Norwegian follow-up after colon cancer (http://www.biomedcentral.com/1472-6963/8/137/table/T1).
# What is done in which of them, the event that they count from and the layout are invented.
MONTHS = (1, 3, 6, 9, 12, 15, 18, 21, 24, 30, 36, 42, 48, 54, 60)
COLON = (
    ("Table 1. Follow-up",),
    (),
    ("Examination", "Months after surgery", *[NO] * 14),
    (NO, *MONTHS),
    ("Clinical examination", *[X] * 15),
    ("CEA", NO, *[X] * 14),
    ("Chest X-ray¹", NO, NO, X, NO, X, NO, X, NO, *[X] * 7),
    ("Colonoscopy", NO, NO, NO, NO, "X²", *[NO] * 9, X),
    ("¹ or CT",),
)


def workbook(rows, *merged: str) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for area in merged:
        book.active.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_of(rows, delimiter: str = ";") -> str:
    return "\r\n".join(delimiter.join("" if cell is None else str(cell) for cell in row) for row in rows)


def days(draft: Draft) -> dict[str, object]:
    return {name: bare(visit["when"]) for name, visit in visits_of(draft).items()}


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_published_schedule_shows_its_dates_by_two_commands(tmp_path):
    table, plan = tmp_path / "colon.xlsx", tmp_path / "colon plan.yaml"
    table.write_bytes(workbook(COLON, "A3:A4", "B3:P3"))
    imported = run("import", table, "--out", plan)
    *_, command = imported.stdout.rstrip().splitlines()
    preview = run("preview", plan, "--event", "surgery=2026-01-31", "--format", "csv")

    assert (imported.exit_code, preview.exit_code) == (0, 0)
    assert command == f"  sitebell study preview '{plan}' --event surgery=YYYY-MM-DD"
    assert [line.split(",")[2] for line in preview.stdout.splitlines()[1:]] == [
        "2026-02-28", "2026-04-30", "2026-07-31", "2026-10-31", "2027-01-31", "2027-04-30", "2027-07-31", "2027-10-31",
        "2028-01-31", "2028-07-31", "2029-01-31", "2029-07-31", "2030-01-31", "2030-07-31", "2031-01-31",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content", [workbook(COLON, "A3:A4", "B3:P3"), workbook(COLON, "B3:P3"), csv_of(COLON).encode("utf-8-sig")]
)
def test_numbers_below_one_heading_are_its_months(content):
    draft = read_table(content, "colon.csv" if content.startswith(b"\xef") else "colon.xlsx")

    assert list(days(draft).values()) == [f"surgery + {month}mo" for month in MONTHS]
    assert [task["id"] for task in visits_of(draft)["visit_6_months_after_surgery"]["tasks"]] == ["upload_chest_x_ray"]


PROTOCOL = (
    (NO,),
    ("Protocol ABC-123", NO, NO, "Version 2.0"),
    ("Table 1: Schedule of Activities",),
    ("Procedure", "Screening", "Treatment Period", NO, NO, "Follow-up"),
    ("Visit", "V1", "V2", "V3", "V4", "V5"),
    ("Study Day", "-28 to -1", 1, 8, 29, 85),
    ("Window (days)", NO, 0, "±1", "±3", "±7"),
    ("Informed consent", X),
    ("CT / MRI (b)", X, NO, NO, X, "X"),
    ("b. by RECIST 1.1",),
)


def test_a_protocols_own_table_is_turned_with_its_periods_in_the_names():
    draft = read_table(workbook(PROTOCOL, "C4:E4", "A3:F3"), "soa.xlsx")

    assert days(draft) == {
        "screening_v1": "registration - 1d",
        "treatment_period_v2": "registration",
        "treatment_period_v3": "registration + 7d",
        "treatment_period_v4": "registration + 28d",
        "follow_up_v5": "registration + 84d",
    }
    assert {code for code, _ in told(draft, Weight.ASKED)} >= {"range", "day_numbers", "counts_from"}
    assert bare(visits_of(draft)["follow_up_v5"]["window"]) == "-7d .. +7d"


@pytest.mark.parametrize("corner", ["Assessment", "", "What is done"])
def test_visits_whose_names_are_their_days_may_stand_in_columns(corner):
    draft = draft_of(
        f"{corner};Screening (Day -28 to -1);Baseline Day 1;Week 4 ± 3 days;Visit 5 (Week 8);Month 6, then every 6 months until 24 months\n"
        "CT;X;;X;X;X\n"
    )

    assert days(draft) == {
        "screening_day_28_to_1": "registration - 1d",
        "baseline_day_1": "registration",
        "week_4_3_days": "registration + 4w",
        "visit_5_week_8": "registration + 8w",
        "month_6_then_every_6_months_until_24": "registration",
    }
    assert bare(visits_of(draft)["month_6_then_every_6_months_until_24"]["repeat"]) == "every 6mo until 24mo"
    assert ("name", "C1") in told(draft, Weight.ASKED)


@pytest.mark.parametrize(
    "name",
    [
        "Post-op week 2",
        "Post-op (Week 2)",
        "Week 2 (after surgery)",
        "Week 2 before surgery or later",
        "Cycle 2, Day 1",
        "Week 4 to 2",
    ],
)
def test_a_name_whose_words_may_give_its_number_another_meaning_says_no_day(name):
    draft = draft_of(f'Visit,Counts from,When\nA,Registration,1 week\n"{name}",Registration,\n')

    assert list(days(draft)) == ["a"]


def test_days_of_cycles_are_told_how_to_become_days():
    draft = draft_of(
        "Visit;Counts from;When\nA;Registration;1 week\nB;Registration;Cycle 2 Day 1\nC;Registration;C2D8\n"
    )

    assert list(days(draft)) == ["a"]
    assert (
        "C3: 'cycle 2 day 1' counts in cycles; the visit b was left out: write each day as counted from the first"
        in (sentences(draft))
    )


def test_headings_in_another_language_are_pointed_at_and_never_quoted():
    with pytest.raises(ProblemError) as refused:
        read_table("Visite;Zeitpunkt;Fenster\nA;4 Wochen;±3 d\n".encode("cp1252"), "plan.csv")

    assert "A1 to C1 hold no headings that are known; head the columns in English, in one row: Visit" in str(
        refused.value
    )
    assert "Zeitpunkt" not in str(refused.value)


def test_a_rhythm_may_begin_with_its_first_day_and_has_to_end():
    draft = draft_of(
        "Visit;Counts from;When\nA;Surgery;Month 6, then every 6 months until 24 months\n"
        "B;Surgery;Month 3, then every 6 months until 24 months\nC;Surgery;Month 6, then every 6 months\n"
    )

    assert list(days(draft)) == ["a"]
    assert "C3: 'month 3' does not begin the rhythm behind it; the visit b was left out: give each a row" in sentences(
        draft
    )
    assert "C4: 'every 6 months' has no end; the visit c was left out: write such as every 6 months until" in sentences(
        draft
    )


def test_a_window_without_a_unit_is_asked_once_and_never_weeks():
    draft = draft_of(
        "Visit;Counts from;When;Window -;Window +\nA;Surgery;Week 12 ±3;;\nB;Surgery;16 weeks;2;5\nC;Surgery;Day 8 ±1;;\n"
    )

    assert [bare(visit["window"]) for visit in visits_of(draft).values()] == ["-3d .. +3d", "-2d .. +5d", "-1d .. +1d"]
    assert [where for code, where in told(draft, Weight.ASKED) if code == "window_unit"] == ["C2, D3"]


def test_two_names_of_one_day_in_a_cell_are_one_day():
    draft = draft_of("Visit;Counts from;When\nA;Registration;Week 4/Day 29\nB;Registration;Day 57, Week 8\n")

    assert list(days(draft).values()) == ["registration + 4w", "registration + 56d"]


@pytest.mark.parametrize("heading", ["Earliest day", "Window min", "Scheduled time"])
def test_a_column_that_may_say_more_of_days_is_never_passed_over(heading):
    draft = draft_of(f"Visit;Counts from;When;{heading}\nA;Surgery;Week 12;1\nB;Surgery;Week 14;91\n")

    assert ("column", "D1") in told(draft, Weight.ASKED)


def test_a_second_column_for_the_window_is_asked_about():
    draft = draft_of("Visit;Counts from;When;Window;Tolerance\nA;Surgery;4 weeks;±3 d;±7 d\n")

    assert ("column", "E1") in told(draft, Weight.ASKED)


def test_calendar_dates_are_no_days_of_a_plan():
    draft = draft_of("Visit;Date\nWeek 4;2026-03-02\nWeek 8;30.03.2026\n")

    assert days(draft) == {}
    assert "B3: it holds the date 30.03.2026; the visit week_8 was left out" in sentences(draft)


def test_visits_that_no_plan_can_hold_are_left_out_with_their_cells_and_the_others_stay():
    draft = draft_of(
        "Visit;Counts from;When;Window\nA;Surgery;1 week;±1 d\nB;Surgery;every 2 weeks until 8 weeks;±14 d\nC;Surgery;46000 days;\n"
    )

    assert list(days(draft)) == ["a"]
    assert told(draft, Weight.REFUSED) == [("unsound", "A4"), ("unsound", "A3")]
    assert "A3: window: the windows of consecutive occurrences overlap, 14 days apart; the visit b was" in sentences(
        draft
    )


def test_a_table_of_which_nothing_can_be_read_is_refused_by_its_cells(tmp_path):
    table = tmp_path / "hai.csv"
    table.write_text("Visit;When\nFollow-up;every 4 months in years 2-4\n", encoding="utf-8")
    result = run("import", table, "--out", tmp_path / "plan.yaml")

    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [table])
    assert result.stderr.startswith("B2: 'every 4 months in years 2-4' is no rhythm; the visit follow_up was left out")


def test_signs_that_nobody_sees_and_long_headings_cost_no_visit():
    heading = f"CT of the {'chest, ' * 40}abdomen"
    draft = draft_of(f'Visit;Counts from;When;"{heading}"\nA\u200bb;Registration;4\u200b weeks;X\n')
    (visit,) = visits_of(draft).values()

    assert (visit["label"], visit["when"], len(visit["tasks"][0]["label"])) == ("Ab", "registration + 4w", 200)


def test_a_name_never_adds_its_number_to_a_rhythm():
    draft = draft_of("Visit;Counts from;Repeat\nFollow-up 3 months;Surgery;every 3 months until 12 months\n")

    assert [(visit["when"], visit["repeat"]) for visit in visits_of(draft).values()] == [
        ("surgery", "every 3mo until 12mo")
    ]


@pytest.mark.parametrize(
    ("cell", "when", "window"),
    [
        ("12 weeks (+/- 7 days) after surgery", "surgery + 12w", "-7d .. +7d"),
        ("Week 4 (Day 29 ± 3)", "registration + 4w", "-3d .. +3d"),
        ("W12 (D85 ±7)", "registration + 12w", "-7d .. +7d"),
        ("3M ± 14D", "registration + 3mo", "-14d .. +14d"),
        ("EOT+30d (±7)", "eot + 30d", "-7d .. +7d"),
        ("≤ 28 days prior to surgery", "surgery", "-28d .. 0d"),
        ("within 2 weeks after surgery", "surgery", "0w .. +2w"),
        ("-28 – -1 days", "registration - 1d", "-27d .. 0d"),
        ("Week 4*", "registration + 4w", None),
    ],
)
def test_days_as_protocols_print_them(cell, when, window):
    (visit,) = visits_of(draft_of(f"Visit;When\nA;{cell}\n")).values()

    assert (bare(visit["when"]), bare(visit.get("window"))) == (when, window)


@pytest.mark.parametrize(
    "heading", ["Nominal Day", "Target day", "Study Day", "Time from randomisation (days)", "Days since surgery"]
)
def test_headings_that_make_numbers_days(heading):
    (visit,) = visits_of(draft_of(f"Visit;{heading};Window\nA;29;±3 d\n")).values()

    assert str(bare(visit["when"])).endswith(" + 28d" if heading.endswith("ay") else " + 29d")


def test_names_over_two_lines_say_day_and_window():
    rows = (
        ("Assessments", "V2\nDay 1", "V4 (Week 4)\n± 3 days", "EOT\n(Day 57 ±3)", "FU 30 days post EOT"),
        ("CT", X, X, X, X),
    )
    draft = read_table(workbook(rows), "soa.xlsx")

    assert list(days(draft).values()) == ["registration", "registration + 4w", "registration + 56d", "eot + 30d"]
    assert [bare(visit.get("window")) for visit in visits_of(draft).values()] == [
        None,
        "-3d .. +3d",
        "-3d .. +3d",
        None,
    ]


def test_a_window_is_never_taken_for_a_day():
    draft = draft_of("Visit;Counts from;Window\nA;Surgery;±7 d\nB;Surgery;-28 to 0 days\n")

    assert days(draft) == {"b": "surgery"}
    assert "A2: it has a window and no day; the visit a was left out" in sentences(draft)


def test_a_window_that_may_count_from_the_event_is_asked_about():
    draft = draft_of("Visit;Study day;Window (days)\nScreening;-14;-14 to 0\nA;15;±3\n")

    assert ("window_from", "C2") in told(draft, Weight.ASKED)


def test_a_heading_of_two_rows_may_hold_several_headings():
    draft = draft_of(
        "Procedure;Screening;Week;;Time after surgery (months);;Unscheduled\n;Day -14;4;8;6;12;as needed\nCT;X;X;X;X;X;X\n"
    )

    assert list(days(draft).values()) == [
        "registration - 14d",
        "registration + 4w",
        "registration + 8w",
        "surgery + 6mo",
        "surgery + 12mo",
        "on_request",
    ]


def test_cycles_in_columns_are_told_how_to_become_days(tmp_path):
    table = tmp_path / "cycles.csv"
    table.write_text("Procedure;Cycle 1;;Cycle 2\n;D1;D8;D1\nCT;X;;X\n", encoding="utf-8")
    result = run("import", table, "--out", tmp_path / "plan.yaml")

    assert result.exit_code == 2
    assert (
        "D2: 'cycle 2, d1' counts in cycles; the visit cycle_2_d1 was left out: write each day as counted"
        in result.stderr
    )


@pytest.mark.parametrize(
    "cell", ["3, 6, 12 and 24 months", "6 weeks; 3, 6, 12 months", "Day 1, 8, 15", "Week 4 & Week 8"]
)
def test_a_list_of_days_is_told_to_become_rows(cell):
    draft = draft_of(f'Visit,Counts from,When\nA,SABR,"{cell}"\n')

    assert f"C2: {cell.lower()!r} names several days; the visit a was left out: give each a row" in sentences(draft)


@pytest.mark.parametrize("cell", ["Day 8 to Day 10", "Day 30 (Month 1)"])
def test_every_named_day_with_two_readings_is_asked_about(cell):
    draft = draft_of(f"Visit;Counts from;When\nA;Surgery;{cell}\n")

    assert ("day_numbers", "C2") in told(draft, Weight.ASKED)


def test_a_task_with_days_in_its_heading_is_no_column_of_days():
    draft = draft_of(
        "Visit;Counts from;When;Upload CT (5 working days);ECG on day of visit\nA;Surgery;4 weeks;3 working days;X1\n"
    )
    (visit,) = visits_of(draft).values()

    assert [task["due"] for task in visit["tasks"]] == ["visit + 3wd"]
    assert visit["note"] == "Also: ECG on day of visit"
