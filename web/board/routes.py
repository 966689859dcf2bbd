"""Every page of the board, and what stands around them: styles, the script, news, and the way to the door."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from web.board.desk import BoardDesk
from web.board.holds import holds_routes
from web.board.items import items_routes
from web.board.late import late_routes
from web.board.live import Live
from web.board.notices import notices_routes
from web.board.overview import overview_routes
from web.board.pages import HEADERS
from web.board.patient import patient_routes
from web.board.patient_forms import patient_form_routes
from web.board.patient_table import patient_table_routes
from web.board.patients import patients_routes
from web.board.people import people_routes
from web.board.protocol import protocol_routes
from web.board.site import site_routes
from web.board.site_forms import site_form_routes
from web.board.sites import sites_routes
from web.board.study_file import study_file_routes
from web.board.uploads import uploads_routes
from web.board.visitors import Door

_FOLDER: Final = Path(__file__).resolve().parent.parent / "static"
_ASSETS: Final = {
    "look.css": "text/css",
    "board.css": "text/css",
    "patients.css": "text/css",
    "lists.css": "text/css",
    "places.css": "text/css",
    "board.js": "text/javascript",
    "sitebell.svg": "image/svg+xml",
}
_KEPT: Final = "no-cache"  # asked for each time and sent only when it has changed


def board_routes(desk: BoardDesk, door: Door) -> APIRouter:
    """The pages. Each asks `door` who is there, and reads no more than that person may see."""
    router = APIRouter()
    live = Live(desk)

    @router.api_route("/static/{name}", methods=["GET", "HEAD"])
    async def asset(name: str) -> Response:
        if name not in _ASSETS:
            return Response(status_code=404)
        return FileResponse(_FOLDER / name, media_type=_ASSETS[name], headers={**HEADERS, "Cache-Control": _KEPT})

    # Who asks is known before the answer begins: from within it nobody could be sent to the door any more.
    @router.get("/live", response_class=EventSourceResponse, dependencies=[Depends(door.visitor)])
    async def news() -> AsyncIterator[ServerSentEvent]:
        async for event in live.events():
            yield event

    for routes in (
        overview_routes,
        late_routes,
        uploads_routes,
        patients_routes,
        patient_table_routes,
        patient_form_routes,
        patient_routes,
        sites_routes,
        holds_routes,
        study_file_routes,
        protocol_routes,
        site_form_routes,
        site_routes,
        people_routes,
        notices_routes,
        items_routes,
    ):
        router.include_router(routes(desk, door))
    return router
