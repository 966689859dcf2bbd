"""Amendments drawn from a seed: a second version of a drawn study file, and the day from which it is used."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.oracle.by_day import HAPPENED, Patient, occurrences_of, rounds_of
from tests.oracle.by_version import DROP, NEW, OLD, Amended
from tests.oracle.plans import Writer, drawn

KEPT, DROPPED, RENAMED, CHANGED = "kept", "dropped", "renamed", "changed"


def amended(seed: int) -> Amended:
    """The amendment of this seed, always the same, of the plan of this seed."""
    plan = drawn(seed)
    chance = random.Random(f"amended {seed}")  # noqa: S311 - the same in every run; nothing is secret
    old = plan.document | {"study": plan.document["study"] | {"version": OLD}}
    visits, renames = _visits(old, chance)
    events = dict(old["events"])
    if chance.random() < 0.35:
        events["gone"] = {"label": "gone", "ends": chance.choice(["all", "visits"])}
    new = old | {"study": old["study"] | {"version": NEW}, "events": events, "visits": visits}
    if "campaigns" in old and chance.random() < 0.6:
        new["campaigns"] = [_writer(old, chance).campaign("c0")]
    there = {*_all(new)}
    renames |= {name: DROP for name in _all(old) if name not in there and not _named(name, renames)}
    table = [{"version": OLD, "active": {"default": "2019-01-01"}}, {"version": NEW, "active": {}, "renames": renames}]
    new["amendments"] = table
    since = plan.patient.events["entry"][0] + timedelta(days=chance.randint(1, 900))
    return Amended(old, new, renames, since, _patient(plan.patient, new, chance))


def _named(occurrence: str, renames: Mapping[str, str]) -> bool:
    return any(occurrence == name or occurrence.startswith(f"{name}_") for name in renames)


def _all(document: Mapping[str, Any]) -> Iterator[str]:
    """Every occurrence that there can be."""
    for visit in document["visits"]:
        yield from occurrences_of(visit)
    for campaign in document.get("campaigns", []):
        yield from (name for name, *_ in rounds_of(campaign))


def _visits(old: Mapping[str, Any], chance: random.Random) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The visits of the new version, and what became of those that have another name or none."""
    counted_from = {visit["when"].removeprefix("visit(").partition(")")[0] for visit in old["visits"]}
    visits: list[dict[str, Any]] = []
    renames: dict[str, str] = {}
    for visit in old["visits"]:
        name = visit["id"]
        match chance.choice([KEPT, KEPT, DROPPED, RENAMED, CHANGED, CHANGED]):
            case "dropped" if name not in counted_from:
                renames[name] = DROP
            case "renamed":
                renames[name] = f"r{name}"
                visits.append(visit | {"id": f"r{name}"})
            case "changed" if name not in counted_from:
                visits.append(_writer(old, chance).visit(name))
            case _:
                visits.append(visit)
    if not visits or chance.random() < 0.3:
        visits.append(_writer(old, chance).visit("n0"))
    return [visit | {"when": _called(visit["when"], renames)} for visit in visits], renames


def _called(when: str, renames: Mapping[str, str]) -> str:
    name = when.removeprefix("visit(").partition(")")[0]
    return when.replace(f"visit({name})", f"visit({renames.get(name, name)})")


def _writer(old: Mapping[str, Any], chance: random.Random) -> Writer:
    """Somebody who writes on in this file; from no other visit, so that nothing runs in a circle."""
    writer = Writer(chance)
    writer.events, writer.recorded, writer.chained = list(old["events"]), [], []
    writer.facts = {name: fact["values"] for name, fact in old["facts"].items()}
    return writer


def _patient(patient: Patient, new: Mapping[str, Any], chance: random.Random) -> Patient:
    """Who has held something under its new name, too, and may have left in a way that only the new version knows."""
    held, events = dict(patient.held), dict(patient.events)
    day, _ = events["entry"]
    if "gone" in new["events"] and chance.random() < 0.5:
        events["gone"] = (day + timedelta(days=chance.randint(0, 1_500)), HAPPENED)
    for visit in new["visits"]:
        if chance.random() < 0.35:
            held[chance.choice(occurrences_of(visit))] = day + timedelta(days=chance.randint(-30, 1_500))
    return replace(patient, events=events, held=held)
