"""Who may do what: one rule, asked before every change, with the memberships as they are on that day.

Beside it two rules for what belongs to one person, and to nobody else whatever their role: what is theirs, and the
invitation whose link they have opened.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from trial.people import SITE_STAFF, Role
from trial.tasks import SiteFunction


class Action(StrEnum):
    """What somebody wants to do. Each is asked about one study, and about one site of it or about all."""

    SEE = "see"  # cards and answers of a site's patients
    OVERSEE = "oversee"  # figures, sites, people and whether they can be reached; no patient
    ANSWER = "answer"
    UNDO = "undo"
    RECORD = "record"  # patients, events and facts, outside of a card
    ADMIT = "admit"  # invite and revoke people
    EXPORT = "export"
    AUDIT = "audit"  # the audit trail and its export
    COVER = "cover"  # say who of one's own site is away, and who stands in
    CONFIRM = "confirm"  # why and since when a patient is no longer followed
    VERIFY = "verify"  # or query a claimed upload
    HOLD = "hold"  # a patient, a site, a class of tasks or the study, until a day
    RELEASE = "release"  # a version of the protocol: take it in, and release it for a site
    MANAGE = "manage"  # look at what waits for the trial office, and close it
    UNBLIND = "unblind"  # see or enter a restricted fact: an arm that the others must not know


READING = frozenset({Action.SEE, Action.OVERSEE, Action.EXPORT, Action.AUDIT})
"""What changes nothing."""

AT_THE_SITE = frozenset({Action.SEE, Action.OVERSEE, Action.EXPORT, Action.ANSWER, Action.UNDO, Action.COVER})
"""What everybody who works at a site may there."""

_MONITORS = frozenset({Action.SEE, Action.OVERSEE, Action.EXPORT})
_ADMINISTRATORS = frozenset({Action.OVERSEE, Action.ADMIT, Action.UNBLIND})


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's role in a study, from a day to a day, both inclusive (delegation log)."""

    study_id: UUID
    site_id: UUID | None  # None: the trial office, all sites of the study
    role: Role
    functions: frozenset[SiteFunction]
    since: date
    until: date | None

    def valid_on(self, today: date) -> bool:
        return self.since <= today and (self.until is None or today <= self.until)

    @property
    def is_site_staff(self) -> bool:
        """Whether this person works at the site: cards come to them there, and they answer them."""
        return self.site_id is not None and self.role in SITE_STAFF


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who wants to do something, with everything that decides whether they may."""

    person_id: UUID
    memberships: tuple[Membership, ...]
    revoked: bool


def may(actor: Actor, action: Action, *, study_id: UUID, site_id: UUID | None, today: date) -> bool:
    """Whether this person may do this at this site on this day (the site's own date).

    `site_id` None asks about the study as a whole: only the trial office may touch that. One role that may is enough, but
    for a restricted fact: whoever has a blinded role in the study besides is blinded (decision 0018).
    """
    if actor.revoked:
        return False
    held = [one for one in actor.memberships if one.study_id == study_id and one.valid_on(today)]
    if action is Action.UNBLIND and not all(_role_may(one.role, action) for one in held):
        return False
    return any(
        (membership.site_id is None or (site_id is not None and membership.site_id == site_id))
        and _role_may(membership.role, action)
        for membership in held
    )


def may_for_themselves(actor: Actor, *, owner: UUID | None) -> bool:
    """Whether this is their own: their digest, their absence, hours and language. Nobody does that for them here."""
    return not actor.revoked and owner == actor.person_id


def may_join(*, invitation: UUID, opened: UUID | None) -> bool:
    """Whether a chat may answer this invitation: `opened` is the one that stands open and whose link that chat opened."""
    return opened is not None and opened == invitation


def _role_may(role: Role, action: Action) -> bool:
    match role:
        case Role.MANAGER:
            # A manager who was phoned takes the answer down; it is recorded under the manager's name.
            return action is not Action.UNBLIND
        case Role.COORDINATOR:
            return action in AT_THE_SITE
        case Role.INVESTIGATOR:
            # Who answers for the site's patients confirms that one has left; who saw it first need not be that person.
            return action in AT_THE_SITE or action is Action.CONFIRM
        case Role.MONITOR:
            return action in _MONITORS
        case Role.AUDITOR:
            return action in READING
        case Role.ADMINISTRATOR:
            # Who runs Sitebell lets people in and out; what they must not see stays out of their reach. They hold the keys,
            # and see no patient's page: so it is they who enter what nobody else may know.
            return action in _ADMINISTRATORS
        case _:
            assert_never(role)
