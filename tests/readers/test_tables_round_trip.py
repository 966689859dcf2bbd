"""A study written as a table and read back gives the same dates, for everything that a table can say."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from office.study_files import document_of, study_from_text
from office.study_tables import read_table
from office.study_tables_written import table_file
from office.study_writing import study_text
from tests.oracle.comparing import course_of
from tests.oracle.plans import drawn
from tests.readers.tables import study_of, told
from trial.calendars import WorkingCalendar
from trial.preview import preview
from trial.problems import ProblemError
from trial.readers.draft import Weight
from trial.readers.tables.cells import Sheet, rows_of
from trial.readers.tables.read import read_sheets
from trial.readers.tables.written import tables_of
from trial.spreadsheets import safe
from trial.visitplan.documents import Node

CHECKOUT = Path(__file__).resolve().parents[2]
STUDIES = tuple(sorted((CHECKOUT / "studies").glob("*.yaml")))
OURS = (CHECKOUT / "tests" / "studies" / "small.yaml", *STUDIES)
DRAWN = 100

PUBLISHED = """
format: visitplan/1
study:
  {id: PUB-1, title: {en: A published schedule, de: Ein veröffentlichter Plan}, version: "1.0", languages: [en, de]}
events:
  randomisation: {label: {en: Randomisation, de: Randomisierung}, required: true}
  resection: {label: {en: Resection, de: Resektion}, estimate: randomisation + 18w}
  progression: {label: {en: Progression, de: Progress}}
  death: {label: {en: Death, de: Tod}, ends: all, leaving: death}
visits:
  - id: quality
    label: {en: "Quality of life, {number} weeks", de: "Lebensqualität, {number} Wochen"}
    when: randomisation
    repeat: every 12w until 24w
    window: {value: -7d .. +7d, unverified: true}
  - id: imaging
    label: {en: "CT or MRI, {number} months", de: "CT oder MRT, {number} Monate"}
    when: resection
    repeat: [every 3mo until 24mo, every 6mo until 60mo]
    window: {value: -14d .. +14d, unverified: true}
    window_from: {30mo: -30d .. +30d}
    stop: [progression, death]
    tasks: [{id: upload, label: {en: Upload images, de: Bilder hochladen}, due: visit + 5wd, function: imaging}]
"""


def in_memory(document: Node):
    """Written and read without a file between."""
    lines: list[tuple[str, ...]] = []
    for part, rows in tables_of(document).parts.items():
        lines += [(part.value,), *(tuple(map(safe, row)) for row in rows), ()]
    return read_sheets([Sheet("", rows_of(lines))], name="schedule.csv")


def through_a_file(document: Node, ending: str):
    return read_table(table_file(tables_of(document).parts, ending), f"schedule.{ending}")


def facts_of_dates(study):
    """Everything that a date can hang on."""
    return {
        visit.id: (
            visit.label, visit.when, visit.window, visit.window_from, visit.not_before, visit.not_after, visit.only_if,
            visit.repeat, visit.basis, visit.stop, visit.records, visit.contact, visit.function,
            # In the order of their columns, which all visits share.
            {task.name: (task.label, task.short, task.kind, task.due, task.function) for task in visit.tasks},
        )
        for visit in study.visits.values()
    }  # fmt: skip


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
@pytest.mark.parametrize(
    "text", [*(file.read_text() for file in OURS), PUBLISHED], ids=[*(file.stem for file in OURS), "bilingual"]
)
def test_a_study_of_ours_comes_back_from_its_table(text, ending):
    study = study_from_text(text, "plan.yaml")
    draft = through_a_file(document_of(text, "plan.yaml"), ending)
    again = study_of(draft)

    assert told(draft, Weight.REFUSED) + told(draft, Weight.ASKED) == []
    assert facts_of_dates(again) == facts_of_dates(study)
    assert (again.events, again.facts) == (study.events, study.facts)
    assert (again.id, again.title, again.version, again.languages) == (
        study.id,
        study.title,
        study.version,
        study.languages,
    )


def test_every_study_of_the_house_is_tried():
    assert [file.stem for file in STUDIES] == ["asac", "celim2", "dia_panc", "dream", "mdacc_capox", "new_epoc"]


def as_a_table_holds_it(document: Node) -> Node:
    """Without what a table has no place for, and says so: a rhythm that a condition changes, campaigns, restricted facts."""
    visits = [{key: node for key, node in visit.items() if key != "repeat_if"} for visit in document["visits"]]
    facts = {
        name: {"ask_at": "entry"} | {key: node for key, node in fact.items() if key != "restricted"}
        for name, fact in document.get("facts", {}).items()
    }
    rest = {key: node for key, node in document.items() if key != "campaigns"}
    return rest | {"visits": visits} | ({"facts": facts} if facts else {})


def test_drawn_plans_give_the_same_timelines_from_their_tables():
    for seed in range(DRAWN):
        plan = drawn(seed)
        document = as_a_table_holds_it(plan.document)
        study = study_from_text(study_text(document), "plan.yaml")
        again = study_of(in_memory(document))
        course, calendar = course_of(plan.patient), WorkingCalendar(plan.patient.country)

        dates, meant = (
            # Tasks come in the order of their columns, which all visits share.
            [replace(row, tasks=tuple(sorted(row.tasks))) for row in preview(one, course, calendar)]
            for one in (again, study)
        )
        assert dates == meant, seed


@pytest.mark.parametrize("file", OURS[:2], ids=lambda file: file.stem)
def test_a_workbook_and_a_csv_of_the_same_content_read_the_same(file):
    document = document_of(file.read_text(), file.name)
    documents = [dict(through_a_file(document, ending).document) for ending in ("xlsx", "csv")]
    for read in documents:
        del read["source"]

    assert documents[0] == documents[1]


def test_the_published_example_comes_back_from_its_table(shared_folder):
    text = (shared_folder / "studies" / "NATIVE-EXAMPLE.yaml").read_text()

    assert facts_of_dates(study_of(in_memory(document_of(text, "x")))) == facts_of_dates(study_from_text(text, "x"))


def test_what_a_table_has_no_place_for_is_told_and_marked():
    document = document_of(OURS[0].read_text(), "small.yaml")
    written = tables_of(document)
    fu = study_of(in_memory(document)).visits["fu"]

    assert [finding.where for finding in written.findings] == [
        "visits[base].tasks[upload].remind and 2 more",
        "visits[base].tasks[upload].escalate and 2 more",
        "visits[fu].repeat_if",
    ]
    assert fu.repeat_if == ()
    # Who reads it back sees that the rhythm was not the whole truth.
    assert [entry.path for entry in study_of(in_memory(document)).unverified] == ["visits[fu].repeat"]


def test_a_restricted_fact_and_what_hangs_on_it_stay_out():
    document = document_of(OURS[0].read_text(), "small.yaml")
    document["facts"]["scanner"]["restricted"] = "true"
    document["events"]["relapse"]["only_if"] = "scanner == yes"
    written = tables_of(document)
    cells = " ".join(cell for rows in written.parts.values() for row in rows for cell in row)

    assert "scanner" not in cells
    assert "Baseline scan" not in cells
    assert {finding.where for finding in written.findings} >= {
        "visits[base]",
        "facts[scanner]",
        "events[relapse].only_if",
    }


IDS = st.sampled_from(["a", "fu", "week_4", "v1", "scan_2", "w4", "late", "x9"])
LABELS = st.sampled_from(
    [
        "Scan",
        "Follow-up",
        "CT, then MRI",
        "=1+1",
        "-7 d",
        "@home",
        "手術",
        "Visit 3",
        "Über 3 Tage",
        "Notes",
        "X",
        "A 'b' \"c\"; d",
    ]
)
DAYS = st.integers(1, 60)
UNITS = st.sampled_from(["d", "w", "mo", "y"])
EVENTS: dict[str, Node] = {
    "entry": {"label": "Entry", "required": "true"},
    "surgery": {"label": "Surgery", "estimate": "entry + 6w", "not_before": "entry"},
    "refused": {"label": "Surgery refused", "ends": "visits"},
    "month3": {"label": "Month 3", "expect": "entry + 10wd"},
}
FACTS: dict[str, Node] = {
    "arm": {"label": "Arm", "values": ["a", "b"], "ask_at": "entry"},
    "margin": {
        "label": "Margin",
        "ask": "Was it clear?",
        "values": {"clear": "Clear", "not clear": "Not clear"},
        "ask_at": "surgery + 14d",
    },
}
ANCHORS = st.sampled_from(["entry", "surgery", "month3", "first_of(surgery, refused)", "last_of(entry, month3)"])
CONDITIONS = st.sampled_from(
    ["arm == a", 'margin != "not clear"', "not happened(refused)", "arm in [a, b] and same_day(entry, surgery)"]
)


@st.composite
def windows(draw):
    unit = draw(st.sampled_from(["d", "w"]))
    before, after = draw(st.integers(0, 9)), draw(st.integers(0, 9))
    return f"{f'-{before}' if before else 0}{unit} .. {f'+{after}' if after else 0}{unit}"


@st.composite
def rhythms(draw):
    unit = draw(st.sampled_from(["mo", "w"]))
    every = draw(st.integers(21, 30) if unit == "w" else st.integers(5, 9))
    first = every * draw(st.integers(1, 3))
    second = first + 2 * every * draw(st.integers(1, 2))
    return [f"every {every}{unit} until {first}{unit}", f"every {2 * every}{unit} until {second}{unit}"][
        : draw(st.integers(1, 2))
    ]


@st.composite
def visits(draw, name: str):
    visit: dict[str, Node] = {"id": name, "label": draw(LABELS)}
    offset = draw(st.one_of(st.none(), st.builds(" {} {}{}".format, st.sampled_from("+-"), DAYS, UNITS)))
    visit["when"] = "on_request" if draw(st.integers(0, 9)) == 0 else draw(ANCHORS) + (offset or "")
    planned = visit["when"] != "on_request"
    optional: dict[str, st.SearchStrategy] = {
        "window": windows() if planned else st.none(),
        "not_after": st.sampled_from(["surgery - 1d", "2031-02-28", "month3"]),
        "not_before": st.sampled_from(["entry", "entry + 3w"]),
        "only_if": CONDITIONS,
        "contact": st.sampled_from(["phone", "video", "letter"]),
        "function": st.sampled_from(["imaging", "data"]),
        "note": st.sampled_from(["Read the manual", "-1"]),
    }
    for key, values in optional.items():
        found = draw(st.one_of(st.none(), values))
        if found is not None:
            visit[key] = found
    if planned and draw(st.booleans()):
        visit["repeat"] = draw(rhythms())
        visit["label"] = f"{visit['label']} {{offset}}"
        visit |= draw(
            st.sampled_from([{}, {"stop": ["refused"]}, {"basis": "previous"}, {"window_from": {"24mo": "-9d .. +9d"}}])
        )
    tasks = draw(st.lists(TASKS, max_size=2, unique_by=lambda task: task["id"]))
    return visit | ({"tasks": tasks} if tasks else {})


TASKS = st.fixed_dictionaries(
    {"id": st.sampled_from(["upload", "form", "upload_ct"]), "label": st.sampled_from(["Upload images", "Note", "Form"]),
     "due": st.builds("visit + {}{}".format, DAYS, st.sampled_from(["d", "wd", "w"]))},
    optional={"function": st.just("surgery"), "short": st.just("CT"), "kind": st.just("send")},
)  # fmt: skip


@st.composite
def documents(draw):
    names = draw(st.lists(IDS, min_size=1, max_size=4, unique=True))
    return {
        "format": "visitplan/1",
        "study": {"id": "GEN-1", "title": "Generated", "version": "1.10"},
        "events": EVENTS,
        "facts": FACTS,
        "visits": [draw(visits(name)) for name in names],
    }


@given(document=documents())
@settings(max_examples=40, deadline=None)
def test_whatever_a_table_can_say_comes_back_the_same(document):
    text = study_text(document)
    try:
        study = study_from_text(text, "plan.yaml")
    except ProblemError:
        return  # windows that overlap, ids that clash: no study to begin with
    draft = in_memory(document)
    again = study_of(draft)

    assert told(draft, Weight.REFUSED) == []
    assert facts_of_dates(again) == facts_of_dates(study)
    assert (again.events, again.facts) == (study.events, study.facts)


@given(
    cells=st.lists(
        st.lists(
            st.sampled_from(["Visit", "When", "Window", "Events", "Week 4", "±", "-3/+7", "=1", "every 3 mo", "X", "#", "?", "日", "", "§" * 300, "(", "3 d"])
            | st.text(max_size=12),
            max_size=6,
        ),
        max_size=8,
    )
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_no_table_ends_in_anything_but_a_draft_or_sentences(cells):
    rows = [["Visit", "When", "Window", "Upload CT", "Only if"], *cells]
    draft = read_sheets([Sheet("", rows_of(rows))], name="schedule.csv")

    assert all(str(finding).endswith(".") for finding in draft.findings)
