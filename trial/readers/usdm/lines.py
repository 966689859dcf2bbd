"""Each timeline of a design, read as a whole: its way, its legs, the day of each node; and what kind of timeline it is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from trial.readers.usdm.findings import Code, Ledger, listed
from trial.readers.usdm.legs import LegReader
from trial.readers.usdm.model import Design, Instance, Timeline, Timing
from trial.readers.usdm.path import Way, way_through
from trial.readers.usdm.timing import LONGEST_DAYS, Kind, Leg, Place, Unplaced, from_day, places

WHOLE = Way(order=(), forks=(), aside=(), lost=(), dead_ends=())


class Role(StrEnum):
    """What a timeline is for."""

    MAIN = "main"
    TRIGGERED = "triggered"  # by something that happens to the patient
    PROFILE = "profile"  # what is done within a visit of another timeline


@dataclass(frozen=True, slots=True)
class Line:
    """A timeline, read.

    `ids`: the draft's visit of each node. `shown`: the nodes that are visits, in the default way first, then those aside of it. `passed`: the nodes of the
    default way. `anchors`: all fixed references, that from which the patient's days count first.
    """

    timeline: Timeline
    role: Role
    ids: Mapping[str, str]
    way: Way
    shown: tuple[Instance, ...]
    passed: frozenset[str]
    legs: Mapping[str, Leg | Unplaced]
    places: Mapping[str, Place | Unplaced]
    anchors: tuple[str, ...]
    timings: Mapping[str, Timing]
    from_label: frozenset[str]

    @property
    def anchor(self) -> str:
        """Empty where there is none."""
        return self.anchors[0] if self.anchors else ""

    def where(self, node: Instance) -> str:
        return f"{self.timeline.called}, {node.called} ({node.id})"

    def day(self, place: Place, events: Mapping[str, str]) -> str:
        """The day of a node as a study file writes it. `events`: the draft's event of each fixed reference."""
        return from_day(events.get(place.base) or f"visit({self.ids[place.base]})", place.offset)


def line_of(timeline: Timeline, role: Role, design: Design, ids: Mapping[str, str], ledger: Ledger) -> Line:
    """The timeline, read; what is wrong in it is in the ledger."""
    reader = LegReader(timeline, _homes(design), ids, ledger)
    legs = dict(reader.legs())
    for node in timeline.nodes.values():
        _strangers(timeline, node, design, ledger)
    way = way_through(timeline, _entry(timeline, ledger)) if timeline.linked else WHOLE
    for identity in way.dead_ends:
        _dead_end(timeline, timeline.nodes[identity], ids, legs, ledger)
    found = places(
        legs,
        held=lambda identity: not timeline.nodes[identity].decision,
        called=lambda identity: timeline.nodes[identity].called if identity in timeline.nodes else identity,
    )
    if not timeline.linked:
        way = _by_day(timeline, found, ids, ledger)
    order = (*way.order, *way.aside, *way.lost)
    return Line(
        timeline=timeline,
        role=role,
        ids=ids,
        way=way,
        shown=tuple(node for identity in order if not (node := timeline.nodes[identity]).decision),
        passed=frozenset(way.order),
        legs=legs,
        places=found,
        anchors=tuple(node for node in order if isinstance(leg := legs[node], Leg) and leg.kind is Kind.FIXED),
        timings={timing.source: timing for timing in reversed(timeline.timings)},
        from_label=frozenset(reader.from_label),
    )


def _dead_end(
    timeline: Timeline, node: Instance, ids: Mapping[str, str], legs: dict[str, Leg | Unplaced], ledger: Ledger
) -> None:
    """A node after which the file says nothing: left out, unless others count from it or nothing takes place there."""
    leg = legs[node.id]
    named = f"names {node.next} as next, which there is not" if node.next else "has neither a next node nor an exit"
    if isinstance(leg, Leg) and leg.kind is not Kind.FIXED and not node.decision:
        legs[node.id] = Unplaced(Code.DEAD_END, f"it {named}", "name what follows, or the exit")
    elif isinstance(leg, Leg) or node.decision:
        ledger.ask(
            Code.DEAD_END,
            f"{timeline.called}, {node.called} ({node.id})",
            f"it {named}",
            "the way ends there",
            about=ids.get(node.id, ""),
            question=f"The file does not say what follows on {node.titled}: it {named}. Does the schedule end there?",
        )


def _by_day(timeline: Timeline, found: Mapping[str, Place | Unplaced], ids: Mapping[str, str], ledger: Ledger) -> Way:
    """The way through a timeline whose nodes are not linked at all: every visit, by its day."""
    days = {
        identity: place.nominal.about_days if isinstance(place := found[identity], Place) else LONGEST_DAYS
        for identity in timeline.nodes
    }
    order = sorted(timeline.nodes, key=days.__getitem__)
    ledger.ask(
        Code.UNLINKED,
        timeline.called,
        "no visit of it names what follows, and none an exit",
        "every visit is planned, by its timing",
        about=ids.get(order[0], ""),
        question=f"The file says when each visit of {timeline.called} is, and not which follows on which. The draft plans all of "
        "them for everybody. Are some for a part of the patients, or held only where somebody asks for them? Then write "
        "`only_if: ...`, or `when: on_request`.",
    )
    return replace(WHOLE, order=tuple(order))


def _strangers(timeline: Timeline, node: Instance, design: Design, ledger: Ledger) -> None:
    """What a node names and the file does not have."""
    where = f"{timeline.called}, {node.called} ({node.id})"
    for branch in node.branches:
        if branch.target not in timeline.nodes:
            what = (
                f"under the condition “{branch.condition}” it goes to {branch.target or 'nothing'}, which there is not"
            )
            ledger.refuse(Code.REFERENCE, where, what, "name a node of the same timeline; the branch was left out")
    if node.exit and node.next:
        ledger.note(Code.EXIT, where, "it names both a next node and an exit", "it goes on where that node is known")
    if node.encounter and node.encounter not in design.encounters:
        ledger.note(Code.UNREADABLE, where, f"its encounter {node.encounter} is not in the file", "it was left out")
    missing = [identity for identity in node.activities if identity not in design.activities]
    if missing:
        what = f"its activities {listed(missing, at_most=4)} are not in the file"
        ledger.note(Code.UNREADABLE, where, what, "they were left out")


def profiles_of(design: Design, main: Timeline) -> Mapping[str, Timeline]:
    """The timelines that a visit of the main one starts, by themselves or by way of another such timeline.

    What only a timeline starts that is set off by something that happens, happens then: it is none of these.
    """
    by_id = {timeline.id: timeline for timeline in reversed(design.timelines) if timeline.id}
    found: dict[str, Timeline] = {}
    ahead = [main]
    while ahead:
        for started in _started_by(ahead.pop(), design):
            if started in by_id and started not in found and by_id[started] is not main:
                found[started] = by_id[started]
                ahead.append(by_id[started])
    return found


def _started_by(timeline: Timeline, design: Design) -> tuple[str, ...]:
    """The timelines that nodes of this one start, by themselves or through an activity; never itself (DDF00026)."""
    found = [started for node in timeline.nodes.values() for started in starts(node, design)]
    return tuple(identity for identity in dict.fromkeys(found) if identity != timeline.id)


def starts(node: Instance, design: Design) -> tuple[str, ...]:
    activities = (design.activities.get(identity) for identity in node.activities)
    return tuple(
        dict.fromkeys(
            identity
            for identity in (node.timeline, *(activity.timeline for activity in activities if activity is not None))
            if identity
        )
    )


def _homes(design: Design) -> Mapping[str, Timeline]:
    return {identity: timeline for timeline in reversed(design.timelines) for identity in timeline.nodes}


def _entry(timeline: Timeline, ledger: Ledger) -> str | None:
    if timeline.entry in timeline.nodes:
        return timeline.entry
    named = f"names {timeline.entry} as its entry, which there is not" if timeline.entry else "has no entry (entryId)"
    ledger.refuse(
        Code.NO_ENTRY,
        timeline.called,
        f"the timeline {named}",
        "name the node that it begins with: the order in the file says nothing",
    )
    return None
