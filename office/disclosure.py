"""What may stand in a site's chats: chosen explicitly for each site, by a person who answers for it by name."""

from enum import StrEnum
from uuid import UUID

from office.rights import allowed_at
from records import people, schema, sites
from records.sites import SiteRow
from records.transaction import Tx
from trial.access import Action
from trial.moments import Instant
from trial.problems import Problem, ProblemError


class Disclosure(StrEnum):
    """Levels, the tightest first."""

    TASK_ONLY = "task-only"  # no code and no date; a button opens the item's own page by a one-time link
    CODE = "code"  # study, pseudonym, visit and dates


def disclosure_problem(level: str) -> Problem | None:
    """What is wrong with a level that somebody chose; None: it is one."""
    if level in set(Disclosure):
        return None
    return Problem(
        "disclosure",
        f"{level!r} is no level",
        "choose code (study, pseudonym, visit and dates stand in the chat) or task-only (none of them does)",
    )


def names_nothing(tx: Tx, person_id: UUID) -> bool:
    """Whether what is written to this person names no study, code, visit or date: they belong to a site that chose so,
    and not to the trial office.
    """
    held = people.memberships_of(tx, person_id)
    if any(one.site_id is None for one in held):
        return False
    places = (sites.site_by_id(tx, site_id) for site_id in {one.site_id for one in held if one.site_id is not None})
    return any(site is not None and site.disclosure == Disclosure.TASK_ONLY for site in places)


def set_disclosure(tx: Tx, site: SiteRow, level: str, *, by: UUID, now: Instant, elapsed: Instant) -> bool:
    """What may stand in the chats of this site from now on; False when that is so already, chosen by the same person.

    Raises:
        ProblemError: the level is not offered, or whoever chooses is neither of the trial office nor an investigator of
            the site.
    """
    wrong = disclosure_problem(level)
    if wrong is not None:
        raise ProblemError(wrong)
    if not allowed_at(tx, by, Action.CONFIRM, site, now=now):
        raise ProblemError(
            Problem("disclosure", "this person cannot answer for it", "name a manager or an investigator of the site")
        )
    if site.disclosure == level and site.disclosure_by == by:
        return False
    sites.set_disclosure(tx, site.id, level, by=by, at=now)
    tx.audit(
        "site.disclosure",
        table=schema.site,
        object_id=site.id,
        by=by,
        at=now,
        recorded_at=elapsed,
        before={"disclosure": site.disclosure},
        after={"disclosure": level},
    )
    return True
