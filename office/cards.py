"""What a card needs to know about its visit: everything that the bot composes from, read in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from office.items import help_key
from office.judging import ASKED_AGAIN, FITTING, reasons_for
from office.last_words import last_word
from office.standings import DATES_THE_EVENT, Claim, claims_of, planned_by_office, standing_of
from records import answers, cards, office_items, patients, people, plans, sites, told
from records.answers import AnswerRow
from records.plans import TaskRow, VisitRow
from records.transaction import Tx
from scheduler.definitions import Definitions, zone_of
from scheduler.holds import standing
from scheduler.there import site_time_of
from trial.access import Action, may
from trial.answers import TAKEN_DOWN, AnswerKind, HelpKind, LeavingKind, Via
from trial.calendars import WorkingCalendar
from trial.digest import days_off, working_days_left
from trial.holds import TaskPlace
from trial.labels import Labels
from trial.ladder import TaskDates
from trial.leaving import kinds_offered_to_site
from trial.messages import LastWord, Phase, Standing, TimeLeft
from trial.moments import Instant, instant, local_day
from trial.occurrences import definition_of, label_of, task_label_of, task_short_of
from trial.responsibility import WhyTold
from trial.study import HOLD, Study
from trial.tasks import TaskKind, TaskState, VisitStatus

UNDO_WITHIN: Final = timedelta(minutes=10)
"""How long an answer can be taken back, by elapsed time since it was received."""

CONTEST_WITHIN: Final = timedelta(days=7)
"""The same for what the trial office took down: whoever is said to have told it may not look for some days. Ours."""

COUNTS_WORKING_DAYS: Final = timedelta(days=14)
"""So near its end a window's working days are counted; before that nobody plans by them. Ours."""

PAUSED: Final = "paused"

_UNCOUNTED: Final = TimeLeft()


def undo_within(via: Via) -> timedelta:
    """How long an answer that reached us in this way can be taken back."""
    return CONTEST_WITHIN if via in TAKEN_DOWN else UNDO_WITHIN


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
    asked_again: bool = False  # a claimed upload: the office asks about it, or nobody has seen it in time
    query: str | None = field(default=None, repr=False)  # what the office asks, in its own words
    asked_for_help: HelpKind | None = None  # its reminders wait until the office has looked at it
    time: TimeLeft = _UNCOUNTED  # until its own last day


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
    taken_down: bool = False  # by the trial office: anybody of the site may say that it is not so


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
    working_days_left: int | None = None  # after today, the window's last day counted; None when past or unknown
    days_off: tuple[date, ...] = ()  # weekdays until then on which nobody works there
    covering: str | None = None  # the colleague for whom the reader was told
    disclosure: str = "code"  # what may stand in the site's chats
    leaving_kinds: tuple[LeavingKind, ...] = ()  # what a site may say of a patient who is no longer followed
    on_hold: date | None = None  # the first day with which the hold of an open task ends; None: one of them may ring

    @property
    def open_tasks(self) -> int:
        return sum(task.open for task in self.tasks)

    def task(self, task_id: UUID) -> CardTaskView | None:
        return next((task for task in self.tasks if task.task_id == task_id), None)

    @property
    def asked_for_help(self) -> HelpKind | None:
        return next((task.asked_for_help for task in self.tasks if task.asked_for_help is not None), None)

    @property
    def query(self) -> str | None:
        return next((task.query for task in self.tasks if task.query is not None), None)


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
    rows = _in_order(study, visit, plans.tasks_of_visit(tx, visit_id))
    reading = _Reading(
        study=study,
        patient_state=patient.state,
        today=today,
        planned=planned_by_office(tx, study, visit.patient_id, visit.occurrence),
        said=said,
        claims=claims_of(tx, {row.id: (row.kind, row.state) for row in rows}, said),
        help=_help_asked(tx, said),
    )
    lines = [_task(reading, row) for row in rows]
    kinds = {line.task_id: line.kind for line in lines}
    shown = tuple(line for line in lines if line.standing is not Standing.CANCELLED) or tuple(lines)
    facing = _facing(shown)
    opens, due, closes = _window(visit, facing)
    word = last_word(tx, study, visit, said, kinds, site.zone)
    firm = visit.status == VisitStatus.FIRM if facing is None else facing.firm
    ends = [closes, *(line.closes for line in shown if line.answers)]
    calendar = site_time_of(tx, site).calendar if any(counts_working_days(end, today) for end in ends) else None
    time = time_left(closes, today, calendar, firm=firm)
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
        paused=patient.state == PAUSED,
        visit=label_of(study, visit.occurrence) or {"en": visit.occurrence},
        status=visit.status,
        firm=firm,
        phase=_phase(opens, closes, today, firm=firm),
        today=today,
        opens=opens,
        due=due,
        closes=closes,
        days_left=time.days_left,
        days_late=time.days_late,
        tasks=tuple(replace(line, time=time_left(line.closes, today, calendar, firm=line.firm)) for line in shown),
        last=word,
        receipt=None if word is None else _receipt(said[-1], word, shown, elapsed=elapsed),
        reasons=_reasons(study, visit, facing),
        screen="" if card is None else card.screen,
        shown=None if card is None else card.shown,
        working_days_left=time.working_days_left,
        days_off=time.days_off,
        covering=_covering(tx, visit_id, person_id),
        disclosure=site.disclosure,
        leaving_kinds=kinds_offered_to_site(study),
        on_hold=_on_hold(tx, patient.study_id, rows, shown, now=now, today=today),
    )


def _on_hold(
    tx: Tx, study_id: UUID, rows: Sequence[TaskRow], shown: Sequence[CardTaskView], *, now: Instant, today: date
) -> date | None:
    """Until when nothing rings of this visit, where that is so of everything that is open."""
    stands, still = standing(tx, now=now), {task.task_id for task in shown if task.answers}
    if not stands or not still:
        return None
    asked = [TaskPlace(study_id, row.site_id, row.patient_id, row.kind) for row in rows if row.id in still]
    until = [stands.until(place, today) for place in asked]
    held = [day for day in until if day is not None]
    return min(held) if len(held) == len(until) else None


def _in_order(study: Study, visit: VisitRow, rows: Sequence[TaskRow]) -> list[TaskRow]:
    """As the study file has them: first to hold the visit, then what follows from it."""
    definition = definition_of(study, visit.occurrence)
    names = [HOLD] if definition is None else [HOLD, *(task.name for task in definition.tasks)]
    places: Mapping[str, int] = {name: place for place, name in enumerate(names)}
    return sorted(rows, key=lambda row: (places.get(row.name, len(places)), row.name))


@dataclass(frozen=True, slots=True)
class _Reading:
    """What decides how the tasks of one visit stand."""

    study: Study
    patient_state: str
    today: date
    planned: date | None
    said: Sequence[AnswerRow]
    claims: Mapping[UUID, Claim]
    help: Mapping[UUID, HelpKind]


def _task(reading: _Reading, row: TaskRow) -> CardTaskView:
    study, claim = reading.study, reading.claims.get(row.id)
    said = [one for one in reading.said if one.task_id == row.id]
    open_now = row.state is TaskState.OPEN and reading.patient_state == "followed"
    asked_again = claim is not None and claim.asked_again and reading.patient_state != PAUSED
    planned = reading.planned if row.kind in DATES_THE_EVENT else None
    fact = study.facts.get(row.occurrence.partition(":")[2]) if row.kind is TaskKind.FACT else None
    day = planned or next((one.said.day for one in reversed(said) if one.said.day is not None), None)
    # Whether it takes place is not known yet, or the visit that it follows was not held: nothing to say so far.
    fitting = FITTING[row.kind] if open_now and row.due is not None else ()
    return CardTaskView(
        task_id=row.id,
        name=row.name,
        kind=row.kind,
        label=task_label_of(study, row.occurrence, row.name) or {"en": row.name},
        short=task_short_of(study, row.occurrence, row.name) or {"en": row.name},
        standing=standing_of(
            row.kind,
            row.state,
            TaskDates(row.opens, row.due, row.closes, row.firm),
            reading.today,
            said=said,
            planned=planned,
            claim=claim,
        ),
        open=open_now or asked_again,
        firm=row.firm,
        opens=row.opens,
        due=row.due,
        closes=row.closes,
        day=day,
        answers=ASKED_AGAIN if asked_again else fitting,
        question=None if fact is None else fact.question,
        values=() if fact is None else tuple(ValueChoice(name, label) for name, label in fact.values.items()),
        asked_again=asked_again,
        query=None if claim is None else claim.query,
        asked_for_help=reading.help.get(row.id),
    )


def _help_asked(tx: Tx, said: Sequence[AnswerRow]) -> Mapping[UUID, HelpKind]:
    """For which tasks somebody waits for help: asked for, and not yet looked at by the office."""
    asked = {
        one.task_id: one.said.help
        for one in said
        if one.kind is AnswerKind.NEED_HELP and one.task_id is not None and one.said.help is not None
    }
    return {
        task_id: kind
        for task_id, kind in asked.items()
        if office_items.open_item_about(tx, help_key(task_id)) is not None
    }


def _covering(tx: Tx, visit_id: UUID, person_id: UUID) -> str | None:
    """The colleague for whom this person was told about the visit last, if it was for one."""
    telling = told.last_telling(tx, person_id, visit_id=visit_id)
    if telling is None or telling.why is not WhyTold.COVERS or telling.instead_of is None:
        return None
    colleague = people.person_by_id(tx, telling.instead_of)
    return None if colleague is None else colleague.name


def _facing(tasks: Sequence[CardTaskView]) -> CardTaskView | None:
    """The task that the card is about today: the first open one that can be answered."""
    return next((task for task in tasks if task.open and task.answers), None)


def _window(visit: VisitRow, facing: CardTaskView | None) -> tuple[date | None, date | None, date | None]:
    """First, best and last day of what the card asks: the open task's own, else the visit's."""
    if facing is not None:
        return facing.opens, facing.due, facing.closes
    return visit.earliest, visit.target, visit.latest


def counts_working_days(closes: date | None, today: date) -> bool:
    """Whether this end is near enough to count the working days until then."""
    return closes is not None and timedelta(0) <= closes - today <= COUNTS_WORKING_DAYS


def time_left(closes: date | None, today: date, calendar: WorkingCalendar | None, *, firm: bool = True) -> TimeLeft:
    """What is left until this end or past since, counted in one way wherever it is told."""
    if closes is None:
        return TimeLeft()
    if closes < today:
        return TimeLeft(days_late=(today - closes).days if firm else None)
    days = (closes - today).days
    if calendar is None or not counts_working_days(closes, today):
        return TimeLeft(days)
    return TimeLeft(
        days,
        working_days_left=working_days_left(today, closes, calendar),
        days_off=days_off(today, closes, calendar),
    )


def _phase(opens: date | None, closes: date | None, today: date, *, firm: bool) -> Phase:
    if opens is None or today < opens:
        return Phase.BEFORE
    if not firm or closes is None or today <= closes:
        return Phase.DURING
    return Phase.AFTER


def _reasons(study: Study, visit: VisitRow, facing: CardTaskView | None) -> tuple[ReasonChoice, ...]:
    kind = TaskKind.HOLD if facing is None else facing.kind
    return tuple(ReasonChoice(reason.id, reason.label) for reason in reasons_for(study, visit.occurrence, kind))


def _receipt(answer: AnswerRow, word: LastWord, tasks: Sequence[CardTaskView], *, elapsed: Instant) -> ReceiptView:
    """The last answer, for as long as it can be taken back."""
    undo_until = instant(answer.received_at + undo_within(answer.via))
    task = next((task for task in tasks if task.task_id == answer.task_id), None)
    return ReceiptView(
        answer_id=answer.id,
        person_id=answer.person_id,
        answer=word,
        task_id=answer.task_id,
        task=None if task is None else task.label,
        at=answer.answered_at,
        undo_until=undo_until,
        undo_possible=elapsed <= undo_until,
        taken_down=answer.via in TAKEN_DOWN,
    )
