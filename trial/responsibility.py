"""Who is told about a task: the one responsible person at first, then colleagues, step by step up to the trial office.

Pure. A team is one site's people on a day, each with what decides whether they can be told anything. The order in which
they are asked never depends on the order in which they are given.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from trial.moments import Instant
from trial.people import Role
from trial.study import Step
from trial.tasks import SiteFunction


class WhyTold(StrEnum):
    """Why somebody was told about a task."""

    RESPONSIBLE = "responsible"
    COVERS = "covers"  # for somebody who is away and named them
    TAKES_OVER = "takes_over"  # the responsible person cannot be told, or is away without anybody to cover
    COLLEAGUE = "colleague"
    BACKUP = "backup"
    INVESTIGATOR = "investigator"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Absence:
    """Away from `first` to `last`, local dates at the site, both inclusive. `cover`: who stands in meanwhile."""

    first: date
    last: date
    cover: UUID | None = None

    def holds_on(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody with a membership at the site that has not ended. `can_be_told`: enrolled, not blocked, not revoked.

    `enrolled_at` tells who of two was there first where both joined on one day.
    """

    person_id: UUID
    role: Role
    functions: frozenset[SiteFunction]
    since: date
    can_be_told: bool
    absences: tuple[Absence, ...] = ()
    enrolled_at: Instant | None = None

    def away_on(self, day: date) -> Absence | None:
        """The absence that holds on this day; of several, one with a cover, then the one that lasts longest."""
        return max(
            (absence for absence in self.absences if absence.holds_on(day)),
            key=lambda absence: (absence.cover is not None, absence.last, str(absence.cover)),
            default=None,
        )

    def is_here(self, day: date) -> bool:
        """Whether this person can be told something on this day."""
        return self.can_be_told and self.away_on(day) is None


@dataclass(frozen=True, slots=True)
class Told:
    """One person to tell. `instead_of` names whom they stand in for, where they cover or take over."""

    person_id: UUID
    why: WhyTold
    instead_of: UUID | None = None


def responsible(
    function: SiteFunction, team: Iterable[Colleague], *, assigned: UUID | None, today: date
) -> UUID | None:
    """The one responsible person: who is assigned, else the longest there of those who have the function, else of the
    coordinators who coordinate, else of all coordinators. None: there is nobody.

    Somebody who is away or cannot be told stays responsible; `whom` says who hears of it meanwhile.
    """
    return next((colleague.person_id for colleague in _order(function, team, assigned, today)), None)


def whom(
    step: Step,
    function: SiteFunction,
    team: Iterable[Colleague],
    managers: Sequence[UUID],
    *,
    assigned: UUID | None,
    today: date,
    told_before: frozenset[UUID],
) -> tuple[Told, ...]:
    """Who is told at this step, each person once. Empty: there is nobody for it, and the next step comes at once.

    `told_before` are those who were told about the task at an earlier step, `managers` those of the trial office who can
    be told. Nobody of the site is named who is away or cannot be told.
    """
    there = tuple(colleague for colleague in team if colleague.since <= today)
    here = frozenset(colleague.person_id for colleague in there if colleague.is_here(today))
    match step:
        case Step.HEADS_UP | Step.WINDOW_OPEN | Step.DUE | Step.LATE:
            found = _next(_order(function, there, assigned, today), here, today, otherwise=WhyTold.TAKES_OVER)
        case Step.COVER:
            free = here - told_before
            found = _next(_order(function, there, assigned, today), free, today, otherwise=WhyTold.COLLEAGUE)
        case Step.BACKUP:
            members = (colleague for colleague in there if _coordinates(colleague))
            found = _all(members, WhyTold.BACKUP, today, here=here - told_before, covers=here - told_before)
        case Step.INVESTIGATOR:
            members = (colleague for colleague in there if colleague.role is Role.INVESTIGATOR)
            # An investigator hears of it although they were told before, as the one who answers for the site.
            found = _all(members, WhyTold.INVESTIGATOR, today, here=here, covers=here - told_before)
        case Step.MANAGER:
            found = (Told(person_id, WhyTold.MANAGER) for person_id in sorted(set(managers)))
        case _:
            assert_never(step)
    return tuple(found)


def call_first(team: Iterable[Colleague], *, today: date) -> Told | None:
    """Whom somebody telephones when a site does not answer: who is responsible for its coordination, who stands in for
    them, the next coordinator, an investigator. None: nobody is there today.

    A telephone reaches also whom messages do not.
    """
    there = tuple(colleague for colleague in team if colleague.since <= today)
    present = frozenset(colleague.person_id for colleague in there if colleague.away_on(today) is None)
    investigators = sorted((one for one in there if one.role is Role.INVESTIGATOR), key=_longest_there)
    order = (*_order(SiteFunction.COORDINATION, there, None, today), *investigators)
    return next(_next(order, present, today, otherwise=WhyTold.TAKES_OVER), None)


def _order(
    function: SiteFunction, team: Iterable[Colleague], assigned: UUID | None, today: date
) -> tuple[Colleague, ...]:
    """Everybody who could be responsible, the first of them first; each person once."""
    there = sorted((colleague for colleague in team if colleague.since <= today), key=_longest_there)
    ranked = (
        *(colleague for colleague in there if colleague.person_id == assigned),
        *(colleague for colleague in there if function in colleague.functions),
        *(colleague for colleague in there if _coordinates(colleague)),
        *(colleague for colleague in there if colleague.role is Role.COORDINATOR),
    )
    found: dict[UUID, Colleague] = {}
    for colleague in ranked:
        found.setdefault(colleague.person_id, colleague)
    return tuple(found.values())


def _longest_there(colleague: Colleague) -> tuple[date, float, UUID, Role]:
    joined = math.inf if colleague.enrolled_at is None else colleague.enrolled_at.timestamp()
    return colleague.since, joined, colleague.person_id, colleague.role


def _coordinates(colleague: Colleague) -> bool:
    return colleague.role is Role.COORDINATOR and SiteFunction.COORDINATION in colleague.functions


def _cover(colleague: Colleague, today: date) -> UUID | None:
    absence = colleague.away_on(today)
    return None if absence is None else absence.cover


def _next(order: Sequence[Colleague], free: frozenset[UUID], today: date, *, otherwise: WhyTold) -> Iterator[Told]:
    """The responsible person, else their cover, else the next in order; the first of them who is among the `free`.

    At a later step the responsible person may be back only now, or have left only now and named a cover.
    """
    if not order:
        return
    first = order[0].person_id
    cover = _cover(order[0], today)
    if first in free:
        yield Told(first, WhyTold.RESPONSIBLE)
    elif cover is not None and cover in free:
        yield Told(cover, WhyTold.COVERS, first)
    else:
        other = next((colleague.person_id for colleague in order[1:] if colleague.person_id in free), None)
        if other is not None:
            yield Told(other, otherwise, first if otherwise is WhyTold.TAKES_OVER else None)


def _all(
    members: Iterable[Colleague], why: WhyTold, today: date, *, here: frozenset[UUID], covers: frozenset[UUID]
) -> Iterator[Told]:
    """Every member who is here, and the covers of those who are away, in the order of their ids."""
    everybody = sorted(set(members), key=lambda colleague: (colleague.person_id, colleague.since, colleague.role))
    found = {
        colleague.person_id: Told(colleague.person_id, why) for colleague in everybody if colleague.person_id in here
    }
    for colleague in everybody:
        cover = _cover(colleague, today)
        if cover is not None and cover in covers:
            found.setdefault(cover, Told(cover, WhyTold.COVERS, colleague.person_id))
    yield from found.values()
