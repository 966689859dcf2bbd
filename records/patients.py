"""Patients, the events of their course and the facts known about them. Codes, dates and values are sealed by study key.

Of an event or fact the latest value that was not taken back holds. A later value leaves the earlier one untouched, so
taking it back (`superseded_at`) brings the earlier one into force again.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from records.schema import patient, patient_event, patient_fact, study
from records.transaction import Tx
from trial.moments import Instant, instant


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A patient, opened. `code` is the study's pseudonym: it never leaves for a log, a URL or an exception."""

    id: UUID
    study_id: UUID
    study_code: str
    site_id: UUID
    study_version_id: UUID
    state: str  # `followed`, `paused`, `ended`
    code: str
    added_at: Instant


@dataclass(frozen=True, slots=True)
class PatientStanding:
    """The clear part of a patient: enough to plan and to judge, without opening anything."""

    id: UUID
    study_id: UUID
    site_id: UUID
    study_version_id: UUID
    state: str


@dataclass(frozen=True, slots=True)
class EventRow:
    id: UUID
    event: str
    certainty: str  # `planned`, `happened`
    day: date
    answer_id: UUID | None


@dataclass(frozen=True, slots=True)
class FactRow:
    id: UUID
    fact: str
    value: str
    answer_id: UUID | None


def code_index(tx: Tx, study_id: UUID, code: str) -> bytes:
    return tx.blind("patient.code", f"{study_id}|{code}")


def add_patient(tx: Tx, *, study_id: UUID, site_id: UUID, study_version_id: UUID, code: str, added_at: Instant) -> UUID:
    patient_id = tx.new_id()
    tx.connection.execute(
        sa.insert(patient).values(
            id=patient_id,
            study_id=study_id,
            site_id=site_id,
            study_version_id=study_version_id,
            code_index=code_index(tx, study_id, code),
            state="followed",
            added_at=added_at,
            version=1,
            sealed=tx.seal(patient, patient_id, {"code": code}, version=1, study=study_id),
        )
    )
    return patient_id


_PATIENTS = sa.select(patient, study.c.code.label("study_code")).join(study, study.c.id == patient.c.study_id)


_PATIENT = _PATIENTS.where(patient.c.id == sa.bindparam("patient"))
_STANDING: sa.Select[*tuple[Any, ...]] = sa.select(
    patient.c.id, patient.c.study_id, patient.c.site_id, patient.c.study_version_id, patient.c.state
).where(patient.c.id == sa.bindparam("patient"))
# On SQLite every writing transaction is alone anyway, and the clause is left out.
_LOCKED = _STANDING.with_for_update(of=patient)


def _patient(tx: Tx, row: sa.Row[*tuple[Any, ...]]) -> PatientRow:
    opened = tx.unseal(patient, row.id, row.sealed, version=row.version)
    return PatientRow(
        id=row.id,
        study_id=row.study_id,
        study_code=row.study_code,
        site_id=row.site_id,
        study_version_id=row.study_version_id,
        state=row.state,
        code=str(opened["code"]),
        added_at=row.added_at,
    )


def patient_by_id(tx: Tx, patient_id: UUID) -> PatientRow | None:
    row = tx.connection.execute(_PATIENT, {"patient": patient_id}).one_or_none()
    return None if row is None else _patient(tx, row)


def patient_by_code(tx: Tx, study_id: UUID, code: str) -> PatientRow | None:
    row = tx.connection.execute(
        _PATIENTS.where(patient.c.study_id == study_id, patient.c.code_index == code_index(tx, study_id, code))
    ).one_or_none()
    return None if row is None else _patient(tx, row)


def patients(tx: Tx, *, study_id: UUID | None = None, site_id: UUID | None = None) -> tuple[PatientRow, ...]:
    """Patients in the order in which they were added."""
    statement = _PATIENTS.order_by(patient.c.added_at, patient.c.id)
    if study_id is not None:
        statement = statement.where(patient.c.study_id == study_id)
    if site_id is not None:
        statement = statement.where(patient.c.site_id == site_id)
    return tuple(_patient(tx, row) for row in tx.connection.execute(statement))


def standing_of(tx: Tx, patient_id: UUID, *, lock: bool) -> PatientStanding | None:
    """The clear part of a patient. `lock` keeps a second change of the same patient waiting until this one is over."""
    row = tx.connection.execute(_LOCKED if lock else _STANDING, {"patient": patient_id}).one_or_none()
    return None if row is None else PatientStanding(*row)


def patient_ids(tx: Tx, *, site_id: UUID | None = None) -> tuple[UUID, ...]:
    statement = sa.select(patient.c.id).order_by(patient.c.added_at, patient.c.id)
    if site_id is not None:
        statement = statement.where(patient.c.site_id == site_id)
    return tuple(row.id for row in tx.connection.execute(statement))


def set_state(tx: Tx, patient_id: UUID, state: str, *, was: str) -> bool:
    """Moves a patient from one state to another; False when it was not in the first."""
    changed = tx.connection.execute(
        sa.update(patient).where(patient.c.id == patient_id, patient.c.state == was).values(state=state)
    )
    return changed.rowcount == 1


# --- events -----------------------------------------------------------------------------------------------------------


def add_event(
    tx: Tx,
    *,
    patient_id: UUID,
    study_id: UUID,
    event: str,
    certainty: str,
    day: date,
    recorded_at: Instant,
    answer_id: UUID | None,
) -> UUID:
    event_id = tx.new_id()
    tx.connection.execute(
        sa.insert(patient_event).values(
            id=event_id,
            patient_id=patient_id,
            event=event,
            certainty=certainty,
            recorded_at=_after_the_last(tx, patient_event, patient_id, recorded_at),
            answer_id=answer_id,
            sealed=tx.seal(patient_event, event_id, {"date": day.isoformat()}, study=study_id),
        )
    )
    return event_id


_EVENTS = (
    sa.select(patient_event)
    .where(patient_event.c.patient_id == sa.bindparam("patient"), patient_event.c.superseded_at.is_(None))
    .order_by(patient_event.c.recorded_at)
)


def events_of(tx: Tx, patient_id: UUID) -> tuple[EventRow, ...]:
    """The value in force of each event that has one."""
    rows = tx.connection.execute(_EVENTS, {"patient": patient_id})
    latest = {row.event: row for row in rows}
    return tuple(
        EventRow(
            id=row.id,
            event=row.event,
            certainty=row.certainty,
            day=date.fromisoformat(str(tx.unseal(patient_event, row.id, row.sealed)["date"])),
            answer_id=row.answer_id,
        )
        for row in latest.values()
    )


# --- facts ------------------------------------------------------------------------------------------------------------


def add_fact(
    tx: Tx,
    *,
    patient_id: UUID,
    study_id: UUID,
    fact: str,
    value: str,
    recorded_at: Instant,
    answer_id: UUID | None,
) -> UUID:
    fact_id = tx.new_id()
    tx.connection.execute(
        sa.insert(patient_fact).values(
            id=fact_id,
            patient_id=patient_id,
            fact=fact,
            recorded_at=_after_the_last(tx, patient_fact, patient_id, recorded_at),
            answer_id=answer_id,
            sealed=tx.seal(patient_fact, fact_id, {"value": value}, study=study_id),
        )
    )
    return fact_id


_FACTS = (
    sa.select(patient_fact)
    .where(patient_fact.c.patient_id == sa.bindparam("patient"), patient_fact.c.superseded_at.is_(None))
    .order_by(patient_fact.c.recorded_at)
)


def facts_of(tx: Tx, patient_id: UUID) -> tuple[FactRow, ...]:
    """The value in force of each fact that has one."""
    rows = tx.connection.execute(_FACTS, {"patient": patient_id})
    latest = {row.fact: row for row in rows}
    return tuple(
        FactRow(
            id=row.id,
            fact=row.fact,
            value=str(tx.unseal(patient_fact, row.id, row.sealed)["value"]),
            answer_id=row.answer_id,
        )
        for row in latest.values()
    )


def take_back(tx: Tx, answer_id: UUID, *, at: Instant) -> int:
    """Puts the events and facts that an answer brought out of force; how many there were."""
    return sum(
        tx.connection.execute(
            sa.update(table)
            .where(table.c.answer_id == answer_id, table.c.superseded_at.is_(None))
            .values(superseded_at=at)
        ).rowcount
        for table in (patient_event, patient_fact)
    )


def _after_the_last(tx: Tx, table: sa.Table, patient_id: UUID, at: Instant) -> Instant:
    """`at`, or the first moment after what this patient has: the order of what was said survives a clock set back."""
    last = tx.connection.execute(
        sa.select(sa.func.max(table.c.recorded_at)).where(table.c.patient_id == patient_id)
    ).scalar_one()
    return at if last is None or last < at else instant(last + timedelta(microseconds=1))
