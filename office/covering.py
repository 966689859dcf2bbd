"""What goes to whoever stands in for somebody: the same items, counted alike, wherever they are told or counted."""

from collections.abc import Iterator
from datetime import time
from uuid import UUID

from records import agenda, claims
from records.transaction import Tx
from scheduler.alarms import before_sitebell
from scheduler.digesting import homes_of
from scheduler.there import There, assigned_to
from trial.calendars import DAY
from trial.digest import WEEK
from trial.hours import next_permitted
from trial.moments import Instant, at_local, instant
from trial.responsibility import Absence, responsible


def handed_over(tx: Tx, person_id: UUID, absence: Absence, *, now: Instant) -> frozenset[UUID]:
    """The visits with something open that this absence gives to its cover; none where nobody stands in.

    As the hand-over digest counts them, in the moment in which its reader may be written to: what is open this week or
    late, at the sites of both, without what is from before Sitebell.
    """
    home = None if absence.cover is None else homes_of(tx, [absence.cover], now=now).get(absence.cover)
    if home is None:
        return frozenset()
    hours = home.reader.hours
    begins = at_local(absence.first, time.min, hours.zone)
    at = next_permitted(instant(max(begins, now)), hours)
    both = (place for place in home.places if person_id in place.readers)
    return frozenset(visit for place in both for visit in _open_for(tx, place, person_id, at=at))


def covered_by(tx: Tx, person_id: UUID, *, now: Instant) -> frozenset[UUID]:
    """The visits that this person has from everybody for whom they stand in today."""
    home = homes_of(tx, [person_id], now=now).get(person_id)
    if home is None:
        return frozenset()
    away = {
        (colleague.person_id, absence)
        for place in home.places
        for colleague in place.colleagues
        if (absence := colleague.away_on(place.time.today(now))) is not None and absence.cover == person_id
    }
    return frozenset(visit for absent, absence in away for visit in handed_over(tx, absent, absence, now=now))


def _open_for(tx: Tx, place: There, person_id: UUID, *, at: Instant) -> Iterator[UUID]:
    """Visits of this site for which this person is responsible, although they are away."""
    today = place.time.today(at)
    if today < place.time.rings_from:
        return
    tasks = [
        *(
            task
            for task in agenda.firm_at(tx, (place.site.id,), begun_by=today + WEEK - DAY)
            if task.rung or not before_sitebell(task.due, place.time)
        ),
        *agenda.tasks_by_ids(tx, [one.task_id for one in claims.claims_asked_again(tx, (place.site.id,))]),
    ]
    assigned = assigned_to(tx, {(task.patient_id, today) for task in tasks})
    for task in tasks:
        to = assigned.get((task.patient_id, task.function))
        if responsible(task.function, place.colleagues, assigned=to, today=today) == person_id:
            yield task.visit_id
