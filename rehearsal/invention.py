"""An invented trial for any study file: sites, people with habits, patients, and what befalls them.

Everything here is invented and drawn from a seed: it says what a study would be like, and nothing about any real one.
Windows, intervals and ladders come from the study file alone.
"""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from rehearsal.script import LATE, PROMPT, SILENT, STEADY, Habit, Happening, Leave, Patient, Place, Player, Script
from scheduler.definitions import calendar_of
from trial.answers import LeavingKind
from trial.people import Role
from trial.problems import Problem, ProblemError
from trial.study import Study

PATIENTS_AT_A_SITE: Final = 10
SITES_IN_A_LOT: Final = 5
ENTERED_OVER: Final = 2 / 3
"""The part of the time over which patients are entered; then those who are there are followed to its end."""
YEAR_DAYS: Final = 365.25
STUCK: Final = 0.08
NEVER: Final = 0.25
"""The share of uploads and forms that a site does not get ready in time, and of these those that never come."""
HAPPENS_AFTER: Final = 14
"""Days from a patient's entry on which nothing happens that nobody waits for."""
AWAY_EVERY: Final = 91
AWAY_FOR: Final = (10, 24)
OFFICE_COUNTRY: Final = "BE"
OFFICE_ZONE: Final = "Europe/Brussels"
CODES: Final = r"\d{3}-\d{3}"

_OFFICE: Final = 1_000
_LONGEST_NUMBER: Final = 999
_ZONES: Final = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
}
"""Where the first zone of the list is not where most people live."""
_SPOKEN: Final = {"AT": "de", "CH": "de", "DE": "de", "FR": "fr", "JP": "ja"}


class Behaviour(StrEnum):
    """How a site answers."""

    PROMPT = "prompt"  # within hours
    AWAY = "away"  # within days, and away for weeks four times a year, without anybody to cover
    LATE = "late"  # days or weeks later, and not everything
    SILENT = "silent"  # never, nor does anybody else there


BEHAVIOURS: Final = (
    Behaviour.PROMPT,
    Behaviour.LATE,
    Behaviour.AWAY,
    Behaviour.SILENT,
    Behaviour.PROMPT,
    Behaviour.AWAY,
    Behaviour.PROMPT,
    Behaviour.LATE,
    Behaviour.AWAY,
    Behaviour.PROMPT,
)
"""Site by site, and from the beginning again."""
_HABITS: Final = {
    Behaviour.PROMPT: PROMPT,
    Behaviour.AWAY: STEADY,
    Behaviour.LATE: LATE,
    Behaviour.SILENT: SILENT,
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be invented. `happens`: how often one of the events that nobody waits for happens to a patient, per year;
    `countries` in turn, site by site.
    """

    patients: int
    years: float
    countries: Sequence[str]
    seed: int
    happens: float

    @property
    def days(self) -> int:
        return round(self.years * YEAR_DAYS)

    @property
    def sites(self) -> int:
        return min(-(-self.patients // PATIENTS_AT_A_SITE), _LONGEST_NUMBER)

    @property
    def countries_used(self) -> tuple[str, ...]:
        """Where there is a site."""
        return tuple(dict.fromkeys(self.countries[: self.sites]))


@dataclass(frozen=True, slots=True)
class Invented:
    """The script, and how each site answers, by its number."""

    script: Script
    behaviours: Mapping[str, Behaviour]

    def lots(self) -> tuple[Script, ...]:
        """The same trial in parts that know nothing of each other: so many sites each, and the office in all of them.

        What a site is told hangs on no other site, so they can be lived side by side. They are cut the same way on every
        machine.
        """
        return tuple(
            _among(self.script, frozenset(place.number for place in self.script.places[first : first + SITES_IN_A_LOT]))
            for first in range(0, len(self.script.places), SITES_IN_A_LOT)
        )


def _among(script: Script, numbers: frozenset[str]) -> Script:
    patients = tuple(patient for patient in script.patients if patient.place in numbers)
    codes = {patient.code for patient in patients}
    return replace(
        script,
        places=tuple(place for place in script.places if place.number in numbers),
        players=tuple(player for player in script.players if player.place is None or player.place in numbers),
        patients=patients,
        happenings=tuple(one for one in script.happenings if one.code in codes),
    )


def invent(study: Study, file: Path, wishes: Wishes, *, last: date, spoken: Collection[str]) -> Invented:
    """A script for this study that ends on the day `last`. `spoken`: the languages that there are and that the study has
    approved.
    """
    draw = random.Random(wishes.seed)  # noqa: S311 - an invented trial, and the same one for each seed
    begins = -wishes.days
    places = tuple(_place(number, wishes, begins) for number in range(wishes.sites))
    behaviours = {place.number: BEHAVIOURS[at % len(BEHAVIOURS)] for at, place in enumerate(places)}
    players = [*_office(begins)]
    for place in places:
        players += _people(place, behaviours[place.number], begins, spoken, draw)
    patients: list[Patient] = []
    happenings: list[Happening] = []
    for number in range(wishes.patients):
        place = places[number % len(places)]
        enters = _enters(place, wishes, draw, last=last)
        patient, happening = _patient(study, place, number // len(places) + 1, enters, wishes, draw)
        patients.append(patient)
        happenings += happening
    script = Script(
        study=file,
        places=places,
        players=tuple(players),
        patients=tuple(patients),
        begins=begins,
        reasons=_reasons(study, wishes),
        happenings=tuple(happenings),
    )
    return Invented(script, behaviours)


# --- sites and people -------------------------------------------------------------------------------------------------


def _place(at: int, wishes: Wishes, begins: int) -> Place:
    country = wishes.countries[at % len(wishes.countries)]
    number = f"{at + 1:03}"
    return Place(number, f"Site {number}", country, None, zone_name(country), begins, stuck=STUCK, never=NEVER)


def _office(begins: int) -> tuple[Player, ...]:
    """Two, so that one can release what the other brought."""
    return tuple(
        Player(
            _OFFICE + nth,
            f"Trial manager {letter}",
            "en",
            OFFICE_ZONE,
            None,
            Role.MANAGER,
            PROMPT,
            joins=begins,
            country=OFFICE_COUNTRY,
        )
        for nth, letter in enumerate("AB")
    )


def _people(
    place: Place, behaviour: Behaviour, begins: int, spoken: Collection[str], draw: random.Random
) -> tuple[Player, ...]:
    """Who is asked first and answers as the site does, a colleague, and an investigator."""
    language = _SPOKEN.get(place.country, "en")
    language = language if language in spoken else "en"
    chat = int(place.number) * 1_000 + _OFFICE * 1_000

    def person(nth: int, name: str, role: Role, habit: Habit, leaves: tuple[Leave, ...] = ()) -> Player:
        return Player(
            chat + nth,
            f"{name} {place.number}-{nth}",
            language,
            place.zone,
            place.number,
            role,
            habit,
            # Who has been there longest is asked first.
            joins=begins if nth == 1 else begins + 1,
            leaves=leaves,
        )

    away = _leaves(begins, draw) if behaviour is Behaviour.AWAY else ()
    silent = behaviour is Behaviour.SILENT
    return (
        person(1, "Coordinator", Role.COORDINATOR, _HABITS[behaviour], away),
        person(2, "Coordinator", Role.COORDINATOR, SILENT if silent else STEADY),
        person(3, "Investigator", Role.INVESTIGATOR, SILENT if silent else LATE),
    )


def _leaves(begins: int, draw: random.Random) -> tuple[Leave, ...]:
    return tuple(
        Leave(first + draw.randrange(AWAY_EVERY - AWAY_FOR[1]), draw.randint(*AWAY_FOR))
        for first in range(begins + AWAY_EVERY, -AWAY_EVERY, AWAY_EVERY)
    )


@lru_cache(maxsize=256)
def zone_name(country: str) -> str:
    """A time zone in which people of this country live, by the pinned list of zones.

    Raises:
        ProblemError: the list has none.
    """
    known = _ZONES.get(country)
    if known is not None:
        return known
    rows = files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8").splitlines()
    found = (row.split("\t") for row in rows if not row.startswith("#"))
    name = next((columns[2] for columns in found if columns[0] == country), None)
    if name is None:
        raise ProblemError(Problem("country", f"no time zone of {country} is known", "give another country"))
    return name


# --- patients ---------------------------------------------------------------------------------------------------------


def _enters(place: Place, wishes: Wishes, draw: random.Random, *, last: date) -> int:
    """A day on which somebody works at the site: nobody is registered on a Sunday."""
    drawn = -wishes.days + 1 + draw.randrange(max(1, round(wishes.days * ENTERED_OVER)))
    working = calendar_of(place.country, place.region).on_or_after(last + timedelta(days=drawn))
    return drawn if working > last else (working - last).days


def _patient(
    study: Study, place: Place, nth: int, enters: int, wishes: Wishes, draw: random.Random
) -> tuple[Patient, list[Happening]]:
    """Somebody who is entered on the day of their registration, and perhaps one thing that befalls them later."""
    required = {event.name: enters for event in study.events.values() if event.required}
    # Nobody is asked for these: whoever may know them enters them with the patient.
    facts = {fact.name: draw.choice(sorted(fact.values)) for fact in study.facts.values() if fact.restricted}
    patient = Patient(place.number, f"{place.number}-{nth:03}", enters, required, facts=facts)
    daily = wishes.happens / YEAR_DAYS
    day = enters + HAPPENS_AFTER + round(min(draw.expovariate(daily), wishes.days) if daily else wishes.days)
    befalls = unawaited(study)
    if not befalls or day >= 0:
        return patient, []
    event = study.events[draw.choice(befalls)]
    if event.leaving is None:
        return patient, [Happening(day, patient.code, event.name)]
    # The site says that they are not followed any more, and the office confirms what it was.
    return replace(patient, departs=day, leaving=_as_told(event.leaving), confirmed_as=event.leaving), []


def unawaited(study: Study) -> tuple[str, ...]:
    """Events whose date nobody is asked for and no visit records: deaths, withdrawals, recurrences.

    A way of leaving that only comes behind another event is left out: a site says it at any time.
    """
    recorded = {visit.records for visit in study.visits.values()}
    return tuple(
        event.name
        for event in study.events.values()
        if not event.required
        and event.asked_at is None
        and event.estimate is None
        and event.name not in recorded
        and (event.leaving is None or event.not_before is None or study.events[event.not_before].required)
    )


def _as_told(leaving: LeavingKind) -> LeavingKind:
    """What a site says at first of somebody who turns out to have left like this."""
    withdrawn = {LeavingKind.WITHDRAWN_FROM_VISITS, LeavingKind.WITHDRAWN_FROM_EVERYTHING}
    return LeavingKind.WITHDRAWN if leaving in withdrawn else leaving


def _reasons(study: Study, wishes: Wishes) -> dict[str, float]:
    """How often a visit ends with each of its reasons: all of one visit's together as often as things happen in a year."""
    return {
        reason.id: min(1.0, wishes.happens) / len(visit.reasons)
        for visit in study.visits.values()
        for reason in visit.reasons
    }
