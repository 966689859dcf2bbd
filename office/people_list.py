"""Who was ever invited to a study, for people to read: whether messages reach them, for what they answer, who is away."""

from dataclasses import dataclass
from datetime import date

from office.named import study_named
from records import absences, people, sites
from records.database import Records
from records.people import PersonRow
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import zone_of
from trial.moments import Instant, local_day
from trial.people import Role
from trial.tasks import SiteFunction


@dataclass(frozen=True, slots=True)
class Listed:
    """One membership, for people to read. `standing` is a closed word."""

    name: str
    role: Role
    site_number: str | None
    language: str
    standing: str  # `invited`, `enrolled`, `unreachable`, `revoked`
    functions: tuple[SiteFunction, ...]
    away_until: date | None  # they are away today, until this day


def everybody(records: Records, *, study_code: str | None, now: Instant) -> tuple[Listed, ...]:
    """Everybody who was ever invited to a study.

    Raises:
        ProblemError: there is no such study.
    """
    with records.read() as tx:
        study = study_named(tx, study_code)
        places = {site.id: site for site in sites.sites(tx, study.id)}
        return tuple(
            Listed(
                name=person.name,
                role=held.role,
                site_number=None if held.site_id is None else places[held.site_id].number,
                language=person.language,
                standing=_standing(person),
                functions=tuple(sorted(held.functions)),
                away_until=None if held.site_id is None else _away_until(tx, person, places[held.site_id], now=now),
            )
            for person in people.people_at(tx, study.id, None, all_sites=True)
            for held in people.memberships_of(tx, person.id)
            if held.study_id == study.id
        )


def _away_until(tx: Tx, person: PersonRow, site: SiteRow, *, now: Instant) -> date | None:
    today = local_day(now, zone_of(site.zone))
    absent = absences.absences_of(tx, (person.id,), today=today).get(person.id, ())
    return max((one.last_away for one in absent if one.covers(today)), default=None)


def _standing(person: PersonRow) -> str:
    if person.revoked_at is not None:
        return "revoked"
    if person.chat_id is None:
        return "invited"
    return "enrolled" if person.reachable else "unreachable"
