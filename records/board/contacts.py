"""Who was heard from, and when; and what became of invitations. Many sites or people in one question each."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from records.bulk import ForMany
from records.schema import answer, invite, patient, person
from records.transaction import Tx
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class LastInvite:
    """A person's latest invitation. Times are elapsed; `closed_at` with its outcome: used, refused, withdrawn, replaced."""

    person_id: UUID
    created_at: Instant
    expires_at: Instant
    closed_at: Instant | None


# For each patient, or person, one look into an index: it never reads what else they said.
_LATEST: Final = (
    sa.select(sa.func.max(answer.c.answered_at))
    .where(answer.c.patient_id == patient.c.id, answer.c.person_id.is_not(None))
    .scalar_subquery()
)
_LATEST_BY: Final = sa.select(sa.func.max(answer.c.answered_at)).where(answer.c.person_id == person.c.id)
_HEARD: Final = ForMany(
    lambda among: (
        sa.select(patient.c.site_id, sa.func.max(_LATEST).label("at"))
        .where(among(patient.c.site_id, "sites"))
        .group_by(patient.c.site_id)
    )
)
_SAID: Final = ForMany(
    lambda among: sa.select(person.c.id, _LATEST_BY.scalar_subquery().label("at")).where(among(person.c.id, "people"))
)
_INVITES: Final = ForMany(
    lambda among: (
        sa.select(invite.c.person_id, invite.c.created_at, invite.c.expires_at, invite.c.closed_at)
        .where(among(invite.c.person_id, "people"))
        .order_by(invite.c.created_at, invite.c.id)
    )
)
_ENDED: Final = ForMany(
    lambda among: sa.select(person.c.id).where(among(person.c.id, "people"), person.c.revoked_at.is_not(None))
)


def heard_at(tx: Tx, site_ids: Collection[UUID]) -> Mapping[UUID, Instant]:
    """When somebody last answered anything about a patient of these sites (trial time); nothing where nobody ever did."""
    if not site_ids:
        return {}
    return {row.site_id: row.at for row in _HEARD.rows(tx.connection, {"sites": list(site_ids)}) if row.at is not None}


def heard_from(tx: Tx, person_ids: Collection[UUID]) -> Mapping[UUID, Instant]:
    """When these people last answered anything (trial time); nothing for those who never did."""
    if not person_ids:
        return {}
    rows = _SAID.rows(tx.connection, {"people": list(person_ids)})
    return {row.id: row.at for row in rows if row.at is not None}


def last_invites(tx: Tx, person_ids: Collection[UUID]) -> Mapping[UUID, LastInvite]:
    """The latest invitation of each of these people."""
    if not person_ids:
        return {}
    rows = _INVITES.rows(tx.connection, {"people": list(person_ids)})
    return {row.person_id: LastInvite(row.person_id, row.created_at, row.expires_at, row.closed_at) for row in rows}


def ended(tx: Tx, person_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of these people whose access has ended: on that day their membership still holds."""
    if not person_ids:
        return frozenset()
    return frozenset(row.id for row in _ENDED.rows(tx.connection, {"people": list(person_ids)}))
