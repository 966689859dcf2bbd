"""A patient consented to an amendment: where it applies after re-consent, it plans them from then on."""

from datetime import date
from uuid import UUID

from office.judging import Refusal
from office.patients import patient_named
from office.releases import version_named
from office.rights import allowed_at
from records import patients, releases, schema, sites, studies
from records.studies import StudyRow, StudyVersionRow
from records.transaction import Tx
from scheduler.amending import move_patient
from scheduler.definitions import Definitions
from scheduler.there import site_time
from trial.access import Action
from trial.moments import FIRST_YEAR, Instant
from trial.problems import Problem, ProblemError, Wrong
from trial.study import AppliesTo, Study


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
    return _record(tx, definitions, patient.id, wanted, given_on, by=by, now=now, elapsed=elapsed)


def record_consent_by(
    tx: Tx,
    definitions: Definitions,
    patient_id: UUID,
    version_id: UUID | None,
    given_on: date,
    *,
    by: UUID,
    now: Instant,
    elapsed: Instant,
) -> bool | Refusal:
    """The same by somebody of the trial office, for a version that asks for a consent.

    Raises:
        ProblemError: everything that is wrong; the transaction must not go on.
    """
    patient = patients.standing_of(tx, patient_id)
    site = None if patient is None else sites.site_by_id(tx, patient.site_id)
    if patient is None or site is None or not allowed_at(tx, by, Action.SEE, site, now=now):
        return Refusal.UNKNOWN
    if not allowed_at(tx, by, Action.RECORD, site, now=now):
        return Refusal.NOT_ALLOWED
    wanted = None if version_id is None else studies.version(tx, version_id)
    if wanted is None or wanted.study_id != patient.study_id or not asks(definitions.of_version(tx, wanted.id)):
        raise ProblemError(Problem("version", "it asks for no consent", "choose one that does", Wrong.UNKNOWN))
    return _record(tx, definitions, patient_id, wanted, given_on, by=by, now=now, elapsed=elapsed)


def asks(study: Study) -> bool:
    """Whether this version moves a patient by their consent alone."""
    return study.amendment is not None and study.amendment.applies_to is AppliesTo.AFTER_RECONSENT


def _record(
    tx: Tx,
    definitions: Definitions,
    patient_id: UUID,
    wanted: StudyVersionRow,
    given_on: date,
    *,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> bool:
    # Behind the lock: somebody else may record the same consent at the same moment.
    found = patients.locked(tx, patient_id)
    if found is None:
        raise LookupError("a patient who was found is not there")
    if given_on > site_time(found[1]).today(now):
        raise ProblemError(Problem("given on", "it lies ahead", "give the day on which they consented", Wrong.FUTURE))
    if given_on.year < FIRST_YEAR:
        raise ProblemError(Problem("given on", f"the year is before {FIRST_YEAR}", "check the year", Wrong.YEAR))
    if wanted.id in releases.consents_of(tx, patient_id):
        what = f"the consent to {wanted.version} is on record"
        raise ProblemError(Problem("version", what, "there is nothing more to do", Wrong.CONSENTED))
    consent_id = releases.add_consent(
        tx, patient_id=patient_id, study_version_id=wanted.id, given_on=given_on, recorded_by=by, recorded_at=now
    )
    tx.audit(
        "consent.recorded",
        table=schema.consent,
        object_id=consent_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={"patient": str(patient_id), "protocol": wanted.version, "given_on": given_on.isoformat()},
    )
    return move_patient(tx, definitions, patient_id, by=by, now=now, elapsed=elapsed)
