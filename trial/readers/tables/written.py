"""A study as a table: the same cells that `trial.readers.tables.read` reads, and what a table has no place for. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from trial.expressions import BadExpression, comparisons, parse_condition
from trial.readers.draft import Finding, Weight
from trial.readers.tables.names import Named
from trial.readers.tables.worded import labels_of, offset_in_words, rhythm_in_words, values_in_words, window_in_words
from trial.readers.tables.words import EXAMPLE, HEADINGS, STUDY_HEADINGS, Part
from trial.readers.tables.written_tasks import Line, TaskColumns, suffix
from trial.visitplan.documents import NOTES, Node, is_wrapped, one_line, unwrapped
from trial.visitplan.notation import ANCHOR

KEPT_OUT: Mapping[str, str] = {
    "ladders": "when tasks ring",
    "overdue_after": "when something is overdue",
    "claims": "what becomes of claimed uploads",
    "amendments": "who uses which version",
    "questions": "what is still to be decided",
    "source": "where the study file came from",
}
SILENT = frozenset({"format", "study", "events", "facts", "visits", "task_sets"})
PLAIN_NAME = re.compile(r"[^\W\d_][\w -]*")
LISTING = re.compile(r"\b(?:or|and|of|before|after)\b|\d", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Written:
    """The parts of a table, each with its heading and its rows; the study's details have no heading."""

    parts: Mapping[Part, tuple[tuple[str, ...], ...]]
    findings: tuple[Finding, ...]


def tables_of(document: Mapping[str, Node]) -> Written:
    """The table of a study file that was checked. What has no place in one is told and kept out."""
    return _Writing(document).written()


@dataclass(slots=True)
class _Writing:
    document: Mapping[str, Node]
    events: Named = field(default_factory=lambda: Named("event"))
    restricted: set[str] = field(default_factory=set)
    sourced: bool = False  # whether single values have sources or notes of their own
    _kept_out: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)

    def written(self) -> Written:
        for name, event in _entries(self.document, "events"):
            self.events.know(name, labels_of(event.get("label", name)).get("en", name))
        self.restricted = {name for name, fact in _entries(self.document, "facts") if _is_restricted(fact)}
        facts = [
            self._fact(name, fact) for name, fact in _entries(self.document, "facts") if name not in self.restricted
        ]
        events = [self._event(name, event) for name, event in _entries(self.document, "events")]
        visits = [visit for visit in self._visit_nodes() if not self._stays_out(visit)]
        tasks = TaskColumns(self.tell)
        tasks.read(visits, dict(_entries(self.document, "task_sets", any_node=True)))
        visit_lines = [self._visit(visit) | tasks.cells(place) for place, visit in enumerate(visits)]
        parts = {
            Part.STUDY: self._study(),
            Part.VISITS: _rows(HEADINGS[Part.VISITS], visit_lines, tasks.headings),
            Part.EVENTS: _rows(HEADINGS[Part.EVENTS], events),
            Part.FACTS: _rows(HEADINGS[Part.FACTS], facts),
            Part.TASKS: _rows(HEADINGS[Part.TASKS], tasks.lines),
        }
        for name in sorted(self.restricted):
            self.tell(f"facts[{name}]", "who may know it is restricted", "it was kept out")
        for key in self.document:
            if key not in SILENT:
                self.tell(key, f"{KEPT_OUT.get(key, key)} has no place in a table", "it stays in the study file")
        if self.sourced:
            self.tell(
                "single values", "their sources and notes have no place in a table", "they stay in the study file"
            )
        return Written(
            {part: rows for part, rows in parts.items() if len(rows) > (part is not Part.STUDY)}, self._findings()
        )

    def tell(self, where: str, what: str, instead: str) -> None:
        """One thing that is kept out. What is kept out of many visits is told once, with their number."""
        key = (where if where.endswith("]") else where.rpartition(".")[2], what, instead)
        self._kept_out.setdefault(key, []).append(where)

    def _findings(self) -> tuple[Finding, ...]:
        return tuple(
            Finding(
                Weight.NOTED,
                "kept_out",
                places[0] if len(places) == 1 else f"{places[0]} and {len(places) - 1} more",
                what,
                instead,
            )
            for (_, what, instead), places in self._kept_out.items()
        )

    def _study(self) -> tuple[tuple[str, ...], ...]:
        header = unwrapped(self.document.get("study", ""))
        rows: list[tuple[str, ...]] = []
        for key, node in header.items() if isinstance(header, dict) else ():
            if key == "title":
                rows += [(f"Title{suffix(language)}", text) for language, text in labels_of(node).items()]
            elif key == "day_numbers":
                rows.append((STUDY_HEADINGS[key], "Day 0" if one_line(unwrapped(node)) == "day0" else "Day 1"))
            elif key in STUDY_HEADINGS:
                rows.append((STUDY_HEADINGS[key], one_line(unwrapped(node))))
            elif key not in NOTES:
                self.tell(f"study.{key}", "it has no place in a table", "it stays in the study file")
        return tuple(rows)

    def _event(self, name: str, entry: dict[str, Node]) -> Line:
        line = self._plain(Part.EVENTS, f"events[{name}]", entry)
        if line.get("required"):
            line["required"] = "yes" if line["required"].startswith("true") else ""
        return line | {"id": name}

    def _fact(self, name: str, entry: dict[str, Node]) -> Line:
        label = entry.get("label", entry.get("ask", name.replace("_", " ").capitalize()))
        rest = {key: node for key, node in entry.items() if key != "values"}
        line = self._plain(Part.FACTS, f"facts[{name}]", {"label": label, **rest})
        return (
            line
            | {"id": name}
            | {
                f"values{suffix(language)}": text
                for language, text in values_in_words(unwrapped(entry.get("values", []))).items()
            }
        )

    def _visit_nodes(self) -> list[dict[str, Node]]:
        node = unwrapped(self.document.get("visits", []))
        return [visit for visit in (node if isinstance(node, list) else [node]) if isinstance(visit, dict)]

    def _stays_out(self, visit: dict[str, Node]) -> bool:
        """Whether the visit hangs on a fact that not everybody may know: its row would tell it."""
        betrays = self._betrays(visit)
        if betrays:
            self.tell(f"visits[{one_line(visit.get('id', ''))}]", "it hangs on a restricted fact", "it was kept out")
        return betrays

    def _betrays(self, entry: dict[str, Node]) -> bool:
        text = one_line(unwrapped(entry.get("only_if", "")))
        try:
            facts = {found.fact for found in comparisons(parse_condition(text))} if text else set()
        except BadExpression:
            facts = set()
        return bool(facts & self.restricted)

    def _visit(self, visit: dict[str, Node]) -> Line:
        where = f"visits[{one_line(visit.get('id', ''))}]"
        special = {"when", "window", "window_from", "repeat", "stop", "tasks", "records"}
        line = self._plain(Part.VISITS, where, {key: node for key, node in visit.items() if key not in special})
        line |= self._when(visit)
        later = unwrapped(visit.get("window_from", {}))
        if "window" in visit or later:
            line["window"] = self._marked(visit.get("window", "0d .. 0d"), lambda text: window_in_words(text, later))
        if "repeat" in visit:
            line["repeat"] = self._marked(visit["repeat"], rhythm_in_words)
            if "repeat_if" in visit:
                # The usual rhythm is written, and whoever reads it back has to look at it.
                line["repeat"] = f"{line['repeat'].removesuffix(' ?')} ?"
        if "stop" in visit:
            line["stop"] = self._marked(visit["stop"], lambda text: ", ".join(map(self.event, re.split(r",\s*", text))))
        if "records" in visit:
            line["records"] = self._marked(visit["records"], self.event)
        if line["label"].lower().startswith(EXAMPLE):
            self.tell(
                where, "its name begins with Example", "reading the table leaves the row out: give it another name"
            )
        return line

    def _when(self, visit: dict[str, Node]) -> Line:
        node = visit.get("when", "")
        text = one_line(unwrapped(node))
        found = ANCHOR.fullmatch(text.strip())
        if text == "on_request" or found is None:
            return {"when": self._marked("on request", str)}
        anchor = self.event(found["event"]) if found["event"] else f"{found['pick']}({found['events']})"
        days = offset_in_words(found["offset"]) if found["offset"] else "" if "repeat" in visit else "on the day"
        return {"from": anchor, "when": self._marked(node, lambda _: days)}

    def event(self, name: str) -> str:
        """The event's label where nobody can take it for anything else, else its id."""
        label = self.events.ids.get(name, name)
        fits = PLAIN_NAME.fullmatch(label) and not LISTING.search(label) and self.events.find(label) == name
        return label if fits else name

    def _plain(self, part: Part, where: str, entry: dict[str, Node]) -> Line:
        """Values that stand in a table as they stand in a study file; the others are told."""
        line: Line = {"label": ""}
        for key, node in entry.items():
            if key in {"label", "ask", "hold"}:
                line |= {f"{key}{suffix(language)}": text for language, text in labels_of(node).items()}
            elif key == "only_if" and self._betrays(entry):
                self.tell(f"{where}.{key}", "it names a restricted fact", "the condition was kept out")
            elif key in HEADINGS[part]:
                line[key] = self._marked(node, str)
            elif key == "unverified":
                self.tell(where, "that no source backs it has no place in a table", "mark its cells with ?")
            else:
                self.tell(f"{where}.{key}", "it has no place in a table", "it stays in the study file")
        return line

    def _marked(self, node: Node, shown: Callable[[str], str]) -> str:
        """A value in its words, with ? where no source backs it."""
        text = shown(one_line(unwrapped(node)))
        unsure = is_wrapped(node) and _is_true(node.get("unverified"))
        if is_wrapped(node) and {"source", "note"} & set(node):
            self.sourced = True
        return f"{text} ?" if unsure and text else text


def _entries(
    document: Mapping[str, Node], key: str, *, any_node: bool = False
) -> Iterator[tuple[str, dict[str, Node]]]:
    """The entries of a part of the document, by id."""
    node = unwrapped(document.get(key, {}))
    for name, entry in node.items() if isinstance(node, dict) else ():
        if name not in NOTES and (isinstance(entry, dict) or any_node):
            yield name, entry  # type: ignore[misc]


def _is_restricted(fact: Mapping[str, Node]) -> bool:
    """Whether the study file says so in whatever way: who may know it, or that it is."""
    return "restricted" in fact and one_line(unwrapped(fact["restricted"])) != "false"


def _is_true(node: Node | None) -> bool:
    return node is not None and one_line(node) == "true"


def _rows(headings: Mapping[str, str], lines: Sequence[Line], more: Sequence[str] = ()) -> tuple[tuple[str, ...], ...]:
    """A heading and its rows; a column in which nothing stands is left out. `more` heads columns of tasks."""
    columns: list[tuple[str, str]] = []
    for key, heading in headings.items():
        found = dict.fromkeys(known for line in lines for known in line if known == key or known.startswith(f"{key} ("))
        columns += [
            (known, f"{heading}{known.removeprefix(key)}")
            for known in sorted(found, key=lambda one: one != key)
            if any(line.get(known) for line in lines)
        ]
    place = next((place for place, (key, _) in enumerate(columns) if key in {"source", "note"}), len(columns))
    columns[place:place] = [(name, name) for name in more]
    return (
        tuple(heading for _, heading in columns),
        *(tuple(line.get(key, "") for key, _ in columns) for line in lines),
    )
