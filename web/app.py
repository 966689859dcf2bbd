"""The web edge: health, the item's page, and the demo's clock. Plain http on loopback; elsewhere behind the https proxy that is named."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse, Response

from office.health import Health
from web.board.desk import BoardDesk
from web.board.routes import board_routes
from web.board.sessions import Sessions
from web.board.signing_in import not_from_here, signing_in_routes, to_sign_in
from web.board.visitors import NotFromHere, SignInFirst
from web.item import broken_page, is_item_path, item_routes
from web.item_desk import ItemDesk

# What proxies add; one of them on a request from loopback means that it came from elsewhere.
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class DemoClock:
    """What the phone page shows: the demo's time, and when something is due next."""

    now: datetime
    next: datetime | None


@dataclass(frozen=True, slots=True)
class DemoControl:
    """The demo's clock, and a way to its board as the trial manager, for the simulator alone: it knows the secret of this start."""

    secret: str
    read: Callable[[], Awaitable[DemoClock]]
    forward: Callable[[], Awaitable[DemoClock]]
    forward_a_day: Callable[[], Awaitable[DemoClock]]
    forward_a_week: Callable[[], Awaitable[DemoClock]]
    board_link: Callable[[], Awaitable[str | None]]


def create_app(
    health: Callable[[], Awaitable[Health]],
    demo: DemoControl | None = None,
    *,
    items: ItemDesk | None = None,
    board: BoardDesk | None = None,
    secure: bool = False,
) -> FastAPI:
    """The routes of this process. Without a demo there is no clock to move, without `items` no item has a page, without
    `board` there is none.

    `secure`: people come by https, through the proxy that is named.
    """
    app = FastAPI(title="Sitebell", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)

    @app.middleware("http")
    async def harden(
        request: Request,
        call_next: Callable[[Request], Awaitable[JSONResponse]],
    ) -> JSONResponse:
        response = await call_next(request)
        for name, value in HEADERS.items():
            # A page that needs more than nothing says so itself.
            response.headers.setdefault(name, value)
        return response

    @app.exception_handler(Exception)
    async def unwell(request: Request, _problem: Exception) -> Response:
        # Nobody learns here what went wrong; the log has its class and its place.
        if items is not None and is_item_path(request.url.path):
            page = broken_page(request)
            page.headers.update({name: value for name, value in HEADERS.items() if name not in page.headers})
            return page
        return JSONResponse({"ok": False}, 503, headers=HEADERS)

    @app.get("/healthz")
    async def healthz(request: Request) -> JSONResponse:
        state = await health()
        code = 200 if state.ok else 503
        # From outside this machine only the verdict: ages and counts tell how a trial is going.
        if not _from_this_machine(request):
            return JSONResponse({"ok": state.ok}, code)
        return JSONResponse(asdict(state), code)

    if items is not None:
        app.include_router(item_routes(items, secure=secure))
    if board is not None:
        _add_board(app, board, secure=secure)
    if demo is not None:
        _add_demo(app, demo)
    return app


def _add_board(app: FastAPI, desk: BoardDesk, *, secure: bool) -> None:
    sessions = Sessions(desk, secure=secure)
    app.include_router(signing_in_routes(desk, sessions, secure=secure))
    app.include_router(board_routes(desk, sessions))

    @app.exception_handler(SignInFirst)
    async def door(request: Request, _problem: Exception) -> Response:
        return to_sign_in(request, sessions)

    @app.exception_handler(NotFromHere)
    async def refused(request: Request, _problem: Exception) -> Response:
        return not_from_here(request)


def _add_demo(app: FastAPI, demo: DemoControl) -> None:
    def admit(secret: str | None) -> None:
        if secret is None or not hmac.compare_digest(secret.encode(), demo.secret.encode()):
            raise HTTPException(status_code=403, detail="this is the phones' own control")

    @app.get("/demo/clock")
    async def clock(x_sitebell_demo: Annotated[str | None, Header()] = None) -> JSONResponse:
        admit(x_sitebell_demo)
        return _shown(await demo.read())

    @app.post("/demo/clock/next")
    async def forward(x_sitebell_demo: Annotated[str | None, Header()] = None) -> JSONResponse:
        admit(x_sitebell_demo)
        return _shown(await demo.forward())

    @app.post("/demo/clock/day")
    async def forward_a_day(x_sitebell_demo: Annotated[str | None, Header()] = None) -> JSONResponse:
        admit(x_sitebell_demo)
        return _shown(await demo.forward_a_day())

    @app.post("/demo/clock/week")
    async def forward_a_week(x_sitebell_demo: Annotated[str | None, Header()] = None) -> JSONResponse:
        admit(x_sitebell_demo)
        return _shown(await demo.forward_a_week())

    @app.post("/demo/board-link")
    async def board_link(x_sitebell_demo: Annotated[str | None, Header()] = None) -> JSONResponse:
        admit(x_sitebell_demo)
        # Nothing as long as the demo's people are moving in.
        return JSONResponse({"url": await demo.board_link()})


def _shown(clock: DemoClock) -> JSONResponse:
    return JSONResponse(
        {
            "now": clock.now.isoformat(),
            "next": None if clock.next is None else clock.next.isoformat(),
        },
    )


def _from_this_machine(request: Request) -> bool:
    # A proxy on this machine asks for others; and so does a browser that a foreign page sends here under its own name.
    if any(name in request.headers for name in FORWARDED):
        return False
    return request.client is not None and _is_loopback(request.client.host) and _is_loopback(_asked_for(request))


def _asked_for(request: Request) -> str:
    # The header itself: where it is malformed, the framework would put the address that we listen on in its place.
    try:
        parts = urlsplit(f"//{request.headers.get('host', '')}")
        port = parts.port
    except ValueError:
        return ""
    return "" if port == 0 else parts.hostname or ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
