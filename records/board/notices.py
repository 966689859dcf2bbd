"""Messages of which nobody knows whether they arrived, and those that did not: with what is known of each."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.bulk import ForMany
from records.outbox import NoticeKind, NoticeState, Outcome
from records.schema import TROUBLED_NOTICE, audit, delivery, membership, notice, visit
from records.transaction import Tx
from trial.moments import Instant

LOOKED_AT: Final = "notice.looked_at"
"""What the audit log has of a notice that somebody of the trial office has looked at."""


@dataclass(frozen=True, slots=True)
class TroubledRow:
    """`person_id` None: it was for a stranger. The last three are of the visit that it is about, if it is about one.

    `because` is a closed word of a notice that never left.
    """

    id: UUID
    kind: NoticeKind
    state: NoticeState
    because: str | None
    person_id: UUID | None
    created_at: Instant  # trial time
    settled_at: Instant | None  # trial time
    visit_id: UUID | None
    site_id: UUID | None
    patient_id: UUID | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody has or had a role. `site_id` None: the trial office."""

    study_id: UUID
    site_id: UUID | None


_ROWS: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(
        notice.c.id,
        notice.c.kind,
        notice.c.state,
        notice.c.void_because,
        notice.c.person_id,
        notice.c.created_at,
        notice.c.settled_at,
        notice.c.visit_id,
        visit.c.site_id,
        visit.c.patient_id,
    )
    .outerjoin(visit, visit.c.id == notice.c.visit_id)
    .where(TROUBLED_NOTICE)
)
_TROUBLED: Final = _ROWS.order_by(notice.c.created_at.desc(), notice.c.id.desc()).limit(sa.bindparam("at_most"))
_ONE: Final = _ROWS.where(notice.c.id == sa.bindparam("notice"))
_OUTCOMES: Final = ForMany(
    lambda among: (
        sa.select(delivery.c.notice_id, delivery.c.outcome)
        .where(among(delivery.c.notice_id, "notices"))
        .order_by(delivery.c.attempt, delivery.c.id)
    )
)
_PLACES: Final = ForMany(
    lambda among: (
        sa.select(membership.c.person_id, membership.c.study_id, membership.c.site_id)
        .where(among(membership.c.person_id, "people"))
        .order_by(membership.c.since, membership.c.id)
    )
)
_LOOKED_AT: Final = ForMany(
    lambda among: sa.select(audit.c.object_id, audit.c.at).where(
        audit.c.object_type == notice.name, among(audit.c.object_id, "rows"), audit.c.action == LOOKED_AT
    )
)


def troubled(tx: Tx, *, limit: int) -> tuple[TroubledRow, ...]:
    """Notices that are `unknown` or `failed`, the latest first; off an index of these alone."""
    return tuple(_row(row) for row in tx.connection.execute(_TROUBLED, {"at_most": limit}))


def troubled_one(tx: Tx, notice_id: UUID) -> TroubledRow | None:
    """One of them; None: there is none of this id, or it arrived."""
    row = tx.connection.execute(_ONE, {"notice": notice_id}).one_or_none()
    return None if row is None else _row(row)


def _row(row: sa.Row[*tuple[Any, ...]]) -> TroubledRow:
    kind, state, *rest = row[1:]
    return TroubledRow(row.id, NoticeKind(kind), NoticeState(state), *rest)


def last_outcomes(tx: Tx, notice_ids: Collection[UUID]) -> Mapping[UUID, Outcome]:
    """What came of the last attempt to send each of these; nothing for what never left."""
    if not notice_ids:
        return {}
    rows = _OUTCOMES.rows(tx.connection, {"notices": list(notice_ids)})
    return {row.notice_id: Outcome(row.outcome) for row in rows}


def places_of(tx: Tx, person_ids: Collection[UUID]) -> Mapping[UUID, tuple[Place, ...]]:
    """Where these people have or had roles, the earliest first."""
    found: dict[UUID, list[Place]] = defaultdict(list)
    if person_ids:
        for row in _PLACES.rows(tx.connection, {"people": list(person_ids)}):
            found[row.person_id].append(Place(row.study_id, row.site_id))
    return {person_id: tuple(places) for person_id, places in found.items()}


def looked_at(tx: Tx, notice_ids: Collection[UUID]) -> Mapping[UUID, Instant]:
    """When somebody looked at these (trial time); nothing for those at which nobody has."""
    if not notice_ids:
        return {}
    rows = _LOOKED_AT.rows(tx.connection, {"rows": [str(one) for one in notice_ids]})
    return {UUID(row.object_id): row.at for row in rows}
