"""Studies, sites and people by the names that they are called by, and the site that somebody belongs to."""

from uuid import UUID

from records import people, sites, studies
from records.people import PersonRow
from records.sites import SiteRow
from records.studies import StudyRow
from records.transaction import Tx
from scheduler.definitions import zone_of
from trial.moments import Instant, local_day
from trial.problems import Problem, ProblemError, nearest


class NobodyThere(ProblemError):
    """Somebody who works at no site."""


def study_named(tx: Tx, code: str | None) -> StudyRow:
    """The study of this code; without one, the only study there is.

    Raises:
        ProblemError: there is none, or which one is not said.
    """
    known = studies.studies(tx)
    if code is None:
        if len(known) == 1:
            return known[0]
        what = "no study was imported yet" if not known else "there are several studies"
        instead = "take one in with sitebell study add" if not known else nearest("", [study.code for study in known])
        raise ProblemError(Problem("study", what, instead))
    found = next((study for study in known if study.code == code), None)
    if found is None:
        raise ProblemError(Problem("study", f"{code!r} is not known", nearest(code, [study.code for study in known])))
    return found


def site_named(tx: Tx, study: StudyRow, number: str) -> SiteRow:
    """The site of this number in this study.

    Raises:
        ProblemError: there is none.
    """
    found = sites.site_by_number(tx, study.id, number)
    if found is None:
        known = [site.number for site in sites.sites(tx, study.id)]
        raise ProblemError(Problem("site", f"{number!r} is not a site of {study.code}", nearest(number, known)))
    return found


def person_named(tx: Tx, study: StudyRow, site: SiteRow | None, name: str) -> PersonRow:
    """The person of this name at a site (None: in the trial office) whose access has not ended.

    Raises:
        ProblemError: there is nobody of this name, or more than one.
    """
    known = people.people_at(tx, study.id, None if site is None else site.id)
    there = [person for person in known if person.revoked_at is None]
    found = [person for person in there if person.name == name]
    if len(found) != 1:
        what = "nobody of this name has access there" if not found else "several people have this name"
        raise ProblemError(Problem("name", what, "give the name as it was invited" if there else _invite_first(site)))
    return found[0]


def _invite_first(site: SiteRow | None) -> str:
    if site is None:
        return "invite a manager first: sitebell invite --role manager --name NAME --zone ZONE --country COUNTRY"
    return f"invite somebody first: sitebell invite --site {site.number} --name NAME"


def colleague_named(tx: Tx, study: StudyRow, site: SiteRow, name: str) -> PersonRow:
    """Somebody of this name at the site or in the trial office.

    Raises:
        ProblemError: as `person_named`.
    """
    try:
        return person_named(tx, study, site, name)
    except ProblemError:
        return person_named(tx, study, None, name)


def workplace_of(tx: Tx, person_id: UUID, *, now: Instant) -> SiteRow:
    """The site that somebody works at today; of several, the one they joined first.

    Raises:
        NobodyThere: they work at none.
    """
    for held in people.memberships_of(tx, person_id):
        site = sites.site_by_id(tx, held.site_id) if held.site_id is not None and held.is_site_staff else None
        if site is not None and held.valid_on(local_day(now, zone_of(site.zone))):
            return site
    raise NobodyThere(Problem("person", "they work at no site", "only people of a site have days and colleagues"))
