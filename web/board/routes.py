"""Every page of the board, and what stands around them: styles, the script, news, and the way to the door."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from web.board.desk import BoardDesk
from web.board.live import Live
from web.board.overview import overview_routes
from web.board.pages import HEADERS
from web.board.visitors import Door

_FOLDER: Final = Path(__file__).resolve().parent.parent / "static"
_ASSETS: Final = {
    "look.css": "text/css",
    "board.css": "text/css",
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

    @router.get("/live", response_class=EventSourceResponse)
    async def news(request: Request) -> AsyncIterator[ServerSentEvent]:
        await door.visitor(request)
        async for event in live.events():
            yield event

    for routes in (overview_routes,):
        router.include_router(routes(desk, door))
    return router
