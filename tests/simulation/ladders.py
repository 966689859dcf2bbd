"""The ladders of the study file, read and counted a second time, so that nothing is judged by the code that it judges."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

import yaml

from tests.simulation.places import DAY, Place

DREAM: Final = Path(__file__).resolve().parents[2] / "studies" / "dream.yaml"
_STEP: Final = re.compile(r"(opens|due|closes)(?: ([+-]) (\d+)(d|wd))?")
ESCALATIONS: Final = ("cover", "backup", "investigator", "manager")
FIRST_STEPS: Final = ("heads_up", "window_open", "due", "late")


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step and the working day at the site on which it falls."""

    name: str
    day: date

    @property
    def escalates(self) -> bool:
        return self.name in ESCALATIONS


@lru_cache(maxsize=1)
def _ladders() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = yaml.safe_load(DREAM.read_text(encoding="utf-8"))["ladders"]
    return found


def steps_of(ladder: str, marks: Mapping[str, date | None], place: Place) -> list[DueStep]:
    """Every step of a firm task, in order; those that count from a date that is not known are left out."""
    found: list[DueStep] = []
    for name, text in _ladders()[ladder].items():
        matched = _STEP.fullmatch(str(text))
        if matched is None:
            continue  # `unverified: true` stands among the steps
        mark, sign, amount, unit = matched.groups()
        base = marks[mark]
        if base is None:
            continue
        day = _moved(base, sign, int(amount or 0), unit, place)
        found.append(DueStep(name, max([_working(name, day, marks["opens"], place), *(one.day for one in found)])))
    return found


def _moved(base: date, sign: str | None, amount: int, unit: str | None, place: Place) -> date:
    if unit != "wd":
        return base + DAY * (-amount if sign == "-" else amount)
    day = base
    while amount:
        day += DAY
        amount -= place.works_on(day)
    return day


def _working(name: str, day: date, opens: date | None, place: Place) -> date:
    """What warns of an end moves to the working day before, unless the window has not opened then."""
    if name != "due":
        return place.working_day(day)
    before = day
    while not place.works_on(before):
        before -= DAY
    return before if opens is None or before >= opens else place.working_day(day)
