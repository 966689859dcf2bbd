"""Each timeline of a design, read as a whole: its way, its legs, the day of each node; and what kind of timeline it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from trial.readers.usdm_findings import Code, Ledger
from trial.readers.usdm_legs import LegReader
from trial.readers.usdm_model import Design, Instance, Timeline
from trial.readers.usdm_path import Way, way_through
from trial.readers.usdm_timing import Kind, Leg, Place, Unplaced, places


class Role(StrEnum):
    """What a timeline is for."""

    MAIN = "main"
    TRIGGERED = "triggered"  # by something that happens to the patient
    PROFILE = "profile"  # what is done within a visit of another timeline


@dataclass(frozen=True, slots=True)
class Line:
    """A timeline, read. `anchor`: the node that the patient's days count from; empty where there is none."""

    timeline: Timeline
    role: Role
    way: Way
    legs: Mapping[str, Leg | Unplaced]
    places: Mapping[str, Place | Unplaced]
    anchor: str
    from_label: frozenset[str]

    @property
    def shown(self) -> tuple[Instance, ...]:
        """The nodes that are visits, in the default way first, then those aside of it."""
        order = (*self.way.order, *self.way.aside, *self.way.lost)
        return tuple(node for identity in order if not (node := self.timeline.nodes[identity]).decision)

    @property
    def anchors(self) -> tuple[str, ...]:
        """All fixed references, the main one first."""
        order = (*self.way.order, *self.way.aside, *self.way.lost)
        return tuple(node for node in order if isinstance(leg := self.legs[node], Leg) and leg.kind is Kind.FIXED)

    def where(self, node: Instance) -> str:
        return f"{self.timeline.called}, {node.called} ({node.id})"


def line_of(timeline: Timeline, role: Role, design: Design, about: Mapping[str, str], ledger: Ledger) -> Line:
    """The timeline, read; what is wrong in it is in the ledger."""
    way = way_through(timeline, _entry(timeline, ledger))
    from_label: set[str] = set()
    legs = dict(LegReader(timeline, _homes(design), about, ledger, from_label).legs())
    for identity in way.dead_ends:
        leg, node = legs[identity], timeline.nodes[identity]
        named = f"names {node.next} as next, which there is not" if node.next else "has neither a next node nor an exit"
        if isinstance(leg, Leg) and leg.kind is not Kind.FIXED and not node.decision:
            legs[identity] = Unplaced(Code.DEAD_END, f"it {named}", "name what follows, or the exit")
        elif not node.decision:
            where = f"{timeline.called}, {node.called} ({identity})"
            ledger.ask(Code.DEAD_END, where, f"it {named}", "the way ends there", about=about.get(identity, ""))
    found = places(
        legs,
        held=lambda identity: not timeline.nodes[identity].decision,
        called=lambda identity: timeline.nodes[identity].called if identity in timeline.nodes else identity,
    )
    line = Line(timeline, role, way, legs, found, "", frozenset(from_label))
    return Line(timeline, role, way, legs, found, next(iter(line.anchors), ""), frozenset(from_label))


def roles_of(design: Design, main: Timeline) -> Mapping[str, Role]:
    """The role of each timeline by id: those that a visit of the main one starts are profiles of that visit."""
    profiles: set[str] = set()
    ahead = [main]
    by_id = {timeline.id: timeline for timeline in design.timelines}
    while ahead:
        timeline = ahead.pop()
        for started in started_by(timeline, design):
            if started in by_id and started not in {*profiles, main.id}:
                profiles.add(started)
                ahead.append(by_id[started])
    return {
        timeline.id: Role.MAIN if timeline is main else Role.PROFILE if timeline.id in profiles else Role.TRIGGERED
        for timeline in design.timelines
    }


def started_by(timeline: Timeline, design: Design) -> tuple[str, ...]:
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
