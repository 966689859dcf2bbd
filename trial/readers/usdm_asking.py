"""The longer questions of a draft: what moves, what branches, what something else sets off. In words for a trial manager."""

from collections.abc import Mapping

from trial.readers.usdm_diagnostics import EXAMPLE_DAY
from trial.readers.usdm_findings import Code, Ledger, listed
from trial.readers.usdm_lines import Line
from trial.readers.usdm_model import Design
from trial.readers.usdm_path import Fork
from trial.readers.usdm_timing import Kind, Leg, Place


def moves_question(line: Line, labels: Mapping[str, str], events: Mapping[str, str], ledger: Ledger) -> None:
    """Visits that count from a visit with a window: does one move with the other? USDM does not say."""
    _before_what_moves(line, labels, ledger)
    moving = [
        (node, place)
        for node in line.shown
        if isinstance(place := line.places[node.id], Place) and place.base not in line.anchors
    ]
    if not moving:
        return
    for node, place in moving:
        base = line.timeline.nodes[place.base]
        ledger.ask(
            Code.MOVES,
            line.where(node),
            f"it counts from {base.called}, which may itself be held early or late",
            "it moves with the day on which that one was held",
            about=line.ids[node.id],
        )
    fixed = [
        f"when: {_fixed(place, events)} at {line.ids[node.id]}"
        for node, place in moving
        if not place.nominal.mixed and place.anchor in events
    ]
    node, place = moving[0]
    ledger.question(
        Code.MOVES,
        f"{listed([labels[one.id] for one, _ in moving])} count from a visit that may itself be held early or late"
        f"{_two_dates(line, labels, node.id, place)}. The draft lets them move with it, and they are provisional until it "
        f"was held. If they are fixed instead, write {listed(fixed, at_most=20)}.",
        about=line.ids[node.id],
    )


def _before_what_moves(line: Line, labels: Mapping[str, str], ledger: Ledger) -> None:
    """Visits that lie before a visit with a window: when they are due, nobody knows on which day that one will be held."""
    found = []
    for node in line.shown:
        leg = line.legs[node.id]
        if not isinstance(leg, Leg) or leg.kind is not Kind.BEFORE or not isinstance(line.places[node.id], Place):
            continue
        reference = line.legs[leg.to]
        if leg.to in labels and isinstance(reference, Leg) and reference.window:
            found.append((node, leg.to))
    for node, to in found:
        ledger.ask(
            Code.MOVES,
            line.where(node),
            f"it lies before {line.timeline.nodes[to].called}, which may itself be held early or late",
            "it keeps its day, as if that one were held on its target",
            about=line.ids[node.id],
        )
    if found:
        pairs = listed([f"{labels[node.id]} lies before {labels[to]}" for node, to in found], at_most=8)
        ledger.question(
            Code.MOVES,
            f"{pairs}, which may itself be held early or late. The draft keeps its day, as if the other were held on its "
            "target. Is that right?",
            about=line.ids[found[0][0].id],
        )


def _two_dates(line: Line, labels: Mapping[str, str], identity: str, place: Place) -> str:
    """An example of both readings, with the visit that is counted from on its last day."""
    leg, base = line.legs[place.base], line.places[place.base]
    if not isinstance(leg, Leg) or not isinstance(base, Place) or place.base not in labels:
        return ""
    last = (base.nominal + leg.window.latest).after(EXAMPLE_DAY)
    return (
        f" (with {line.timeline.nodes[place.anchor].called} on {EXAMPLE_DAY} and {labels[place.base]} on its last day, "
        f"{last}, {labels[identity]} is on {place.offset.after(last)} or on {place.nominal.after(EXAMPLE_DAY)})"
    )


def _fixed(place: Place, events: Mapping[str, str]) -> str:
    offset = place.nominal.offset
    sign = "-" if offset.amount < 0 else "+"
    return f"{events[place.anchor]} {sign} {abs(offset.amount)}{offset.unit}" if offset.amount else events[place.anchor]


def branch_question(line: Line, fork: Fork, labels: Mapping[str, str], design: Design, ledger: Ledger) -> None:
    """A condition in free text. The draft keeps to the default way for everybody."""
    nodes = line.timeline.nodes
    target = labels.get(fork.target) or nodes[fork.target].called
    here = labels.get(fork.at.id) or fork.at.label or fork.at.called
    condition = f"under the condition “{fork.condition}”" if fork.condition else "by default"
    subject = line.ids.get(fork.target, "") or line.ids.get(fork.at.id, "")
    leaves = f", and goes on under the condition “{fork.onward}”" if fork.onward else ""
    if fork.back:
        ledger.ask(
            Code.LOOP,
            line.where(fork.at),
            f"it goes back to {target} {condition}: a repeat, without a number or an interval",
            "what it repeats is planned once",
            about=subject,
            question=f"At {here} the file goes back to {target} {condition}{leaves}: what lies between is repeated. The draft "
            "plans it once. After how many days or weeks does it come again, how many times or until when, and what ends "
            "it? Write it as repeat and stop.",
        )
        return
    skipped = [labels[identity] for identity in fork.skipped if identity in labels]
    aside = fork.target in line.way.aside
    usual = labels.get(fork.at.next) or (nodes[fork.at.next].called if fork.at.next in nodes else "nothing")
    arms = [arm for arm in design.arms if arm and arm.lower() in fork.condition.lower()]
    effects = [
        f"{listed(skipped)} stay{'s' if len(skipped) == 1 else ''} planned for everybody" if skipped else "",
        f"{target} is on request and rings nobody" if aside else "",
        f"the condition names the arm {listed(arms)}" if arms else "",
    ]
    told = "; ".join(effect for effect in effects if effect) or "nothing is left out for anybody"
    ledger.ask(
        Code.BRANCH,
        line.where(fork.at),
        f"it goes on to {target} {condition}, and to {usual} otherwise",
        f"the default way is planned: {told}",
        about=subject,
        question=f"At {here} the file goes on to {target} {condition}, and to {usual} otherwise. The draft keeps to the "
        f"default way: {told}. What decides it: an answer of the site (a fact), something that happens (an event), or the "
        "arm? Then give the visits concerned an only_if.",
    )


def trigger_question(line: Line, event: str, ledger: Ledger) -> None:
    """A timeline of its own, which something that happens to the patient sets off."""
    timeline = line.timeline
    condition = f", entered when “{timeline.entry_condition}”" if timeline.entry_condition else ""
    ledger.ask(
        Code.EVENT_TIMELINE,
        timeline.called,
        f"it is a timeline of its own{condition}",
        f"it is the event {event}, without an estimate: nothing of it is planned before the event is told",
        about=event,
        question=f"The file has a timeline of its own for {timeline.called}{condition}. In the draft it is the event "
        f"{event}, once for a patient. Is it to be told to Sitebell at all? Can it come more than once? Does it end the "
        "patient's visits (then add ends and leaving)?",
    )
