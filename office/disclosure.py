"""What may stand in a site's chats: chosen explicitly for each site, by a person who answers for it by name."""

from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from office.rights import allowed_at
from office.telling import payload_of
from records import cards, digests, outbox, people, schema, sites
from records.edits import put_edits
from records.outbox import NewNotice, NoticeKind
from records.sites import SiteRow
from records.transaction import Tx
from trial.access import Action
from trial.messages import ItemState, TaskOnlyCard
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


def names_nothing(tx: Tx, person_id: UUID, *, today: date) -> bool:
    """Whether what is written to this person names no study, code, visit or date: they belong to a site that chose so,
    and not to the trial office. What has ended counts only for somebody who belongs nowhere any more.
    """
    ever = people.memberships_of(tx, person_id)
    held = [one for one in ever if one.until is None or today <= one.until] or ever
    if any(one.site_id is None and one.since <= today for one in held):
        return False
    places = (sites.site_by_id(tx, site_id) for site_id in {one.site_id for one in held if one.site_id is not None})
    return any(site is not None and site.disclosure == Disclosure.TASK_ONLY for site in places)


def set_disclosure(tx: Tx, site: SiteRow, level: str, *, by: UUID, now: Instant, elapsed: Instant) -> bool:
    """What may stand in the chats of this site from now on; False when that is so already, chosen by the same person.

    Where it may no longer name anything, what stands there from before is edited at once. The other way round a card
    shows more when it is pressed or rings again.

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
    if level == Disclosure.TASK_ONLY and site.disclosure != level:
        _name_nothing_any_more(tx, site, now=now, elapsed=elapsed)
    return True


_VISITS_AT_ONCE: Final = 500


def _name_nothing_any_more(tx: Tx, site: SiteRow, *, now: Instant, elapsed: Instant) -> None:
    """Edits every card, digest and nudge of this site that stands in a chat. A bot may edit its messages at any age."""
    shown = cards.shown_at(tx, site.id)
    visits = sorted({one.visit_id for one in shown if one.standing})
    for first in range(0, len(visits), _VISITS_AT_ONCE):
        put_edits(tx, visits[first : first + _VISITS_AT_ONCE], now=now, elapsed=elapsed)
    outbox.put_digests(tx, digests.standing_at(tx, site.id), now=now, elapsed=elapsed)
    # A nudge, and an earlier place of a card, is no card that follows: it says for good that it was one more note.
    note = TaskOnlyCard(site_number=site.number, open_tasks=0, state=ItemState.OPEN, again=True)
    notes = [
        NewNotice(NoticeKind.MESSAGE, person_id=one.person_id, payload=payload_of(note, replaces=one.message_id))
        for one in shown
        if not one.standing
    ]
    outbox.put(tx, notes, now=now, elapsed=elapsed)
