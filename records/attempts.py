"""Attempts to reach a patient who may be lost to follow-up: insert-only, the day sealed under the study's key.

An audit entry of an attempt that carries `after.day` is compared with it by `audit verify`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from records.schema import contact_attempt
from records.transaction import Tx
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt, opened. `day` is local at the site; `person_id` None: taken down on the command line."""

    id: UUID
    patient_id: UUID
    person_id: UUID | None
    at: Instant
    day: date


_OF_PATIENT: Final = (
    sa.select(contact_attempt)
    .where(contact_attempt.c.patient_id == sa.bindparam("patient"))
    .order_by(contact_attempt.c.at, contact_attempt.c.id)
)
_ADD: Final = sa.insert(contact_attempt)


def add_attempt(tx: Tx, *, study_id: UUID, patient_id: UUID, person_id: UUID | None, day: date, at: Instant) -> UUID:
    attempt_id = tx.new_id()
    tx.connection.execute(
        _ADD,
        {
            "id": attempt_id,
            "patient_id": patient_id,
            "person_id": person_id,
            "at": at,
            "sealed": tx.seal(contact_attempt, attempt_id, {"day": day.isoformat()}, study=study_id),
        },
    )
    return attempt_id


def attempts_of(tx: Tx, patient_id: UUID) -> tuple[AttemptRow, ...]:
    """Every attempt to reach a patient, in the order in which they were logged."""
    return tuple(
        AttemptRow(
            id=row.id,
            patient_id=row.patient_id,
            person_id=row.person_id,
            at=row.at,
            day=date.fromisoformat(str(tx.unseal(contact_attempt, row.id, row.sealed)["day"])),
        )
        for row in tx.connection.execute(_OF_PATIENT, {"patient": patient_id})
    )
