"""What a USDM 3.0 or 4.0 file says about a study's schedule. Names follow the data dictionary of USDM 4.0 (DDF-RA)."""

from collections.abc import Mapping
from dataclasses import dataclass

from trial.readers.usdm.timing import Kind, kind_of


@dataclass(frozen=True, slots=True)
class Branch:
    condition: str
    target: str


@dataclass(frozen=True, slots=True)
class Instance:
    """A node of a timeline: something planned, or a decision (which has branches)."""

    id: str
    name: str
    label: str
    decision: bool
    next: str
    exit: str
    encounter: str
    epoch: str
    activities: tuple[str, ...]
    timeline: str
    branches: tuple[Branch, ...]

    @property
    def called(self) -> str:
        return self.name or self.label or self.id

    @property
    def titled(self) -> str:
        """For people who know the protocol: its label, and its name in brackets."""
        return f"{self.label} ({self.name})" if self.label and self.name and self.label != self.name else self.called


@dataclass(frozen=True, slots=True)
class Timing:
    """`unread`: keys that speak of a window and are none of USDM's."""

    id: str
    name: str
    label: str
    type: str
    type_code: str
    value: str
    value_label: str
    lower: str
    upper: str
    window_label: str
    ends: str
    source: str
    to: str
    unread: tuple[str, ...]

    @property
    def kind(self) -> Kind | None:
        """By its word, else by its code; None where neither is known."""
        return kind_of(self.type) or kind_of(self.type_code)


@dataclass(frozen=True, slots=True)
class Timeline:
    id: str
    name: str
    label: str
    main: bool
    entry: str
    entry_condition: str
    nodes: Mapping[str, Instance]
    timings: tuple[Timing, ...]

    @property
    def called(self) -> str:
        return self.label or self.name or self.id or "a timeline without a name"

    @property
    def linked(self) -> bool:
        """Whether any node names what follows on it, or that the way ends. Some tools leave all of that out."""
        return len(self.nodes) < 2 or any(node.next or node.exit or node.branches for node in self.nodes.values())


@dataclass(frozen=True, slots=True)
class Encounter:
    id: str
    name: str
    label: str
    scheduled_at: str
    modes: tuple[str, ...]
    rules: tuple[str, ...]  # in words: when it begins and ends

    @property
    def called(self) -> str:
        return self.label or self.name or self.id


@dataclass(frozen=True, slots=True)
class Activity:
    id: str
    name: str
    label: str
    timeline: str
    procedures: tuple[str, ...]

    @property
    def called(self) -> str:
        return self.label or self.name or self.id


@dataclass(frozen=True, slots=True)
class Conditional:
    """A condition on activities: free text, without an effect on any day."""

    text: str
    applies_to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Design:
    encounters: Mapping[str, Encounter]
    activities: Mapping[str, Activity]
    epochs: Mapping[str, str]
    arms: tuple[str, ...]
    conditions: tuple[Conditional, ...]
    timelines: tuple[Timeline, ...]
