"""Who should be told at a step, worked out a second time from what the simulation knows of people."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from tests.simulation.places import Place, Somebody
from trial.people import Role
from trial.tasks import SiteFunction


def told_at(
    step: str, function: SiteFunction, place: Place, *, assigned: UUID | None, today: date, told_before: frozenset[UUID]
) -> frozenset[UUID]:
    """Everybody at the site who is to be told at this step; empty: there is nobody. `later` goes where `due` goes."""
    order = _responsible(place, function, assigned, today)
    there = [one for one in place.people if one.belongs_on(today)]
    here = {one.person_id for one in there if one.is_here(today)}
    match step:
        case "cover":
            return _first(order, here - told_before, today)
        case "backup":
            return _all((one for one in there if _coordinates(one)), here - told_before, here - told_before, today)
        case "investigator":
            # They answer for the site, so they hear of it although they were told before.
            members = (one for one in there if one.role is Role.INVESTIGATOR)
            return _all(members, here, here - told_before, today)
        case _:
            return _first(order, here, today)


def anybody_here(place: Place, today: date) -> bool:
    """Whether anybody of the site can be told anything."""
    return any(one.is_here(today) for one in place.people)


def _responsible(place: Place, function: SiteFunction, assigned: UUID | None, today: date) -> list[Somebody]:
    """Who answers for a function at a site, the first of them first: assigned, holders, coordinating, coordinators."""
    there = sorted((one for one in place.people if one.belongs_on(today)), key=_longest_there)
    ranked = [
        *(one for one in there if one.person_id == assigned),
        *(one for one in there if function in one.functions),
        *(one for one in there if _coordinates(one)),
        *(one for one in there if one.role is Role.COORDINATOR),
    ]
    return list({one.person_id: one for one in ranked}.values())


def _longest_there(somebody: Somebody) -> tuple[date, datetime, UUID]:
    return somebody.since, somebody.joined_at, somebody.person_id


def _coordinates(somebody: Somebody) -> bool:
    return somebody.role is Role.COORDINATOR and SiteFunction.COORDINATION in somebody.functions


def _cover(somebody: Somebody, today: date) -> UUID | None:
    away = somebody.away_on(today)
    return None if away is None else away.cover


def _first(order: list[Somebody], free: set[UUID], today: date) -> frozenset[UUID]:
    """The responsible person, else who stands in for them, else the next one who is free."""
    if not order:
        return frozenset()
    asked = [order[0].person_id, _cover(order[0], today), *(one.person_id for one in order[1:])]
    return frozenset(next(([one] for one in asked if one is not None and one in free), []))


def _all(members: Iterable[Somebody], free: set[UUID], covers: set[UUID], today: date) -> frozenset[UUID]:
    """Each of them who is free, and who stands in for those who are away."""
    everybody = list(members)
    found = {one.person_id for one in everybody if one.person_id in free}
    return frozenset(found | {cover for one in everybody if (cover := _cover(one, today)) in covers})
