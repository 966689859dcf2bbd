"""Patients who leave: investigator or manager confirm kind and day, and only then is anything closed.

What a kind closes, the study file says of its event. The event stands for the answer of the site that told it: taking
that answer back takes the event back too, and the patient is followed again.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from office import items, leaving_reports
from office.guarding import check_words
from office.judging import Refusal
from office.leaving_reports import standing_reports, to_confirm
from office.patients import add_event
from office.rights import allowed_at
from office.taking_back import reverse
from office.telling import tell_in_hours
from records import answers, attempts, office_items, patients, people, schema
from records.answers import AnswerRow, said_to_data
from records.patients import EventRow, PatientRow
from records.transaction import Tx
from scheduler.definitions import Definitions
from scheduler.planning import Chart, plan_patient, read_chart
from scheduler.there import managers, there
from trial.access import Action
from trial.answers import AnswerKind, LeavingKind, Said, Via
from trial.course_checks import course_problems
from trial.leaving import attempts_missing, event_for, kinds_offered_to_site, kinds_to_confirm
from trial.messages import LeavingConfirmed, LeavingTakenBack, LeavingToConfirm
from trial.moments import Instant
from trial.people import Role
from trial.tasks import TaskState
from trial.timeline import Certainty, EventDate

STILL_FOLLOWED: Final = "still_followed"
"""The reason of a correction that was given none in words."""


def choose_kind(
    tx: Tx,
    studies: Definitions,
    patient_id: UUID,
    kind: LeavingKind,
    by: UUID | None,
    *,
    now: Instant,
    elapsed: Instant,
) -> LeavingToConfirm | Refusal:
    """The question as it goes on once the kind is chosen. Nothing is closed yet.

    UNKNOWN: no such patient. CLOSED: nobody says that this patient has left, or it was confirmed. UNFIT: the study does
    not know this kind. `by` None: at the command line.
    """
    found = _waiting(tx, studies, patient_id, by, now=now)
    if isinstance(found, Refusal):
        return found
    chart, report = found
    if kind not in kinds_to_confirm(chart.study):
        return Refusal.UNFIT
    item = office_items.open_item_about(tx, items.leaving_key(patient_id))
    if item is not None:
        details = {**item.details, "confirming": kind.value}
        items.change_details(tx, item, details, by=by, now=now, elapsed=elapsed)
    return to_confirm(tx, chart, report, confirming=kind) or Refusal.UNKNOWN


def log_attempt(
    tx: Tx, studies: Definitions, patient_id: UUID, day: date, by: UUID | None, *, now: Instant, elapsed: Instant
) -> LeavingToConfirm | Refusal:
    """Somebody tried to reach a patient who may be lost to follow-up; the question as it stands then.

    Several attempts of one day are one. Refusals as of `choose_kind`; FUTURE_DAY and BEFORE_REGISTRATION of the day.
    """
    found = _waiting(tx, studies, patient_id, by, now=now)
    if isinstance(found, Refusal):
        return found
    chart, report = found
    registered = chart.course.happened(chart.study.registration)
    if day > chart.time.today(now):
        return Refusal.FUTURE_DAY
    if registered is not None and day < registered:
        return Refusal.BEFORE_REGISTRATION
    if day not in leaving_reports.attempted(tx, patient_id):
        attempt_id = attempts.add_attempt(
            tx, study_id=chart.patient.study_id, patient_id=patient_id, person_id=by, day=day, at=now
        )
        tx.audit(
            "attempt.logged",
            table=schema.contact_attempt,
            object_id=attempt_id,
            by=by,
            at=now,
            recorded_at=elapsed,
            after={"patient": str(patient_id), "day": day.isoformat()},
        )
    return to_confirm(tx, chart, report, confirming=_confirming(tx, patient_id)) or Refusal.UNKNOWN


def confirm(
    tx: Tx,
    studies: Definitions,
    patient_id: UUID,
    kind: LeavingKind,
    day: date,
    by: UUID | None,
    *,
    now: Instant,
    elapsed: Instant,
) -> LeavingConfirmed | Refusal:
    """Kind and day are right: the study's event for it is recorded, and closes what it should and nothing else.

    Without a report of the site the confirmation is the report. NOT_ALLOWED, UNKNOWN; CLOSED: confirmed before; UNFIT:
    the study does not know this kind, or an attempt to reach the patient is missing; FUTURE_DAY; BEFORE_REGISTRATION.
    """
    found = _may_confirm(tx, studies, patient_id, by, now=now)
    if isinstance(found, Refusal):
        return found
    chart, patient = found
    reports = standing_reports(tx, patient_id)
    refused = _judge(tx, chart, reports, kind, day, now=now)
    event = event_for(chart.study, kind)
    if refused is not None or event is None:
        return refused or Refusal.UNFIT
    report_id = reports[-1].id if reports else _report_it(tx, chart, kind, by=by, now=now, elapsed=elapsed)
    if report_id is None:
        return Refusal.CLOSED
    add_event(
        tx,
        patient_id,
        chart.patient.study_id,
        event,
        EventDate(day, Certainty.HAPPENED),
        by=by,
        now=now,
        elapsed=elapsed,
        answer_id=report_id,
    )
    items.close_about(tx, items.leaving_key(patient_id), items.CONFIRMED, by=by, now=now, elapsed=elapsed)
    plan_patient(tx, studies, patient_id, now=now, elapsed=elapsed, because="leaving.confirmed", by=by)
    confirmed = LeavingConfirmed(
        study=patient.study_code,
        site_number=chart.site.number,
        code=patient.code,
        leaving=kind,
        day=day,
        by=_name(tx, by),
    )
    _tell(tx, chart, reports, confirmed, but=by, now=now, elapsed=elapsed)
    return confirmed


def take_back(
    tx: Tx,
    studies: Definitions,
    patient_id: UUID,
    by: UUID | None,
    *,
    reason: str | None = None,
    now: Instant,
    elapsed: Instant,
) -> LeavingTakenBack | Refusal:
    """The patient is followed after all: every standing report is taken back, with the event that stands for it, and
    what the trial office itself had recorded as the reason.

    A recorded correction: what was said and confirmed before stays in the records. CLOSED: nobody says that the patient
    has left.

    Raises:
        ProblemError: the privacy guard stopped the reason.
    """
    found = _may_confirm(tx, studies, patient_id, by, now=now)
    if isinstance(found, Refusal):
        return found
    chart, patient = found
    reports = standing_reports(tx, patient_id)
    recorded = _recorded_by_office(tx, chart)
    if not reports and not recorded:
        return Refusal.CLOSED
    today = chart.time.today(now)
    why = STILL_FOLLOWED if reason is None else check_words(reason, chart.study, chart.site, today=today)
    for answer in reports:
        via = Via.COMMAND_LINE if by is None else Via.BUTTON
        reverse(tx, studies, chart, answer, person_id=by, via=via, now=now, elapsed=elapsed, reason=why)
    if recorded:
        for event in recorded:
            _withdraw(tx, event, by=by, reason=why, now=now, elapsed=elapsed)
        plan_patient(tx, studies, patient_id, now=now, elapsed=elapsed, because="leaving.taken_back", by=by)
    back = LeavingTakenBack(
        study=patient.study_code, site_number=chart.site.number, code=patient.code, by=_name(tx, by)
    )
    _tell(tx, chart, reports, back, but=by, now=now, elapsed=elapsed)
    return back


def _recorded_by_office(tx: Tx, chart: Chart) -> tuple[EventRow, ...]:
    """Reasons to leave that no answer of the site brought."""
    return tuple(
        row
        for row in patients.known_of(tx, chart.patient.id).events
        if row.answer_id is None
        and row.certainty == Certainty.HAPPENED
        and row.event in chart.study.events
        and chart.study.events[row.event].leaving is not None
    )


def _withdraw(tx: Tx, event: EventRow, *, by: UUID | None, reason: str, now: Instant, elapsed: Instant) -> None:
    patients.withdraw_event(tx, event.id, at=now)
    tx.audit(
        "event.withdrawn",
        table=schema.patient_event,
        object_id=event.id,
        by=by,
        at=now,
        recorded_at=elapsed,
        before={"event": event.event, "date": event.day.isoformat()},
        after={"withdrawn_at": now.isoformat()},
        reason=reason,
    )


# --- judging ----------------------------------------------------------------------------------------------------------


def _may_confirm(
    tx: Tx, studies: Definitions, patient_id: UUID, by: UUID | None, *, now: Instant
) -> tuple[Chart, PatientRow] | Refusal:
    patient = patients.patient_by_id(tx, patient_id)
    if patient is None:
        return Refusal.UNKNOWN
    chart = read_chart(tx, studies, patient_id)
    if not allowed_at(tx, by, Action.CONFIRM, chart.site, now=now):
        return Refusal.NOT_ALLOWED
    return chart, patient


def _waiting(
    tx: Tx, studies: Definitions, patient_id: UUID, by: UUID | None, *, now: Instant
) -> tuple[Chart, AnswerRow] | Refusal:
    """The report that waits to be confirmed."""
    found = _may_confirm(tx, studies, patient_id, by, now=now)
    if isinstance(found, Refusal):
        return found
    chart, _ = found
    reports = standing_reports(tx, patient_id)
    if not reports or _confirmed(tx, chart, reports[-1]):
        return Refusal.CLOSED
    return chart, reports[-1]


def _confirmed(tx: Tx, chart: Chart, report: AnswerRow) -> bool:
    """Whether an event stands for this report."""
    return any(
        row.answer_id == report.id
        and row.event in chart.study.events
        and chart.study.events[row.event].leaving is not None
        for row in patients.known_of(tx, chart.patient.id).events
    )


def _judge(
    tx: Tx, chart: Chart, reports: tuple[AnswerRow, ...], kind: LeavingKind, day: date, *, now: Instant
) -> Refusal | None:
    event = event_for(chart.study, kind)
    today = chart.time.today(now)
    if event is None or attempts_missing(kind, len(leaving_reports.attempted(tx, chart.patient.id))):
        return Refusal.UNFIT
    if reports and _confirmed(tx, chart, reports[-1]):
        return Refusal.CLOSED
    if day > today:
        return Refusal.FUTURE_DAY
    after = replace(chart.course, events={**chart.course.events, event: EventDate(day, Certainty.HAPPENED)})
    old = set(course_problems(chart.study, chart.course, today))
    wrong = any(problem not in old for problem in course_problems(chart.study, after, today))
    return Refusal.BEFORE_REGISTRATION if wrong else None


def _confirming(tx: Tx, patient_id: UUID) -> LeavingKind | None:
    """The kind that somebody has chosen already."""
    item = office_items.open_item_about(tx, items.leaving_key(patient_id))
    chosen = None if item is None else item.details.get("confirming")
    return LeavingKind(chosen) if isinstance(chosen, str) else None


def _report_it(
    tx: Tx, chart: Chart, kind: LeavingKind, *, by: UUID | None, now: Instant, elapsed: Instant
) -> UUID | None:
    """The answer that the confirmation stands for where the site has said nothing; None: nothing is planned to close."""
    about = next((task for task in chart.tasks if task.state is TaskState.OPEN), None)
    if about is None:
        return None
    told = kind if kind in kinds_offered_to_site(chart.study) else LeavingKind.WITHDRAWN
    said, via = Said(leaving=told), Via.COMMAND_LINE if by is None else Via.BUTTON
    answer_id = answers.add_answer(
        tx,
        study_id=chart.patient.study_id,
        patient_id=chart.patient.id,
        visit_id=about.visit_id,
        task_id=about.id,
        person_id=by,
        kind=AnswerKind.NO_LONGER_FOLLOWED,
        via=via,
        said=said,
        answered_at=now,
        received_at=elapsed,
    )
    tx.audit(
        "answer.recorded",
        table=schema.answer,
        object_id=answer_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={
            "task": str(about.id),
            "kind": AnswerKind.NO_LONGER_FOLLOWED.value,
            "via": via.value,
            **said_to_data(said),
        },
    )
    return answer_id


# --- telling ----------------------------------------------------------------------------------------------------------


def _tell(
    tx: Tx,
    chart: Chart,
    reports: Iterable[AnswerRow],
    message: LeavingConfirmed | LeavingTakenBack,
    *,
    but: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> None:
    """Whoever said it, the site's investigators and the managers; each once, in their hours."""
    place = there(tx, (chart.site.id,), now=now)[chart.site.id]
    said_it = {answer.person_id for answer in reports}
    investigators = {one.person_id for one in place.colleagues if one.role is Role.INVESTIGATOR}
    readers = {
        person_id: reader
        for person_id, reader in place.readers.items()
        if person_id in said_it or person_id in investigators
    }
    readers |= {reader.person_id: reader for reader in managers(tx, chart.patient.study_id, now=now)}
    for person_id, reader in readers.items():
        if person_id != but:
            tell_in_hours(tx, reader, message, now=now, elapsed=elapsed)


def _name(tx: Tx, person_id: UUID | None) -> str:
    found = None if person_id is None else people.person_by_id(tx, person_id)
    return "" if found is None else found.name
