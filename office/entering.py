"""What somebody of the trial office enters by name: patients, events, facts, and corrections with their reason.

Another date for what has happened, another value of a fact, and an answer that is taken back need a reason, which stands in
the audit trail. What was entered before stays there, too.
"""

from collections.abc import Iterable
from uuid import UUID

from office.guarding import check_words
from office.judging import Refusal
from office.patients import NewPatient, enter_event, enter_fact, enter_patient, problems_of
from office.rights import allowed, allowed_at
from office.taking_back import Undone, reverse
from records import answers, patients, people, plans, sites, studies
from records.patients import PatientStanding
from records.sites import SiteRow
from records.studies import StudyRow
from records.transaction import Tx
from scheduler.definitions import Definitions, zone_of
from scheduler.planning import read_chart
from trial.access import Action
from trial.answers import AnswerKind, Via
from trial.moments import Instant, local_day
from trial.problems import Problem, ProblemError, Wrong
from trial.study import Study
from trial.timeline import Certainty, EventDate


def add_patient_by(
    tx: Tx,
    definitions: Definitions,
    site: SiteRow,
    new: NewPatient,
    *,
    by: UUID,
    now: Instant,
    elapsed: Instant,
) -> UUID | Refusal:
    """A patient of this site, planned at once. NOT_ALLOWED also where a restricted fact is given by who must not know it.

    Raises:
        ProblemError: everything that is wrong; the transaction must not go on.
    """
    definition = definitions.of_version(tx, studies.versions(tx, site.study_id)[-1].id)
    if not allowed_at(tx, by, Action.RECORD, site, now=now) or not _may_know(
        tx, definition, new.facts, site, by, now=now
    ):
        return Refusal.NOT_ALLOWED
    study = StudyRow(site.study_id, site.study_code)
    return enter_patient(tx, definitions, study, site, new, by=by, now=now, elapsed=elapsed)


def problems_of_new(
    tx: Tx, definitions: Definitions, site: SiteRow, new: NewPatient, *, now: Instant
) -> tuple[Problem, ...]:
    """Everything that speaks against adding this patient; nothing is written."""
    return problems_of(tx, definitions, StudyRow(site.study_id, site.study_code), site, new, now=now)


def record_event_by(
    tx: Tx,
    definitions: Definitions,
    patient_id: UUID,
    event: str,
    dated: EventDate,
    *,
    reason: str,
    by: UUID,
    now: Instant,
    elapsed: Instant,
) -> Refusal | None:
    """An event of a patient's course. Another date for what has happened is a correction, and says why (`reason`).

    Why a patient left is confirmed in a way of its own: UNFIT.

    Raises:
        ProblemError: everything that is wrong; the transaction must not go on.
    """
    found = _place(tx, patient_id, by, now=now)
    if isinstance(found, Refusal):
        return found
    patient, site = found
    study = definitions.of_version(tx, patient.study_version_id)
    definition = study.events.get(event)
    if definition is None:
        raise ProblemError(Problem("event", "the study has no such event", "choose one of its events", Wrong.UNKNOWN))
    if definition.leaving is not None:
        return Refusal.UNFIT
    known = next((row for row in patients.known_of(tx, patient_id).events if row.event == event), None)
    corrects = known is not None and known.certainty == Certainty.HAPPENED and known.day != dated.day
    why = _why(tx, definitions, patient, site, reason, needed=corrects, now=now)
    enter_event(tx, definitions, patient_id, event, dated, by=by, reason=why, now=now, elapsed=elapsed)
    return None


def record_fact_by(
    tx: Tx,
    definitions: Definitions,
    patient_id: UUID,
    fact: str,
    value: str,
    *,
    reason: str,
    by: UUID,
    now: Instant,
    elapsed: Instant,
) -> Refusal | None:
    """A fact about a patient. Another value is a correction, and says why (`reason`).

    NOT_ALLOWED also for a restricted fact, of everybody who must not know it.

    Raises:
        ProblemError: everything that is wrong; the transaction must not go on.
    """
    found = _place(tx, patient_id, by, now=now)
    if isinstance(found, Refusal):
        return found
    patient, site = found
    if not _may_know(tx, definitions.of_version(tx, patient.study_version_id), (fact,), site, by, now=now):
        return Refusal.NOT_ALLOWED
    known = next((row for row in patients.known_of(tx, patient_id).facts if row.fact == fact), None)
    corrects = known is not None and known.value != value
    why = _why(tx, definitions, patient, site, reason, needed=corrects, now=now)
    enter_fact(tx, definitions, patient_id, fact, value, by=by, reason=why, now=now, elapsed=elapsed)
    return None


def take_back_by(
    tx: Tx,
    definitions: Definitions,
    answer_id: UUID,
    *,
    patient_id: UUID,
    reason: str,
    by: UUID,
    now: Instant,
    elapsed: Instant,
) -> Undone | Refusal:
    """The trial office takes an answer of this patient back, however long ago it was given, and says why.

    Raises:
        ProblemError: of the reason; and that a patient left is taken back where it is confirmed (`office/leaving.py`).
    """
    answer = answers.answer_by_id(tx, answer_id)
    place, actor = (None if answer is None else plans.visit_place(tx, answer.visit_id)), people.actor(tx, by)
    if answer is None or place is None or actor is None or answer.patient_id != patient_id:
        return Refusal.UNKNOWN
    if not allowed(actor, Action.RECORD, place, now=now):
        return Refusal.NOT_ALLOWED
    # Behind the lock: somebody at the site may take it back at the same moment.
    chart = read_chart(tx, definitions, patient_id)
    answer = answers.answer_by_id(tx, answer_id)
    if answer is None or answer.kind is AnswerKind.UNDO:
        return Refusal.UNKNOWN
    if answer.undone_at is not None:
        return Refusal.ALREADY_UNDONE
    if answer.kind is AnswerKind.NO_LONGER_FOLLOWED:
        raise ProblemError(Problem("answer", "it says that the patient left", "confirm or take it back", Wrong.LEAVING))
    why = check_words(reason, chart.study, chart.site, today=chart.time.today(now), where="reason")
    undo_id = reverse(tx, definitions, chart, answer, person_id=by, via=Via.BOARD, now=now, elapsed=elapsed, reason=why)
    return Undone(undo_id, answer_id, answer.visit_id, answer.task_id)


def _place(tx: Tx, patient_id: UUID, by: UUID, *, now: Instant) -> tuple[PatientStanding, SiteRow] | Refusal:
    patient = patients.standing_of(tx, patient_id)
    site = None if patient is None else sites.site_by_id(tx, patient.site_id)
    if patient is None or site is None or not allowed_at(tx, by, Action.SEE, site, now=now):
        return Refusal.UNKNOWN
    return (patient, site) if allowed_at(tx, by, Action.RECORD, site, now=now) else Refusal.NOT_ALLOWED


def _may_know(tx: Tx, study: Study, facts: Iterable[str], site: SiteRow, by: UUID, *, now: Instant) -> bool:
    """Whether none of these facts is one that this person must not know."""
    restricted = any(name in study.facts and study.facts[name].restricted for name in facts)
    return not restricted or allowed_at(tx, by, Action.UNBLIND, site, now=now)


def _why(
    tx: Tx,
    definitions: Definitions,
    patient: PatientStanding,
    site: SiteRow,
    reason: str,
    *,
    needed: bool,
    now: Instant,
) -> str | None:
    if not reason.strip():
        if needed:
            raise ProblemError(Problem("reason", "a correction needs one", "say why it changes", Wrong.REASON))
        return None
    study = definitions.of_version(tx, patient.study_version_id)
    return check_words(reason, study, site, today=local_day(now, zone_of(site.zone)), where="reason")
