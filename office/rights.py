"""Who may do what where: the one rule of `trial.access`, asked with the site's own date."""

from uuid import UUID

from records import people
from records.plans import VisitPlace
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import zone_of
from trial.access import Action, Actor, may
from trial.moments import Instant, local_day


def allowed(actor: Actor, action: Action, place: VisitPlace, *, now: Instant) -> bool:
    """Whether somebody may do this with the visit at this place."""
    today = local_day(now, zone_of(place.zone))
    return may(actor, action, study_id=place.study_id, site_id=place.site_id, today=today)


def allowed_at(tx: Tx, person_id: UUID | None, action: Action, site: SiteRow, *, now: Instant) -> bool:
    """Whether this person may do this at a site. None is whoever sits at the machine's own command line: they may."""
    if person_id is None:
        return True
    actor = people.actor(tx, person_id)
    today = local_day(now, zone_of(site.zone))
    return actor is not None and may(actor, action, study_id=site.study_id, site_id=site.id, today=today)


def allowed_in_study(tx: Tx, person_id: UUID | None, action: Action, study_id: UUID, *, now: Instant) -> bool:
    """Whether this person may do this in the whole study: somebody of the trial office, whose day is that of Greenwich."""
    if person_id is None:
        return True
    actor = people.actor(tx, person_id)
    return actor is not None and may(actor, action, study_id=study_id, site_id=None, today=now.date())
