"""Pairs of a person and callback data, many of them forged, and an opinion of its own on each: may this person press that?

The rule that is tried is asked about each pair; the opinion (`Crowd.rightly`) shares no code with it.
"""

import random
import string
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, get_args, get_type_hints
from uuid import UUID
from zoneinfo import ZoneInfo

from bot import presses
from bot.buttons import LIMIT_BYTES, UnknownPress, encode
from bot.presses import Press
from bot.rights import Subject, at_site, owned_by
from records.plans import VisitPlace
from trial.access import Actor, Membership
from trial.answers import AnswerKind, HelpKind, LeavingKind
from trial.moments import instant, local_day
from trial.people import Role
from trial.tasks import SiteFunction

NOW: Final = instant(datetime(2027, 4, 11, 23, 30, tzinfo=UTC))
"""Already the 12th in Europe and in Japan, and still the 11th in America: an end of access differs by site."""

ZONES: Final = ("Europe/Brussels", "Asia/Tokyo", "America/Chicago")
ALL_PRESSES: Final[tuple[type, ...]] = get_args(Press)

Rule = Callable[[Actor, Press, Subject], bool]
Reader = Callable[[str], Press]


@dataclass(frozen=True, slots=True)
class Place:
    """A site, or a trial office (`site` None, with the server's own day)."""

    study: UUID
    site: UUID | None
    zone: str

    @property
    def day(self) -> date:
        return NOW.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True, slots=True)
class Pair:
    actor: Actor
    data: str


@dataclass
class Found:
    """What came of many pairs. `wrong`: accepted and should not have been; `refused`: the other way round."""

    pairs: int = 0
    accepted: Counter[str] = field(default_factory=Counter)
    denied: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0
    wrong: list[tuple[Actor, str]] = field(default_factory=list)
    refused: list[tuple[Actor, str]] = field(default_factory=list)


class Crowd:
    """Two studies with five sites, people of every kind in them, and something of each kind that a button can name."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        studies = [self._id() for _ in range(2)]
        self.sites = [
            Place(study, self._id(), zone)
            for study, zones in zip(studies, (ZONES, ZONES[:2]), strict=True)
            for zone in zones
        ]
        self.offices = [Place(study, None, "UTC") for study in studies]
        self.actors = [*self._people()]
        # What there is, by the name of the field that names it on a button.
        self.at: dict[str, dict[UUID, Place]] = {
            "visit": self._things(self.sites),
            "task": self._things(self.sites),
            "answer": self._things(self.sites),
            "patient": self._things(self.sites),
            "item": self._things([*self.sites, *self.offices]),
        }
        self.of: dict[str, dict[UUID, UUID]] = {
            "digest": {self._id(): actor.person_id for actor in self.actors},
            "invite": {self._id(): actor.person_id for actor in self.actors},
            "number": {self._id(): actor.person_id for actor in self.actors},
        }
        self.people = {actor.person_id: actor for actor in self.actors}
        every: list[Mapping[UUID, object]] = [*self.at.values(), *self.of.values(), self.people]
        self.ids = [one for things in every for one in things]

    # --- who and what -------------------------------------------------------------------------------------------------

    def _id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def _things(self, places: Sequence[Place]) -> dict[UUID, Place]:
        return {self._id(): place for place in places for _ in range(4)}

    def _people(self) -> Iterator[Actor]:
        """Every role in every place, with access that holds, has ended, ends or begins about now; some revoked."""
        today, long_ago = NOW.date(), date(2026, 1, 1)
        one = timedelta(days=1)
        times = (
            (long_ago, None),
            (long_ago, today),
            (long_ago, today - one),
            (today + one, None),
            (today + 2 * one, None),
        )
        held = [
            Membership(place.study, place.site, role, frozenset({SiteFunction.COORDINATION}), since, until)
            for place in (*self.sites, *self.offices)
            for role in (_STUDY_WIDE if place.site is None else _AT_A_SITE)
            for since, until in times
        ]
        for membership in held:
            for revoked in (False, True):
                yield Actor(self._id(), (membership,), revoked)
        for _ in range(60):
            yield Actor(self._id(), tuple(self.random.sample(held, k=2)), revoked=False)
        for revoked in (False, True):
            yield Actor(self._id(), (), revoked)

    # --- the opinion --------------------------------------------------------------------------------------------------

    def rightly(self, actor: Actor, press: Press) -> bool:
        """Whether this person may press this, thought out once more: the delegation log, read by hand."""
        if actor.revoked:
            return False
        name = type(press).__name__
        if name in _OF_ONESELF:
            return self._owner(actor, press) == actor.person_id
        place = self._place(press)
        return place is not None and any(_holds(one, place, _NEEDS[name]) for one in actor.memberships)

    def _owner(self, actor: Actor, press: Press) -> UUID | None:
        for what, owners in self.of.items():
            if hasattr(press, what):
                return owners.get(getattr(press, what))
        person = getattr(press, "person", actor.person_id)
        return person if isinstance(person, UUID) else None

    def _place(self, press: Press) -> Place | None:
        for what, places in self.at.items():
            if hasattr(press, what):
                return places.get(getattr(press, what))
        newcomer = self.people.get(getattr(press, "person", UUID(int=0)))
        if newcomer is None or not newcomer.memberships:
            return None
        held = newcomer.memberships[0]
        return Place(held.study_id, held.site_id, "UTC")

    # --- what the records would say it is about -----------------------------------------------------------------------

    def about(self, actor: Actor, press: Press) -> Subject | None:
        """What a press is about, as the handlers look it up; None: there is no such thing."""
        if type(press).__name__ in _OF_ONESELF:
            owner = self._owner(actor, press)
            return None if owner is None else owned_by(owner, now=NOW)
        place = self._place(press)
        if place is None:
            return None
        if place.site is not None and place.zone != "UTC":
            found = UUID(int=0)
            return at_site(VisitPlace(found, found, place.study, place.site, place.zone, None), now=NOW)
        return Subject(local_day(NOW, ZoneInfo(place.zone)), study_id=place.study, site_id=place.site)

    # --- pairs --------------------------------------------------------------------------------------------------------

    def pairs(self, number: int) -> Iterator[Pair]:
        for _ in range(number):
            actor = self.random.choice(self.actors)
            yield Pair(actor, self._data(actor))

    def _data(self, actor: Actor) -> str:
        match self.random.choices(("button", "mixed up", "forged", "noise"), weights=(45, 15, 30, 10))[0]:
            case "button":
                return encode(self._press(actor))
            case "mixed up":
                return encode(self._press(None))
            case "forged":
                return self._forged(encode(self._press(actor)))
            case _:
                return "".join(self.random.choices(_LETTERS, k=self.random.randrange(80)))

    def _press(self, actor: Actor | None) -> Press:
        """A press of any kind, for this person; None: it names something of another kind, or nothing that there is."""
        kind = self.random.choice(ALL_PRESSES)
        hints = get_type_hints(kind)
        made: Press = kind(**{one.name: self._value(one.name, hints[one.name], actor) for one in fields(kind)})
        return made

    def _value(self, name: str, kind: type, actor: Actor | None) -> Any:
        if kind is not UUID:
            return self.random.choice(_VALUES[kind])
        if actor is None:
            return self.random.choice([*self.ids, self._id()])
        # Half of what somebody presses is from around them: that is where a rule is nearly right.
        near = self._near(name, actor) if self.random.random() < 1 / 2 else []
        return self.random.choice(near or self._named(name))

    def _named(self, name: str) -> list[UUID]:
        return list(self.at.get(name) or self.of.get(name) or self.people)

    def _near(self, name: str, actor: Actor) -> list[UUID]:
        if name in self.at:
            around = {(one.study_id, one.site_id) for one in actor.memberships}
            return [one for one, place in self.at[name].items() if (place.study, place.site) in around]
        return [
            one
            for one, owner in self.of.get(name, {actor.person_id: actor.person_id}).items()
            if owner == actor.person_id
        ]

    def _forged(self, data: str) -> str:
        """A button's data with something changed in it."""
        place = self.random.randrange(len(data))
        other = self.random.choice(_LETTERS)
        words = data.split(".")
        match self.random.randrange(8):
            case 0:
                return data[:place] + other + data[place + 1 :]
            case 1:
                return data[:place] + data[place + 1 :]
            case 2:
                return data[:place] + other + data[place:]
            case 3:
                return data[:place]
            case 4:
                return ".".join([words[0], self.random.choice(_VERBS), *words[2:]])
            case 5:
                return data + self.random.choice((".", "=", " ", "\n", "\x00", ".x"))
            case 6:
                return self.random.choice((" ", "\ufeff", "0", "2.", "1.")) + data
            case _:
                return data.swapcase()


def tried(crowd: Crowd, number: int, *, rule: Rule, read: Reader) -> Found:
    """So many pairs, read and judged."""
    found = Found()
    for pair in crowd.pairs(number):
        found.pairs += 1
        try:
            press = read(pair.data)
        except UnknownPress:
            found.unreadable += 1
            continue
        about = crowd.about(pair.actor, press)
        accepted = about is not None and rule(pair.actor, press, about)
        (found.accepted if accepted else found.denied)[type(press).__name__] += 1
        # A button has one spelling: whatever else was read was written by nobody of ours.
        ours = encode(press) == pair.data and len(pair.data.encode()) <= LIMIT_BYTES
        rightly = ours and crowd.rightly(pair.actor, press)
        if accepted and not rightly:
            found.wrong.append((pair.actor, pair.data))
        elif rightly and not accepted:
            found.refused.append((pair.actor, pair.data))
    return found


def _holds(one: Membership, place: Place, roles: frozenset[Role]) -> bool:
    in_time = one.since <= place.day and not (one.until is not None and one.until < place.day)
    there = one.study_id == place.study and one.site_id in {None, place.site}
    return in_time and there and one.role in roles


_AT_A_SITE: Final = (Role.COORDINATOR, Role.INVESTIGATOR, Role.MONITOR)
_STUDY_WIDE: Final = (Role.MANAGER, Role.MONITOR, Role.AUDITOR, Role.ADMINISTRATOR)
_ANSWERING: Final = frozenset({Role.COORDINATOR, Role.INVESTIGATOR, Role.MANAGER})
_CONFIRMING: Final = frozenset({Role.INVESTIGATOR, Role.MANAGER})
_OFFICE: Final = frozenset({Role.MANAGER})
_NEEDS: Final[Mapping[str, frozenset[Role]]] = {
    **dict.fromkeys((kind.__name__ for kind in get_args(presses.CardPress)), _ANSWERING),
    **dict.fromkeys((kind.__name__ for kind in get_args(presses.LeavingPress)), _CONFIRMING),
    presses.LookedAt.__name__: _OFFICE,
    **dict.fromkeys((kind.__name__ for kind in get_args(presses.NewcomerPress)), _OFFICE | {Role.ADMINISTRATOR}),
}
"""Who may, where they are and while they are there: docs/decisions/0009 and the issue's own words."""

_OF_ONESELF: Final = frozenset(
    kind.__name__
    for kind in (
        presses.GoTo,
        presses.GotIt,
        presses.Nothing,
        *get_args(presses.OwnPress),
        *get_args(presses.BrowserPress),
        *get_args(presses.JoinPress),
    )
)
# A press that is new has to be thought about here, too.
assert {*_NEEDS, *_OF_ONESELF} == {kind.__name__ for kind in ALL_PRESSES}

_LETTERS: Final = string.ascii_letters + string.digits + "._-= \x00é日١"
_VERBS: Final = tuple(
    {
        encode(presses.Nothing()).split(".")[1],
        *"fcmsoyzwvxhaqurdigz",
        "xs",
        "hs",
        "ly",
        "pr",
        "jy",
        "ab",
        "sb",
        "yt",
        "by",
    }
)
_VALUES: Final[Mapping[type, Sequence[Any]]] = {
    date: (date(2027, 4, 11), date(2027, 4, 12), date(1, 1, 1), date(9999, 12, 31)),
    time: (time(0), time(8, 30), time(23, 59)),
    AnswerKind: tuple(AnswerKind),
    LeavingKind: tuple(LeavingKind),
    HelpKind: tuple(HelpKind),
    int: (0, 1, 2, 400),
    bool: (False, True),
    str: ("en", "ja", "yes", "mri_not_possible"),
}
