"""From timelines, read, to a draft: one visit for each node, an event for whatever visits count from, and nothing guessed."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from trial.readers.usdm.asking import branch_question, moves_question, trigger_question, window_question
from trial.readers.usdm.diagnostics import is_imaging
from trial.readers.usdm.findings import Code, Ledger, listed, own_id, plain, shortened
from trial.readers.usdm.legs import NO_TIME, said
from trial.readers.usdm.lines import Line, Role, starts
from trial.readers.usdm.model import Design, Instance
from trial.readers.usdm.timing import Leg, Place, Unplaced
from trial.visitplan.documents import LONGEST_TEXT, Node

LONGEST_NOTE = 1_000
TIMELINE = re.compile(r"(?<=\w)\s+timeline$", re.IGNORECASE)
CONTACTS = {"telephone": "phone", "phone": "phone", "video": "video", "letter": "letter", "postal": "letter"}


@dataclass(slots=True)
class Drafting:
    """Collects the entries of the draft. Events are the fixed references; visits that may move are counted from as visits."""

    design: Design
    ledger: Ledger
    events: dict[str, Node] = field(default_factory=dict)
    visits: list[Node] = field(default_factory=list)
    sources: dict[str, Node] = field(default_factory=dict)
    planned: int = 0
    _event_ids: set[str] = field(default_factory=set)
    _used: set[str] = field(default_factory=set)  # labels
    _imaging: dict[str, list[str]] = field(default_factory=dict)

    def add(self, line: Line, profiles: Mapping[str, str]) -> None:
        """The events and visits of a timeline that is not a profile; `profiles`: the names of those that are, by id."""
        labels = self._labels(line)
        events = self._own_events(line, labels)
        for node in line.shown:
            if isinstance(place := line.places[node.id], Place):
                self._visit(line, node, place, events, labels=labels, profiles=profiles)
        left_out = [node for node in line.shown if isinstance(line.places[node.id], Unplaced)]
        if left_out:
            names = listed([f"{node.called} ({_why(line.places[node.id])})" for node in left_out], at_most=20)
            self.ledger.question(
                Code.LEFT_OUT,
                f"These visits of {line.timeline.called} were left out, because the file gives them no day that could be "
                f"followed: {names}. When are they? Add them under visits, such as `{_example(line, left_out[0], labels, events)}` with the real "
                "day, or `when: on_request` for what is held only where somebody asks for it; or say that they are not wanted.",
            )
        self._asides(line, labels, events)
        window_question(line, labels, self.ledger)
        moves_question(line, labels, events, self.ledger)
        for fork in line.way.forks:
            branch_question(line, fork, labels, events=events, design=self.design, ledger=self.ledger)
        if line.role is Role.TRIGGERED:
            trigger_question(line, events[line.anchor], self.ledger)

    def finish(self) -> None:
        """What is asked of the draft as a whole."""
        for activity, visits in self._imaging.items():
            self.ledger.ask(
                Code.IMAGING,
                f"activity {activity}",
                f"it makes images, at {listed(visits, at_most=6)}",
                "no upload was added",
            )
        if self._imaging:
            done = [f"{activity} at {listed(visits, at_most=6)}" for activity, visits in self._imaging.items()]
            self.ledger.question(
                Code.IMAGING,
                f"Images are made: {listed([f'({one})' for one in done], at_most=8)}. Do sites upload them? Then add to each of "
                "those visits such as `tasks: [{id: upload, label: Upload images, due: visit + 5wd}]`, a task for each upload, "
                "with the time limit of the protocol.",
            )

    def _own_events(self, line: Line, labels: Mapping[str, str]) -> Mapping[str, str]:
        """An event for each fixed reference."""
        names = {base: own_id(line.timeline.nodes[base].called, self._event_ids) for base in line.anchors}
        for base, name in names.items():
            node = line.timeline.nodes[base]
            label = labels.get(base) or shortened(node.called, LONGEST_TEXT)
            entry: dict[str, Node] = {"label": label}
            if base == line.anchor and line.role is Role.MAIN:
                entry["required"] = "true"
            elif base == line.anchor:
                entry["label"] = shortened(TIMELINE.sub("", line.timeline.called), LONGEST_TEXT)
                if line.timeline.entry_condition:
                    entry["note"] = shortened(f"{line.timeline.entry_condition}.", LONGEST_NOTE)
            else:
                self._second_anchor(line, node, name, names[line.anchor])
            self.events[name] = entry
        return names

    def _second_anchor(self, line: Line, node: Instance, event: str, first_event: str) -> None:
        first = line.timeline.nodes[line.anchor].called
        timing = line.timings[node.id]
        words = [
            repr(text) for text in (timing.value, timing.value_label, timing.label) if text and text not in NO_TIME
        ]
        said_so = f" (its own timing has {listed(words)})" if words else ""
        self.ledger.ask(
            Code.SECOND_ANCHOR,
            line.where(node),
            f"it is a fixed reference besides {first}",
            "it is an event without an estimate: nothing that counts from it is planned before its date is known",
            about=event,
            question=f"The file counts from {node.called} as well as from {first} and does not say how far they lie apart{said_so}. "
            f"Is there a day to reckon with? Then give the event {event} an estimate, such as `estimate: {first_event} + 4w` "
            "with the real distance.",
        )

    def _visit(
        self,
        line: Line,
        node: Instance,
        place: Place,
        events: Mapping[str, str],
        *,
        labels: Mapping[str, str],
        profiles: Mapping[str, str],
    ) -> None:
        identity, leg = line.ids[node.id], line.legs[node.id]
        entry: dict[str, Node] = {"id": identity, "label": labels[node.id]}
        planned = node.id in line.passed
        entry["when"] = line.day(place, events) if planned else "on_request"
        if planned and isinstance(leg, Leg) and leg.window:
            window = str(leg.window)
            entry["window"] = (
                {"value": window, "unverified": "true", "note": "From the label of the window."}
                if node.id in line.from_label
                else window
            )
        if node.id in events:
            entry["records"] = events[node.id]
        contact = self._contact(node)
        if contact:
            entry["contact"] = contact
        entry["note"] = self._note(line, node, place, profiles)
        self.visits.append(entry)
        self.sources[identity] = node.id
        if planned and line.role is Role.MAIN:
            self.planned += 1
            self._look_for_images(node, identity)

    def _labels(self, line: Line) -> Mapping[str, str]:
        """Each visit's label, else its encounter's; with its name where several are called the same."""
        words = {node.id: self._words(node) for node in line.shown}
        often = Counter(words.values())
        for node in line.shown:
            label = shortened(words[node.id], LONGEST_TEXT)
            if node.name and (often[words[node.id]] > 1 or label in self._used):
                label = f"{shortened(label, LONGEST_TEXT // 2)} ({shortened(node.name, LONGEST_TEXT // 2 - 4)})"
            self._used.add(label)
            words[node.id] = label
        return words

    def _words(self, node: Instance) -> str:
        encounter = self.design.encounters.get(node.encounter)
        return node.label or ("" if encounter is None else encounter.called) or node.called

    def _contact(self, node: Instance) -> str:
        """How the visit is held, where the encounter knows one way only."""
        encounter = self.design.encounters.get(node.encounter)
        if encounter is None or len(encounter.modes) != 1:
            return ""
        mode = encounter.modes[0].lower()
        return next((contact for word, contact in CONTACTS.items() if word in mode), "")

    def _note(self, line: Line, node: Instance, place: Place, profiles: Mapping[str, str]) -> str:
        encounter = self.design.encounters.get(node.encounter)
        timing, leg = line.timings.get(node.id), line.legs[node.id]
        activities = [self.design.activities[one].called for one in node.activities if one in self.design.activities]
        within = [profiles[one] for one in starts(node, self.design) if one in profiles]
        days = place.nominal.days
        parts = [
            "" if place.nominal.months or line.role is not Role.MAIN else f"Study day {days + (days >= 0)}.",
            "" if timing is None else f"In the file: {said(timing, line.timeline)}.",
            f"Window {leg.window}." if node.id not in line.passed and isinstance(leg, Leg) and leg.window else "",
            "" if encounter is None else f"Encounter {encounter.called}.",
            f"Epoch {self.design.epochs[node.epoch]}." if self.design.epochs.get(node.epoch) else "",
            *([] if encounter is None else [f"{rule.rstrip('.')}." for rule in encounter.rules]),
            f"Within the visit: {listed(within)}." if within else "",
            f"Activities: {listed(activities, at_most=40)}." if activities else "",
        ]
        return shortened(plain(" ".join(part for part in parts if part)) or node.called, LONGEST_NOTE)

    def _look_for_images(self, node: Instance, visit: str) -> None:
        for identity in node.activities:
            activity = self.design.activities.get(identity)
            if activity is not None and is_imaging((activity.name, activity.label, *activity.procedures)):
                self._imaging.setdefault(activity.called, []).append(visit)

    def _asides(self, line: Line, labels: Mapping[str, str], events: Mapping[str, str]) -> None:
        """Nodes that the default way does not pass: kept on request, which rings nobody, and asked about."""
        lost_nodes = frozenset(line.way.lost)
        lost = [node for node in line.shown if node.id in lost_nodes and isinstance(line.places[node.id], Place)]
        for node in lost:
            self.ledger.ask(
                Code.UNREACHABLE,
                line.where(node),
                "no way leads to it from the timeline's entry",
                "it is on request: it rings nobody",
                about=line.ids[node.id],
            )
        if lost:
            names = listed([self._dated(line, node, labels, events) for node in lost], at_most=8)
            self.ledger.question(
                Code.UNREACHABLE,
                f"No way of the file leads to {names}. They are on request in the draft and ring nobody. Do they belong "
                "to the plan? Then write that `when` at each.",
            )
        empty = [node for node in line.shown if not node.encounter and not node.activities and node.id in line.passed]
        empty = [node for node in empty if isinstance(line.places[node.id], Place) and not node.timeline]
        for node in empty:
            self.ledger.ask(
                Code.EMPTY_NODE,
                line.where(node),
                "nothing is done there: no encounter and no activity",
                "it is a visit all the same",
                about=line.ids[node.id],
            )
        if empty:
            self.ledger.question(
                Code.EMPTY_NODE,
                f"The file has nothing to do at {listed([labels[node.id] for node in empty], at_most=8)}: no encounter, no "
                "activity. Are these visits? Delete those that are not; where others count from one, let them count "
                "from what it counts from.",
            )

    def _dated(self, line: Line, node: Instance, labels: Mapping[str, str], events: Mapping[str, str]) -> str:
        place = line.places[node.id]
        return f"{labels[node.id]} (when: {line.day(place, events)})" if isinstance(place, Place) else labels[node.id]


def _example(line: Line, node: Instance, labels: Mapping[str, str], events: Mapping[str, str]) -> str:
    """How a visit that was left out could be written."""
    label = json.dumps(shortened(labels[node.id], 60), ensure_ascii=False)
    return f"- {{id: {line.ids[node.id]}, label: {label}, when: {events[line.anchor]} + 6w}}"


def _why(place: Place | Unplaced) -> str:
    return place.what if isinstance(place, Unplaced) else ""
