"""A patient is no longer followed: the trial office is told, and confirms kind and date afterwards."""

from uuid import UUID

from office.telling import tell_managers
from records import patients, sites
from records.transaction import Tx
from trial.answers import LeavingKind
from trial.messages import PatientPaused
from trial.moments import Instant


def tell_of_leaving(tx: Tx, patient_id: UUID, leaving: LeavingKind, *, now: Instant, elapsed: Instant) -> int:
    """Puts one message for each manager of the study who can be told; how many."""
    patient = patients.patient_by_id(tx, patient_id)
    site = None if patient is None else sites.site_by_id(tx, patient.site_id)
    if patient is None or site is None:
        return 0
    note = PatientPaused(study=patient.study_code, site_number=site.number, code=patient.code, leaving=leaving)
    return tell_managers(tx, patient.study_id, note, now=now, elapsed=elapsed)
