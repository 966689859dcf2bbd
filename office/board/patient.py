"""One patient: the visits with their tasks as they stand today, what is known of the course, and the communication log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from office.board.consents import ConsentsOfPatient, consents_of_patient
from office.board.holds import HoldNotes, hold_notes
from office.board.patients import place_in
from office.board.story import StoryDay, days_of, story_of
from office.board.viewer import Viewer
from office.cards import undo_within
from office.holds import HoldLine
from office.judging import FITTING, reasons_for
from office.last_words import word_of
from office.standings import DATES_THE_EVENT, claim_of, event_of, planned_among, standing_of
from office.teams import Team, team_of
from records import answers, claims, patients, people, plans
from records.answers import AnswerRow
from records.claims import CheckRow
from records.patients import EventRow, FactRow, PatientRow
from records.plans import TaskRow, VisitRow
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import Definitions, calendar_of, zone_of
from trial.access import Action
from trial.answers import AnswerKind, LeavingKind
from trial.follow_up import FollowUp, follow_up
from trial.holds import TaskPlace
from trial.labels import Labels
from trial.ladder import TaskDates
from trial.leaving import kinds_offered_to_site
from trial.messages import LastWord, Standing
from trial.moments import Instant, local_day
from trial.occurrences import label_of, task_label_of
from trial.study import HOLD, Study
from trial.tasks import TaskKind, TaskState


@dataclass(frozen=True, slots=True)
class Choice:
    """A coded reason or a fact's value that may be said."""

    id: str
    label: Labels


@dataclass(frozen=True, slots=True)
class SaidOfTask:
    """What stands of a task, and the answer that says so. `may_be_undone`: by elapsed time, from a card."""

    answer_id: UUID
    word: LastWord
    may_be_undone: bool


@dataclass(frozen=True, slots=True)
class TaskBlock:
    """A task as it stands today. `answers` are those that may be taken down for it; none when it takes none."""

    id: UUID
    kind: TaskKind
    label: Labels
    standing: Standing
    follow_up: FollowUp | None
    firm: bool
    opens: date | None
    due: date | None
    closes: date | None
    days_late: int | None
    responsible: str | None
    last: SaidOfTask | None
    on_hold: HoldLine | None
    answers: tuple[AnswerKind, ...]
    reasons: tuple[Choice, ...]
    values: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class VisitBlock:
    """A visit with its tasks. `happened`: the day on which it took place, or its event did. `status`: a VisitStatus, or
    `cancelled`.
    """

    id: UUID
    occurrence: str
    definition: str
    label: Labels
    status: str
    target: date | None
    earliest: date | None
    latest: date | None
    happened: date | None
    tasks: tuple[TaskBlock, ...]

    @property
    def open_tasks(self) -> tuple[TaskBlock, ...]:
        return tuple(task for task in self.tasks if task.answers)


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """An event of the study and what is recorded of it. `corrects`: another date needs a reason."""

    name: str
    label: Labels
    day: date | None
    certainty: str | None
    leaves: bool  # it says why a patient is no longer followed, and is confirmed elsewhere

    @property
    def corrects(self) -> bool:
        return self.day is not None


@dataclass(frozen=True, slots=True)
class KnownFact:
    name: str
    label: Labels
    value: str | None
    values: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class PatientPage:
    """Everything on a patient's page, on the site's own `today`."""

    id: UUID
    site: SiteRow
    study: Study
    study_code: str
    state: str
    today: date
    visits: tuple[VisitBlock, ...]
    events: tuple[KnownEvent, ...]
    facts: tuple[KnownFact, ...]
    consents: ConsentsOfPatient
    days: tuple[StoryDay, ...]
    leaving_kinds: tuple[LeavingKind, ...]
    holds: tuple[HoldLine, ...]  # that keep something about this patient quiet
    may_record: bool
    may_hold: bool
    code: str = field(repr=False)


def patient_of(tx: Tx, viewer: Viewer, patient_id: UUID) -> tuple[PatientRow, SiteRow] | None:
    """A patient whom this viewer may see; None where there is none, or not for them."""
    patient = patients.patient_by_id(tx, patient_id)
    site = None if patient is None else next((one for one in viewer.seen if one.id == patient.site_id), None)
    return None if patient is None or site is None else (patient, site)


def patient_page(
    tx: Tx, studies: Definitions, viewer: Viewer, patient_id: UUID, *, now: Instant, elapsed: Instant
) -> PatientPage | None:
    """The page of a patient; None as `patient_of` has it."""
    found = patient_of(tx, viewer, patient_id)
    if found is None:
        return None
    patient, site = found
    study = studies.of_version(tx, patient.study_version_id)
    known = patients.known_of(tx, patient_id)
    reading = _read(tx, study, patient, site, known.events, now=now, elapsed=elapsed)
    return PatientPage(
        id=patient_id,
        site=site,
        study=study,
        study_code=patient.study_code,
        state=patient.state,
        today=reading.today,
        visits=_visits(tx, reading),
        events=_events(study, known.events),
        facts=_facts(study, known.facts, unblinded=viewer.may(Action.UNBLIND, site)),
        consents=consents_of_patient(tx, studies, patient),
        days=days_of(story_of(tx, studies, viewer, patient, site), site),
        leaving_kinds=kinds_offered_to_site(study),
        holds=reading.holds.of_patient(patient_id, site),
        may_record=viewer.may(Action.RECORD, site),
        may_hold=viewer.may(Action.HOLD, site),
        code=patient.code,
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """What decides how one patient's tasks stand."""

    study: Study
    patient: PatientRow
    site: SiteRow
    today: date
    elapsed: Instant
    events: tuple[EventRow, ...]
    said: Mapping[UUID, tuple[AnswerRow, ...]]  # standing answers of each task, the last one last
    checks: Mapping[UUID, Sequence[CheckRow]]
    names: Mapping[UUID, str]
    team: Team
    tasks: tuple[TaskRow, ...]
    holds: HoldNotes


def _read(
    tx: Tx,
    study: Study,
    patient: PatientRow,
    site: SiteRow,
    events: tuple[EventRow, ...],
    *,
    now: Instant,
    elapsed: Instant,
) -> _Reading:
    standing = [
        one
        for one in answers.answers_of_patient(tx, patient.id)
        if one.undone_at is None and one.kind is not AnswerKind.UNDO and one.task_id is not None
    ]
    tasks = plans.tasks_of_patient(tx, patient.id)
    return _Reading(
        study=study,
        patient=patient,
        site=site,
        today=local_day(now, zone_of(site.zone)),
        elapsed=elapsed,
        events=events,
        said={task.id: tuple(one for one in standing if one.task_id == task.id) for task in tasks},
        checks=claims.checks_of_tasks(tx, [task.id for task in tasks if task.kind is TaskKind.UPLOAD]),
        names=people.names_of(tx, {one.person_id for one in standing if one.person_id is not None}),
        team=team_of(tx, site, now=now, patient_ids=(patient.id,)),
        tasks=tasks,
        holds=hold_notes(tx, patient.study_id, (site,), now=now),
    )


def _visits(tx: Tx, reading: _Reading) -> tuple[VisitBlock, ...]:
    study = reading.study
    found = plans.visits_of(tx, reading.patient.id)
    ordered = sorted(found, key=lambda visit: place_in(study, visit.occurrence))
    blocks = (_visit(reading, visit) for visit in ordered)
    return tuple(block for block in blocks if block.tasks)


def _visit(reading: _Reading, visit: VisitRow) -> VisitBlock:
    tasks = [task for task in reading.tasks if task.visit_id == visit.id]
    shown = [task for task in tasks if task.state is not TaskState.CANCELLED] or tasks
    event = event_of(reading.study, visit.occurrence)
    recorded = next((one.day for one in reading.events if one.event == event and one.certainty == "happened"), None)
    held = next(
        (
            one.said.day
            for task in tasks
            if task.name == HOLD
            for one in reversed(reading.said[task.id])
            if one.kind is AnswerKind.DONE
        ),
        None,
    )
    return VisitBlock(
        id=visit.id,
        occurrence=visit.occurrence,
        definition=visit.definition,
        status=visit.status,
        label=label_of(reading.study, visit.occurrence) or {"en": visit.occurrence},
        target=visit.target,
        earliest=visit.earliest,
        latest=visit.latest,
        happened=held or recorded,
        tasks=tuple(_task(reading, visit, task) for task in shown),
    )


def _task(reading: _Reading, visit: VisitRow, task: TaskRow) -> TaskBlock:
    study, today, said = reading.study, reading.today, reading.said[task.id]
    dates = TaskDates(task.opens, task.due, task.closes, task.firm)
    claim = claim_of(said, reading.checks.get(task.id, ())) if task.kind is TaskKind.UPLOAD else None
    planned = planned_among(study, reading.events, task.occurrence) if task.kind in DATES_THE_EVENT else None
    takes = task.state is TaskState.OPEN and task.due is not None and reading.patient.state == "followed"
    late = task.state is TaskState.OPEN and task.firm and task.closes is not None and task.closes < today
    fact = study.facts.get(task.occurrence.partition(":")[2]) if task.kind is TaskKind.FACT else None
    return TaskBlock(
        id=task.id,
        kind=task.kind,
        label=task_label_of(study, task.occurrence, task.name) or {"en": task.name},
        standing=standing_of(task.kind, task.state, dates, today, said=said, planned=planned, claim=claim),
        follow_up=follow_up(
            task.state,
            dates,
            today,
            tolerance=study.tolerance(task.kind, visit.definition, task.name),
            calendar=calendar_of(reading.site.country, reading.site.region),
        ),
        firm=task.firm,
        opens=task.opens,
        due=task.due,
        closes=task.closes,
        days_late=(today - task.closes).days if late and task.closes is not None else None,
        responsible=reading.team.responsible_name(reading.patient.id, task.function),
        last=_last(reading, visit, task, said),
        on_hold=_on_hold(reading, task),
        answers=FITTING[task.kind] if takes else (),
        reasons=tuple(Choice(one.id, one.label) for one in reasons_for(study, task.occurrence, task.kind)),
        values=() if fact is None else tuple(Choice(name, label) for name, label in fact.values.items()),
    )


def _on_hold(reading: _Reading, task: TaskRow) -> HoldLine | None:
    """What keeps a task quiet that would ring."""
    place = TaskPlace(reading.patient.study_id, task.site_id, task.patient_id, task.kind)
    return reading.holds.of_task(place, reading.site.zone) if task.state is TaskState.OPEN else None


def _last(reading: _Reading, visit: VisitRow, task: TaskRow, said: Sequence[AnswerRow]) -> SaidOfTask | None:
    if not said:
        return None
    answer = said[-1]
    word = word_of(
        reading.study,
        visit.occurrence,
        answer,
        task.kind,
        (visit.earliest, visit.latest),
        by="" if answer.person_id is None else reading.names.get(answer.person_id, ""),
        zone=reading.site.zone,
    )
    until = answer.received_at + undo_within(answer.via)
    return SaidOfTask(answer.id, word, may_be_undone=reading.elapsed <= until)


def _events(study: Study, known: Sequence[EventRow]) -> tuple[KnownEvent, ...]:
    rows_of = {one.event: one for one in known}
    return tuple(
        KnownEvent(
            name=event.name,
            label=event.label,
            day=None if event.name not in rows_of else rows_of[event.name].day,
            certainty=None if event.name not in rows_of else rows_of[event.name].certainty,
            leaves=event.leaving is not None,
        )
        for event in study.events.values()
    )


def _facts(study: Study, known: Sequence[FactRow], *, unblinded: bool) -> tuple[KnownFact, ...]:
    values = {one.fact: one.value for one in known}
    return tuple(
        KnownFact(
            name=fact.name,
            label=fact.label,
            value=values.get(fact.name),
            values=tuple(Choice(name, label) for name, label in fact.values.items()),
        )
        for fact in (study.facts if unblinded else study.open_facts).values()
    )
