"""What docs/schedule-tables.md says of a cell is how it is read."""

import re
from pathlib import Path

import pytest

from tests.readers.tables import bare, draft_of, visits_of
from trial.readers.draft import Weight
from trial.readers.tables.words import HEADINGS, STUDY_HEADINGS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "schedule-tables.md"
STUDY = "Study id,DOC-1\nTitle,A study\nVersion,1.0\n\n"
COLUMN = {"How a day is read": "When", "How a window is read": "Window", "How a rhythm is read": "Repeat"}


def examples() -> list[tuple[str, str, str, str]]:
    found = []
    for section in PAGE.read_text(encoding="utf-8").split("\n## "):
        column = COLUMN.get(section.splitlines()[0])
        for cell, read, told in re.findall(r"(?m)^\| `([^`]+)` \| (?:`([^`]+)`)? ?\| ?(asked|refused)? ?\|$", section):
            if column is not None:
                found.append((column, cell, read, told))
    return found


@pytest.mark.parametrize(("column", "cell", "read", "told"), examples())
def test_a_cell_is_read_as_the_page_says(column, cell, read, told):
    row = {"Visit": "A visit", "Counts from": "Registration", "When": "1 week", "Window": ""} | {column: cell}
    if column == "Repeat":
        row |= {"When": ""}
    cells = ",".join(f'"{value}"' for value in row.values())
    draft = draft_of(f"{STUDY}{','.join(row)}\n{cells}\n")
    visit = visits_of(draft).get("a_visit", {})
    found = bare(visit.get(column.lower(), ""))
    about_cell = {
        finding.weight
        for finding in draft.findings
        if re.fullmatch(r"[CDE]\d+", finding.where) and finding.code != "no_window"
    }

    assert (found if isinstance(found, str) else ", ".join(found)) == read
    assert about_cell - {Weight.NOTED} == ({Weight(told)} if told else set())


def test_the_page_is_full_of_examples():
    assert len(examples()) > 40


def test_the_page_names_every_column():
    page = PAGE.read_text(encoding="utf-8")
    headings = [heading for part in HEADINGS.values() for heading in part.values()]

    assert [heading for heading in (*headings, *STUDY_HEADINGS.values()) if f"`{heading}`" not in page] == []
