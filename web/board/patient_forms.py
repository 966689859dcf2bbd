"""What is entered on the pages about patients: a new one, answers that were told, events, facts, and corrections."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from locales.board import BoardWords, board_words
from locales.board_patients import problem_words, wrong_words
from office.answers import AlreadyAnswered
from office.board.new_patient import NewPatientForm, new_patient_form
from office.board.patient import patient_of
from office.consents import record_consent_by
from office.entering import add_patient_by, record_event_by, record_fact_by, take_back_by
from office.judging import Refusal
from office.patients import NewPatient
from office.taking_down import take_down
from records.transaction import Tx
from trial.access import Action
from trial.answers import AnswerKind, Said, TakenDown, Via
from trial.moments import Instant
from trial.problems import Problem, ProblemError, Wrong
from trial.timeline import Certainty, EventDate
from web.board.answer_form import said_in
from web.board.desk import Ask, BoardDesk
from web.board.pages import HEADERS, missing, page
from web.board.patient import Sent, identity, patient_response
from web.board.patients import ADDRESS
from web.board.visitors import Door, Visitor
from web.forms import Form

NEW: Final = f"{ADDRESS}/new"
LONGEST: Final = 16384
FIELDS_MOST: Final = 80

_REFUSED: Final[Mapping[Refusal, tuple[str, Wrong]]] = {
    Refusal.UNKNOWN: ("", Wrong.CLOSED),
    Refusal.NOT_ALLOWED: ("", Wrong.NOT_ALLOWED),
    Refusal.CLOSED: ("", Wrong.CLOSED),
    Refusal.FUTURE_DAY: ("day", Wrong.FUTURE),
    Refusal.BEFORE_REGISTRATION: ("day", Wrong.BEFORE_REGISTRATION),
    Refusal.UNFIT: ("", Wrong.UNFIT),
    Refusal.TOO_LATE_TO_UNDO: ("", Wrong.CLOSED),
    Refusal.ALREADY_UNDONE: ("", Wrong.CLOSED),
}
"""At which field a refusal stands, and what it says."""

_FIELDS: Final = {
    "told by": "told_by",
    "told on": "told_on",
    "words": "words",
    "reason": "reason",
    "given on": "day",
    "version": "version",
}
"""Which field a problem is about; what has none stands above the form."""


class _Refused(Exception):
    """Nothing was written: what is wrong, by the name of the field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(*errors)
        self.errors = errors


def patient_form_routes(desk: BoardDesk, door: Door) -> APIRouter:
    forms = _Forms(desk, door)
    router = APIRouter()
    router.add_api_route(NEW, forms.new, methods=["GET"])
    router.add_api_route(NEW, forms.add, methods=["POST"])
    router.add_api_route(f"{ADDRESS}/{{patient}}/tasks/{{task}}/answers", forms.take_down, methods=["POST"])
    router.add_api_route(f"{ADDRESS}/{{patient}}/answers/{{answer}}/take-back", forms.take_back, methods=["POST"])
    router.add_api_route(f"{ADDRESS}/{{patient}}/events", forms.record_event, methods=["POST"])
    router.add_api_route(f"{ADDRESS}/{{patient}}/facts", forms.record_fact, methods=["POST"])
    router.add_api_route(f"{ADDRESS}/{{patient}}/consents", forms.record_consent, methods=["POST"])
    return router


class _Forms:
    def __init__(self, desk: BoardDesk, door: Door) -> None:
        self._desk = desk
        self._door = door

    # --- a new patient ------------------------------------------------------------------------------------------------

    async def new(self, request: Request) -> Response:
        visitor = await self._door.visitor(request)
        return await self._new_page(visitor, {}, {})

    async def add(self, request: Request) -> Response:
        visitor, form = await self._door.posted(request, longest=LONGEST, fields_most=FIELDS_MOST)
        viewer, words = visitor.viewer, board_words(visitor.viewer.language)
        site = viewer.site(form["site"])
        if not viewer.may_somewhere(Action.RECORD):
            return missing(viewer, csrf=visitor.csrf)
        new, errors = _new_patient(form, words)
        if site is None or not viewer.may(Action.RECORD, site):
            errors["site"] = wrong_words(words.voice, Wrong.MISSING if not form["site"] else Wrong.UNKNOWN)
        if errors or site is None:
            return await self._new_page(visitor, form.fields, errors)
        try:
            added = await self._desk.write(
                lambda tx, now, elapsed: add_patient_by(
                    tx, self._desk.studies, site, new, by=viewer.person_id, now=now, elapsed=elapsed
                )
            )
        except ProblemError as wrong:
            return await self._new_page(
                visitor, form.fields, _at_fields(wrong.problems, await self._labels(visitor), words)
            )
        if isinstance(added, Refusal):
            return missing(viewer, csrf=visitor.csrf)
        return _on_to(f"{ADDRESS}/{added}?done=added")

    async def _labels(self, visitor: Visitor) -> NewPatientForm | None:
        return await self._desk.read(
            lambda tx, _now, _elapsed: new_patient_form(tx, self._desk.studies, visitor.viewer)
        )

    async def _new_page(self, visitor: Visitor, given: Mapping[str, str], errors: Mapping[str, str]) -> Response:
        found = await self._labels(visitor)
        if found is None:
            return missing(visitor.viewer, csrf=visitor.csrf)
        return page(
            "board/patient_new.html",
            visitor.viewer,
            csrf=visitor.csrf,
            status=422 if errors else 200,
            found=found,
            given=given,
            errors=errors,
        )

    # --- answers ------------------------------------------------------------------------------------------------------

    async def take_down(self, request: Request, patient: str, task: str) -> Response:
        visitor, form = await self._posted(request)
        words, viewer = board_words(visitor.viewer.language), visitor.viewer
        patient_id, task_id = identity(patient), identity(task)
        if patient_id is None or task_id is None or not await self._may_record(visitor, patient_id):
            return missing(viewer, csrf=visitor.csrf)

        def act(tx: Tx, now: Instant, elapsed: Instant) -> str:
            said, told, via = _told(form, words)
            outcome = take_down(
                tx,
                self._desk.studies,
                task_id=task_id,
                kind=said[0],
                said=said[1],
                told=told,
                via=via,
                by=viewer.person_id,
                now=now,
                elapsed=elapsed,
            )
            _or_refused(outcome, words)
            return "said-before" if isinstance(outcome, AlreadyAnswered) else "answer"

        return await self._done(visitor, patient, f"answer-{task_id}", form, act)

    async def take_back(self, request: Request, patient: str, answer: str) -> Response:
        visitor, form = await self._posted(request)
        words, viewer = board_words(visitor.viewer.language), visitor.viewer
        patient_id, answer_id = identity(patient), identity(answer)
        if patient_id is None or answer_id is None or not await self._may_record(visitor, patient_id):
            return missing(viewer, csrf=visitor.csrf)

        def act(tx: Tx, now: Instant, elapsed: Instant) -> str:
            outcome = take_back_by(
                tx,
                self._desk.studies,
                answer_id,
                patient_id=patient_id,
                reason=form["reason"],
                by=viewer.person_id,
                now=now,
                elapsed=elapsed,
            )
            _or_refused(outcome, words)
            return "taken-back"

        return await self._done(visitor, patient, f"undo-{answer_id}", form, act)

    # --- events and facts ---------------------------------------------------------------------------------------------

    async def record_event(self, request: Request, patient: str) -> Response:
        visitor, form = await self._posted(request)
        words, viewer, patient_id = board_words(visitor.viewer.language), visitor.viewer, identity(patient)
        if patient_id is None or not await self._may_record(visitor, patient_id):
            return missing(viewer, csrf=visitor.csrf)

        def act(tx: Tx, now: Instant, elapsed: Instant) -> str:
            outcome = record_event_by(
                tx,
                self._desk.studies,
                patient_id,
                form["event"],
                _dated(form, words),
                reason=form["reason"],
                by=viewer.person_id,
                now=now,
                elapsed=elapsed,
            )
            _or_refused(outcome, words)
            return "event"

        return await self._done(visitor, patient, "event", form, act)

    async def record_fact(self, request: Request, patient: str) -> Response:
        visitor, form = await self._posted(request)
        words, viewer, patient_id = board_words(visitor.viewer.language), visitor.viewer, identity(patient)
        if patient_id is None or not await self._may_record(visitor, patient_id):
            return missing(viewer, csrf=visitor.csrf)
        fact, _, value = form["fact"].partition(":")

        def act(tx: Tx, now: Instant, elapsed: Instant) -> str:
            outcome = record_fact_by(
                tx,
                self._desk.studies,
                patient_id,
                fact,
                value,
                reason=form["reason"],
                by=viewer.person_id,
                now=now,
                elapsed=elapsed,
            )
            _or_refused(outcome, words)
            return "fact"

        return await self._done(visitor, patient, "fact", form, act)

    async def record_consent(self, request: Request, patient: str) -> Response:
        visitor, form = await self._posted(request)
        words, viewer, patient_id = board_words(visitor.viewer.language), visitor.viewer, identity(patient)
        if patient_id is None or not await self._may_record(visitor, patient_id):
            return missing(viewer, csrf=visitor.csrf)

        def act(tx: Tx, now: Instant, elapsed: Instant) -> str:
            outcome = record_consent_by(
                tx,
                self._desk.studies,
                patient_id,
                form.identity("version"),
                _given_on(form, words),
                by=viewer.person_id,
                now=now,
                elapsed=elapsed,
            )
            _or_refused(outcome, words)
            return "consent-moved" if outcome is True else "consent"

        return await self._done(visitor, patient, "consent", form, act)

    # --- what they share ----------------------------------------------------------------------------------------------

    async def _posted(self, request: Request) -> tuple[Visitor, Form]:
        return await self._door.posted(request, longest=LONGEST, fields_most=FIELDS_MOST)

    async def _may_record(self, visitor: Visitor, patient_id: UUID) -> bool:
        """Whether these forms are theirs: asked before anything of what was sent is looked at."""
        found = await self._desk.read(lambda tx, _now, _elapsed: patient_of(tx, visitor.viewer, patient_id))
        return found is not None and visitor.viewer.may(Action.RECORD, found[1])

    async def _done(self, visitor: Visitor, patient: str, name: str, form: Form, act: Ask[str]) -> Response:
        """Runs it in one transaction: on to the page with what was done, or back to the form with what is wrong."""
        try:
            done = await self._desk.write(act)
        except _Refused as refused:
            errors = refused.errors
        except ProblemError as wrong:
            words = board_words(visitor.viewer.language)
            errors = {_field_of(one.where): problem_words(words.voice, one) for one in wrong.problems}
        else:
            return _on_to(f"{ADDRESS}/{patient}?done={done}")
        return await patient_response(self._desk, visitor, patient, sent=Sent(name, form.fields, errors))


def _told(form: Form, words: BoardWords) -> tuple[tuple[AnswerKind, Said], TakenDown, Via]:
    """What was told, by whom, when and how.

    Raises:
        _Refused: something of it is missing or does not fit.
    """
    found = said_in(form)
    wrong: dict[str, Wrong] = dict(found) if isinstance(found, dict) else {}
    told_on, via = form.day("told_on"), form["via"]
    if told_on is None:
        wrong["told_on"] = Wrong.UNREADABLE if form["told_on"] else Wrong.MISSING
    if not form["told_by"].strip():
        wrong["told_by"] = Wrong.MISSING
    if via not in {Via.PHONE.value, Via.EMAIL.value}:
        wrong["via"] = Wrong.MISSING
    if wrong or isinstance(found, dict) or told_on is None:
        raise _Refused({name: wrong_words(words.voice, one) for name, one in wrong.items()})
    return found, TakenDown(form["told_by"], told_on), Via(via)


def _dated(form: Form, words: BoardWords) -> EventDate:
    day, certainty = form.day("day"), form["certainty"]
    wrong: dict[str, Wrong] = {}
    if day is None:
        wrong["day"] = Wrong.UNREADABLE if form["day"] else Wrong.MISSING
    if certainty not in {Certainty.HAPPENED.value, Certainty.PLANNED.value}:
        wrong["certainty"] = Wrong.MISSING
    if not form["event"]:
        wrong["event"] = Wrong.MISSING
    if wrong or day is None:
        raise _Refused({name: wrong_words(words.voice, one) for name, one in wrong.items()})
    return EventDate(day, Certainty(certainty))


def _given_on(form: Form, words: BoardWords) -> date:
    day = form.day("day")
    wrong = {} if day is not None else {"day": Wrong.UNREADABLE if form["day"] else Wrong.MISSING}
    if not form["version"]:
        wrong["version"] = Wrong.MISSING
    if wrong or day is None:
        raise _Refused({name: wrong_words(words.voice, one) for name, one in wrong.items()})
    return day


def _or_refused(outcome: object, words: BoardWords) -> None:
    if isinstance(outcome, Refusal):
        at, wrong = _REFUSED[outcome]
        raise _Refused({at: wrong_words(words.voice, wrong)})


def _field_of(where: str) -> str:
    """Problems of an event say which, and stand at its day; those of a fact at the fact."""
    kind = where.partition(" ")[0]
    return _FIELDS.get(where) or {"event": "day", "fact": "fact", "visit": "day"}.get(kind, "")


def _new_patient(form: Form, words: BoardWords) -> tuple[NewPatient, dict[str, str]]:
    """The patient as entered, and what cannot be read."""
    events, held, facts = {}, {}, {}
    errors: dict[str, str] = {}
    for name, text in form.fields.items():
        kind, colon, of = name.partition(":")
        if not colon or not text:
            continue
        if kind == "fact":
            facts[of] = text
            continue
        day = form.day(name)
        if day is None:
            errors[name] = wrong_words(words.voice, Wrong.UNREADABLE)
        elif kind == "event":
            events[of] = day
        elif kind == "held":
            held[of] = day
    code = form["code"].strip()
    if not code:
        errors["code"] = wrong_words(words.voice, Wrong.MISSING)
    return NewPatient(code, events, facts, held), errors


def _at_fields(problems: tuple[Problem, ...], found: NewPatientForm | None, words: BoardWords) -> Mapping[str, str]:
    """Sentences by the name of the field; an event that a sentence names has its own words."""
    labels = {} if found is None else {event.name: words.label(event.label) for event in found.events}
    errors = {}
    for problem in problems:
        kind, _, of = problem.where.partition(" ")
        field = {"event": f"event:{of}", "fact": f"fact:{of}", "visit": f"held:{of}", "held": f"held:{of}"}.get(
            kind, "code"
        )
        if problem.wrong is Wrong.BEFORE:
            errors[field] = wrong_words(words.voice, problem.wrong, about=labels.get(problem.about, problem.about))
        else:
            errors[field] = problem_words(words.voice, problem)
    return errors


def _on_to(address: str) -> Response:
    return RedirectResponse(address, status_code=303, headers=HEADERS)
