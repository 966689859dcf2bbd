"""The ASGI application: Bot API, phones and page, for this machine's own browser and service only."""

from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.bot_api import BotApi
from simulator.demo_clock import DemoClock, is_loopback
from simulator.phone_api import install_refusals, phone_api
from simulator.world import World

PAGE = Path(__file__).parent / "page"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
PAGE_FILES = {path.name: KINDS[path.suffix] for path in PAGE.iterdir() if path.suffix in KINDS}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def create_application(world: World, demo: DemoClock) -> FastAPI:
    # No generated documentation pages: they would load scripts from elsewhere.
    app = FastAPI(title="Sitebell's phone simulator", docs_url=None, redoc_url=None, openapi_url=None)
    world.demo_now = demo.last_now
    app.add_route("/bot{token}/{method}", BotApi(world, demo.refresh).__call__, methods=["GET", "POST"])
    # As they are: to include a router would prepare each of its routes a second time and look through both for each request.
    app.router.routes.extend(phone_api(world, demo).routes)
    install_refusals(app)
    app.add_middleware(OnlyThisMachine)

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(PAGE / "index.html")

    @app.get("/start/{person_id}", include_in_schema=False)
    async def invitation(person_id: int, payload: str = "") -> RedirectResponse:
        world.roster.person(person_id)
        safe = "".join(c for c in payload if c.isascii() and (c.isalnum() or c in "_-"))
        return RedirectResponse(f"/?person={person_id}&start={safe}")

    @app.get("/page/{name}", include_in_schema=False)
    async def page_file(name: str) -> Response:
        if name not in PAGE_FILES:
            return PlainTextResponse("Not Found", 404)
        return FileResponse(PAGE / name, media_type=PAGE_FILES[name], headers={"Cache-Control": "no-cache"})

    return app


class OnlyThisMachine:
    """Refuses names that only pretend to be this machine, and pages of other sites that post here.

    Plain ASGI: a response that never comes, and a client that hangs up, must pass through untouched.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        origin = request.headers.get("origin")
        if not is_loopback(request.url.hostname or ""):
            refusal = PlainTextResponse("This simulator answers only to this machine's own addresses.", 421)
            await refusal(scope, receive, send)
        elif origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
            await PlainTextResponse("Requests from other sites are refused.", 403)(scope, receive, send)
        else:
            await self._app(scope, receive, _with_headers(send))


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers
