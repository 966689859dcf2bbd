"""Signing in and out: the link's page, the page with a number, and what a reader finds of themselves.

A link's GET shows a button, its POST uses it up; a number is asked for, and its session collected, by POST alone. Whoever
is refused learns nothing of why.
"""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.background import BackgroundTask

import charts
from locales import languages, speak_language
from office import signing_in
from office.people import set_language
from office.signing_in import NumberState
from web.asking import accepted_language, from_our_page, host_behind_proxy, host_of
from web.board.desk import BoardDesk
from web.board.pages import HEADERS, page, plain_page
from web.board.sessions import HOME, SIGN_IN, Sessions
from web.board.visitors import SignInFirst
from web.browsers import browser_label
from web.wrong_tokens import WrongTokens

NUMBERS_MOST: Final = 10
"""Numbers for one address within ten minutes; a team behind one address signs in by and by."""
NUMBERS_OVERALL: Final = 100
"""And for everybody: of a million numbers so few are open that none is found by trying."""
_EVERYBODY: Final = ""

_LOOKING: Final = ["GET", "HEAD"]
_AFTER: Final = frozenset({"out", "everywhere"})


def signing_in_routes(desk: BoardDesk, sessions: Sessions, *, secure: bool) -> APIRouter:
    """`secure`: people come by https, through the proxy that is named."""
    pages = _Pages(desk, sessions, secure=secure)
    router = APIRouter()
    router.add_api_route(SIGN_IN, pages.show, methods=_LOOKING)
    router.add_api_route(SIGN_IN, pages.ask_number, methods=["POST"])
    router.add_api_route(f"{SIGN_IN}/number", pages.state, methods=["GET"])
    router.add_api_route(f"{SIGN_IN}/number", pages.collect, methods=["POST"])
    router.add_api_route(SIGN_IN + "/{token}", pages.look, methods=_LOOKING)
    router.add_api_route(SIGN_IN + "/{token}", pages.use, methods=["POST"])
    router.add_api_route("/sign-out", pages.sign_out, methods=["POST"])
    router.add_api_route("/sign-out-everywhere", pages.sign_out_everywhere, methods=["POST"])
    router.add_api_route("/me", pages.me, methods=_LOOKING)
    router.add_api_route("/me/language", pages.language, methods=["POST"])
    router.add_api_route("/study", pages.study, methods=["POST"])
    return router


def to_sign_in(request: Request, sessions: Sessions) -> Response:
    """What somebody meets who is not signed in. The page that they wanted is shown after that; a program just hears it."""
    reads_a_page = request.headers.get("sec-fetch-dest", "document") == "document"
    if request.method in _LOOKING and not reads_a_page:
        return Response(status_code=401, headers=HEADERS)
    response = _on_to(SIGN_IN)
    if request.method in _LOOKING:
        sessions.want(response, request.url.path + (f"?{request.url.query}" if request.url.query else ""))
    return response


def not_from_here(request: Request) -> Response:
    """A form that was not sent from our page."""
    return _plain(request, "refused", 403)


class _Pages:
    def __init__(self, desk: BoardDesk, sessions: Sessions, *, secure: bool) -> None:
        self._desk = desk
        self._sessions = sessions
        self._host = host_behind_proxy if secure else host_of
        self._wrong = WrongTokens()
        self._asked = WrongTokens(NUMBERS_MOST)
        self._asked_overall = WrongTokens(NUMBERS_OVERALL)

    # --- the door -----------------------------------------------------------------------------------------------------

    async def show(self, request: Request) -> Response:
        """How to sign in; with a number, where this browser has asked for one."""
        try:
            await self._sessions.visitor(request)
        except SignInFirst:
            return await self._door(request)
        return _on_to(self._sessions.wanted(request))

    async def _door(self, request: Request) -> Response:
        secret = self._sessions.number_secret(request)
        shown = None
        if secret is not None:
            shown = await self._desk.read(
                lambda tx, _now, elapsed: signing_in.shown_number(tx, secret, elapsed=elapsed)
            )
        done = request.query_params.get("done")
        door = plain_page(
            "board/sign_in.html",
            accepted_language(request),
            number=shown,
            done=done if done in _AFTER else None,
            asked=secret is not None,
        )
        return _then_first_page(door)

    # --- a number -----------------------------------------------------------------------------------------------------

    async def ask_number(self, request: Request) -> Response:
        if not from_our_page(request):
            return not_from_here(request)
        host, elapsed_now = self._host(request), self._desk.clock.elapsed()
        if self._asked.too_many(host, elapsed=elapsed_now) or self._asked_overall.too_many(
            _EVERYBODY, elapsed=elapsed_now
        ):
            return _plain(request, "too_many", 429)
        self._asked.count(host, elapsed=elapsed_now)
        self._asked_overall.count(_EVERYBODY, elapsed=elapsed_now)
        label = browser_label(request.headers.get("user-agent", ""))
        asked = await self._desk.write(
            lambda tx, _now, elapsed: signing_in.ask_number(tx, browser=label, elapsed=elapsed)
        )
        response = _on_to(SIGN_IN)
        self._sessions.ask(response, asked.secret)
        return response

    async def state(self, request: Request) -> Response:
        """What became of this browser's number, for the script of its page."""
        secret = self._sessions.number_secret(request)
        shown = None
        if secret is not None:
            shown = await self._desk.read(
                lambda tx, _now, elapsed: signing_in.shown_number(tx, secret, elapsed=elapsed)
            )
        state = NumberState.GONE if shown is None else shown.state
        return JSONResponse({"state": state.value}, headers=HEADERS)

    async def collect(self, request: Request) -> Response:
        if not from_our_page(request):
            return not_from_here(request)
        waiting, before = self._sessions.number_secret(request), self._sessions.secret(request)
        secret = None
        if waiting is not None:
            secret = await self._desk.write(
                lambda tx, now, elapsed: signing_in.collect(tx, waiting, instead_of=before, now=now, elapsed=elapsed)
            )
        return _on_to(SIGN_IN) if secret is None else self._let_in(request, secret)

    # --- a link -------------------------------------------------------------------------------------------------------

    async def look(self, request: Request, token: str) -> Response:
        """Shows a button and uses nothing up: previews and mail scanners look, too."""
        if self._too_many(request):
            return _plain(request, "too_many", 429)
        waiting = await self._desk.read(
            lambda tx, now, elapsed: signing_in.look_at_link(tx, token, now=now, elapsed=elapsed)
        )
        if waiting is None:
            return self._nothing_there(request)
        language = speak_language(waiting.language, tuple(languages()))
        return _then_first_page(plain_page("board/sign_in_link.html", language, action=f"{SIGN_IN}/{token}"))

    async def use(self, request: Request, token: str) -> Response:
        if self._too_many(request):
            return _plain(request, "too_many", 429)
        if not from_our_page(request):
            return not_from_here(request)
        before = self._sessions.secret(request)
        secret = await self._desk.write(
            lambda tx, now, elapsed: signing_in.use_login_link(tx, token, instead_of=before, now=now, elapsed=elapsed)
        )
        return self._nothing_there(request) if secret is None else self._let_in(request, secret)

    def _let_in(self, request: Request, secret: str) -> Response:
        response = _on_to(self._sessions.wanted(request))
        self._sessions.begin(response, secret)
        return response

    def _too_many(self, request: Request) -> bool:
        return self._wrong.too_many(self._host(request), elapsed=self._desk.clock.elapsed())

    def _nothing_there(self, request: Request) -> Response:
        """Unknown, used, expired, of somebody whose access has ended: the same for all."""
        self._wrong.count(self._host(request), elapsed=self._desk.clock.elapsed())
        return _plain(request, "nothing", 404)

    # --- oneself ------------------------------------------------------------------------------------------------------

    async def me(self, request: Request) -> Response:
        """Whom the board takes its reader for, and the way out."""
        visitor = await self._sessions.visitor(request)
        viewer, secret = visitor.viewer, self._sessions.secret(request) or ""
        found = await self._desk.read(
            lambda tx, _now, elapsed: signing_in.myself(tx, viewer.person_id, secret, elapsed=elapsed)
        )
        return page(
            "board/me.html",
            viewer,
            csrf=visitor.csrf,
            myself=found,
            held=[one for one in viewer.actor.memberships if one.valid_on(viewer.today)],
            places={site.id: site for site in viewer.sites},
            codes={study.id: study.code for study in viewer.studies},
            languages=languages(),
            done=request.query_params.get("done") == "language",
        )

    async def language(self, request: Request) -> Response:
        """The language of the board and of the chat."""
        visitor, form = await self._sessions.posted(request)
        person_id, chosen = visitor.viewer.person_id, form["language"]
        if chosen in languages():
            await self._desk.write(
                lambda tx, now, elapsed: set_language(
                    tx, person_id, language=chosen, by=person_id, now=now, elapsed=elapsed
                )
            )
        return _on_to("/me?done=language")

    async def study(self, request: Request) -> Response:
        """Another of their studies."""
        visitor, form = await self._sessions.posted(request)
        response = _on_to(HOME)
        if form["study"] in {one.code for one in visitor.viewer.studies}:
            self._sessions.choose_study(response, form["study"])
        return response

    async def sign_out(self, request: Request) -> Response:
        await self._sessions.posted(request)
        secret = self._sessions.secret(request) or ""
        await self._desk.write(lambda tx, now, elapsed: signing_in.sign_out(tx, secret, now=now, elapsed=elapsed))
        return self._out("out")

    async def sign_out_everywhere(self, request: Request) -> Response:
        await self._sessions.posted(request)
        secret = self._sessions.secret(request) or ""
        await self._desk.write(
            lambda tx, now, elapsed: signing_in.sign_out_everywhere(tx, secret, now=now, elapsed=elapsed)
        )
        return self._out("everywhere")

    def _out(self, done: str) -> Response:
        response = _on_to(f"{SIGN_IN}?done={done}")
        self._sessions.end(response)
        return response


def _then_first_page(door: Response) -> Response:
    """Whoever stands at the door looks at figures in a moment: what draws them is loaded meanwhile."""
    door.background = BackgroundTask(charts.prepare)
    return door


def _on_to(path: str) -> RedirectResponse:
    return RedirectResponse(path, 303, headers=HEADERS)


def _plain(request: Request, what: str, status: int) -> HTMLResponse:
    return plain_page("board/sign_in_refused.html", accepted_language(request), status=status, what=what)
