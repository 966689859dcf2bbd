"""What a rehearsal is told to play: sites, people with habits, patients, and what befalls them.

Days are counted from the last day of the rehearsal, 0, backwards: -365 is a year earlier.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from trial.answers import LeavingKind
from trial.people import Role
from trial.tasks import SiteFunction

MONDAY: Final = 0


@dataclass(frozen=True, slots=True)
class Habit:
    """How somebody treats what they are told.

    `answers` is the chance that they act on a message at all, `soonest` and `latest` how long that takes; the others are
    chances for each thing that they do: `books` a visit ahead of it, `writes` in plain words instead of pressing,
    `errs` in a date and takes it back.
    """

    answers: float
    soonest: timedelta
    latest: timedelta
    books: float = 0.4
    writes: float = 0.35
    errs: float = 0.02


PROMPT = Habit(0.97, timedelta(minutes=12), timedelta(hours=7), books=0.9)
STEADY = Habit(0.92, timedelta(hours=2), timedelta(days=4), books=0.7)
LATE = Habit(0.7, timedelta(days=3), timedelta(days=26), books=0.2)
SLOW = Habit(0.9, timedelta(days=1), timedelta(days=8), books=0.2)
SILENT = Habit(0.0, timedelta(days=1), timedelta(days=2))


@dataclass(frozen=True, slots=True)
class Place:
    """A site. It rings from day `rings_from` on.

    `stuck`: the share of its uploads and forms that nobody can answer in time, `never`: of these, those that stay so.
    `known`: the share of what was done before Sitebell that is taken down.
    """

    number: str
    name: str
    country: str
    region: str | None
    zone: str
    rings_from: int
    stuck: float = 0.22
    never: float = 0.35
    known: float = 0.93


@dataclass(frozen=True, slots=True)
class Leave:
    """Away from a day for so many days; `cover` is a colleague's chat."""

    first: int
    days: int
    cover: int | None = None


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody with a phone. `place` None: the trial office, which works in `zone` and `country`.

    `joins` None: the invitation still waits on day 0. `silent_from`: nothing comes from them any more; `blocks_on`: they
    block the bot. `weekly`: the weekday (Monday is 0) of a digest of what is not urgent; None: each thing comes by itself.
    """

    chat: int
    name: str
    language: str
    zone: str
    place: str | None
    role: Role
    habit: Habit = STEADY
    functions: frozenset[SiteFunction] = frozenset()
    joins: int | None = -365
    silent_from: int | None = None
    blocks_on: int | None = None
    leaves: tuple[Leave, ...] = ()
    weekly: int | None = MONDAY
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient who is entered on day `enters`. `events` and `held` are days before the rehearsal's end, too.

    `assigned`: who answers for a function of this patient alone, by chat. `departs`: from this day on the site says that
    the patient is no longer followed; `confirmed_as` is what that turns out to be.
    """

    place: str
    code: str
    enters: int
    events: Mapping[str, int]
    held: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    assigned: Mapping[SiteFunction, int] = field(default_factory=dict)
    departs: int | None = None
    leaving: LeavingKind = LeavingKind.LOST
    confirmed_as: LeavingKind | None = LeavingKind.LOST


@dataclass(frozen=True, slots=True)
class Replies:
    """What people type in one language, with the `day` on which it was: one examination held, one upload, all uploads."""

    held: str
    uploaded: str
    all_uploaded: str


@dataclass(frozen=True, slots=True)
class Correction:
    """On `day` the trial office finds that an event of a patient's was so many days sooner than it has it."""

    day: int
    code: str
    event: str
    sooner: int
    reason: str


@dataclass(frozen=True, slots=True)
class Happening:
    """On `day` the trial office enters that this event, which nobody waited for, happened to a patient."""

    day: int
    code: str
    event: str


@dataclass(frozen=True, slots=True)
class Telephone:
    """What the trial office takes down: who of a site tells, and why something will never come."""

    told_by: str
    never: str


@dataclass(frozen=True, slots=True)
class Script:
    """The whole play. `outages`: day and hours without a service; `lost`: day and chat of a message that never got an
    answer from the network; `begins`: the first day.
    """

    study: Path
    places: tuple[Place, ...]
    players: tuple[Player, ...]
    patients: tuple[Patient, ...]
    begins: int
    outages: tuple[tuple[int, int], ...] = ()
    lost: tuple[tuple[int, int], ...] = ()
    refused: tuple[tuple[int, int], ...] = ()
    """Day and chat of a message that the network did not take."""
    queries: tuple[tuple[int, str], ...] = ()
    """Day and site of whose newest upload the central reader asks again."""
    reasons: Mapping[str, float] = field(default_factory=dict)
    """How often a visit ends with one of the study's coded reasons instead of taking place, by the reason's id."""
    replies: Mapping[str, Replies] = field(default_factory=dict)
    """What people type, by language."""
    telephone: Telephone | None = None
    """None: the trial office calls nobody."""
    corrections: tuple[Correction, ...] = ()
    happenings: tuple[Happening, ...] = ()
    query: str | None = None
    """What the trial office asks of an upload that it does not find."""

    def place(self, number: str) -> Place:
        return next(place for place in self.places if place.number == number)
