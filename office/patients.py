"""Patients enter the records, and the trial office records events and facts of their course. Each change replans."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from office.holding import held_problems, hold_visits
from office.named import site_named, study_named
from records import patients, releases, schema, sites
from records.database import Records
from records.patients import PatientRow
from records.releases import VersionRow
from records.sites import SiteRow
from records.studies import StudyRow
from records.transaction import Tx
from scheduler.amending import wanted_chain
from scheduler.definitions import Definitions
from scheduler.planning import plan_patient, read_chart
from scheduler.there import site_time
from trial.course_checks import course_problems
from trial.moments import Instant
from trial.problems import Problem, ProblemError, Wrong, nearest
from trial.timeline import Certainty, Course, EventDate


@dataclass(frozen=True, slots=True)
class NewPatient:
    """A patient as somebody enters them: `held` are visits that took place already, by occurrence."""

    code: str = field(repr=False)
    events: Mapping[str, date] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, date] = field(default_factory=dict)


def add_patient(
    records: Records,
    definitions: Definitions,
    *,
    study_code: str | None,
    site_number: str,
    code: str,
    events: Mapping[str, date],
    facts: Mapping[str, str] | None = None,
    held: Mapping[str, date] | None = None,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> UUID:
    """A patient with the events that have happened so far, planned at once by what was released for the site.

    `held` are visits that took place already, by occurrence.

    Raises:
        ProblemError: everything that is wrong; nothing was written. Never holds the code.
    """
    new = NewPatient(code, events, facts or {}, held or {})
    with records.begin() as tx:
        study = study_named(tx, study_code)
        site = site_named(tx, study, site_number)
        return enter_patient(tx, definitions, study, site, new, by=by, now=now, elapsed=elapsed)


def enter_patient(
    tx: Tx,
    definitions: Definitions,
    study: StudyRow,
    site: SiteRow,
    new: NewPatient,
    *,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> UUID:
    """The same in the caller's transaction.

    Raises:
        ProblemError: everything that is wrong; the transaction must not go on. Never holds the code.
    """
    sites.lock_site(tx, site.id)
    problems = problems_of(tx, definitions, study, site, new, now=now)
    if problems:
        raise ProblemError(*problems)
    chain = _chain_for(tx, definitions, site, new, now=now)
    version = definitions.of_version(tx, chain[-1].study_version_id).version
    patient_id = patients.add_patient(
        tx,
        study_id=study.id,
        site_id=site.id,
        study_version_id=chain[-1].study_version_id,
        code=new.code,
        added_at=now,
    )
    if len(chain) > 1:
        releases.set_chain(tx, patient_id, chain, at=now)
    tx.audit(
        "patient.added",
        table=schema.patient,
        object_id=patient_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={"code": new.code, "site": site.number, "protocol": version},
    )
    for name, day in new.events.items():
        event = EventDate(day, Certainty.HAPPENED)
        add_event(tx, patient_id, study.id, name, event, by=by, now=now, elapsed=elapsed)
    for name, value in new.facts.items():
        _add_fact(tx, patient_id, study.id, name, value, by=by, now=now, elapsed=elapsed)
    plan_patient(tx, definitions, patient_id, now=now, elapsed=elapsed, because="patient.added", by=by)
    hold_visits(tx, definitions, patient_id, new.held, by=by, now=now, elapsed=elapsed)
    return patient_id


def problems_of(
    tx: Tx, definitions: Definitions, study: StudyRow, site: SiteRow, new: NewPatient, *, now: Instant
) -> tuple[Problem, ...]:
    """Everything that speaks against entering this patient; nothing is written."""
    chain = _chain_for(tx, definitions, site, new, now=now)
    if not chain:
        return (
            Problem(
                f"site {site.number}",
                f"no version of {study.code} was released for it by today",
                "release one: sitebell study release",
                Wrong.NOT_RELEASED,
            ),
        )
    definition = definitions.of_version(tx, chain[-1].study_version_id)
    course = Course(
        events={name: EventDate(day, Certainty.HAPPENED) for name, day in new.events.items()},
        facts=new.facts,
        held=new.held,
    )
    time = site_time(site)
    problems = list(course_problems(definition, course, time.today(now)))
    if not problems:
        problems += held_problems(definition, course, time, now=now)
    if not definition.subject_id.fits(new.code):
        problems.append(
            Problem(
                "patient code",
                f"it does not have the form that {study.code} gives its codes",
                f"the form is {definition.subject_id.text}; never enter a name or a hospital number",
                Wrong.CODE_FORM,
                definition.subject_id.shown,
            )
        )
    elif patients.patient_by_code(tx, study.id, new.code) is not None:
        problems.append(
            Problem(
                "patient code",
                f"{study.code} has a patient of this code",
                "give another code",
                Wrong.CODE_TAKEN,
            )
        )
    return tuple(problems)


def _chain_for(
    tx: Tx, definitions: Definitions, site: SiteRow, new: NewPatient, *, now: Instant
) -> tuple[VersionRow, ...]:
    """The versions that plan a new patient: by the day of their registration, and today's where that is missing."""
    today = site_time(site).today(now)
    active = [row for row in releases.of_site(tx, site.id) if row.active_from <= today]
    if not active:
        return ()
    registration = definitions.of_version(tx, active[-1].study_version_id).registration
    registered = new.events.get(registration, today)
    return wanted_chain(tx, definitions, site, registered=registered, consented={}, now=now)


def record_event(
    records: Records,
    definitions: Definitions,
    *,
    study_code: str | None,
    patient_code: str,
    event: str,
    day: date,
    certainty: Certainty,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> None:
    """An event of a patient's course, planned or happened; the plan follows in the same transaction.

    Raises:
        ProblemError: everything that is wrong; nothing was written. Never holds the code.
    """
    with records.begin() as tx:
        patient = patient_named(tx, study_code, patient_code)
        enter_event(tx, definitions, patient.id, event, EventDate(day, certainty), by=by, now=now, elapsed=elapsed)


def enter_event(
    tx: Tx,
    definitions: Definitions,
    patient_id: UUID,
    event: str,
    dated: EventDate,
    *,
    by: UUID | None,
    reason: str | None = None,
    now: Instant,
    elapsed: Instant,
) -> None:
    """The same in the caller's transaction; `reason` is why another date takes the place of one that stands.

    Raises:
        ProblemError: everything that is wrong; the transaction must not go on.
    """
    chart = read_chart(tx, definitions, patient_id)
    known = chart.course.events.get(event)
    if known is not None and known.certainty is Certainty.HAPPENED and dated.certainty is Certainty.PLANNED:
        raise ProblemError(
            Problem(
                f"event {event}",
                "it has happened already",
                "give the day on which it happened to correct it",
                Wrong.HAPPENED,
            )
        )
    _check(chart.study.events.keys(), "event", event)
    after = Course({**chart.course.events, event: dated}, chart.course.facts, chart.course.held)
    today = chart.time.today(now)
    # What an amendment left open (a question that nobody is asked any more) does not stand in the way of anything else.
    before = set(course_problems(chart.study, chart.course, today))
    problems = [
        one for one in course_problems(chart.study, after, today) if one not in before or one.where == f"event {event}"
    ]
    if problems:
        raise ProblemError(*problems)
    study_id = chart.patient.study_id
    add_event(tx, patient_id, study_id, event, dated, by=by, reason=reason, now=now, elapsed=elapsed)
    plan_patient(tx, definitions, patient_id, now=now, elapsed=elapsed, because="event.recorded", by=by)


def record_fact(
    records: Records,
    definitions: Definitions,
    *,
    study_code: str | None,
    patient_code: str,
    fact: str,
    value: str,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> None:
    """A fact about a patient; the plan follows in the same transaction.

    Raises:
        ProblemError: everything that is wrong; nothing was written. Never holds the code.
    """
    with records.begin() as tx:
        patient = patient_named(tx, study_code, patient_code)
        enter_fact(tx, definitions, patient.id, fact, value, by=by, now=now, elapsed=elapsed)


def enter_fact(
    tx: Tx,
    definitions: Definitions,
    patient_id: UUID,
    fact: str,
    value: str,
    *,
    by: UUID | None,
    reason: str | None = None,
    now: Instant,
    elapsed: Instant,
) -> None:
    """The same in the caller's transaction; `reason` is why another value takes the place of one that stands.

    Raises:
        ProblemError: everything that is wrong; the transaction must not go on.
    """
    chart = read_chart(tx, definitions, patient_id)
    _check(chart.study.facts.keys(), "fact", fact)
    _check(chart.study.facts[fact].values.keys(), f"fact {fact}", value)
    study_id = chart.patient.study_id
    _add_fact(tx, patient_id, study_id, fact, value, by=by, reason=reason, now=now, elapsed=elapsed)
    plan_patient(tx, definitions, patient_id, now=now, elapsed=elapsed, because="fact.recorded", by=by)


def patient_named(tx: Tx, study_code: str | None, code: str) -> PatientRow:
    """The patient of this code.

    Raises:
        ProblemError: there is none. Does not repeat the code: it may be anything that somebody typed.
    """
    study = study_named(tx, study_code)
    found = patients.patient_by_code(tx, study.id, code)
    if found is None:
        raise ProblemError(Problem("patient", f"{study.code} has no patient of this code", "check the code"))
    return found


def site_of(tx: Tx, patient: PatientRow) -> SiteRow:
    """The site of a patient.

    Raises:
        LookupError: it is not there, which a foreign key rules out.
    """
    found = sites.site_by_id(tx, patient.site_id)
    if found is None:
        raise LookupError("a patient's site is not there")
    return found


def _check(known: Collection[str], where: str, word: str) -> None:
    if word not in known:
        raise ProblemError(Problem(where, f"{word!r} is not known", nearest(word, known), Wrong.UNKNOWN))


def add_event(
    tx: Tx,
    patient_id: UUID,
    study_id: UUID,
    name: str,
    event: EventDate,
    *,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
    answer_id: UUID | None = None,
    reason: str | None = None,
) -> None:
    """Records an event of a patient's course. `answer_id`: the answer that it stands for, and is taken back with."""
    event_id = patients.add_event(
        tx,
        patient_id=patient_id,
        study_id=study_id,
        event=name,
        certainty=event.certainty.value,
        day=event.day,
        recorded_at=now,
        answer_id=answer_id,
    )
    tx.audit(
        "event.recorded",
        table=schema.patient_event,
        object_id=event_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={
            "patient": str(patient_id),
            "event": name,
            "certainty": event.certainty.value,
            "date": event.day.isoformat(),
        },
        reason=reason,
    )


def _add_fact(
    tx: Tx,
    patient_id: UUID,
    study_id: UUID,
    name: str,
    value: str,
    *,
    by: UUID | None,
    reason: str | None = None,
    now: Instant,
    elapsed: Instant,
) -> None:
    fact_id = patients.add_fact(
        tx, patient_id=patient_id, study_id=study_id, fact=name, value=value, recorded_at=now, answer_id=None
    )
    tx.audit(
        "fact.recorded",
        table=schema.patient_fact,
        object_id=fact_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={"patient": str(patient_id), "fact": name, "value": value},
        reason=reason,
    )
