"""Who takes part, where, in which role, and whether messages reach them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from office.board.viewer import Viewer
from records import people, teams
from records.board import contacts
from records.board.contacts import LastInvite
from records.people import PersonRow
from records.sites import SiteRow
from records.teams import Teammate
from records.transaction import Tx
from scheduler.definitions import zone_of
from trial.access import Action
from trial.moments import Instant, local_day
from trial.people import Role
from trial.tasks import SiteFunction

_WEST: Final = timedelta(hours=12)  # where a day begins last


class Reach(StrEnum):
    """Whether what is written to somebody arrives."""

    REACHED = "reached"
    BLOCKED = "blocked"  # the chat is blocked or gone
    INVITED = "invited"  # not joined yet, and the link still works
    LAPSED = "lapsed"  # not joined, and no link works any more
    ENDED = "ended"  # access has ended


@dataclass(frozen=True, slots=True)
class Away:
    """Until this day, inclusive; who stands in, if somebody does."""

    until: date
    cover: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One membership. `site` None: the trial office. `may_end`: this viewer may end their access.

    `link_until` (elapsed time) is that of an invitation that can still be used. `heard_on`: of the last answer, a date there.
    """

    id: UUID
    name: str = field(repr=False)
    role: Role
    site: SiteRow | None
    functions: tuple[SiteFunction, ...]
    language: str
    reach: Reach
    since: date
    until: date | None
    link_until: Instant | None
    away: Away | None
    heard_on: date | None
    may_end: bool


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """`lines` are those of the filter; `total` all of them. The trial office comes first, then site by site."""

    lines: tuple[PersonLine, ...]
    total: int
    site: str | None
    reach: Reach | None
    may_invite: bool


def people_page(
    tx: Tx,
    viewer: Viewer,
    *,
    site: str | None = None,
    reach: Reach | None = None,
    now: Instant,
    elapsed: Instant,
) -> PeoplePage:
    """Everybody of the viewer's sites, and of the trial office. Whose access has ended is shown when it is asked for."""
    everybody = people_of(tx, viewer, viewer.sites, office=True, now=now, elapsed=elapsed)
    shown = [
        one
        for one in everybody
        if (one.reach is reach if reach is not None else one.reach is not Reach.ENDED)
        and (site is None or (one.site is not None and one.site.number == site))
    ]
    present = sum(one.reach is not Reach.ENDED for one in everybody)
    return PeoplePage(tuple(shown), present, site, reach, viewer.may_in_study(Action.ADMIT))


def people_of(
    tx: Tx, viewer: Viewer, everywhere: Sequence[SiteRow], *, office: bool, now: Instant, elapsed: Instant
) -> tuple[PersonLine, ...]:
    """The memberships at these sites, and with `office` those of the trial office."""
    places = {site.id: site for site in everywhere}
    mates = [*(teams.office_team(tx, viewer.study.id, today=now.date()) if office else ())]
    for several in teams.team_at(tx, list(places), today=(now - _WEST).date()).values():
        mates += several
    known = _known(tx, viewer, everywhere, office=office)
    ids = {mate.person_id for mate in mates}
    heard, invites = contacts.heard_from(tx, ids), contacts.last_invites(tx, ids)
    lines = [
        _line(
            viewer,
            mate,
            None if mate.membership.site_id is None else places[mate.membership.site_id],
            known,
            heard.get(mate.person_id),
            invites.get(mate.person_id),
            now=now,
            elapsed=elapsed,
        )
        for mate in mates
        if mate.person_id in known
    ]
    return tuple(sorted(lines, key=_order))


def _known(tx: Tx, viewer: Viewer, everywhere: Sequence[SiteRow], *, office: bool) -> Mapping[UUID, PersonRow]:
    if office:
        found: Iterable[PersonRow] = people.people_at(tx, viewer.study.id, None, all_sites=True)
    else:
        found = (one for site in everywhere for one in people.people_at(tx, viewer.study.id, site.id))
    return {person.id: person for person in found}


def _line(
    viewer: Viewer,
    mate: Teammate,
    site: SiteRow | None,
    known: Mapping[UUID, PersonRow],
    heard: Instant | None,
    invite: LastInvite | None,
    *,
    now: Instant,
    elapsed: Instant,
) -> PersonLine:
    held, person = mate.membership, known[mate.person_id]
    zone = zone_of("UTC" if site is None else site.zone)
    today = local_day(now, zone)
    reach = _reach(person, held.until, invite, today=today, elapsed=elapsed)
    may_admit = viewer.may_in_study(Action.ADMIT) if site is None else viewer.may(Action.ADMIT, site)
    return PersonLine(
        id=person.id,
        name=person.name,
        role=held.role,
        site=site,
        functions=tuple(sorted(held.functions)),
        language=person.language,
        reach=reach,
        since=held.since,
        until=held.until,
        link_until=invite.expires_at if invite is not None and reach is Reach.INVITED else None,
        away=_away(mate, known, today),
        heard_on=None if heard is None else local_day(heard, zone),
        may_end=may_admit and reach is not Reach.ENDED and person.id != viewer.person_id,
    )


def _reach(person: PersonRow, until: date | None, invite: LastInvite | None, *, today: date, elapsed: Instant) -> Reach:
    if person.revoked_at is not None or (until is not None and until < today):
        return Reach.ENDED
    if person.chat_id is not None:
        return Reach.REACHED if person.reachable else Reach.BLOCKED
    still_works = invite is not None and invite.closed_at is None and invite.expires_at > elapsed
    return Reach.INVITED if still_works else Reach.LAPSED


def _away(mate: Teammate, known: Mapping[UUID, PersonRow], today: date) -> Away | None:
    absent = [one for one in mate.absences if one.covers(today)]
    if not absent:
        return None
    last = max(absent, key=lambda one: (one.cover_id is not None, one.last_away))
    cover = None if last.cover_id is None else known.get(last.cover_id)
    return Away(max(one.last_away for one in absent), None if cover is None else cover.name)


_RANKS: Final = {
    Role.MANAGER: 0,
    Role.ADMINISTRATOR: 1,
    Role.MONITOR: 2,
    Role.AUDITOR: 3,
    Role.INVESTIGATOR: 5,
    Role.COORDINATOR: 4,
}


def _order(line: PersonLine) -> tuple[object, ...]:
    place = "" if line.site is None else line.site.number
    return place, line.reach is Reach.ENDED, _RANKS[line.role], line.since, line.name, line.id
