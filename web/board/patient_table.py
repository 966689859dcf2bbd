"""Adding several patients by a table: first what it would do and what is wrong with it, then all of it or nothing."""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from locales.board import BoardWords, board_words
from locales.board_patients import problem_words, wrong_words
from office.board.new_patient import NewPatientForm, new_patient_form
from office.judging import Refusal
from office.patient_table import MOST_ROWS, DryRun, LineProblem, add_all, dry_run
from records.transaction import Tx
from trial.moments import Instant
from trial.problems import ProblemError, Wrong
from web.board.desk import BoardDesk
from web.board.pages import HEADERS, missing, page
from web.board.patients import ADDRESS
from web.board.visitors import Door, Visitor

TABLE: Final = f"{ADDRESS}/table"
LONGEST: Final = 512 * 1024
"""Bytes of a form with a table: as many lines as are taken, with three bytes for a letter that is no letter of English."""
SHOWN: Final = 200
"""Problems that are listed; whoever has more has one mistake many times."""


@dataclass(frozen=True, slots=True)
class _Wrong:
    line: int
    column: str
    words: str


class _Changed(Exception):
    """What was right when it was looked at is wrong now: nothing is written, and it is shown again."""


def patient_table_routes(desk: BoardDesk, door: Door) -> APIRouter:
    router = APIRouter()

    @router.get(TABLE)
    async def show(request: Request) -> Response:
        visitor = await door.visitor(request)
        return await _page(desk, visitor, "", None)

    @router.post(TABLE)
    async def sent(request: Request) -> Response:
        visitor, form = await door.posted(request, longest=LONGEST)
        viewer, text = visitor.viewer, form["table"]
        if await _form(desk, visitor) is None:
            return missing(viewer, csrf=visitor.csrf)
        if form["step"] != "write":
            tried = await desk.read(lambda tx, now, _elapsed: dry_run(tx, desk.studies, viewer, text, now=now))
            return await _page(desk, visitor, text, tried)

        def write(tx: Tx, now: Instant, elapsed: Instant) -> int:
            tried = dry_run(tx, desk.studies, viewer, text, now=now)
            if tried.problems:
                raise _Changed
            added = add_all(tx, desk.studies, tried.rows, by=viewer.person_id, now=now, elapsed=elapsed)
            if isinstance(added, Refusal):
                raise _Changed
            return len(added)

        try:
            await desk.write(write)
        except (_Changed, ProblemError):
            tried = await desk.read(lambda tx, now, _elapsed: dry_run(tx, desk.studies, viewer, text, now=now))
            return await _page(desk, visitor, text, tried)
        return RedirectResponse(f"{ADDRESS}?done=table", status_code=303, headers=HEADERS)

    return router


async def _form(desk: BoardDesk, visitor: Visitor) -> NewPatientForm | None:
    return await desk.read(lambda tx, _now, _elapsed: new_patient_form(tx, desk.studies, visitor.viewer))


async def _page(desk: BoardDesk, visitor: Visitor, text: str, tried: DryRun | None) -> Response:
    found = await _form(desk, visitor)
    if found is None:
        return missing(visitor.viewer, csrf=visitor.csrf)
    words = board_words(visitor.viewer.language)
    problems = () if tried is None else tried.problems
    return page(
        "board/patient_table.html",
        visitor.viewer,
        csrf=visitor.csrf,
        status=422 if problems else 200,
        found=found,
        text=text,
        tried=tried,
        problems=[_in_words(one, words, found) for one in problems[:SHOWN]],
        more=max(0, len(problems) - SHOWN),
        most=MOST_ROWS,
        head=_head(found),
    )


def _head(found: NewPatientForm) -> str:
    """A head that may be copied."""
    names = [f"event:{event.name}" for event in found.events[:2]]
    return ",".join(["site", "code", *names, *(f"held:{visit.occurrence}" for visit in found.visits[:1])])


def _in_words(one: LineProblem, words: BoardWords, found: NewPatientForm) -> _Wrong:
    problem = one.problem
    if problem.wrong is Wrong.BEFORE:
        labels = {event.name: words.label(event.label) for event in found.events}
        said = wrong_words(words.voice, problem.wrong, about=labels.get(problem.about, problem.about))
    else:
        said = problem_words(words.voice, problem)
    return _Wrong(one.line, one.column, said)
