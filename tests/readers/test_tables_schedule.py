"""A trial manager's own spreadsheet is dropped in, and its dates are seen."""

import io
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from office.study_tables import read_table
from tests.readers.tables import bare, draft_of, sentences, study_of, told, visits_of
from trial.calendars import WorkingCalendar
from trial.preview import preview
from trial.readers.draft import Weight
from trial.timeline import Certainty, Course, EventDate

SCHEDULE = (
    ("Liver imaging after chemotherapy: schedule of activities", *[None] * 6),
    ("Study id", "LIV-7"),
    ("Title", "Liver imaging after chemotherapy"),
    ("Version", 2.1),
    ("Day numbers", "Day 1 is the day of registration"),
    (None,),
    ("Visit", "Counts from", "When", "Window", "Upload CT (5 working days)", "Send form (10 working days)", "Blood sample", "Note"),
    ("Screening", "Registration", "Day -28 to -1", None, "X", None, "X", None),
    ("Registration visit", "Registration", "Day 1", None, None, "X", "X", None),
    ("Cycle 2", "Registration", "Day 15", "±2 days", None, None, "X", None),
    ("Cycle 3", "Registration", "Day 29", "± 2 days", None, None, "X", None),
    ("Re-evaluation", "Registration", "Week 8", "-7/+7 d", "x", "x", "X", None),
    ("Operation", "Registration", "12 weeks", "−7 to +21 d", None, "X", None, "whatever surgeon"),
    ("After the operation", "Operation", "6 weeks", "0 to +14 d", "X", None, None, None),
    ("Follow-up", "Operation", "every 3 months until 12 months then every 6 months until 24 months", "±14 d", "X", "X", None, None),
    ("Call", "Operation", "3 years", datetime(2026, 7, 3), None, None, None, "by telephone"),  # noqa: DTZ001 - a cell has no zone
    ("Scan on request", None, "as needed", None, "X", None, None, None),
    ("* Blood sample before the contrast agent", *[None] * 6),
)  # fmt: skip


def workbook(rows=SCHEDULE, title="SoA") -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def schedule():
    return read_table(workbook(), "schedule.xlsx")


def dates(draft, **events: date):
    course = Course(events={name: EventDate(day, Certainty.HAPPENED) for name, day in events.items()})
    return {
        row.occurrence: (row.target, row.earliest, row.latest)
        for row in preview(study_of(draft), course, WorkingCalendar())
    }


def test_every_visit_has_its_dates(schedule):
    found = dates(schedule, registration=date(2026, 2, 2), operation=date(2026, 5, 4))

    assert found == {
        "screening": (date(2026, 2, 1), date(2026, 1, 5), date(2026, 2, 1)),
        "registration_visit": (date(2026, 2, 2),) * 3,
        "cycle_2": (date(2026, 2, 16), date(2026, 2, 14), date(2026, 2, 18)),
        "cycle_3": (date(2026, 3, 2), date(2026, 2, 28), date(2026, 3, 4)),
        "re_evaluation": (date(2026, 3, 30), date(2026, 3, 23), date(2026, 4, 6)),
        "operation": (date(2026, 4, 27), date(2026, 4, 20), date(2026, 5, 18)),
        "after_the_operation": (date(2026, 6, 15), date(2026, 6, 15), date(2026, 6, 29)),
        "follow_up_3mo": (date(2026, 8, 4), date(2026, 7, 21), date(2026, 8, 18)),
        "follow_up_6mo": (date(2026, 11, 4), date(2026, 10, 21), date(2026, 11, 18)),
        "follow_up_9mo": (date(2027, 2, 4), date(2027, 1, 21), date(2027, 2, 18)),
        "follow_up_12mo": (date(2027, 5, 4), date(2027, 4, 20), date(2027, 5, 18)),
        "follow_up_18mo": (date(2027, 11, 4), date(2027, 10, 21), date(2027, 11, 18)),
        "follow_up_24mo": (date(2028, 5, 4), date(2028, 4, 20), date(2028, 5, 18)),
        "call": (date(2029, 5, 4),) * 3,
    }


def test_what_could_not_be_read_or_decided_is_asked_with_its_cell(schedule):
    assert told(schedule, Weight.REFUSED) == [("window", "D16")]
    assert told(schedule, Weight.ASKED) == [("range", "C8"), ("week_numbers", "C12"), ("leaving", "the table")]
    assert "refused: D16: it holds the date 2026-07-03; format the column as text" in sentences(schedule)


def test_all_that_was_asked_stands_in_the_draft_until_it_is_answered(schedule):
    questions = {question.id: question for question in study_of(schedule).open_questions}

    assert list(questions) == ["range_c8", "window_d16", "week_numbers_c12", "leaving"]
    assert questions["window_d16"].about == "call"
    assert [entry.text for entry in study_of(schedule).unverified] == [
        "registration - 1d",
        "-27d .. 0d",
        "registration + 8w",
    ]


def test_a_visit_from_which_others_count_dates_its_event(schedule):
    study = study_of(schedule)

    assert study.visits["operation"].records == "operation"
    assert dates(schedule, registration=date(2026, 2, 2))["after_the_operation"][0] == date(2026, 6, 8)


def test_uploads_and_forms_are_tasks_and_the_rest_is_a_note(schedule):
    visits = visits_of(schedule)

    assert [task["id"] for task in visits["re_evaluation"]["tasks"]] == ["upload_ct", "send_form"]
    assert visits["re_evaluation"]["note"] == "Also: Blood sample"
    assert visits["operation"]["note"] == "whatever surgeon"


def test_visits_may_stand_in_columns():
    turned = list(zip(*(row + (None,) * (8 - len(row)) for row in SCHEDULE[6:17]), strict=True))
    draft = read_table(workbook(turned), "schedule.xlsx")

    assert list(visits_of(draft)) == list(visits_of(read_table(workbook(), "schedule.xlsx")))
    assert ("turned", "sheet SoA") in told(draft, Weight.NOTED)


def test_days_and_weeks_in_two_columns_show_how_days_are_numbered():
    draft = draft_of("Visit,Week,Day,Window\nStart,0,1,\nFirst,2,15,±2 d\nSecond,4,29,±2 d\n")

    assert [bare(visit["when"]) for visit in visits_of(draft).values()] == [
        "registration",
        "registration + 2w",
        "registration + 4w",
    ]
    assert {code for code, _ in told(draft, Weight.ASKED)} & {"day_numbers", "week_numbers", "two_days"} == set()


def test_a_name_and_a_day_that_differ_are_asked_about():
    draft = draft_of(
        "Visit,Counts from,When,Window\nWeek 4,Registration,21 days,±2 d\nWeek 8,Registration,60 days,±2 d\n"
    )

    assert ("two_days", "C3") in told(draft, Weight.ASKED)
    assert bare(visits_of(draft)["week_8"]["when"]) == "registration + 60d"


def test_day_0_shows_that_no_day_is_called_day_1():
    draft = draft_of("Visit,Study day,Window\nA,0,\nB,14,±2 d\n")

    assert draft.document["study"]["day_numbers"] == "day0"
    assert visits_of(draft)["b"]["when"] == "registration + 14d"


def test_merged_cells_hold_for_every_row_that_they_cover():
    book = Workbook()
    for row in (
        ("Visit", "Counts from", "When", "Window"),
        ("A", "Surgery", "1 week", "±1 d"),
        ("B", None, "2 weeks", None),
    ):
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    book.active.merge_cells("D2:D3")
    draft = read_table(saved(book), "schedule.xlsx")

    assert [(visit["when"], visit["window"]) for visit in visits_of(draft).values()] == [
        ("surgery + 1w", "-1d .. +1d"),
        ("surgery + 2w", "-1d .. +1d"),
    ]


def test_numbers_spaces_and_signs_of_other_keyboards_are_read():
    draft = draft_of(
        "Visit;Counts from;When;Window\nA;Registration;４\u00a0weeks;\u22123/＋7\u202fd\nB;Registration;+\u20096.0 months;± 1 week\n"
    )

    assert [(visit["when"], visit["window"]) for visit in visits_of(draft).values()] == [
        ("registration + 4w", "-3d .. +7d"),
        ("registration + 6mo", "-1w .. +1w"),
    ]


def test_a_condition_in_free_words_is_asked_at_the_site_for_each_patient():
    draft = draft_of("Visit,Counts from,When,Only if\nSecond look,Surgery,3 months,If the margin was not clear\n")
    study = study_of(draft)
    (fact,) = study.facts.values()

    assert fact.label["en"] == "The margin was not clear"
    assert visits_of(draft)["second_look"]["only_if"] == f"{fact.name} == yes"
    assert ("condition", "D2") in told(draft, Weight.ASKED)


def test_a_condition_that_names_facts_and_events_of_the_table_is_read():
    draft = draft_of(
        "Events\nEvent,From the start\nRegistration,yes\nOperated,\n\n"
        "Facts\nFact,Values,Asked from\nMargin,clear = Clear; not_clear = Not clear,Registration\n\n"
        "Visits\nVisit,Counts from,When,Only if\nA,Registration,1 week,Margin is not clear and not operated\n"
        "B,Registration,2 weeks,operated\nC,Registration,3 weeks,Margin: clear\n"
    )

    assert [visit["only_if"] for visit in visits_of(draft).values()] == [
        "margin == not_clear and not happened(operated)",
        "happened(operated)",
        "margin == clear",
    ]


def test_all_problems_are_told_at_once():
    draft = draft_of(
        "Events\nEvent,From the start,Expected\nRegistration,perhaps,\nSurgery,,soon\n\n"
        "Visits\nVisit,Counts from,When,Window,Who,Contact\nA,Sugery,1 week,±1 d,,\nB,Surgery,sometime,,,\n"
        "C,Surgery,1 week,wide,the cook,fax\n"
    )

    assert told(draft, Weight.REFUSED) == [
        ("required", "B3"),
        ("estimate", "C4"),
        ("day", "B8"),
        ("day", "C9"),
        ("window", "D10"),
        ("contact", "F10"),
        ("function", "E10"),
    ]
    assert "'Sugery' is not known; the visit a was left out: did you mean Surgery" in sentences(draft)


def test_a_question_mark_marks_what_nobody_is_sure_of():
    visit = visits_of(draft_of("Visit,Counts from,When,Window\nA,Registration,4 weeks?,±7 d ?\n"))["a"]

    assert visit["when"] == {"value": "registration + 4w", "unverified": "true"}
    assert visit["window"] == {"value": "-7d .. +7d", "unverified": "true"}


def test_a_formula_is_no_value():
    draft = draft_of(
        'Visit,Counts from,When,Window\n"=HYPERLINK(""x"")",Registration,1 week,±1 d\nB,Registration,=A1+7,±1 d\n'
    )

    assert visits_of(draft) == {}
    assert [where for code, where in told(draft, Weight.REFUSED) if code == "formula"] == ["A2", "C3"]
    assert "HYPERLINK" not in str(draft)


def test_the_last_result_of_a_formula_is_read_and_told():
    book = Workbook()
    for row in (("Visit", "Counts from", "When"), ("A", "Registration", "=1&A2")):
        book.active.append(row)
    draft = read_table(saved(book), "schedule.xlsx")

    # A workbook that openpyxl wrote has no results: the cell is refused, and so is its visit.
    assert ("formula", "C2") in told(draft, Weight.REFUSED)


def test_the_study_says_how_its_days_and_weeks_are_numbered():
    table = "Visit,Counts from,When\nA,Registration,Day 15\nB,Registration,Week 4\n"
    draft = draft_of(f"Day numbers,Day 0\nWeek numbers,Week 1 begins with the event\n\n{table}")

    assert [visit["when"] for visit in visits_of(draft).values()] == ["registration + 15d", "registration + 3w"]
    assert {code for code, _ in told(draft, Weight.ASKED)} & {"day_numbers", "week_numbers"} == set()


def test_two_schedules_in_one_workbook_are_asked_about():
    book = Workbook()
    book.active.title = "Arm A"
    for sheet in (book.active, book.create_sheet("Arm B")):
        sheet.append(("Visit", "Counts from", "When"))
        sheet.append((sheet.title, "Registration", "4 weeks"))
    draft = read_table(saved(book), "schedule.xlsx")

    assert list(visits_of(draft)) == ["arm_a"]
    assert ("second_table", "sheet Arm B") in told(draft, Weight.ASKED)


def test_the_day_that_a_row_says_goes_before_what_its_heading_says():
    draft = draft_of(
        "Visit,Counts from,When,Upload due,Upload CT (5 working days),Upload MRI (5 wd)\n"
        "A,Registration,1 week,,X,3 days\nB,Registration,2 weeks,10 wd,X,\nC,Registration,3 weeks,10 wd,,\n"
    )
    dues = {name: [task["due"] for task in visit.get("tasks", [])] for name, visit in visits_of(draft).items()}

    assert dues == {"a": ["visit + 5wd", "visit + 3d"], "b": ["visit + 10wd"], "c": []}
    assert ("due", "D4") in told(draft, Weight.NOTED)


def test_columns_that_mean_nothing_to_a_plan_are_told():
    draft = draft_of("No.,Phase,Visit,Counts from,When,Room,Upload CT\n1,Start,A,Registration,1 week,3.14,X (5 wd)\n")

    assert [(finding.where, finding.instead) for finding in draft.findings if finding.code == "column"] == [
        ("F1", "the column was not read"),
        ("A1", "it was not read"),
        ("B1", "it was not read"),
    ]
    assert visits_of(draft)["a"]["tasks"][0]["due"] == "visit + 5wd"


def test_a_cell_of_a_task_can_say_its_due_day_and_a_list_can_name_tasks():
    draft = draft_of(
        "Visit,Counts from,When,Upload CT,Tasks\nA,Registration,1 week,5 working days ?,\n"
        "B,Registration,2 weeks,X (3 d),Send form (10 wd); weigh the patient; Upload CT\nC,Registration,3 weeks,X ?,\n"
    )
    tasks = {name: {task["id"]: task["due"] for task in visit["tasks"]} for name, visit in visits_of(draft).items()}

    assert tasks["a"] == {"upload_ct": {"value": "visit + 5wd", "unverified": "true"}}
    assert tasks["b"] == {"upload_ct": "visit + 3d", "send_form": "visit + 10wd"}
    assert visits_of(draft)["b"]["note"] == "Also: weigh the patient"
    assert told(draft, Weight.ASKED)[-3:-1] == [("mark", "D4"), ("due", "D1")]
