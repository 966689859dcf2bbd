"""Who is at a site today, by name, and which one person is responsible for each of its tasks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from records import people
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.there import There, assigned_to, there
from trial.moments import Instant
from trial.responsibility import responsible
from trial.tasks import SiteFunction


@dataclass(frozen=True, slots=True)
class Team:
    """A site's people on `today`, its local date, and who is assigned to which patient."""

    place: There
    today: date
    names: Mapping[UUID, str]
    assigned: Mapping[tuple[UUID, SiteFunction], UUID]

    def responsible(self, patient_id: UUID, function: SiteFunction) -> UUID | None:
        """The one responsible person, also while they are away."""
        assigned = self.assigned.get((patient_id, function))
        return responsible(function, self.place.colleagues, assigned=assigned, today=self.today)

    def responsible_name(self, patient_id: UUID, function: SiteFunction) -> str | None:
        person_id = self.responsible(patient_id, function)
        return None if person_id is None else self.names.get(person_id)

    @property
    def present(self) -> tuple[UUID, ...]:
        """Whose membership holds today, each once, in the order in which they joined."""
        there_now = [one for one in self.place.colleagues if one.since <= self.today]
        ranked = sorted(there_now, key=lambda one: (one.since, one.person_id))
        return tuple(dict.fromkeys(one.person_id for one in ranked))

    @property
    def reachable(self) -> tuple[UUID, ...]:
        """Those of them who can be told something."""
        return tuple(person_id for person_id in self.present if self.place.readers[person_id].can_be_told)


def team_of(tx: Tx, site: SiteRow, *, now: Instant, patient_ids: Collection[UUID] = ()) -> Team:
    """The team of one site; who is assigned is known for these patients."""
    place = there(tx, (site.id,), now=now)[site.id]
    today = place.time.today(now)
    return Team(
        place=place,
        today=today,
        names={person.id: person.name for person in people.people_at(tx, site.study_id, site.id)},
        assigned=assigned_to(tx, [(patient_id, today) for patient_id in patient_ids]),
    )
