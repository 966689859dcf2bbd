"""Who has signed in: the session behind a browser's cookie, and the token that stands in its forms.

The cookie is bound to this host, and to https where people come by it. It carries a random secret and nothing else; the
office knows its hash and judges at each request whose it is and what is theirs. A form's token is made of that secret, so
that it ends with it.
"""

import hashlib
import hmac
from datetime import timedelta
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from office import signing_in
from office.signing_in import AT_MOST, LINK_FOR, NUMBER_FOR, SignedIn
from web.asking import from_our_page
from web.board.desk import BoardDesk
from web.board.visitors import NotFromHere, SignInFirst, Visitor
from web.forms import FIELDS_MOST, LONGEST, Form, read_form
from web.given_file import GivenFile, read_form_with_file

HOME: Final = "/"
SIGN_IN: Final = "/sign-in"
READ_AGAIN: Final = "x-sitebell-live"
"""The header with which `board.js` reads the open page again."""
_WANTED_FOR: Final = max(LINK_FOR, NUMBER_FOR)
_WANTED_LONGEST: Final = 512


class Sessions:
    """The board's door, and its cookies. `secure`: people come by https."""

    def __init__(self, desk: BoardDesk, *, secure: bool) -> None:
        self._desk = desk
        self._secure = secure
        # Where there is no https, a browser takes no cookie with the prefix.
        prefix = "__Host-" if secure else ""
        self._session = f"{prefix}sitebell" if secure else "sitebell-board"
        self._number = f"{prefix}sitebell-number"
        self._wanted = f"{prefix}sitebell-wanted"
        self._study = f"{prefix}sitebell-study"

    # --- the door -----------------------------------------------------------------------------------------------------

    async def visitor(self, request: Request) -> Visitor:
        """Who asks, with the rights of this moment.

        Raises:
            SignInFirst: nobody who is signed in.
        """
        secret = self.secret(request)
        found = (
            None
            if secret is None
            else await self._who(secret, request.cookies.get(self._study), in_use=not _by_itself(request))
        )
        if secret is None or found is None:
            raise SignInFirst
        return Visitor(found.viewer, csrf_of(secret))

    async def posted(
        self, request: Request, *, longest: int = LONGEST, fields_most: int = FIELDS_MOST
    ) -> tuple[Visitor, Form]:
        """Who sent a form from one of our pages, and what it holds: so many bytes and fields at most.

        Raises:
            SignInFirst: nobody who is signed in.
            NotFromHere: it was not sent from our page.
        """
        visitor = await self.visitor(request)
        form = await read_form(request, longest=longest, fields_most=fields_most)
        return visitor, _from_here(request, visitor, form)

    async def posted_file(self, request: Request, *, longest: int) -> tuple[Visitor, Form, GivenFile]:
        """The same of a form with one file, of so many bytes at most.

        Raises:
            SignInFirst: nobody who is signed in.
            NotFromHere: it was not sent from our page.
            FileTooLarge: it was more.
        """
        visitor = await self.visitor(request)
        if not from_our_page(request):
            raise NotFromHere
        form, file = await read_form_with_file(request, longest=longest) or (None, GivenFile("", b""))
        return visitor, _from_here(request, visitor, form), file

    async def _who(self, secret: str, study: str | None, *, in_use: bool) -> SignedIn | None:
        found = await self._desk.read(
            # A study that is theirs no longer is none that was chosen.
            lambda tx, now, elapsed: (
                signing_in.session_of(tx, secret, study_code=study, now=now, elapsed=elapsed)
                or signing_in.session_of(tx, secret, now=now, elapsed=elapsed)
            )
        )
        if found is not None and in_use and signing_in.is_to_be_seen(found.session, elapsed=self._desk.clock.elapsed()):
            await self._desk.write(lambda tx, _now, elapsed: signing_in.seen(tx, found.session, elapsed=elapsed))
        return found

    # --- cookies ------------------------------------------------------------------------------------------------------

    def secret(self, request: Request) -> str | None:
        """The secret of the session that this browser has, whatever it is good for."""
        return request.cookies.get(self._session) or None

    def begin(self, response: Response, secret: str) -> None:
        """This browser has signed in."""
        self._keep(response, self._session, secret, AT_MOST)
        self._forget(response, self._number)
        self._forget(response, self._wanted)

    def end(self, response: Response) -> None:
        """This browser has signed out."""
        self._forget(response, self._session)
        self._forget(response, self._study)

    def number_secret(self, request: Request) -> str | None:
        """The secret by which this browser asks what became of its number."""
        return request.cookies.get(self._number) or None

    def ask(self, response: Response, secret: str) -> None:
        """This browser shows a number."""
        self._keep(response, self._number, secret, NUMBER_FOR)

    def want(self, response: Response, path: str) -> None:
        """This page is shown once somebody has signed in."""
        if same_site(path) is not None:
            self._keep(response, self._wanted, quote(path, safe="/"), _WANTED_FOR)

    def wanted(self, request: Request) -> str:
        """The page that was wanted before signing in; the first one otherwise."""
        return same_site(unquote(request.cookies.get(self._wanted, ""))) or HOME

    def choose_study(self, response: Response, code: str) -> None:
        """Of several studies this one is shown from now on."""
        self._keep(response, self._study, code, AT_MOST)

    def _keep(self, response: Response, name: str, value: str, length: timedelta) -> None:
        seconds = int(length.total_seconds())
        response.set_cookie(name, value, max_age=seconds, path="/", secure=self._secure, httponly=True, samesite="lax")

    def _forget(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", secure=self._secure, httponly=True, samesite="lax")


def _from_here(request: Request, visitor: Visitor, form: Form | None) -> Form:
    if form is None or not from_our_page(request):
        raise NotFromHere
    if not hmac.compare_digest(form["csrf"].encode(), visitor.csrf.encode()):
        raise NotFromHere
    return form


def _by_itself(request: Request) -> bool:
    """Whether an open page asks without anybody's doing. A screen that nobody looks at any more keeps no session alive."""
    return READ_AGAIN in request.headers or request.headers.get("accept", "").startswith("text/event-stream")


def csrf_of(secret: str) -> str:
    """What proves that a form was made for this session."""
    return hmac.new(secret.encode(), b"a form of the board", hashlib.sha256).hexdigest()


def same_site(path: str) -> str | None:
    """A path of ours that a browser may be sent to; None for everything else, whatever it resembles.

    It begins with one slash and holds no backslash (which browsers take for another slash), no scheme, no host and nothing
    that is invisible.
    """
    if not path.startswith("/") or path.startswith("//") or "\\" in path or len(path) > _WANTED_LONGEST:
        return None
    if not path.isprintable() or any(letter.isspace() for letter in path):
        return None
    parts = urlsplit(path)
    if parts.scheme or parts.netloc or parts.path == SIGN_IN or parts.path.startswith(f"{SIGN_IN}/"):
        return None
    return path
