"""Sites enter the records, with everything that decides when and how they may be told something."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from office.disclosure import disclosure_problem, set_disclosure
from office.named import person_named, study_named
from office.rights import allowed_in_study
from records import people, schema, sites
from records.database import Records
from records.sites import SiteRow
from records.studies import StudyRow
from records.transaction import Tx
from trial.access import Action
from trial.calendars import WorkingCalendar
from trial.moments import Instant, local_day, zone
from trial.problems import Problem, ProblemError

NUMBER: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,11}")
RESERVED: Final = "new"  # the page on which a site is added has this address
LONGEST_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class NewSite:
    """What is said of a site when it is added. `rings_from` None: today there."""

    number: str
    name: str
    country: str
    region: str | None
    zone: str
    disclosure: str
    rings_from: date | None = None


def add_site(
    records: Records,
    *,
    study_code: str | None,
    number: str,
    name: str,
    country: str,
    region: str | None = None,
    zone_name: str,
    disclosure: str,
    rings_from: date | None = None,
    chosen_by: str | None = None,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> UUID:
    """A site of a study. What fell due before `rings_from` (today at the site, unless said) rings nobody.

    `chosen_by` names the manager who answers for the disclosure; None: nobody does yet, which the demo and tests may.

    Raises:
        ProblemError: everything that is wrong; nothing was written.
    """
    with records.begin() as tx:
        study = study_named(tx, study_code)
        new = NewSite(
            number=number,
            name=name,
            country=country,
            region=region,
            zone=zone_name,
            disclosure=disclosure,
            rings_from=rings_from,
        )
        chosen = None if chosen_by is None else person_named(tx, study, None, chosen_by).id
        return add_site_to(tx, study, new, chosen_by=chosen, by=by, now=now, elapsed=elapsed)


def add_site_to(
    tx: Tx, study: StudyRow, new: NewSite, *, chosen_by: UUID | None, by: UUID | None, now: Instant, elapsed: Instant
) -> UUID:
    """The same within a transaction. `chosen_by`: who answers for the disclosure. `by` None: at the command line.

    Raises:
        ProblemError: everything that is wrong, or no right to say so; nothing was written.
    """
    if not allowed_in_study(tx, by, Action.RECORD, study.id, now=now):
        raise ProblemError(Problem("site", "only the trial office can add one", "ask the trial office"))
    problems = [
        *place_problems(new.zone, new.country, new.region),
        *_misshapen(new.number, new.name, new.disclosure),
    ]
    if sites.site_by_number(tx, study.id, new.number) is not None:
        problems.append(
            Problem("site number", f"{new.number} is a site of {study.code} already", "give another number")
        )
    if problems:
        raise ProblemError(*problems)
    first_day = new.rings_from or local_day(now, zone(new.zone))
    site_id = sites.add_site(
        tx,
        study_id=study.id,
        number=new.number,
        name=new.name,
        country=new.country,
        region=new.region,
        zone=new.zone,
        disclosure=new.disclosure,
        rings_from=first_day,
    )
    tx.audit(
        "site.added",
        table=schema.site,
        object_id=site_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={
            "study": study.code,
            "number": new.number,
            "name": new.name,
            "country": new.country,
            "region": new.region,
            "zone": new.zone,
            "disclosure": new.disclosure,
            "rings_from": first_day.isoformat(),
        },
    )
    added = sites.site_by_id(tx, site_id)
    if chosen_by is not None and added is not None:
        set_disclosure(tx, added, new.disclosure, by=chosen_by, now=now, elapsed=elapsed)
    return site_id


@dataclass(frozen=True, slots=True)
class ListedSite:
    """A site as the office reads it; `chosen_by`: who answers for its disclosure, if somebody does."""

    site: SiteRow
    chosen_by: str | None


def listed_sites(records: Records, *, study_code: str | None = None) -> tuple[ListedSite, ...]:
    """The sites of one study, or of all, each with the name of whoever answers for what stands in its chats.

    Raises:
        ProblemError: there is no such study.
    """
    with records.read() as tx:
        found = sites.sites(tx, None if study_code is None else study_named(tx, study_code).id)
        chosen = {site.disclosure_by for site in found if site.disclosure_by is not None}
        names = {one: person.name for one in chosen if (person := people.person_by_id(tx, one)) is not None}
        return tuple(
            ListedSite(site, None if site.disclosure_by is None else names.get(site.disclosure_by)) for site in found
        )


def all_sites(records: Records, *, study_code: str | None = None) -> tuple[SiteRow, ...]:
    """The sites of one study, or of all.

    Raises:
        ProblemError: there is no such study.
    """
    with records.read() as tx:
        return sites.sites(tx, None if study_code is None else study_named(tx, study_code).id)


def place_problems(zone_name: str, country: str, region: str | None) -> tuple[Problem, ...]:
    """What is wrong with a time zone, a country and its region; nothing when all is well."""
    return (*_said_wrong(lambda: WorkingCalendar(country, region)), *_said_wrong(lambda: zone(zone_name)))


def _said_wrong(look_up: Callable[[], object]) -> tuple[Problem, ...]:
    try:
        look_up()
    except ProblemError as wrong:
        return wrong.problems
    return ()


def _misshapen(number: str, name: str, disclosure: str) -> list[Problem]:
    problems = []
    if NUMBER.fullmatch(number) is None or number == RESERVED:
        problems.append(
            Problem("site number", f"{number!r} does not fit", "give up to 12 letters, digits and hyphens, such as 417")
        )
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        problems.append(Problem("site name", "it is empty or too long", f"give 1 to {LONGEST_NAME} characters"))
    wrong = disclosure_problem(disclosure)
    if wrong is not None:
        problems.append(wrong)
    return problems
