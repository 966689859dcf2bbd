"""What a table names: events, facts and their values, by label or id; and the conditions that refer to them. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from trial.expressions import BadExpression, comparisons, events_in, parse_condition
from trial.moments import CalendarOffset
from trial.problems import nearest
from trial.readers.tables.cells import Cell, identity, named
from trial.readers.tables.days import read_text
from trial.readers.tables.told import fitted
from trial.readers.tables.units import Unreadable, counted
from trial.readers.tables.words import REGISTRATIONS
from trial.visitplan.documents import ID, LONGEST_TEXT, Node

PICK = re.compile(r"(?P<pick>first|last)[ _]of(?:\s+the)?\s*\(?(?P<events>[^()]+)\)?")
VISIT = re.compile(r"visit\((?P<visit>[a-z][a-z0-9_]*)\)")
ARTICLES = re.compile(
    r"^(?:(?:on|at)\s+)?(?:(?:the\s+)?(?:day|date|time)\s+of\s+)?(?:the\s+)?|\s+(?:happened|date|day)$"
)
EQUAL = re.compile(r"(?P<fact>.+?)\s*(?:==|=|:|\bis\b)\s*(?P<no>not\b)?\s*(?P<value>.+)")
UNEQUAL = re.compile(r"(?P<fact>.+?)\s*(?:!=|<>|≠|\bis not\b)\s*(?P<value>.+)")
HAPPENED = re.compile(r"(?P<no>not\s+|no\s+|without\s+)?(?P<event>.+?)(?:\s+(?:has\s+)?(?P<not>not\s+)?happened)?")


@dataclass(slots=True)
class Named:
    """Things with an id and a label, found by either. `closed`: the table lists all that there are."""

    kind: str
    closed: bool = False
    ids: dict[str, str] = field(default_factory=dict)  # -> label
    _names: dict[str, str] = field(default_factory=dict)

    def add(self, label: str, wanted: str = "") -> str:
        """The id under which this label is known from now on: the one wanted, else one made from the label."""
        name = (
            wanted
            if ID.fullmatch(wanted) and wanted not in self.ids
            else identity(label, list(self.ids), otherwise=self.kind)
        )
        self.know(name, label)
        return name

    def know(self, name: str, label: str) -> None:
        self.ids[name] = label
        for known in (label, name):
            self._names.setdefault(named(known), name)

    def find(self, text: str) -> str | None:
        if text in self.ids:
            return text
        return self._names.get(named(text)) or self._names.get(named(ARTICLES.sub("", text.lower())))

    @property
    def labels(self) -> list[str]:
        return list(self.ids.values())


@dataclass(slots=True)
class Names:
    """Everything that cells can refer to."""

    events: Named = field(default_factory=lambda: Named("event"))
    facts: Named = field(default_factory=lambda: Named("fact"))
    values: dict[str, Named] = field(default_factory=dict)  # of each fact
    visits: Named = field(default_factory=lambda: Named("visit"))
    required: str = ""  # the event that every patient has from the start

    def anchor(self, text: str, *, may_add: bool = True) -> str:
        """What these words count from, as study files write it: `surgery`, `first_of(surgery, not_operated)`, or the id of
        another row's visit, `visit(scan)`.

        Raises:
            Unreadable: there is no such event.
        """
        if VISIT.fullmatch(text.strip()):
            return text.strip()
        if found := PICK.fullmatch(text.strip().lower()):
            parts = re.split(r"\s*,\s*(?:and\s+|or\s+)?|\s+and\s+|\s+or\s+|\s*;\s*|\s*/\s*", found["events"].strip())
            events = [self.event(part, may_add=may_add) for part in parts if part]
            return f"{found['pick']}_of({', '.join(events)})"
        return self.event(text, may_add=may_add)

    def event(self, text: str, *, may_add: bool = True) -> str:
        """The event's id.

        Raises:
            Unreadable: there is no such event.
        """
        found = self.events.find(text)
        if found is not None:
            return found
        if self.events.closed or not may_add:
            raise Unreadable(
                f"the event {text!r} is not known", nearest(text, self.events.labels or ["a row of the part Events"])
            )
        label = fitted(ARTICLES.sub("", text) or text, LONGEST_TEXT)
        return self.events.add(label[:1].upper() + label[1:])

    def moment(self, text: str, *, may_add: bool = True) -> str:
        """A day that counts from an event: `surgery + 6w` for `6 weeks after surgery`.

        Raises:
            Unreadable: with what to type instead.
        """
        if self.events.find(text) is not None:
            return self.anchor(text)
        timing = read_text(counted(text))
        if not timing.event or not isinstance(timing.when, CalendarOffset):
            raise Unreadable(f"{text!r} is no day that counts from an event", "write such as 6 weeks after surgery")
        return counts_from(self.anchor(timing.event, may_add=may_add), timing.when.amount, str(timing.when.unit))

    def condition(self, text: str) -> str | None:
        """The condition as study files write it, or None where it says something that no event or fact here stands for."""
        native = self._native(text)
        if native is not None:
            return native
        parts = [self._simple(part.strip()) for part in re.split(r"\s+and\s+|\s*;\s*", text, flags=re.IGNORECASE)]
        return None if None in parts else " and ".join(part for part in parts if part)

    def _native(self, text: str) -> str | None:
        try:
            condition = parse_condition(text)
        except BadExpression:
            return None
        known = all(event in self.events.ids for event in events_in(condition)) and all(
            comparison.fact in self.facts.ids and set(comparison.values) <= set(self.values[comparison.fact].ids)
            for comparison in comparisons(condition)
        )
        return text if known else None

    def _simple(self, text: str) -> str | None:
        """`Margin is clear`, `Margin is not clear`, `not operated`, `no relapse`."""
        for pattern, negated in ((EQUAL, False), (UNEQUAL, True)):
            found = pattern.fullmatch(text.lower())
            fact = self.facts.find(found["fact"]) if found else None
            if found is None or fact is None:
                continue
            whole = f"{found.groupdict().get('no') or ''} {found['value']}".strip()
            for value, other in ((whole, negated), (found["value"], True)):
                known = self.values[fact].find(value)
                if known is not None:
                    return f"{fact} {'!=' if other else '=='} {_quoted(known)}"
        if (event := self.events.find(text)) is not None:
            return f"happened({event})"
        found = HAPPENED.fullmatch(text.lower())
        event = self.events.find(found["event"]) if found else None
        if found is None or event is None:
            return None
        return f"not happened({event})" if found["no"] or found["not"] else f"happened({event})"


def _quoted(value: str) -> str:
    return value if re.fullmatch(r"[A-Za-z0-9_.+-]+", value) else f'"{value}"'


def counts_from(anchor: str, amount: int, unit: str) -> str:
    """`surgery + 6w`, `registration - 28d`, or the event alone."""
    return f"{anchor} {'+' if amount > 0 else '-'} {abs(amount)}{unit}" if amount else anchor


def texts(labels: dict[str, Cell]) -> Node:
    """A text in English, or one in each language."""
    found: dict[str, Node] = {language: cell.label for language, cell in labels.items()}
    return found["en"] if list(found) == ["en"] else found


def usual_registration(labels: Iterable[tuple[str, str]]) -> str | None:
    """The event that patients usually have from the start: its id, by its label."""
    known = {named(label): name for name, label in reversed(list(labels))}
    return next((known[name] for name in REGISTRATIONS if name in known), None)
