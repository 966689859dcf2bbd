"""What must hold whatever happens, and what the simulation knows of its world to judge by.

Each rule has a name. What breaks one is raised as `Broken` with seed, day and site, and how to run it again.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from records.database import Records
from scheduler.clock import FixedClock
from tests.simulation.holding import HoldKnown
from tests.simulation.places import Place, Somebody
from trial.tasks import SiteFunction

Row = sa.Row[*tuple[Any, ...]]


class Rule(StrEnum):
    """What must hold."""

    IN_HOURS = "nobody is written to at night, on days off or while away"
    UNDER_CAP = "nobody gets more single notices in a day than their cap"
    THREE_RINGS = "nobody is rung singly more than three times without something new"
    RIGHT_PERSON = "the one responsible person is told first, or who stands in"
    IN_ORDER = "investigator and manager hear only after the earlier steps"
    LEFT_SILENT = "about a patient who left nothing is told"
    ON_HOLD = "nothing rings that is on hold"
    NOT_BEFORE = "a site is silent before its date"
    STEPS_ACCOUNTED = "every step whose moment has come left something"
    LADDERS_END = "every ladder ends"
    AUDITOR_AGREES = "the auditor finds what is missing, and nothing else"
    ANSWERS_KEPT = "every answer that was given is recorded"
    NOTHING_STUCK = "every reminder and notice ends somewhere"
    LOG_HOLDS = "the log is whole"
    MOVES_ON = "time does not stand still"


class Broken(AssertionError):
    """A rule does not hold."""

    def __init__(self, rule: Rule, what: str, *, again: str, at: datetime, site: str) -> None:
        self.rule = rule
        super().__init__(f"{rule.value}: {what}; site {site}, {at:%Y-%m-%d %H:%M} UTC. Again: {again}")


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as somebody gave it."""

    answer_id: UUID
    task_id: UUID
    person_id: UUID | None
    kind: str
    day: str | None


@dataclass
class PatientKnown:
    """A patient as the simulation knows them. `silent`: nothing may be told. `visits_over`: after this day there are no
    visits any more; the tasks of `still_asked` were due until then, and may be asked for and booked anew.
    """

    code: str
    patient_id: UUID
    place: Place
    silent: bool = False
    visits_over: date | None = None
    still_asked: frozenset[UUID] = frozenset()
    confirmed: frozenset[UUID] = frozenset()  # answers that said so and closed nothing but visits to come
    assigned: dict[SiteFunction, UUID] = field(default_factory=dict)


@dataclass
class Known:
    """The world as its people, its phones and its office know it."""

    records: Records
    clock: FixedClock
    again: str  # how to run this once more
    people: dict[UUID, Somebody] = field(default_factory=dict)
    places: dict[UUID, Place] = field(default_factory=dict)
    patients: dict[UUID, PatientKnown] = field(default_factory=dict)
    given: list[Given] = field(default_factory=list)
    news: dict[UUID, datetime] = field(default_factory=dict)  # when something was said last, by visit
    released_at: datetime | None = None
    holds: list[HoldKnown] = field(default_factory=list)
    keeps_going: bool = False
    broken: list[Broken] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _promises: dict[UUID, date] = field(default_factory=dict)

    def breaks(self, rule: Rule, what: str, *, site: str) -> None:
        """A rule does not hold: raised at once, or kept where all of them are wanted (`keeps_going`)."""
        broken = Broken(rule, what, again=self.again, at=self.clock.now(), site=site)
        if not self.keeps_going:
            raise broken
        self.broken.append(broken)

    def on_hold(self, place: Place, patient_id: UUID, kind: str) -> bool:
        """Whether the office lets such a task be at this moment."""
        today = place.today(self.clock.now())
        return any(hold.covers(place, patient_id, kind, today) for hold in self.holds)

    def heard(self, visit_id: UUID, given: Given | None) -> None:
        """Somebody said something about this visit."""
        self.news[visit_id] = self.clock.now()
        if given is not None:
            self.given.append(given)

    def promise(self, task_id: UUID, until: date) -> None:
        """Somebody has said: later, or booked a day. It rings on the working day after at the latest."""
        self._promises[task_id] = until

    def promise_kept(self, task_id: UUID, until: date) -> None:
        """It rings after this day, or after the later one that was promised before."""
        self._promises[task_id] = max(until, self._promises.get(task_id, until))

    def promised(self, task_id: UUID) -> date | None:
        """Until when somebody has kept this task quiet."""
        return self._promises.get(task_id)
