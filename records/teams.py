"""Teams: who is at a site, when each may be written to, and who is away; and the alarm clock of each person's digest."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.absences import AbsenceRow, absences_of
from records.bulk import Bulk
from records.schema import AWAITED_DIGEST, membership, person
from records.transaction import Tx
from trial.access import Membership
from trial.moments import Instant
from trial.people import Role
from trial.tasks import SiteFunction

Span = tuple[time, time]
"""Local wall times, from and to."""


@dataclass(frozen=True, slots=True)
class WorksIn:
    """Where somebody of the trial office works: their clock, and whose public holidays they keep."""

    zone: str
    country: str
    region: str | None = None


@dataclass(frozen=True, slots=True)
class PersonTime:
    """When somebody may be written to. None: what holds unless somebody set another."""

    hours: Span | None
    quiet: Span | None
    daily_cap: int | None  # single notices a day
    digest_on: int | None  # weekday of the digest, Monday is 0; None: each thing by itself
    next_digest_at: Instant | None
    works_in: WorksIn | None = None  # of the trial office


@dataclass(frozen=True, slots=True)
class Teammate:
    """One membership with all that decides whether and when its person is told. Past and future ones come too."""

    person_id: UUID
    membership: Membership
    language: str
    can_be_told: bool
    enrolled_at: Instant | None
    time: PersonTime
    absences: tuple[AbsenceRow, ...]  # that are not over, the next first


@dataclass(frozen=True, slots=True)
class DueDigest:
    person_id: UUID
    due_at: Instant
    can_be_told: bool
    time: PersonTime


_CAN_BE_TOLD: Final = sa.and_(
    person.c.chat_index.is_not(None), person.c.reachable.is_(True), person.c.revoked_at.is_(None)
).label("can_be_told")
_TIME: Final = (
    person.c.hours_from,
    person.c.hours_to,
    person.c.quiet_from,
    person.c.quiet_to,
    person.c.daily_cap,
    person.c.digest_on,
    person.c.next_digest_at,
    person.c.zone,
    person.c.country,
    person.c.region,
)
_TEAM: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(
        membership.c.person_id,
        membership.c.study_id,
        membership.c.site_id,
        membership.c.role,
        membership.c.functions,
        membership.c.since,
        membership.c.until,
        person.c.language,
        person.c.enrolled_at,
        _CAN_BE_TOLD,
        *_TIME,
    )
    .join_from(membership, person, person.c.id == membership.c.person_id)
    .order_by(membership.c.person_id, membership.c.since, membership.c.id)
)
_AT_SITES: Final = _TEAM.where(membership.c.site_id.in_(sa.bindparam("sites", expanding=True)))
_OFFICE: Final = _TEAM.where(membership.c.study_id == sa.bindparam("study"), membership.c.site_id.is_(None))
_TIMES: Final[sa.Select[*tuple[Any, ...]]] = sa.select(person.c.id, *_TIME).where(
    person.c.id.in_(sa.bindparam("people", expanding=True))
)


def _time(row: sa.Row[*tuple[Any, ...]]) -> PersonTime:
    return PersonTime(
        hours=_span(row.hours_from, row.hours_to),
        quiet=_span(row.quiet_from, row.quiet_to),
        daily_cap=row.daily_cap,
        digest_on=row.digest_on,
        next_digest_at=row.next_digest_at,
        works_in=None if row.zone is None else WorksIn(row.zone, row.country, row.region),
    )


def _span(first: time | None, last: time | None) -> Span | None:
    return None if first is None or last is None else (first, last)


def team_at(tx: Tx, site_ids: Collection[UUID], *, today: date) -> Mapping[UUID, tuple[Teammate, ...]]:
    """Everybody's memberships at each of these sites, in a stable order; two statements, however many sites.

    Today is not one day everywhere: ask with the earliest that one of these sites has, and judge each by its own.
    """
    if not site_ids:
        return {}
    rows = tx.connection.execute(_AT_SITES, {"sites": sorted(site_ids)}).all()
    teams: dict[UUID, list[Teammate]] = defaultdict(list)
    for site_id, mate in zip((row.site_id for row in rows), _mates(tx, rows, today=today), strict=True):
        teams[site_id].append(mate)
    return {site_id: tuple(mates) for site_id, mates in teams.items()}


def office_team(tx: Tx, study_id: UUID, *, today: date) -> tuple[Teammate, ...]:
    """Everybody's memberships in the trial office of a study, in a stable order."""
    return _mates(tx, tx.connection.execute(_OFFICE, {"study": study_id}).all(), today=today)


def _mates(tx: Tx, rows: Collection[sa.Row[*tuple[Any, ...]]], *, today: date) -> tuple[Teammate, ...]:
    away = absences_of(tx, {row.person_id for row in rows}, today=today)
    return tuple(
        Teammate(
            person_id=row.person_id,
            membership=Membership(
                study_id=row.study_id,
                site_id=row.site_id,
                role=Role(row.role),
                functions=frozenset(SiteFunction(word) for word in row.functions.split()),
                since=row.since,
                until=row.until,
            ),
            language=row.language,
            can_be_told=bool(row.can_be_told),
            enrolled_at=row.enrolled_at,
            time=_time(row),
            absences=away.get(row.person_id, ()),
        )
        for row in rows
    )


# --- people's time ----------------------------------------------------------------------------------------------------

_SET_TIME: Final = (
    sa.update(person)
    .where(person.c.id == sa.bindparam("person"))
    .values({name: sa.bindparam(f"new_{name}") for name in ("hours_from", "hours_to", "quiet_from", "quiet_to")})
)
_SET_PLACE: Final = (
    sa.update(person)
    .where(person.c.id == sa.bindparam("person"))
    .values({name: sa.bindparam(f"new_{name}") for name in ("zone", "country", "region")})
)
_SET_CAP: Final = sa.update(person).where(person.c.id == sa.bindparam("person")).values(daily_cap=sa.bindparam("cap"))


def times_of(tx: Tx, person_ids: Collection[UUID]) -> Mapping[UUID, PersonTime]:
    if not person_ids:
        return {}
    return {row.id: _time(row) for row in tx.connection.execute(_TIMES, {"people": sorted(person_ids)})}


def set_hours(tx: Tx, person_id: UUID, *, hours: Span | None, quiet: Span | None) -> bool:
    """When somebody may be written to; None: the site's hours, no quiet time. False when there is no such person.

    Raises:
        ValueError: a time has seconds or a time zone.
    """
    hours_from, hours_to = hours or (None, None)
    quiet_from, quiet_to = quiet or (None, None)
    values = {
        "person": person_id,
        "new_hours_from": hours_from,
        "new_hours_to": hours_to,
        "new_quiet_from": quiet_from,
        "new_quiet_to": quiet_to,
    }
    return tx.connection.execute(_SET_TIME, values).rowcount == 1


def set_works_in(tx: Tx, person_id: UUID, place: WorksIn) -> bool:
    """Where somebody of the trial office works. False when there is no such person."""
    values = {
        "person": person_id,
        "new_zone": place.zone,
        "new_country": place.country,
        "new_region": place.region,
    }
    return tx.connection.execute(_SET_PLACE, values).rowcount == 1


def set_daily_cap(tx: Tx, person_id: UUID, cap: int | None) -> bool:
    """How many single notices a day; None: as many as everybody. False when there is no such person."""
    return tx.connection.execute(_SET_CAP, {"person": person_id, "cap": cap}).rowcount == 1


# --- the alarm clock of digests ---------------------------------------------------------------------------------------

_ANY_DIGEST_DUE: Final = (
    sa.select(sa.literal(1))
    .where(person.c.next_digest_at <= sa.bindparam("now"))
    .order_by(person.c.next_digest_at)
    .limit(1)
)
NEXT_DIGEST: Final = sa.select(sa.func.min(person.c.next_digest_at)).where(AWAITED_DIGEST)
_DIGESTS_DUE: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(person.c.id, _CAN_BE_TOLD, *_TIME)
    .where(person.c.next_digest_at <= sa.bindparam("now"))
    .order_by(person.c.next_digest_at)
    .limit(sa.bindparam("at_most"))
    .with_for_update(of=person, skip_locked=True)
)
_WITHOUT_ALARM: Final = sa.select(person.c.id).where(
    person.c.digest_on.is_not(None),
    person.c.next_digest_at.is_(None),
    person.c.chat_index.is_not(None),
    person.c.revoked_at.is_(None),
)
_SET_ALARM: Final = (
    sa.update(person).where(person.c.id == sa.bindparam("person")).values(next_digest_at=sa.bindparam("at"))
)
_BRING_FORWARD: Final = Bulk.updating(person, "next_digest_at", where=sa.true())
_SET_DIGEST_ON: Final = (
    sa.update(person)
    .where(person.c.id == sa.bindparam("person"))
    .values(digest_on=sa.bindparam("weekday"), next_digest_at=sa.bindparam("at"))
)


def any_digest_due(tx: Tx, *, now: Instant) -> bool:
    return tx.connection.execute(_ANY_DIGEST_DUE, {"now": now}).first() is not None


def next_digest_moment(tx: Tx) -> Instant | None:
    """The first moment at which somebody's digest is due; it may have passed already."""
    moment: Instant | None = tx.connection.execute(NEXT_DIGEST).scalar_one()
    return moment


def digests_due(tx: Tx, *, now: Instant, limit: int) -> tuple[DueDigest, ...]:
    """People whose digest has come, the longest waiting first, locked until the transaction ends."""
    return tuple(
        DueDigest(person_id=row.id, due_at=row.next_digest_at, can_be_told=bool(row.can_be_told), time=_time(row))
        for row in tx.connection.execute(_DIGESTS_DUE, {"now": now, "at_most": limit})
    )


def people_without_digest_alarm(tx: Tx) -> tuple[UUID, ...]:
    """Enrolled people who want a digest and have no moment for the next one: after an update, or just enrolled.

    Reads all people: for a start or an hourly watch, not for a tick.
    """
    return tuple(tx.connection.scalars(_WITHOUT_ALARM))


def set_next_digest(tx: Tx, person_id: UUID, at: Instant | None) -> bool:
    """When the next digest is due; None: not at all. False when there is no such person."""
    return tx.connection.execute(_SET_ALARM, {"person": person_id, "at": at}).rowcount == 1


def bring_digests_forward(tx: Tx, moments: Mapping[UUID, Instant]) -> int:
    """Sets these people's alarms to these moments, of which the caller knows that they are earlier; how many people."""
    rows = [{"id": person_id, "next_digest_at": at} for person_id, at in sorted(moments.items())]
    return _BRING_FORWARD.write(tx.connection, rows)


def set_digest_on(tx: Tx, person_id: UUID, weekday: int | None, *, next_at: Instant | None) -> bool:
    """The weekday of the digest (Monday is 0) and when the next one is due; None: each thing by itself.

    Raises:
        ValueError: there is no such weekday.
    """
    if weekday is not None and not 0 <= weekday <= 6:
        raise ValueError("a weekday is a number from 0 to 6")
    values = {"person": person_id, "weekday": weekday, "at": next_at}
    return tx.connection.execute(_SET_DIGEST_ON, values).rowcount == 1
