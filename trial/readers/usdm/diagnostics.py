"""What a USDM file says about one thing in two ways: labels against dates, encounters against nodes. Nothing is repaired."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from trial.readers.usdm.findings import Code, Ledger, listed
from trial.readers.usdm.lines import Line
from trial.readers.usdm.model import Design, Encounter, Instance, Timeline
from trial.readers.usdm.timing import Interval, Kind, Place, Unplaced

EXAMPLE_DAY = date(2026, 1, 31)
"""The day of the anchor in questions that show dates: the end of a month, where months are clipped."""

MARKERS: Mapping[str, re.Pattern[str]] = {
    "period": re.compile(r"\bP(?:ERIOD)?\s*(\d{1,3})\b"),
    "cycle": re.compile(r"\bC(?:YCLE)?\s*(\d{1,3})(?=\b|D)"),
    "week": re.compile(r"\b(?:WEEK|WK|W)\s*((?:MINUS\s*|-\s?)?\d{1,3})"),
    "month": re.compile(r"\bMONTH\s*(\d{1,3})\b"),
    "day": re.compile(r"\b(?:DAY|D)\s*((?:MINUS\s*|-\s?)?\d{1,4})\b"),
}
NUMBER_OF_MONTHS = re.compile(r"\b(\d{1,3})[\s-]*MONTHS?\b")
SHORTEST_MONTH, LONGEST_MONTH = 28, 31
FEWEST_ALIKE = 3


def markers(*texts: str) -> Mapping[str, frozenset[int]]:
    """The numbers that names and labels give: `P1_DAY_MINUS1` is period 1 and day -1."""
    line = NUMBER_OF_MONTHS.sub(r"MONTH \1", " / ".join(texts).upper().replace("_", " "))
    found = {
        unit: frozenset(int(re.sub(r"MINUS\s*|-\s?", "-", number)) for number in pattern.findall(line))
        for unit, pattern in MARKERS.items()
    }
    return {unit: numbers for unit, numbers in found.items() if numbers}


@dataclass(frozen=True, slots=True)
class Look:
    """One timeline and where its nodes fall, looked over once."""

    line: Line
    design: Design
    ledger: Ledger

    @property
    def timeline(self) -> Timeline:
        return self.line.timeline

    def over(self) -> None:
        self._same_names()
        self._encounter_labels()
        clashes = self._day_labels()
        self._placeholders(clashes=clashes)
        self._shared_encounters()
        self._scheduled_at()

    def _visits(self) -> Iterator[Instance]:
        return (node for node in self.timeline.nodes.values() if not node.decision)

    def _encounter(self, node: Instance) -> Encounter | None:
        return self.design.encounters.get(node.encounter)

    def _same_names(self) -> None:
        by_name: dict[str, list[Instance]] = {}
        for node in self._visits():
            by_name.setdefault(node.called, []).append(node)
        for name, nodes in by_name.items():
            if len(nodes) > 1:
                self.ledger.ask(
                    Code.SAME_NAME,
                    f"{self.timeline.called}, {name}",
                    f"{len(nodes)} nodes have this name: {listed([node.id for node in nodes])}",
                    "they are kept apart by their ids",
                    about=self.line.ids.get(nodes[0].id, ""),
                    question=f"{len(nodes)} visits of the file are called {name}. Are they different visits? Those that are not: delete.",
                )

    def _encounter_labels(self) -> None:
        told: list[str] = []
        for node in self._visits():
            encounter = self._encounter(node)
            if encounter is None:
                continue
            ours, theirs = markers(node.name, node.label), markers(encounter.name, encounter.label)
            clash = [unit for unit in ours if unit in theirs and not ours[unit] & theirs[unit]]
            if clash:
                about = self.line.ids.get(node.id, "")
                what = f"its encounter is called {encounter.called}, which is another {clash[0]}"
                self.ledger.ask(
                    Code.ENCOUNTER_LABEL, self.line.where(node), what, "its own name and timing are read", about=about
                )
                told.append(f"{node.called} ({encounter.called}: another {clash[0]})")
        if told:
            self.ledger.question(
                Code.ENCOUNTER_LABEL,
                f"These visits belong to encounters that are called otherwise: {listed(told, at_most=20)}. Which visits are "
                "they? The draft goes by their own names and counts by their timings.",
            )

    def _day_labels(self) -> int:
        """How many labels name another day than the timing gives. Trust is in the timing."""
        told: list[str] = []
        shared = self._shared()
        for node in self._visits():
            place = self.line.places[node.id]
            found = self._numbered(node, shared)
            if not isinstance(place, Place) or found is None:
                continue
            unit, number = found
            days = place.nominal.days
            study_day = days if self._counts_from_zero(place.anchor) else days + (days >= 0)
            if _agree(unit, number, place, study_day):
                continue
            label = f"{unit.capitalize()} {number}"
            given = f"{place.nominal} from the anchor" if place.nominal.months else f"study day {study_day}"
            self.ledger.ask(
                Code.DAY_LABEL,
                self.line.where(node),
                f"its label says {label}, its timing gives {given}",
                "the timing is read",
                about=self.line.ids.get(node.id, ""),
            )
            told.append(f"{node.label or node.called} ({self._readings(label, unit, number, place)})")
        if told:
            self.ledger.question(
                Code.DAY_LABEL,
                f"Labels of the file name other days than its timings give: {listed(told, at_most=6)}. "
                "The draft counts by the timings. Is that right? Where a label holds, write its distance under `when`.",
            )
        return len(told)

    def _readings(self, label: str, unit: str, number: int, place: Place) -> str:
        match unit:
            case "day":
                by_label = Interval(days=number - (number > 0))
            case "week":
                by_label = Interval(days=7 * number)
            case _:
                by_label = Interval(months=number)
        anchor = self.timeline.nodes[place.anchor].called
        return (
            f"{label}: with {anchor} on {EXAMPLE_DAY}, {place.nominal.after(EXAMPLE_DAY)} by the timing ({place.nominal}) "
            f"and {by_label.after(EXAMPLE_DAY)} by the label ({by_label})"
        )

    def _numbered(self, node: Instance, shared: Mapping[str, list[Instance]]) -> tuple[str, int] | None:
        """The day, week or month that its label names, or its encounter's, or its timing's. Days of a cycle are others."""
        encounter, timing = self._encounter(node), self.line.timings.get(node.id)
        theirs = "" if encounter is None else f"{encounter.name} {encounter.label}"
        labels = () if timing is None else (timing.label, timing.value_label, timing.window_label)
        epoch = self.design.epochs.get(node.epoch, "")
        if {"period", "cycle"} & set(markers(node.label, node.name, theirs, epoch, *labels)):
            return None
        sources = [markers(node.label, node.name)]
        if node.encounter not in shared:
            sources += [markers(text) for text in (theirs, *labels)]
        for unit in ("day", "week", "month"):
            for found in sources:
                numbers = found.get(unit, frozenset())
                if len(numbers) == 1 and (unit == "day" or node.encounter not in shared):
                    return unit, min(numbers)
        return None

    def _counts_from_zero(self, anchor: str) -> bool:
        node = self.timeline.nodes[anchor]
        return 0 in markers(node.label, node.name).get("day", frozenset())

    def _placeholders(self, *, clashes: int) -> None:
        values = [timing.value for timing in self.timeline.timings if timing.kind is not Kind.FIXED]
        named = [node for node in self._visits() if {"day", "week"} & set(markers(node.name, node.label))]
        agree = [node for node in named if isinstance(place := self.line.places[node.id], Place) and place.nominal]
        if len(values) >= FEWEST_ALIKE and len(set(values)) == 1 and (clashes or not agree):
            self.ledger.ask(
                Code.PLACEHOLDER,
                self.timeline.called,
                f"all {len(values)} timings have the value {values[0]}, whatever their nodes are called: "
                f"{listed([node.called for node in named or self._visits()])}",
                "that looks like a placeholder: fill in the real ones",
                question=f"All timings of the file have the value {values[0]}. Was a placeholder left in? "
                "Then give every visit its own day.",
            )

    def _shared(self) -> dict[str, list[Instance]]:
        """Encounters that stand on several nodes."""
        nodes: dict[str, list[Instance]] = {}
        for node in self._visits():
            if node.encounter in self.design.encounters:
                nodes.setdefault(node.encounter, []).append(node)
        return {identity: found for identity, found in nodes.items() if len(found) > 1}

    def _shared_encounters(self) -> None:
        told: list[str] = []
        for identity, nodes in self._shared().items():
            encounter = self.design.encounters[identity]
            days = {_day(self.line.places[node.id]) for node in nodes}
            names = listed([node.called for node in nodes], at_most=8)
            apart = "on different days" if len(days) > 1 else "on the same day"
            self.ledger.ask(
                Code.SAME_ENCOUNTER,
                f"{self.timeline.called}, {encounter.called} ({identity})",
                f"the encounter stands on {len(nodes)} nodes {apart}: {names}",
                "each is a visit of its own",
                about=self.line.ids.get(nodes[0].id, ""),
            )
            told.append(f"{encounter.called} stands at {names} ({apart})")
        if told:
            self.ledger.question(
                Code.SAME_ENCOUNTER,
                f"The file has several entries for one encounter: {listed(told, at_most=8)}. The draft has a visit for "
                "each, and a site is asked about each. Those that are one visit for a site, or none at all: delete the "
                "others.",
            )

    def _scheduled_at(self) -> None:
        sources = {timing.id: timing.source for timing in self.timeline.timings if timing.id}
        nodes: dict[str, set[str]] = {}
        for node in self._visits():
            nodes.setdefault(node.encounter, set()).add(node.id)
        for encounter in self.design.encounters.values():
            source = sources.get(encounter.scheduled_at)
            if source is not None and encounter.id in nodes and source not in nodes[encounter.id]:
                self.ledger.note(
                    Code.SCHEDULED_AT,
                    f"{encounter.called} ({encounter.id})",
                    f"the encounter names the timing of {self._name(source)}, which is none of its own nodes",
                    "the timing of each node is read",
                )

    def _name(self, identity: str) -> str:
        node = self.timeline.nodes.get(identity)
        return identity if node is None else node.called


def _agree(unit: str, number: int, place: Place, study_day: int) -> bool:
    """Whether a label and a timing can mean the same. "Week 4" may be its first day or its last, a month its length."""
    months, days = place.nominal.months, place.nominal.days
    match unit:
        case "day":
            return bool(months) or number == study_day
        case "week":
            return bool(months) or days in {7 * number, 7 * (number - 1)}
        case _:
            if place.base != place.anchor:
                return True  # twelve months of what, the label alone does not say
            return months in {number, number - 1} or SHORTEST_MONTH * (number - 1) <= days <= LONGEST_MONTH * number + 1


def _day(place: Place | Unplaced) -> tuple[int, int] | None:
    return (place.nominal.months, place.nominal.days) if isinstance(place, Place) else None


IMAGING = re.compile(
    r"\b(?:MRI|CT|PET|SPECT|DXA|DEXA|X-?ray|radiograph\w*|mammogra\w*|angiogra\w*|echocardiogra\w*|ultraso\w*|sonogra\w*"
    r"|tomogra\w*|scintigra\w*|imaging|magnetic resonance)\b",
    re.IGNORECASE,
)


def is_imaging(words: Iterable[str]) -> bool:
    """Whether an activity of this name makes pictures, so that there may be something to upload."""
    return any(IMAGING.search(word.replace("_", " ")) for word in words)
