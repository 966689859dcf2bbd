"""What has to be done at a visit: columns of activities with an X where they happen, and lists of tasks. Pure.

An activity is a task where its heading, the part Tasks or a due day says that a site has to upload or send something. What
merely happens at the visit (vital signs) becomes a note of it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from trial.readers.tables.cells import Cell, Row, identity, named
from trial.readers.tables.layout import Column, Table
from trial.readers.tables.sections import sure, value
from trial.readers.tables.told import LONGEST_SHOWN, Told, fitted, shown
from trial.readers.tables.units import Unreadable, read_due
from trial.readers.tables.words import ACTIVITY, FORMS, IMAGING, MARKS, NO_MARKS
from trial.visitplan.documents import LONGEST_TEXT, Node

TASK_HEADING = re.compile(
    r"(?P<verb>upload|send)(?: of)?:?\s+(?P<what>.+)|(?P<what2>.+?)[\s-]+(?P<verb2>upload)", re.IGNORECASE
)
DUE_IN_HEADING = re.compile(
    r"(?P<label>.+?)\s*(?:[(\[](?:due |within )?(?P<bracket>[^()\[\]]*\d[^()\[\]]*)[)\]]|,?\s+(?:due|within)\s+(?P<due>.+))",
    re.IGNORECASE,
)
FOOTNOTED = re.compile(r"(?P<mark>[x✓✔•●])\s*[(\[]?(?P<foot>[a-z0-9*†‡§]{1,3})[)\]]?")

MARKED_WITH_DUE = re.compile(r"[x✓✔•●○]\s*[(\[:,]\s*(?P<due>[^()\[\]]+)[)\]]?")

OF_DAYS = re.compile(
    r"\b(?:windows?|days?|dates?|weeks?|months?|times?|timing|earliest|latest|min|max|minimum|maximum|intervals?|frequency|deviation)\b"
)

Task = dict[str, Node]


@dataclass(slots=True)
class Activities:
    """The activity columns of the visits, and the tasks that they stand for."""

    table: Table
    known: dict[str, Task]  # of the part Tasks, by name
    told: Told
    tasks: dict[int, Task] = field(default_factory=dict)  # of columns
    others: dict[int, str] = field(default_factory=dict)  # columns of what merely happens, with their names
    _by_name: dict[str, Task] = field(default_factory=dict)

    def read_columns(self, rows: list[Row]) -> None:
        """Decide for each column what it is. A column without a single X is none."""
        empty: list[str] = []
        for column in self.table.all(ACTIVITY):
            filled = [cell for row in rows if (cell := row.at(column.index)).plain not in NO_MARKS]
            label, where = column.cell.label, column.cell.where
            if not filled:
                empty.append(where)
                continue
            if self._may_say_days(column.cell, filled):
                self.told.asked(
                    "column", where, f"{shown(label)} may say something of the visits' days", "the column was not read",
                    ask=f"Does the column {label} say more of the visits' days than is in the draft?",
                )  # fmt: skip
                continue
            if not any(_happens(cell) is not None for cell in filled):
                self.told.noted(
                    "column", where, f"{shown(label)}: none of its cells has an X", "the column was not read"
                )
                continue
            task = self.task(column.cell)
            if task is None:
                self.others[column.index] = column.cell.label
            else:
                self.tasks[column.index] = task
        if empty:
            self.told.noted("column", ", ".join(empty), "nothing stands there", "not read")
        if self.others:
            places = ", ".join(column.cell.where for column in self.table.all(ACTIVITY) if column.index in self.others)
            self.told.noted(
                "happens",
                places,
                "nothing says that a site has to upload or send anything there",
                "it went into the notes of the visits; begin a heading with Upload or Send to have a task of it",
            )

    def _may_say_days(self, heading: Cell, filled: list[Cell]) -> bool:
        """Whether a column that is known for nothing may hold a part of the visits' days, such as `Earliest day`."""
        name = named(heading.text)
        is_task = name in self.known or TASK_HEADING.fullmatch(heading.label)
        numbers = (cell for cell in filled if re.search(r"\d", cell.plain) and not FOOTNOTED.fullmatch(cell.plain))
        return not is_task and bool(OF_DAYS.search(name)) and any(numbers)

    def task(self, heading: Cell) -> Task | None:
        """The task that a heading or an item of a list names; None for what merely happens."""
        cell, certain = sure(heading)
        name = named(cell.text)
        if name in self.known:
            return self.known[name]
        if name not in self._by_name:
            task = self._made(cell, certain=certain)
            if task is None:
                return None
            self._by_name[name] = task
        return self._by_name[name]

    def _made(self, cell: Cell, *, certain: bool) -> Task | None:
        label, due = _due_in(cell.label)
        taken = [str(task["id"]) for task in (*self.known.values(), *self._by_name.values())]
        task: Task = {}
        if found := TASK_HEADING.fullmatch(label):
            verb, what = (found["verb"] or found["verb2"]).lower(), found["what"] or found["what2"]
            task = {
                "id": identity(f"{verb} {what}", taken, otherwise=verb),
                "label": fitted(label if found["verb"] else f"Upload {what}", LONGEST_TEXT),
                "short": fitted(what, LONGEST_SHOWN),
            }
        elif (pictures := _mentions(label, IMAGING)) or _mentions(label, FORMS) or due:
            kind = "upload" if pictures else "send"
            task = {
                "id": identity(f"{kind} {label}", taken, otherwise=kind),
                "label": fitted(f"{kind.capitalize()} {label}", LONGEST_TEXT),
                "short": fitted(label, LONGEST_SHOWN),
            }
            self.told.asked(
                "task", cell.where, f"{shown(label)} does not say what the site has to do", f"read as {task['label']}",
                ask=f"Does the site have to {kind} anything for {label}, or does it merely happen at the visit?",
            )  # fmt: skip
        if task and due:
            task["due"] = value(due, certain=certain)
        return task or None

    def of_row(self, row: Row, about: str) -> tuple[list[Task], list[str]]:
        """The tasks of a visit with their due days, and what else happens there."""
        found: dict[str, Task] = {}
        happening: list[str] = []
        row_due = self._due_of_row(row, about)
        for column in self.table.all(ACTIVITY):
            if column.index not in self.others and column.index not in self.tasks:
                continue
            mark = self._mark(row, column, about)
            if mark is not None and column.index in self.others:
                happening.append(self.others[column.index])
            elif mark is not None:
                task = self._with_due(self.tasks[column.index], mark.due or row_due, column.cell)
                found.setdefault(str(task["id"]), task)
        for cell in _listed(self.table.cell(row, "tasks")):
            label, due = _due_in(cell.label)
            known = self.task(Cell(cell.where, label))
            if known is None:
                happening.append(cell.label)
            else:
                found.setdefault(str(known["id"]), self._with_due(known, due or row_due, cell))
        if row_due is not None and not found:
            cell = self.table.cell(row, "due")
            self.told.noted(
                "due", cell.where, "nothing is uploaded or sent at this visit", "it was not read", about=about
            )
        return list(found.values()), happening

    def _due_of_row(self, row: Row, about: str) -> Node | None:
        column = self.table.column("due")
        cell, certain = sure(self.table.cell(row, "due"))
        if column is None or not cell.filled:
            return None
        try:
            due = read_due(cell.label, column.unit)
        except Unreadable as problem:
            self.told.refused("due", cell.where, problem.what, problem.instead, about=about)
            return None
        return None if due is None else value(due, certain=certain)

    def _with_due(self, task: Task, own: Node | None, cell: Cell) -> Task:
        """The task with the due day of its cell or row, else that of its heading."""
        due = own or task.get("due")
        if due is None:
            label = task["label"] if isinstance(task["label"], str) else cell.label
            self.told.asked(
                "due", cell.where, f"{shown(label)} has no due day", "read as due on the day of the visit",
                ask=f"How long after the visit is it due: {label}?",
            )  # fmt: skip
            due = {"value": "visit", "unverified": "true"}
        notes = {key: task[key] for key in ("source", "note") if key in task}
        return {key: node for key, node in task.items() if key not in notes} | {"due": due} | notes

    def _mark(self, row: Row, column: Column, about: str) -> "_Mark | None":
        """That it happens at this visit, with its due day where the cell says one; None where it does not."""
        whole = row.at(column.index)
        cell, certain = sure(whole)
        if cell.plain in NO_MARKS:
            return None
        due = _happens(cell)
        if due:
            return _Mark(value(str(read_due(due, None)), certain=certain))
        if due is None or not certain:
            self.told.asked(
                "mark", cell.where, f"{shown(whole.label)} is no X", "read as X",
                ask=f"{column.cell.label}: {whole.label}. Does it always happen at this visit?", about=about,
            )  # fmt: skip
        elif FOOTNOTED.fullmatch(cell.plain) and cell.plain not in MARKS:
            what = f"{shown(cell.label)} points to a footnote"
            self.told.noted("footnote", cell.where, what, "read as X; see the footnote", about=about)
        return _Mark()


@dataclass(frozen=True, slots=True)
class _Mark:
    """An X."""

    due: Node | None = None


def _mentions(label: str, words: Sequence[str]) -> bool:
    return any(f" {word} " in f" {named(label)} " for word in words)


def _listed(cell: Cell) -> list[Cell]:
    """The items of a list of tasks: `Upload CT; Send form (10 working days)`."""
    items = re.split(r"\s*;\s*|\s*,\s+(?=upload|send)", cell.label, flags=re.IGNORECASE)
    return [Cell(cell.where, item) for item in items if item]


def _happens(cell: Cell) -> str | None:
    """Empty for an X, the words for a due day in a cell that says one, None for anything else."""
    text = sure(cell)[0].plain
    if text in MARKS or FOOTNOTED.fullmatch(text):
        return ""
    found = MARKED_WITH_DUE.fullmatch(text)
    due = found["due"] if found else text
    try:
        return due if read_due(due, None) is not None else None
    except Unreadable:
        return None


def _due_in(text: str) -> tuple[str, str | None]:
    """`Upload CT (5 working days)` -> its label, and `visit + 5wd`."""
    found = DUE_IN_HEADING.fullmatch(text)
    if found is None:
        return text, None
    try:
        return found["label"], read_due(found["bracket"] or found["due"], None)
    except Unreadable:
        return text, None
