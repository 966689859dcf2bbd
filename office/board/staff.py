"""Who may be responsible for something: the people of a viewer's sites, for the choices of a list."""

from dataclasses import dataclass, field
from uuid import UUID

from office.board.viewer import Viewer
from records import people
from records.transaction import Tx
from scheduler.there import there
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of a site, whose membership holds today."""

    person_id: UUID
    site_number: str
    name: str = field(repr=False)


def staff(tx: Tx, viewer: Viewer, *, now: Instant) -> tuple[Somebody, ...]:
    """Everybody who works at the sites whose patients this viewer may see, by site and name; each person once."""
    places = there(tx, [site.id for site in viewer.seen], now=now).values()
    found = {
        one.person_id: place.site.number
        for place in places
        for one in place.colleagues
        if one.since <= place.time.today(now)
    }
    names = people.names_of(tx, found)
    everybody = (Somebody(person_id, number, names.get(person_id, "")) for person_id, number in found.items())
    return tuple(sorted(everybody, key=lambda one: (one.site_number, one.name, one.person_id)))
