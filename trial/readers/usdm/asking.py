"""The longer questions of a draft: what moves, what branches, what something else sets off. In words for a trial manager."""

from collections.abc import Mapping

from trial.readers.usdm.diagnostics import EXAMPLE_DAY
from trial.readers.usdm.findings import Code, Ledger, listed
from trial.readers.usdm.lines import Line
from trial.readers.usdm.model import Design, Instance
from trial.readers.usdm.path import Fork
from trial.readers.usdm.timing import Kind, Leg, Place, from_day


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
        f"`when: {from_day(events[place.anchor], place.nominal)}` at {line.ids[node.id]}"
        for node, place in moving
        if not place.nominal.mixed and place.anchor in events
    ]
    node, place = moving[0]
    ledger.question(
        Code.MOVES,
        f"{listed([labels[one.id] for one, _ in moving])} count from a visit that may itself be held early or late"
        f"{_two_dates(line, labels, node.id, place)}. The draft lets them move with the day on which it was held. "
        f"Is that right? If they are fixed instead, write {listed(fixed, at_most=20)}.",
    )


def window_question(line: Line, labels: Mapping[str, str], ledger: Ledger) -> None:
    """Visits to which the file gives no window at all. A day that is only written down once may still be meant strictly."""
    bare = [
        node
        for node in line.shown
        if isinstance(line.places[node.id], Place) and node.id in line.passed and _has_no_window(line, node)
    ]
    if not bare:
        return
    names = listed([labels[node.id] for node in bare], at_most=12)
    ledger.ask(
        Code.NO_WINDOW,
        line.timeline.called,
        f"{names} ha{'s' if len(bare) == 1 else 've'} no window",
        "the target is the only day",
        about=line.ids[bare[0].id],
        question=f"The file gives no window to {names}: the draft has the target as the only day, and is late the day after. Is "
        "that right? Else write such as `window: -3d .. +3d`.",
    )


def _has_no_window(line: Line, node: Instance) -> bool:
    timing, leg = line.timings.get(node.id), line.legs[node.id]
    stated = (
        timing is None or timing.lower or timing.upper or timing.unread or any(map(str.isdigit, timing.window_label))
    )
    return not stated and isinstance(leg, Leg) and leg.kind is not Kind.FIXED


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


def branch_question(
    line: Line, fork: Fork, labels: Mapping[str, str], *, events: Mapping[str, str], design: Design, ledger: Ledger
) -> None:
    """A condition in free text. The draft keeps to the default way for everybody; without one, to the first that it has."""
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
            "it? Write that at the visits, such as `repeat: [every 3w until 24w]` and `stop: [relapse]`, relapse being an event.",
        )
        return
    skipped = [labels[identity] for identity in fork.skipped if identity in labels]
    place = line.places[fork.target]
    day = f" (`when: {line.day(place, events)}`)" if isinstance(place, Place) and fork.target in labels else ""
    default = labels.get(fork.at.next) or (nodes[fork.at.next].called if fork.at.next in nodes else "")
    otherwise = f"and to {default} otherwise" if default else "and has no way on otherwise"
    arms = [arm for arm in design.arms if arm and arm.lower() in fork.condition.lower()]
    effects = [
        f"{listed(skipped)} stay{'s' if len(skipped) == 1 else ''} planned for everybody" if skipped else "",
        f"{target}{day} is on request and rings nobody" if fork.target in line.way.aside else "",
        f"{target} is planned for everybody" if not default and fork.target in line.passed else "",
        f"the condition names the arm {listed(arms)}" if arms else "",
    ]
    told = "; ".join(effect for effect in effects if effect) or "nothing is left out for anybody"
    ledger.ask(
        Code.BRANCH,
        line.where(fork.at),
        f"it goes on to {target} {condition}, {otherwise}",
        f"one way is planned: {told}",
        about=subject,
        question=f"At {here} the file goes on to {target} {condition}, {otherwise}. The draft keeps to one way: {told}. What decides it: an answer of the site (a fact), something that happens (an event), or the "
        "arm? Write it under facts or events, and at the visits concerned such as `only_if: arm == a` or "
        "`only_if: not happened(relapse)`.",
    )


def trigger_question(line: Line, event: str, ledger: Ledger) -> None:
    """A timeline of its own, which something that happens to the patient sets off."""
    timeline = line.timeline
    condition = f", entered when “{timeline.entry_condition}”" if timeline.entry_condition else ""
    visits = [f"visit {line.ids[node.id]}" for node in line.shown if isinstance(line.places[node.id], Place)]
    ledger.ask(
        Code.EVENT_TIMELINE,
        timeline.called,
        f"it is a timeline of its own{condition}",
        f"it is the event {event}, without an estimate: nothing of it is planned before the event is told",
        about=event,
        question=f"The file has a timeline of its own for {timeline.called}{condition}. In the draft it is the event "
        f"{event}, once for a patient, with {listed(visits, at_most=6)}. Are sites to tell Sitebell of it? If not, or if it "
        f"can come again, delete the event and {'that visit' if len(visits) == 1 else 'those visits'}. If it ends "
        "the other visits of the patient, write `ends: visits` at the event, and `leaving: withdrawn_from_visits` (or another "
        "way of leaving) if the patient leaves by it.",
    )
