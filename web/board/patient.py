"""One patient's page: the timeline, the tasks, what is known, and the communication log."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

import charts
from charts import Picture
from charts.timeline import NARROW, WIDE
from locales.board import BoardWords, board_words
from locales.board_patients import CELL_SIGNS, certainty_word, done_words, late_words, patient_state, way_word
from locales.board_story import said_words, who_said
from office.board.patient import PatientPage, TaskBlock, VisitBlock, patient_of, patient_page
from office.board.story import story_of
from scheduler.definitions import calendar_of, zone_of
from trial.access import Action
from trial.answers import Via
from trial.follow_up import FollowUp
from trial.grid import CellState, CellTask, cell_of
from trial.messages import Standing
from trial.occurrences import label_of_all, number_of
from trial.tasks import TaskKind, VisitStatus
from trial.timeline import Certainty
from web.board.answer_form import AnswerOption, answer_options
from web.board.desk import BoardDesk
from web.board.pages import missing, page
from web.board.patients import ADDRESS
from web.board.story import COLUMNS, days_in_words, rows_of
from web.board.tables import exported
from web.board.visitors import Door, Visitor


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that came back: which one, what stood in it, and what is wrong at its fields."""

    form: str = ""
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    errors: Mapping[str, str] = field(default_factory=dict)  # by the name of the field; of the form as a whole: ""


_SURETIES: Final = {
    VisitStatus.PROVISIONAL.value: charts.Surety.ESTIMATED,
    VisitStatus.ASK_FIRST.value: charts.Surety.OPEN,
}
NOTHING_SENT: Final = Sent()


@dataclass(frozen=True, slots=True)
class _TaskLine:
    """A task as a row. `look`: how its state is coloured."""

    task: TaskBlock
    look: str
    last: str
    last_by: str
    sign: str
    state_words: str
    options: tuple[AnswerOption, ...]

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(one.value, one.words) for one in self.options]


def patient_routes(desk: BoardDesk, door: Door) -> APIRouter:
    router = APIRouter()

    @router.get(f"{ADDRESS}/{{patient}}")
    async def show(request: Request, patient: str) -> Response:
        return await patient_response(desk, await door.visitor(request), patient, done=request.query_params.get("done"))

    @router.get(f"{ADDRESS}/{{patient}}/log.csv")
    async def rows(request: Request, patient: str) -> Response:
        visitor = await door.visitor(request)
        viewer, patient_id = visitor.viewer, identity(patient)
        found = (
            None
            if patient_id is None
            else await desk.read(lambda tx, _now, _elapsed: patient_of(tx, viewer, patient_id))
        )
        if found is None or not viewer.may(Action.EXPORT, found[1]):
            return missing(viewer, csrf=visitor.csrf)
        who, site = found
        return await exported(
            desk,
            visitor,
            "communication-log",
            COLUMNS,
            lambda tx, reader, _now, _elapsed: rows_of(
                story_of(tx, desk.studies, reader, who, site), zone_of(site.zone)
            ),
            filters={"patient": str(who.id)},
        )

    return router


async def patient_response(
    desk: BoardDesk, visitor: Visitor, patient: str, *, sent: Sent = NOTHING_SENT, done: str | None = None
) -> Response:
    """The page; with a form that came back, that form stands open and says what is wrong."""
    viewer, patient_id = visitor.viewer, identity(patient)
    found = (
        None
        if patient_id is None
        else await desk.read(
            lambda tx, now, elapsed: patient_page(tx, desk.studies, viewer, patient_id, now=now, elapsed=elapsed)
        )
    )
    if found is None:
        return missing(viewer, csrf=visitor.csrf)
    words, zone = board_words(viewer.language), zone_of(found.site.zone)
    voice = words.voice
    return page(
        "board/patient.html",
        viewer,
        csrf=visitor.csrf,
        status=422 if sent.errors else 200,
        found=found,
        state_words=patient_state(voice, found.state),
        there=words.moment(viewer.now, zone),
        pictures=[(name, _timeline(found, words, width)) for name, width in (("wide", WIDE), ("narrow", NARROW))],
        visits=[(visit, list(_lines(found, visit, words))) for visit in found.visits],
        days=days_in_words(found.days, words, zone),
        sent=sent,
        done_words=done_words(voice, done),
        drawn_visits=[visit for visit in found.visits if _is_drawn(visit)],
        event_options=[(event.name, words.label(event.label)) for event in found.events if not event.leaves],
        fact_options=[
            (f"{fact.name}:{value.id}", f"{words.label(fact.label)}: {words.label(value.label)}")
            for fact in found.facts
            for value in fact.values
        ],
        consent_options=[(str(one.id), one.version) for one in found.consents.awaited],
        certainties=[(one.value, certainty_word(voice, one)) for one in (Certainty.HAPPENED, Certainty.PLANNED)],
        ways=[(one.value, way_word(voice, one)) for one in (Via.PHONE, Via.EMAIL)],
        may_export=viewer.may(Action.EXPORT, found.site),
    )


def identity(text: str) -> UUID | None:
    """The id in an address; None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


# --- tasks ------------------------------------------------------------------------------------------------------------


def _lines(found: PatientPage, visit: VisitBlock, words: BoardWords) -> Iterator[_TaskLine]:
    for task in visit.tasks:
        yield _TaskLine(
            task=task,
            look=_look(task),
            last="" if task.last is None else said_words(words.voice, task.last.word),
            last_by="" if task.last is None else who_said(words.voice, task.last.word),
            sign=CELL_SIGNS[CellState.OVERDUE] if _look(task) == "overdue" else words.sign(task.standing),
            state_words=_state_words(task, words),
            options=answer_options(task, found.leaving_kinds, found.today, words) if found.may_record else (),
        )


def _state_words(task: TaskBlock, words: BoardWords) -> str:
    """As the card says it; what is late beyond the tolerance has its own word here."""
    if task.days_late is None:
        return words.standing(task.standing)
    return late_words(words.voice, task.days_late, overdue=task.follow_up is FollowUp.OVERDUE)


def _look(task: TaskBlock) -> str:
    if task.follow_up is FollowUp.OVERDUE:
        return "overdue"
    return task.standing.value


# --- the timeline -----------------------------------------------------------------------------------------------------


def _timeline(found: PatientPage, words: BoardWords, width: int) -> Picture:
    drawn = [visit for visit in found.visits if _is_drawn(visit)]
    rows = tuple(_row(found, list(visits), words) for _, visits in groupby(drawn, key=lambda visit: visit.definition))
    said = "; ".join(_span_in_words(visit, words) for visit in drawn)
    days = [day for row in rows for span in row.spans for day in span.days] or [found.today]
    calendar = calendar_of(found.site.country, found.site.region)
    return charts.timeline(rows, said, today=found.today, width=width, holidays=calendar.days_off(min(days), max(days)))


def _row(found: PatientPage, visits: Sequence[VisitBlock], words: BoardWords) -> charts.Row:
    """Everything of one kind: a visit that comes again and again is one row."""
    label = label_of_all(found.study, [visit.occurrence for visit in visits]) or visits[0].label
    return charts.Row(words.label(label), tuple(_span(found, visit) for visit in visits))


def _span(found: PatientPage, visit: VisitBlock) -> charts.Span:
    return charts.Span(
        state=cell_of(CellTask(task.follow_up) for task in visit.tasks).state.value,
        first=visit.earliest,
        last=visit.latest,
        target=visit.target,
        happened=visit.happened,
        short=number_of(found.study, visit.occurrence),
        surety=_SURETIES.get(visit.status, charts.Surety.FIRM),
        tasks=tuple(sorted({task.closes for task in visit.tasks if _is_shown(task) and task.closes is not None})),
    )


def _is_shown(task: TaskBlock) -> bool:
    """Whether the task has a last day of its own: that of holding the visit is the end of its window."""
    return task.kind is not TaskKind.HOLD and task.standing is not Standing.CANCELLED


def _is_drawn(visit: VisitBlock) -> bool:
    """What is asked for by itself, and what is not wanted any more, is no part of the course."""
    wanted = any(task.standing is not Standing.CANCELLED for task in visit.tasks)
    return ":" not in visit.occurrence and (wanted or visit.happened is not None) and visit.target is not None


def _span_in_words(visit: VisitBlock, words: BoardWords) -> str:
    label = words.label(visit.label)
    if visit.happened is not None:
        return f"{label}: {words.day(visit.happened)}"
    if visit.earliest is not None and visit.latest is not None:
        return f"{label}: {words.day(visit.earliest)} – {words.day(visit.latest)}"
    return label if visit.target is None else f"{label}: {words.day(visit.target)}"
