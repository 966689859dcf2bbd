"""What an answer may say, and what it does to the plan. Decides, and touches nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from trial.answers import AnswerKind, Said
from trial.leaving import kinds_offered_to_site
from trial.moments import FIRST_YEAR, LAST_YEAR
from trial.occurrences import definition_of
from trial.study import Reason, Study
from trial.tasks import TaskKind, TaskState
from trial.timeline import Certainty, Course, EventDate


class Refusal(StrEnum):
    """Why an answer, or taking one back, was not recorded. Nothing was written."""

    UNKNOWN = "unknown"  # no such task or answer
    NOT_ALLOWED = "not_allowed"
    CLOSED = "closed"  # answered otherwise, cancelled or paused meanwhile
    FUTURE_DAY = "future_day"  # it cannot have happened yet
    BEFORE_REGISTRATION = "before_registration"  # or against the order of the patient's events
    UNFIT = "unfit"  # this kind of answer does not fit the task, or something of it is missing
    TOO_LATE_TO_UNDO = "too_late_to_undo"
    ALREADY_UNDONE = "already_undone"


_ALWAYS: Final = (AnswerKind.LATER, AnswerKind.NO_LONGER_FOLLOWED, AnswerKind.NEED_HELP)
FITTING: Final[Mapping[TaskKind, tuple[AnswerKind, ...]]] = MappingProxyType(
    {
        TaskKind.HOLD: (
            AnswerKind.DONE,
            AnswerKind.BOOKED,
            AnswerKind.NOT_DONE,
            AnswerKind.NOT_APPLICABLE,
            *_ALWAYS,
        ),
        TaskKind.UPLOAD: (AnswerKind.UPLOADED, AnswerKind.NOT_DONE, AnswerKind.NOT_APPLICABLE, *_ALWAYS),
        TaskKind.SEND: (AnswerKind.DONE, AnswerKind.NOT_DONE, AnswerKind.NOT_APPLICABLE, *_ALWAYS),
        TaskKind.EVENT: (AnswerKind.DONE, AnswerKind.BOOKED, AnswerKind.NOT_APPLICABLE, *_ALWAYS),
        TaskKind.FACT: (AnswerKind.STATED, AnswerKind.NOT_APPLICABLE, *_ALWAYS),
    }
)
"""Which answers fit which kind of task, the likeliest first."""

ASKED_AGAIN: Final = (AnswerKind.UPLOADED, AnswerKind.LATER, AnswerKind.NEED_HELP)
"""What fits an upload that was claimed and that somebody asks about: uploaded again or as said, later, or help."""

CLOSING: Final[Mapping[AnswerKind, TaskState]] = MappingProxyType(
    {
        AnswerKind.DONE: TaskState.DONE,
        AnswerKind.UPLOADED: TaskState.DONE,
        AnswerKind.STATED: TaskState.DONE,
        AnswerKind.NOT_DONE: TaskState.NOT_DONE,
        AnswerKind.NOT_APPLICABLE: TaskState.NOT_APPLICABLE,
    }
)
"""Answers after which the task is closed, and how it stands then."""


@dataclass(frozen=True, slots=True)
class Question:
    """What an answer is judged against: dates are local at the site."""

    study: Study
    course: Course
    occurrence: str
    task_kind: TaskKind
    earliest: date | None  # first allowed day of the visit
    today: date


@dataclass(frozen=True, slots=True)
class Effects:
    """What an answer does beside standing there."""

    state: TaskState | None = None  # the task is closed
    event: tuple[str, EventDate] | None = None
    fact: tuple[str, str] | None = None


def judge(question: Question, kind: AnswerKind, said: Said) -> Refusal | None:
    """Why this cannot be said about this task on this day; None: it can."""
    if kind not in FITTING[question.task_kind]:
        return Refusal.UNFIT
    match kind:
        case AnswerKind.DONE | AnswerKind.UPLOADED:
            return _judge_day(question, said.day, may_come=False)
        case AnswerKind.BOOKED:
            return _judge_day(question, said.day, may_come=True)
        case AnswerKind.NOT_DONE | AnswerKind.NOT_APPLICABLE:
            known = said.reason is None or reason_of(question, said.reason) is not None
            return None if known and (said.reason or said.text) else Refusal.UNFIT
        case AnswerKind.LATER:
            fits = said.until is not None and said.until > question.today and said.until.year <= LAST_YEAR
            return None if fits else Refusal.UNFIT
        case AnswerKind.STATED:
            fact = question.study.open_facts.get(_asked(question.occurrence))
            return None if fact is not None and said.value in fact.values else Refusal.UNFIT
        case AnswerKind.NO_LONGER_FOLLOWED:
            # What is only told apart when it is confirmed cannot be said here.
            return None if said.leaving in kinds_offered_to_site(question.study) else Refusal.UNFIT
        case AnswerKind.NEED_HELP:
            return None if said.help is not None else Refusal.UNFIT
        case AnswerKind.UNDO:
            return Refusal.UNFIT


def _judge_day(question: Question, day: date | None, *, may_come: bool) -> Refusal | None:
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        return Refusal.UNFIT
    if not may_come and day > question.today:
        return Refusal.FUTURE_DAY
    # A baseline scan may be older than the registration: as old as its own window allows.
    first_days = [
        first
        for first in (question.course.happened(question.study.registration), question.earliest)
        if first is not None
    ]
    if first_days and day < min(first_days):
        return Refusal.BEFORE_REGISTRATION
    return None


def effects(question: Question, kind: AnswerKind, said: Said) -> Effects:
    """What an answer that was judged does."""
    return Effects(state=CLOSING.get(kind), event=_event(question, kind, said), fact=_fact(question, kind, said))


def _event(question: Question, kind: AnswerKind, said: Said) -> tuple[str, EventDate] | None:
    certainty = {AnswerKind.DONE: Certainty.HAPPENED, AnswerKind.BOOKED: Certainty.PLANNED}.get(kind)
    if certainty is not None:
        name = recorded_event(question)
        return None if name is None or said.day is None else (name, EventDate(said.day, certainty))
    if kind in {AnswerKind.NOT_DONE, AnswerKind.NOT_APPLICABLE} and said.reason is not None:
        reason = reason_of(question, said.reason)
        if reason is not None and reason.records is not None:
            # Deciding not to operate has happened on the day on which it is said.
            return reason.records, EventDate(said.day or question.today, Certainty.HAPPENED)
    return None


def _fact(question: Question, kind: AnswerKind, said: Said) -> tuple[str, str] | None:
    if kind is not AnswerKind.STATED or said.value is None:
        return None
    return _asked(question.occurrence), said.value


def recorded_event(question: Question) -> str | None:
    """The event that doing this task dates: the visit's own, or the one that is asked for."""
    if question.task_kind is TaskKind.EVENT:
        return _asked(question.occurrence)
    visit = definition_of(question.study, question.occurrence)
    return visit.records if visit is not None and question.task_kind is TaskKind.HOLD else None


def reasons_for(study: Study, occurrence: str, kind: TaskKind) -> tuple[Reason, ...]:
    """The coded reasons that fit a task. Only not holding the visit itself can say that an event has happened."""
    visit = definition_of(study, occurrence)
    reasons = () if visit is None else visit.reasons
    return tuple(reason for reason in reasons if kind is TaskKind.HOLD or reason.records is None)


def reason_of(question: Question, reason_id: str) -> Reason | None:
    fitting = reasons_for(question.study, question.occurrence, question.task_kind)
    return next((reason for reason in fitting if reason.id == reason_id), None)


def and_effects(course: Course, done: Effects) -> Course:
    """The course as it would be after these effects."""
    events = dict(course.events) | ({} if done.event is None else {done.event[0]: done.event[1]})
    facts = dict(course.facts) | ({} if done.fact is None else {done.fact[0]: done.fact[1]})
    return Course(events=events, facts=facts, held=course.held)


def _asked(occurrence: str) -> str:
    """The event or fact that an occurrence `event:<name>` or `fact:<name>` asks for."""
    return occurrence.partition(":")[2]
