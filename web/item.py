"""The routes of the item's page: a link shows a button, the button opens the page once, and its forms are the answers.

Nothing about the item stands in an address, a title or a log. Who may do what is judged by the office at every step; here
it is only made sure that a form was sent from our own page.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, assert_never

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from locales import languages, speak_language, toast
from locales.pages import PageWord, page_word, stopped
from office.answers import AlreadyAnswered, Outcome, Recorded
from office.item_page import PAGE_FOR, ItemPage, Stopped
from office.judging import Refusal
from office.taking_back import Undone
from scheduler.definitions import zone_of
from trial.messages import Toast
from trial.moments import local_day
from web.asking import accepted_language, from_our_page, host_of
from web.forms import Form, given_in, read_form
from web.item_desk import ItemDesk
from web.item_html import Note, item_html, link_page, plain_page
from web.wrong_tokens import WrongTokens

POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}
_FOLDER: Final = Path(__file__).resolve().parent / "pages"
_ASSETS: Final = {"item.css": "text/css", "item.svg": "image/svg+xml"}
_LOOKING: Final = ["GET", "HEAD"]

_REFUSED: Final = {
    Refusal.UNKNOWN: None,
    Refusal.UNFIT: None,
    Refusal.NOT_ALLOWED: Toast.NOT_YOURS,
    Refusal.CLOSED: Toast.CLOSED,
    Refusal.FUTURE_DAY: Toast.FUTURE_DAY,
    Refusal.BEFORE_REGISTRATION: Toast.BEFORE_REGISTRATION,
    Refusal.TOO_LATE_TO_UNDO: Toast.TOO_LATE_TO_UNDO,
    Refusal.ALREADY_UNDONE: Toast.UNDONE,
}
"""How a refusal is said; None: in the page's own words, where the bot would speak of its buttons."""


def item_routes(desk: ItemDesk, *, secure: bool) -> APIRouter:
    """`secure`: people come by https, so that the cookie is bound to it and to this host alone."""
    pages = _Pages(desk, secure=secure)
    router = APIRouter()
    for name in _ASSETS:
        router.add_api_route(f"/{name}", _asset(name), methods=_LOOKING)
    router.add_api_route("/item", pages.show, methods=_LOOKING)
    router.add_api_route("/item/answer", pages.answer, methods=["POST"])
    router.add_api_route("/item/undo", pages.undo, methods=["POST"])
    router.add_api_route("/item/close", pages.close, methods=["POST"])
    router.add_api_route("/item/{token}", pages.look, methods=_LOOKING)
    router.add_api_route("/item/{token}", pages.use, methods=["POST"])
    return router


def is_item_path(path: str) -> bool:
    return path == "/item" or path.startswith("/item/")


def broken_page(request: Request) -> Response:
    """What somebody sees when a page of theirs could not be made."""
    return _plain(request, PageWord.BROKEN_HEADING, PageWord.BROKEN_TEXT, 503)


class _Pages:
    def __init__(self, desk: ItemDesk, *, secure: bool) -> None:
        self._desk = desk
        self._secure = secure
        self._cookie = "__Host-sitebell-item" if secure else "sitebell-item"
        self._wrong = WrongTokens()

    # --- the link -----------------------------------------------------------------------------------------------------

    async def look(self, request: Request, token: str) -> Response:
        """Shows a button and uses nothing up: previews and mail scanners look, too."""
        if self._too_many(request):
            return _refused(request, 429)
        waiting = await self._desk.look(token)
        if waiting is None:
            return self._nothing_there(request)
        return _html(link_page(token, speak_language(waiting.language, tuple(languages()))))

    async def use(self, request: Request, token: str) -> Response:
        if self._too_many(request):
            return _refused(request, 429)
        if not from_our_page(request):
            return _refused(request, 403)
        secret = await self._desk.use_link(token)
        if secret is None:
            return self._nothing_there(request)
        response = _on_to("/item")
        response.set_cookie(
            self._cookie,
            secret,
            max_age=int(PAGE_FOR.total_seconds()),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="strict",
        )
        return response

    def _too_many(self, request: Request) -> bool:
        return self._wrong.too_many(host_of(request), elapsed=self._desk.elapsed())

    def _nothing_there(self, request: Request) -> Response:
        """Unknown, used, expired, of somebody whose access has ended: the same for all."""
        self._wrong.count(host_of(request), elapsed=self._desk.elapsed())
        return _refused(request, 404)

    # --- the page -----------------------------------------------------------------------------------------------------

    async def show(self, request: Request) -> Response:
        secret = self._secret(request)
        page = None if secret is None else await self._desk.page(secret)
        if secret is None or page is None:
            return self._ended(request)
        return _item(page, secret)

    async def answer(self, request: Request) -> Response:
        secret, form = await self._posted(request)
        if secret is None:
            return _refused(request, 403)
        given = None if form is None else given_in(form)
        outcome: Outcome | Stopped | None = Refusal.UNFIT
        if given is not None:
            outcome = await self._desk.answer(secret, given)
        return await self._after(request, secret, outcome)

    async def undo(self, request: Request) -> Response:
        secret, form = await self._posted(request)
        if secret is None:
            return _refused(request, 403)
        answer_id = None if form is None else form.identity("answer")
        outcome: Undone | Refusal | None = Refusal.UNKNOWN
        if answer_id is not None:
            outcome = await self._desk.take_back(secret, answer_id)
        return await self._after(request, secret, outcome)

    async def close(self, request: Request) -> Response:
        secret, _form = await self._posted(request)
        if secret is None:
            return _refused(request, 403)
        page = await self._desk.page(secret)
        await self._desk.close(secret)
        language = accepted_language(request) if page is None else _spoken(page)
        response = _html(plain_page(PageWord.CLOSED_HEADING, PageWord.CLOSED_TEXT, language))
        self._forget(response)
        return response

    async def _posted(self, request: Request) -> tuple[str | None, Form | None]:
        """The page's secret, if this form was sent from that page, and what it holds."""
        form, secret = await read_form(request), self._secret(request)
        if form is None or secret is None or not from_our_page(request):
            return None, None
        if not hmac.compare_digest(form["csrf"].encode(), _csrf(secret).encode()):
            return None, None
        return secret, form

    async def _after(
        self, request: Request, secret: str, outcome: Outcome | Stopped | Undone | Refusal | None
    ) -> Response:
        if isinstance(outcome, Recorded | Undone):
            return _on_to("/item")
        page = None if outcome is None else await self._desk.page(secret)
        if outcome is None or page is None:
            return self._ended(request)
        note = _note(outcome, page, _spoken(page))
        return _item(page, secret, note, 200 if note.recorded else 422)

    def _secret(self, request: Request) -> str | None:
        return request.cookies.get(self._cookie) or None

    def _ended(self, request: Request) -> Response:
        response = _refused(request, 404)
        self._forget(response)
        return response

    def _forget(self, response: Response) -> None:
        response.delete_cookie(self._cookie, path="/", secure=self._secure, httponly=True, samesite="strict")


# --- what is answered -------------------------------------------------------------------------------------------------


def _note(outcome: AlreadyAnswered | Stopped | Refusal, page: ItemPage, language: str) -> Note:
    match outcome:
        case AlreadyAnswered(by=by, at=at):
            on = local_day(at, zone_of(page.view.reader_zone))
            return Note(toast(Toast.ALREADY_RECORDED, language, by=by, on=on), recorded=True)
        case Stopped(findings=findings):
            said = stopped(findings, language)
            return Note(said.head, (*said.findings, said.instead))
        case Refusal():
            kind = _REFUSED[outcome]
            return Note(page_word(PageWord.NOT_TAKEN, language) if kind is None else toast(kind, language))
        case _:
            assert_never(outcome)


def _item(page: ItemPage, secret: str, note: Note | None = None, status: int = 200) -> Response:
    return _html(item_html(page, _spoken(page), csrf=_csrf(secret), note=note), status)


def _spoken(page: ItemPage) -> str:
    return speak_language(page.view.language, page.view.approved)


def _refused(request: Request, status: int) -> Response:
    return _plain(request, PageWord.REFUSED_HEADING, PageWord.REFUSED_TEXT, status)


def _plain(request: Request, heading: PageWord, text: PageWord, status: int) -> Response:
    return _html(plain_page(heading, text, accepted_language(request)), status)


def _html(text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status, headers=_HEADERS)


def _on_to(path: str) -> Response:
    return RedirectResponse(path, 303, headers=_HEADERS)


def _asset(name: str) -> Callable[[], Awaitable[Response]]:
    content = (_FOLDER / name).read_bytes()

    async def asset() -> Response:
        return Response(content, media_type=_ASSETS[name], headers=_HEADERS)

    return asset


# --- who asks ---------------------------------------------------------------------------------------------------------


def _csrf(secret: str) -> str:
    return hmac.new(secret.encode(), b"a form of the item's page", hashlib.sha256).hexdigest()
