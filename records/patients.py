"""Patients, the events of their course and the facts known about them. Codes, dates and values are sealed by study key.

Of an event or fact the latest value that was not taken back holds. A later value leaves the earlier one untouched, so
taking it back (`superseded_at`) brings the earlier one into force again.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from records.order import AT, OF_PATIENT, after_the_last
from records.schema import patient, patient_event, patient_fact, site, study, word
from records.sites import COLUMNS as SITE_COLUMNS
from records.sites import SiteRow
from records.transaction import Tx
from trial.moments import Instant


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


@dataclass(frozen=True, slots=True)
class Known:
    """What is in force of a patient's course."""

    events: tuple[EventRow, ...]
    facts: tuple[FactRow, ...]


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
_STANDING_COLUMNS = (patient.c.id, patient.c.study_id, patient.c.site_id, patient.c.study_version_id, patient.c.state)
_STANDING: sa.Select[*tuple[Any, ...]] = sa.select(*_STANDING_COLUMNS).where(patient.c.id == sa.bindparam("patient"))
# On SQLite every writing transaction is alone anyway, and the clause is left out.
_LOCKED: sa.Select[*tuple[Any, ...]] = (
    sa.select(*_STANDING_COLUMNS, *SITE_COLUMNS)
    .join(site, site.c.id == patient.c.site_id)
    .join(study, study.c.id == site.c.study_id)
    .where(patient.c.id == sa.bindparam("patient"))
    .with_for_update(of=patient)
)
_VERSIONS_IN_USE = sa.select(patient.c.study_version_id).distinct()
_SET_STATE = (
    sa.update(patient)
    .where(patient.c.id == sa.bindparam("patient"), patient.c.state == sa.bindparam("before"))
    .values(state=sa.bindparam("into"))
)


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


def standing_of(tx: Tx, patient_id: UUID) -> PatientStanding | None:
    """The clear part of a patient."""
    row = tx.connection.execute(_STANDING, {"patient": patient_id}).one_or_none()
    return None if row is None else PatientStanding(*row)


def locked(tx: Tx, patient_id: UUID) -> tuple[PatientStanding, SiteRow] | None:
    """The clear part of a patient, and the site; a second change of the same patient waits until this one is over."""
    row = tx.connection.execute(_LOCKED, {"patient": patient_id}).one_or_none()
    width = len(_STANDING_COLUMNS)
    return None if row is None else (PatientStanding(*row[:width]), SiteRow(*row[width:]))


def patient_ids(tx: Tx, *, site_id: UUID | None = None) -> tuple[UUID, ...]:
    statement = sa.select(patient.c.id).order_by(patient.c.added_at, patient.c.id)
    if site_id is not None:
        statement = statement.where(patient.c.site_id == site_id)
    return tuple(row.id for row in tx.connection.execute(statement))


def versions_in_use(tx: Tx) -> tuple[UUID, ...]:
    """The versions of study definitions that patients are planned by."""
    return tuple(tx.connection.scalars(_VERSIONS_IN_USE))


def set_state(tx: Tx, patient_id: UUID, state: str, *, was: str) -> bool:
    """Moves a patient from one state to another; False when it was not in the first."""
    changed = tx.connection.execute(_SET_STATE, {"patient": patient_id, "before": was, "into": state})
    return changed.rowcount == 1


# --- events and facts -------------------------------------------------------------------------------------------------


_ADD_EVENT = sa.insert(patient_event).values(recorded_at=after_the_last(patient_event.c.recorded_at))
_ADD_FACT = sa.insert(patient_fact).values(recorded_at=after_the_last(patient_fact.c.recorded_at))
_KNOWN = sa.union_all(
    *(
        sa.select(
            word(table.name).label("source"),
            table.c.id,
            name.label("name"),
            certainty.label("certainty"),
            table.c.answer_id,
            table.c.recorded_at,
            table.c.sealed,
        ).where(table.c.patient_id == sa.bindparam("patient"), table.c.superseded_at.is_(None))
        for table, name, certainty in (
            (patient_event, patient_event.c.event, patient_event.c.certainty),
            (patient_fact, patient_fact.c.fact, sa.null()),
        )
    )
).order_by("recorded_at")
_TAKE_BACK = tuple(
    sa.update(table)
    .where(table.c.answer_id == sa.bindparam("answer"), table.c.superseded_at.is_(None))
    .values(superseded_at=sa.bindparam("taken_back_at"))
    for table in (patient_event, patient_fact)
)
_WITHDRAW = (
    sa.update(patient_event)
    .where(
        patient_event.c.id == sa.bindparam("withdrawn"),
        patient_event.c.answer_id.is_(None),
        patient_event.c.superseded_at.is_(None),
    )
    .values(superseded_at=sa.bindparam("withdrawn_at"))
)


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
        _ADD_EVENT,
        {
            "id": event_id,
            "patient_id": patient_id,
            "event": event,
            "certainty": certainty,
            AT: recorded_at,
            OF_PATIENT: patient_id,
            "answer_id": answer_id,
            "sealed": tx.seal(patient_event, event_id, {"date": day.isoformat()}, study=study_id),
        },
    )
    return event_id


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
        _ADD_FACT,
        {
            "id": fact_id,
            "patient_id": patient_id,
            "fact": fact,
            AT: recorded_at,
            OF_PATIENT: patient_id,
            "answer_id": answer_id,
            "sealed": tx.seal(patient_fact, fact_id, {"value": value}, study=study_id),
        },
    )
    return fact_id


def known_of(tx: Tx, patient_id: UUID) -> Known:
    """The values in force: of each event and each fact that has one."""
    rows = tx.connection.execute(_KNOWN, {"patient": patient_id})
    latest = {(row.source, row.name): row for row in rows}
    events: list[EventRow] = []
    facts: list[FactRow] = []
    for (source, name), row in latest.items():
        if source == patient_event.name:
            day = date.fromisoformat(str(tx.unseal(patient_event, row.id, row.sealed)["date"]))
            events.append(EventRow(row.id, name, row.certainty, day, row.answer_id))
        else:
            value = str(tx.unseal(patient_fact, row.id, row.sealed)["value"])
            facts.append(FactRow(row.id, name, value, row.answer_id))
    return Known(tuple(events), tuple(facts))


def take_back(tx: Tx, answer_id: UUID, *, at: Instant) -> int:
    """Puts the events and facts that an answer brought out of force; how many there were."""
    values = {"answer": answer_id, "taken_back_at": at}
    return sum(tx.connection.execute(statement, values).rowcount for statement in _TAKE_BACK)


def withdraw_event(tx: Tx, event_id: UUID, *, at: Instant) -> bool:
    """Puts an event out of force that no answer brought; an earlier value holds again. False: it was not in force."""
    return tx.connection.execute(_WITHDRAW, {"withdrawn": event_id, "withdrawn_at": at}).rowcount == 1
