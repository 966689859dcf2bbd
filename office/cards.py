"""What a card needs to know about its visit: everything that the bot composes from, read in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, assert_never
from uuid import UUID

from office.judging import FITTING, reasons_for
from records import answers, cards, patients, people, plans, sites
from records.answers import AnswerRow
from records.patients import PatientRow
from records.people import PersonRow
from records.plans import TaskRow, VisitRow
from records.transaction import Tx
from scheduler.definitions import Definitions, zone_of
from trial.access import Action, may
from trial.answers import AnswerKind
from trial.labels import Labels
from trial.messages import LastWord, Phase, Standing
from trial.moments import Instant, instant, local_day
from trial.occurrences import EVENT, FACT, definition_of, label_of, task_label_of, task_short_of
from trial.study import HOLD, Study
from trial.tasks import TaskKind, TaskState, VisitStatus
from trial.timeline import Certainty

UNDO_WITHIN: Final = timedelta(minutes=10)
"""How long an answer can be taken back, by elapsed time since it was received."""

_DATES_THE_EVENT: Final = frozenset({TaskKind.HOLD, TaskKind.EVENT})


@dataclass(frozen=True, slots=True)
class ReasonChoice:
    """A coded reason of the study file. `id` is what `Said.reason` carries."""

    id: str
    label: Labels


@dataclass(frozen=True, slots=True)
class ValueChoice:
    """A value that a fact may have. `id` is what `Said.value` carries."""

    id: str
    label: Labels


@dataclass(frozen=True, slots=True)
class CardTaskView:
    """One task of the visit, in the order of the study file, as it stands today."""

    task_id: UUID
    name: str
    kind: TaskKind
    label: Labels
    short: Labels  # for a button
    standing: Standing
    open: bool  # an answer would still be taken
    firm: bool  # its dates count from what happened or was planned
    opens: date | None
    due: date | None
    closes: date | None
    day: date | None  # booked, planned by the office, done or uploaded
    answers: tuple[AnswerKind, ...]  # which fit now; empty when it is closed or its date is not known yet
    question: Labels | None = None  # a fact's own question
    values: tuple[ValueChoice, ...] = ()  # a fact's values


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """The last answer that can still be taken back."""

    answer_id: UUID
    person_id: UUID | None  # who gave it
    answer: LastWord
    task_id: UUID | None
    task: Labels | None
    at: Instant  # trial time
    undo_until: Instant  # elapsed time
    undo_possible: bool


@dataclass(frozen=True, slots=True)
class CardView:
    """One visit as one person may see it on `today`, the local date at the site."""

    visit_id: UUID
    person_id: UUID
    patient_id: UUID
    study_id: UUID
    site_id: UUID
    allowed: bool  # whether this person may see and answer it now; False: show nothing of it
    language: str  # that the person asked for
    approved: tuple[str, ...]  # languages that the study may send
    reader_zone: str  # IANA: of the site
    site_number: str
    study_code: str
    patient_code: str
    paused: bool  # the patient is no longer followed, to be confirmed
    visit: Labels
    status: str  # VisitStatus or `cancelled`
    firm: bool
    phase: Phase
    today: date
    opens: date | None
    due: date | None
    closes: date | None
    days_left: int | None
    days_late: int | None
    tasks: tuple[CardTaskView, ...]
    last: LastWord | None
    receipt: ReceiptView | None
    reasons: tuple[ReasonChoice, ...]  # for not done and not applicable
    screen: str  # which face the card shows: the bot's own word, empty for the first
    shown: bytes | None = None  # fingerprint of what the card last showed

    @property
    def open_tasks(self) -> int:
        return sum(task.open for task in self.tasks)

    def task(self, task_id: UUID) -> CardTaskView | None:
        return next((task for task in self.tasks if task.task_id == task_id), None)

    @property
    def reasons_by_id(self) -> Mapping[str, Labels]:
        return {reason.id: reason.label for reason in self.reasons}


def card_view(
    tx: Tx, studies: Definitions, visit_id: UUID, person_id: UUID, *, now: Instant, elapsed: Instant
) -> CardView | None:
    """This visit as this person may see it now; None when there is no such visit or person."""
    visit = plans.visit_by_id(tx, visit_id)
    person = people.person_by_id(tx, person_id)
    patient = None if visit is None else patients.patient_by_id(tx, visit.patient_id)
    site = None if visit is None else sites.site_by_id(tx, visit.site_id)
    actor = people.actor(tx, person_id)
    if visit is None or person is None or patient is None or site is None or actor is None:
        return None
    study = studies.of_version(tx, patient.study_version_id)
    today = local_day(now, zone_of(site.zone))
    said = answers.standing_of_visit(tx, visit_id)
    card = cards.card_of(tx, visit_id, person_id)
    planned = _planned_by_office(tx, study, visit)
    lines = [
        _task(study, patient, row, [one for one in said if one.task_id == row.id], planned, today)
        for row in _in_order(study, visit, plans.tasks_of_visit(tx, visit_id))
    ]
    kinds = {line.task_id: line.kind for line in lines}
    shown = tuple(line for line in lines if line.standing is not Standing.CANCELLED) or tuple(lines)
    facing = _facing(shown)
    opens, due, closes = _window(visit, facing)
    firm = visit.status == VisitStatus.FIRM if facing is None else facing.firm
    return CardView(
        visit_id=visit_id,
        person_id=person_id,
        patient_id=patient.id,
        study_id=patient.study_id,
        site_id=site.id,
        allowed=may(actor, Action.SEE, study_id=patient.study_id, site_id=site.id, today=today),
        language=person.language,
        approved=study.languages,
        reader_zone=site.zone,
        site_number=site.number,
        study_code=patient.study_code,
        patient_code=patient.code,
        paused=patient.state == "paused",
        visit=label_of(study, visit.occurrence) or {"en": visit.occurrence},
        status=visit.status,
        firm=firm,
        phase=_phase(opens, closes, today, firm=firm),
        today=today,
        opens=opens,
        due=due,
        closes=closes,
        days_left=(closes - today).days if closes is not None and today <= closes else None,
        days_late=(today - closes).days if firm and closes is not None and today > closes else None,
        tasks=shown,
        last=_last_word(tx, study, visit, said[-1], kinds, site.zone) if said else None,
        receipt=_receipt(tx, study, visit, said, shown, kinds, site.zone, elapsed=elapsed),
        reasons=_reasons(study, visit, facing),
        screen="" if card is None else card.screen,
        shown=None if card is None else card.shown,
    )


def _in_order(study: Study, visit: VisitRow, rows: Sequence[TaskRow]) -> list[TaskRow]:
    """As the study file has them: first to hold the visit, then what follows from it."""
    definition = definition_of(study, visit.occurrence)
    names = [HOLD] if definition is None else [HOLD, *(task.name for task in definition.tasks)]
    places: Mapping[str, int] = {name: place for place, name in enumerate(names)}
    return sorted(rows, key=lambda row: (places.get(row.name, len(places)), row.name))


def _planned_by_office(tx: Tx, study: Study, visit: VisitRow) -> date | None:
    """The day that the trial office has planned for the event of this visit; None where the site's own word holds."""
    kind, _, name = visit.occurrence.partition(":")
    definition = definition_of(study, visit.occurrence)
    event = name if kind == EVENT else None if definition is None else definition.records
    if event is None:
        return None
    known = next((one for one in patients.known_of(tx, visit.patient_id).events if one.event == event), None)
    by_office = known is not None and known.certainty == Certainty.PLANNED and known.answer_id is None
    return known.day if known is not None and by_office else None


def _task(
    study: Study,
    patient: PatientRow,
    row: TaskRow,
    said: Sequence[AnswerRow],
    planned: date | None,
    today: date,
) -> CardTaskView:
    takes_answers = row.state is TaskState.OPEN and patient.state == "followed"
    planned = planned if row.kind in _DATES_THE_EVENT else None
    fact = study.facts.get(row.occurrence.partition(":")[2]) if row.kind is TaskKind.FACT else None
    day = planned or next((one.said.day for one in reversed(said) if one.said.day is not None), None)
    return CardTaskView(
        task_id=row.id,
        name=row.name,
        kind=row.kind,
        label=task_label_of(study, row.occurrence, row.name) or {"en": row.name},
        short=task_short_of(study, row.occurrence, row.name) or {"en": row.name},
        standing=standing_of(row, said, planned, today),
        open=takes_answers,
        firm=row.firm,
        opens=row.opens,
        due=row.due,
        closes=row.closes,
        day=day,
        # Whether it takes place is not known yet, or the visit that it follows was not held: nothing to say so far.
        answers=FITTING[row.kind] if takes_answers and row.due is not None else (),
        question=None if fact is None else fact.question,
        values=() if fact is None else tuple(ValueChoice(name, label) for name, label in fact.values.items()),
    )


def standing_of(row: TaskRow, said: Sequence[AnswerRow], planned: date | None, today: date) -> Standing:
    """How a task stands on this day; `said` are its standing answers, the last one last, `planned` the office's day."""
    match row.state:
        case TaskState.OPEN:
            return _open_standing(row, said, planned, today)
        case TaskState.DONE:
            match row.kind:
                case TaskKind.UPLOAD:
                    return Standing.CLAIMED
                case TaskKind.FACT:
                    return Standing.STATED
                case TaskKind.HOLD | TaskKind.SEND | TaskKind.EVENT:
                    return Standing.DONE
        case TaskState.NOT_DONE:
            return Standing.NOT_DONE
        case TaskState.NOT_APPLICABLE:
            return Standing.NOT_APPLICABLE
        case TaskState.PAUSED:
            return Standing.PAUSED
        case TaskState.CANCELLED:
            return Standing.CANCELLED
    assert_never(row.kind)


def _open_standing(row: TaskRow, said: Sequence[AnswerRow], planned: date | None, today: date) -> Standing:
    if row.due is None:
        return Standing.WAITING
    if planned is not None and planned >= today:
        return Standing.PLANNED
    booked = next((one.said.day for one in reversed(said) if one.kind is AnswerKind.BOOKED), None)
    if planned is None and booked is not None and booked >= today:
        return Standing.BOOKED
    if row.opens is not None and today < row.opens:
        return Standing.SCHEDULED
    if row.firm and row.closes is not None and today > row.closes:
        return Standing.LATE
    return Standing.DUE


def _facing(tasks: Sequence[CardTaskView]) -> CardTaskView | None:
    """The task that the card is about today: the first open one that can be answered."""
    return next((task for task in tasks if task.open and task.answers), None)


def _window(visit: VisitRow, facing: CardTaskView | None) -> tuple[date | None, date | None, date | None]:
    """First, best and last day of what the card asks: the open task's own, else the visit's."""
    if facing is not None:
        return facing.opens, facing.due, facing.closes
    return visit.earliest, visit.target, visit.latest


def _phase(opens: date | None, closes: date | None, today: date, *, firm: bool) -> Phase:
    if opens is None or today < opens:
        return Phase.BEFORE
    if not firm or closes is None or today <= closes:
        return Phase.DURING
    return Phase.AFTER


def _reasons(study: Study, visit: VisitRow, facing: CardTaskView | None) -> tuple[ReasonChoice, ...]:
    kind = TaskKind.HOLD if facing is None else facing.kind
    return tuple(ReasonChoice(reason.id, reason.label) for reason in reasons_for(study, visit.occurrence, kind))


def _last_word(
    tx: Tx, study: Study, visit: VisitRow, answer: AnswerRow, kinds: Mapping[UUID, TaskKind], zone: str
) -> LastWord:
    by: PersonRow | None = None if answer.person_id is None else people.person_by_id(tx, answer.person_id)
    return LastWord(
        kind=answer.kind,
        by="" if by is None else by.name,
        said_on=local_day(answer.answered_at, zone_of(zone)),
        day=answer.said.until if answer.kind is AnswerKind.LATER else answer.said.day,
        words=words_of(study, visit.occurrence, answer),
        text=answer.said.text,
        leaving=answer.said.leaving,
        task_kind=None if answer.task_id is None else kinds.get(answer.task_id),
    )


def words_of(study: Study, occurrence: str, answer: AnswerRow) -> Labels | None:
    """The study file's words for a coded reason or for a fact's value."""
    if answer.said.reason is not None:
        reasons = reasons_for(study, occurrence, TaskKind.HOLD)
        return next((reason.label for reason in reasons if reason.id == answer.said.reason), None)
    kind, _, name = occurrence.partition(":")
    if answer.said.value is not None and kind == FACT and name in study.facts:
        return study.facts[name].values.get(answer.said.value)
    return None


def _receipt(
    tx: Tx,
    study: Study,
    visit: VisitRow,
    said: Sequence[AnswerRow],
    tasks: Sequence[CardTaskView],
    kinds: Mapping[UUID, TaskKind],
    zone: str,
    *,
    elapsed: Instant,
) -> ReceiptView | None:
    """The last answer, for as long as it can be taken back."""
    if not said:
        return None
    answer = said[-1]
    undo_until = instant(answer.received_at + UNDO_WITHIN)
    task = next((task for task in tasks if task.task_id == answer.task_id), None)
    return ReceiptView(
        answer_id=answer.id,
        person_id=answer.person_id,
        answer=_last_word(tx, study, visit, answer, kinds, zone),
        task_id=answer.task_id,
        task=None if task is None else task.label,
        at=answer.answered_at,
        undo_until=undo_until,
        undo_possible=elapsed <= undo_until,
    )
