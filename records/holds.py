"""Holds: what the trial office lets be until a day. Reasons are sealed under the study's key.

An audit entry of a hold that carries `after.reason` or `after.lifted_because` is compared with them by `audit verify`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.schema import hold
from records.schema_holds import NOT_LIFTED
from records.sealing import Json
from records.transaction import Tx
from trial.holds import Hold, HoldScope
from trial.moments import Instant
from trial.tasks import TaskKind


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold, opened. `placed_by` and `lifted_by` None: at the command line."""

    id: UUID
    what: Hold
    placed_at: Instant
    placed_by: UUID | None
    lifted_at: Instant | None
    lifted_by: UUID | None
    version: int
    reason: str = field(repr=False)
    lifted_because: str | None = field(repr=False)


_WHAT: Final = (
    hold.c.study_id,
    hold.c.scope,
    hold.c.until,
    hold.c.site_id,
    hold.c.patient_id,
    hold.c.kind,
)
# No order: SQLite reads a few rows off the index, and whoever asks wants them all.
_STANDING: Final[sa.Select[*tuple[Any, ...]]] = sa.select(*_WHAT).where(NOT_LIFTED, hold.c.until >= sa.bindparam("day"))
_ENDED: Final[sa.Select[*tuple[Any, ...]]] = sa.select(*_WHAT, hold.c.lifted_at).where(
    hold.c.study_id.in_(sa.bindparam("studies", expanding=True)),
    sa.or_(
        sa.and_(hold.c.lifted_at.is_(None), hold.c.until >= sa.bindparam("day")),
        hold.c.lifted_at >= sa.bindparam("moment"),
    ),
)
_HOLDS: Final = sa.select(hold).order_by(hold.c.placed_at.desc(), hold.c.id.desc())
_OF_STUDY: Final = _HOLDS.where(hold.c.study_id == sa.bindparam("study"))
_OF_PATIENT: Final = _HOLDS.where(hold.c.patient_id == sa.bindparam("patient"))
_HOLD: Final = _HOLDS.where(hold.c.id == sa.bindparam("hold"))
_ADD: Final = sa.insert(hold)
_LIFT: Final = (
    sa.update(hold)
    .where(hold.c.id == sa.bindparam("hold"), NOT_LIFTED, hold.c.version == sa.bindparam("was"))
    .values(
        lifted_at=sa.bindparam("at"),
        lifted_by=sa.bindparam("by"),
        version=sa.bindparam("new_version"),
        sealed=sa.bindparam("new_sealed"),
    )
)


def _what(row: sa.Row[*tuple[Any, ...]]) -> Hold:
    return Hold(
        study_id=row.study_id,
        scope=HoldScope(row.scope),
        until=row.until,
        site_id=row.site_id,
        patient_id=row.patient_id,
        kind=None if row.kind is None else TaskKind(row.kind),
    )


def _hold(tx: Tx, row: sa.Row[*tuple[Any, ...]]) -> HoldRow:
    opened = tx.unseal(hold, row.id, row.sealed, version=row.version)
    because = opened.get("lifted_because")
    return HoldRow(
        id=row.id,
        what=_what(row),
        placed_at=row.placed_at,
        placed_by=row.placed_by,
        lifted_at=row.lifted_at,
        lifted_by=row.lifted_by,
        version=row.version,
        reason=str(opened["reason"]),
        lifted_because=None if because is None else str(because),
    )


def add_hold(tx: Tx, what: Hold, *, reason: str, by: UUID | None, at: Instant) -> UUID:
    """One more hold. Several may cover the same: it is let be while any of them stands."""
    hold_id = tx.new_id()
    tx.connection.execute(
        _ADD,
        {
            "id": hold_id,
            "study_id": what.study_id,
            "site_id": what.site_id,
            "patient_id": what.patient_id,
            "scope": what.scope.value,
            "kind": None if what.kind is None else what.kind.value,
            "until": what.until,
            "placed_at": at,
            "placed_by": by,
            "version": 1,
            "sealed": tx.seal(hold, hold_id, {"reason": reason}, study=what.study_id),
        },
    )
    return hold_id


def lift(tx: Tx, row: HoldRow, *, because: str, by: UUID | None, at: Instant) -> bool:
    """It stands no longer; False: somebody has lifted it meanwhile."""
    version = row.version + 1
    payload: Mapping[str, Json] = {"reason": row.reason, "lifted_because": because}
    values = {
        "hold": row.id,
        "was": row.version,
        "at": at,
        "by": by,
        "new_version": version,
        "new_sealed": tx.seal(hold, row.id, payload, version=version, study=row.what.study_id),
    }
    return tx.connection.execute(_LIFT, values).rowcount == 1


def standing(tx: Tx, *, today: date) -> tuple[Hold, ...]:
    """The holds that are not lifted and whose last day is this one or later. `today` is the earliest there is anywhere:
    whether a hold stands at a site is for `trial.holds.covers` to say, by the site's own day.
    """
    return tuple(_what(row) for row in tx.connection.execute(_STANDING, {"day": today}))


def ended_since(
    tx: Tx, study_ids: Collection[UUID], *, since: Instant, day: date
) -> tuple[tuple[Hold, Instant | None], ...]:
    """The holds of these studies that were lifted since then, each with that moment, and those that were not lifted and
    whose last day is `day` or later.
    """
    if not study_ids:
        return ()
    rows = tx.connection.execute(_ENDED, {"studies": sorted(study_ids), "moment": since, "day": day})
    return tuple((_what(row), row.lifted_at) for row in rows)


def holds_of_study(tx: Tx, study_id: UUID) -> tuple[HoldRow, ...]:
    """Every hold that was placed in a study, the last one first."""
    return tuple(_hold(tx, row) for row in tx.connection.execute(_OF_STUDY, {"study": study_id}))


def holds_of_patient(tx: Tx, patient_id: UUID) -> tuple[HoldRow, ...]:
    """Every hold of this very patient, the last one first."""
    return tuple(_hold(tx, row) for row in tx.connection.execute(_OF_PATIENT, {"patient": patient_id}))


def hold_by_id(tx: Tx, hold_id: UUID) -> HoldRow | None:
    row = tx.connection.execute(_HOLD, {"hold": hold_id}).one_or_none()
    return None if row is None else _hold(tx, row)
