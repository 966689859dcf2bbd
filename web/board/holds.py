"""What is let be until a day: the list of what stands and what stood, and the forms that place and lift a hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from locales.board import BoardWords, board_words
from locales.board_patients import problem_words, wrong_words
from office.board.holds import HoldsPage, holds_page
from office.board.patient import patient_of
from office.board.viewer import Viewer
from office.holds import HoldLine, Lifted, Target, lift_hold, place_hold
from office.judging import Refusal
from records.transaction import Tx
from scheduler.definitions import zone_of
from trial.access import Action
from trial.moments import Instant
from trial.problems import ProblemError, Wrong
from trial.tasks import TaskKind
from web.board.desk import BoardDesk
from web.board.pages import HEADERS, missing, page
from web.board.patient import Sent, identity, patient_response
from web.board.patients import ADDRESS as PATIENTS
from web.board.site import shown as site_shown
from web.board.tables import Columns, exported
from web.board.visitors import Door, Visitor
from web.forms import Form

ADDRESS: Final = "/holds"
EVERYTHING: Final = "study"
"""What the form says for the whole study; else it says a kind of task."""

_DONE: Final = frozenset({"held", "lifted"})

COLUMNS: Final[Columns[HoldLine]] = {
    "scope": lambda line: line.what.scope.value,
    "site": lambda line: None if line.site is None else line.site.number,
    "patient": lambda line: line.code,
    "kind": lambda line: None if line.what.kind is None else line.what.kind.value,
    "until": lambda line: line.what.until,
    "stands": lambda line: "yes" if line.stands else "no",
    "reason": lambda line: line.row.reason,
    "placed_by": lambda line: line.placed_by,
    "placed_at": lambda line: line.row.placed_at,
    "lifted_because": lambda line: line.row.lifted_because,
    "lifted_by": lambda line: line.lifted_by,
    "lifted_at": lambda line: line.row.lifted_at,
}


@dataclass(frozen=True, slots=True)
class _Back:
    """A form that came back: the hold that it would lift (None: it would place one), what stood in it, what is wrong."""

    hold_id: UUID | None = None
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    errors: Mapping[str, str] = field(default_factory=dict)


class _Refused(Exception):
    """Nothing was written: what is wrong, by the name of the field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(*errors)
        self.errors = errors


def holds_routes(desk: BoardDesk, door: Door) -> APIRouter:
    pages = _Pages(desk, door)
    router = APIRouter()
    router.add_api_route(ADDRESS, pages.show, methods=["GET"])
    router.add_api_route(f"{ADDRESS}.csv", pages.rows, methods=["GET"])
    router.add_api_route(ADDRESS, pages.hold_study, methods=["POST"])
    router.add_api_route(ADDRESS + "/{hold}/lift", pages.lift, methods=["POST"])
    router.add_api_route("/sites/{number}/hold", pages.hold_site, methods=["POST"])
    router.add_api_route(f"{PATIENTS}/{{patient}}/hold", pages.hold_patient, methods=["POST"])
    return router


class _Pages:
    def __init__(self, desk: BoardDesk, door: Door) -> None:
        self._desk = desk
        self._door = door

    async def show(self, request: Request) -> Response:
        visitor = await self._door.visitor(request)
        return await self._shown(visitor, done=request.query_params.get("done", ""))

    async def rows(self, request: Request) -> Response:
        visitor = await self._door.visitor(request)
        if not visitor.viewer.seen:
            return missing(visitor.viewer, csrf=visitor.csrf)
        return await exported(
            self._desk,
            visitor,
            "holds",
            COLUMNS,
            lambda tx, viewer, now, _elapsed: holds_page(tx, viewer, now=now).lines,
        )

    async def hold_study(self, request: Request) -> Response:
        visitor, form = await self._door.posted(request)
        viewer = visitor.viewer
        if not viewer.may_in_study(Action.HOLD):
            return missing(viewer, csrf=visitor.csrf)
        words, kinds = board_words(viewer.language), {one.value: one for one in TaskKind}
        if form["what"] != EVERYTHING and form["what"] not in kinds:
            wrong = wrong_words(words.voice, Wrong.UNKNOWN if form["what"] else Wrong.MISSING)
            return await self._shown(visitor, back=_Back(None, form.fields, {"what": wrong}))
        target = Target(viewer.study, kind=kinds.get(form["what"]))
        try:
            placed = await self._place(visitor, target, form)
        except _Refused as refused:
            return await self._shown(visitor, back=_Back(None, form.fields, refused.errors))
        return missing(viewer, csrf=visitor.csrf) if isinstance(placed, Refusal) else _on_to(f"{ADDRESS}?done=held")

    async def hold_site(self, request: Request, number: str) -> Response:
        visitor, form = await self._door.posted(request)
        viewer, site = visitor.viewer, visitor.viewer.site(number)
        if site is None or not viewer.may(Action.HOLD, site):
            return missing(viewer, csrf=visitor.csrf)
        try:
            placed = await self._place(visitor, Target(viewer.study, site), form)
        except _Refused as refused:
            wrong = {f"hold_{name}": said for name, said in refused.errors.items()}
            return await site_shown(self._desk, visitor, number, wrong=wrong, given=form.fields)
        if isinstance(placed, Refusal):
            return missing(viewer, csrf=visitor.csrf)
        return _on_to(f"/sites/{number}?done=held")

    async def hold_patient(self, request: Request, patient: str) -> Response:
        visitor, form = await self._door.posted(request)
        viewer, patient_id = visitor.viewer, identity(patient)
        found = (
            None
            if patient_id is None
            else await self._desk.read(lambda tx, _now, _elapsed: patient_of(tx, viewer, patient_id))
        )
        if found is None or not viewer.may(Action.HOLD, found[1]):
            return missing(viewer, csrf=visitor.csrf)
        try:
            placed = await self._place(visitor, Target(viewer.study, found[1], found[0].id), form)
        except _Refused as refused:
            return await patient_response(self._desk, visitor, patient, sent=Sent("hold", form.fields, refused.errors))
        if isinstance(placed, Refusal):
            return missing(viewer, csrf=visitor.csrf)
        return _on_to(f"{PATIENTS}/{patient}?done=held")

    async def lift(self, request: Request, hold: str) -> Response:
        visitor, form = await self._door.posted(request)
        viewer, hold_id = visitor.viewer, identity(hold)

        def act(tx: Tx, now: Instant, elapsed: Instant) -> Lifted | Refusal:
            # Whether it is there for this viewer, before anything of what was sent is looked at.
            if hold_id is None or hold_id not in holds_page(tx, viewer, now=now).may_lift:
                return Refusal.UNKNOWN
            return lift_hold(
                tx, self._desk.studies, hold_id, form["reason"], by=viewer.person_id, now=now, elapsed=elapsed
            )

        try:
            lifted = await self._desk.write(act)
        except ProblemError as wrong:
            errors = _errors(wrong, board_words(viewer.language))
            return await self._shown(visitor, back=_Back(hold_id, form.fields, errors))
        return missing(viewer, csrf=visitor.csrf) if isinstance(lifted, Refusal) else _on_to(f"{ADDRESS}?done=lifted")

    async def _place(self, visitor: Visitor, target: Target, form: Form) -> UUID | Refusal:
        """
        Raises:
            _Refused: the day or the reason cannot be taken.
        """
        words, until = board_words(visitor.viewer.language), form.day("until")
        if until is None:
            raise _Refused({"until": wrong_words(words.voice, Wrong.UNREADABLE if form["until"] else Wrong.MISSING)})
        return await self._placed(visitor.viewer, target, until, form["reason"], words)

    async def _placed(
        self, viewer: Viewer, target: Target, until: date, reason: str, words: BoardWords
    ) -> UUID | Refusal:
        try:
            return await self._desk.write(
                lambda tx, now, elapsed: place_hold(
                    tx,
                    self._desk.studies,
                    target,
                    until,
                    reason,
                    by=viewer.person_id,
                    now=now,
                    elapsed=elapsed,
                )
            )
        except ProblemError as wrong:
            raise _Refused(_errors(wrong, words)) from wrong

    async def _shown(self, visitor: Visitor, *, back: _Back | None = None, done: str = "") -> Response:
        viewer, sent = visitor.viewer, back or _Back()
        if not viewer.seen:
            return missing(viewer, csrf=visitor.csrf)

        def read(tx: Tx, now: Instant, _elapsed: Instant) -> HoldsPage:
            return holds_page(tx, viewer, now=now)

        found = await self._desk.read(read)
        return page(
            "board/holds.html",
            viewer,
            csrf=visitor.csrf,
            status=422 if sent.errors else 200,
            found=found,
            zone=zone_of("UTC"),
            kinds=tuple(TaskKind),
            everything=EVERYTHING,
            sent=sent,
            done=done if done in _DONE else "",
            may_export=viewer.may_somewhere(Action.EXPORT),
        )


def _errors(wrong: ProblemError, words: BoardWords) -> Mapping[str, str]:
    return {one.where: problem_words(words.voice, one) for one in wrong.problems}


def _on_to(address: str) -> Response:
    return RedirectResponse(address, status_code=303, headers=HEADERS)
