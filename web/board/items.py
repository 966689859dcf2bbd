"""What waits for the trial office, in full, and closing it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from office import leaving
from office.board.items import ItemFilter, ItemLine, item_lines, items_page
from office.board.viewer import Viewer
from office.helping import close_item
from office.judging import Refusal
from office.rights import allowed_at
from records import office_items, sites
from records.transaction import Tx
from trial.access import Action
from trial.answers import LeavingKind
from trial.messages import ItemKind
from trial.moments import Instant
from trial.problems import ProblemError
from web.board.desk import BoardDesk
from web.board.late import identity
from web.board.pages import HEADERS, missing, page
from web.board.tables import Columns, exported
from web.board.visitors import Door, Visitor
from web.forms import Form

ADDRESS: Final = "/items"
DONE: Final = frozenset({"closed", "confirmed", "logged", "taken_back"})

COLUMNS: Final[Columns[ItemLine]] = {
    "kind": lambda line: line.kind.value,
    "site": lambda line: None if line.site is None else line.site.number,
    "patient": lambda line: line.code,
    "person": lambda line: line.name,
    "open_since": lambda line: line.opened_on,
    "day": lambda line: line.day,
    "since": lambda line: line.since,
    "said": lambda line: None if line.leaving is None or line.leaving.told is None else line.leaving.told.value,
    "help": lambda line: None if line.help is None else line.help.value,
}

_Act = Callable[[Tx, UUID, Form, UUID, Instant, Instant], object]
"""Changes something about a patient who is said to have left: patient, form, who, when."""


def items_routes(desk: BoardDesk, door: Door) -> APIRouter:
    items = _Items(desk, door)
    router = APIRouter()
    router.add_api_route(ADDRESS, items.show, methods=["GET"])
    router.add_api_route(f"{ADDRESS}.csv", items.rows, methods=["GET"])
    router.add_api_route(ADDRESS + "/{item}/close", items.close, methods=["POST"])
    router.add_api_route(ADDRESS + "/{item}/confirm", items.confirm, methods=["POST"])
    router.add_api_route(ADDRESS + "/{item}/attempt", items.log_attempt, methods=["POST"])
    router.add_api_route(ADDRESS + "/{item}/take-back", items.take_back, methods=["POST"])
    return router


class _Items:
    def __init__(self, desk: BoardDesk, door: Door) -> None:
        self._desk = desk
        self._door = door

    async def show(self, request: Request) -> Response:
        return await self._page(request, await self._door.visitor(request))

    async def _page(
        self,
        request: Request,
        visitor: Visitor,
        *,
        wrong: Mapping[str, str] | None = None,
        given: Mapping[str, str] | None = None,
    ) -> Response:
        viewer, wanted = visitor.viewer, _filter(request)
        if not _closes(viewer, wanted):
            return missing(viewer, csrf=visitor.csrf)
        found = await self._desk.read(
            lambda tx, now, _elapsed: items_page(tx, self._desk.studies, viewer, wanted, now=now)
        )
        done = request.query_params.get("done", "")
        return page(
            "board/items.html",
            viewer,
            csrf=visitor.csrf,
            status=422 if wrong else 200,
            found=found,
            before=_address(replace(wanted, page=wanted.page - 1)) if wanted.page > 1 else None,
            after=_address(replace(wanted, page=wanted.page + 1)) if found.last < found.total else None,
            rows_as_csv=_address(replace(wanted, page=1), ".csv"),
            may_export=viewer.may_somewhere(Action.EXPORT),
            done=done if done in DONE else "",
            wrong=wrong or {},
            given=given or {},
        )

    async def rows(self, request: Request) -> Response:
        visitor, wanted = await self._door.visitor(request), _filter(request)
        if not _closes(visitor.viewer, wanted):
            return missing(visitor.viewer, csrf=visitor.csrf)
        pairs = {"kind": wanted.kind or "", "site": wanted.site or ""}
        return await exported(
            self._desk,
            visitor,
            "items",
            COLUMNS,
            lambda tx, viewer, now, _elapsed: item_lines(tx, self._desk.studies, viewer, wanted, now=now),
            filters={name: value for name, value in pairs.items() if value},
        )

    # --- closing ------------------------------------------------------------------------------------------------------

    async def close(self, request: Request, item: str) -> Response:
        visitor, _ = await self._door.posted(request)
        by, item_id = visitor.viewer.person_id, identity(item)
        if item_id is None:
            return missing(visitor.viewer, csrf=visitor.csrf)
        done = await self._desk.write(
            lambda tx, now, elapsed: close_item(tx, self._desk.studies, item_id, by, now=now, elapsed=elapsed)
        )
        if isinstance(done, Refusal) and done is not Refusal.CLOSED:
            return missing(visitor.viewer, csrf=visitor.csrf)
        return _on_to("closed")

    async def confirm(self, request: Request, item: str) -> Response:
        def act(tx: Tx, patient_id: UUID, form: Form, by: UUID, now: Instant, elapsed: Instant) -> object:
            kind, day = form["kind"], form.day("day")
            if kind not in set(LeavingKind) or day is None:
                return Refusal.UNFIT
            return leaving.confirm(
                tx, self._desk.studies, patient_id, LeavingKind(kind), day, by, now=now, elapsed=elapsed
            )

        return await self._about_leaving(request, item, "confirm", act, done="confirmed")

    async def log_attempt(self, request: Request, item: str) -> Response:
        def act(tx: Tx, patient_id: UUID, form: Form, by: UUID, now: Instant, elapsed: Instant) -> object:
            day = form.day("day") or date.max
            return leaving.log_attempt(tx, self._desk.studies, patient_id, day, by, now=now, elapsed=elapsed)

        return await self._about_leaving(request, item, "attempt", act, done="logged")

    async def take_back(self, request: Request, item: str) -> Response:
        def act(tx: Tx, patient_id: UUID, form: Form, by: UUID, now: Instant, elapsed: Instant) -> object:
            reason = form["reason"]
            return leaving.take_back(tx, self._desk.studies, patient_id, by, reason=reason, now=now, elapsed=elapsed)

        return await self._about_leaving(request, item, "take-back", act, done="taken_back")

    async def _about_leaving(self, request: Request, which: str, form_name: str, act: _Act, *, done: str) -> Response:
        """A form of an item about a patient who left. What is wrong is told beside the form, by a closed word."""
        visitor, form = await self._door.posted(request)
        by, item_id = visitor.viewer.person_id, identity(which)
        if item_id is None:
            return missing(visitor.viewer, csrf=visitor.csrf)

        def change(tx: Tx, now: Instant, elapsed: Instant) -> object:
            item = office_items.item_by_id(tx, item_id)
            if item is None or item.kind is not ItemKind.LEAVING or item.patient_id is None:
                return Refusal.UNKNOWN
            site = None if item.site_id is None else sites.site_by_id(tx, item.site_id)
            # Before anything of what was sent is looked at: it tells nobody else what there is.
            if site is None or not allowed_at(tx, by, Action.CONFIRM, site, now=now):
                return Refusal.NOT_ALLOWED
            return act(tx, item.patient_id, form, by, now, elapsed)

        try:
            outcome = await self._desk.write(change)
        except ProblemError:
            outcome = Refusal.UNFIT
        if outcome is Refusal.UNKNOWN or outcome is Refusal.NOT_ALLOWED:
            return missing(visitor.viewer, csrf=visitor.csrf)
        if isinstance(outcome, Refusal) and outcome is not Refusal.CLOSED:
            return await self._page(
                request, visitor, wrong={f"{form_name}-{item_id}": outcome.value}, given=form.fields
            )
        return _on_to(done)


def _closes(viewer: Viewer, wanted: ItemFilter) -> bool:
    """Whether anything that waits, at the site that the address names, could be theirs to close."""
    if wanted.site is None:
        return viewer.may_somewhere(Action.CONFIRM) or viewer.may_somewhere(Action.MANAGE)
    site = viewer.site(wanted.site)
    return site is not None and (viewer.may(Action.CONFIRM, site) or viewer.may(Action.MANAGE, site))


def _filter(request: Request) -> ItemFilter:
    asked = request.query_params
    kind, number = asked.get("kind", ""), asked.get("page", "")
    return ItemFilter(
        kind=ItemKind(kind) if kind in set(ItemKind) else None,
        site=asked.get("site") or None,
        page=max(1, int(number)) if number.isascii() and number.isdecimal() and len(number) < 7 else 1,
    )


def _address(wanted: ItemFilter, ending: str = "") -> str:
    pairs = {"kind": wanted.kind, "site": wanted.site, "page": str(wanted.page) if wanted.page > 1 else None}
    asked = {name: value for name, value in pairs.items() if value}
    return f"{ADDRESS}{ending}" + (f"?{urlencode(asked)}" if asked else "")


def _on_to(done: str) -> Response:
    return RedirectResponse(f"{ADDRESS}?done={done}", 303, headers=HEADERS)
