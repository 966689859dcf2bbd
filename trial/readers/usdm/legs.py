"""From the timings of one timeline to legs: what each says of its node, checked one by one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from trial.readers.usdm.findings import Code, Ledger, listed
from trial.readers.usdm.model import Instance, Timeline, Timing
from trial.readers.usdm.timing import (
    NO_WINDOW,
    ZERO,
    BadTiming,
    Interval,
    Kind,
    LabelWindow,
    Leg,
    SignedWindow,
    Unplaced,
    interval_of,
    label_window_of,
)

MOST_SHOWN = 20
NO_TIME = frozenset({"P0D", "P0W", "PT0H", "PT0M", "PT0S"})

QUESTIONS = {
    Code.ENDS: (
        "The timings of these visits say what they count from in words that USDM does not have",
        "The draft counts from the visit that each timing names. Is that right?",
    ),
    Code.SEVERAL_TIMINGS: (
        "These visits have several timings in the file",
        "The draft counts by the first of each. Is that right?",
    ),
    Code.ANCHORS_DAY: (
        "These visits lie no distance from the day that others count from, with a type that says nothing of it",
        "The draft has them on that day. Is that right?",
    ),
    Code.UNMARKED_ANCHOR: (
        "The file marks no day as that from which others count, and these visits count from themselves",
        "The draft takes them for it. Is that right?",
    ),
    Code.WINDOW_CROSSES: (
        "The windows of these visits reach past what they count from",
        "Are they right? Else write the right `window`.",
    ),
    Code.WINDOW_FROM_LABEL: (
        "The windows of these visits stand in labels alone",
        "Are they right? Then write each alone, such as `window: -3d .. +3d`: unverified, it cannot be released.",
    ),
    Code.WINDOW_LABEL: (
        "The windows of these visits and their labels differ",
        "The draft has the windows. Which is right?",
    ),
    Code.WINDOW_ONE_SIDED: (
        "The labels of these windows have both numbers on one side of the target",
        "Which is right? Where a target lies outside of its window, move it inside.",
    ),
    Code.WINDOW_SIDE: (
        "These visits lie before what they count from, and tools differ in which end of a window is the earlier",
        "The draft has the first of the two. Which is right?",
    ),
    Code.WINDOW_UNREAD: (
        "The windows of these visits cannot be read in the file, or not as a whole",
        "What are they? Write such as `window: -3d .. +3d`; without one, the target is the only day.",
    ),
}
"""What is asked of several visits at once: before their list, and after it."""

START_TO_START = frozenset({"", "start to start", "c201355"})
OTHER_ENDS = frozenset({"start to end", "end to start", "end to end", "c201352", "c201353", "c201354"})


@dataclass(frozen=True, slots=True)
class LegReader:
    """Reads the timings of one timeline; `homes`: the timeline of each node of the file.

    `about` gives the draft's visit of a node; `from_label` collects the nodes whose window stands in its label alone.
    """

    timeline: Timeline
    homes: Mapping[str, Timeline]
    about: Mapping[str, str]
    ledger: Ledger
    from_label: set[str] = field(default_factory=set)
    _asked: dict[Code, dict[str, str]] = field(default_factory=dict)
    _anchors: set[str] = field(default_factory=set)

    def legs(self) -> Mapping[str, Leg | Unplaced]:
        """What is said of each node of the timeline."""
        by_node: dict[str, list[Timing]] = {}
        for timing in self.timeline.timings:
            if timing.source in self.timeline.nodes:
                by_node.setdefault(timing.source, []).append(timing)
            else:
                self._astray(timing)
        self._anchors.update(
            timing.source
            for timing in self.timeline.timings
            if (timing.kind is Kind.FIXED and timing.to in {"", timing.source})
            or (not timing.type and timing.to == timing.source)
        )
        found = {node.id: self._leg(node, by_node.get(node.id, [])) for node in self.timeline.nodes.values()}
        for code, nodes in self._asked.items():
            before, after = QUESTIONS[code]
            self.ledger.question(code, f"{before}: {listed(nodes.values(), at_most=MOST_SHOWN)}. {after}")
        return found

    def where(self, node: Instance) -> str:
        return f"{self.timeline.called}, {node.titled} ({node.id})"

    def _ask(self, code: Code, node: Instance, what: str, instead: str, *, shown: str) -> None:
        """All nodes of a timeline that one thing is asked about are one question, which says `shown` of each."""
        self.ledger.ask(code, self.where(node), what, instead, about=self.about.get(node.id, ""))
        self._asked.setdefault(code, {}).setdefault(node.id, f"{node.titled} ({shown})")

    def _note(self, code: Code, node: Instance, what: str, instead: str) -> None:
        self.ledger.note(code, self.where(node), what, instead, about=self.about.get(node.id, ""))

    def _astray(self, timing: Timing) -> None:
        home = self.homes.get(timing.source)
        name = timing.name or timing.label or timing.id
        if home is None:
            what = f"the timing {name} is of no node that there is"
            self.ledger.refuse(Code.REFERENCE, self.timeline.called, what, "name its node; it was left out")
        else:
            what = f"the timing {name} is of {home.nodes[timing.source].called}, a node of {home.called}"
            instead = "both ends of a timing lie in its own timeline; it was left out"
            self.ledger.refuse(Code.OTHER_TIMELINE, self.timeline.called, what, instead)

    def _leg(self, node: Instance, timings: list[Timing]) -> Leg | Unplaced:
        if not timings:
            return Unplaced(Code.NO_TIMING, "it has no timing", "say how far it lies from another node")
        if len(timings) > 1:
            words = dict.fromkeys(self._wholly(one) for one in timings)
            told = listed([f"“{one}”" for one in words], at_most=6)
            what = f"it has {len(timings)} timings"
            if len(words) == 1:
                instead = "one is enough: the others were left out"
                self.ledger.refuse(Code.SEVERAL_TIMINGS, self.where(node), f"{what}, which say the same", instead)
            else:
                self._ask(Code.SEVERAL_TIMINGS, node, f"{what}: {told}", "the first one is read", shown=told)
        try:
            return self._read(node, timings[0])
        except BadTiming as problem:
            return Unplaced(problem.code, problem.what, problem.instead)

    def _wholly(self, timing: Timing) -> str:
        """A timing with its window, as it stands in the file."""
        window = " .. ".join(filter(None, (timing.lower, timing.upper))) or timing.window_label
        return said(timing, self.timeline) + (f", window {window}" if window else "")

    def _read(self, node: Instance, timing: Timing) -> Leg:
        kind = self._kind(node, timing)
        self._ends(node, timing)
        if kind is Kind.FIXED:
            return self._anchor(node, timing)
        interval = interval_of(timing.value)
        to = self._reference(node, timing)
        if interval.dropped:
            self._note(
                Code.PART_OF_DAY,
                node,
                f"{timing.value} has a part of a day",
                f"dates are days: read as {interval}",
            )
        window = self._window(node, timing, kind)
        if _crosses(kind, interval, window):
            self._ask(
                Code.WINDOW_CROSSES,
                node,
                f"its window {window} reaches past {self._called(to)}, from which it counts",
                "it is read as it stands",
                shown=f"{said(timing, self.timeline)}, {window}",
            )
        return Leg(kind, to, interval if kind is Kind.AFTER else -interval, window)

    def _kind(self, node: Instance, timing: Timing) -> Kind:
        """The timing's kind. No distance has no direction: a day is the anchor's own without a type that could be read."""
        kind, nothing = timing.kind, timing.value in NO_TIME
        untyped = kind is None and not timing.type
        if untyped and timing.to == node.id and (nothing or not timing.value):
            what = "it counts from itself, with a timing of no type"
            shown = f"value {timing.value or 'missing'}"
            self._ask(Code.UNMARKED_ANCHOR, node, what, "it is read as the fixed reference", shown=shown)
            return Kind.FIXED
        if nothing and timing.to != node.id and timing.to in self._anchors and (untyped or kind is Kind.FIXED):
            to = self._called(timing.to)
            what = f"its timing is {timing.value} from {to}, with {'no type' if untyped else 'the type of a fixed reference'}"
            self._ask(Code.ANCHORS_DAY, node, what, "it is on that day", shown=to)
            return Kind.AFTER
        if kind is None:
            given = f"the type {timing.type[:40]!r}" if timing.type else "no type"
            raise BadTiming(Code.TYPE, f"its timing has {given}", "After, Before and Fixed Reference are what there is")
        return kind

    def _ends(self, node: Instance, timing: Timing) -> None:
        """Which ends of two visits a timing lies between. Visits last a day here, so that all of USDM's are the same."""
        words = re.sub(r"[-_ ]+", " ", timing.ends.lower())
        if words in START_TO_START:
            return
        if words in OTHER_ENDS:
            self._note(Code.ENDS, node, f"its timing counts {timing.ends}", "visits last a day here: it is the same")
            return
        what = f"its timing counts from {timing.ends!r}, which is none of USDM's four"
        self._ask(Code.ENDS, node, what, "it counts from the visit that it names", shown=timing.ends)

    def _anchor(self, node: Instance, timing: Timing) -> Leg:
        if timing.to not in {"", node.id}:
            self._note(
                Code.REFERENCE,
                node,
                f"it is a fixed reference and names {self._called(timing.to)} besides",
                "a fixed reference counts from nothing: that was left out",
            )
        if timing.value not in {"", *NO_TIME}:
            self._note(
                Code.ANCHOR_VALUE,
                node,
                f"the fixed reference has the value {timing.value}",
                "that is its label: others count from its own day",
            )
        if timing.lower or timing.upper or timing.unread:
            self._note(Code.WINDOW_ON_ANCHOR, node, "the fixed reference has a window", "it was left out")
        return Leg(Kind.FIXED, "", ZERO, NO_WINDOW)

    def _reference(self, node: Instance, timing: Timing) -> str:
        if timing.to in self.timeline.nodes:
            return timing.to
        home = self.homes.get(timing.to)
        if home is None:
            given = f"names {timing.to}, which there is not" if timing.to else "names no node to count from"
            raise BadTiming(Code.REFERENCE, f"its timing {given}", "name a node of the same timeline")
        other = home.nodes[timing.to]
        own = [one for one in self.timeline.nodes.values() if one.name == other.name and one.id != node.id]
        repair = (
            f"this timeline has a {own[0].called} of its own ({own[0].id}): if that is meant, name it"
            if own
            else "name a node of the same timeline"
        )
        raise BadTiming(Code.OTHER_TIMELINE, f"its timing counts from {other.called} of {home.called}", repair)

    def _window(self, node: Instance, timing: Timing, kind: Kind) -> SignedWindow:
        label = label_window_of(timing.window_label)
        if timing.unread:
            what = f"{timing.unread[0]} is a window in a form that USDM does not have"
            instead = "write windowLower and windowUpper; it was left out"
            self._ask(Code.WINDOW_UNREAD, node, what, instead, shown=timing.unread[0])
        if not timing.lower and not timing.upper:
            return self._labelled(node, timing, label)
        lower = interval_of(timing.lower) if timing.lower else ZERO
        upper = interval_of(timing.upper) if timing.upper else ZERO
        for bound in (lower, upper):
            if bound.mixed:
                what = f"its window has {bound}, which mixes months and days: no offset of a study file does"
                raise BadTiming(Code.MIXED_UNITS, what, "say it in one unit")
            if bound and bound.dropped:
                self._note(Code.PART_OF_DAY, node, "its window has a part of a day", f"dates are days: read as {bound}")
        window = SignedWindow(-lower, upper)
        if label is not None and label.same_side:
            self._one_sided(node, timing, window, label)
        elif label is not None and _differ(label, window):
            self._ask(
                Code.WINDOW_LABEL,
                node,
                f"its window is {window}, its label says {timing.window_label}",
                "the window is read, not the label",
                shown=f"{window}; label {timing.window_label}",
            )
        elif kind is Kind.BEFORE and window and lower != upper:
            self._before(node, window, sure=label is not None)
        return window

    def _before(self, node: Instance, window: SignedWindow, *, sure: bool) -> None:
        """Whether the lower bound of a visit before its reference is the earlier one, USDM leaves open (DDF-RA 694)."""
        what = f"it lies before its reference and its window is not the same on both sides: {window}"
        if sure:
            self._note(Code.WINDOW_SIDE, node, what, "read as its label says it, from first to last day")
            return
        other = SignedWindow(-window.latest, -window.earliest)
        self._ask(
            Code.WINDOW_SIDE,
            node,
            what,
            "read from the first to the last day",
            shown=f"{window}; some tools mean {other}",
        )

    def _one_sided(self, node: Instance, timing: Timing, window: SignedWindow, label: LabelWindow) -> None:
        self._ask(
            Code.WINDOW_ONE_SIDED,
            node,
            f"its label says {timing.window_label}, both on one side, and its window is {window}",
            "the window is read, not the label",
            shown=f"label {timing.window_label}, read as {window}; the label alone means {label.low.offset.signed} to "
            f"{label.high.offset.signed} from the target",
        )

    def _labelled(self, node: Instance, timing: Timing, label: LabelWindow | None) -> SignedWindow:
        text = timing.window_label
        if label is None:
            if any(sign.isdigit() for sign in text):
                what = f"its window stands in a label alone, {text!r}, which cannot be read"
                self._ask(Code.WINDOW_UNREAD, node, what, "it was left out", shown=repr(text))
            return NO_WINDOW
        found = label.window
        if found is None:
            self._ask(
                Code.WINDOW_ONE_SIDED,
                node,
                f"its label says {text}: its target lies outside of that window",
                "the window was left out",
                shown=f"label {text}, left out",
            )
            return NO_WINDOW
        if found:
            self.from_label.add(node.id)
            self._ask(
                Code.WINDOW_FROM_LABEL,
                node,
                f"its window stands in a label alone: {text}",
                f"read from the label: {found}",
                shown=f"{text}, read as {found}",
            )
        return found

    def _called(self, identity: str) -> str:
        home = self.homes.get(identity)
        return identity if home is None else home.nodes[identity].called


def said(timing: Timing, timeline: Timeline) -> str:
    """A timing as a person would say it: After P14D of DOSE."""
    to = timeline.nodes.get(timing.to)
    kind = timing.kind
    if kind is Kind.FIXED:
        return "fixed reference"
    word = timing.type if kind is None else kind.value.capitalize()
    return f"{word or 'No type'} {timing.value or 'nothing'} of {timing.to or 'nothing' if to is None else to.called}"


def _crosses(kind: Kind, interval: Interval, window: SignedWindow) -> bool:
    toward = window.earliest if kind is Kind.AFTER else window.latest
    return abs(toward.about_days) > interval.about_days


def _differ(label: LabelWindow, window: SignedWindow) -> bool:
    return (label.low.about_days, label.high.about_days) != (window.earliest.about_days, window.latest.about_days)
