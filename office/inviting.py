"""Inviting people: a membership from today on, and a one-time link that nobody but its receiver ever sees again.

The link holds 192 random bits, of which only the SHA-256 is stored; it works once, for 72 hours of elapsed time, for the
first chat that opens it.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from office.hours import set_works_in
from office.named import site_named, study_named
from office.rights import allowed_at, allowed_in_study
from records import people, schema, sites
from records.database import Records
from records.people import PersonRow
from records.sites import SiteRow
from records.studies import StudyRow
from records.teams import WorksIn
from records.transaction import Tx
from scheduler.definitions import zone_of
from trial.access import Action, Membership
from trial.moments import Instant, instant, local_day
from trial.people import SITE_STAFF, STUDY_WIDE, Role
from trial.problems import Problem, ProblemError, nearest
from trial.tasks import SiteFunction

VALID_FOR: Final = timedelta(hours=72)
TOKEN_BYTES: Final = 24
LATEST_ZONE: Final = timedelta(hours=12)
"""How far the last place on Earth is behind UTC: the trial office works for sites everywhere, from the first moment on."""
LONGEST_NAME: Final = 80
_A: Final = {role: "an" if role.value[0] in "aeiou" else "a" for role in Role}
LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Invitation:
    """What has to reach the person, once and by a safe way: `token` is nowhere else."""

    token: str = field(repr=False)
    person_id: UUID
    expires_at: Instant  # elapsed time


def link_of(bot: str, token: str) -> str:
    """Where an invitation leads: the chat with the bot of this name."""
    return f"https://t.me/{bot}?start={token}"


def token_hash(token: str) -> bytes:
    """What is stored of a link's token."""
    return hashlib.sha256(token.encode()).digest()


def invite(
    records: Records,
    *,
    study_code: str | None,
    site_number: str | None,
    role: Role,
    name: str,
    language: str,
    functions: frozenset[SiteFunction] = frozenset(),
    works_in: WorksIn | None = None,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> Invitation:
    """A person, their membership from today on, and a one-time link. An earlier open link of the person is closed.

    `study_code` None: the only study there is. `site_number` None: the whole study, for whoever works at no site. `works_in`
    is for those; None: messages come by Greenwich's clock, until it is said.

    Raises:
        ProblemError: something of it is unknown or does not fit; nothing was written.
    """
    with records.begin() as tx:
        study = study_named(tx, study_code)
        site = None if site_number is None else site_named(tx, study, site_number)
        return invite_to(
            tx,
            study,
            site,
            role=role,
            name=name,
            language=language,
            functions=functions,
            works_in=works_in,
            by=by,
            now=now,
            elapsed=elapsed,
        )


def invite_to(
    tx: Tx,
    study: StudyRow,
    site: SiteRow | None,
    *,
    role: Role,
    name: str,
    language: str,
    functions: frozenset[SiteFunction] = frozenset(),
    works_in: WorksIn | None = None,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> Invitation:
    """The same within a transaction, for this place. `by` None: at the command line.

    Raises:
        ProblemError: something of it does not fit, or no right to say so; nothing was written.
    """
    _check_right(tx, study, site, by, now=now)
    _check_place(tx, study, site, role)
    _check_person(name, language)
    _check_functions(role, functions)
    person = _invited_before(tx, study, site, name)
    if person is not None:
        _check_same_role(tx, person, study, site, role)
    if person is None:
        person_id = _add_person(tx, study, site, role, name, language, functions, by=by, now=now, elapsed=elapsed)
    else:
        person_id = person.id
        people.close_invites_of(tx, person_id, outcome="replaced", closed_at=elapsed)
    if works_in is not None:
        set_works_in(tx, person_id, works_in, by=by, now=now, elapsed=elapsed)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = instant(elapsed + VALID_FOR)
    invite_id = people.add_invite(
        tx, person_id=person_id, token_hash=token_hash(token), created_at=elapsed, expires_at=expires_at
    )
    tx.audit(
        "person.invited",
        table=schema.invite,
        object_id=invite_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={"person": str(person_id), "role": role.value, "expires_at": expires_at.isoformat()},
    )
    return Invitation(token, person_id, expires_at)


def _check_right(tx: Tx, study: StudyRow, site: SiteRow | None, by: UUID | None, *, now: Instant) -> None:
    if site is None:
        allowed = allowed_in_study(tx, by, Action.ADMIT, study.id, now=now)
    else:
        allowed = allowed_at(tx, by, Action.ADMIT, site, now=now)
    if not allowed:
        raise ProblemError(Problem("invitation", "only the trial office can say so", "ask the trial office"))


def _check_place(tx: Tx, study: StudyRow, site: SiteRow | None, role: Role) -> None:
    if role in STUDY_WIDE and site is not None:
        raise ProblemError(Problem("site", f"{_A[role]} {role.value} belongs to all sites", "leave the site out"))
    if role in SITE_STAFF and site is None:
        known = [one.number for one in sites.sites(tx, study.id)]
        raise ProblemError(Problem("site", f"{_A[role]} {role.value} belongs to a site", nearest("", known)))


def _check_functions(role: Role, functions: frozenset[SiteFunction]) -> None:
    if functions and role not in SITE_STAFF:
        raise ProblemError(
            Problem("functions", f"{_A[role]} {role.value} answers for nothing at a site", "leave them out")
        )


def _check_same_role(tx: Tx, person: PersonRow, study: StudyRow, site: SiteRow | None, role: Role) -> None:
    """A new link is for the membership that is there: it gives nobody another role."""
    place = (study.id, None if site is None else site.id)
    held = {one.role for one in people.memberships_of(tx, person.id) if (one.study_id, one.site_id) == place}
    if role not in held:
        raise ProblemError(
            Problem("role", "somebody of this name is there in another role", "revoke them first, or give another name")
        )


def _check_person(name: str, language: str) -> None:
    problems = []
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        problems.append(Problem("name", "it is empty or too long", f"give 1 to {LONGEST_NAME} printable characters"))
    if LANGUAGE.fullmatch(language) is None:
        problems.append(Problem("language", f"{language!r} is no language code", "give a code such as en or ja"))
    if problems:
        raise ProblemError(*problems)


def _invited_before(tx: Tx, study: StudyRow, site: SiteRow | None, name: str) -> PersonRow | None:
    """The person of this name at this place, unless their access has ended."""
    there = people.people_at(tx, study.id, None if site is None else site.id)
    return next((person for person in there if person.name == name and person.revoked_at is None), None)


def _add_person(
    tx: Tx,
    study: StudyRow,
    site: SiteRow | None,
    role: Role,
    name: str,
    language: str,
    functions: frozenset[SiteFunction],
    *,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> UUID:
    held = Membership(
        study_id=study.id,
        site_id=None if site is None else site.id,
        role=role,
        functions=functions or (frozenset({SiteFunction.COORDINATION}) if role is Role.COORDINATOR else frozenset()),
        since=(now - LATEST_ZONE).date() if site is None else local_day(now, zone_of(site.zone)),
        until=None,
    )
    person_id = people.add_person(tx, name=name, language=language)
    people.add_membership(tx, person_id, held)
    tx.audit(
        "person.added",
        table=schema.person,
        object_id=person_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={
            "name": name,
            "chat_id": None,
            "language": language,
            "role": role.value,
            "site": None if site is None else site.number,
            "functions": sorted(held.functions),
            "since": held.since.isoformat(),
        },
    )
    return person_id
