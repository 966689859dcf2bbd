"""People, their memberships and the invitations that enrol them. Names and chats are sealed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from records.bulk import ForMany
from records.schema import invite, membership, person, question
from records.transaction import Tx
from trial.access import Actor, Membership
from trial.moments import Instant
from trial.people import Role
from trial.tasks import SiteFunction


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person, opened. `chat_id` is None until they enrolled and after they were revoked."""

    id: UUID
    name: str
    chat_id: int | None
    language: str
    reachable: bool
    enrolled_at: Instant | None
    revoked_at: Instant | None
    version: int

    @property
    def can_be_told(self) -> bool:
        return self.chat_id is not None and self.reachable and self.revoked_at is None


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who presses or writes: who they are, what decides what they may do, and whether they were asked for words."""

    person: PersonRow
    actor: Actor
    asked: bool


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """A membership with what decides whether its person can be told anything."""

    person_id: UUID
    membership: Membership
    can_be_told: bool


@dataclass(frozen=True, slots=True)
class InviteRow:
    id: UUID
    person_id: UUID
    created_at: Instant
    expires_at: Instant
    claimed_at: Instant | None
    chat_id: int | None  # that pressed Start; None until then
    closed_at: Instant | None
    outcome: str | None
    version: int


def _chat_index(tx: Tx, chat_id: int) -> bytes:
    return tx.blind("person.chat", str(chat_id))


_BY_ID = sa.select(person).where(person.c.id == sa.bindparam("person"))
_BY_CHAT = sa.select(person).where(person.c.chat_index == sa.bindparam("chat"))
_THESE = ForMany(lambda among: sa.select(person).where(among(person.c.id, "people")))
_HELD = (
    membership.c.study_id,
    membership.c.site_id,
    membership.c.role,
    membership.c.functions,
    membership.c.since,
    membership.c.until,
)
_ACTOR = (
    sa.select(person.c.revoked_at, *_HELD)
    .join_from(person, membership, membership.c.person_id == person.c.id, isouter=True)
    .where(person.c.id == sa.bindparam("person"))
)
_SPEAKER = (
    sa.select(person, question.c.person_id.is_not(None).label("asked"), *_HELD)
    .join_from(person, membership, membership.c.person_id == person.c.id, isouter=True)
    .outerjoin(question, question.c.person_id == person.c.id)
    .where(person.c.chat_index == sa.bindparam("chat"))
)


# --- people -----------------------------------------------------------------------------------------------------------


def _person(tx: Tx, row: sa.Row[*tuple[Any, ...]]) -> PersonRow:
    opened = tx.unseal(person, row.id, row.sealed, version=row.version)
    name, chat_id = opened["name"], opened["chat_id"]
    return PersonRow(
        id=row.id,
        name=str(name),
        chat_id=chat_id if isinstance(chat_id, int) else None,
        language=row.language,
        reachable=row.reachable,
        enrolled_at=row.enrolled_at,
        revoked_at=row.revoked_at,
        version=row.version,
    )


def add_person(tx: Tx, *, name: str, language: str, digest_on: int | None = 0) -> UUID:
    """`digest_on` is a weekday, Monday is 0; None: each thing by itself."""
    person_id = tx.new_id()
    tx.connection.execute(
        sa.insert(person).values(
            id=person_id,
            language=language,
            reachable=True,
            digest_on=digest_on,
            version=1,
            sealed=tx.seal(person, person_id, {"name": name, "chat_id": None}, version=1),
        )
    )
    return person_id


def person_by_id(tx: Tx, person_id: UUID) -> PersonRow | None:
    row = tx.connection.execute(_BY_ID, {"person": person_id}).one_or_none()
    return None if row is None else _person(tx, row)


def names_of(tx: Tx, person_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """The names of these people, whoever is known of them."""
    if not person_ids:
        return {}
    rows = _THESE.rows(tx.connection, {"people": list(person_ids)})
    return {row.id: _person(tx, row).name for row in rows}


def person_by_chat(tx: Tx, chat_id: int) -> PersonRow | None:
    row = tx.connection.execute(_BY_CHAT, {"chat": _chat_index(tx, chat_id)}).one_or_none()
    return None if row is None else _person(tx, row)


def speaker_by_chat(tx: Tx, chat_id: int) -> Speaker | None:
    """Whose chat this is, with the rights of this moment."""
    rows = tx.connection.execute(_SPEAKER, {"chat": _chat_index(tx, chat_id)}).all()
    return Speaker(_person(tx, rows[0]), _actor(rows[0].id, rows), bool(rows[0].asked)) if rows else None


def people_at(tx: Tx, study_id: UUID, site_id: UUID | None, *, all_sites: bool = False) -> tuple[PersonRow, ...]:
    """People with any membership, past ones too, at a site (None: in the trial office), or anywhere in the study."""
    statement = (
        sa.select(person)
        .where(
            person.c.id.in_(
                sa.select(membership.c.person_id).where(
                    membership.c.study_id == study_id,
                    *(() if all_sites else (membership.c.site_id.is_not_distinct_from(site_id),)),
                )
            )
        )
        .order_by(person.c.id)
    )
    return tuple(_person(tx, row) for row in tx.connection.execute(statement))


def bind_chat(tx: Tx, who: PersonRow, chat_id: int, *, language: str, enrolled_at: Instant) -> bool:
    """Makes this chat the person's; False when the row changed meanwhile. Frees nobody else's chat."""
    return _reseal(
        tx,
        who,
        chat_id,
        chat_index=_chat_index(tx, chat_id),
        language=language,
        reachable=True,
        enrolled_at=enrolled_at,
        revoked_at=None,
    )


def free_chat(tx: Tx, who: PersonRow, *, revoked_at: Instant) -> bool:
    """Takes the person's chat away; False when the row changed meanwhile."""
    return _reseal(tx, who, None, chat_index=None, revoked_at=revoked_at)


def _reseal(tx: Tx, who: PersonRow, chat_id: int | None, **clear: object) -> bool:
    version = who.version + 1
    sealed = tx.seal(person, who.id, {"name": who.name, "chat_id": chat_id}, version=version)
    changed = tx.connection.execute(
        sa.update(person)
        .where(person.c.id == who.id, person.c.version == who.version)
        .values(version=version, sealed=sealed, **clear)
    )
    return changed.rowcount == 1


def set_language(tx: Tx, person_id: UUID, language: str) -> bool:
    changed = tx.connection.execute(sa.update(person).where(person.c.id == person_id).values(language=language))
    return changed.rowcount == 1


def set_reachable(tx: Tx, person_id: UUID, *, reachable: bool) -> bool:
    """Whether messages arrive; False when nothing changed."""
    changed = tx.connection.execute(
        sa.update(person)
        .where(person.c.id == person_id, person.c.reachable.is_(not reachable))
        .values(reachable=reachable)
    )
    return changed.rowcount == 1


# --- memberships ------------------------------------------------------------------------------------------------------


def _membership(row: sa.Row[*tuple[Any, ...]]) -> Membership:
    return Membership(
        study_id=row.study_id,
        site_id=row.site_id,
        role=Role(row.role),
        functions=frozenset(SiteFunction(word) for word in row.functions.split()),
        since=row.since,
        until=row.until,
    )


def add_membership(tx: Tx, person_id: UUID, held: Membership) -> UUID:
    membership_id = tx.new_id()
    tx.connection.execute(
        sa.insert(membership).values(
            id=membership_id,
            person_id=person_id,
            study_id=held.study_id,
            site_id=held.site_id,
            role=held.role.value,
            functions=" ".join(sorted(held.functions)),
            since=held.since,
            until=held.until,
        )
    )
    return membership_id


def set_functions(tx: Tx, person_id: UUID, site_id: UUID, functions: Collection[SiteFunction], *, on: date) -> bool:
    """What somebody is responsible for at a site, in the membership that holds on this day; False: there is none."""
    changed = tx.connection.execute(
        sa.update(membership)
        .where(
            membership.c.person_id == person_id,
            membership.c.site_id == site_id,
            membership.c.since <= on,
            sa.or_(membership.c.until.is_(None), membership.c.until >= on),
        )
        .values(functions=" ".join(sorted(functions)))
    )
    return changed.rowcount > 0


_MEMBERSHIPS_OF = (
    sa.select(membership)
    .where(membership.c.person_id == sa.bindparam("person"))
    .order_by(membership.c.since, membership.c.id)
)
_SITES_OF = ForMany(
    lambda among: (
        sa.select(membership.c.person_id, membership.c.site_id)
        .where(among(membership.c.person_id, "people"), membership.c.site_id.is_not(None))
        .order_by(membership.c.since, membership.c.id)
    )
)


def memberships_of(tx: Tx, person_id: UUID) -> tuple[Membership, ...]:
    return tuple(_membership(row) for row in tx.connection.execute(_MEMBERSHIPS_OF, {"person": person_id}))


def sites_of(tx: Tx, person_ids: Collection[UUID]) -> Mapping[UUID, tuple[UUID, ...]]:
    """The sites at which these people ever held a membership, each once, in the order in which they came there."""
    if not person_ids:
        return {}
    found: dict[UUID, dict[UUID, None]] = {}
    for row in _SITES_OF.rows(tx.connection, {"people": sorted(person_ids)}):
        found.setdefault(row.person_id, {})[row.site_id] = None
    return {person_id: tuple(site_ids) for person_id, site_ids in found.items()}


def actor(tx: Tx, person_id: UUID) -> Actor | None:
    """The person as `trial.access.may` judges them; None when there is nobody of this id."""
    rows = tx.connection.execute(_ACTOR, {"person": person_id}).all()
    return _actor(person_id, rows) if rows else None


def _actor(person_id: UUID, rows: Sequence[sa.Row[*tuple[Any, ...]]]) -> Actor:
    """From one row for each membership; somebody without any has one row without a role."""
    held = tuple(_membership(row) for row in rows if row.role is not None)
    return Actor(person_id=person_id, memberships=held, revoked=rows[0].revoked_at is not None)


_MEMBERSHIPS: sa.Select[*tuple[Any, ...]] = (
    sa.select(
        membership.c.person_id,
        membership.c.study_id,
        membership.c.site_id,
        membership.c.role,
        membership.c.functions,
        membership.c.since,
        membership.c.until,
        sa.and_(person.c.chat_index.is_not(None), person.c.reachable.is_(True), person.c.revoked_at.is_(None)).label(
            "can_be_told"
        ),
    )
    .join_from(membership, person, person.c.id == membership.c.person_id)
    .order_by(membership.c.person_id)
)
_AT_SITES = ForMany(lambda among: _MEMBERSHIPS.where(among(membership.c.site_id, "sites")))
_IN_OFFICE = _MEMBERSHIPS.where(membership.c.study_id == sa.bindparam("study"), membership.c.site_id.is_(None))


def memberships_at(tx: Tx, site_ids: Collection[UUID]) -> tuple[MembershipRow, ...]:
    """Everybody's memberships at these sites, past and future ones too, in a stable order."""
    if not site_ids:
        return ()
    return _held(_AT_SITES.rows(tx.connection, {"sites": list(site_ids)}))


def office_memberships(tx: Tx, study_id: UUID) -> tuple[MembershipRow, ...]:
    """The memberships of a study's trial office."""
    return _held(tx.connection.execute(_IN_OFFICE, {"study": study_id}))


def _held(rows: sa.CursorResult[Any]) -> tuple[MembershipRow, ...]:
    return tuple(
        MembershipRow(person_id=row.person_id, membership=_membership(row), can_be_told=bool(row.can_be_told))
        for row in rows
    )


def end_memberships(tx: Tx, person_id: UUID, *, until: date) -> int:
    """Ends every membership that has not ended yet; how many."""
    changed = tx.connection.execute(
        sa.update(membership)
        .where(membership.c.person_id == person_id, sa.or_(membership.c.until.is_(None), membership.c.until > until))
        .values(until=until)
    )
    return changed.rowcount


# --- invitations ------------------------------------------------------------------------------------------------------


def _invite(tx: Tx, row: sa.Row[*tuple[Any, ...]]) -> InviteRow:
    chat_id = tx.unseal(invite, row.id, row.sealed, version=row.version).get("chat_id")
    return InviteRow(
        id=row.id,
        person_id=row.person_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        claimed_at=row.claimed_at,
        chat_id=chat_id if isinstance(chat_id, int) else None,
        closed_at=row.closed_at,
        outcome=row.outcome,
        version=row.version,
    )


def add_invite(tx: Tx, *, person_id: UUID, token_hash: bytes, created_at: Instant, expires_at: Instant) -> UUID:
    invite_id = tx.new_id()
    tx.connection.execute(
        sa.insert(invite).values(
            id=invite_id,
            person_id=person_id,
            token_hash=token_hash,
            created_at=created_at,
            expires_at=expires_at,
            version=1,
            sealed=tx.seal(invite, invite_id, {"chat_id": None}, version=1),
        )
    )
    return invite_id


def open_invite_by_hash(tx: Tx, token_hash: bytes, *, elapsed: Instant) -> InviteRow | None:
    """The invitation behind a link, unless it was used, closed or has expired."""
    row = tx.connection.execute(
        sa.select(invite).where(
            invite.c.token_hash == token_hash, invite.c.closed_at.is_(None), invite.c.expires_at > elapsed
        )
    ).one_or_none()
    return None if row is None else _invite(tx, row)


def invite_by_id(tx: Tx, invite_id: UUID) -> InviteRow | None:
    row = tx.connection.execute(sa.select(invite).where(invite.c.id == invite_id)).one_or_none()
    return None if row is None else _invite(tx, row)


def open_invite_by_chat(tx: Tx, chat_id: int, *, elapsed: Instant) -> InviteRow | None:
    """The open invitation that this chat pressed Start on."""
    row = tx.connection.execute(
        sa.select(invite).where(
            invite.c.claimed_index == _chat_index(tx, chat_id),
            invite.c.closed_at.is_(None),
            invite.c.expires_at > elapsed,
        )
    ).one_or_none()
    return None if row is None else _invite(tx, row)


def claim(tx: Tx, found: InviteRow, chat_id: int, *, claimed_at: Instant) -> bool:
    """Ties an open invitation to the chat that pressed Start; an earlier one that it held is let go."""
    index = _chat_index(tx, chat_id)
    tx.connection.execute(
        sa.update(invite).where(invite.c.claimed_index == index, invite.c.id != found.id).values(claimed_index=None)
    )
    version = found.version + 1
    changed = tx.connection.execute(
        sa.update(invite)
        .where(
            invite.c.id == found.id,
            invite.c.version == found.version,
            invite.c.claimed_index.is_(None),
            invite.c.closed_at.is_(None),
        )
        .values(
            claimed_index=index,
            claimed_at=claimed_at,
            version=version,
            sealed=tx.seal(invite, found.id, {"chat_id": chat_id}, version=version),
        )
    )
    return changed.rowcount == 1


def close_invite(tx: Tx, invite_id: UUID, *, outcome: str, closed_at: Instant) -> bool:
    changed = tx.connection.execute(
        sa.update(invite)
        .where(invite.c.id == invite_id, invite.c.closed_at.is_(None))
        # The chat may be invited again one day: only open invitations hold its index.
        .values(outcome=outcome, closed_at=closed_at, claimed_index=None)
    )
    return changed.rowcount == 1


def close_invites_of(tx: Tx, person_id: UUID, *, outcome: str, closed_at: Instant) -> int:
    changed = tx.connection.execute(
        sa.update(invite)
        .where(invite.c.person_id == person_id, invite.c.closed_at.is_(None))
        .values(outcome=outcome, closed_at=closed_at, claimed_index=None)
    )
    return changed.rowcount
