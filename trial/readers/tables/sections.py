"""The parts of a table beside its visits: the study's details, its events, facts and tasks. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from trial.answers import LeavingKind
from trial.problems import nearest
from trial.readers.tables.cells import Cell, Row, identity, named, plain
from trial.readers.tables.layout import LANGUAGE as IN_LANGUAGE
from trial.readers.tables.layout import Layout, Table
from trial.readers.tables.names import Named, Names, texts, usual_registration
from trial.readers.tables.numbering import Numbering, read_first_day, read_week_name
from trial.readers.tables.told import Told, shown
from trial.readers.tables.units import Unreadable, read_due
from trial.readers.tables.words import EXAMPLE, FUNCTIONS, KINDS, NO, STUDY_ROWS, YES, meaning
from trial.study import EndsKind
from trial.visitplan.definition import STUDY_ID
from trial.visitplan.documents import ID, LANGUAGE, Node

ENDS = {"all": EndsKind.ALL, "everything": EndsKind.ALL, "visits": EndsKind.VISITS, "later visits": EndsKind.VISITS}


def is_example(row: Row) -> bool:
    """Whether the row belongs to the template."""
    return bool(row.filled) and plain(row.filled[0].text).startswith(EXAMPLE)


def kept_rows(table: Table, told: Told) -> list[Row]:
    """Rows that say something: without remarks and without the template's examples."""
    rows = [row for row in table.rows if row.filled and not row.is_remark]
    examples = [row.filled[0].where for row in rows if is_example(row)]
    if examples:
        told.noted("example", ", ".join(examples[:5]), "the name begins with Example", "it was left out")
    return [row for row in rows if not is_example(row)]


def sure(cell: Cell) -> tuple[Cell, bool]:
    """The cell without the question mark that says that somebody is not sure, and whether there was none."""
    text = cell.label
    bare = text.rstrip("?？ ")
    return (Cell(cell.where, bare, cell.kind, cell.merged), False) if bare != text else (cell, True)


def value(text: str, *, certain: bool) -> Node:
    return text if certain else {"value": text, "unverified": "true"}


def read_study(layout: Layout, told: Told, name: str) -> tuple[dict[str, Node], Numbering]:
    """The header of the draft and how the study numbers its days. `name` is the file's."""
    said: dict[str, Cell] = {}
    titles: dict[str, Cell] = {}
    for key_cell, cell in layout.study:
        found = IN_LANGUAGE.fullmatch(key_cell.plain)
        key = meaning(named(found["name"] if found else key_cell.text), STUDY_ROWS) or ""
        if key == "title":
            titles[found["language"] if found else "en"] = cell
        elif key in said:
            told.noted("detail", key_cell.where, f"{shown(key_cell.label)} is there twice", "only the first was read")
        else:
            said[key] = cell
    stem = name.rpartition(".")[0] or name
    header: dict[str, Node] = {"id": _study_id(said.get("id"), stem, told)}
    if "en" in titles:
        header["title"] = texts({"en": titles.pop("en"), **titles})
    else:
        header["title"] = stem
        told.asked(
            "title", "the table", "the study's title is missing", f"read as {stem}", ask="What is the study's title?"
        )
    header["version"] = said["version"].label if "version" in said else "draft"
    if "version" not in said:
        told.asked(
            "version", "the table", "the version of the protocol is missing", "read as draft",
            ask="Which version of the protocol is this?",
        )  # fmt: skip
    if "languages" in said:
        header["languages"] = _languages(said["languages"], told)
    if "subject_id" in said:
        header["subject_id"] = said["subject_id"].label
    numbering = _numbering(said, told)
    if numbering.first_day is not None:
        header["day_numbers"] = numbering.first_day.value
    return header, numbering


def _study_id(cell: Cell | None, stem: str, told: Told) -> str:
    if cell is not None and STUDY_ID.fullmatch(cell.label):
        return cell.label
    made = re.sub(r"[^A-Z0-9]+", "-", plain(stem if cell is None else cell.text).upper()).strip("-")[:20] or "STUDY"
    what = "the study's id is missing" if cell is None else f"{shown(cell.label)} is no study id"
    told.asked(
        "study_id", "the table" if cell is None else cell.where, what, f"read as {made}",
        ask="What is the study's short id (capital letters, digits and hyphens, 20 at most)?",
    )  # fmt: skip
    return made


def _languages(cell: Cell, told: Told) -> list[Node]:
    found: list[Node] = []
    for word in re.split(r"[\s,;/]+", cell.label):
        if LANGUAGE.fullmatch(word):
            found.append(word)
        elif word:
            told.refused(
                "language", cell.where, f"{shown(word)} is no language code", "use codes such as en, ja, pt-BR"
            )
    return found or ["en"]


def _numbering(said: dict[str, Cell], told: Told) -> Numbering:
    numbering = Numbering()
    try:
        if "day_numbers" in said:
            numbering = Numbering(read_first_day(said["day_numbers"].plain), None)
    except Unreadable as problem:
        told.refused("day_numbers", said["day_numbers"].where, problem.what, problem.instead)
    try:
        if "week_numbers" in said:
            numbering = Numbering(numbering.first_day, read_week_name(said["week_numbers"].plain))
    except Unreadable as problem:
        told.refused("week_numbers", said["week_numbers"].where, problem.what, problem.instead)
    return numbering


@dataclass(slots=True)
class Entries:
    """Reads rows of a part into entries of the draft, cell by cell; a cell that says nothing usable is told and left out."""

    table: Table
    names: Names
    told: Told
    about: str = ""
    entry: dict[str, Node] = field(default_factory=dict)

    def start(self, about: str) -> None:
        self.about, self.entry = about, {}

    def read(self, row: Row, key: str, how: Callable[[str], str | None]) -> None:
        """One cell into one value of the entry."""
        cell, certain = sure(self.table.cell(row, key))
        if not cell.filled:
            return
        try:
            found = how(cell.label)
        except Unreadable as problem:
            self.told.refused(key, cell.where, problem.what, problem.instead, about=self.about)
            return
        if found is not None:
            self.entry[key] = value(found, certain=certain)

    def notes(self, row: Row) -> None:
        for key in ("source", "note"):
            cell = self.table.cell(row, key)
            if cell.filled:
                self.entry[key] = cell.label


def add_names(table: Table | None, known: Named, told: Told) -> list[tuple[Row, str]]:
    """Names the rows of a part, so that every cell can refer to each of them."""
    if table is None:
        return []
    found = []
    for row in kept_rows(table, told):
        label, wanted = table.cell(row, "label"), table.cell(row, "id")
        if not label.filled and not wanted.filled:
            told.refused(
                "no_name", row.filled[0].where, "the row has no name", f"name the {known.kind} in its first column"
            )
            continue
        text = label.label or wanted.label
        if known.find(text) is not None or wanted.label in known.ids:
            told.refused("twice", label.where, f"{shown(text)} is there twice", "keep one of the rows")
            continue
        name = known.add(text, wanted.label)
        if wanted.filled and name != wanted.label:
            told.noted("id", wanted.where, f"{shown(wanted.label)} is no id", f"called {name}", about=name)
        found.append((row, name))
    known.closed = bool(found)
    return found


def read_events(table: Table | None, rows: list[tuple[Row, str]], names: Names, told: Told) -> dict[str, Node]:
    """The section `events`, and which of them every patient has (`names.required`)."""
    events: dict[str, Node] = {}
    if table is None:
        return events
    entries = Entries(table, names, told)
    for row, name in rows:
        entries.start(name)
        entries.entry["label"] = texts(table.texts(row, "label")) if table.cell(row, "label").filled else name
        entries.read(row, "required", lambda text: _yes(text, "From the start"))
        if "required" in entries.entry and not names.required:
            names.required = name
        for key in ("estimate", "expect"):
            entries.read(row, key, lambda text: names.moment(plain(text)))
        entries.read(row, "not_before", lambda text: names.event(plain(text)))
        entries.read(row, "ends", _ends)
        entries.read(row, "leaving", _leaving)
        entries.read(row, "only_if", lambda text: _condition(names, text))
        entries.read(row, "function", function_of)
        entries.notes(row)
        events[name] = dict(entries.entry)
    if not names.required and events:
        names.required = usual_registration(names.events.ids.items()) or next(iter(events))
        ask_for_required(names, told)
        events[names.required] = {**_mapping(events[names.required]), "required": "true"}
    return events


def ask_for_required(names: Names, told: Told) -> None:
    label = names.events.ids[names.required]
    told.asked(
        "required", "the table", "no event is said to be there from the start", f"read as {label}",
        ask=f"Which event does every patient have from the start? Read as {label}.", about=names.required,
    )  # fmt: skip


def _mapping(node: Node) -> dict[str, Node]:
    return node if isinstance(node, dict) else {}


def read_facts(table: Table | None, rows: list[tuple[Row, str]], names: Names, told: Told) -> dict[str, Node]:
    """The section `facts`. Values are named before anything refers to them."""
    facts: dict[str, Node] = {}
    if table is None:
        return facts
    entries = Entries(table, names, told)
    for row, name in rows:
        entries.start(name)
        if table.cell(row, "label").filled:
            entries.entry["label"] = texts(table.texts(row, "label"))
        if table.texts(row, "ask"):
            entries.entry["ask"] = texts(table.texts(row, "ask"))
        entries.entry["values"] = _values(table.texts(row, "values"), names.values.setdefault(name, Named("value")))
        entries.read(row, "ask_at", lambda text: names.moment(plain(text)))
        entries.read(row, "only_if", lambda text: _condition(names, text))
        entries.read(row, "function", function_of)
        entries.notes(row)
        facts[name] = dict(entries.entry)
    return facts


def _values(cells: dict[str, Cell], known: Named) -> Node:
    """`clear = Clear; not_clear = Not clear`, in each language; or the words alone."""
    found: dict[str, dict[str, str]] = {}
    for language, cell in cells.items():
        for part in cell.label.split(";" if ";" in cell.label else ","):
            name, equals, label = (side.strip() for side in part.partition("="))
            if name:
                found.setdefault(name, {})[language] = label if equals else name
    values: dict[str, Node] = {}
    for name, labels in found.items():
        known.know(name, labels.get("en", name))
        values[name] = labels["en"] if list(labels) == ["en"] else dict(labels)
    plain_list: list[Node] = list(values)
    return plain_list if all(name == label for name, label in values.items()) else values


def read_tasks(table: Table | None, names: Names, told: Told) -> dict[str, dict[str, Node]]:
    """Tasks by the name of their row, as `named` gives it; each may be wanted by many visits."""
    tasks: dict[str, dict[str, Node]] = {}
    if table is None:
        return tasks
    entries = Entries(table, names, told)
    for row in kept_rows(table, told):
        label = table.cell(row, "label")
        name = named(label.text)
        if not name or name in tasks:
            what = f"{shown(label.label)} is there twice" if name else "the row has no name"
            told.refused("task_row", row.filled[0].where, what, "give each task a row and a name of its own")
            continue
        entries.start("")
        wanted = table.cell(row, "id").label
        entries.entry["id"] = wanted if ID.fullmatch(wanted) else identity(label.label, [], otherwise="task")
        entries.entry["label"] = texts(
            {language: _unnumbered(cell) for language, cell in table.texts(row, "label").items()}
        )
        if table.texts(row, "short"):
            entries.entry["short"] = texts(table.texts(row, "short"))
        entries.read(row, "kind", _kind)
        entries.read(row, "due", lambda text: read_due(text, None))
        entries.read(row, "function", function_of)
        entries.notes(row)
        tasks[name] = dict(entries.entry)
    return tasks


def _unnumbered(cell: Cell) -> Cell:
    """The label without the number that tells two tasks of one name apart: `Upload images [2]`."""
    return replace(cell, text=re.sub(r"\s*\[\d+\]$", "", cell.label))


def function_of(text: str) -> str:
    """Who at the site.

    Raises:
        Unreadable: nobody is called so.
    """
    found = meaning(named(text), FUNCTIONS)
    if found is None:
        raise Unreadable(f"{text!r} is nobody's function at a site", nearest(named(text), FUNCTIONS))
    return found


def _kind(text: str) -> str:
    found = meaning(named(text), KINDS)
    if found is None:
        raise Unreadable(f"{text!r} is no kind of task", nearest(named(text), KINDS))
    return found


def _yes(text: str, column: str) -> str | None:
    if plain(text) in YES:
        return "true"
    if plain(text) in NO:
        return None
    raise Unreadable(f"{text!r} is neither yes nor no", f"write yes under {column}, or nothing")


def _ends(text: str) -> str | None:
    if plain(text) in NO:
        return None
    if named(text) not in ENDS:
        raise Unreadable(f"{text!r} does not say what ends", nearest(named(text), ENDS))
    return ENDS[named(text)].value


def _leaving(text: str) -> str | None:
    if plain(text) in NO:
        return None
    known = {kind.value.replace("_", " "): kind for kind in LeavingKind if kind is not LeavingKind.WITHDRAWN}
    if named(text) not in known:
        raise Unreadable(f"{text!r} is no way of leaving", nearest(named(text), known))
    return known[named(text)].value


def _condition(names: Names, text: str) -> str:
    found = names.condition(text)
    if found is None:
        raise Unreadable(
            f"{text!r} refers to nothing in this table", "use a fact and its value, such as margin == clear"
        )
    return found
