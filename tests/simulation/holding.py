"""Holds in the simulation: the office places and lifts them, and a judge of its own says what they cover.

Drawn from a chance of their own: a study without holds goes on as it always did.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from office.holds import Lifted, Target, lift_hold, place_hold
from records import sites, studies
from records.transaction import Tx
from tests.simulation.places import DAY, Place
from trial.tasks import TaskKind

if TYPE_CHECKING:
    from tests.simulation.world import World

LONGEST: Final = 90


@dataclass
class HoldKnown:
    """What the office has put on hold; `place` None: everywhere. `over` is the day on which it was lifted, there."""

    until: date
    place: Place | None = None
    patient_id: UUID | None = None
    kind: str | None = None
    lifted: bool = False
    over: dict[str, date] = field(default_factory=dict)

    def covers(self, place: Place, patient_id: UUID, kind: str, today: date) -> bool:
        """Whether nothing may ring about such a task today."""
        return not self.lifted and today <= self.until and self._is_about(place, patient_id, kind)

    def ended_within(self, place: Place, patient_id: UUID, kind: str, today: date, *, working_days: int) -> bool:
        """Whether it covers such a task today, or did until so few working days ago."""
        if not self._is_about(place, patient_id, kind):
            return False
        last = self.over.get(place.number, self.until) if self.lifted else self.until
        return today <= place.working_day(last + DAY, working_days)

    def _is_about(self, place: Place, patient_id: UUID, kind: str) -> bool:
        return (
            (self.place is None or self.place is place)
            and self.patient_id in {None, patient_id}
            and self.kind in {None, kind}
        )


class Holding:
    """The office's hands where holds are concerned."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._chance = random.Random(world.seed + 1)  # noqa: S311 - a game, and the same one for each seed

    def begins(self, a_year: float) -> None:
        """So many holds a year, at any moment."""
        world = self._world
        for _ in range(round(a_year * world.scale.years)):
            world.at(world.now + (world.ends_at - world.now) * self._chance.random(), self._holds)

    def _holds(self) -> None:
        world = self._world
        known = self._drawn(date_of=world.now.date())
        by = world.managers[0].person_id

        def place(tx: Tx) -> object:
            (study,) = studies.studies(tx)
            site = None if known.place is None else sites.site_by_id(tx, known.place.site_id)
            kind = None if known.kind is None else TaskKind(known.kind)
            target = Target(study, site, known.patient_id, kind)
            return place_hold(
                tx, world.running.studies, target, known.until, "The office said so", by=by, **world.running.times
            )

        hold_id = world.running.within(place)
        assert isinstance(hold_id, UUID), hold_id
        world.judge.holds.append(known)
        world.judge.counted["holds"] += 1
        if self._chance.random() < 0.3:
            earlier = timedelta(days=self._chance.random() * (known.until - world.now.date()).days)
            world.later(earlier, lambda: self._lifts(hold_id, known))

    def _drawn(self, *, date_of: date) -> HoldKnown:
        until = date_of + DAY * self._chance.randint(2, LONGEST)
        drawn = self._chance.random()
        patients = sorted(self._world.judge.patients.values(), key=lambda one: one.code)
        if drawn < 0.1:
            return HoldKnown(until)
        if drawn < 0.3:
            return HoldKnown(until, kind=self._chance.choice([one.value for one in TaskKind]))
        if drawn < 0.6 and patients:
            patient = self._chance.choice(patients)
            return HoldKnown(until, patient.place, patient.patient_id)
        return HoldKnown(until, self._chance.choice(patients).place if patients else self._world.places[0])

    def _lifts(self, hold_id: UUID, known: HoldKnown) -> None:
        world = self._world
        by = world.managers[1].person_id
        lifted = world.running.within(
            lambda tx: lift_hold(tx, world.running.studies, hold_id, "Not needed", by=by, **world.running.times)
        )
        if isinstance(lifted, Lifted):
            known.lifted = True
            known.over = {place.number: place.today(world.now) for place in world.places}
            world.judge.counted["holds lifted"] += 1
