"""Schedule-of-activities tables: from the cells of a spreadsheet to a draft of a study file. Pure.

One row a visit. What can be read is read; what has two readings is read in the likelier way and asked; what cannot be read is
left out and asked. docs/schedule-tables.md shows how cells are read, by examples that a test runs.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from trial.problems import Problem, ProblemError
from trial.readers.draft import Draft, Finding, Weight
from trial.readers.tables.activities import Activities
from trial.readers.tables.cells import Cell, Kind, Row, Sheet, visible, without_footnotes
from trial.readers.tables.layout import DEEPEST_HEADING, Layout, layout_of
from trial.readers.tables.names import Names, usual_registration
from trial.readers.tables.numbering import Numbering, numbering_of
from trial.readers.tables.places import Places
from trial.readers.tables.sections import add_names, ask_for_required, read_events, read_facts, read_study, read_tasks
from trial.readers.tables.told import Told
from trial.readers.tables.visits import Visits
from trial.readers.tables.words import Part
from trial.visitplan.definition import FORMAT, MOST, study_from
from trial.visitplan.documents import Node, one_line

OF_VISIT = re.compile(r"visits\[(?P<visit>[a-z0-9_]+)\]\.?(?P<rest>.*)")

SHOWN = 20


def read_sheets(sheets: Sequence[Sheet], *, name: str, seen: Sequence[Finding] = ()) -> Draft:
    """The draft of a study file. `name` is the file's; `seen` is what was noticed when its cells were read.

    Raises:
        ProblemError: there is no schedule in it.
    """
    told = Told()
    layout = layout_of([_readable(sheet, told) for sheet in sheets], told)
    if Part.VISITS not in layout.tables:
        raise ProblemError(
            Problem(
                name,
                f"no table of visits was found{_nearest_heading(sheets)}",
                "head the columns in English, in one row: Visit, Counts from, When, Window (or the rows, where visits stand "
                "side by side); sitebell study template writes one to fill in",
            )
        )
    return Draft(_document(layout, told, name), (*seen, *told.findings))


def _nearest_heading(sheets: Sequence[Sheet]) -> str:
    """Where a heading most likely was meant: its place alone, because a file without a schedule may be a list of patients."""
    rows = [row for sheet in sheets for row in sheet.rows[:DEEPEST_HEADING] if len(row.filled) > 1]
    if not rows:
        return ""
    cells = max(rows, key=lambda row: len(row.filled)).filled
    return f": {cells[0].where} to {cells[-1].where} hold no headings that are known"


def _readable(sheet: Sheet, told: Told) -> Sheet:
    """The sheet without what its cells do not say: footnote marks, errors, and formulas without a result in the file."""
    marked: list[str] = []

    def kept(cell: Cell) -> Cell:
        if cell.is_lost:
            formula = cell.kind is Kind.FORMULA
            what = "it holds a formula without a result" if formula else f"it shows the error {cell.label}"
            told.refused("formula", cell.where, what, "type the value itself")
            return Cell(cell.where, kind=cell.kind)
        seen = visible(cell.text)
        text = without_footnotes(seen)
        if text != seen:
            marked.append(cell.where)
        return replace(cell, text=text)

    rows = tuple(Row(row.number, tuple(map(kept, row.cells))) for row in sheet.rows)
    if marked:
        told.noted(
            "footnote", ", ".join(marked[:5]), "signs in it point to footnotes", "they were not read; see the footnotes"
        )
    return Sheet(sheet.name, rows)


def _document(layout: Layout, told: Told, name: str) -> dict[str, Node]:
    header, said = read_study(layout, told, name)
    names = Names()
    tables = layout.tables
    event_rows = add_names(tables.get(Part.EVENTS), names.events, told)
    fact_rows = add_names(tables.get(Part.FACTS), names.facts, told)
    events = read_events(tables.get(Part.EVENTS), event_rows, names, told)
    facts = read_facts(tables.get(Part.FACTS), fact_rows, names, told)
    activities = Activities(tables[Part.VISITS], read_tasks(tables.get(Part.TASKS), names, told), told)
    days = Places(tables[Part.VISITS], names, told)
    visits = Visits(tables[Part.VISITS], names, activities, told, days)
    rows = visits.rows()
    if len(rows) > MOST["visits"]:
        what = f"it has more than {MOST['visits']} rows of visits"
        raise ProblemError(Problem(name, what, "give the schedule alone, one row a visit"))
    activities.read_columns(rows)
    days.numbering = numbering_of(days.timings(rows), said)
    _tell_numbering(days.numbering, said, told)
    if days.numbering.first_day is not None:
        header["day_numbers"] = days.numbering.first_day.value
    found = visits.read(rows)
    if not names.events.ids:  # nothing but visits on request
        names.events.add("Registration")
    events |= _made_events(names, events, found, told)
    sections: dict[str, Node] = {
        "format": FORMAT,
        "study": header,
        "events": events,
        "facts": facts | visits.made_facts,
    }
    sections["visits"] = _sound(sections, found, visits.places, told, name)
    if len(told.questions) > MOST["questions"]:
        what = f"more than {MOST['questions']} of its cells cannot be read or leave something open"
        raise ProblemError(Problem(name, what, "mend these first"), *refusals(told.findings)[:SHOWN])
    sections["questions"] = told.questions
    sections["source"] = {"from": "table", "file": name, "map": dict(visits.places)}
    return {key: node for key, node in sections.items() if node}


def _tell_numbering(found: Numbering, said: Numbering, told: Told) -> None:
    """What was seen from the table itself, so that somebody can say no to it."""
    if found.first_day is not None and said.first_day is None:
        told.noted(
            "day_numbers",
            "the table",
            f"its days show that the event's own day is Day {found.first_day[-1]}",
            "read so",
        )
    if found.week_name is not None and said.week_name is None:
        told.noted("week_numbers", "the table", f"its weeks are named by what comes {found.week_name}", "read so")


def _made_events(names: Names, known: dict[str, Node], visits: list[Node], told: Told) -> dict[str, Node]:
    """Events that only the cells of the visits name. Which of them every patient has, and when the others are, is asked."""
    made = {name: label for name, label in names.events.ids.items() if name not in known}
    if not made:
        return {}
    recorded = _recorded(names, made, visits)
    if not names.required:
        first = {name: label for name, label in made.items() if name not in recorded} or made
        names.required = usual_registration(first.items()) or next(iter(first))
        if len(first) > 1:
            ask_for_required(names, told)
    events: dict[str, Node] = {}
    for name, label in made.items():
        visit = recorded.get(name)
        if name == names.required:
            events[name] = {"label": label, "required": "true"}
        elif visit is not None:
            events[name] = {"label": label, "estimate": visit["when"]}
            visit["records"] = name
            told.noted(
                "records", "the table", f"others count from the visit {visit['id']}",
                f"holding it dates the event {name}, expected on the day of the visit", about=name,
            )  # fmt: skip
        else:
            events[name] = {"label": label}
            told.asked(
                "event", "the table", f"nothing says when {label} is expected", "its visits appear once its date is told",
                ask=f"When is {label} expected, and from which day is its date to be asked for?", about=name,
            )  # fmt: skip
    told.asked(
        "leaving", "the table", "it does not say how a patient leaves the study", "no event ends a patient's course",
        ask="Which events end a patient's course (death, consent withdrawn, lost to follow-up), and what does each end?",
    )  # fmt: skip
    return events


def _recorded(names: Names, made: dict[str, str], visits: list[Node]) -> dict[str, dict[str, Node]]:
    """Visits from which others count: the event that a cell named is the visit itself."""
    found: dict[str, dict[str, Node]] = {}
    for visit in visits:
        if not isinstance(visit, dict) or "records" in visit or "repeat" in visit or visit["when"] == "on_request":
            continue
        label = visit["label"]["en"] if isinstance(visit["label"], dict) else visit["label"]
        name = names.events.find(str(label)) or ""
        if name in made and name not in one_line(visit["when"]):
            found.setdefault(name, visit)
    return found


def _sound(sections: dict[str, Node], visits: list[Node], places: dict[str, str], told: Told, name: str) -> list[Node]:
    """The visits against which the format has nothing to say. The others are left out, each told with its cell.

    Raises:
        ProblemError: the trouble is not with a visit.
    """
    while visits:
        try:
            study_from({**{key: node for key, node in sections.items() if node}, "visits": visits}, {}, name=name)
        except ProblemError as error:
            found = [(OF_VISIT.search(problem.where), problem) for problem in error.problems]
            wrong = {match["visit"]: (match["rest"], problem) for match, problem in found if match is not None}
            if not wrong:
                raise ProblemError(*error.problems, *refusals(told.findings)) from error
            for visit, (rest, problem) in wrong.items():
                what = f"{rest}: {problem.what}" if rest else problem.what
                told.refused("unsound", places.pop(visit), what, f"the visit {visit} was left out: {problem.instead}")
            visits = [visit for visit in visits if isinstance(visit, dict) and visit["id"] not in wrong]
        else:
            return visits
    told.refused("no_visit", name, "no visit is left that could be read", "write a row for each under the heading")
    return []


def refusals(findings: Sequence[Finding]) -> list[Problem]:
    """What was left out, as reasons to refuse the whole."""
    refused = (finding for finding in findings if finding.weight is Weight.REFUSED)
    return [Problem(finding.where, finding.what, finding.instead) for finding in refused]
