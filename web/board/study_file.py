"""Taking in a study file on the board: first what is wrong with it, or what it leaves open; then as a version that waits.

The file comes as a browser sends one, and not by a script: so its bytes, and the hash that the release keeps, are those on
the disk of whoever gave it, and a workbook can be given, too. Nothing of it is kept unless it is taken in.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from locales.board import board_words
from locales.board_patients import wrong_words
from office.given_files import LARGEST_BYTES, problems_with, read_given, take_in_by
from office.judging import Refusal
from office.studies import StudyFile
from office.study_imports import Written
from trial.access import Action
from trial.problems import Problem, ProblemError, Wrong
from trial.readers.draft import Finding, Weight
from web.board.desk import BoardDesk
from web.board.pages import HEADERS, missing, page
from web.board.protocol import ADDRESS
from web.board.visitors import Door, Visitor
from web.given_file import FileTooLarge

NEW: Final = f"{ADDRESS}/new"
LISTED: Final = 200
"""Findings of one weight; whoever has more has a few of them many times."""


class Done(StrEnum):
    """What became of the file, as the address of its version's page says it."""

    TAKEN_IN = "taken-in"
    THERE = "there"  # the same file was in the records before


@dataclass(frozen=True, slots=True)
class _Line:
    """One thing that is wrong. `plain`: in the words of the readers, which are English; else `what` is in the viewer's."""

    where: str
    what: str
    instead: str
    plain: bool


@dataclass(frozen=True, slots=True)
class _Result:
    """What stands above the form: problems, a file that is right, or a draft; nothing yet."""

    name: str = field(default="", repr=False)
    problems: tuple[_Line, ...] = ()
    file: StudyFile | None = None
    draft: Written | None = None
    wrong: str = ""  # at the field

    @property
    def is_refused(self) -> bool:
        return bool(self.problems or self.wrong)

    @property
    def findings(self) -> tuple[tuple[Weight, int, tuple[Finding, ...]], ...]:
        """What the reader noticed, what weighs most first: how many of a weight, and as many of them as are listed."""
        every = () if self.draft is None else self.draft.draft.findings
        by_weight = [(weight, tuple(one for one in every if one.weight is weight)) for weight in Weight]
        return tuple((weight, len(found), found[:LISTED]) for weight, found in by_weight if found)

    @property
    def download(self) -> str:
        """The draft as an address that a browser saves without asking us again."""
        text = "" if self.draft is None else self.draft.text
        return f"data:application/yaml;base64,{b64encode(text.encode()).decode()}"

    @property
    def draft_name(self) -> str:
        return f"{self.name.rpartition('.')[0] or self.name}.yaml"


def study_file_routes(desk: BoardDesk, door: Door) -> APIRouter:
    pages = _Pages(desk, door)
    router = APIRouter()
    router.add_api_route(NEW, pages.show, methods=["GET"])
    router.add_api_route(NEW, pages.sent, methods=["POST"])
    return router


class _Pages:
    def __init__(self, desk: BoardDesk, door: Door) -> None:
        self._desk = desk
        self._door = door

    async def show(self, request: Request) -> Response:
        return await self._shown(await self._door.visitor(request), _Result())

    async def sent(self, request: Request) -> Response:
        try:
            visitor, form, file = await self._door.posted_file(request, longest=LARGEST_BYTES)
        except FileTooLarge:
            visitor = await self._door.visitor(request)
            return await self._shown(visitor, _at_the_field(visitor, Wrong.TOO_LARGE))
        if not visitor.viewer.may_in_study(Action.RELEASE):
            return missing(visitor.viewer, csrf=visitor.csrf)
        if not file.name:
            return await self._shown(visitor, _at_the_field(visitor, Wrong.MISSING))
        try:
            # Beside the event loop: a hostile file takes a second.
            found = await self._desk.make(lambda: read_given(file.content, file.name))
            if isinstance(found, Written):
                return await self._shown(visitor, _Result(file.name, draft=found))
            if form["step"] == "take-in":
                return await self._taken_in(visitor, found)
            problems = await self._desk.read(lambda tx, _now, _elapsed: problems_with(tx, found, visitor.viewer.study))
        except ProblemError as wrong:
            return await self._shown(visitor, _Result(file.name, _lines(visitor, wrong.problems)))
        if problems:
            return await self._shown(visitor, _Result(file.name, _lines(visitor, problems)))
        return await self._shown(visitor, _Result(file.name, file=found))

    async def _taken_in(self, visitor: Visitor, file: StudyFile) -> Response:
        viewer = visitor.viewer
        taken = await self._desk.write(
            lambda tx, now, elapsed: take_in_by(tx, file, viewer.study, by=viewer.person_id, now=now, elapsed=elapsed)
        )
        if isinstance(taken, Refusal):
            return missing(viewer, csrf=visitor.csrf)
        done = Done.TAKEN_IN if taken.new else Done.THERE
        return RedirectResponse(f"{ADDRESS}/{taken.version_id}?done={done}", status_code=303, headers=HEADERS)

    async def _shown(self, visitor: Visitor, result: _Result) -> Response:
        viewer = visitor.viewer
        if not viewer.may_in_study(Action.RELEASE):
            return missing(viewer, csrf=visitor.csrf)
        return await self._desk.make(
            lambda: page(
                "board/study_file.html",
                viewer,
                csrf=visitor.csrf,
                status=422 if result.is_refused else 200,
                result=result,
            )
        )


def _at_the_field(visitor: Visitor, wrong: Wrong) -> _Result:
    voice = board_words(visitor.viewer.language).voice
    return _Result(wrong=wrong_words(voice, wrong, about=str(LARGEST_BYTES // 1_000_000)))


def _lines(visitor: Visitor, problems: Sequence[Problem]) -> tuple[_Line, ...]:
    voice = board_words(visitor.viewer.language).voice
    return tuple(
        _Line(one.where, one.what, one.instead, plain=True)
        if one.wrong is None
        else _Line(one.where, wrong_words(voice, one.wrong, about=one.about), "", plain=False)
        for one in problems
    )
