"""Who answers for what, in terms of a query: the responsible person of many tasks without looking at each of them."""

from collections.abc import Sequence
from uuid import UUID

from records import assignments
from records.board.lateness import Duty
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.there import There, there
from trial.moments import Instant
from trial.responsibility import responsible
from trial.tasks import SiteFunction


def duty_of(tx: Tx, where: Sequence[SiteRow], person_id: UUID, *, now: Instant) -> Duty:
    """What this person is responsible for at these sites: the rule of `trial/responsibility.py`, turned round."""
    places = [
        place for place in there(tx, [site.id for site in where], now=now).values() if _is_at(place, person_id, now)
    ]
    functions = {
        (place.site.id, function)
        for place in places
        for function in SiteFunction
        if responsible(function, place.colleagues, assigned=None, today=place.time.today(now)) == person_id
    }
    assigned: set[tuple[UUID, SiteFunction]] = set()
    others: set[tuple[UUID, SiteFunction]] = set()
    for place in places:
        for one in assignments.assignments_at(tx, place.site.id, today=place.time.today(now)):
            # Whoever has left is assigned no more, whatever the records say: whoever has the function is asked.
            if one.person_id == person_id:
                assigned.add((one.patient_id, one.function))
            elif _is_at(place, one.person_id, now):
                others.add((one.patient_id, one.function))
    return Duty(frozenset(functions), frozenset(assigned), frozenset(others))


def _is_at(place: There, person_id: UUID, now: Instant) -> bool:
    today = place.time.today(now)
    return any(one.person_id == person_id and one.since <= today for one in place.colleagues)
