"""Messages that may not have arrived, silences of our own, and signs of life."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from office.board.notices import NoticeLine, notice_lines, notices_page
from office.judging import Refusal
from office.notices import look_at
from office.releasing import release_outage
from scheduler.definitions import zone_of
from trial.access import Action
from web.board.desk import BoardDesk
from web.board.late import identity
from web.board.pages import HEADERS, missing, page
from web.board.tables import Columns, exported
from web.board.visitors import Door

ADDRESS: Final = "/notices"
AT_MOST: Final = 50
DONE: Final = frozenset({"looked", "released"})

COLUMNS: Final[Columns[NoticeLine]] = {
    "at": lambda line: line.at,
    "state": lambda line: line.state.value,
    "kind": lambda line: line.kind.value,
    "why": lambda line: line.why.value,
    "to": lambda line: line.name,
    "site": lambda line: None if line.site is None else line.site.number,
    "patient": lambda line: line.code,
    "looked_at": lambda line: line.looked_at,
}


def notices_routes(desk: BoardDesk, door: Door) -> APIRouter:
    router = APIRouter()

    @router.get(ADDRESS)
    async def show(request: Request) -> Response:
        visitor = await door.visitor(request)
        viewer, seen, number = visitor.viewer, _seen(request), _page(request)
        found = await desk.read(
            lambda tx, now, elapsed: notices_page(tx, desk.studies, viewer, seen=seen, now=now, elapsed=elapsed)
        )
        first, pairs = (number - 1) * AT_MOST, "&seen=yes" if seen else ""
        done = request.query_params.get("done", "")
        return page(
            "board/notices.html",
            viewer,
            csrf=visitor.csrf,
            found=found,
            seen=seen,
            shown=found.lines[first : first + AT_MOST],
            first=first + 1,
            before=f"{ADDRESS}?page={number - 1}{pairs}" if number > 1 else None,
            after=f"{ADDRESS}?page={number + 1}{pairs}" if len(found.lines) > first + AT_MOST else None,
            rows_as_csv=f"{ADDRESS}.csv" + ("?seen=yes" if seen else ""),
            may_export=viewer.may_somewhere(Action.EXPORT),
            may_close=viewer.may_somewhere(Action.CONFIRM),
            zone=zone_of("UTC"),
            done=done if done in DONE else "",
        )

    @router.get(f"{ADDRESS}.csv")
    async def rows(request: Request) -> Response:
        visitor, seen = await door.visitor(request), _seen(request)
        return await exported(
            desk,
            visitor,
            "notices",
            COLUMNS,
            lambda tx, viewer, _now, _elapsed: [
                line for line in notice_lines(tx, desk.studies, viewer) if seen or line.looked_at is None
            ],
            filters={"seen": "yes"} if seen else {},
        )

    @router.post(ADDRESS + "/{notice}/looked")
    async def looked(request: Request, notice: str) -> Response:
        visitor, _ = await door.posted(request)
        by, notice_id = visitor.viewer.person_id, identity(notice)
        if notice_id is None:
            return missing(visitor.viewer, csrf=visitor.csrf)
        done = await desk.write(lambda tx, now, elapsed: look_at(tx, notice_id, by=by, now=now, elapsed=elapsed))
        if isinstance(done, Refusal) and done is not Refusal.CLOSED:
            return missing(visitor.viewer, csrf=visitor.csrf)
        return RedirectResponse(f"{ADDRESS}?done=looked", 303, headers=HEADERS)

    @router.post("/outages/{outage}/release")
    async def release(request: Request, outage: str) -> Response:
        visitor, _ = await door.posted(request)
        viewer, outage_id = visitor.viewer, identity(outage)
        if outage_id is None:
            return missing(viewer, csrf=visitor.csrf)
        done = await desk.write(
            lambda tx, now, elapsed: release_outage(
                tx, outage_id, viewer.study.id, by=viewer.person_id, now=now, elapsed=elapsed
            )
        )
        if done is Refusal.NOT_ALLOWED:
            return missing(viewer, csrf=visitor.csrf)
        return RedirectResponse(f"{ADDRESS}?done=released", 303, headers=HEADERS)

    return router


def _seen(request: Request) -> bool:
    return request.query_params.get("seen") == "yes"


def _page(request: Request) -> int:
    number = request.query_params.get("page", "")
    return max(1, int(number)) if number.isascii() and number.isdecimal() and len(number) < 7 else 1
