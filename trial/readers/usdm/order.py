"""What the days of a timeline say about one another: visits that fall on one day, and a way that runs back in time."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from trial.readers.usdm.findings import Code, Ledger, listed
from trial.readers.usdm.lines import Line
from trial.readers.usdm.model import Instance
from trial.readers.usdm.timing import Leg, Place

COMPARED_ON = (date(2026, 1, 31), date(2026, 7, 1))
"""Months against days: one lies before the other where it does with the anchor on each of these days."""


def compare_days(line: Line, ledger: Ledger) -> None:
    """Ask about visits of the default way whose days are hardly meant so. A number that was left out looks like that."""
    _one_day(line, ledger)
    _back_in_time(line, ledger)


def _visits(line: Line) -> Iterator[tuple[Instance, Place]]:
    for node in line.shown:
        place = line.places[node.id]
        if isinstance(place, Place) and node.id in line.passed:
            yield node, place


def _one_day(line: Line, ledger: Ledger) -> None:
    days: dict[tuple[str, int, int], list[Instance]] = {}
    for node, place in _visits(line):
        leg = line.legs[node.id]
        # A part of a day between them says that one day is meant.
        if not (isinstance(leg, Leg) and leg.interval.dropped):
            days.setdefault((place.anchor, place.nominal.months, place.nominal.days), []).append(node)
    groups = [
        nodes
        for nodes in days.values()
        if len(nodes) > 1 and (not nodes[0].encounter or any(node.encounter != nodes[0].encounter for node in nodes))
    ]
    for nodes in groups:
        ledger.ask(
            Code.SAME_DAY,
            line.where(nodes[0]),
            f"by the timings it is on the same day as {listed([node.titled for node in nodes[1:]], at_most=8)}",
            "they are planned so",
            about=line.ids.get(nodes[0].id, ""),
        )
    if groups:
        told = [listed([node.titled for node in nodes], at_most=6) for nodes in groups]
        ledger.question(
            Code.SAME_DAY,
            f"By the timings of the file these visits are on one day: {listed([f'({one})' for one in told], at_most=6)}. Are "
            "they? A distance may be missing, or a second cycle may be laid over the first. Then write their real `when`.",
        )


def _back_in_time(line: Line, ledger: Ledger) -> None:
    told: list[str] = []
    for (one, here), (node, there) in pairwise(_visits(line)):
        if here.anchor != there.anchor or not all(
            there.nominal.after(day) < here.nominal.after(day) for day in COMPARED_ON
        ):
            continue
        what = f"it follows on {one.titled} and lies before it"
        ledger.ask(Code.BACKWARD, line.where(node), what, "the timing is read", about=line.ids.get(node.id, ""))
        told.append(f"{node.titled} follows on {one.titled}")
    if told:
        ledger.question(
            Code.BACKWARD,
            f"By the order of the file {listed(told, at_most=6)}, and by its timings lies before it. The draft counts by the "
            "timings. Is Before or After, or a number, wrong there? Then write the real `when`.",
        )
