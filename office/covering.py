"""What goes to whoever stands in for somebody: the same items, counted alike, wherever they are told or counted."""

from datetime import time
from uuid import UUID

from records.transaction import Tx
from scheduler.digesting import homes_of, left_open
from trial.hours import next_permitted
from trial.moments import Instant, at_local, instant
from trial.responsibility import Absence


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
    return frozenset(task.visit_id for task in left_open(tx, home, person_id, now=at))


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
