"""Rows of visits: one row a visit of the draft, each cell read by itself, and everything unclear told with its cell. Pure."""

import re
from dataclasses import dataclass, field, replace

from trial.moments import Unit
from trial.readers.tables.activities import Activities
from trial.readers.tables.cells import Cell, Row, named, plain
from trial.readers.tables.days import NAMES
from trial.readers.tables.layout import Table, names_a_day
from trial.readers.tables.names import Names, texts
from trial.readers.tables.places import Place, Places, signed_cell
from trial.readers.tables.sections import Entries, function_of, kept_rows, sure, value
from trial.readers.tables.told import Told, fitted, shown
from trial.readers.tables.units import DATE_LIKE, Unreadable, read_window
from trial.readers.tables.words import BASES, CONTACTS, GROUP, meaning
from trial.visitplan.documents import ID, LONGEST_TEXT, Node

ISO_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?: 00:00(?::00)?)?")
BEFORE_EVENT = re.compile(r" - (\w+)$")
PLACEHOLDER = re.compile(r"\{(?:number|offset)\}")


@dataclass(slots=True)
class Visits:
    """Reads the rows of the part Visits."""

    table: Table
    names: Names
    activities: Activities
    told: Told
    days: Places
    made_facts: dict[str, Node] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)  # visit -> the cell that names it
    days_only: list[str] = field(default_factory=list)  # cells of visits without a window

    def rows(self) -> list[Row]:
        return kept_rows(self.table, self.told)

    def read(self, rows: list[Row]) -> list[Node]:
        for key in ("number", GROUP):
            column = self.table.column(key)
            if column is not None and not self.table.turned:
                what = f"the column {shown(column.cell.label)} has no place in a plan"
                self.told.noted("column", column.cell.where, what, "it was not read")
        visits = [visit for row in rows if (visit := self._visit(row)) is not None]
        if self.days_only:
            self.told.noted(
                "no_window",
                ", ".join(self.days_only[:8]),
                "no window stands there",
                "the visit's own day is its only day",
            )
        self.days.ask_once()
        return visits

    def _visit(self, row: Row) -> Node | None:
        name_cell = self._label(row)
        if name_cell is None:
            return None
        about = self.names.visits.add(name_cell.label, self.table.cell(row, "id").label)
        self._tell_id(row, about)
        entries = Entries(self.table, self.names, self.told)
        entries.start(about)
        try:
            place = self.days.place(row, about)
        except Unreadable as problem:
            where = problem.where or self.days.when_cell(row).where
            self.told.refused("day", where, problem.what, f"the visit {about} was left out: {problem.instead}")
            return None
        entry = entries.entry
        entry["id"] = about
        entry["label"] = self._labels(row, name_cell, place)
        entry["when"] = value(place.when, certain=not place.unverified)
        if held := self.table.texts(row, "hold"):
            entry["hold"] = texts(held)
        if place.repeat:
            repeat: Node = list(place.repeat) if len(place.repeat) > 1 else place.repeat[0]
            entry["repeat"] = {"value": repeat, "unverified": "true"} if place.rhythm_unverified else repeat
        self._window(row, place, entries, about)
        entries.read(row, "basis", _basis)
        for key in ("not_before", "not_after"):
            entries.read(row, key, self._limit)
        self._condition(row, entries, about)
        if self.table.cell(row, "stop").filled:
            self._stop(row, entries, about)
        entries.read(row, "records", lambda text: self.names.event(plain(text)))
        entries.read(row, "contact", _contact)
        entries.read(row, "function", function_of)
        entries.notes(row)
        tasks, happening = self.activities.of_row(row, about)
        if tasks:
            entry["tasks"] = list(tasks)
        if happening:
            entry["note"] = "; ".join(
                [*([str(entry["note"])] if "note" in entry else []), f"Also: {', '.join(happening)}"]
            )
        if entry.get("basis") == "anchor":
            del entry["basis"]
        self.places[about] = name_cell.where
        return dict(entry)

    def _label(self, row: Row) -> Cell | None:
        """The cell that names the visit; a row with nothing else in it is a heading or a footnote."""
        cell = self.table.cell(row, "label")
        first = row.filled[0]
        if len(row.filled) == 1 and not self.table.turned and not (first == cell and names_a_day(cell)):
            self.told.noted(
                "remark", first.where, f"{shown(first.label)} stands alone in its row", "it was taken for a remark"
            )
            return None
        if cell.filled:
            group = self.table.cell(row, GROUP).label if self.table.turned else ""
            return replace(cell, text=f"{group}, {cell.label}") if group and group != cell.label else cell
        for column in () if self.table.column("label") else self.table.all("when"):
            day = row.at(column.index)
            if day.filled:
                unit = column.heading.unit
                return replace(
                    day, text=f"{NAMES[unit].capitalize()} {day.label}" if unit and day.plain.isdecimal() else day.text
                )
        self.told.refused(
            "no_name", row.filled[0].where, "the visit of this row has no name", "name it in the column Visit"
        )
        return None

    def _tell_id(self, row: Row, about: str) -> None:
        cell = self.table.cell(row, "id")
        if cell.filled and cell.label != about:
            why = "is there twice" if ID.fullmatch(cell.label) else "is no id (small letters, digits and underscores)"
            self.told.noted("id", cell.where, f"{shown(cell.label)} {why}", f"called {about}", about=about)

    def _labels(self, row: Row, name_cell: Cell, place: Place) -> Node:
        """The label; each occurrence of a repeated visit has to have a name of its own."""
        labels = {**self.table.texts(row, "label"), "en": name_cell}
        if place.repeat:
            labels = {language: _with_number(cell, language, place.unit) for language, cell in labels.items()}
        return texts(labels)

    def _window(self, row: Row, place: Place, entries: Entries, about: str) -> None:
        if place.when == "on_request":
            return
        cell, certain = sure(self._window_cell(row))
        column = self.table.column("window") or self.table.column("window_before")
        found = place.window
        if found is not None and cell.filled and cell.where != place.window_where:
            self.told.refused(
                "window", cell.where, "the cell for the day has a window of its own", "keep one of them", about=about
            )
        if found is None and cell.filled:
            try:
                found = read_window(cell, None if column is None else column.unit)
            except Unreadable as problem:
                self.told.refused("window", cell.where, problem.what, problem.instead, about=about)
                return
            self.days.tell_doubt(found, cell, about)
        if found is None:
            self.days_only.append(row.filled[0].where)
            return
        before = BEFORE_EVENT.search(place.when)
        counted_twice = (
            before is not None and found.text.startswith(f"-{before[1]} ..") and cell.where != place.window_where
        )
        if counted_twice:
            self.told.asked(
                "window_from", cell.where, f"{shown(cell.label)} begins as many days before as the visit's own day does",
                f"read as {found.text} around the visit's own day, {place.when}",
                ask=f"Is the window {cell.label} counted from the visit's own day, or from the event?", about=about,
            )  # fmt: skip
        doubtful = (
            counted_twice or found.doubt is not None or not certain or (place.unverified and place.window is not None)
        )
        entries.entry["window"] = value(found.text, certain=not doubtful)
        if found.later:
            entries.entry["window_from"] = dict(found.later)

    def _window_cell(self, row: Row) -> Cell:
        """The window in one cell, or made of two columns, before and after."""
        column = self.table.column("window")
        if column is not None:
            return signed_cell(row.at(column.index), column)
        before, after = self.table.cell(row, "window_before"), self.table.cell(row, "window_after")
        if not before.filled and not after.filled:
            return before
        first, last = (cell.plain.lstrip("+-") or "0" for cell in (before, after))
        return Cell(before.where, f"-{first}/+{last}", before.kind)

    def _limit(self, text: str) -> str:
        """A calendar date, or a day that counts from an event."""
        found = ISO_DATE.fullmatch(plain(text))
        if found is not None:
            return found[1]
        if DATE_LIKE.fullmatch(plain(text)):
            raise Unreadable(f"{text!r} can be two dates", "write it as YYYY-MM-DD")
        return self.names.moment(plain(text))

    def _stop(self, row: Row, entries: Entries, about: str) -> None:
        cell = self.table.cell(row, "stop")
        events: list[Node] = []
        for word in re.split(r"\s*[,;/]\s*|\s+or\s+", cell.label):
            try:
                events.append(self.names.event(word))
            except Unreadable as problem:
                self.told.refused("stop", cell.where, problem.what, problem.instead, about=about)
        if events and "repeat" in entries.entry:
            entries.entry["stop"] = events
        elif events:
            self.told.refused(
                "stop", cell.where, "only a visit that repeats can stop", "use Only if: not happened", about=about
            )

    def _condition(self, row: Row, entries: Entries, about: str) -> None:
        """A condition in words that nothing here stands for becomes a question to the site: unknown is asked."""
        cell, certain = sure(self.table.cell(row, "only_if"))
        if not cell.filled:
            return
        found = self.names.condition(cell.label)
        if found is None:
            fact = self._made_fact(cell, self.days.above or self.days.registration())
            found = f"{fact} == yes"
            self.told.asked(
                "condition", cell.where, f"{shown(cell.label)} refers to no fact and no event of this table",
                f"each site is asked it for each patient, as the fact {fact}",
                ask=f"On what does it hang: {cell.label}? Until it is known, each site is asked for each patient.", about=about,
            )  # fmt: skip
        entries.entry["only_if"] = value(found, certain=certain)

    def _made_fact(self, cell: Cell, anchor: str) -> str:
        known = self.names.facts.find(cell.label)
        if known is not None:
            return known
        label = re.sub(r"^(?:only )?if ", "", cell.label, flags=re.IGNORECASE)
        fact = self.names.facts.add(cell.label)
        self.made_facts[fact] = {
            "label": fitted(label[:1].upper() + label[1:], LONGEST_TEXT),
            "values": {"yes": "Yes", "no": "No"},
            "ask_at": {"value": anchor, "unverified": "true"},
        }
        return fact


def _with_number(cell: Cell, language: str, unit: Unit | None) -> Cell:
    """The label with the place of its occurrence, where it has none: `Follow-up, {number} months`."""
    if PLACEHOLDER.search(cell.label):
        return cell
    tail = f", {{number}} {NAMES[unit]}s" if language == "en" and unit is not None else " {offset}"
    return replace(cell, text=f"{cell.label}{tail}")


def _basis(text: str) -> str:
    found = meaning(named(text), BASES)
    if found is None:
        raise Unreadable(f"{text!r} says neither the event nor the previous visit", "write previous visit, or nothing")
    return found


def _contact(text: str) -> str | None:
    found = meaning(named(text), CONTACTS)
    if found is None:
        raise Unreadable(f"{text!r} is no way to hold a visit", "write clinic, phone, video or letter")
    return found or None
