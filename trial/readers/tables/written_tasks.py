"""Tasks of visits as columns: one task a column, an X where a visit has it, and what it is in the part Tasks. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from trial.readers.tables.cells import Cell, named
from trial.readers.tables.layout import column_of
from trial.readers.tables.worded import due_in_words, labels_of
from trial.readers.tables.words import ACTIVITY, Part
from trial.tasks import SiteFunction, TaskKind
from trial.visitplan.documents import Node, is_wrapped, one_line, unwrapped

Line = dict[str, str]
PLAIN_KEYS = frozenset({"id", "label", "short", "kind", "function", "due", "source", "note"})


@dataclass(slots=True)
class TaskColumns:
    """`lines` are the rows of the part Tasks, each with a name of its own, which heads its column."""

    tell: Callable[[str, str, str], None]
    lines: list[Line] = field(default_factory=list)
    _marks: dict[tuple[int, str], str] = field(default_factory=dict)  # (visit, column) -> its due day in words

    def read(self, visits: Sequence[Mapping[str, Node]], task_sets: Mapping[str, Node]) -> None:
        for place, visit in enumerate(visits):
            for task in _tasks(visit, task_sets):
                self._add(place, visit, task)
        for line in self.lines:
            marks = {key: due for key, due in self._marks.items() if key[1] == line["label"]}
            dues = set(marks.values())
            if len(dues) == 1:
                line["due"] = dues.pop()
                self._marks |= dict.fromkeys(marks, "X")

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(line["label"] for line in self.lines)

    def cells(self, place: int) -> Line:
        """The cells of one visit, by column."""
        return {column: due for (visit, column), due in self._marks.items() if visit == place}

    def _add(self, place: int, visit: Mapping[str, Node], task: Mapping[str, Node]) -> None:
        identity = one_line(unwrapped(task["id"]))
        where = f"visits[{one_line(visit.get('id', ''))}].tasks[{identity}]"
        usual = TaskKind.UPLOAD if identity.startswith(TaskKind.UPLOAD) else TaskKind.SEND
        line: Line = {"id": identity, "kind": one_line(unwrapped(task.get("kind", usual.value)))}
        for key in ("label", "short"):
            if key in task:
                line |= {f"{key}{suffix(language)}": text for language, text in labels_of(task[key]).items()}
        function = task.get("function", visit.get("function", SiteFunction.COORDINATION.value))
        line["function"] = one_line(unwrapped(function))
        line |= {key: one_line(unwrapped(task[key])) for key in ("source", "note") if key in task}
        for key in task:
            if key not in PLAIN_KEYS:
                self.tell(f"{where}.{key}", "it has no place in a table", "it stays in the study file")
        due = task.get("due", "visit")
        unsure = is_wrapped(due) and one_line(due.get("unverified", "")) == "true"
        words = due_in_words(one_line(unwrapped(due))) + (" ?" if unsure else "")
        self._marks[place, self._column(line)] = words

    def _column(self, line: Line) -> str:
        """The column of this task: a new one, with a name that none has and that is no known heading."""
        label, number = line["label"], 1
        while True:
            name = label if number == 1 else f"{label} [{number}]"
            number += 1
            known = next((known for known in self.lines if named(known["label"]) == named(name)), None)
            if known is not None and {**known, "label": label} == line:
                return known["label"]
            if known is None and column_of(Part.VISITS, Cell("", name), 0).key == ACTIVITY:
                self.lines.append({**line, "label": name})
                return name


def _tasks(visit: Mapping[str, Node], task_sets: Mapping[str, Node]) -> Iterator[Mapping[str, Node]]:
    """The tasks of a visit, those of the sets that it names among them."""
    node = unwrapped(visit.get("tasks", []))
    for item in node if isinstance(node, list) else [node]:
        if isinstance(item, dict):
            yield item
        elif isinstance(item, str):
            named_set = unwrapped(task_sets.get(item, []))
            yield from (
                task for task in (named_set if isinstance(named_set, list) else [named_set]) if isinstance(task, dict)
            )


def suffix(language: str) -> str:
    return "" if language == "en" else f" ({language.lower()})"
