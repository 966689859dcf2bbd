"""A patient consented to an amendment: where it applies after re-consent, it plans them from then on."""

from datetime import date
from uuid import UUID

from office.patients import patient_named, site_of
from office.releases import version_named
from records import releases, schema
from records.studies import StudyRow
from records.transaction import Tx
from scheduler.amending import move_patient
from scheduler.definitions import Definitions
from scheduler.there import site_time
from trial.moments import Instant
from trial.problems import Problem, ProblemError, Wrong


def record_consent(
    tx: Tx,
    definitions: Definitions,
    study: StudyRow,
    *,
    patient_code: str,
    version: str,
    given_on: date,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> bool:
    """Records the day of the consent; whether the patient is planned by the version now. It need not be in use yet.

    Raises:
        ProblemError: everything that is wrong; the transaction must not go on. Never holds the code.
    """
    patient = patient_named(tx, study.code, patient_code)
    wanted = version_named(tx, study, version)
    if given_on > site_time(site_of(tx, patient)).today(now):
        raise ProblemError(Problem("given on", "it lies ahead", "give the day on which they consented", Wrong.FUTURE))
    if wanted.id in releases.consents_of(tx, patient.id):
        raise ProblemError(
            Problem("version", f"the consent to {wanted.version} is on record", "there is nothing more to do")
        )
    consent_id = releases.add_consent(
        tx, patient_id=patient.id, study_version_id=wanted.id, given_on=given_on, recorded_by=by, recorded_at=now
    )
    tx.audit(
        "consent.recorded",
        table=schema.consent,
        object_id=consent_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={"patient": str(patient.id), "protocol": wanted.version, "given_on": given_on.isoformat()},
    )
    return move_patient(tx, definitions, patient.id, by=by, now=now, elapsed=elapsed)
