"""Files of strangers: what they hold is read, what could do harm is refused with a sentence, and soon."""

import io
import time
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.table import Table

from office.study_tables import read_table
from office.study_tables_written import template_file
from tests.readers.tables import bare, sentences, told, visits_of
from trial.problems import ProblemError
from trial.readers.draft import Weight

ROWS = (("Visit", "Counts from", "When", "Window"), ("A", "Registration", "4 weeks", "±7 d"))
CSV = "\n".join(";".join(row) for row in ROWS)
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 2_000


def book(*rows: tuple[object, ...]) -> Workbook:
    made = Workbook()
    for row in rows or ROWS:
        made.active.append(row)
    return made


def saved(made: Workbook) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def with_part(content: bytes, part: str, change) -> bytes:
    """The workbook with one of its parts changed, or added."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for known in old.namelist():
            text = old.read(known)
            new.writestr(known, change(text) if known == part else text)
        if part not in old.namelist():
            new.writestr(part, change(b""))
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>'
    b"<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData><row r='1'><c r='A1' t='str'><v>&d;</v></c></row>"
    b"</sheetData></worksheet>"
)


PLAIN = saved(book())


def put_before_cells(text: bytes) -> bytes:
    return with_part(PLAIN, SHEET, lambda sheet: sheet.replace(b"<sheetData>", b"<sheetData>" + text))


def put_behind_cells(text: bytes) -> bytes:
    return with_part(PLAIN, SHEET, lambda sheet: sheet.replace(b"</sheetData>", b"</sheetData>" + text))


def _far_away() -> bytes:
    made = book()
    made.active["XFD1048576"] = "x"
    return saved(made)


def _archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    return out.getvalue()


MERGED = b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
ROW = b'<row r="1"><c r="A1"><v>1</v></c></row>'
HOSTILE: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "a password": (lambda: OLE, "schedule.xlsx", "it is protected by a password, or a workbook of the old kind"),
    "an old workbook": (lambda: OLE, "schedule.xls", "it is a workbook of the old kind; open it and save it as .xlsx"),
    "a bomb": (
        lambda: put_before_cells(b" " * 100_000_000),
        "schedule.xlsx",
        "it unpacks to far more than a schedule can be",
    ),
    "a million rows": (
        lambda: put_before_cells(ROW * 1_000_000),
        "schedule.xlsx",
        "it unpacks to far more than a schedule can be",
    ),
    "many small rows": (
        lambda: put_before_cells(b"<row/>" * 900_000),
        "schedule.xlsx",
        "it has far more cells or formats than a schedule",
    ),
    "a million lines": (lambda: b"a;b\n" * 1_000_000, "schedule.csv", "it has more than 2000 rows"),
    "six megabytes": (lambda: b"a;b;" * 1_500_000, "schedule.csv", "the file is larger than 5 MB"),
    "a cell far away": (_far_away, "schedule.xlsx", "it has more than 2000 rows or 300 columns"),
    "a merged area of everything": (
        lambda: put_behind_cells(MERGED),
        "schedule.xlsx",
        "its merged areas are larger than a schedule",
    ),
    "entities": (
        lambda: with_part(PLAIN, SHEET, lambda _: LAUGHS),
        "schedule.xlsx",
        "it is no workbook, or a damaged one",
    ),
    "entities of texts": (
        lambda: with_part(PLAIN, "xl/sharedStrings.xml", lambda _: LAUGHS),
        "schedule.xlsx",
        "it is no workbook, or a damaged one",
    ),
    "elements that cannot be counted": (
        lambda: with_part(PLAIN, "xl/sharedStrings.xml", lambda _: ("<sst>" + "<si/>" * 700_000).encode("utf-16")),
        "schedule.xlsx",
        "it is no workbook, or a damaged one",
    ),
    "cells that never begin": (
        lambda: with_part(PLAIN, SHEET, lambda _: b"<worksheet>" + b"<sheetData " * 50_000 + b"</worksheet>"),
        "schedule.xlsx",
        "it is no workbook, or a damaged one",
    ),
    "cells that never end": (
        lambda: with_part(PLAIN, SHEET, lambda _: b"<sheetData></sheetData>" * 25_000 + b"</worksheet x"),
        "schedule.xlsx",
        "it is no workbook, or a damaged one",
    ),
    "merged areas without number": (
        lambda: put_behind_cells(b'<mergeCell ref="A1:B2"/>' * 10_000),
        "schedule.xlsx",
        "its merged areas are larger than a schedule",
    ),
    "formats without number": (
        lambda: with_part(
            PLAIN, "xl/styles.xml", lambda text: text.replace(b"</cellXfs>", b"<xf/>" * 70_000 + b"</cellXfs>")
        ),
        "schedule.xlsx",
        "it has far more cells or formats than a schedule",
    ),
    "half a workbook": (lambda: PLAIN[: len(PLAIN) // 2], "schedule.xlsx", "it is no workbook, or a damaged one"),
    "another archive": (_archive, "schedule.xlsx", "it is no workbook, or a damaged one"),
    "a workbook called CSV": (lambda: PLAIN, "schedule.csv", "its name says that it is text, and its content is not"),
    "a CSV called a workbook": (CSV.encode, "schedule.xlsx", "its name says that it is a workbook"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n\0\0", "schedule.csv", "it is no text"),
    "a document": (lambda: b"%PDF-1.7", "schedule.csv", "it is no table; it is a PDF"),
    "another ending": (lambda: PLAIN, "schedule.ods", "its name does not end like a table's"),
    "nothing": (lambda: b"", "schedule.csv", "the file is empty"),
    "no schedule": (lambda: b"a;b\nc;d\n", "schedule.csv", "no table of visits was found"),
    "cells without number": (
        lambda: b"Visit;" + b"Week 4 of 1;" * 290 + (b"\n" + b"a 1;" * 290) * 1_900,
        "schedule.csv",
        "it has far more cells than a schedule",
    ),
    "a cell without end": (lambda: b"Visit;When\n" + b"x" * 200_000, "schedule.csv", "this is no CSV"),
    "a quotation without end": (lambda: b'Visit;When\n"' + b"x;\n" * 90_000, "schedule.csv", "this is no CSV"),
    "more visits than a study has": (
        lambda: b"Visit;When\n" + b"A visit of the 1st day;1 week\n" * 1_900,
        "schedule.csv",
        "it has more than 300 rows of visits",
    ),
    "questions without end": (
        lambda: b"Visit;When;Window;Only if;Contact\n" + b"A;1 week;wide;;fax\n" * 290,
        "schedule.csv",
        "more than 500 of its cells cannot be read",
    ),
    "an endless cell": (
        lambda: b"Visit;When\nA;" + b"x" * 3_000,
        "schedule.csv",
        "the cell has more than 2000 signs",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_file_that_is_no_schedule_is_refused_with_a_sentence_within_a_second(case):
    make, name, sentence = HOSTILE[case]
    content = make()
    start = time.process_time()
    with pytest.raises(ProblemError) as raised:
        read_table(content, name)

    assert time.process_time() - start < 1
    assert sentence in str(raised.value)
    assert str(raised.value).startswith("schedule.")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_csv_is_read_however_it_was_saved(encoding, delimiter):
    text = "\r\n".join(delimiter.join(row) for row in (*ROWS, ("Über 3 Tage", "Registration", "6 weeks", "±3 d")))
    draft = read_table(text.encode(encoding), "schedule.csv")

    assert [visit["label"] for visit in visits_of(draft).values()] == ["A", "Über 3 Tage"]
    assert visits_of(draft)["a"]["window"] == "-7d .. +7d"
    assert (("encoding", "schedule.csv") in told(draft, Weight.NOTED)) is (encoding == "cp1252")


def test_japanese_of_older_spreadsheets_is_read_and_told():
    text = "\r\n".join(",".join(row) for row in (*ROWS[:1], ("手術のあと", "Registration", "４ weeks", "±7 d")))
    draft = read_table(text.encode("cp932"), "schedule.csv")

    assert [visit["label"] for visit in visits_of(draft).values()] == ["手術のあと"]
    assert "read as Shift_JIS" in sentences(draft)


def test_the_line_that_names_the_delimiter_is_believed():
    draft = read_table(b"sep=|\nVisit|Counts from|When\nA, or B|Registration|4 weeks\n", "schedule.csv")

    assert [visit["label"] for visit in visits_of(draft).values()] == ["A, or B"]


def test_commas_inside_cells_part_no_cells():
    draft = read_table(
        b"\xef\xbb\xbfVisit;Counts from;When\nA;SABR;6 weeks\nB, C, D, E, F;SABR;12 weeks\n", "schedule.csv"
    )

    assert [visit["when"] for visit in visits_of(draft).values()] == ["sabr + 6w", "sabr + 12w"]


def raised(text: str, mark: str) -> CellRichText:
    return CellRichText(text, TextBlock(InlineFont(vertAlign="superscript"), mark))


def test_a_raised_mark_of_a_footnote_is_no_part_of_a_number():
    made = book(ROWS[0], ("A", "Registration", raised("4 weeks after registration", "1"), "±7 d"))
    made.active.append(("B", "Registration", raised("Week 4", "1"), "±7 d²"))
    draft = read_table(saved(made), "schedule.xlsx")

    assert [bare(visit["when"]) for visit in visits_of(draft).values()] == ["registration + 4w"] * 2
    assert visits_of(draft)["b"]["window"] == "-7d .. +7d"
    assert [finding.where for finding in draft.findings if finding.code == "footnote"] == ["C2, C3", "D3"]


def test_a_raised_window_is_no_footnote():
    made = book(ROWS[0], ("A", "Registration", raised("Day 29", "+3"), None))
    draft = read_table(saved(made), "schedule.xlsx")

    assert visits_of(draft) == {}
    assert ("day", "C2") in told(draft, Weight.REFUSED)


def test_what_is_struck_out_is_not_read():
    made = book(*ROWS, ("B", "Registration", "6 weeks", "±7 d"))
    for cell in made.active[3]:
        cell.font = Font(strike=True)
    draft = read_table(saved(made), "schedule.xlsx")

    assert list(visits_of(draft)) == ["a"]
    assert ("struck", "A3, B3, C3, D3") in told(draft, Weight.NOTED)


def test_the_words_of_a_numbers_format_are_read_with_it():
    made = book(ROWS[0], ("A", "Registration", 4, 7), ("B", "Registration", 60, 3))
    for place, form in (("C2", '"Week "0'), ("D2", '"±"0" d"'), ("C3", '0" days"'), ("D3", "±0")):
        made.active[place].number_format = form
    draft = read_table(saved(made), "schedule.xlsx")

    assert [(bare(visit["when"]), bare(visit["window"])) for visit in visits_of(draft).values()] == [
        ("registration + 4w", "-7d .. +7d"),
        ("registration + 60d", "-3d .. +3d"),
    ]


def test_links_comments_tables_and_macros_of_a_workbook_never_matter():
    made = book()
    made.active["A2"].hyperlink = "https://example.org/"
    made.active["B2"].comment = Comment("a remark", "somebody")
    made.active.add_table(Table(displayName="Visits", ref="A1:D2"))
    content = with_part(saved(made), "xl/vbaProject.bin", lambda _: b"\0")
    draft = read_table(content, "schedule.xlsm")

    assert visits_of(draft)["a"]["when"] == "registration + 4w"
    assert [finding.what for finding in draft.findings if finding.code == "ignored"] == [
        "it holds macros",
        "it holds comments",
    ]


def test_hidden_sheets_are_left_and_hidden_rows_are_told():
    made = book()
    made.active.row_dimensions[2].hidden = True
    hidden = made.create_sheet("Old schedule")
    hidden.append(ROWS[0])
    hidden.sheet_state = "hidden"
    draft = read_table(saved(made), "schedule.xlsx")

    assert list(visits_of(draft)) == ["a"]
    assert [(finding.where, finding.instead) for finding in draft.findings if finding.code == "hidden"] == [
        ("sheet Old schedule", "it was not read"),
        ("sheet Sheet, row 2", "it was read nevertheless"),
    ]


def test_what_a_spreadsheet_made_of_a_cell_is_seen():
    rows = (
        ("Visit", "Counts from", "Weeks after registration", "Window (± days)"),
        ("A", None, 4.0, 7),
        ("B", None, 4.5, 7),
    )
    draft = read_table(saved(book(*rows)), "schedule.xlsx")

    assert [(visit["when"], visit["window"]) for visit in visits_of(draft).values()] == [
        ("registration + 4w", "-7d .. +7d")
    ]
    assert "C3: 4.5 is no whole number" in sentences(draft)


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_the_template_filled_in_is_a_schedule(ending):
    if ending == "csv":
        content = template_file("csv").decode("utf-8-sig").replace("Example: ", "")
        draft = read_table(_filled(content).encode(), "schedule.csv")
    else:
        draft = read_table(_filled_workbook(), "schedule.xlsx")

    assert told(draft, Weight.REFUSED) + told(draft, Weight.ASKED) == []
    assert list(visits_of(draft)) == ["baseline_scan", "week_4", "surgery", "follow_up", "scan_on_request"]
    assert [task["due"] for task in visits_of(draft)["follow_up"]["tasks"]] == ["visit + 5wd", "visit + 10wd"]
    assert [finding.code for finding in draft.findings if finding.code != "no_window"] == []


def _filled(text: str) -> str:
    """The template with its details and its examples taken as they are."""
    for heading, value in (
        ("Study id", "TPL-1"),
        ("Title", "From the template"),
        ("Version", "1.0"),
        ("Day numbers", "Day 1"),
    ):
        text = text.replace(f"{heading},,", f"{heading},{value},")
    return text


def _filled_workbook() -> bytes:
    made = load_workbook(io.BytesIO(template_file("xlsx")))
    for row, value in enumerate(("TPL-1", "From the template", "1.0", None, None, "Day 1"), 1):
        made["Study"].cell(row, 2, value)
    for sheet in made.worksheets:
        for line in sheet.iter_rows():
            for cell in line:
                cell.value = cell.value.removeprefix("Example: ") if cell.value else None
    return saved(made)


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_the_template_as_it_is_holds_no_visit_and_hides_nothing(ending):
    draft = read_table(template_file(ending), f"schedule.{ending}")

    assert visits_of(draft) == {}
    assert [finding.what for finding in draft.findings if finding.weight is Weight.REFUSED] == [
        "no visit is left that could be read"
    ]


def test_the_template_keeps_dates_out_of_its_cells_and_its_heading_in_sight():
    made = load_workbook(io.BytesIO(template_file("xlsx")))
    visits = made["Visits"]

    assert made.active.title == "Visits"
    assert visits.freeze_panes == "B2"
    assert {cell.number_format for line in visits.iter_rows() for cell in line} == {"@"}
    assert visits.column_dimensions["D"].number_format == "@"
    assert '"coordination,imaging,surgery,pathology,data"' in {
        rule.formula1 for rule in visits.data_validations.dataValidation
    }
